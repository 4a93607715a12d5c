/* SPDX-License-Identifier: GPL-2.0 */
/*
 * marks.h - notes that one hook leaves for the next, keyed by socket
 */
#ifndef TCPFSM_MARKS_H
#define TCPFSM_MARKS_H

#include "core/portable.h"

/**
 * enum tcpfsm_mark - the notes that one hook leaves for the next
 * @TCPFSM_MARK_SEEN: the kprobe on tcp_set_state() has dealt with this call. Mostly such a mark is
 *	not in the set: see tcpfsm_marks_put_seen().
 * @TCPFSM_MARK_HANDOVER: a timewait sock has taken over, so the CLOSE that follows is not a
 *	transition
 * @TCPFSM_MARK_LISTEN: the socket has entered LISTEN, but listen() may still fail
 * @TCPFSM_MARK_OPEN: the socket has entered SYN_SENT, but its local port is not chosen yet
 * @TCPFSM_MARK_TIMEWAIT: the kernel has asked for a timewait sock
 * @TCPFSM_MARK_WALK: the kprobe leaves this call to the tracepoint, where the stack can be walked
 * @TCPFSM_MARK_ENDED_BY: this plus an enum tcpfsm_callsite names the function that is about to end
 *	the connection
 * @TCPFSM_MARK_LAST: the largest possible mark
 */
enum tcpfsm_mark {
	TCPFSM_MARK_SEEN = 1,
	TCPFSM_MARK_HANDOVER,
	TCPFSM_MARK_LISTEN,
	TCPFSM_MARK_OPEN,
	TCPFSM_MARK_TIMEWAIT,
	TCPFSM_MARK_WALK,
	TCPFSM_MARK_ENDED_BY,
	TCPFSM_MARK_LAST = 63,
};

bool tcpfsm_marks_put(const void *sk, int mark);
bool tcpfsm_marks_take(const void *sk, int mark);
bool tcpfsm_marks_put_seen(const void *sk);
bool tcpfsm_marks_take_seen_here(const void *sk);
bool tcpfsm_marks_take_seen(const void *sk);
int tcpfsm_marks_take_ended_by(const void *sk);
void tcpfsm_marks_reset(void);

#endif /* TCPFSM_MARKS_H */
