// SPDX-License-Identifier: GPL-2.0
/*
 * fsmcat.c - the stream of TCP state transitions: print, record, replay, draw, judge
 *
 * Records come from a source (in/source.h) and go to a sink (sink.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/clock.h"
#include "base/stop.h"
#include "in/event.h"
#include "options.h"
#include "sink.h"

#define GIVE_UP_NS FSM_NS_PER_SECOND

/*
 * A file that we open must not get the number of a standard stream that the caller has
 * closed: our messages would go into a recording. The file that takes the place of a closed
 * stream cannot be used either, so that writing to a closed stdout is still an error.
 */
static void fill_standard_streams(void)
{
	static const int unusable[] = { O_WRONLY, O_RDONLY, O_RDONLY };
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", unusable[fd]) != fd)
			exit(EXIT_ERROR);
	}
}

static int open_source(struct fsmcat *cat)
{
	int error;

	if (cat->opt.read)
		error = fsm_source_open_recording(&cat->src, cat->opt.read);
	else
		error = fsm_source_open_live(&cat->src, fsm_cli_file("TCPFSM_RAW", FSM_LIVE_PATH));
	if (error) {
		fprintf(stderr, "fsmcat: %s\n", cat->src.error);
		return EXIT_ERROR;
	}

	/* On a busy machine the stream never ends: without following, later events are left out. */
	cat->until_ns = UINT64_MAX;
	/* Skip the events from before the command. A pipe, in tests, is still empty. */
	if (cat->opt.command)
		lseek(cat->src.fd, 0, SEEK_END);
	if (cat->src.live && !cat->opt.follow)
		cat->until_ns = fsm_now_ns();
	return 0;
}

/* ---- one record ---- */

static void count_lost(struct fsmcat *cat, const struct tcpfsm_event *ev)
{
	if (fsm_has_lost(ev))
		cat->lost += ev->lost;
	else
		cat->lost_more = true;
}

/* The filter does not apply to loss: a lost event may have been a wanted one. */
static void take_lost(struct fsmcat *cat, const struct fsm_record *record)
{
	count_lost(cat, record->ev);
	if (cat->opt.sink->lost)
		cat->opt.sink->lost(cat, record);
}

static void take_strange(struct fsmcat *cat, const struct fsm_record *record)
{
	cat->strange++;
	if (cat->opt.sink->strange)
		cat->opt.sink->strange(cat, record);
}

/* Return true if nothing more is wanted. */
static bool take(struct fsmcat *cat, const struct fsm_record *record)
{
	switch (record->ev->type) {
	case TCPFSM_REC_EVENT:
		return record->ev->time_ns > cat->until_ns || cat->opt.sink->event(cat, record);
	case TCPFSM_REC_LOST:
		take_lost(cat, record);
		return false;
	default:
		take_strange(cat, record);
		return false;
	}
}

/* Return 1 if nothing more is wanted, 0 if there is nothing more to read for now, or -1. */
static int take_all(struct fsmcat *cat)
{
	struct fsm_record record;
	int got;

	do {
		if (cat->opt.sink->take_run)
			cat->opt.sink->take_run(cat);
		got = fsm_source_next(&cat->src, &record);
		if (got > 0 && take(cat, &record))
			return 1;
	} while (got > 0);
	return got;
}

static void warn_newer(struct fsmcat *cat)
{
	if (cat->warned || cat->src.version <= TCPFSM_ABI_VERSION)
		return;
	cat->warned = true;
	fprintf(stderr,
		"fsmcat: %s: records of version %u, newer than this fsmcat (%u): some fields may be misread\n",
		cat->src.name, cat->src.version, TCPFSM_ABI_VERSION);
}

/* ---- the wait for more ---- */

/* Return how long to wait for something to read. */
static uint64_t patience(const struct fsmcat *cat)
{
	uint64_t now = fsm_now_ns();

	if (cat->deadline_ns == UINT64_MAX)
		return FSM_STOP_FOREVER;
	return cat->deadline_ns > now ? cat->deadline_ns - now : 0;
}

/*
 * Wait until there is something to read, or a signal came, or the sink wants a tick, or
 * nobody reads our output any more: "fsmcat | head -1" on an idle machine should end.
 */
static void wait_for_input(struct fsmcat *cat)
{
	struct pollfd pfd[3] = {
		{ .fd = cat->src.fd, .events = POLLIN },
		{ .fd = cat->out->fd },
		{ .fd = cat->wake_fd, .events = POLLIN },
	};

	if (fsm_stop_poll(pfd, 3, patience(cat)) > 0 && pfd[1].revents & POLLERR)
		cat->out->error = EPIPE;
}

/*
 * Return whether the module has given all that it had. It says "not now" also while another CPU
 * is in the middle of writing a record, but then it can be polled for input. The time limit is
 * for a stream on which that never ends.
 */
static bool has_given_all(const struct fsmcat *cat)
{
	struct pollfd pfd = { .fd = cat->src.fd, .events = POLLIN };

	if (poll(&pfd, 1, 0) == 0)
		return true;
	return cat->until_ns != UINT64_MAX && fsm_now_ns() > cat->until_ns + GIVE_UP_NS;
}

/* Let the sink do what is due. Return true if it has nothing more to wait for. */
static bool tick(struct fsmcat *cat, uint64_t now_ns, bool quiet)
{
	return cat->opt.sink->tick && cat->opt.sink->tick(cat, now_ns, quiet);
}

/* The source has nothing for now. Return true if the run is over. */
static bool idle(struct fsmcat *cat, uint64_t now_ns)
{
	if (cat->src.live && !cat->opt.follow)
		return has_given_all(cat);
	cat->opt.sink->flush(cat);
	if (tick(cat, now_ns, has_given_all(cat)))
		return true;
	if (!cat->read_again && !cat->out->error)
		wait_for_input(cat);
	return false;
}

/* ---- the run ---- */

static int source_error(struct fsmcat *cat)
{
	cat->opt.sink->flush(cat);
	fprintf(stderr, "fsmcat: %s\n", cat->src.error);
	return EXIT_ERROR;
}

static int source_ended(struct fsmcat *cat)
{
	if (cat->src.live && cat->opt.follow) {
		cat->opt.sink->flush(cat);
		return sink_error(cat->src.name, "the stream has ended: was the module unloaded?");
	}
	if (cat->src.cut)
		fprintf(stderr,
			"fsmcat: %s: the last record is cut: %zu bytes of it are left out\n",
			cat->src.name, cat->src.cut);
	return EXIT_OK;
}

/* Copy from the source to the sink, until one of them or the user has had enough. */
static int copy(struct fsmcat *cat)
{
	uint64_t now = fsm_now_ns();

	while (!fsm_stop_signal && !cat->out->error && !tick(cat, now, false)) {
		int got;

		now = fsm_now_ns();
		cat->read_again = false;
		got = take_all(cat);
		if (got > 0)
			return EXIT_OK;
		warn_newer(cat);
		if (got < 0)
			return source_error(cat);
		switch (fsm_source_fill(&cat->src)) {
		case FSM_FILL_OK:
			break;
		case FSM_FILL_WAIT:
			if (idle(cat, now))
				return EXIT_OK;
			break;
		case FSM_FILL_END:
			return source_ended(cat);
		case FSM_FILL_ERROR:
			return source_error(cat);
		}
	}
	return EXIT_OK;
}

static void report(const struct fsmcat *cat)
{
	if (cat->strange)
		fprintf(stderr,
			"fsmcat: %s: %llu records of a type that this fsmcat does not know\n",
			cat->src.name, (unsigned long long)cat->strange);
	if (cat->opt.sink->report)
		cat->opt.sink->report(cat);
}

static int run(struct fsmcat *cat)
{
	int status = open_source(cat);
	int ended;

	if (status)
		return status;
	status = cat->opt.sink->begin(cat);
	if (status)
		return status;
	fsm_stop_catch();
	/* A file that grew to its limit is like a full disk: an error, and no reason to die. */
	signal(SIGXFSZ, SIG_IGN);
	status = copy(cat);
	ended = cat->opt.sink->end(cat);
	if (!ended)
		report(cat);
	return status ? status : ended;
}

int main(int argc, char **argv)
{
	static struct fsmcat cat = { .deadline_ns = UINT64_MAX, .wake_fd = -1 };
	int status;

	fill_standard_streams();
	status = options_parse(&cat.opt, argc, argv);
	if (status)
		return status;
	status = run(&cat);
	fsm_source_close(&cat.src);

	/* A signal is the usual end of a live stream; any other run is not complete after it. */
	if (!status && fsm_stop_signal && (cat.opt.read || !cat.opt.follow))
		fsm_stop_die_of(fsm_stop_signal);
	return status;
}
