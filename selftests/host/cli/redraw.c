// SPDX-License-Identifier: GPL-2.0
/*
 * redraw.c - measure how long fsmtop takes to draw each of its views
 *
 *	redraw RECORDING [TIMES]
 *
 * The program reads all of a recording, and draws. It prints "VIEW FIRST AGAIN", milliseconds of
 * processor time: of the first time, when memory has to be got, and of the longest of TIMES
 * more. Other work of the machine does not count.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "feed.h"
#include "screen.h"

/* This is the largest screen. */
#define WIDTH  300
#define HEIGHT 100

static const struct {
	const char *name;
	enum top_view view;
	enum top_grouping grouping;
	enum top_sort sort;
} views[] = {
	{ "states", VIEW_STATES, GROUP_NONE, SORT_STUCK },
	{ "diagram", VIEW_DIAGRAM, GROUP_NONE, SORT_STUCK },
	{ "connections", VIEW_CONNS, GROUP_NONE, SORT_STUCK },
	{ "connections-by-owner", VIEW_CONNS, GROUP_NONE, SORT_OWNER },
	{ "connections-by-remote", VIEW_CONNS, GROUP_NONE, SORT_REMOTE },
	{ "process", VIEW_CONNS, GROUP_PROCESS, SORT_STUCK },
	{ "cgroup", VIEW_CONNS, GROUP_CGROUP, SORT_STUCK },
	{ "peer", VIEW_CONNS, GROUP_PEER, SORT_STUCK },
	{ "life", VIEW_LADDER, GROUP_NONE, SORT_STUCK },
	{ "listeners", VIEW_LISTENERS, GROUP_NONE, SORT_STUCK },
};

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static double draw_ms(struct frame *frame, struct top *top)
{
	double start = now_ms();

	screen_update(frame, top);
	screen_draw(frame, top);
	return now_ms() - start;
}

static double longest_ms(struct frame *frame, struct top *top, int times)
{
	double max = 0;

	while (times--) {
		double took = draw_ms(frame, top);

		if (took > max)
			max = took;
	}
	return max;
}

int main(int argc, char **argv)
{
	static struct frame frame;
	static struct feed feed;
	static struct top top;
	double first;
	size_t i;
	int more;

	if (argc < 2 || top_init(&top) || fsm_canvas_resize(&frame.canvas, WIDTH, HEIGHT)) {
		fputs("usage: redraw RECORDING [TIMES]\n", stderr);
		return 2;
	}
	if (feed_open(&feed, &top, argv[1])) {
		fprintf(stderr, "redraw: %s\n", feed.src.error);
		return 1;
	}
	do
		more = feed_run_to(&feed, &top, UINT64_MAX);
	while (more > 0 || !top.ended);
	printf("# %u connections\n", top.model.nr);
	if (top.model.nr)
		top_choose_conn(&top, top.model.conns[top.model.used - 1].id);
	for (i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		top.view = views[i].view;
		top.table.grouping = views[i].grouping;
		top.table.sort = views[i].sort;
		first = draw_ms(&frame, &top);
		printf("%s %.1f %.1f\n", views[i].name, first,
		       longest_ms(&frame, &top, argc > 2 ? atoi(argv[2]) : 10));
	}
	feed_close(&feed);
	top_free(&top);
	fsm_canvas_free(&frame.canvas);
	return 0;
}
