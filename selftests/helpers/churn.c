// SPDX-License-Identifier: GPL-2.0
/*
 * churn.c - connections that begin and end in every ordinary way, by the thousand
 *
 * Prints how many it made end in which way, and what it saw, "name value" a line.
 */
#define _GNU_SOURCE /* setns() */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "churn.h"

#define MAX_PATHS   8
#define MAX_WORKERS 64

/* Of a hundred batches, how many end in which way. */
static const unsigned int mix[CHURN_NR_WAYS] = {
	[CHURN_CLIENT_FIRST] = 34, [CHURN_SERVER_FIRST] = 18,  [CHURN_BOTH_AT_ONCE] = 12,
	[CHURN_CLIENT_RESET] = 7,  [CHURN_SERVER_RESET] = 6,   [CHURN_UNREAD_DATA] = 6,
	[CHURN_HALF_RESET] = 3,	   [CHURN_ABANDONED] = 2,      [CHURN_UNACCEPTED] = 2,
	[CHURN_REFUSED] = 4,	   [CHURN_SYN_UNANSWERED] = 2, [CHURN_SYN_RESET] = 4,
};

static struct churn_path paths[MAX_PATHS];
static int npaths;
static volatile sig_atomic_t stopped;

static const char usage[] =
	"usage: churn [-l] [-n CONNECTIONS] [-p PROCESSES] [-s SEED] [-w SECONDS] PATH...\n"
	"\n"
	"  churn -n 1000 to=127.1.0.0,own=127.0.0.1\n"
	"  churn -n 0 client=a,server=b,to=fd81::\n"
	"\n"
	"A PATH is a list of\n"
	"  to=ADDRESS     where to connect to; the last 16 bits are varied\n"
	"  client=NETNS   connect from this namespace (a name of ip-netns)\n"
	"  server=NETNS   listen in this one\n"
	"  own=ADDRESS    an IPv4 address of the client, for SYNs that are reset\n"
	"  silent=ADDRESS first of 65536 addresses that lead nowhere, for SYNs without answer\n"
	"  mapped         listen for IPv4 on an IPv6 socket\n"
	"\n"
	"-l: go on when segments are lost. -n 0: until SIGINT or SIGTERM. -w: for a dozen\n"
	"connections at most so long, else it fails.\n"
	"Default: 100000 connections, 8 processes, seed 1, 300 seconds.\n";

/**
 * churn_name - what a count is called in the report
 * @count: which one
 */
const char *churn_name(enum churn_count count)
{
	static const char *const names[CHURN_NR_COUNTS] = {
#define CHURN_X(id, name) [CHURN_##id] = name,
		CHURN_COUNTS(CHURN_X)
#undef CHURN_X
	};

	return names[count];
}

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/**
 * churn_random - xorshift: cheap, and the same for the same seed
 * @c: the process's work
 * @below: one more than the largest number wanted
 *
 * Return: a number.
 */
uint32_t churn_random(struct churn *c, uint32_t below)
{
	c->rng ^= c->rng << 13;
	c->rng ^= c->rng >> 7;
	c->rng ^= c->rng << 17;
	return (c->rng >> 32) % below;
}

/**
 * churn_enter - sockets opened from now on belong to this namespace
 * @netns: open file of it, -1: stay
 */
void churn_enter(int netns)
{
	static int present = -1;

	if (netns == present || netns < 0)
		return;
	if (setns(netns, CLONE_NEWNET))
		err(2, "setns");
	present = netns;
}

static int open_netns(const char *name)
{
	char file[256];
	int fd;

	snprintf(file, sizeof(file), "/run/netns/%s", name);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(2, "%s", file);
	return fd;
}

static uint32_t parse_ipv4(const char *s)
{
	struct in_addr a;

	if (inet_pton(AF_INET, s, &a) != 1)
		errx(2, "%s: not an IPv4 address", s);
	return ntohl(a.s_addr);
}

static void parse_destination(struct churn_path *p, const char *s)
{
	p->family = strchr(s, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(p->family, s, &p->to) != 1)
		errx(2, "%s: not an address", s);
}

static void parse_path(char *s)
{
	enum {
		TO,
		CLIENT,
		SERVER,
		OWN,
		SILENT,
		MAPPED
	};
	static char *const names[] = { "to", "client", "server", "own", "silent", "mapped", NULL };
	struct churn_path *p = &paths[npaths];
	char *value;

	if (npaths++ == MAX_PATHS)
		errx(2, "more than %d paths", MAX_PATHS);
	*p = (struct churn_path){ .client_ns = -1, .server_ns = -1, .raw = -1, .forgetful = -1 };
	while (*s) {
		int name = getsubopt(&s, names, &value);

		if (name < 0 || (name != MAPPED && !value))
			errx(2, "path: cannot make sense of \"%s\"", value ? value : names[name]);
		if (name == TO)
			parse_destination(p, value);
		else if (name == CLIENT)
			p->client_ns = open_netns(value);
		else if (name == SERVER)
			p->server_ns = open_netns(value);
		else if (name == OWN)
			p->own = parse_ipv4(value);
		else if (name == SILENT)
			p->silent = parse_ipv4(value);
		else
			p->mapped = true;
	}
	if (!p->family)
		errx(2, "path without a destination");
}

static bool possible(const struct churn_path *p, enum churn_count way)
{
	if (way == CHURN_SYN_RESET)
		return p->own;
	if (way == CHURN_SYN_UNANSWERED)
		return p->silent;
	return true;
}

static enum churn_count pick_way(struct churn *c)
{
	for (;;) {
		uint32_t r = churn_random(c, 100);
		int way = 0;

		while (r >= mix[way])
			r -= mix[way++];
		if (possible(c->path, way))
			return way;
	}
}

/* @share connections, or without end if @share is 0. */
static void work(struct churn *c, unsigned long share)
{
	bool endless = !share;

	for (int i = 0; i < npaths; i++)
		churn_listen(c, &paths[i]);
	while (!stopped && (share || endless)) {
		int n = endless || share > CHURN_BATCH ? CHURN_BATCH : share;

		c->path = &paths[churn_random(c, npaths)];
		churn_batch(c, pick_way(c), n);
		if (!endless)
			share -= n;
	}
	churn_finish(c);
}

static pid_t start_worker(struct churn c, unsigned long share, unsigned long seed)
{
	pid_t pid = fork();

	if (pid < 0)
		err(2, "fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	c.rng = (seed * MAX_WORKERS + c.worker + 1) * 0x9e3779b97f4a7c15ull;
	work(&c, share);
	_exit(0);
}

/* Returns how many of them failed. */
static int wait_for_all(const pid_t *pids, int workers)
{
	int status, failed = 0;

	for (int left = workers; left; left--) {
		while (wait(&status) < 0) {
			if (errno != EINTR)
				err(2, "wait");
			for (int w = 0; w < workers; w++)
				kill(pids[w], SIGTERM);
		}
		if (WIFSIGNALED(status))
			warnx("a process was ended by signal %d (%s)", WTERMSIG(status),
			      strsignal(WTERMSIG(status)));
		failed += !WIFEXITED(status) || WEXITSTATUS(status);
	}
	return failed;
}

/* A worker ends what it has begun: its system calls go on after the signal. */
static void catch_signals(int flags)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = flags };

	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
}

static void print_counts(uint64_t counts[][CHURN_NR_COUNTS], int workers)
{
	uint64_t connections = 0;

	for (int i = 0; i < CHURN_NR_COUNTS; i++) {
		uint64_t sum = 0;

		for (int w = 0; w < workers; w++)
			sum += counts[w][i];
		printf("%s %" PRIu64 "\n", churn_name(i), sum);
		connections += i < CHURN_NR_WAYS ? sum : 0;
	}
	printf("connections %" PRIu64 "\n", connections);
}

static unsigned long number(const char *s, unsigned long max)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);

	if (!*s || *end || n > max)
		errx(2, "%s: not a number up to %lu", s, max);
	return n;
}

int main(int argc, char **argv)
{
	unsigned long connections = 100000, workers = 8, seed = 1;
	struct churn c = { .patience = 300 };
	uint64_t(*counts)[CHURN_NR_COUNTS];
	pid_t pids[MAX_WORKERS];
	int opt, failed;

	while ((opt = getopt(argc, argv, "ln:p:s:w:h")) != -1) {
		if (opt == 'l')
			c.lossy = true;
		else if (opt == 'n')
			connections = number(optarg, ~0ul);
		else if (opt == 'p')
			workers = number(optarg, MAX_WORKERS);
		else if (opt == 's')
			seed = number(optarg, ~0ul);
		else if (opt == 'w')
			c.patience = number(optarg, 86400);
		else
			return fputs(usage, opt == 'h' ? stdout : stderr), opt == 'h' ? 0 : 2;
	}
	for (int i = optind; i < argc; i++)
		parse_path(argv[i]);
	if (!npaths || !workers || (connections && connections < workers))
		return fputs(usage, stderr), 2;
	counts = mmap(NULL, sizeof(*counts) * workers, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		err(2, "mmap");
	catch_signals(SA_RESTART);
	for (unsigned long w = 0; w < workers; w++) {
		c.worker = w;
		c.counts = counts[w];
		pids[w] =
			start_worker(c, connections / workers + (w < connections % workers), seed);
	}
	catch_signals(0);
	failed = wait_for_all(pids, workers);
	print_counts(counts, workers);
	return failed ? 2 : 0;
}
