/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ladder_numbers.h - sequence numbers and payload of the two ends of a ladder
 */
#ifndef FSM_LADDER_NUMBERS_H
#define FSM_LADDER_NUMBERS_H

#include "model/segment.h"

enum fsm_side {
	FSM_LEFT,
	FSM_RIGHT,
	FSM_NR_SIDES
};

static inline enum fsm_side fsm_other_side(enum fsm_side side)
{
	return side == FSM_LEFT ? FSM_RIGHT : FSM_LEFT;
}

/**
 * struct fsm_ladder_end - one end of the connection, or what its peer knows of it
 * @seen: its events, none if it is not on this machine
 * @next: number of the event to draw next
 * @base: sequence numbers are shown relative to this one
 * @has_base: @base is known
 * @is_iss: @base is the initial sequence number
 * @sent: payload that was drawn as sent from here, in bytes
 * @retrans: segments that were drawn as retransmitted from here
 */
struct fsm_ladder_end {
	struct fsm_end seen;
	size_t next;
	uint32_t base;
	bool has_base;
	bool is_iss;
	uint64_t sent;
	uint32_t retrans;
};

void fsm_ladder_number(struct fsm_ladder_end ends[FSM_NR_SIDES]);
uint64_t fsm_ladder_sent(const struct fsm_ladder_end *end, const struct tcpfsm_event *ev,
			 bool is_own);

#endif /* FSM_LADDER_NUMBERS_H */
