/* SPDX-License-Identifier: GPL-2.0 */
/*
 * marks.h - sockets in the middle of a kernel function that two hooks look at
 */
#ifndef TCPFSM_MARKS_H
#define TCPFSM_MARKS_H

#include "core/portable.h"

/**
 * enum tcpfsm_mark - what one hook leaves for the next
 * @TCPFSM_MARK_SEEN: the kprobe on tcp_set_state() has dealt with this call; mostly such a mark
 *	is not in the set, see tcpfsm_marks_put_seen()
 * @TCPFSM_MARK_HANDOVER: a timewait sock has taken over; the CLOSE that follows is none
 * @TCPFSM_MARK_LISTEN: entered LISTEN, listen() may still fail
 * @TCPFSM_MARK_OPEN: entered SYN_SENT, the local port is not chosen yet
 * @TCPFSM_MARK_TIMEWAIT: asked for a timewait sock
 * @TCPFSM_MARK_WALK: the kprobe leaves this call to the tracepoint, where the stack can be walked
 * @TCPFSM_MARK_BLAME: this plus an enum tcpfsm_callsite: who is about to end the connection
 * @TCPFSM_MARK_LAST: the largest mark that there can be
 */
enum tcpfsm_mark {
	TCPFSM_MARK_SEEN = 1,
	TCPFSM_MARK_HANDOVER,
	TCPFSM_MARK_LISTEN,
	TCPFSM_MARK_OPEN,
	TCPFSM_MARK_TIMEWAIT,
	TCPFSM_MARK_WALK,
	TCPFSM_MARK_BLAME,
	TCPFSM_MARK_LAST = 63,
};

bool tcpfsm_marks_put(const void *sk, int mark);
bool tcpfsm_marks_take(const void *sk, int mark);
bool tcpfsm_marks_put_seen(const void *sk);
bool tcpfsm_marks_take_seen_here(const void *sk);
bool tcpfsm_marks_take_seen(const void *sk);
int tcpfsm_marks_take_blame(const void *sk);
void tcpfsm_marks_reset(void);

#endif /* TCPFSM_MARKS_H */
