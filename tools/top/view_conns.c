// SPDX-License-Identifier: GPL-2.0
/*
 * view_conns.c - the table of connections, or of groups of them
 */
#include "view.h"

#include <stdio.h>
#include <string.h>

#include "format.h"
#include "model/limits.h"
#include "names.h"
#include "out/fields.h"
#include "table.h"

/* Each column sorts by something, and is there from some width of the screen on. */
enum column {
	COL_ID,
	COL_STATE,
	COL_TIME,
	COL_CAUSE,
	COL_OWNER,
	COL_LOCAL,
	COL_REMOTE,
	COL_CGROUP,
	NR_COLUMNS
};

static const struct {
	const char *title;
	enum top_sort sort;
	int width;
	int from;
	int weight; /* its share of the columns that are left over */
} columns[NR_COLUMNS] = {
	[COL_ID] = { "ID", SORT_ID, 8, 110, 0 },
	[COL_STATE] = { "STATE", SORT_STATE, 11, 0, 0 },
	[COL_TIME] = { "TIME", SORT_TIME, 7, 0, 0 },
	[COL_CAUSE] = { "CAUSE", SORT_CAUSE, 11, 90, 1 },
	[COL_OWNER] = { "OWNER", SORT_OWNER, 14, 0, 2 },
	[COL_LOCAL] = { "LOCAL", SORT_LOCAL, 21, 80, 3 },
	[COL_REMOTE] = { "REMOTE", SORT_REMOTE, 21, 0, 3 },
	[COL_CGROUP] = { "CGROUP", SORT_OWNER, 20, 150, 3 },
};

/* Find the width of each column on this screen; 0: it is not there. */
static void lay_out(int screen, int *width)
{
	int used = 0, weight = 0, i;

	for (i = 0; i < NR_COLUMNS; i++) {
		width[i] = screen >= columns[i].from ? columns[i].width : 0;
		used += width[i] ? width[i] + 1 : 0;
		weight += width[i] ? columns[i].weight : 0;
	}
	for (i = 0; i < NR_COLUMNS && used < screen; i++) {
		int more = width[i] ? (screen - used) * columns[i].weight / weight : 0;

		used += more;
		weight -= width[i] ? columns[i].weight : 0;
		width[i] += more;
		if (!weight)
			break;
	}
}

static void draw_heads(struct frame *frame, const struct top *top, int y, const int *width)
{
	struct fsm_canvas *c = &frame->canvas;
	const char *direction = top->table.reverse ? "▲" : "▼";
	int x = 0, i;

	fsm_canvas_printf(c, y, 0, FSM_PEN_HEAD, "%*s", c->width, "");
	for (i = 0; i < NR_COLUMNS; i++) {
		bool sorted = columns[i].sort == top->table.sort && i != COL_CGROUP;
		int end;

		if (!width[i])
			continue;
		if (i == COL_TIME && top->table.sort == SORT_STUCK)
			sorted = true;
		end = fsm_canvas_text(c, y, x, sorted ? FSM_PEN_SORT : FSM_PEN_HEAD,
				      columns[i].title);
		if (sorted)
			fsm_canvas_text(c, y, end, FSM_PEN_SORT, direction);
		if (i != COL_CGROUP)
			frame_zone(frame, y, x, width[i], ZONE_SORT, (int)columns[i].sort);
		x += width[i] + 1;
	}
}

/* Draw a text; if it is longer than its column, it ends with a sign that it goes on. */
static void draw_cell(struct fsm_canvas *c, int y, int x, int width, enum fsm_pen pen,
		      const char *text)
{
	if ((int)strlen(text) <= width) {
		fsm_canvas_text(c, y, x, pen, text);
		return;
	}
	fsm_canvas_printf(c, y, x, pen, "%.*s…", width - 1, text);
}

static const char *cell_text(const struct top *top, uint32_t slot, int column, char *text,
			     size_t size)
{
	const struct fsm_conn *conn = &top->model.conns[slot];
	char id[24];

	switch (column) {
	case COL_ID:
		snprintf(id, sizeof(id), "%llx", (unsigned long long)conn->id);
		snprintf(text, size, conn->gen > 1 ? "%s/%u" : "%s", id, conn->gen);
		break;
	case COL_STATE:
		return tcpfsm_state_name(top->model.state[slot]);
	case COL_TIME:
		format_since(id, top, slot);
		snprintf(text, size, "%7s", id);
		break;
	case COL_CAUSE:
		return tcpfsm_cause_name(conn->cause);
	case COL_OWNER:
		format_owner(text, size, conn);
		break;
	case COL_LOCAL:
	case COL_REMOTE:
		format_endpoint(text, conn, column == COL_LOCAL);
		break;
	default:
		return names_cgroup(conn->cgroup);
	}
	return text;
}

static enum fsm_pen cell_pen(const struct top *top, uint32_t slot, int column)
{
	switch (column) {
	case COL_STATE:
		return format_state_pen(top->model.state[slot]);
	case COL_TIME:
		return fsm_is_stuck(&top->model, slot, top->now_ns) ? FSM_PEN_BAD : FSM_PEN_PLAIN;
	case COL_CAUSE:
		return FSM_PEN_CAUSE;
	case COL_ID:
		return FSM_PEN_DIM;
	default:
		return FSM_PEN_PLAIN;
	}
}

static void draw_conn(struct fsm_canvas *c, const struct top *top, int y, const int *width,
		      uint32_t slot)
{
	char text[128];
	int x = 0, i;

	for (i = 0; i < NR_COLUMNS; i++) {
		if (!width[i])
			continue;
		draw_cell(c, y, x, width[i], cell_pen(top, slot, i),
			  cell_text(top, slot, i, text, sizeof(text)));
		x += width[i] + 1;
	}
}

/* ---- groups ---- */

static const char *const grouping_titles[NR_GROUPINGS] = {
	[GROUP_PROCESS] = "PROCESS",
	[GROUP_CGROUP] = "CGROUP",
	[GROUP_PEER] = "PEER",
};

static const struct {
	const char *title;
	uint32_t states;
	enum fsm_pen pen;
	int from;
} sums[] = {
	{ "SYN", 1u << TCPFSM_SYN_SENT | 1u << TCPFSM_SYN_RECV, FSM_PEN_OPEN, 80 },
	{ "ESTAB", 1u << TCPFSM_ESTABLISHED, FSM_PEN_UP, 0 },
	{ "FIN_W", 1u << TCPFSM_FIN_WAIT1 | 1u << TCPFSM_FIN_WAIT2 | 1u << TCPFSM_CLOSING,
	  FSM_PEN_DOWN, 70 },
	{ "TIM_W", 1u << TCPFSM_TIME_WAIT, FSM_PEN_DOWN, 80 },
	{ "CLO_W", 1u << TCPFSM_CLOSE_WAIT | 1u << TCPFSM_LAST_ACK, FSM_PEN_PEER, 0 },
};

#define NR_SUMS ((int)(sizeof(sums) / sizeof(sums[0])))

static void group_name(const struct top *top, const struct top_member *member, uint32_t slot,
		       char *text, size_t size)
{
	switch (member->by) {
	case GROUP_PROCESS:
		format_owner(text, size, &top->model.conns[slot]);
		break;
	case GROUP_CGROUP:
		if (member->cgroup)
			snprintf(text, size, "%s", names_cgroup(member->cgroup));
		else
			snprintf(text, size, "netns %u", member->netns);
		break;
	default:
		format_address(text, member->family, member->addr);
	}
}

static int sums_width(int screen)
{
	int width = 0, i;

	for (i = 0; i < NR_SUMS; i++)
		width += screen >= sums[i].from ? 6 : 0;
	/* Add the columns of the total, of the stuck ones and of the longest time. */
	return width + 6 + 6 + 8;
}

static void draw_group_heads(struct fsm_canvas *c, const struct top *top, int y)
{
	int x = c->width - sums_width(c->width), i;

	fsm_canvas_printf(c, y, 0, FSM_PEN_HEAD, "%-*s", c->width,
			  grouping_titles[top->table.grouping]);
	fsm_canvas_right(c, y, x, 6, FSM_PEN_HEAD, "CONNS");
	fsm_canvas_right(c, y, x + 6, 6, FSM_PEN_SORT, "STUCK");
	x += 12;
	for (i = 0; i < NR_SUMS; i++)
		if (c->width >= sums[i].from)
			x = fsm_canvas_right(c, y, x, 6, FSM_PEN_HEAD, sums[i].title);
	fsm_canvas_right(c, y, x, 8, FSM_PEN_HEAD, "LONGEST");
}

static int draw_count(struct fsm_canvas *c, int y, int x, enum fsm_pen pen, uint32_t n)
{
	char text[FORMAT_MAX];

	format_count(text, n);
	return fsm_canvas_right(c, y, x, 6, n ? pen : FSM_PEN_DIM, n ? text : "·");
}

static void draw_group(struct fsm_canvas *c, const struct top *top, int y,
		       const struct top_group *group)
{
	int x = c->width - sums_width(c->width), i;
	char text[128];
	uint32_t n, state;

	group_name(top, &group->member, group->slot, text, sizeof(text));
	draw_cell(c, y, 0, x - 1, FSM_PEN_PLAIN, text);
	x = draw_count(c, y, x, FSM_PEN_TITLE, group->total);
	x = draw_count(c, y, x, FSM_PEN_BAD, group->stuck);
	for (i = 0; i < NR_SUMS; i++) {
		for (n = 0, state = 1; state < TCPFSM_NR_STATES; state++)
			n += sums[i].states & 1u << state ? group->by_state[state] : 0;
		if (c->width >= sums[i].from)
			x = draw_count(c, y, x, sums[i].pen, n);
	}
	format_time(text,
		    top->now_ns > group->since_ns ? (top->now_ns - group->since_ns) / 1000 : 0);
	fsm_canvas_right(c, y, x, 8, FSM_PEN_PLAIN, text);
}

/* ---- */

static void draw_within(struct fsm_canvas *c, const struct top *top, int y)
{
	const struct top_member *within = &top->table.within;
	struct fsm_conn conn = { .pid = within->pid, .uid = within->uid };
	char text[128];

	if (within->by == GROUP_PROCESS) {
		memcpy(conn.comm, within->comm, sizeof(conn.comm));
		format_owner(text, sizeof(text), &conn);
	} else {
		group_name(top, within, 0, text, sizeof(text));
	}
	fsm_canvas_printf(c, y, 0, FSM_PEN_NOTE, "%s %s", grouping_titles[within->by], text);
	if (!top->batch)
		fsm_canvas_text(c, y, c->width - 9, FSM_PEN_DIM, "Esc: back");
}

static void draw_lines(struct frame *frame, struct top *top, int y, const int *width)
{
	const struct top_table *table = &top->table;
	uint32_t i, lines = table_lines(table);

	for (i = 0; i < table->shown && table->first + i < lines; i++) {
		uint32_t line = table->first + i;
		int at = y + (int)i;

		if (table->grouping == GROUP_NONE)
			draw_conn(&frame->canvas, top, at, width, table->picked[line].slot);
		else
			draw_group(&frame->canvas, top, at, &table->groups[line]);
		frame_zone(frame, at, 0, frame->canvas.width, ZONE_LINE, (int)i);
		if (line == table->cursor && !top->batch)
			fsm_canvas_repen(&frame->canvas, at, 0, frame->canvas.width,
					 FSM_PEN_CHOSEN);
	}
}

/**
 * view_conns_update() - look through the connections, and sort those that will be seen
 * @top: top
 * @width: columns of the screen
 * @lines: lines of the view
 */
void view_conns_update(struct top *top, int width, int lines)
{
	int heads = top->table.within.by == GROUP_NONE ? 1 : 2;

	(void)width;
	table_fill(top, (uint32_t)(lines - heads));
}

/**
 * view_conns() - draw the table of connections, or of groups of them
 * @frame: frame
 * @top: top
 * @y: first line
 * @end: line behind the last one
 */
void view_conns(struct frame *frame, struct top *top, int y, int end)
{
	const struct top_table *table = &top->table;
	int width[NR_COLUMNS];

	(void)end;
	if (table->within.by != GROUP_NONE)
		draw_within(&frame->canvas, top, y++);
	lay_out(frame->canvas.width, width);
	if (table->grouping == GROUP_NONE)
		draw_heads(frame, top, y, width);
	else
		draw_group_heads(&frame->canvas, top, y);
	draw_lines(frame, top, y + 1, width);
	if (!table_lines(table))
		fsm_canvas_text(&frame->canvas, y + 1, 0, FSM_PEN_DIM, "no connections");
}
