/* SPDX-License-Identifier: GPL-2.0 */
/*
 * limits.h - which connections are stuck in their state, and which causes are bad ends
 */
#ifndef FSM_LIMITS_H
#define FSM_LIMITS_H

#include "model/model.h"

uint64_t fsm_stuck_after_ns(unsigned int state);
bool fsm_is_stuck(const struct fsm_model *model, uint32_t slot, uint64_t now_ns);
void fsm_count_stuck(const struct fsm_model *model, uint64_t now_ns,
		     uint32_t stuck[TCPFSM_NR_STATES]);
bool fsm_cause_is_bad(unsigned int cause);

#endif /* FSM_LIMITS_H */
