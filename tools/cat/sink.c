// SPDX-License-Identifier: GPL-2.0
/*
 * sink.c - what several sinks need
 */
#include "sink.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cli.h"
#include "base/stop.h"

/**
 * sink_error() - say what is wrong
 * @what: name of what cannot be used
 * @why: reason
 *
 * Return: EXIT_ERROR.
 */
int sink_error(const char *what, const char *why)
{
	fprintf(stderr, "fsmcat: %s: %s\n", what, why);
	return EXIT_ERROR;
}

/**
 * sink_learn_wall_clock() - learn how the clock of the events stands to the wall's
 * @cat: run
 * @when: set to it
 */
void sink_learn_wall_clock(const struct fsmcat *cat, struct fsm_when *when)
{
	struct fsm_header now;

	if (cat->opt.read) {
		fsm_when_init(when, &cat->src.header);
		return;
	}
	fsm_header_now(&now);
	fsm_when_init(when, &now);
}

/**
 * sink_flush_output() - write all that is buffered
 * @cat: run, whose output gets the error
 */
void sink_flush_output(struct fsmcat *cat)
{
	fsm_output_flush(cat->out);
}

/**
 * sink_die_if_unread() - die of SIGPIPE if nobody reads our output any more
 * @error: errno of an output
 *
 * No message is due then; cat prints none either.
 *
 * Return: false if somebody reads; true if nobody does, and SIGPIPE is blocked.
 */
bool sink_die_if_unread(int error)
{
	if (error == EPIPE)
		fsm_stop_die_of(SIGPIPE);
	return error == EPIPE;
}

/**
 * sink_close_output() - close an output that was flushed
 * @cat: run
 *
 * Return: EXIT_OK, or EXIT_ERROR if not all of it was written.
 */
int sink_close_output(struct fsmcat *cat)
{
	int error = cat->out->error;

	fsm_output_free(cat->out);
	if (!error)
		return EXIT_OK;
	return sink_die_if_unread(error) ? EXIT_ERROR : sink_error("write error", strerror(error));
}

/**
 * sink_say_lost() - say how many events are missing
 * @cat: run
 */
void sink_say_lost(const struct fsmcat *cat)
{
	fprintf(stderr, "fsmcat: %s: %llu events lost%s\n", cat->src.name,
		(unsigned long long)cat->lost,
		cat->lost_more ? " and more, nobody said how many" : "");
}
