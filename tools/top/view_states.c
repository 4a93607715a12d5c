// SPDX-License-Identifier: GPL-2.0
/*
 * view_states.c - how many connections are in each state, for how long, and where they go
 */
#include "view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "format.h"
#include "model/limits.h"
#include "out/fields.h"

#define SPARK_MAX 300

/* Columns begin here; one that a narrow terminal has no room for has a width of 0. */
struct columns {
	int count, in, out, stuck, bar, bar_width, spark, spark_width, p50, p99;
};

static struct columns lay_out(int width)
{
	struct columns l = { .count = 12 };
	int x = 20, rest;

	if (width >= 90) {
		l.in = x;
		l.out = x + 6;
		x += 12;
	}
	if (width >= 80) {
		l.stuck = x;
		x += 6;
	}
	l.p99 = width - 6;
	l.p50 = width - 13;
	rest = l.p50 - 1 - x;
	l.bar = x;
	l.bar_width = rest * 2 / 5 > 40 ? 40 : rest * 2 / 5;
	l.spark = x + l.bar_width + 1;
	l.spark_width = l.p50 - 1 - l.spark > SPARK_MAX ? SPARK_MAX : l.p50 - 1 - l.spark;
	return l;
}

static void draw_heads(struct fsm_canvas *c, const struct columns *l, int y)
{
	char text[32];

	fsm_canvas_printf(c, y, 0, FSM_PEN_HEAD, "%-*s", c->width, "STATE");
	fsm_canvas_right(c, y, l->count, 7, FSM_PEN_HEAD, "CONNS");
	if (l->in) {
		fsm_canvas_right(c, y, l->in, 5, FSM_PEN_HEAD, "IN/s");
		fsm_canvas_right(c, y, l->out, 5, FSM_PEN_HEAD, "OUT/s");
	}
	if (l->stuck)
		fsm_canvas_right(c, y, l->stuck, 5, FSM_PEN_HEAD, "STUCK");
	fsm_canvas_text(c, y, l->bar, FSM_PEN_HEAD, "SHARE");
	snprintf(text, sizeof(text), "LAST %d s", l->spark_width);
	fsm_canvas_text(c, y, l->spark, FSM_PEN_HEAD, text);
	fsm_canvas_right(c, y, l->p50, 6, FSM_PEN_HEAD, "P50");
	fsm_canvas_right(c, y, l->p99, 6, FSM_PEN_HEAD, "P99");
}

static double into(const struct fsm_second *s, unsigned int state)
{
	double sum = 0;
	unsigned int i;

	for (i = 0; i < TCPFSM_NR_STATES; i++)
		sum += s->edge[i][state];
	return sum;
}

static double out_of(const struct fsm_second *s, unsigned int state)
{
	double sum = 0;
	unsigned int i;

	for (i = 0; i < TCPFSM_NR_STATES; i++)
		/* A listener stays where it is when it gets a request. */
		if (state != TCPFSM_LISTEN || i != TCPFSM_SYN_RECV)
			sum += s->edge[state][i];
	return sum;
}

static void draw_rate(struct fsm_canvas *c, int y, int x, double rate)
{
	char text[FORMAT_MAX];

	if (rate <= 0) {
		fsm_canvas_right(c, y, x, 5, FSM_PEN_DIM, "·");
		return;
	}
	format_rate(text, rate);
	fsm_canvas_right(c, y, x, 5, FSM_PEN_PLAIN, text);
}

static void draw_dwell(struct fsm_canvas *c, const struct top *top, int y, int x,
		       unsigned int state, unsigned int percent)
{
	char text[FORMAT_MAX];
	uint64_t us;

	if (state == TCPFSM_CLOSE ||
	    !fsm_rates_dwell(&top->rates, top->now_ns, state, percent, &us)) {
		fsm_canvas_right(c, y, x, 6, FSM_PEN_DIM, "-");
		return;
	}
	format_time(text, us);
	fsm_canvas_right(c, y, x, 6, FSM_PEN_PLAIN, text);
}

/* No connection stays in CLOSE: count how many got there in each second. */
static void ended(const struct top *top, uint32_t *past, int nr)
{
	uint64_t second = top->now_ns / FSM_NS_PER_SECOND;

	while (nr--) {
		const struct fsm_second *s = fsm_rates_second(&top->rates, second);

		past[nr] = s ? (uint32_t)into(s, TCPFSM_CLOSE) : 0;
		if (second-- == 0) {
			memset(past, 0, (size_t)nr * sizeof(*past));
			return;
		}
	}
}

static void draw_state(struct fsm_canvas *c, const struct top *top, const struct columns *l, int y,
		       unsigned int state, const struct fsm_second *sum, uint32_t stuck,
		       uint32_t all)
{
	uint32_t n = top->model.population[state], past[SPARK_MAX];
	unsigned int window = fsm_rates_window(&top->rates, top->now_ns);
	enum fsm_pen pen = format_state_pen(state);
	char text[FORMAT_MAX];

	fsm_canvas_text(c, y, 0, pen, tcpfsm_state_name(state));
	format_count(text, n);
	if (state == TCPFSM_CLOSE)
		fsm_canvas_right(c, y, l->count, 7, FSM_PEN_DIM, "-");
	else
		fsm_canvas_right(c, y, l->count, 7, n ? FSM_PEN_TITLE : FSM_PEN_DIM, text);
	if (l->in) {
		draw_rate(c, y, l->in, into(sum, state) / window);
		draw_rate(c, y, l->out, out_of(sum, state) / window);
	}
	if (l->stuck && stuck) {
		format_count(text, stuck);
		fsm_canvas_right(c, y, l->stuck, 5, FSM_PEN_BAD, text);
	}
	if (state == TCPFSM_CLOSE) {
		ended(top, past, l->spark_width);
	} else {
		fsm_canvas_bar(c, y, l->bar, l->bar_width, pen, all ? (double)n / all : 0);
		fsm_rates_history(&top->rates, top->now_ns, state, n, past,
				  (unsigned int)l->spark_width);
	}
	fsm_canvas_spark(c, y, l->spark, l->spark_width, pen, past);
	draw_dwell(c, top, y, l->p50, state, 50);
	draw_dwell(c, top, y, l->p99, state, 99);
}

/* ---- edges and causes ---- */

struct line {
	unsigned int old, new;
	uint64_t recent, total;
};

/* Sort the edges of the last seconds first, then the most frequent ones. */
static int compare_lines(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->recent != y->recent)
		return x->recent > y->recent ? -1 : 1;
	if (x->total != y->total)
		return x->total > y->total ? -1 : 1;
	return x->old != y->old ? (int)x->old - (int)y->old : (int)x->new - (int)y->new;
}

static uint64_t total_of(const struct fsm_rates *rates, unsigned int old, unsigned int new)
{
	uint64_t n = rates->total[old][new];

	if (old == TCPFSM_FIN_WAIT1 && new == TCPFSM_TIME_WAIT)
		return n + rates->total_finack;
	if ((old == TCPFSM_FIN_WAIT1 && new == TCPFSM_FIN_WAIT2) ||
	    (old == TCPFSM_FIN_WAIT2 && new == TCPFSM_TIME_WAIT))
		return n > rates->total_finack ? n - rates->total_finack : 0;
	return n;
}

static unsigned int collect_edges(const struct top *top, const struct fsm_second *sum,
				  struct line *lines)
{
	unsigned int from, to, nr = 0;

	for (from = 0; from < TCPFSM_NR_STATES; from++) {
		for (to = 0; to < TCPFSM_NR_STATES; to++) {
			struct line line = { .old = from, .new = to };

			line.recent = fsm_second_edge(sum, from, to);
			line.total = total_of(&top->rates, from, to);
			if (line.total)
				lines[nr++] = line;
		}
	}
	qsort(lines, nr, sizeof(*lines), compare_lines);
	return nr;
}

static void draw_numbers(struct fsm_canvas *c, const struct top *top, int y, int x,
			 const struct line *line)
{
	char text[FORMAT_MAX];

	draw_rate(c, y, x, (double)line->recent / fsm_rates_window(&top->rates, top->now_ns));
	format_count(text, line->total);
	fsm_canvas_right(c, y, x + 6, 7, FSM_PEN_PLAIN, text);
}

/**
 * view_edges() - draw the edges that were taken, the busiest first
 * @frame: frame
 * @top: top
 * @y: first line
 * @end: line behind the last one
 * @x: first column
 * @width: columns; 39 and more are used
 */
void view_edges(struct frame *frame, struct top *top, int y, int end, int x, int width)
{
	struct line lines[TCPFSM_NR_STATES * TCPFSM_NR_STATES];
	struct fsm_canvas *c = &frame->canvas;
	struct fsm_second sum;
	unsigned int nr, i;

	fsm_rates_sum(&top->rates, top->now_ns, FSM_RATES_WINDOW, &sum);
	nr = collect_edges(top, &sum, lines);
	fsm_canvas_printf(c, y, x, FSM_PEN_HEAD, "%-26s%5s%8s%*s", "TRANSITION", "/s", "TOTAL",
			  width > 39 ? width - 39 : 0, "");
	for (i = 0; i < nr && ++y < end; i++) {
		const struct line *l = &lines[i];
		bool legal = tcpfsm_edge_legal(l->old, l->new);
		enum fsm_pen pen = legal ? FSM_PEN_DIM : FSM_PEN_BAD;

		fsm_canvas_text(c, y, x, format_state_pen(l->old), tcpfsm_state_name(l->old));
		fsm_canvas_text(c, y, x + 12, pen, legal ? "→" : "!");
		fsm_canvas_text(c, y, x + 14, format_state_pen(l->new), tcpfsm_state_name(l->new));
		draw_numbers(c, top, y, x + 26, l);
		if (width > 44 && lines[0].recent)
			fsm_canvas_bar(c, y, x + 40, width - 41, FSM_PEN_HOT,
				       (double)l->recent / (double)lines[0].recent);
	}
}

static void draw_causes(struct fsm_canvas *c, const struct top *top, const struct fsm_second *sum,
			int y, int end, int x)
{
	struct line lines[TCPFSM_NR_CAUSES];
	unsigned int cause, nr = 0, i;

	for (cause = 0; cause < TCPFSM_NR_CAUSES; cause++)
		if (top->rates.total_cause[cause])
			lines[nr++] = (struct line){ cause, 0, sum->cause[cause],
						     top->rates.total_cause[cause] };
	qsort(lines, nr, sizeof(*lines), compare_lines);
	fsm_canvas_printf(c, y, x, FSM_PEN_HEAD, "%-16s%5s%8s%*s", "CAUSE", "/s", "TOTAL", c->width,
			  "");
	for (i = 0; i < nr && ++y < end; i++) {
		fsm_canvas_text(c, y, x, FSM_PEN_CAUSE, tcpfsm_cause_name(lines[i].old));
		draw_numbers(c, top, y, x + 16, &lines[i]);
	}
}

static uint32_t all_of(const struct top *top)
{
	uint32_t sum = 0;
	unsigned int state;

	for (state = 1; state < TCPFSM_NR_STATES; state++)
		sum += top->model.population[state];
	return sum;
}

/**
 * view_states() - draw the states, with edges and causes below
 * @frame: frame
 * @top: top
 * @y: first line
 * @end: line behind the last one
 */
void view_states(struct frame *frame, struct top *top, int y, int end)
{
	struct fsm_canvas *c = &frame->canvas;
	struct columns l = lay_out(c->width);
	uint32_t stuck[TCPFSM_NR_STATES], all = all_of(top);
	struct fsm_second sum;
	int causes = c->width >= 74 ? c->width - 30 : 0;
	unsigned int i;

	fsm_rates_sum(&top->rates, top->now_ns, FSM_RATES_WINDOW, &sum);
	fsm_count_stuck(&top->model, top->now_ns, stuck);
	draw_heads(c, &l, y++);
	for (i = 0; i < TCPFSM_NR_STATES - 1 && y < end; i++)
		draw_state(c, top, &l, y++, format_state_order[i], &sum,
			   stuck[format_state_order[i]], all);
	/* There has to be room for a blank line, a head and one line. */
	if (++y + 2 > end)
		return;
	view_edges(frame, top, y, end, 0, causes ? causes - 2 : c->width);
	if (causes)
		draw_causes(c, top, &sum, y, end, causes);
}
