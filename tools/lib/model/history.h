/* SPDX-License-Identifier: GPL-2.0 */
/*
 * history.h - the last events, along which a model can be moved back and forth
 */
#ifndef FSM_HISTORY_H
#define FSM_HISTORY_H

#include "model/model.h"

/* Number of events that are kept, of 192 bytes each: a hundred megabytes if all are used. */
#define FSM_HISTORY_EVENTS (1u << 19)

/**
 * struct fsm_past - an event that happened
 * @ev: event
 * @undo: how to take it back
 */
struct fsm_past {
	struct tcpfsm_event ev;
	struct fsm_undo undo;
};

/**
 * struct fsm_history - the last events
 * @ring: events by their number
 * @size: how many events there is room for, a power of two
 * @tail: number of the oldest event that is kept
 * @at: number of the first event that the model does not know yet
 * @head: number that the next event will have
 */
struct fsm_history {
	struct fsm_past *ring;
	uint32_t size;
	uint64_t tail;
	uint64_t at;
	uint64_t head;
};

int fsm_history_init(struct fsm_history *history, uint32_t size);
void fsm_history_free(struct fsm_history *history);
void fsm_history_put(struct fsm_history *history, struct fsm_model *model,
		     const struct tcpfsm_event *ev);
void fsm_history_forget(struct fsm_history *history);
void fsm_history_go(struct fsm_history *history, struct fsm_model *model, uint64_t time_ns);
void fsm_history_end(struct fsm_history *history, struct fsm_model *model);

static inline const struct fsm_past *fsm_history_at(const struct fsm_history *history, uint64_t nr)
{
	return &history->ring[nr & (history->size - 1)];
}

#endif /* FSM_HISTORY_H */
