// SPDX-License-Identifier: GPL-2.0
/*
 * screen.c - the whole screen: head line, the view that is looked at, bottom line
 */
#include "screen.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "format.h"
#include "keys.h"
#include "view.h"

/* Lines of the screen that are not the view's: head, tabs, keys. */
#define LINES_ABOVE 2
#define LINES_BELOW 1

static const struct {
	const char *name;
	void (*update)(struct top *top, int width, int lines);
	void (*draw)(struct frame *frame, struct top *top, int y, int end);
} views[NR_VIEWS] = {
	[VIEW_STATES] = { "States", NULL, view_states },
	[VIEW_CONNS] = { "Connections", view_conns_update, view_conns },
	[VIEW_DIAGRAM] = { "Diagram", NULL, view_diagram },
	[VIEW_LADDER] = { "Life", view_ladder_update, view_ladder },
	[VIEW_LISTENERS] = { "Listeners", view_listeners_update, view_listeners },
};

static uint32_t connections(const struct top *top)
{
	uint32_t sum = 0;
	unsigned int state;

	for (state = 1; state < TCPFSM_NR_STATES; state++)
		if (state != TCPFSM_LISTEN)
			sum += top->model.population[state];
	return sum;
}

/* Write the time of day, or the clock of the recorder if the time of day is not known. */
static void clock_text(const struct top *top, char *text, size_t size)
{
	time_t seconds = (time_t)((top->now_ns + top->wall_ns) / FSM_NS_PER_SECOND);
	struct tm tm;

	if (top->wall_ns && localtime_r(&seconds, &tm))
		strftime(text, size, "%H:%M:%S", &tm);
	else
		snprintf(text, size, "%.1fs", (double)top->now_ns / 1e9);
}

static int draw_mode(struct fsm_canvas *c, const struct top *top, int x)
{
	double behind = (double)(top->newest_ns - top->now_ns) / 1e9;

	if (top->paused)
		return fsm_canvas_printf(c, 0, x, FSM_PEN_NOTE,
					 behind >= 0.5 ? "PAUSED -%.0fs" : "PAUSED", behind);
	if (!top->replay)
		return fsm_canvas_text(c, 0, x, FSM_PEN_UP, "● live");
	if (top->ended)
		return fsm_canvas_text(c, 0, x, FSM_PEN_NOTE, "▶ end");
	if (top->speed > 0)
		return fsm_canvas_printf(c, 0, x, FSM_PEN_UP, "▶ %g×", top->speed);
	return fsm_canvas_text(c, 0, x, FSM_PEN_UP, "▶ max");
}

static void draw_head(struct fsm_canvas *c, const struct top *top)
{
	char text[64], rate[FORMAT_MAX], conns[FORMAT_MAX];
	struct fsm_second sum;
	int x;

	fsm_rates_sum(&top->rates, top->now_ns, FSM_RATES_WINDOW, &sum);
	format_rate(rate, (double)sum.events / fsm_rates_window(&top->rates, top->now_ns));
	format_count(conns, connections(top));
	clock_text(top, text, sizeof(text));

	x = fsm_canvas_text(c, 0, 0, FSM_PEN_TITLE, "fsmtop");
	x = fsm_canvas_printf(c, 0, x + 1, FSM_PEN_PLAIN, "%.*s", c->width < 80 ? 16 : 40,
			      top->host);
	x = fsm_canvas_text(c, 0, x + 1, FSM_PEN_DIM, text);
	x = draw_mode(c, top, x + 2);
	x = fsm_canvas_printf(c, 0, x + 2, FSM_PEN_PLAIN,
			      c->width < 80 ? "%s ev/s  %s conns" : "%s events/s  %s connections",
			      rate, conns);
	if (!top->lost && !top->lost_more)
		return;
	format_count(text, top->lost);
	fsm_canvas_printf(c, 0, x + 2, FSM_PEN_BAD, "%s%s lost", text, top->lost_more ? "+" : "");
}

static void draw_tabs(struct frame *frame, const struct top *top)
{
	struct fsm_canvas *c = &frame->canvas;
	unsigned int i;
	int x = 0;

	for (i = 0; i < NR_VIEWS; i++) {
		bool here = i == top->view && !top->help;
		int start = x;

		x = fsm_canvas_printf(c, 1, x, here ? FSM_PEN_CHOSEN : FSM_PEN_DIM, " %u %s ",
				      i + 1, views[i].name);
		frame_zone(frame, 1, start, x - start, ZONE_KEY, (int)('1' + i));
	}
	if (top->filter[0])
		fsm_canvas_printf(c, 1, x + 1, FSM_PEN_NOTE, "filter: %s", top->filter);
}

static void draw_keys(struct frame *frame, const struct top *top, int y)
{
	struct fsm_canvas *c = &frame->canvas;
	size_t i;
	int x = 0;

	for (i = 0; i < top_nr_keys; i++) {
		int start = x;

		if (!top_keys[i].label || !(top_keys[i].views & 1u << top->view))
			continue;
		if (x + (int)strlen(top_keys[i].cap) + (int)strlen(top_keys[i].label) + 1 >
		    c->width)
			break;
		x = fsm_canvas_text(c, y, x, FSM_PEN_KEY, top_keys[i].cap);
		x = fsm_canvas_text(c, y, x, FSM_PEN_LABEL, top_keys[i].label);
		frame_zone(frame, y, start, x - start, ZONE_KEY, top_keys[i].code);
		x = fsm_canvas_text(c, y, x, FSM_PEN_PLAIN, " ");
	}
}

/* Show the end of the typed text always, and also the character that is wrong. */
static void draw_prompt(struct fsm_canvas *c, const struct top *top, int y)
{
	static const char prompt[] = "Filter: ";
	int room = c->width - (int)sizeof(prompt), skip, x, at;

	skip = (int)strlen(top->typed) - room;
	if (top->complaint && (int)top->typed_at < skip)
		skip = (int)top->typed_at;
	if (skip < 0)
		skip = 0;
	x = fsm_canvas_text(c, y, 0, FSM_PEN_KEY, prompt);
	at = x + (int)top->typed_at - skip;
	x = fsm_canvas_text(c, y, x, FSM_PEN_PLAIN, top->typed + skip);
	fsm_canvas_put(c, y, x, ' ', FSM_PEN_CHOSEN);
	if (!top->complaint)
		return;
	fsm_canvas_repen(c, y, at, 1, FSM_PEN_BAD);
	at = at + (int)strlen(top->complaint) + 2 > c->width ?
		     c->width - (int)strlen(top->complaint) - 2 :
		     at;
	fsm_canvas_printf(c, y - 1, 0, FSM_PEN_PLAIN, "%*s", c->width, "");
	fsm_canvas_printf(c, y - 1, at < 0 ? 0 : at, FSM_PEN_BAD, "▼ %s", top->complaint);
}

static void draw_bottom(struct frame *frame, const struct top *top)
{
	int y = frame->canvas.height - 1;

	if (top->typing)
		draw_prompt(&frame->canvas, top, y);
	else if (top->notice[0])
		fsm_canvas_text(&frame->canvas, y, 0, FSM_PEN_NOTE, top->notice);
	else
		draw_keys(frame, top, y);
}

static bool is_too_small(const struct fsm_canvas *c)
{
	return c->width < SCREEN_WIDTH_MIN || c->height < SCREEN_HEIGHT_MIN;
}

/* Return the first line of the view. */
static int view_begin(const struct top *top)
{
	return top->batch ? 1 : LINES_ABOVE;
}

/* Return the line behind the last one of the view. */
static int view_end(const struct top *top, const struct fsm_canvas *c)
{
	return top->batch ? c->height : c->height - LINES_BELOW;
}

/**
 * screen_update() - work out what the view shows, before it is drawn
 * @frame: frame, its canvas of the size that is wanted
 * @top: what is looked at
 */
void screen_update(const struct frame *frame, struct top *top)
{
	const struct fsm_canvas *c = &frame->canvas;
	int lines = view_end(top, c) - view_begin(top);

	if (is_too_small(c))
		return;
	if (top->help)
		view_help_update(top, c->width, lines);
	else if (views[top->view].update)
		views[top->view].update(top, c->width, lines);
}

/**
 * screen_draw() - draw the whole screen
 * @frame: frame, its canvas of the size that is wanted
 * @top: what is looked at, after screen_update()
 */
void screen_draw(struct frame *frame, struct top *top)
{
	struct fsm_canvas *c = &frame->canvas;

	fsm_canvas_clear(c);
	frame->nr_zones = 0;
	if (is_too_small(c)) {
		fsm_canvas_printf(c, 0, 0, FSM_PEN_NOTE, "%dx%d: fsmtop wants", c->width,
				  c->height);
		fsm_canvas_printf(c, 1, 0, FSM_PEN_NOTE, "%dx%d at least", SCREEN_WIDTH_MIN,
				  SCREEN_HEIGHT_MIN);
		return;
	}
	draw_head(c, top);
	if (!top->batch)
		draw_tabs(frame, top);
	if (top->help)
		view_help(frame, top, view_begin(top), view_end(top, c));
	else
		views[top->view].draw(frame, top, view_begin(top), view_end(top, c));
	if (!top->batch)
		draw_bottom(frame, top);
}

/* Return how many lines a batch of text has: enough for all of the view, within reason. */
int screen_batch_height(const struct top *top)
{
	uint32_t lines;

	switch (top->view) {
	case VIEW_CONNS:
		lines = top->model.nr + 2;
		break;
	case VIEW_LISTENERS:
		lines = top->model.nr_listeners + 2;
		break;
	case VIEW_LADDER:
		lines = 20 * TOP_LADDER_EVENTS;
		break;
	default:
		lines = 60;
	}
	if (lines < SCREEN_HEIGHT_MIN)
		return SCREEN_HEIGHT_MIN;
	return lines < 10000 ? (int)lines : 10000;
}
