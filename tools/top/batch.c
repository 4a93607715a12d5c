// SPDX-License-Identifier: GPL-2.0
/*
 * batch.c - print the view as text or JSON, again and again
 */
#include "batch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/clock.h"
#include "base/stop.h"
#include "base/utf8.h"
#include "json.h"
#include "screen.h"

#define OUT_SIZE (256 * 1024)

/* Empty the stream that often: its rings hold thousands of events. */
#define DRAIN_NS 20000000ull

/**
 * struct batch - a run
 * @opt: options
 * @feed: source
 * @top: top
 * @out: where to print
 * @frame: the screen, for text
 * @pictures: how often the view was printed
 * @said: the notice that was printed last
 */
struct batch {
	const struct options *opt;
	struct feed *feed;
	struct top *top;
	struct fsm_output out;
	struct frame frame;
	uint64_t pictures;
	char said[sizeof(((struct top *)0)->notice)];
};

static int draw_text(struct batch *b)
{
	struct fsm_canvas *c = &b->frame.canvas;
	bool ascii = b->opt->ascii || !fsm_utf8_locale();
	char *line;
	int y, last;

	if (fsm_canvas_resize(c, (int)b->opt->width, screen_batch_height(b->top)))
		return -1;
	line = malloc(FSM_CANVAS_TEXT_MAX(c) + 1);
	if (!line)
		return -1;
	screen_update(&b->frame, b->top);
	screen_draw(&b->frame, b->top);
	for (last = c->height - 1; last > 0; last--)
		if (fsm_canvas_line(c, last, ascii, line))
			break;
	if (b->pictures)
		fsm_output_append(&b->out, "\n", 1);
	for (y = 0; y <= last; y++) {
		size_t len = fsm_canvas_line(c, y, ascii, line);

		line[len] = '\n';
		fsm_output_append(&b->out, line, len + 1);
	}
	free(line);
	return 0;
}

/* Report once what is wrong with the source. */
static void say_notice(struct batch *b)
{
	if (!strcmp(b->said, b->top->notice))
		return;
	strcpy(b->said, b->top->notice);
	if (b->said[0])
		fprintf(stderr, "fsmtop: %s\n", b->said);
}

/* Print the view. Return whether to go on. */
static bool show(struct batch *b)
{
	if (b->opt->json ? json_frame(&b->out, b->top) : draw_text(b))
		b->out.error = ENOMEM;
	fsm_output_flush(&b->out);
	b->pictures++;
	return !b->out.error && b->pictures != b->opt->count;
}

/* Wait for events, but no longer than until some time. Return whether to go on. */
static bool wait_until(struct batch *b, uint64_t time_ns)
{
	uint64_t now = fsm_now_ns();
	struct pollfd pfd[2] = {
		{ .fd = b->out.fd },
		{ .fd = b->feed->is_open ? b->feed->src.fd : -1, .events = POLLIN },
	};

	if (now >= time_ns)
		return !fsm_stop_signal;
	if (fsm_stop_poll(pfd, 2, time_ns - now) > 0 && pfd[0].revents & POLLERR) {
		b->out.error = EPIPE;
		return false;
	}
	/* Do not read again at once: many events at a time cost less. */
	now = fsm_now_ns();
	if (now < time_ns && pfd[1].revents)
		fsm_stop_poll(NULL, 0, time_ns - now < DRAIN_NS ? time_ns - now : DRAIN_NS);
	return !fsm_stop_signal;
}

static int follow(struct batch *b)
{
	uint64_t next = fsm_now_ns(), delay = (uint64_t)(b->opt->delay * 1e9);

	for (;;) {
		feed_run(b->feed, b->top);
		say_notice(b);
		if (b->feed->is_behind) {
			if (fsm_stop_signal)
				break;
			continue;
		}
		if (fsm_now_ns() >= next && b->feed->is_open) {
			feed_ask_queues(b->feed, b->top);
			if (!show(b))
				break;
			next += delay;
			if (next < fsm_now_ns())
				next = fsm_now_ns() + delay;
		}
		/* Look for a stream that has gone even when nothing is to be printed. */
		if (!wait_until(b, b->feed->is_open ? next : fsm_now_ns() + FSM_NS_PER_SECOND / 4))
			break;
	}
	return EXIT_OK;
}

/* Wait for a recording that comes through a pipe. Return whether to go on. */
static bool wait_for_recording(struct batch *b)
{
	struct pollfd pfd = { .fd = b->feed->src.fd, .events = POLLIN };

	if (!b->feed->src.may_block || b->top->ended || b->feed->has_held)
		return !fsm_stop_signal;
	fsm_stop_poll(&pfd, 1, FSM_NS_PER_SECOND);
	return !fsm_stop_signal;
}

/* Return when the view is to be printed next; do not wrap beyond the largest time. */
static uint64_t due(const struct batch *b, uint64_t after_ns)
{
	if (!b->feed->started)
		return 0;
	return after_ns > UINT64_MAX - b->feed->start_ns ? UINT64_MAX :
							   b->feed->start_ns + after_ns;
}

static int replay(struct batch *b)
{
	uint64_t delay = (uint64_t)(b->opt->delay * 1e9), began = fsm_now_ns(), at = 0;

	for (;;) {
		uint64_t target = due(b, at + delay);
		int more = feed_run_to(b->feed, b->top, target);

		if (more < 0) {
			fprintf(stderr, "fsmtop: %s\n", b->feed->src.error);
			return EXIT_ERROR;
		}
		if (!wait_for_recording(b))
			return EXIT_OK;
		if (more || (!b->top->ended && !b->feed->has_held) || (!target && !b->top->ended))
			continue;
		at += delay;
		while (b->opt->speed > 0 && !b->top->ended &&
		       fsm_now_ns() - began < (uint64_t)((double)at / b->opt->speed))
			if (!wait_until(b, began + (uint64_t)((double)at / b->opt->speed)))
				return EXIT_OK;
		if (!show(b) || b->top->ended || fsm_stop_signal)
			break;
	}
	say_notice(b);
	return EXIT_OK;
}

static int finish(struct batch *b, int status)
{
	int error = b->out.error;

	fsm_output_free(&b->out);
	fsm_canvas_free(&b->frame.canvas);
	if (!error)
		return status;
	/* Nobody reads our output any more: print no message, as cat(1) does not. */
	if (error == EPIPE) {
		fsm_stop_die_of(SIGPIPE);
		return EXIT_ERROR;
	}
	fprintf(stderr, "fsmtop: write error: %s\n", strerror(error));
	return EXIT_ERROR;
}

/**
 * batch_run() - print until there is nothing more to print
 * @opt: options
 * @feed: open source
 * @top: top
 *
 * Return: exit status.
 */
int batch_run(const struct options *opt, struct feed *feed, struct top *top)
{
	struct batch *b = calloc(1, sizeof(*b));
	int status;

	if (!b || fsm_output_init(&b->out, STDOUT_FILENO, OUT_SIZE)) {
		free(b);
		fprintf(stderr, "fsmtop: no memory\n");
		return EXIT_ERROR;
	}
	b->opt = opt;
	b->feed = feed;
	b->top = top;
	top->batch = true;
	status = finish(b, top->replay ? replay(b) : follow(b));
	free(b);
	return status;
}
