// SPDX-License-Identifier: GPL-2.0
/*
 * chaincheck.c - judge the stream of transitions of a whole machine
 *
 * Reads /proc/tcpfsm_raw (until SIGINT or SIGTERM) or a recorded file (to its
 * end), takes every record through the chain checker and prints what it
 * counted, one "name value" a line.
 */
#define _GNU_SOURCE /* ppoll() */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chains.h"
#include "rawstream.h"

#define SHOWN_FAULTS 20

enum {
	EXIT_FAULTY = 1,
	EXIT_CANNOT = 2
};

struct options {
	const char *source;
	const char *output;
	bool older;
	bool follow;
	bool lossy;
	bool list;
	bool pause;
	unsigned int wait_closed;
	size_t max_ids;
};

static struct rawstream stream;
static struct chains chains;
static uint64_t lost, lost_records, shown, until;
static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

static const char usage[] =
	"usage: chaincheck [-laLnp] [-m IDS] [-o FILE] [-w SECONDS] [SOURCE]\n"
	"\n"
	"  chaincheck                  judge /proc/tcpfsm_raw until SIGINT or SIGTERM\n"
	"  chaincheck -n               judge what is in the ring now\n"
	"  chaincheck -w 90            at SIGTERM wait 90 s for open connections to end\n"
	"  chaincheck FILE             judge a recording\n"
	"\n"
	"  -a  connections may be older than the stream\n"
	"  -l  being overtaken is no fault (the records lost are counted)\n"
	"  -L  list each event\n"
	"  -m  most ids to keep (default 4000000)\n"
	"  -n  do not follow\n"
	"  -o  write the counts to FILE instead of standard output\n"
	"  -p  read nothing until told to stop: let the ring overtake\n"
	"\n"
	"Exit status: 0 nothing wrong, 1 faults found, 2 could not judge.\n";

static int parse(struct options *o, int argc, char **argv)
{
	int opt;

	*o = (struct options){
		.source = "/proc/tcpfsm_raw",
		.follow = true,
		.max_ids = 4000000,
	};
	while ((opt = getopt(argc, argv, "aLlm:no:pw:h")) != -1) {
		switch (opt) {
		case 'a':
			o->older = true;
			break;
		case 'L':
			o->list = true;
			break;
		case 'l':
			o->lossy = true;
			break;
		case 'm':
			o->max_ids = strtoul(optarg, NULL, 10);
			break;
		case 'n':
			o->follow = false;
			break;
		case 'o':
			o->output = optarg;
			break;
		case 'p':
			o->pause = true;
			break;
		case 'w':
			o->wait_closed = strtoul(optarg, NULL, 10);
			break;
		default:
			fputs(usage, opt == 'h' ? stdout : stderr);
			return opt == 'h' ? 0 : -1;
		}
	}
	if (optind < argc)
		o->source = argv[optind++];
	if (optind < argc) {
		fputs(usage, stderr);
		return -1;
	}
	return 1;
}

static void print_event(FILE *f, const struct tcpfsm_event *e, const char *remark)
{
	fprintf(f, "%" PRIu64 ".%09" PRIu64 " %" PRIx64 "/%u %s -> %s flags %#x cpu %u %u>%u %s\n",
		(uint64_t)e->time_ns / 1000000000, (uint64_t)e->time_ns % 1000000000,
		(uint64_t)e->id, e->gen, chains_state_name(e->old), chains_state_name(e->new),
		e->flags, e->cpu, e->lport, e->rport, remark);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* Returns 0 or an exit status. */
static int take(const struct options *o, const struct tcpfsm_event *e)
{
	enum chains_fault fault;
	int ret;

	if (e->type == TCPFSM_REC_LOST) {
		lost += e->lost;
		lost_records++;
		/*
		 * Of a live stream we know only that they have happened by now; events
		 * older than the lost ones may well follow.
		 */
		chains_gap(&chains, stream.live ? now_ns() : e->time_ns);
		if (o->list)
			printf("lost %" PRIu64 "\n", (uint64_t)e->lost);
		return 0;
	}
	ret = chains_event(&chains, e, &fault);
	if (ret) {
		fprintf(stderr, "chaincheck: %s after %zu ids\n", strerror(-ret), chains.ids);
		return EXIT_CANNOT;
	}
	if (o->list)
		print_event(stdout, e, chains_fault_name(fault));
	if (fault && shown++ < SHOWN_FAULTS)
		print_event(stderr, e, chains_fault_name(fault));
	return 0;
}

/*
 * Events later than this are not taken: told to stop, one would otherwise go on
 * for as long as they come as fast as they are read.
 */
static uint64_t end_time(const struct options *o)
{
	if (!stopped)
		return UINT64_MAX;
	if (!until)
		until = now_ns() + o->wait_closed * 1000000000ull;
	return until;
}

static uint64_t time_left(const struct options *o)
{
	uint64_t end = end_time(o), now = now_ns();

	return now < end ? end - now : 0;
}

/* Take all that is there. Returns 0 or an exit status. */
static int drain(const struct options *o)
{
	struct tcpfsm_event e;
	int ret;

	while ((ret = rawstream_next(&stream, &e)) > 0) {
		if (e.type == TCPFSM_REC_EVENT && e.time_ns > end_time(o))
			return 0;
		ret = take(o, &e);
		if (ret)
			return ret;
	}
	if (!ret)
		return 0;
	fprintf(stderr, "chaincheck: %s: %s (byte %" PRIu64 ")\n", o->source,
		ret == -EPROTO ? stream.error : strerror(-ret), stream.offset);
	return ret == -EPROTO ? EXIT_FAULTY : EXIT_CANNOT;
}

/* Wait for records; for a signal, too, unless it has been @seen. */
static int wait_for_more(const struct options *o, bool seen)
{
	struct pollfd fds = { .fd = stream.fd, .events = o->pause && !seen ? 0 : POLLIN };
	uint64_t left = seen ? time_left(o) : 0;
	struct timespec timeout = { .tv_sec = left / 1000000000, .tv_nsec = left % 1000000000 };
	sigset_t signals, unblocked;
	int ret = 0;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	/* So that none comes between the look at the flag and the wait. */
	sigprocmask(SIG_BLOCK, &signals, &unblocked);
	if (seen || !stopped)
		ret = ppoll(&fds, 1, seen ? &timeout : NULL, &unblocked);
	sigprocmask(SIG_SETMASK, &unblocked, NULL);
	if (ret >= 0 || errno == EINTR)
		return 0;
	fprintf(stderr, "chaincheck: poll: %s\n", strerror(errno));
	return EXIT_CANNOT;
}

/* Follow the stream until a signal, and then as long as connections are open. */
static int follow(const struct options *o)
{
	for (;;) {
		bool seen = stopped;
		int ret = o->pause && !seen ? 0 : drain(o);

		if (ret || (seen && (!chains.open || !time_left(o))))
			return ret;
		ret = wait_for_more(o, seen);
		if (ret)
			return ret;
	}
}

static void print_counts(FILE *f)
{
	fprintf(f, "events %" PRIu64 "\n", chains.events);
	fprintf(f, "lost %" PRIu64 "\nlost_records %" PRIu64 "\n", lost, lost_records);
	fprintf(f, "ids %zu\nconnections %" PRIu64 "\n", chains.ids, chains.generations);
	fprintf(f, "older %" PRIu64 "\n", chains.older);
	fprintf(f, "closed %" PRIu64 "\nopen %" PRIu64 "\n", chains.closed, chains.open);
	fprintf(f, "portless %" PRIu64 "\n", chains.portless);
	fprintf(f, "causeless %" PRIu64 "\n", chains.causeless);
	fprintf(f, "repaired %" PRIu64 "\n", chains.repaired);
	for (int i = CHAINS_OK + 1; i < CHAINS_NR_FAULTS; i++)
		fprintf(f, "fault_%s %" PRIu64 "\n", chains_fault_name(i), chains.faults[i]);
	fprintf(f, "faults %" PRIu64 "\n", chains_faults(&chains));
	for (int i = 1; i <= CHAINS_MAX_LENGTH; i++)
		if (chains.lengths[i])
			fprintf(f, "length %d %" PRIu64 "\n", i, chains.lengths[i]);
	for (int s = 1; s < TCPFSM_NR_STATES; s++)
		for (int k = 0; k < CHAINS_NR_OBJECTS; k++)
			if (chains.open_in[s][k])
				fprintf(f, "open_in %s %s %" PRIu64 "\n", chains_state_name(s),
					chains_object_name(k), chains.open_in[s][k]);
	for (int s = 1; s < TCPFSM_NR_STATES; s++)
		for (int t = 1; t < TCPFSM_NR_STATES; t++)
			for (int k = 0; k < CHAINS_NR_OBJECTS; k++)
				if (chains.edges[s][t][k])
					fprintf(f, "edge %s %s %s %" PRIu64 "\n",
						chains_state_name(s), chains_state_name(t),
						chains_object_name(k), chains.edges[s][t][k]);
}

static int report(const struct options *o)
{
	FILE *f = o->output ? fopen(o->output, "w") : stdout;

	if (!f) {
		fprintf(stderr, "chaincheck: %s: %s\n", o->output, strerror(errno));
		return EXIT_CANNOT;
	}
	print_counts(f);
	if (fflush(f) || (o->output && fclose(f))) {
		fprintf(stderr, "chaincheck: cannot write: %s\n", strerror(errno));
		return EXIT_CANNOT;
	}
	return 0;
}

static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

int main(int argc, char **argv)
{
	struct options o;
	int ret = parse(&o, argc, argv);

	if (ret <= 0)
		return ret ? EXIT_CANNOT : 0;
	catch_signals();
	ret = rawstream_open(&stream, o.source);
	if (!ret)
		ret = chains_init(&chains, o.max_ids);
	if (ret) {
		fprintf(stderr, "chaincheck: %s: %s\n", o.source, strerror(-ret));
		return EXIT_CANNOT;
	}
	chains.allow_older = o.older;

	ret = stream.live && o.follow ? follow(&o) : drain(&o);
	if (ret == EXIT_CANNOT || report(&o))
		return EXIT_CANNOT;
	chains_free(&chains);
	rawstream_close(&stream);
	return ret || chains_faults(&chains) || (lost && !o.lossy) ? EXIT_FAULTY : 0;
}
