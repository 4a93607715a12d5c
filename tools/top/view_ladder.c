// SPDX-License-Identifier: GPL-2.0
/*
 * view_ladder.c - what happened to the connection that was chosen, and to its other end
 */
#include "view.h"

#include <stdio.h>
#include <string.h>

#include "format.h"
#include "model/conns.h"
#include "names.h"
#include "out/ladder.h"

/* Lines above the ladder. */
#define HEAD_LINES 2

/* ---- what has happened ---- */

static bool is_other_end(const struct tcpfsm_event *own, const struct tcpfsm_event *ev)
{
	return ev->id != own->id && ev->lport == own->rport && ev->rport == own->lport &&
	       ev->family == own->family && !memcmp(ev->laddr, own->raddr, 16) &&
	       !memcmp(ev->raddr, own->laddr, 16);
}

/* Keep the last events that fit. */
static void add(struct tcpfsm_event *list, unsigned int *nr, const struct tcpfsm_event *ev)
{
	if (*nr == TOP_LADDER_EVENTS) {
		memmove(list, list + 1, (TOP_LADDER_EVENTS - 1) * sizeof(*list));
		--*nr;
	}
	list[(*nr)++] = *ev;
}

/* Collect the events of the connection's last generation. */
static void collect_own(struct top *top, struct top_ladder *ladder)
{
	const struct fsm_history *h = &top->history;
	uint64_t nr;

	ladder->nr = 0;
	for (nr = h->tail; nr < h->at; nr++) {
		const struct tcpfsm_event *ev = &fsm_history_at(h, nr)->ev;

		if (ev->id != ladder->id)
			continue;
		if (ladder->nr && ladder->events[0].gen != ev->gen)
			ladder->nr = 0;
		add(ladder->events, &ladder->nr, ev);
	}
}

/*
 * Collect the events of the other end, whose addresses are ours swapped. A connection that got
 * the same addresses after our end does not count.
 */
static void collect_peer(struct top *top, struct top_ladder *ladder)
{
	const struct fsm_history *h = &top->history;
	const struct tcpfsm_event *own = &ladder->events[ladder->nr - 1];
	uint32_t gen = 0;
	uint64_t nr;

	ladder->peer = 0;
	for (nr = h->tail; nr < h->at; nr++) {
		const struct tcpfsm_event *ev = &fsm_history_at(h, nr)->ev;

		if (!is_other_end(own, ev))
			continue;
		if (ev->id != ladder->peer || ev->gen != gen) {
			if (own->new == TCPFSM_CLOSE && ev->time_ns > own->time_ns)
				break;
			ladder->nr_peer = 0;
		}
		ladder->peer = ev->id;
		gen = ev->gen;
		add(ladder->peer_events, &ladder->nr_peer, ev);
	}
}

/* Return whether nothing has happened to either end since the ladder was drawn. */
static bool is_drawn(const struct top_ladder *ladder, const struct top_ladder *before, int width)
{
	return ladder->drawing.height && ladder->drawing.width == width &&
	       ladder->nr == before->nr && ladder->nr_peer == before->nr_peer &&
	       ladder->peer == before->peer &&
	       !memcmp(ladder->events, before->events, ladder->nr * sizeof(*ladder->events)) &&
	       !memcmp(ladder->peer_events, before->peer_events,
		       ladder->nr_peer * sizeof(*ladder->events));
}

static void draw_whole(struct top_ladder *ladder, int width)
{
	struct fsm_end own = { .events = ladder->events, .nr = ladder->nr };
	struct fsm_end peer = { .events = ladder->peer_events, .nr = ladder->nr_peer };

	fsm_canvas_free(&ladder->drawing);
	if (ladder->nr)
		fsm_ladder_draw(&ladder->drawing, (unsigned int)width, &own,
				ladder->nr_peer ? &peer : NULL, NULL);
}

/**
 * view_ladder_update() - look through what has happened, and draw the ladder
 * @top: top
 * @width: columns of the screen
 * @lines: lines of the view
 *
 * This reads all of the history.
 */
void view_ladder_update(struct top *top, int width, int lines)
{
	static struct top_ladder before;

	if (!top->ladder.id)
		return;
	if (width < FSM_LADDER_WIDTH_MIN)
		width = FSM_LADDER_WIDTH_MIN;
	before = top->ladder;
	collect_own(top, &top->ladder);
	top->ladder.nr_peer = 0;
	if (top->ladder.nr)
		collect_peer(top, &top->ladder);
	if (!is_drawn(&top->ladder, &before, width))
		draw_whole(&top->ladder, width);
	if (top->ladder.nr)
		top_scroll_back(&top->ladder.first, (uint32_t)top->ladder.drawing.height,
				(uint32_t)(lines - HEAD_LINES));
}

/* ---- drawing ---- */

static void draw_head(struct fsm_canvas *c, struct top *top, int y, uint32_t slot)
{
	const struct fsm_conn *conn = &top->model.conns[slot];
	char local[FORMAT_ENDPOINT], remote[FORMAT_ENDPOINT], owner[64], since[FORMAT_MAX];
	int x;

	format_endpoint(local, conn, true);
	format_endpoint(remote, conn, false);
	format_owner(owner, sizeof(owner), conn);
	format_since(since, top, slot);
	x = fsm_canvas_printf(c, y, 0, FSM_PEN_TITLE, "%llx", (unsigned long long)conn->id);
	x = fsm_canvas_printf(c, y, x, FSM_PEN_PLAIN, "  %s → %s  ", local, remote);
	fsm_canvas_printf(c, y, x, FSM_PEN_DIM, "%s  %s", owner, names_cgroup(conn->cgroup));
	x = fsm_canvas_text(c, y + 1, 0, format_state_pen(top->model.state[slot]),
			    tcpfsm_state_name(top->model.state[slot]));
	fsm_canvas_printf(c, y + 1, x, FSM_PEN_PLAIN, " for %s", since);
}

/* Draw a line of the ladder; it is cut at the edge of the screen. */
static void draw_line(struct fsm_canvas *c, int y, const struct fsm_canvas *ladder, int line)
{
	int x;

	for (x = 0; x < ladder->width; x++) {
		const struct fsm_cell *cell = &ladder->cells[line * ladder->width + x];

		fsm_canvas_put(c, y, x, cell->glyph, cell->pen);
	}
}

static void draw_ladder(struct fsm_canvas *c, const struct top_ladder *ladder, int y, int end)
{
	const struct fsm_canvas *drawing = &ladder->drawing;
	uint32_t lines = (uint32_t)(end - y), i;

	for (i = 0; i < lines && ladder->first + i < (uint32_t)drawing->height; i++)
		draw_line(c, y + (int)i, drawing, (int)(ladder->first + i));
	if (ladder->first + lines < (uint32_t)drawing->height)
		fsm_canvas_text(c, end - 1, c->width - 6, FSM_PEN_NOTE, "Down…");
}

/**
 * view_ladder() - draw what happened to one connection, and its other end
 * @frame: frame
 * @top: top
 * @y: first line
 * @end: line behind the last one
 */
void view_ladder(struct frame *frame, struct top *top, int y, int end)
{
	struct fsm_canvas *c = &frame->canvas;
	const struct top_ladder *ladder = &top->ladder;
	uint32_t slot;

	if (!ladder->id) {
		fsm_canvas_text(c, y, 0, FSM_PEN_DIM,
				"No connection was chosen: press Enter on one of them");
		return;
	}
	slot = fsm_conns_find(&top->model, ladder->id);
	if (slot != FSM_NONE)
		draw_head(c, top, y, slot);
	else
		fsm_canvas_printf(c, y, 0, FSM_PEN_TITLE, "%llx is no connection now",
				  (unsigned long long)ladder->id);
	if (ladder->nr)
		draw_ladder(c, ladder, y + HEAD_LINES, end);
	else
		fsm_canvas_text(c, y + 3, 0, FSM_PEN_DIM,
				"nothing has happened to it that is kept");
}
