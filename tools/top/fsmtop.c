// SPDX-License-Identifier: GPL-2.0
/*
 * fsmtop.c - the TCP connections of a machine in their states, live
 */
#include <locale.h>
#include <stdio.h>

#include "base/cli.h"
#include "base/stop.h"
#include "batch.h"
#include "feed.h"
#include "options.h"
#include "terminal.h"

static void apply(const struct options *opt, struct top *top)
{
	top->view = opt->view;
	top->table.grouping = opt->grouping;
	top->speed = opt->speed;
	if (opt->speed < 0)
		/* Nobody watches a batch, so do not wait. */
		top->speed = opt->batch ? 0 : 1;
	if (opt->id)
		top_choose_conn(top, opt->id);
	if (opt->filter)
		top_set_filter(top, opt->filter);
}

static int run(struct options *opt, struct feed *feed, struct top *top)
{
	apply(opt, top);
	if (feed_open(feed, top, opt->read)) {
		fprintf(stderr, "fsmtop: %s\n", feed->src.error);
		return EXIT_ERROR;
	}
	return opt->batch ? batch_run(opt, feed, top) : terminal_run(opt, feed, top);
}

int main(int argc, char **argv)
{
	static struct top top;
	static struct feed feed;
	struct options opt;
	int status;

	setlocale(LC_CTYPE, "");
	status = options_parse(&opt, argc, argv);
	if (status)
		return status;
	if (top_init(&top)) {
		fputs("fsmtop: no memory\n", stderr);
		return EXIT_ERROR;
	}
	fsm_stop_catch();
	status = run(&opt, &feed, &top);
	feed_close(&feed);
	top_free(&top);

	/* A signal is the usual end of a live stream; a replay is not complete after it. */
	if (!status && fsm_stop_signal && opt.read && opt.batch)
		fsm_stop_die_of(fsm_stop_signal);
	return status;
}
