// SPDX-License-Identifier: GPL-2.0
/*
 * terminal.c - show the screen and take keys, until the user has had enough
 */
#include "terminal.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/clock.h"
#include "base/stop.h"
#include "keys.h"
#include "screen.h"
#include "tty.h"

/* Take events that often: the stream is not overrun, and the program not always awake. */
#define TICK_NS 40000000ull

/**
 * struct terminal - a run
 * @opt: options
 * @feed: source
 * @top: top
 * @frame: what is seen
 * @next_ns: when to draw it again
 * @is_stale: it is to be drawn now
 * @quit: the user has had enough
 */
struct terminal {
	const struct options *opt;
	struct feed *feed;
	struct top *top;
	struct frame frame;
	uint64_t next_ns;
	bool is_stale;
	bool quit;
};

static int resize(struct terminal *t)
{
	int width, height;

	tty_size(&width, &height);
	t->is_stale = true;
	return fsm_canvas_resize(&t->frame.canvas, width, height);
}

static enum key_result click(struct terminal *t, const struct click *where)
{
	const struct zone *zone = frame_at(&t->frame, where->y, where->x);

	if (!zone)
		return KEY_IGNORED;
	switch (zone->kind) {
	case ZONE_SORT:
		return keys_sort_by(t->top, (enum top_sort)zone->arg);
	case ZONE_LINE:
		return keys_choose_line(t->top, (uint32_t)zone->arg);
	default:
		return keys_press(t->top, zone->arg);
	}
}

static int take_keys(struct terminal *t)
{
	struct click where;
	int code;

	while ((code = tty_key(&where)) != TTY_NOTHING) {
		enum key_result result;

		if (code == TTY_RESIZED) {
			if (resize(t))
				return -1;
			continue;
		}
		result = code == TTY_CLICKED ? click(t, &where) : keys_press(t->top, code);
		if (result == KEY_QUIT)
			t->quit = true;
		if (result == KEY_REPAINT)
			tty_repaint();
		if (result != KEY_IGNORED)
			t->is_stale = true;
	}
	return 0;
}

static void draw(struct terminal *t)
{
	feed_ask_queues(t->feed, t->top);
	screen_update(&t->frame, t->top);
	screen_draw(&t->frame, t->top);
	tty_show(&t->frame.canvas);
	t->is_stale = false;
	t->next_ns = fsm_now_ns() + (uint64_t)(t->opt->delay * 1e9);
}

/* Wait until a key is pressed, something is to be drawn, or events may have come. */
static void wait_for_something(struct terminal *t, bool more)
{
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };
	uint64_t now = fsm_now_ns(), timeout = TICK_NS;

	if (more || t->is_stale)
		timeout = 0;
	else if (t->next_ns < now + timeout)
		timeout = t->next_ns > now ? t->next_ns - now : 0;
	/* The terminal has gone, and with it the user. */
	if (fsm_stop_poll(&pfd, 1, timeout) > 0 && pfd.revents & (POLLHUP | POLLERR | POLLNVAL))
		t->quit = true;
}

static int loop(struct terminal *t)
{
	while (!t->quit && !fsm_stop_signal) {
		bool was_gone = t->top->notice[0];
		int more = feed_run(t->feed, t->top);

		if (more < 0) {
			/* The part before the damage can still be looked at. */
			snprintf(t->top->notice, sizeof(t->top->notice), "%s", t->feed->src.error);
			t->top->ended = true;
			more = 0;
		}
		if (was_gone != (t->top->notice[0] != '\0'))
			t->is_stale = true;
		if (take_keys(t))
			return EXIT_ERROR;
		/* Do not draw a first screen while half of the connections are not known yet. */
		if ((t->is_stale || fsm_now_ns() >= t->next_ns) &&
		    (t->next_ns || !t->feed->is_behind))
			draw(t);
		wait_for_something(t, more > 0);
	}
	return EXIT_OK;
}

/**
 * terminal_run() - show the screen, and take keys
 * @opt: options
 * @feed: open source
 * @top: top
 *
 * Return: exit status.
 */
int terminal_run(const struct options *opt, struct feed *feed, struct top *top)
{
	struct terminal *t = calloc(1, sizeof(*t));
	int status = EXIT_ERROR;
	char error[256];

	if (!t || tty_open(opt->ascii, SCREEN_WIDTH_MIN, SCREEN_HEIGHT_MIN, error, sizeof(error))) {
		fprintf(stderr, "fsmtop: %s\n", t ? error : "no memory");
		free(t);
		return EXIT_ERROR;
	}
	t->opt = opt;
	t->feed = feed;
	t->top = top;
	if (resize(t) == 0)
		status = loop(t);
	tty_close();
	fsm_canvas_free(&t->frame.canvas);
	free(t);
	return status;
}
