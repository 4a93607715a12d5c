// SPDX-License-Identifier: GPL-2.0
/*
 * fsmcat.c - the stream of TCP state transitions: print, record, replay
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/clock.h"
#include "base/stop.h"
#include "base/utf8.h"
#include "in/recording.h"
#include "in/source.h"
#include "options.h"
#include "out/fields.h"
#include "out/ladder.h"
#include "out/pen.h"

#define OUT_SIZE   (256 * 1024)
#define GIVE_UP_NS 1000000000ull

/**
 * struct fsmcat - a run
 * @opt: options
 * @src: where records come from
 * @out: where lines go to, unless they are recorded
 * @recorder: where records go to, if opt.write
 * @ladders: what is drawn, if opt.ladder
 * @trial: what is judged, if opt.expect
 * @when: the wall clock, if opt.wall
 * @events: how many went out
 * @lost: how many the module could not give us
 * @lost_more: and others of which it did not say how many
 * @strange: records of a type that this program does not know
 * @until_ns: of the live stream without following: what happened later is not shown
 * @warned: that records are of a newer version
 */
struct fsmcat {
	struct options opt;
	struct fsm_source src;
	struct fsm_out out;
	struct fsm_recorder recorder;
	struct ladders ladders;
	struct trial trial;
	struct fsm_when when;
	uint64_t events;
	uint64_t lost;
	bool lost_more;
	uint64_t strange;
	uint64_t until_ns;
	bool warned;
};

/*
 * A file that we open must not get the number of a standard stream that the caller has
 * closed: our messages would go into a recording. What takes its place cannot be used
 * either, so that writing to a closed stdout is an error as it always is.
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

static int error_line(const char *what, const char *why)
{
	fprintf(stderr, "fsmcat: %s: %s\n", what, why);
	return EXIT_ERROR;
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

	/* On a busy machine "what there is" would never end: what comes later is not shown. */
	cat->until_ns = UINT64_MAX;
	/* What happened before is not the command's doing; a pipe, in tests, is empty yet. */
	if (cat->trial.argv)
		lseek(cat->src.fd, 0, SEEK_END);
	if (cat->src.live && !cat->opt.follow)
		cat->until_ns = fsm_now_ns();
	return 0;
}

/* Writing to the recording that is being read would destroy it. */
static bool is_source(const struct fsmcat *cat, const char *name)
{
	struct stat source, target;

	if (!cat->opt.read || fstat(cat->src.fd, &source))
		return false;
	if (strcmp(name, "-") ? stat(name, &target) : fstat(STDOUT_FILENO, &target))
		return false;
	return S_ISREG(target.st_mode) && source.st_dev == target.st_dev &&
	       source.st_ino == target.st_ino;
}

static int open_recorder(struct fsmcat *cat)
{
	const char *name = cat->opt.write;
	struct fsm_header now;
	const void *header = &now;
	size_t size = sizeof(now);

	if (is_source(cat, name))
		return error_line(name, "is what is being read");
	/* A copy says what the original said: the copied times are on that machine's clock. */
	if (cat->opt.read) {
		header = cat->src.raw_header;
		size = cat->src.raw_header_size;
	} else {
		fsm_header_now(&now);
	}
	if (fsm_recorder_open(&cat->recorder, name, header, size, cat->src.swap))
		return error_line(name, strerror(errno));
	return 0;
}

static void learn_wall_clock(struct fsmcat *cat)
{
	struct fsm_header now;

	if (cat->opt.read) {
		fsm_when_init(&cat->when, &cat->src.header);
		return;
	}
	fsm_header_now(&now);
	fsm_when_init(&cat->when, &now);
}

/* As wide as it is good to read, or as a terminal that is narrower lets it be. */
static unsigned int ladder_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col ||
	    size.ws_col > FSM_LADDER_WIDTH)
		return FSM_LADDER_WIDTH;
	return size.ws_col;
}

static int open_ladders(struct fsmcat *cat)
{
	struct ladders *ladders = &cat->ladders;

	ladders->out = &cat->out;
	ladders->width = ladder_width();
	ladders->utf8 = !cat->opt.ascii && fsm_utf8_locale();
	ladders->colour = fsm_pen_wanted(STDOUT_FILENO);
	ladders->wall = cat->opt.wall;
	ladders->when = cat->when;
	return fsm_lives_init(&ladders->lives);
}

static int open_printer(struct fsmcat *cat)
{
	struct fsm_style style = {
		.narrow = isatty(STDOUT_FILENO) && !cat->opt.wide,
		.colour = fsm_pen_wanted(STDOUT_FILENO),
		.wall = cat->opt.wall,
	};

	return cat->opt.printer->begin(&cat->out, &style);
}

static int open_target(struct fsmcat *cat)
{
	if (cat->opt.write)
		return open_recorder(cat);
	if (cat->opt.expect)
		return trial_begin(&cat->trial) ? EXIT_ERROR : 0;
	learn_wall_clock(cat);
	if (fsm_out_init(&cat->out, STDOUT_FILENO, OUT_SIZE) ||
	    (cat->opt.ladder ? open_ladders(cat) : open_printer(cat)))
		return error_line("stdout", "no memory");
	return 0;
}

/* The output that is in use. */
static struct fsm_out *target(struct fsmcat *cat)
{
	return cat->opt.write ? &cat->recorder.out : &cat->out;
}

static void flush(struct fsmcat *cat)
{
	/* Its error is found in target()->error. */
	if (cat->opt.write)
		fsm_recorder_flush(&cat->recorder);
	else
		fsm_out_flush(&cat->out);
}

static void print(struct fsmcat *cat, const struct tcpfsm_event *ev)
{
	struct tcpfsm_event shifted;

	if (cat->opt.wall) {
		shifted = *ev;
		shifted.time_ns = fsm_when_real(&cat->when, ev->time_ns);
		ev = &shifted;
	}
	if (ev->type == TCPFSM_REC_EVENT)
		cat->opt.printer->event(&cat->out, ev);
	else if (ev->type == TCPFSM_REC_LOST)
		cat->opt.printer->lost(&cat->out, ev);
}

static void emit(struct fsmcat *cat, const struct fsm_record *record)
{
	if (cat->opt.write)
		fsm_recorder_put(&cat->recorder, record->raw, record->raw_size);
	else
		print(cat, record->ev);
}

static void count_lost(struct fsmcat *cat, const struct tcpfsm_event *ev)
{
	if (fsm_has_lost(ev))
		cat->lost += ev->lost;
	else
		cat->lost_more = true;
}

static bool is_wanted(const struct fsmcat *cat, const struct tcpfsm_event *ev)
{
	return !cat->opt.filter.nr_terms || tcpfsm_filter_match(&cat->opt.filter, ev);
}

static bool has_enough(const struct fsmcat *cat, uint64_t shown)
{
	return cat->opt.count && shown >= cat->opt.count;
}

/* Connections are taken whole, so each event has to be kept. */
static bool take_for_ladders(struct fsmcat *cat, const struct tcpfsm_event *ev)
{
	if (ladders_event(&cat->ladders, ev, is_wanted(cat, ev)))
		cat->out.error = ENOMEM;
	return cat->out.error || has_enough(cat, cat->ladders.drawn);
}

static bool take_for_trial(struct fsmcat *cat, const struct tcpfsm_event *ev)
{
	if (judge_event(&cat->trial.judge, ev, is_wanted(cat, ev)))
		cat->out.error = ENOMEM;
	return cat->out.error;
}

/* Return: true if that was the last one to show. */
static bool take_event(struct fsmcat *cat, const struct fsm_record *record)
{
	const struct tcpfsm_event *ev = record->ev;

	if (ev->time_ns > cat->until_ns)
		return true;
	if (cat->opt.ladder)
		return take_for_ladders(cat, ev);
	if (cat->opt.expect)
		return take_for_trial(cat, ev);
	if (!is_wanted(cat, ev))
		return false;
	emit(cat, record);
	cat->events++;
	return has_enough(cat, cat->events);
}

/* What was lost may have been what is wanted: loss is always told. */
static void take_lost(struct fsmcat *cat, const struct fsm_record *record)
{
	count_lost(cat, record->ev);
	if (!cat->opt.ladder && !cat->opt.expect)
		emit(cat, record);
}

/* Return: true if that was the last one to show. */
static bool take(struct fsmcat *cat, const struct fsm_record *record)
{
	if (record->ev->type == TCPFSM_REC_EVENT)
		return take_event(cat, record);
	if (record->ev->type == TCPFSM_REC_LOST) {
		take_lost(cat, record);
		return false;
	}
	cat->strange++;
	if (cat->opt.write)
		emit(cat, record);
	return false;
}

/* Does each event go into a recording, unseen? */
static bool is_plain_copy(const struct fsmcat *cat)
{
	return cat->opt.write && !cat->opt.filter.nr_terms && !cat->opt.count &&
	       cat->until_ns == UINT64_MAX;
}

/* The same as take() for each of them, at once. */
static void take_run(struct fsmcat *cat)
{
	const void *raw;
	size_t n = fsm_source_next_run(&cat->src, &raw);

	fsm_recorder_put(&cat->recorder, raw, n * sizeof(struct tcpfsm_event));
	cat->events += n;
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

/* Return how long to wait for something to read. */
static uint64_t patience(const struct fsmcat *cat)
{
	uint64_t now = fsm_now_ns(), deadline = cat->trial.deadline_ns;

	if (!cat->opt.expect || deadline == UINT64_MAX)
		return FSM_STOP_FOREVER;
	return deadline > now ? deadline - now : 0;
}

/*
 * Wait until there is something to read, or a signal came, or the command ended, or time
 * is up, or nobody reads our output any more: "fsmcat | head -1" on an idle machine should
 * end.
 */
static void wait_for_input(struct fsmcat *cat)
{
	struct pollfd pfd[3] = {
		{ .fd = cat->src.fd, .events = POLLIN },
		{ .fd = cat->opt.expect ? -1 : target(cat)->fd },
		{ .fd = cat->opt.expect ? cat->trial.pidfd : -1, .events = POLLIN },
	};

	if (fsm_stop_poll(pfd, 3, patience(cat)) > 0 && pfd[1].revents & POLLERR)
		target(cat)->error = EPIPE;
}

/*
 * Without following: has the module given all? It says "not now" also while another CPU
 * is in the middle of writing a record, but then it can be polled for input. The limit is for
 * a stream that never gets past that.
 */
static bool has_given_all(const struct fsmcat *cat)
{
	struct pollfd pfd = { .fd = cat->src.fd, .events = POLLIN };

	return poll(&pfd, 1, 0) == 0 || fsm_now_ns() > cat->until_ns + GIVE_UP_NS;
}

static int source_error(struct fsmcat *cat)
{
	flush(cat);
	fprintf(stderr, "fsmcat: %s\n", cat->src.error);
	return EXIT_ERROR;
}

static int source_ended(struct fsmcat *cat)
{
	if (cat->src.live && cat->opt.follow) {
		flush(cat);
		return error_line(cat->src.name, "the stream has ended: was the module unloaded?");
	}
	if (cat->src.cut)
		fprintf(stderr,
			"fsmcat: %s: the last record is cut: %zu bytes of it are left out\n",
			cat->src.name, cat->src.cut);
	return EXIT_OK;
}

static bool is_over(struct fsmcat *cat, uint64_t now, bool quiet)
{
	return cat->opt.expect && trial_is_over(&cat->trial, now, quiet, cat->src.live);
}

/* From the source to the target, until one of them or the user has had enough. */
static int copy(struct fsmcat *cat)
{
	struct fsm_record record;
	bool plain = is_plain_copy(cat);
	uint64_t now = fsm_now_ns();
	int got;

	while (!fsm_stop_signal && !target(cat)->error && !is_over(cat, now, false)) {
		now = fsm_now_ns();
		do {
			if (plain)
				take_run(cat);
			got = fsm_source_next(&cat->src, &record);
			if (got > 0 && take(cat, &record))
				return EXIT_OK;
		} while (got > 0);
		warn_newer(cat);
		if (got < 0)
			return source_error(cat);
		switch (fsm_source_fill(&cat->src)) {
		case FSM_FILL_OK:
			break;
		case FSM_FILL_WAIT:
			if (cat->src.live && !cat->opt.follow) {
				if (has_given_all(cat))
					return EXIT_OK;
				break;
			}
			flush(cat);
			if (is_over(cat, now, has_given_all(cat)))
				return EXIT_OK;
			/* The command has just ended: look once more at what it did last. */
			if (cat->opt.expect && cat->trial.ended_ns == now)
				break;
			if (!target(cat)->error)
				wait_for_input(cat);
			break;
		case FSM_FILL_END:
			return source_ended(cat);
		case FSM_FILL_ERROR:
			return source_error(cat);
		}
	}
	return EXIT_OK;
}

/* ^C is no wish to see all that is under way; of the one that was asked for it is. */
static void close_ladders(struct fsmcat *cat)
{
	struct ladders *ladders = &cat->ladders;

	if (!has_enough(cat, ladders->drawn) && (!fsm_stop_signal || ladders->one) &&
	    ladders_unfinished(ladders))
		cat->out.error = ENOMEM;
	fsm_lives_free(&ladders->lives);
}

static void tell_lost(const struct fsmcat *cat)
{
	fprintf(stderr, "fsmcat: %s: %llu events lost%s\n", cat->src.name,
		(unsigned long long)cat->lost,
		cat->lost_more ? " and more, nobody said how many" : "");
}

static int close_trial(struct fsmcat *cat)
{
	bool good = trial_end(&cat->trial);

	if (cat->out.error)
		return error_line("--expect", strerror(cat->out.error));
	if (!cat->lost && !cat->lost_more)
		return good ? EXIT_OK : EXIT_ERROR;
	/* They may have been of a connection that nobody judged. */
	tell_lost(cat);
	return EXIT_ERROR;
}

static int close_target(struct fsmcat *cat)
{
	int error;

	if (cat->opt.expect)
		return close_trial(cat);
	if (cat->opt.ladder)
		close_ladders(cat);
	flush(cat);
	error = target(cat)->error;
	if (cat->opt.write) {
		if (fsm_recorder_close(&cat->recorder) && !error)
			error = errno;
	} else {
		if (!cat->opt.ladder)
			cat->opt.printer->end();
		fsm_out_free(&cat->out);
	}
	if (!error)
		return EXIT_OK;
	/* Nobody reads any more: no reason to say so, cat does not either. */
	if (error == EPIPE) {
		fsm_stop_die_of(SIGPIPE);
		return EXIT_ERROR;
	}
	if (!cat->opt.write)
		return error_line("write error", strerror(error));
	fprintf(stderr, "fsmcat: %s: %s: what was recorded before is kept\n", cat->opt.write,
		strerror(error));
	return EXIT_ERROR;
}

static void report_ladders(const struct fsmcat *cat)
{
	if (cat->lost || cat->lost_more)
		tell_lost(cat);
	if (cat->ladders.one && !cat->ladders.drawn)
		fprintf(stderr, "fsmcat: %s: no connection %llx\n", cat->src.name,
			(unsigned long long)cat->ladders.id);
}

static void report(const struct fsmcat *cat)
{
	if (cat->strange)
		fprintf(stderr,
			"fsmcat: %s: %llu records of a type that this fsmcat does not know\n",
			cat->src.name, (unsigned long long)cat->strange);
	if (cat->opt.ladder)
		report_ladders(cat);
	if (cat->opt.write)
		fprintf(stderr, "fsmcat: %s: %llu events recorded, %llu lost%s\n", cat->opt.write,
			(unsigned long long)cat->events, (unsigned long long)cat->lost,
			cat->lost_more ? " and more, nobody said how many" : "");
}

static int run(struct fsmcat *cat)
{
	int status = open_source(cat);
	int closed;

	if (status)
		return status;
	status = open_target(cat);
	if (status)
		return status;
	fsm_stop_catch();
	/* A file that grew to its limit is like a full disk: an error, and no reason to die. */
	signal(SIGXFSZ, SIG_IGN);
	status = copy(cat);
	closed = close_target(cat);
	if (!closed)
		report(cat);
	return status ? status : closed;
}

int main(int argc, char **argv)
{
	static struct fsmcat cat;
	int status;

	fill_standard_streams();
	status = options_parse(&cat.opt, &cat.trial, &cat.ladders, argc, argv);
	if (status)
		return status;
	status = run(&cat);
	fsm_source_close(&cat.src);

	/* A live stream has no end but this; whatever else is interrupted is not complete. */
	if (!status && fsm_stop_signal && (cat.opt.read || !cat.opt.follow))
		fsm_stop_die_of(fsm_stop_signal);
	return status;
}
