// SPDX-License-Identifier: GPL-2.0
/*
 * top.c - the state of fsmtop: what is known and what of it is looked at
 */
#include "top.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int top_init(struct top *top)
{
	memset(top, 0, sizeof(*top));
	if (fsm_model_init(&top->model) || fsm_rates_init(&top->rates) ||
	    fsm_history_init(&top->history, FSM_HISTORY_EVENTS)) {
		top_free(top);
		return -1;
	}
	return 0;
}

void top_free(struct top *top)
{
	fsm_model_free(&top->model);
	fsm_rates_free(&top->rates);
	fsm_history_free(&top->history);
	free(top->table.picked);
	free(top->table.groups);
	fsm_canvas_free(&top->life.ladder);
	memset(top, 0, sizeof(*top));
}

/* Nothing of what was known holds any more: the module was loaded anew. */
void top_reset(struct top *top)
{
	fsm_model_clear(&top->model);
	fsm_history_forget(&top->history);
	top->paused = false;
}

/* What is not wanted is kept all the same: the filter may change. */
static void count(struct top *top, const struct tcpfsm_event *ev)
{
	if (!top->model.filter.nr_terms || tcpfsm_filter_match(&top->model.filter, ev))
		fsm_rates_count(&top->rates, ev);
}

/**
 * top_event() - a record was read
 * @top: top
 * @ev: record
 *
 * While time stands still events are only kept.
 */
void top_event(struct top *top, const struct tcpfsm_event *ev)
{
	if (ev->type == TCPFSM_REC_LOST && ev->lost == TCPFSM_LOST_UNKNOWN)
		top->lost_more = true;
	else if (ev->type == TCPFSM_REC_LOST &&
		 __builtin_add_overflow(top->lost, ev->lost, &top->lost))
		top->lost = UINT64_MAX;
	if (ev->type != TCPFSM_REC_EVENT)
		return;
	if (!top->events++)
		fsm_rates_start(&top->rates, ev->time_ns);
	count(top, ev);
	fsm_history_put(&top->history, &top->model, ev);
	if (!top->paused)
		fsm_history_end(&top->history, &top->model);
}

/**
 * top_advance() - it is so late now
 * @top: top
 * @time_ns: time of the newest event that there could be
 */
void top_advance(struct top *top, uint64_t time_ns)
{
	top->newest_ns = time_ns;
	if (!top->paused)
		top->now_ns = time_ns;
}

static uint64_t oldest_ns(const struct top *top)
{
	const struct fsm_history *h = &top->history;

	return h->head == h->tail ? top->newest_ns : fsm_history_at(h, h->tail)->ev.time_ns;
}

/**
 * top_step() - look at another time
 * @top: top; it is paused then
 * @seconds: so much later; below 0: earlier
 */
void top_step(struct top *top, double seconds)
{
	double now = (double)top->now_ns + seconds * 1e9;

	top->paused = true;
	if (now < (double)oldest_ns(top))
		now = (double)oldest_ns(top);
	top->now_ns = now > (double)top->newest_ns ? top->newest_ns : (uint64_t)now;
	fsm_history_go(&top->history, &top->model, top->now_ns);
}

void top_pause(struct top *top, bool paused)
{
	top->paused = paused;
	if (paused)
		return;
	top->now_ns = top->newest_ns;
	fsm_history_end(&top->history, &top->model);
}

/* Let a connection be the one whose life is shown. */
void top_show_life(struct top *top, uint64_t id)
{
	fsm_canvas_free(&top->life.ladder);
	memset(&top->life, 0, sizeof(top->life));
	top->life.id = id;
}

/* The past in the light of another filter, as far as it is kept. */
static void recount(struct top *top)
{
	const struct fsm_history *h = &top->history;
	uint64_t nr;

	fsm_rates_clear(&top->rates);
	for (nr = h->tail; nr < h->head; nr++)
		count(top, &fsm_history_at(h, nr)->ev);
}

/**
 * top_set_filter() - show others from now on
 * @top: top
 * @text: which, in the language of the module's filter
 *
 * Return: 0, or -1 with @top->complaint and @top->typed_at set.
 */
int top_set_filter(struct top *top, const char *text)
{
	struct tcpfsm_filter_error error;
	struct tcpfsm_filter filter;

	top->complaint = NULL;
	if (tcpfsm_filter_parse(&filter, text, &error)) {
		top->complaint = error.what;
		top->typed_at = error.at;
		return -1;
	}
	snprintf(top->filter, sizeof(top->filter), "%s", text);
	fsm_model_set_filter(&top->model, &filter);
	recount(top);
	return 0;
}
