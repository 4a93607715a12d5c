// SPDX-License-Identifier: GPL-2.0
/*
 * frame.c - a whole screen: head line, the screen that is looked at, bottom line
 */
#include "frame.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "format.h"
#include "keys.h"
#include "life.h"

static const char *const screen_names[NR_SCREENS] = {
	[SCREEN_STATES] = "States", [SCREEN_CONNS] = "Connections",   [SCREEN_DIAGRAM] = "Diagram",
	[SCREEN_LIFE] = "Life",	    [SCREEN_LISTENERS] = "Listeners",
};

void frame_zone(struct frame *frame, int y, int x, int width, int kind, int arg)
{
	if (frame->nr_zones < FRAME_ZONES)
		frame->zones[frame->nr_zones++] =
			(struct zone){ .y = y, .x = x, .width = width, .kind = kind, .arg = arg };
}

const struct zone *frame_at(const struct frame *frame, int y, int x)
{
	unsigned int i;

	for (i = 0; i < frame->nr_zones; i++) {
		const struct zone *z = &frame->zones[i];

		if (z->y == y && x >= z->x && x < z->x + z->width)
			return z;
	}
	return NULL;
}

static uint32_t connections(const struct top *top)
{
	uint32_t sum = 0;
	unsigned int state;

	for (state = 1; state < TCPFSM_NR_STATES; state++)
		if (state != TCPFSM_LISTEN)
			sum += top->model.population[state];
	return sum;
}

/* The time of day, or that of the recorder where it did not say. */
static void clock_text(const struct top *top, char *text, size_t size)
{
	time_t seconds = (time_t)((top->now_ns + top->wall_ns) / FSM_NS_PER_SECOND);
	struct tm tm;

	if (top->wall_ns && localtime_r(&seconds, &tm))
		strftime(text, size, "%H:%M:%S", &tm);
	else
		snprintf(text, size, "%.1fs", (double)top->now_ns / 1e9);
}

static int draw_mode(struct canvas *c, const struct top *top, int x)
{
	double behind = (double)(top->newest_ns - top->now_ns) / 1e9;

	if (top->paused)
		return canvas_printf(c, 0, x, INK_NOTE, behind >= 0.5 ? "PAUSED -%.0fs" : "PAUSED",
				     behind);
	if (!top->replay)
		return canvas_text(c, 0, x, INK_UP, "● live");
	if (top->ended)
		return canvas_text(c, 0, x, INK_NOTE, "▶ end");
	if (top->speed > 0)
		return canvas_printf(c, 0, x, INK_UP, "▶ %g×", top->speed);
	return canvas_text(c, 0, x, INK_UP, "▶ max");
}

static void draw_head(struct canvas *c, const struct top *top)
{
	char text[64], rate[FORMAT_MAX], conns[FORMAT_MAX];
	struct fsm_second sum;
	int x;

	fsm_rates_sum(&top->rates, top->now_ns, FSM_RATES_WINDOW, &sum);
	format_rate(rate, (double)sum.events / fsm_rates_window(&top->rates, top->now_ns));
	format_count(conns, connections(top));
	clock_text(top, text, sizeof(text));

	x = canvas_text(c, 0, 0, INK_TITLE, "fsmtop");
	x = canvas_printf(c, 0, x + 1, INK_PLAIN, "%.*s", c->width < 80 ? 16 : 40, top->host);
	x = canvas_text(c, 0, x + 1, INK_DIM, text);
	x = draw_mode(c, top, x + 2);
	x = canvas_printf(c, 0, x + 2, INK_PLAIN,
			  c->width < 80 ? "%s ev/s  %s conns" : "%s events/s  %s connections", rate,
			  conns);
	if (!top->lost && !top->lost_more)
		return;
	format_count(text, top->lost);
	canvas_printf(c, 0, x + 2, INK_BAD, "%s%s lost", text, top->lost_more ? "+" : "");
}

static void draw_screens(struct frame *frame, const struct top *top)
{
	struct canvas *c = &frame->canvas;
	unsigned int i;
	int x = 0;

	for (i = 0; i < NR_SCREENS; i++) {
		bool here = i == top->screen && !top->help;
		int start = x;

		x = canvas_printf(c, 1, x, here ? INK_CHOSEN : INK_DIM, " %u %s ", i + 1,
				  screen_names[i]);
		frame_zone(frame, 1, start, x - start, ZONE_KEY, (int)('1' + i));
	}
	if (top->filter[0])
		canvas_printf(c, 1, x + 1, INK_NOTE, "filter: %s", top->filter);
}

static void draw_keys(struct frame *frame, const struct top *top, int y)
{
	struct canvas *c = &frame->canvas;
	size_t i;
	int x = 0;

	for (i = 0; i < nr_keys; i++) {
		int start = x;

		if (!keys[i].label || !(keys[i].screens & 1u << top->screen))
			continue;
		if (x + (int)strlen(keys[i].cap) + (int)strlen(keys[i].label) + 1 > c->width)
			break;
		x = canvas_text(c, y, x, INK_KEY, keys[i].cap);
		x = canvas_text(c, y, x, INK_LABEL, keys[i].label);
		frame_zone(frame, y, start, x - start, ZONE_KEY, keys[i].code);
		x = canvas_text(c, y, x, INK_PLAIN, " ");
	}
}

/* The end of what is typed is always seen, and so is the character that is wrong. */
static void draw_prompt(struct canvas *c, const struct top *top, int y)
{
	static const char prompt[] = "Filter: ";
	int room = c->width - (int)sizeof(prompt), skip, x, at;

	skip = (int)strlen(top->typed) - room;
	if (top->complaint && (int)top->typed_at < skip)
		skip = (int)top->typed_at;
	if (skip < 0)
		skip = 0;
	x = canvas_text(c, y, 0, INK_KEY, prompt);
	at = x + (int)top->typed_at - skip;
	x = canvas_text(c, y, x, INK_PLAIN, top->typed + skip);
	canvas_put(c, y, x, ' ', INK_CHOSEN);
	if (!top->complaint)
		return;
	canvas_ink(c, y, at, 1, INK_BAD);
	at = at + (int)strlen(top->complaint) + 2 > c->width ?
		     c->width - (int)strlen(top->complaint) - 2 :
		     at;
	canvas_printf(c, y - 1, 0, INK_PLAIN, "%*s", c->width, "");
	canvas_printf(c, y - 1, at < 0 ? 0 : at, INK_BAD, "▼ %s", top->complaint);
}

static void draw_bottom(struct frame *frame, const struct top *top)
{
	int y = frame->canvas.height - 1;

	if (top->typing)
		draw_prompt(&frame->canvas, top, y);
	else if (top->notice[0])
		canvas_text(&frame->canvas, y, 0, INK_NOTE, top->notice);
	else
		draw_keys(frame, top, y);
}

static void draw_screen(struct frame *frame, struct top *top, int y, int end)
{
	struct canvas *c = &frame->canvas;

	static void (*const views[NR_SCREENS])(struct frame *, struct top *, int, int) = {
		[SCREEN_STATES] = view_states,	     [SCREEN_CONNS] = view_conns,
		[SCREEN_DIAGRAM] = view_diagram,     [SCREEN_LIFE] = view_life,
		[SCREEN_LISTENERS] = view_listeners,
	};

	life_refresh(top, c->width);
	if (top->help)
		view_help(frame, top, y, end);
	else
		views[top->screen](frame, top, y, end);
}

/**
 * frame_draw() - draw a whole screen
 * @frame: frame, its canvas of the size that is wanted
 * @top: what is looked at
 */
void frame_draw(struct frame *frame, struct top *top)
{
	struct canvas *c = &frame->canvas;

	canvas_clear(c);
	frame->nr_zones = 0;
	if (c->width < FRAME_WIDTH_MIN || c->height < FRAME_HEIGHT_MIN) {
		canvas_printf(c, 0, 0, INK_NOTE, "%dx%d: fsmtop wants", c->width, c->height);
		canvas_printf(c, 1, 0, INK_NOTE, "%dx%d at least", FRAME_WIDTH_MIN,
			      FRAME_HEIGHT_MIN);
		return;
	}
	draw_head(c, top);
	if (top->batch) {
		draw_screen(frame, top, 1, c->height);
		return;
	}
	draw_screens(frame, top);
	draw_screen(frame, top, FRAME_ABOVE, c->height - FRAME_BELOW);
	draw_bottom(frame, top);
}

/* Lines that a batch of text has for a screen: enough for all of it, within reason. */
int frame_batch_height(struct top *top)
{
	uint32_t lines;

	switch (top->screen) {
	case SCREEN_CONNS:
		lines = top->model.nr + 2;
		break;
	case SCREEN_LISTENERS:
		lines = top->model.nr_listeners + 2;
		break;
	case SCREEN_LIFE:
		lines = 20 * LIFE_EVENTS;
		break;
	default:
		lines = 60;
	}
	if (lines < FRAME_HEIGHT_MIN)
		return FRAME_HEIGHT_MIN;
	return lines < 10000 ? (int)lines : 10000;
}
