// SPDX-License-Identifier: GPL-2.0
/*
 * view_listeners.c - the listening sockets, and what becomes of the requests to them
 */
#include "view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "model/conns.h"
#include "model/listeners.h"

/* Lines above the listeners. */
#define HEAD_LINES 1

/**
 * struct row - a listening socket
 * @listener: the socket
 * @slot: its slot
 * @half_open: requests that wait for their ACK
 * @failed: requests that ended
 */
struct row {
	struct fsm_listener *listener;
	uint32_t slot;
	uint32_t half_open;
	uint64_t failed;
};

static bool is_shown(const struct fsm_model *model, uint32_t slot)
{
	return slot != FSM_NONE && model->conns[slot].flags & FSM_CONN_WANTED;
}

static uint64_t count_failed(const struct fsm_listener *l)
{
	uint64_t sum = 0;
	unsigned int cause;

	for (cause = 0; cause < TCPFSM_NR_CAUSES; cause++)
		sum += l->failed[cause];
	return sum;
}

/* Sort the listeners under pressure first, then those with most to do. */
static int compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->half_open != y->half_open)
		return x->half_open > y->half_open ? -1 : 1;
	if (x->failed != y->failed)
		return x->failed > y->failed ? -1 : 1;
	if (x->listener->requests != y->listener->requests)
		return x->listener->requests > y->listener->requests ? -1 : 1;
	return x->listener->lport != y->listener->lport ?
		       (int)x->listener->lport - (int)y->listener->lport :
		       (x->listener->id > y->listener->id) - (x->listener->id < y->listener->id);
}

static void count_half_open(struct fsm_model *model, struct row *rows)
{
	uint32_t slot;

	for (slot = 0; slot < model->used; slot++) {
		struct fsm_listener *l;

		if (model->state[slot] != TCPFSM_SYN_RECV)
			continue;
		l = fsm_listeners_find_for(model, &model->conns[slot]);
		if (l)
			rows[l - model->listeners].half_open++;
	}
}

/* Collect the listeners that the filter wants. Return how many there are. */
static uint32_t collect(struct fsm_model *model, struct row *rows)
{
	uint32_t i, nr = 0;

	for (i = 0; i < model->nr_listeners; i++) {
		rows[i].listener = &model->listeners[i];
		rows[i].slot = fsm_conns_find(model, model->listeners[i].id);
		rows[i].failed = count_failed(&model->listeners[i]);
	}
	count_half_open(model, rows);
	for (i = 0; i < model->nr_listeners; i++)
		if (is_shown(model, rows[i].slot))
			rows[nr++] = rows[i];
	qsort(rows, nr, sizeof(*rows), compare_rows);
	return nr;
}

/* Draw the most frequent cause, then the others; those that do not fit are cut off. */
static void draw_failures(struct fsm_canvas *c, int y, int x, const struct fsm_listener *l)
{
	bool done[TCPFSM_NR_CAUSES] = { false };
	char text[FORMAT_MAX];

	for (;;) {
		unsigned int cause, most = 0;

		for (cause = 1; cause < TCPFSM_NR_CAUSES; cause++)
			if (!done[cause] && (done[most] || l->failed[cause] > l->failed[most]))
				most = cause;
		if (done[most] || !l->failed[most])
			return;
		done[most] = true;
		format_count(text, l->failed[most]);
		x = fsm_canvas_text(c, y, x, FSM_PEN_BAD, text);
		x = fsm_canvas_printf(c, y, x, FSM_PEN_PLAIN, " %s  ", tcpfsm_cause_name(most));
	}
}

static void draw_queue(struct fsm_canvas *c, int y, int x, const struct fsm_listener *l)
{
	char queue[FORMAT_MAX], backlog[FORMAT_MAX], text[2 * FORMAT_MAX + 1];

	if (!l->has_queue) {
		fsm_canvas_right(c, y, x, 9, FSM_PEN_DIM, "-");
		return;
	}
	format_count(queue, l->queue);
	format_count(backlog, l->backlog);
	snprintf(text, sizeof(text), "%s/%s", queue, backlog);
	fsm_canvas_right(c, y, x, 9, l->queue > l->backlog / 2 ? FSM_PEN_BAD : FSM_PEN_PLAIN, text);
}

static int draw_count(struct fsm_canvas *c, int y, int x, int width, enum fsm_pen pen, uint64_t n)
{
	char text[FORMAT_MAX];

	format_count(text, n);
	return fsm_canvas_right(c, y, x, width, n ? pen : FSM_PEN_DIM, n ? text : "·");
}

#define W_LOCAL 22

static int owner_width(int screen)
{
	return screen >= 80 ? 16 : 0;
}

static void draw_heads(struct fsm_canvas *c, int y)
{
	int x = W_LOCAL + owner_width(c->width);

	fsm_canvas_printf(c, y, 0, FSM_PEN_HEAD, "%-*s", c->width, "LISTENS AT");
	if (owner_width(c->width))
		fsm_canvas_text(c, y, W_LOCAL, FSM_PEN_HEAD, "OWNER");
	x = fsm_canvas_right(c, y, x, 8, FSM_PEN_HEAD, "SYN_RECV");
	x = fsm_canvas_right(c, y, x, 9, FSM_PEN_HEAD, "ACCEPT");
	x = fsm_canvas_right(c, y, x, 7, FSM_PEN_HEAD, "SYNS");
	if (c->width >= 100)
		x = fsm_canvas_right(c, y, x, 8, FSM_PEN_HEAD, "COOKIES");
	fsm_canvas_text(c, y, x + 2, FSM_PEN_HEAD, "FAILED, WHY");
}

static void draw_row(struct fsm_canvas *c, const struct top *top, int y, const struct row *row)
{
	const struct fsm_conn *conn = &top->model.conns[row->slot];
	int x = W_LOCAL + owner_width(c->width);
	char text[128];

	format_endpoint(text, conn, true);
	fsm_canvas_printf(c, y, 0, FSM_PEN_UP, "%.*s", W_LOCAL - 1, text);
	if (owner_width(c->width)) {
		format_owner(text, sizeof(text), conn);
		fsm_canvas_printf(c, y, W_LOCAL, FSM_PEN_PLAIN, "%.*s", owner_width(c->width) - 1,
				  text);
	}
	x = draw_count(c, y, x, 8, FSM_PEN_OPEN, row->half_open);
	draw_queue(c, y, x, row->listener);
	x = draw_count(c, y, x + 9, 7, FSM_PEN_PLAIN, row->listener->requests);
	if (c->width >= 100)
		x = draw_count(c, y, x, 8, FSM_PEN_NOTE, row->listener->cookies);
	draw_failures(c, y, x + 2, row->listener);
}

/**
 * view_listeners_update() - do not scroll beyond the last listener
 * @top: top
 * @width: columns of the screen
 * @lines: lines of the view
 */
void view_listeners_update(struct top *top, int width, int lines)
{
	const struct fsm_model *model = &top->model;
	uint32_t room = (uint32_t)(lines - HEAD_LINES), nr = 0, i;

	(void)width;
	for (i = 0; i < model->nr_listeners; i++)
		nr += is_shown(model, fsm_conns_find(model, model->listeners[i].id));
	top_scroll_back(&top->first_listener, nr, room);
}

/**
 * view_listeners() - draw the listening sockets
 * @frame: frame
 * @top: top
 * @y: first line
 * @end: line behind the last one
 */
void view_listeners(struct frame *frame, struct top *top, int y, int end)
{
	struct fsm_canvas *c = &frame->canvas;
	uint32_t lines = (uint32_t)(end - y - HEAD_LINES), i, nr;
	struct row *rows = calloc(top->model.nr_listeners + 1, sizeof(*rows));

	draw_heads(c, y);
	if (!rows)
		return;
	nr = collect(&top->model, rows);
	for (i = 0; i < lines && top->first_listener + i < nr; i++)
		draw_row(c, top, y + 1 + (int)i, &rows[top->first_listener + i]);
	if (!nr)
		fsm_canvas_text(c, y + 1, 0, FSM_PEN_DIM, "nobody listens");
	free(rows);
}
