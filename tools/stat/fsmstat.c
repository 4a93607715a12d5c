// SPDX-License-Identifier: GPL-2.0
/*
 * fsmstat.c - exact counters of TCP state transitions
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/clock.h"
#include "http.h"
#include "in/counters.h"
#include "out/dot.h"
#include "out/openmetrics.h"

/* Print the header again before it has left the screen, as vmstat does. */
#define LINES_A_HEADER 20

static const char usage_text[] =
	"Show exact counters of the TCP state transitions that the module tcpfsm sees.\n"
	"\n"
	"Examples:\n"
	"  fsmstat                     what happened since the module was loaded\n"
	"  fsmstat 1                   then what happens, a line each second, until ^C\n"
	"  fsmstat 5 12                twelve lines, one each five seconds\n"
	"  fsmstat --openmetrics       all counters and histograms, for Prometheus\n"
	"  fsmstat --listen 9817       serve them at http://127.0.0.1:9817/metrics\n"
	"  fsmstat --svg >tcp.svg      the state diagram with counts and times\n"
	"\n"
	"Usage: fsmstat [OPTION] [INTERVAL [COUNT]]\n"
	"      --openmetrics[=strict]  print the exposition; else it can be read as\n"
	"                              Prometheus's older text format, too\n"
	"      --listen [ADDR:]PORT    serve it; without ADDR to this machine only\n"
	"      --dot                   the diagram for Graphviz\n"
	"      --svg                   the diagram, drawn by Graphviz\n"
	"  -h, --help                  this text\n"
	"  -V, --version               version\n"
	"\n"
	"Exit status: 0 if all went well, 1 after an error, 2 if called wrongly.\n";

enum mode {
	MODE_LINES,
	MODE_OPENMETRICS,
	MODE_STRICT,
	MODE_LISTEN,
	MODE_DOT,
	MODE_SVG
};

/**
 * struct options - what the user asked for
 * @mode: what to do
 * @listen: where to listen
 * @interval: seconds between lines, 0: one line only
 * @count: how many lines, 0: until ^C
 */
struct options {
	enum mode mode;
	const char *listen;
	double interval;
	uint64_t count;
};

static const char *stat_path(void)
{
	return fsm_cli_file("TCPFSM_STAT", FSM_STAT_PATH);
}

static int read_stat(struct fsm_counters *stat)
{
	char error[256];
	int err = fsm_counters_read(stat, stat_path(), error, sizeof(error));

	if (err)
		fprintf(stderr, "fsmstat: %s\n", error);
	return err;
}

/* ---- lines ---- */

/* The columns, in their order: rates, then counts of the moment. */
/* clang-format off */
enum column {
	TRANS, OPENS, PASSIVE, CLOSES, RESETS, FAILS, LOST, MISSED,
	HALF_OPEN, TIMEWAIT, CONNS,
	NR_COLUMNS
};

/* clang-format on */

#define NR_RATES HALF_OPEN

static uint64_t difference(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static uint64_t count_resets(const struct fsm_counters *s)
{
	return fsm_counters_cause(s, 0, TCPFSM_CLOSE, TCPFSM_C_RCV_RST) +
	       fsm_counters_cause(s, 0, TCPFSM_CLOSE, TCPFSM_C_ABORT) +
	       fsm_counters_cause(s, 0, TCPFSM_CLOSE, TCPFSM_C_RCV_DATA);
}

static void fill_columns(uint64_t *c, const struct fsm_counters *s)
{
	c[TRANS] = fsm_counters_edge(s, 0, 0);
	c[OPENS] = fsm_counters_edge(s, TCPFSM_CLOSE, TCPFSM_SYN_SENT);
	c[PASSIVE] = fsm_counters_edge(s, TCPFSM_LISTEN, TCPFSM_SYN_RECV);
	c[CLOSES] = fsm_counters_edge(s, 0, TCPFSM_CLOSE) -
		    fsm_counters_edge(s, TCPFSM_LISTEN, TCPFSM_CLOSE);
	c[RESETS] = count_resets(s);
	c[FAILS] = fsm_counters_edge(s, TCPFSM_SYN_SENT, TCPFSM_CLOSE) +
		   fsm_counters_edge(s, TCPFSM_SYN_RECV, TCPFSM_CLOSE);
	c[LOST] = fsm_counters_sum(s, "overwritten");
	c[MISSED] = difference(fsm_counters_sum(s, "missed"), fsm_counters_sum(s, "repaired"));
	/* Sockets from before the module was loaded are counted at their end only. */
	c[HALF_OPEN] = difference(fsm_counters_sum(s, "requests_created"),
				  fsm_counters_sum(s, "requests_completed") +
					  fsm_counters_sum(s, "requests_ended"));
	c[TIMEWAIT] = difference(fsm_counters_sum(s, "timewait_created"),
				 fsm_counters_sum(s, "timewait_ended"));
	c[CONNS] = fsm_counters_sum(s, "conns_used");
}

static void put_header(bool since_load)
{
	static const char line[] = "-------------------------";

	printf("# %s %s %s ---------- now -----------\n", line,
	       since_load ? "since load" : "per second", line);
	printf("#%7s %7s %7s %7s %7s %7s %7s %7s %8s %8s %8s\n", "TRANS", "OPEN", "PASSIVE",
	       "CLOSE", "RESET", "FAIL", "OVERWR", "MISSED", "HALFOPEN", "TIMEWAIT", "CONNS");
}

static void put_line(const uint64_t *now, const uint64_t *before, double seconds)
{
	int i;

	for (i = 0; i < NR_RATES; i++)
		printf("%s%*" PRIu64, i ? " " : "", i ? 7 : 8,
		       (uint64_t)llround((double)(now[i] - before[i]) / seconds));
	for (; i < NR_COLUMNS; i++)
		printf(" %8" PRIu64, now[i]);
	putchar('\n');
}

static double now_seconds(void)
{
	return (double)fsm_now_ns() / 1e9;
}

static void sleep_until(double when)
{
	struct timespec ts = { .tv_sec = (time_t)when };

	ts.tv_nsec = (long)((when - floor(when)) * 1e9);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

/* Counters only grow: if one is smaller, the module was loaded anew. */
static bool is_reloaded(const uint64_t *now, const uint64_t *before)
{
	int i;

	for (i = 0; i < MISSED; i++)
		if (now[i] < before[i])
			return true;
	return false;
}

/* Read the counters. If the module has gone, say so once. */
static int read_again(struct fsm_counters *stat, bool *gone)
{
	char error[256];
	int err = fsm_counters_read(stat, stat_path(), error, sizeof(error));

	if (err == -ENOENT) {
		if (!*gone)
			fprintf(stderr, "fsmstat: %s: gone; waiting until the module is loaded\n",
				stat_path());
		*gone = true;
	} else if (err) {
		fprintf(stderr, "fsmstat: %s\n", error);
	}
	return err;
}

static int follow(const struct options *opt, uint64_t *before)
{
	static const uint64_t zero[NR_COLUMNS];
	uint64_t now[NR_COLUMNS];
	double next = now_seconds(), since = next;
	uint64_t lines = 1;
	bool gone = false;

	while (!opt->count || lines < opt->count) {
		struct fsm_counters stat;
		double at;
		int err;

		next += opt->interval;
		sleep_until(next);
		err = read_again(&stat, &gone);
		if (err == -ENOENT)
			continue;
		if (err)
			return EXIT_ERROR;
		at = now_seconds();
		fill_columns(now, &stat);
		fsm_counters_free(&stat);
		if (gone || is_reloaded(now, before)) {
			put_header(true);
			put_line(now, zero, 1);
			gone = false;
			lines++;
			put_header(false);
		} else {
			/* A repair can come after the miss that it repairs. */
			if (now[MISSED] < before[MISSED])
				before[MISSED] = now[MISSED];
			if (lines++ % LINES_A_HEADER == 1)
				put_header(false);
			put_line(now, before, at - since);
		}
		if (fsm_cli_printed(EXIT_OK))
			return EXIT_ERROR;
		memcpy(before, now, sizeof(now));
		since = at;
	}
	return EXIT_OK;
}

static int show_lines(const struct options *opt)
{
	static const uint64_t zero[NR_COLUMNS];
	uint64_t first[NR_COLUMNS];
	struct fsm_counters stat;

	if (read_stat(&stat))
		return EXIT_ERROR;
	fill_columns(first, &stat);
	fsm_counters_free(&stat);
	put_header(true);
	put_line(first, zero, 1);
	if (fsm_cli_printed(EXIT_OK))
		return EXIT_ERROR;
	return opt->interval > 0 ? follow(opt, first) : EXIT_OK;
}

/* ---- other forms ---- */

/* Let Graphviz's program draw the graph, which it gets through a pipe. */
static int draw(const struct fsm_counters *stat)
{
	int pipe_fd[2], status;
	FILE *out;
	pid_t pid;

	if (pipe(pipe_fd))
		return EXIT_ERROR;
	signal(SIGPIPE, SIG_IGN);
	pid = fork();
	if (pid == 0) {
		dup2(pipe_fd[0], STDIN_FILENO);
		close(pipe_fd[0]);
		close(pipe_fd[1]);
		signal(SIGPIPE, SIG_DFL);
		execlp("dot", "dot", "-Tsvg", (char *)NULL);
		_exit(127);
	}
	close(pipe_fd[0]);
	out = fdopen(pipe_fd[1], "w");
	if (pid < 0 || !out)
		return EXIT_ERROR;
	fsm_dot(out, stat);
	fclose(out);
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return EXIT_OK;
	fprintf(stderr, WIFEXITED(status) && WEXITSTATUS(status) == 127 ?
				"fsmstat: --svg needs dot; in Debian: apt-get install graphviz\n" :
				"fsmstat: dot could not draw the diagram\n");
	return EXIT_ERROR;
}

static int show(const struct options *opt)
{
	struct fsm_counters stat;
	int status = EXIT_OK;

	if (opt->mode == MODE_LINES)
		return show_lines(opt);
	if (opt->mode == MODE_LISTEN)
		return fsm_http_serve(opt->listen, stat_path());
	if (read_stat(&stat))
		return EXIT_ERROR;
	if (opt->mode == MODE_DOT)
		fsm_dot(stdout, &stat);
	else if (opt->mode == MODE_SVG)
		status = draw(&stat);
	else
		fsm_openmetrics(stdout, &stat, opt->mode == MODE_STRICT);
	fsm_counters_free(&stat);
	return fsm_cli_printed(status);
}

static int parse_numbers(struct options *opt, int argc, char **argv)
{
	if (argc > 2)
		return fsm_cli_wrong("unexpected argument: ", argv[2]);
	if (argc && opt->mode != MODE_LINES)
		return fsm_cli_wrong("an interval is for lines only, not ", argv[0]);
	if (argc > 0 && !fsm_cli_decimal(argv[0], 0.01, 1e6, &opt->interval))
		return fsm_cli_wrong("the interval is in seconds, not ", argv[0]);
	if (argc > 1 && !fsm_cli_count(argv[1], &opt->count))
		return fsm_cli_wrong("the count is a number from 1 on, not ", argv[1]);
	return 0;
}

/* Return 0, or EXIT_USAGE. The function does not return after --help and --version. */
static int parse_options(struct options *opt, int argc, char **argv)
{
	enum {
		OPT_OPENMETRICS = 256,
		OPT_LISTEN,
		OPT_DOT,
		OPT_SVG
	};
	static const struct option longs[] = {
		{ "openmetrics", optional_argument, NULL, OPT_OPENMETRICS },
		{ "listen", required_argument, NULL, OPT_LISTEN },
		{ "dot", no_argument, NULL, OPT_DOT },
		{ "svg", no_argument, NULL, OPT_SVG },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	enum mode mode = MODE_LINES;
	int c;

	*opt = (struct options){ .mode = MODE_LINES };
	while ((c = getopt_long(argc, argv, "hV", longs, NULL)) != -1) {
		switch (c) {
		case OPT_OPENMETRICS:
			mode = optarg ? MODE_STRICT : MODE_OPENMETRICS;
			if (optarg && strcmp(optarg, "strict"))
				return fsm_cli_wrong("--openmetrics can be strict, not ", optarg);
			break;
		case OPT_LISTEN:
			mode = MODE_LISTEN;
			opt->listen = optarg;
			break;
		case OPT_DOT:
			mode = MODE_DOT;
			break;
		case OPT_SVG:
			mode = MODE_SVG;
			break;
		case 'h':
			fputs(usage_text, stdout);
			exit(fsm_cli_printed(EXIT_OK));
		case 'V':
			printf("fsmstat %s\n", FSM_VERSION);
			exit(fsm_cli_printed(EXIT_OK));
		default:
			/* getopt_long() has said what is wrong. */
			return EXIT_USAGE;
		}
		if (opt->mode != MODE_LINES && opt->mode != mode)
			return fsm_cli_wrong("only one of --openmetrics --listen --dot --svg", "");
		opt->mode = mode;
	}
	return parse_numbers(opt, argc - optind, argv + optind);
}

int main(int argc, char **argv)
{
	struct options opt;
	int status = parse_options(&opt, argc, argv);

	return status ? status : show(&opt);
}
