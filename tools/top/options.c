// SPDX-License-Identifier: GPL-2.0
/*
 * options.c - what the user asked for
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"

#define SCREENS "states, connections, diagram or listeners"

#define WIDTH_DEFAULT 100
#define WIDTH_MIN     60
#define WIDTH_MAX     300

static const char usage_text[] =
	"Watch the TCP connections of a machine in their states, live.\n"
	"\n"
	"Examples:\n"
	"  fsmtop                         the screen; ? shows what the keys do\n"
	"  fsmtop -f 'port=443'           only these connections\n"
	"  fsmtop -s connections          the table, those that are stuck first\n"
	"  fsmtop -b -n 1 -g process      once, as text: who owns what\n"
	"  fsmtop --json -d 10            counts, rates, times: a line every ten seconds\n"
	"  fsmtop -r run.fsm --speed 10   what fsmcat -w recorded, but faster\n"
	"\n"
	"Usage: fsmtop [OPTION]...\n"
	"  -d, --delay SECONDS  between two pictures: 0.1 to 3600, default 1\n"
	"  -f, --filter EXPR    only what EXPR wants: terms [!]key=value[,value];\n"
	"                       keys: port lport rport addr laddr raddr family netns uid\n"
	"                       state cause\n"
	"  -s, --screen NAME    states connections diagram listeners\n"
	"  -g, --group BY       connections by process, cgroup or peer\n"
	"  -i, --id ID          the life of one connection, with -b as of a recording\n"
	"  -r, --read FILE      replay what fsmcat -w has recorded; - is stdin\n"
	"      --speed X        X times as fast as it was; max: as fast as it can\n"
	"  -b, --batch          print text, no screen\n"
	"      --json           print JSON Lines, an object a picture\n"
	"  -n, --count N        end after N pictures\n"
	"  -w, --width COLUMNS  of the text: 60 to 300, default 100\n"
	"      --ascii          no other characters than those of ASCII\n"
	"  -h, --help           this text\n"
	"  -V, --version        version\n"
	"\n"
	"Exit status: 0 if all went well, 1 after an error, 2 if called wrongly.\n";

static bool parse_speed(const char *text, double *speed)
{
	if (!strcmp(text, "max")) {
		*speed = 0;
		return true;
	}
	return fsm_cli_decimal(text, 0.001, 1e6, speed);
}

static bool parse_width(const char *text, unsigned int *width)
{
	double columns;

	if (!fsm_cli_decimal(text, WIDTH_MIN, WIDTH_MAX, &columns))
		return false;
	*width = (unsigned int)columns;
	return true;
}

static bool parse_id(const char *text, uint64_t *id)
{
	char *end;

	if (!*text || strspn(text, "0123456789abcdefABCDEF") != strlen(text))
		return false;
	errno = 0;
	*id = strtoull(text, &end, 16);
	return !errno && *id;
}

/* Return the number of a name, -1 if it is none of them. */
static int parse_name(const char *text, const char *const *names, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		if (names[i] && !strcmp(text, names[i]))
			return i;
	return -1;
}

static bool parse_view(const char *text, enum top_view *view)
{
	static const char *const names[NR_VIEWS] = {
		[VIEW_STATES] = "states",
		[VIEW_CONNS] = "connections",
		[VIEW_DIAGRAM] = "diagram",
		[VIEW_LISTENERS] = "listeners",
	};
	int i = parse_name(text, names, NR_VIEWS);

	*view = (enum top_view)i;
	return i >= 0;
}

static bool parse_grouping(const char *text, enum top_grouping *grouping)
{
	static const char *const names[NR_GROUPINGS] = {
		[GROUP_PROCESS] = "process",
		[GROUP_CGROUP] = "cgroup",
		[GROUP_PEER] = "peer",
	};
	int i = parse_name(text, names, NR_GROUPINGS);

	*grouping = (enum top_grouping)i;
	return i >= 0;
}

/* Show below the expression where it is wrong, if it is one line. */
static int check_filter(const char *text)
{
	struct tcpfsm_filter_error error;
	struct tcpfsm_filter filter;
	int status;

	if (!tcpfsm_filter_parse(&filter, text, &error))
		return 0;
	status = fsm_cli_wrong_at("-f", error.at, error.what);
	if (strlen(text) < 100 && !strpbrk(text, "\n\t\033"))
		fprintf(stderr, "  %s\n  %*s^\n", text, (int)error.at, "");
	return status;
}

static int check(const struct options *opt)
{
	if (!opt->batch && opt->count)
		return fsm_cli_wrong("-n is for -b and --json", "");
	if (!opt->batch && opt->width)
		return fsm_cli_wrong("-w is for -b", "");
	if (!opt->read && opt->speed >= 0)
		return fsm_cli_wrong("--speed is for -r", "");
	return opt->filter ? check_filter(opt->filter) : 0;
}

/* Print a text that the user asked for instead of a run. */
static void print_and_exit(bool version)
{
	if (version)
		printf("fsmtop %s (records of version %d)\n", FSM_VERSION, TCPFSM_ABI_VERSION);
	else
		fputs(usage_text, stdout);
	exit(fsm_cli_printed(EXIT_OK));
}

enum {
	OPT_JSON = 256,
	OPT_SPEED,
	OPT_ASCII
};

/* Take an option that has no value. Return whether it is one. */
static bool take_switch(struct options *opt, int c)
{
	switch (c) {
	case 'b':
		opt->batch = true;
		return true;
	case OPT_JSON:
		opt->json = true;
		opt->batch = true;
		return true;
	case OPT_ASCII:
		opt->ascii = true;
		return true;
	case 'h':
	case 'V':
		print_and_exit(c == 'V');
		return true;
	default:
		return false;
	}
}

/* Take an option about what to show. Return whether it is one, and set @why if it is wrong. */
static bool take_view(struct options *opt, int c, const char **why)
{
	switch (c) {
	case 'f':
		opt->filter = optarg;
		return true;
	case 's':
		if (!parse_view(optarg, &opt->view))
			*why = "-s wants " SCREENS ", not ";
		return true;
	case 'g':
		if (!parse_grouping(optarg, &opt->grouping))
			*why = "-g wants process, cgroup or peer, not ";
		opt->view = VIEW_CONNS;
		return true;
	case 'i':
		if (!parse_id(optarg, &opt->id))
			*why = "-i wants an ID as fsmcat prints it, not ";
		opt->view = VIEW_LADDER;
		return true;
	default:
		return false;
	}
}

/* Take an option about when and how to show it, as take_view() does. */
static bool take_pace(struct options *opt, int c, const char **why)
{
	switch (c) {
	case 'd':
		if (!fsm_cli_decimal(optarg, 0.1, 3600, &opt->delay))
			*why = "-d wants seconds from 0.1 to 3600, not ";
		return true;
	case 'r':
		opt->read = optarg;
		return true;
	case OPT_SPEED:
		if (!parse_speed(optarg, &opt->speed))
			*why = "--speed is from 0.001 on or max, not ";
		return true;
	case 'n':
		if (!fsm_cli_count(optarg, &opt->count))
			*why = "-n wants pictures from 1 on, not ";
		return true;
	case 'w':
		if (!parse_width(optarg, &opt->width))
			*why = "-w wants columns from 60 to 300, not ";
		return true;
	default:
		return false;
	}
}

/* Return 0, or EXIT_USAGE after saying what is wrong. */
static int take_option(struct options *opt, int c)
{
	const char *why = NULL;

	if (take_switch(opt, c))
		return 0;
	if (!take_view(opt, c, &why) && !take_pace(opt, c, &why))
		/* getopt_long() has said what is wrong. */
		return EXIT_USAGE;
	return why ? fsm_cli_wrong(why, optarg) : 0;
}

/**
 * options_parse() - understand the command line
 * @opt: set to what it says
 * @argc: as main() has it
 * @argv: as main() has it
 *
 * The function does not return after --help and --version.
 *
 * Return: 0, or EXIT_USAGE after saying what is wrong.
 */
int options_parse(struct options *opt, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "delay", required_argument, NULL, 'd' },
		{ "filter", required_argument, NULL, 'f' },
		{ "screen", required_argument, NULL, 's' },
		{ "group", required_argument, NULL, 'g' },
		{ "id", required_argument, NULL, 'i' },
		{ "read", required_argument, NULL, 'r' },
		{ "speed", required_argument, NULL, OPT_SPEED },
		{ "batch", no_argument, NULL, 'b' },
		{ "json", no_argument, NULL, OPT_JSON },
		{ "count", required_argument, NULL, 'n' },
		{ "width", required_argument, NULL, 'w' },
		{ "ascii", no_argument, NULL, OPT_ASCII },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c, status;

	*opt = (struct options){ .delay = 1, .speed = -1 };
	while ((c = getopt_long(argc, argv, "d:f:s:g:i:r:bn:w:hV", longs, NULL)) != -1)
		if (take_option(opt, c))
			return EXIT_USAGE;
	if (optind < argc)
		return fsm_cli_wrong("unexpected argument: ", argv[optind]);
	status = check(opt);
	if (!opt->width)
		opt->width = WIDTH_DEFAULT;
	return status;
}
