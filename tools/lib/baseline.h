/* SPDX-License-Identifier: GPL-2.0 */
/*
 * baseline.h - the connections that are there already, for a model that knows events only
 */
#ifndef FSM_BASELINE_H
#define FSM_BASELINE_H

#include "model.h"

/* Room for a reason. */
#define FSM_BASELINE_WHY 400

int fsm_baseline_take(struct fsm_model *model, uint64_t now_ns, char missing[FSM_BASELINE_WHY]);
int fsm_baseline_queues(struct fsm_model *model);

#endif /* FSM_BASELINE_H */
