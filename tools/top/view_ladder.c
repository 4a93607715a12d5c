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
	if (*nr == LIFE_EVENTS) {
		memmove(list, list + 1, (LIFE_EVENTS - 1) * sizeof(*list));
		--*nr;
	}
	list[(*nr)++] = *ev;
}

/* Collect the events of the connection's last generation. */
static void collect_own(struct top *top, struct life *life)
{
	const struct fsm_history *h = &top->history;
	uint64_t nr;

	life->nr = 0;
	for (nr = h->tail; nr < h->at; nr++) {
		const struct tcpfsm_event *ev = &fsm_history_at(h, nr)->ev;

		if (ev->id != life->id)
			continue;
		if (life->nr && life->events[0].gen != ev->gen)
			life->nr = 0;
		add(life->events, &life->nr, ev);
	}
}

/*
 * Collect the events of the other end, whose addresses are ours swapped. A connection that got
 * the same addresses after our end does not count.
 */
static void collect_peer(struct top *top, struct life *life)
{
	const struct fsm_history *h = &top->history;
	const struct tcpfsm_event *own = &life->events[life->nr - 1];
	uint32_t gen = 0;
	uint64_t nr;

	life->peer = 0;
	for (nr = h->tail; nr < h->at; nr++) {
		const struct tcpfsm_event *ev = &fsm_history_at(h, nr)->ev;

		if (!is_other_end(own, ev))
			continue;
		if (ev->id != life->peer || ev->gen != gen) {
			if (own->new == TCPFSM_CLOSE && ev->time_ns > own->time_ns)
				break;
			life->nr_peer = 0;
		}
		life->peer = ev->id;
		gen = ev->gen;
		add(life->peer_events, &life->nr_peer, ev);
	}
}

/* Return whether nothing has happened to either end since the ladder was drawn. */
static bool is_drawn(const struct life *life, const struct life *before, int width)
{
	return life->ladder.height && life->ladder.width == width && life->nr == before->nr &&
	       life->nr_peer == before->nr_peer && life->peer == before->peer &&
	       !memcmp(life->events, before->events, life->nr * sizeof(*life->events)) &&
	       !memcmp(life->peer_events, before->peer_events,
		       life->nr_peer * sizeof(*life->events));
}

static void draw_whole(struct life *life, int width)
{
	struct fsm_end own = { .events = life->events, .nr = life->nr };
	struct fsm_end peer = { .events = life->peer_events, .nr = life->nr_peer };

	fsm_canvas_free(&life->ladder);
	if (life->nr)
		fsm_ladder_draw(&life->ladder, (unsigned int)width, &own,
				life->nr_peer ? &peer : NULL, NULL);
}

/* Do not scroll beyond the end. */
static void keep_in_sight(struct life *life, uint32_t lines)
{
	uint32_t nr = (uint32_t)life->ladder.height;

	if (life->first + lines > nr)
		life->first = nr > lines ? nr - lines : 0;
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
	static struct life before;

	if (!top->life.id)
		return;
	if (width < FSM_LADDER_WIDTH_MIN)
		width = FSM_LADDER_WIDTH_MIN;
	before = top->life;
	collect_own(top, &top->life);
	top->life.nr_peer = 0;
	if (top->life.nr)
		collect_peer(top, &top->life);
	if (!is_drawn(&top->life, &before, width))
		draw_whole(&top->life, width);
	if (top->life.nr)
		keep_in_sight(&top->life, (uint32_t)(lines - HEAD_LINES));
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

static void draw_ladder(struct fsm_canvas *c, const struct life *life, int y, int end)
{
	const struct fsm_canvas *ladder = &life->ladder;
	uint32_t lines = (uint32_t)(end - y), i;

	for (i = 0; i < lines && life->first + i < (uint32_t)ladder->height; i++)
		draw_line(c, y + (int)i, ladder, (int)(life->first + i));
	if (life->first + lines < (uint32_t)ladder->height)
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
	const struct life *life = &top->life;
	uint32_t slot;

	if (!life->id) {
		fsm_canvas_text(c, y, 0, FSM_PEN_DIM,
				"No connection was chosen: press Enter on one of them");
		return;
	}
	slot = fsm_conns_find(&top->model, life->id);
	if (slot != FSM_NONE)
		draw_head(c, top, y, slot);
	else
		fsm_canvas_printf(c, y, 0, FSM_PEN_TITLE, "%llx is no connection now",
				  (unsigned long long)life->id);
	if (life->nr)
		draw_ladder(c, life, y + HEAD_LINES, end);
	else
		fsm_canvas_text(c, y + 3, 0, FSM_PEN_DIM,
				"nothing has happened to it that is kept");
}
