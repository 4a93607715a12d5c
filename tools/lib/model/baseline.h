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

/* ---- the steps of fsm_baseline_take(), for tests ---- */

void fsm_baseline_unmark(struct fsm_model *model);
uint32_t fsm_baseline_adopt(struct fsm_model *model, const struct fsm_conn *conn,
			    unsigned int state, uint64_t now_ns);
void fsm_baseline_drop_unmarked(struct fsm_model *model, const uint32_t *netns, size_t nr_netns);

#endif /* FSM_BASELINE_H */
