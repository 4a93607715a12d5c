// SPDX-License-Identifier: GPL-2.0
/*
 * print_sink.c - print each event, as text, JSON or CSV
 */
#include <unistd.h>

#include "out/pen.h"
#include "sink.h"

/**
 * struct printing - what is printed, and how
 * @out: where
 * @when: the wall clock, if opt.wall
 * @events: how many were printed
 */
struct printing {
	struct fsm_output out;
	struct fsm_when when;
	uint64_t events;
};

static int print_begin(struct fsmcat *cat)
{
	static struct printing printing;
	struct fsm_style style = {
		.narrow = isatty(STDOUT_FILENO) && !cat->opt.wide,
		.colour = fsm_pen_wanted(STDOUT_FILENO),
		.wall = cat->opt.wall,
	};

	cat->private = &printing;
	cat->out = &printing.out;
	sink_learn_wall_clock(cat, &printing.when);
	if (fsm_output_init(&printing.out, STDOUT_FILENO, SINK_BUFFER_SIZE) ||
	    cat->opt.printer->begin(&printing.out, &style))
		return sink_error("stdout", "no memory");
	return 0;
}

/* Return the event with its time on the clock that the user wants to see. */
static const struct tcpfsm_event *on_clock(const struct fsmcat *cat, const struct tcpfsm_event *ev,
					   struct tcpfsm_event *shifted)
{
	const struct printing *printing = cat->private;

	if (!cat->opt.wall)
		return ev;
	*shifted = *ev;
	shifted->time_ns = fsm_when_real(&printing->when, ev->time_ns);
	return shifted;
}

static bool print_event(struct fsmcat *cat, const struct fsm_record *record)
{
	struct printing *printing = cat->private;
	struct tcpfsm_event shifted;

	if (!sink_wants(cat, record->ev))
		return false;
	cat->opt.printer->event(&printing->out, on_clock(cat, record->ev, &shifted));
	return sink_has_enough(cat, ++printing->events);
}

static void print_lost(struct fsmcat *cat, const struct fsm_record *record)
{
	struct printing *printing = cat->private;
	struct tcpfsm_event shifted;

	cat->opt.printer->lost(&printing->out, on_clock(cat, record->ev, &shifted));
}

static int print_end(struct fsmcat *cat)
{
	sink_flush_output(cat);
	cat->opt.printer->end();
	return sink_close_output(cat);
}

const struct sink print_sink = {
	.begin = print_begin,
	.event = print_event,
	.lost = print_lost,
	.flush = sink_flush_output,
	.end = print_end,
};
