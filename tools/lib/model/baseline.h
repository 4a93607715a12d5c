/* SPDX-License-Identifier: GPL-2.0 */
/*
 * baseline.h - the connections that exist already, for a model that knows events only
 */
#ifndef FSM_BASELINE_H
#define FSM_BASELINE_H

#include "in/namespaces.h"
#include "model/model.h"

int fsm_baseline_take(struct fsm_model *model, uint64_t now_ns, char missing[FSM_NAMESPACES_WHY]);
int fsm_baseline_queues(struct fsm_model *model);

#endif /* FSM_BASELINE_H */
