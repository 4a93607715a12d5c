/* SPDX-License-Identifier: GPL-2.0 */
/*
 * conns.h - the slots of a model's connections, and their index by ID
 */
#ifndef FSM_CONNS_H
#define FSM_CONNS_H

#include "model/model.h"

uint32_t fsm_conns_find(const struct fsm_model *model, uint64_t id);

/* ---- for model.c only, which knows what else a new or gone connection means ---- */

int fsm_conns_init(struct fsm_model *model);
void fsm_conns_free(struct fsm_model *model);
void fsm_conns_clear(struct fsm_model *model);
uint32_t fsm_conns_create(struct fsm_model *model, uint64_t id);
void fsm_conns_remove(struct fsm_model *model, uint32_t slot);

#endif /* FSM_CONNS_H */
