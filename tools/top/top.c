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
	fsm_canvas_free(&top->ladder.drawing);
	memset(top, 0, sizeof(*top));
}

/* Forget what was known: the module was loaded anew. */
void top_reset(struct top *top)
{
	fsm_model_clear(&top->model);
	fsm_history_forget(&top->history);
	top->paused = false;
}

/* Count an event if the filter wants it; all are kept, for the filter may change. */
static void count(struct top *top, const struct tcpfsm_event *ev)
{
	if (!top->model.filter.nr_terms || tcpfsm_filter_match(&top->model.filter, ev))
		fsm_rates_count(&top->rates, ev);
}

/**
 * top_event() - learn of a record that was read
 * @top: top
 * @ev: record
 *
 * While time stands still, events are only kept.
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
 * top_advance() - learn what time it is
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
 * top_step() - pause, and look at another time
 * @top: top
 * @seconds: how much later that is; below 0: earlier
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

/* Choose the connection whose ladder is shown. */
void top_choose_conn(struct top *top, uint64_t id)
{
	fsm_canvas_free(&top->ladder.drawing);
	memset(&top->ladder, 0, sizeof(top->ladder));
	top->ladder.id = id;
}

/**
 * top_scroll_back() - do not scroll beyond the last line
 * @first: number of the first line that is shown
 * @nr: how many lines there are
 * @room: how many lines can be shown
 */
void top_scroll_back(uint32_t *first, uint32_t nr, uint32_t room)
{
	uint32_t last = nr > room ? nr - room : 0;

	if (*first > last)
		*first = last;
}

/* Count the events that are kept anew, with another filter. */
static void recount(struct top *top)
{
	const struct fsm_history *h = &top->history;
	uint64_t nr;

	fsm_rates_clear(&top->rates);
	for (nr = h->tail; nr < h->head; nr++)
		count(top, &fsm_history_at(h, nr)->ev);
}

/**
 * top_set_filter() - show other connections from now on
 * @top: top
 * @text: which ones, in the language of the module's filter
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
