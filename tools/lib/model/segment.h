/* SPDX-License-Identifier: GPL-2.0 */
/*
 * segment.h - the segments that follow from the transitions of one end of a connection
 *
 * A segment that made a transition did arrive. Which segment a transition sends is said by
 * RFC 9293, and was checked in the kernel. Nothing else is known of the wire.
 */
#ifndef FSM_SEGMENT_H
#define FSM_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uapi/tcpfsm.h"

/**
 * struct fsm_end - what one end of a connection went through
 * @events: its events, oldest first, all of one id and one gen
 * @nr: how many events there are, at least one
 */
struct fsm_end {
	const struct tcpfsm_event *events;
	size_t nr;
};

enum fsm_segment_kind {
	FSM_SEGMENT_NONE,
	FSM_SEGMENT_SYN,
	FSM_SEGMENT_SYNACK,
	FSM_SEGMENT_ACK,
	FSM_SEGMENT_FIN,
	FSM_SEGMENT_FINACK, /* a FIN that also acknowledges ours */
	FSM_SEGMENT_RST,
	FSM_SEGMENT_DATA
};

/**
 * struct fsm_segment - a segment
 * @kind: what it is
 * @has_seq: @seq is known
 * @has_ack: @ack is known
 * @has_wnd: @wnd is known
 * @seq: its sequence number
 * @ack: its acknowledgment number
 * @wnd: the window that it offers, in bytes
 */
struct fsm_segment {
	enum fsm_segment_kind kind;
	bool has_seq;
	bool has_ack;
	bool has_wnd;
	uint32_t seq;
	uint32_t ack;
	uint32_t wnd;
};

bool fsm_segment_iss(const struct tcpfsm_event *ev, uint32_t *iss);
struct fsm_segment fsm_segment_received(const struct tcpfsm_event *ev);
struct fsm_segment fsm_segment_sent(const struct fsm_end *end, size_t i);
bool fsm_segment_made(const struct fsm_segment *sent, const struct tcpfsm_event *ev);
bool fsm_sends_no_syn(const struct fsm_end *end);
bool fsm_is_finack(const struct fsm_end *end, size_t i);

#endif /* FSM_SEGMENT_H */
