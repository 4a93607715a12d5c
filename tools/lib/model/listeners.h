/* SPDX-License-Identifier: GPL-2.0 */
/*
 * listeners.h - the listening sockets of a model, and what became of the requests to them
 */
#ifndef FSM_LISTENERS_H
#define FSM_LISTENERS_H

#include "model/model.h"

struct fsm_listener *fsm_listeners_find(struct fsm_model *model, uint64_t id);
struct fsm_listener *fsm_listeners_find_for(struct fsm_model *model, const struct fsm_conn *conn);

/* ---- for model.c only ---- */

void fsm_listeners_add(struct fsm_model *model, uint64_t id, uint16_t port);
void fsm_listeners_remove(struct fsm_model *model, uint64_t id);
void fsm_listeners_count(struct fsm_model *model, const struct tcpfsm_event *ev,
			 const struct fsm_conn *conn, int by);
void fsm_listeners_clear(struct fsm_model *model);
void fsm_listeners_free(struct fsm_model *model);

#endif /* FSM_LISTENERS_H */
