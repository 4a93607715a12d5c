// SPDX-License-Identifier: GPL-2.0
/*
 * history.c - the last events, along which a model can be moved back and forth
 */
#include "model/history.h"

#include <stdlib.h>
#include <string.h>

/**
 * fsm_history_init() - begin with no events
 * @history: history
 * @size: how many events to keep, a power of two
 *
 * The system gives the memory only when it is used.
 *
 * Return: 0, or -1 without memory.
 */
int fsm_history_init(struct fsm_history *history, uint32_t size)
{
	memset(history, 0, sizeof(*history));
	history->ring = calloc(size, sizeof(*history->ring));
	history->size = size;
	return history->ring ? 0 : -1;
}

void fsm_history_free(struct fsm_history *history)
{
	free(history->ring);
	memset(history, 0, sizeof(*history));
}

static struct fsm_past *past(struct fsm_history *history, uint64_t nr)
{
	return &history->ring[nr & (history->size - 1)];
}

static void step(struct fsm_history *history, struct fsm_model *model)
{
	struct fsm_past *p = past(history, history->at++);

	fsm_model_apply(model, &p->ev, &p->undo);
}

/**
 * fsm_history_put() - an event happened
 * @history: history
 * @model: model; it moves only if the oldest event has to go and the model does not know it
 * @ev: event
 */
void fsm_history_put(struct fsm_history *history, struct fsm_model *model,
		     const struct tcpfsm_event *ev)
{
	if (history->head - history->tail == history->size) {
		if (history->at == history->tail)
			step(history, model);
		history->tail++;
	}
	past(history, history->head++)->ev = *ev;
}

/* Keep no event: they cannot be taken back any more, for the model has been corrected. */
void fsm_history_forget(struct fsm_history *history)
{
	history->tail = history->head;
	history->at = history->head;
}

/**
 * fsm_history_go() - move the model to where it was at some time
 * @history: history
 * @model: model
 * @time_ns: the time; the model goes back no further than events are kept
 */
void fsm_history_go(struct fsm_history *history, struct fsm_model *model, uint64_t time_ns)
{
	while (history->at < history->head && past(history, history->at)->ev.time_ns <= time_ns)
		step(history, model);
	while (history->at > history->tail) {
		struct fsm_past *p = past(history, history->at - 1);

		if (p->ev.time_ns <= time_ns)
			break;
		fsm_model_undo(model, &p->ev, &p->undo);
		history->at--;
	}
}

/* Move the model to the newest event. */
void fsm_history_end(struct fsm_history *history, struct fsm_model *model)
{
	while (history->at < history->head)
		step(history, model);
}
