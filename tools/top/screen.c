// SPDX-License-Identifier: GPL-2.0
/*
 * screen.c - the terminal's screen, until the user has had enough
 */
#include "screen.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/clock.h"
#include "base/stop.h"
#include "frame.h"
#include "keys.h"
#include "tty.h"

/* Events are taken that often: neither is the stream overrun nor the program always awake. */
#define TICK_NS 40000000ull

/**
 * struct screen - a run
 * @opt: options
 * @feed: source
 * @top: top
 * @frame: what is seen
 * @next_ns: when to draw it again
 * @is_stale: it is to be drawn now
 * @quit: the user has had enough
 */
struct screen_run {
	const struct options *opt;
	struct feed *feed;
	struct top *top;
	struct frame frame;
	uint64_t next_ns;
	bool is_stale;
	bool quit;
};

static int resize(struct screen_run *s)
{
	int width, height;

	tty_size(&width, &height);
	s->is_stale = true;
	return canvas_resize(&s->frame.canvas, width, height);
}

static enum key_result click(struct screen_run *s, const struct click *where)
{
	const struct zone *zone = frame_at(&s->frame, where->y, where->x);

	if (!zone)
		return KEY_IGNORED;
	switch (zone->kind) {
	case ZONE_SORT:
		return key_sort_by(s->top, (enum sort)zone->arg);
	case ZONE_LINE:
		return key_choose_line(s->top, (uint32_t)zone->arg);
	default:
		return key_press(s->top, zone->arg);
	}
}

static int take_keys(struct screen_run *s)
{
	struct click where;
	int code;

	while ((code = tty_key(&where)) != TTY_NOTHING) {
		enum key_result result;

		if (code == TTY_RESIZED) {
			if (resize(s))
				return -1;
			continue;
		}
		result = code == TTY_CLICKED ? click(s, &where) : key_press(s->top, code);
		if (result == KEY_QUIT)
			s->quit = true;
		if (result == KEY_REPAINT)
			tty_repaint();
		if (result != KEY_IGNORED)
			s->is_stale = true;
	}
	return 0;
}

static void draw(struct screen_run *s)
{
	feed_ask_queues(s->feed, s->top);
	frame_draw(&s->frame, s->top);
	tty_show(&s->frame.canvas);
	s->is_stale = false;
	s->next_ns = fsm_now_ns() + (uint64_t)(s->opt->delay * 1e9);
}

/* Until a key is pressed, something is to be drawn, or events may have come. */
static void wait_for_something(struct screen_run *s, bool more)
{
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };
	uint64_t now = fsm_now_ns(), timeout = TICK_NS;

	if (more || s->is_stale)
		timeout = 0;
	else if (s->next_ns < now + timeout)
		timeout = s->next_ns > now ? s->next_ns - now : 0;
	/* The terminal has gone, and with it whoever looked at it. */
	if (fsm_stop_poll(&pfd, 1, timeout) > 0 && pfd.revents & (POLLHUP | POLLERR | POLLNVAL))
		s->quit = true;
}

static int loop(struct screen_run *s)
{
	while (!s->quit && !fsm_stop_signal) {
		bool was_gone = s->top->notice[0];
		int more = feed_run(s->feed, s->top);

		if (more < 0) {
			/* What comes before the damage can still be looked at. */
			snprintf(s->top->notice, sizeof(s->top->notice), "%s", s->feed->src.error);
			s->top->ended = true;
			more = 0;
		}
		if (was_gone != (s->top->notice[0] != '\0'))
			s->is_stale = true;
		if (take_keys(s))
			return EXIT_ERROR;
		/* The first picture is not one of connections half of which are not known yet. */
		if ((s->is_stale || fsm_now_ns() >= s->next_ns) &&
		    (s->next_ns || !s->feed->is_behind))
			draw(s);
		wait_for_something(s, more > 0);
	}
	return EXIT_OK;
}

/**
 * screen_run() - show the screen
 * @opt: options
 * @feed: open source
 * @top: top
 *
 * Return: exit status.
 */
int screen_run(const struct options *opt, struct feed *feed, struct top *top)
{
	struct screen_run *s = calloc(1, sizeof(*s));
	int status = EXIT_ERROR;
	char error[256];

	if (!s || tty_open(opt->ascii, error, sizeof(error))) {
		fprintf(stderr, "fsmtop: %s\n", s ? error : "no memory");
		free(s);
		return EXIT_ERROR;
	}
	s->opt = opt;
	s->feed = feed;
	s->top = top;
	if (resize(s) == 0)
		status = loop(s);
	tty_close();
	canvas_free(&s->frame.canvas);
	free(s);
	return status;
}
