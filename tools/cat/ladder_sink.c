// SPDX-License-Identifier: GPL-2.0
/*
 * ladder_sink.c - fsmcat --ladder: draw each connection when it has ended
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/stop.h"
#include "base/utf8.h"
#include "model/assembly.h"
#include "out/ladder.h"
#include "sink.h"

/* fsm_trace.mark: the filter wants one of its events. */
#define WANTED 1u

/* The longest line has a pen of its own for each cell. */
#define LINE_MAX_LEN (FSM_CANVAS_RUN_MAX + FSM_CANVAS_WIDTH_MAX * FSM_PEN_MAX)

/**
 * struct ladders - what is drawn, and how
 * @opt: what the user asked for
 * @out: where
 * @width: columns
 * @utf8: with the lines of Unicode
 * @colour: with the colours of a terminal
 * @when: the wall clock
 * @drawn: how many were drawn
 * @assembly: connections under way
 */
struct ladders {
	const struct options *opt;
	struct fsm_output out;
	unsigned int width;
	bool utf8;
	bool colour;
	struct fsm_when when;
	uint64_t drawn;
	struct fsm_assembly assembly;
};

/* Return as many columns as are good to read, or those of a narrower terminal. */
static unsigned int ladder_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col ||
	    size.ws_col > FSM_LADDER_WIDTH)
		return FSM_LADDER_WIDTH;
	return size.ws_col;
}

static int ladder_begin(struct fsmcat *cat)
{
	static struct ladders ladders;

	cat->private = &ladders;
	cat->out = &ladders.out;
	ladders.opt = &cat->opt;
	ladders.width = ladder_width();
	ladders.utf8 = !cat->opt.ascii && fsm_utf8_locale();
	ladders.colour = fsm_pen_wanted(STDOUT_FILENO);
	sink_learn_wall_clock(cat, &ladders.when);
	if (fsm_output_init(&ladders.out, STDOUT_FILENO, SINK_BUFFER_SIZE) ||
	    fsm_assembly_init(&ladders.assembly))
		return sink_error("stdout", "no memory");
	return 0;
}

/* ---- drawing ---- */

static void put_line(struct ladders *ladders, const struct fsm_canvas *canvas, int y)
{
	char text[FSM_CANVAS_RUN_MAX];
	enum fsm_pen pen;
	int x = 0, n;
	char *p = fsm_output_reserve(&ladders->out, LINE_MAX_LEN);

	while ((n = fsm_canvas_run(canvas, y, x, !ladders->utf8, text, &pen)) > 0) {
		if (ladders->colour)
			p = stpcpy(p, fsm_pen_on(pen));
		p = stpcpy(p, text);
		if (ladders->colour)
			p = stpcpy(p, fsm_pen_off(pen));
		x += n;
	}
	*p++ = '\n';
	fsm_output_commit(&ladders->out, p);
}

static int draw(struct ladders *ladders, const struct fsm_trace *trace)
{
	const struct fsm_trace *peer = trace->peer;
	uint64_t first_ns = trace->end.events[0].time_ns;
	char began[FSM_WHEN_LEN + 1];
	struct fsm_canvas canvas;
	int err, y;

	if (peer && peer->end.events[0].time_ns < first_ns)
		first_ns = peer->end.events[0].time_ns;
	*fsm_put_when(began, fsm_when_real(&ladders->when, first_ns)) = '\0';
	err = fsm_ladder_draw(&canvas, ladders->width, &trace->end, peer ? &peer->end : NULL,
			      ladders->opt->wall ? began : NULL);
	if (!err) {
		if (ladders->drawn++)
			fsm_output_append(&ladders->out, "\n", 1);
		for (y = 0; y < canvas.height; y++)
			put_line(ladders, &canvas, y);
	}
	fsm_canvas_free(&canvas);
	return err;
}

static bool has_asked_name(const struct ladders *ladders, const struct fsm_trace *trace)
{
	return trace->id == ladders->opt->id && (trace->gen == ladders->opt->gen || !trace->gen);
}

static bool is_to_be_drawn(const struct ladders *ladders, const struct fsm_trace *trace)
{
	const struct fsm_trace *peer = trace->peer;

	if (ladders->opt->one)
		return has_asked_name(ladders, trace) || (peer && has_asked_name(ladders, peer));
	/* A listener's ladder would have no rungs. */
	return !fsm_trace_is_listener(trace) &&
	       (trace->mark & WANTED || (peer && peer->mark & WANTED));
}

/* Draw a connection, unless nobody wants it, and forget both of its ends. */
static int finish(struct ladders *ladders, struct fsm_trace *trace)
{
	struct fsm_trace *peer = trace->peer;
	int err = is_to_be_drawn(ladders, trace) ? draw(ladders, trace) : 0;

	fsm_assembly_remove(&ladders->assembly, trace);
	if (peer)
		fsm_assembly_remove(&ladders->assembly, peer);
	return err;
}

/* ---- events ---- */

/* Connections are drawn whole: keep also the events that the filter does not want. */
static int add_event(struct ladders *ladders, const struct tcpfsm_event *ev, bool wanted)
{
	struct fsm_trace *trace = fsm_assembly_add(&ladders->assembly, ev);

	if (!trace)
		return -1;
	if (wanted)
		trace->mark |= WANTED;
	if (!trace->ended || (trace->peer && !trace->peer->ended))
		return 0;
	return finish(ladders, trace);
}

static bool ladder_event(struct fsmcat *cat, const struct fsm_record *record)
{
	struct ladders *ladders = cat->private;

	if (add_event(ladders, record->ev, sink_wants(cat, record->ev)))
		cat->out->error = ENOMEM;
	return cat->out->error || sink_has_enough(cat, ladders->drawn);
}

/* ---- end ---- */

static int draw_unfinished(struct ladders *ladders)
{
	while (ladders->assembly.oldest)
		if (finish(ladders, ladders->assembly.oldest))
			return -1;
	return 0;
}

static int ladder_end(struct fsmcat *cat)
{
	struct ladders *ladders = cat->private;
	/* After ^C do not draw unfinished ladders, unless one ID was asked for. */
	bool draws_rest = !fsm_stop_signal || cat->opt.one;

	if (!sink_has_enough(cat, ladders->drawn) && draws_rest && draw_unfinished(ladders))
		cat->out->error = ENOMEM;
	fsm_assembly_free(&ladders->assembly);
	sink_flush_output(cat);
	return sink_close_output(cat);
}

static void ladder_report(const struct fsmcat *cat)
{
	const struct ladders *ladders = cat->private;

	if (cat->lost || cat->lost_more)
		sink_say_lost(cat);
	if (cat->opt.one && !ladders->drawn)
		fprintf(stderr, "fsmcat: %s: no connection %llx\n", cat->src.name,
			(unsigned long long)cat->opt.id);
}

const struct sink ladder_sink = {
	.begin = ladder_begin,
	.event = ladder_event,
	.flush = sink_flush_output,
	.end = ladder_end,
	.report = ladder_report,
};
