// SPDX-License-Identifier: GPL-2.0
/*
 * view_diagram.c - figure 5 of RFC 9293, with the rates of its edges
 *
 * The figure is a table of boxes and of lines between them. A line begins and ends in the
 * frame of a box. CLOSED is there twice, as in the RFC. No line is drawn if a connection goes
 * straight to CLOSED (RST, abort, timeout); its rate is in the frame of the box.
 */
#include "view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "format.h"

#define WIDTH  100
#define HEIGHT 27

#define BOX_WIDTH  20
#define BOX_HEIGHT 3

/* Left, centre, right */
#define L 2
#define C 40
#define R 78

/**
 * struct box - a state
 * @state: state
 * @y: its first line
 * @x: its first column
 * @exit: column in its frame of the rate at which it is left for CLOSED; 0: there is a line
 */
struct box {
	uint8_t state;
	int y;
	int x;
	int exit;
};

static const struct box boxes[] = {
	{ TCPFSM_CLOSE, 0, C, 0 },
	{ TCPFSM_LISTEN, 4, C, 0 },
	{ TCPFSM_SYN_RECV, 8, L, L + 6 },
	{ TCPFSM_SYN_SENT, 8, R, 0 },
	{ TCPFSM_ESTABLISHED, 12, C, C + 6 },
	{ TCPFSM_FIN_WAIT1, 16, L, L + 6 },
	{ TCPFSM_CLOSE_WAIT, 16, R, R + 11 },
	{ TCPFSM_FIN_WAIT2, 20, L, L + 11 },
	{ TCPFSM_CLOSING, 20, C, C + 3 },
	{ TCPFSM_LAST_ACK, 20, R, 0 },
	{ TCPFSM_TIME_WAIT, 24, C, 0 },
	{ TCPFSM_CLOSE, 24, R, 0 },
};

struct point {
	int8_t y;
	int8_t x;
};

#define POINTS 6

/**
 * struct edge - a line
 * @old: state that it begins at
 * @new: state that it leads to
 * @name: why the edge is taken, in short
 * @label: where name and rate are written
 * @align: -1: they end there, 1: they begin there
 * @nr: number of corners, both ends included
 * @points: corners; the last one is the arrow
 */
struct edge {
	uint8_t old;
	uint8_t new;
	const char *name;
	struct point label;
	int8_t align;
	uint8_t nr;
	struct point points[POINTS];
};

/* clang-format off */
#define EDGE(from, to) .old = TCPFSM_##from, .new = TCPFSM_##to

static const struct edge edges[] = {
	{ EDGE(CLOSE, LISTEN), "listen", { 3, 45 }, -1, 2, { { 2, 46 }, { 4, 46 } } },
	{ EDGE(LISTEN, CLOSE), "close", { 3, 55 }, 1, 2, { { 4, 53 }, { 2, 53 } } },
	{ EDGE(CLOSE, SYN_SENT), "open", { 1, 64 }, 1, 3,
	  { { 1, 59 }, { 1, 93 }, { 8, 93 } } },
	{ EDGE(SYN_SENT, CLOSE), "failed", { 2, 64 }, 1, 3,
	  { { 8, 88 }, { 2, 88 }, { 2, 60 } } },
	{ EDGE(LISTEN, SYN_RECV), "rcv_syn", { 5, 36 }, -1, 3,
	  { { 5, 40 }, { 5, 11 }, { 8, 11 } } },
	{ EDGE(LISTEN, SYN_SENT), "send", { 5, 64 }, 1, 3,
	  { { 5, 59 }, { 5, 82 }, { 8, 82 } } },
	{ EDGE(SYN_SENT, SYN_RECV), "rcv_syn", { 9, 44 }, 1, 2, { { 9, 78 }, { 9, 21 } } },
	{ EDGE(SYN_RECV, ESTABLISHED), "rcv_ack", { 13, 20 }, 1, 3,
	  { { 10, 17 }, { 13, 17 }, { 13, 40 } } },
	{ EDGE(SYN_SENT, ESTABLISHED), "rcv_synack", { 13, 62 }, 1, 3,
	  { { 10, 82 }, { 13, 82 }, { 13, 59 } } },
	{ EDGE(SYN_RECV, FIN_WAIT1), "close", { 14, 8 }, 1, 2, { { 10, 6 }, { 16, 6 } } },
	{ EDGE(ESTABLISHED, FIN_WAIT1), "close", { 15, 18 }, 1, 4,
	  { { 14, 43 }, { 15, 43 }, { 15, 14 }, { 16, 14 } } },
	{ EDGE(ESTABLISHED, CLOSE_WAIT), "rcv_fin", { 15, 60 }, 1, 4,
	  { { 14, 56 }, { 15, 56 }, { 15, 86 }, { 16, 86 } } },
	{ EDGE(FIN_WAIT1, FIN_WAIT2), "rcv_ack", { 19, 6 }, 1, 2, { { 18, 4 }, { 20, 4 } } },
	{ EDGE(FIN_WAIT1, CLOSING), "rcv_fin", { 17, 25 }, 1, 3,
	  { { 17, 21 }, { 17, 49 }, { 20, 49 } } },
	{ EDGE(FIN_WAIT1, TIME_WAIT), "finack", { 21, 31 }, 1, 6,
	  { { 18, 20 }, { 19, 20 }, { 19, 30 }, { 23, 30 }, { 23, 44 }, { 24, 44 } } },
	{ EDGE(CLOSE_WAIT, LAST_ACK), "close", { 19, 85 }, -1, 2, { { 18, 87 }, { 20, 87 } } },
	{ EDGE(FIN_WAIT2, TIME_WAIT), "rcv_fin", { 25, 15 }, 1, 3,
	  { { 22, 11 }, { 25, 11 }, { 25, 40 } } },
	{ EDGE(CLOSING, TIME_WAIT), "rcv_ack", { 23, 55 }, 1, 2, { { 22, 53 }, { 24, 53 } } },
	{ EDGE(LAST_ACK, CLOSE), "rcv_ack", { 23, 85 }, -1, 2, { { 22, 87 }, { 24, 87 } } },
	{ EDGE(TIME_WAIT, CLOSE), "2msl", { 25, 63 }, 1, 2, { { 25, 59 }, { 25, 78 } } },
};

/* clang-format on */

#define NR_EDGES (sizeof(edges) / sizeof(edges[0]))
#define NR_BOXES (sizeof(boxes) / sizeof(boxes[0]))

/**
 * struct drawing - where the figure is, and what is known
 * @c: canvas
 * @y: its first line
 * @x: its first column
 * @top: top
 * @sum: what happened in the seconds that rates are the mean of
 * @seconds: how many seconds those are
 * @fresh: what happened just now
 */
struct drawing {
	struct fsm_canvas *c;
	int y;
	int x;
	const struct top *top;
	struct fsm_second sum;
	unsigned int seconds;
	struct fsm_second fresh;
};

static void put(const struct drawing *d, int y, int x, unsigned int glyph, enum fsm_pen pen)
{
	fsm_canvas_put(d->c, d->y + y, d->x + x, glyph, pen);
}

/* Write a rate in at most four characters. */
static void short_rate(char *text, double rate)
{
	if (rate < 9.95)
		snprintf(text, FORMAT_MAX, rate > 0 ? "%.1f" : "0", rate);
	else if (rate < 999.5)
		snprintf(text, FORMAT_MAX, "%.0f", rate);
	else if (rate < 9950)
		snprintf(text, FORMAT_MAX, "%.1fk", rate / 1000);
	else if (rate < 999500)
		snprintf(text, FORMAT_MAX, "%.0fk", rate / 1000);
	else
		snprintf(text, FORMAT_MAX, "%.1fM", rate / 1e6);
}

/* ---- lines ---- */

enum direction {
	UP,
	DOWN,
	LEFT,
	RIGHT
};

static enum direction direction(const struct point *from, const struct point *to)
{
	if (from->x == to->x)
		return to->y > from->y ? DOWN : UP;
	return to->x > from->x ? RIGHT : LEFT;
}

/* Return the glyph of a line: light, or heavy if the edge is taken just now. */
static unsigned int straight_glyph(enum direction to, bool heavy)
{
	if (to == UP || to == DOWN)
		return heavy ? 0x2503 : 0x2502;
	return heavy ? 0x2501 : 0x2500;
}

/* Return the glyph of a corner where a line that goes @from turns to go @to. */
static unsigned int corner_glyph(enum direction from, enum direction to, bool heavy)
{
	/* The corner connects the side that the line comes from with the side that it goes to. */
	bool down = from == UP || to == DOWN;
	bool right = from == LEFT || to == RIGHT;

	if (down)
		return right ? (heavy ? 0x250f : 0x256d) : (heavy ? 0x2513 : 0x256e);
	return right ? (heavy ? 0x2517 : 0x2570) : (heavy ? 0x251b : 0x256f);
}

/* Return the glyph where a line leaves a frame. */
static unsigned int start_glyph(enum direction to)
{
	static const uint16_t glyphs[] = {
		[UP] = 0x2534, [DOWN] = 0x252c, [LEFT] = 0x2524, [RIGHT] = 0x251c
	};

	return glyphs[to];
}

static unsigned int arrow_glyph(enum direction to)
{
	static const uint16_t glyphs[] = {
		[UP] = 0x25b2, [DOWN] = 0x25bc, [LEFT] = 0x25c0, [RIGHT] = 0x25b6
	};

	return glyphs[to];
}

static void draw_stretch(const struct drawing *d, const struct point *from, const struct point *to,
			 bool heavy, enum fsm_pen pen)
{
	enum direction dir = direction(from, to);
	int dy = dir == DOWN ? 1 : dir == UP ? -1 : 0;
	int dx = dir == RIGHT ? 1 : dir == LEFT ? -1 : 0;
	int y = from->y + dy, x = from->x + dx;

	for (; y != to->y || x != to->x; y += dy, x += dx)
		put(d, y, x, straight_glyph(dir, heavy), pen);
}

static void draw_label(const struct drawing *d, const struct edge *edge, double rate,
		       enum fsm_pen pen)
{
	char text[32], number[FORMAT_MAX];
	int x;

	short_rate(number, rate);
	snprintf(text, sizeof(text), rate > 0 ? " %s %s/s " : " %s ", edge->name, number);
	x = edge->align > 0 ? edge->label.x - 1 : edge->label.x + 1 - (int)strlen(text);
	/* Write the one label without room beside it in two lines. */
	if (edge->old == TCPFSM_FIN_WAIT1 && edge->new == TCPFSM_TIME_WAIT) {
		fsm_canvas_text(d->c, d->y + edge->label.y, d->x + edge->label.x + 1, pen,
				edge->name);
		if (rate > 0)
			fsm_canvas_printf(d->c, d->y + edge->label.y + 1, d->x + edge->label.x + 1,
					  pen, "%s/s", number);
		return;
	}
	fsm_canvas_text(d->c, d->y + edge->label.y, d->x + x, pen, text);
}

static void draw_edge(const struct drawing *d, const struct edge *edge)
{
	bool hot = fsm_second_edge(&d->fresh, edge->old, edge->new);
	double rate = (double)fsm_second_edge(&d->sum, edge->old, edge->new) / d->seconds;
	enum fsm_pen pen = hot ? FSM_PEN_HOT : rate > 0 ? FSM_PEN_PLAIN : FSM_PEN_DIM;
	const struct point *p = edge->points;
	int i, last = edge->nr - 1;

	for (i = 0; i < last; i++)
		draw_stretch(d, &p[i], &p[i + 1], hot, pen);
	for (i = 1; i < last; i++)
		put(d, p[i].y, p[i].x,
		    corner_glyph(direction(&p[i - 1], &p[i]), direction(&p[i], &p[i + 1]), hot),
		    pen);
	put(d, p[0].y, p[0].x, start_glyph(direction(&p[0], &p[1])), pen);
	put(d, p[last].y, p[last].x, arrow_glyph(direction(&p[last - 1], &p[last])), pen);
	draw_label(d, edge, rate, pen);
}

/* ---- boxes ---- */

static void draw_frame(const struct drawing *d, const struct box *box, enum fsm_pen pen)
{
	int i, right = box->x + BOX_WIDTH - 1, bottom = box->y + BOX_HEIGHT - 1;

	for (i = 1; i < BOX_WIDTH - 1; i++) {
		put(d, box->y, box->x + i, 0x2500, pen);
		put(d, bottom, box->x + i, 0x2500, pen);
	}
	for (i = 1; i < BOX_HEIGHT - 1; i++) {
		put(d, box->y + i, box->x, 0x2502, pen);
		put(d, box->y + i, right, 0x2502, pen);
	}
	put(d, box->y, box->x, 0x250c, pen);
	put(d, box->y, right, 0x2510, pen);
	put(d, bottom, box->x, 0x2514, pen);
	put(d, bottom, right, 0x2518, pen);
}

static void draw_exit(const struct drawing *d, const struct box *box)
{
	double rate = (double)d->sum.edge[box->state][TCPFSM_CLOSE] / d->seconds;
	char number[FORMAT_MAX];

	if (!box->exit || !(rate > 0))
		return;
	short_rate(number, rate);
	fsm_canvas_printf(d->c, d->y + box->y + BOX_HEIGHT - 1, d->x + box->exit, FSM_PEN_BAD,
			  "×%s/s", number);
}

static void draw_box(const struct drawing *d, const struct box *box)
{
	uint32_t n = d->top->model.population[box->state];
	enum fsm_pen pen = format_state_pen(box->state);
	char text[FORMAT_MAX];

	draw_frame(d, box, n ? pen : FSM_PEN_DIM);
	fsm_canvas_text(d->c, d->y + box->y + 1, d->x + box->x + 2, pen,
			tcpfsm_state_name(box->state));
	if (box->state == TCPFSM_CLOSE)
		return;
	format_count(text, n);
	fsm_canvas_right(d->c, d->y + box->y + 1, d->x + box->x + BOX_WIDTH - 7, 5,
			 n ? FSM_PEN_TITLE : FSM_PEN_DIM, text);
}

static bool has_line(unsigned int old, unsigned int new)
{
	size_t i;

	for (i = 0; i < NR_EDGES; i++)
		if (edges[i].old == old && edges[i].new == new)
			return true;
	for (i = 0; i < NR_BOXES; i++)
		if (boxes[i].state == old && boxes[i].exit && new == TCPFSM_CLOSE)
			return true;
	return false;
}

/* Write also the edges that have no line: nothing is hidden. */
static double other_rate(const struct drawing *d)
{
	double sum = 0;
	unsigned int from, to;

	for (from = 0; from < TCPFSM_NR_STATES; from++)
		for (to = 0; to < TCPFSM_NR_STATES; to++)
			if (!has_line(from, to))
				sum += d->sum.edge[from][to];
	return sum / d->seconds;
}

static void draw_legend(const struct drawing *d)
{
	char number[FORMAT_MAX];
	double others = other_rate(d);

	fsm_canvas_text(d->c, d->y, d->x, FSM_PEN_TITLE, "TCP, RFC 9293, figure 5");
	fsm_canvas_text(d->c, d->y + 1, d->x, FSM_PEN_DIM,
			"boxes: connections   lines: each second");
	fsm_canvas_text(d->c, d->y + 2, d->x, FSM_PEN_BAD, "×");
	fsm_canvas_text(d->c, d->y + 2, d->x + 1, FSM_PEN_DIM, " to CLOSE by RST, abort, timeout");
	if (others > 0) {
		short_rate(number, others);
		fsm_canvas_printf(d->c, d->y + 3, d->x, FSM_PEN_NOTE, "other edges: %s/s", number);
	}
}

/**
 * view_diagram() - draw the diagram, or a list of edges if there is no room for it
 * @frame: frame
 * @top: top
 * @y: first line
 * @end: line behind the last one
 */
void view_diagram(struct frame *frame, struct top *top, int y, int end)
{
	struct drawing d = { .c = &frame->canvas, .top = top };
	size_t i;

	if (end - y < HEIGHT || frame->canvas.width < WIDTH) {
		view_edges(frame, top, y, end, 0, frame->canvas.width);
		return;
	}
	/* Draw a batch at the left, at the top. */
	if (!top->batch)
		d.x = (frame->canvas.width - WIDTH) / 2;
	d.y = top->batch ? y : y + (end - y - HEIGHT) / 2;
	d.seconds = fsm_rates_window(&top->rates, top->now_ns);
	fsm_rates_sum(&top->rates, top->now_ns, FSM_RATES_WINDOW, &d.sum);
	fsm_rates_sum(&top->rates, top->now_ns + FSM_NS_PER_SECOND, 2, &d.fresh);
	for (i = 0; i < NR_BOXES; i++)
		draw_box(&d, &boxes[i]);
	for (i = 0; i < NR_EDGES; i++)
		draw_edge(&d, &edges[i]);
	for (i = 0; i < NR_BOXES; i++)
		draw_exit(&d, &boxes[i]);
	draw_legend(&d);
}
