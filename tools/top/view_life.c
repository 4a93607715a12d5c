// SPDX-License-Identifier: GPL-2.0
/*
 * view_life.c - the life of one connection
 */
#include <stdio.h>
#include <string.h>

#include "format.h"
#include "frame.h"
#include "model/conns.h"
#include "names.h"

static void draw_head(struct canvas *c, struct top *top, int y, uint32_t slot)
{
	const struct fsm_conn *conn = &top->model.conns[slot];
	char local[FORMAT_ENDPOINT], remote[FORMAT_ENDPOINT], owner[64], since[FORMAT_MAX];
	int x;

	format_endpoint(local, conn, true);
	format_endpoint(remote, conn, false);
	format_owner(owner, sizeof(owner), conn);
	format_since(since, top, slot);
	x = canvas_printf(c, y, 0, INK_TITLE, "%llx", (unsigned long long)conn->id);
	x = canvas_printf(c, y, x, INK_PLAIN, "  %s → %s  ", local, remote);
	canvas_printf(c, y, x, INK_DIM, "%s  %s", owner, names_cgroup(conn->cgroup));
	x = canvas_text(c, y + 1, 0, state_ink(top->model.state[slot]),
			tcpfsm_state_name(top->model.state[slot]));
	canvas_printf(c, y + 1, x, INK_PLAIN, " for %s", since);
}

static enum ink ink_of(enum fsm_pen pen)
{
	static const uint8_t inks[FSM_NR_PENS] = {
		[FSM_PEN_PLAIN] = INK_PLAIN, [FSM_PEN_TITLE] = INK_TITLE,
		[FSM_PEN_DIM] = INK_DIM,     [FSM_PEN_STATE] = INK_TITLE,
		[FSM_PEN_CAUSE] = INK_CAUSE, [FSM_PEN_SEGMENT] = INK_SEGMENT,
		[FSM_PEN_DATA] = INK_DOWN,   [FSM_PEN_BAD] = INK_BAD,
	};

	return (enum ink)inks[pen];
}

/* What is wider than the screen falls off its edge. */
static void draw_line(struct canvas *c, int y, const struct fsm_grid *grid, size_t line)
{
	char text[FSM_GRID_RUN_MAX];
	enum fsm_pen pen;
	size_t column = 0, n;
	int x = 0;

	while ((n = fsm_grid_run(grid, line, column, true, text, &pen)) > 0) {
		x = canvas_text(c, y, x, ink_of(pen), text);
		column += n;
	}
}

static void draw_ladder(struct canvas *c, struct life *life, int y, int end)
{
	const struct fsm_grid *grid = &life->ladder;
	uint32_t lines = (uint32_t)(end - y), i;

	if (life->first + lines > grid->nr_lines)
		life->first = grid->nr_lines > lines ? (uint32_t)grid->nr_lines - lines : 0;
	for (i = 0; i < lines && life->first + i < grid->nr_lines; i++)
		draw_line(c, y + (int)i, grid, life->first + i);
	if (life->first + lines < grid->nr_lines)
		canvas_text(c, end - 1, c->width - 6, INK_NOTE, "Down…");
}

/**
 * view_life() - the screen of one connection
 * @frame: frame
 * @top: top
 * @y: first line
 * @end: line behind the last one
 */
void view_life(struct frame *frame, struct top *top, int y, int end)
{
	struct canvas *c = &frame->canvas;
	struct life *life = &top->life;
	uint32_t slot;

	if (!life->id) {
		canvas_text(c, y, 0, INK_DIM,
			    "No connection was chosen: press Enter on one of them");
		return;
	}
	slot = fsm_conns_find(&top->model, life->id);
	if (slot != FSM_NONE)
		draw_head(c, top, y, slot);
	else
		canvas_printf(c, y, 0, INK_TITLE, "%llx is no connection now",
			      (unsigned long long)life->id);
	if (life->nr)
		draw_ladder(c, life, y + 2, end);
	else
		canvas_text(c, y + 3, 0, INK_DIM, "nothing has happened to it that is kept");
}
