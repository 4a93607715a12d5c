// SPDX-License-Identifier: GPL-2.0
/*
 * options.c - the command line of fsmcat
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "in/recording.h"
#include "out/csv.h"
#include "out/json.h"
#include "out/text.h"
#include "sink.h"

static const char usage_text[] =
	"Show the state transitions of TCP connections that the module tcpfsm records.\n"
	"\n"
	"Examples:\n"
	"  fsmcat                          what is kept, then what happens, until ^C\n"
	"  fsmcat --no-follow              what is kept\n"
	"  fsmcat -n 11                    stop after 11 events\n"
	"  fsmcat -f 'port=443 !cause=2msl'  only these\n"
	"  fsmcat --json | jq 'select(.new == \"CLOSE_WAIT\")'\n"
	"  fsmcat --ladder                 each connection, drawn when it has ended\n"
	"  fsmcat --expect 'CLOSE>SYN_SENT>ESTABLISHED>...' -- curl http://[::1]/\n"
	"  fsmcat -w run.fsm               record until ^C\n"
	"  fsmcat -r run.fsm --csv         what was recorded, here or on another machine\n"
	"\n"
	"Usage: fsmcat [OPTION]...\n"
	"       fsmcat --expect WAY [OPTION]... -- COMMAND [ARG]...\n"
	"  -n, --count N     stop after N events\n"
	"      --no-follow   do not wait for further events\n"
	"  -f, --filter EXPR only what EXPR wants: terms [!]key=value[,value], all true;\n"
	"                    keys: port lport rport addr laddr raddr family netns uid\n"
	"                    state cause\n"
	"      --json        JSON Lines: one object an event, unknown values null\n"
	"      --csv         comma-separated values, unknown values empty\n"
	"      --ladder [ID] draw each connection as a ladder, or only this one; -f takes\n"
	"                    whole connections then, and -n counts them\n"
	"      --expect WAY  exit with 0 if all connections went this way through the\n"
	"                    states, else 1: STATE>STATE[cause,flag]>..., ... being any\n"
	"      --timeout S   seconds for the command, and then for its connections\n"
	"      --ascii       draw without Unicode's lines\n"
	"      --wall        date and time of day instead of the time since boot\n"
	"      --wide        all columns on a terminal, too\n"
	"  -w, --write FILE  record to FILE instead of printing; - is stdout\n"
	"  -r, --read FILE   replay what was recorded to FILE; - is stdin\n"
	"  -h, --help        this text\n"
	"  -V, --version     version\n"
	"\n"
	"Exit status: 0 if all went well, 1 after an error or an unexpected way,\n"
	"2 if called wrongly.\n";

static int parse_count(struct options *opt, const char *text)
{
	if (fsm_cli_count(text, &opt->count))
		return 0;
	return fsm_cli_wrong("-n wants a number of events from 1 on, not ", text);
}

static int parse_filter(struct options *opt, const char *text)
{
	struct tcpfsm_filter_error error;

	if (!tcpfsm_filter_parse(&opt->filter, text, &error))
		return 0;
	return fsm_cli_wrong_at("-f", error.at, error.what);
}

static int parse_expect(struct options *opt, const char *text)
{
	struct fsm_expect_error error;

	opt->forms |= FORM_EXPECT;
	if (!fsm_expect_parse(&opt->expect, text, &error))
		return 0;
	return fsm_cli_wrong_at("--expect", error.at, error.what);
}

static int parse_timeout(struct options *opt, const char *text)
{
	double seconds;

	if (!fsm_cli_decimal(text, 0.001, 1e6, &seconds))
		return fsm_cli_wrong("--timeout wants seconds, not ", text);
	opt->timeout_ns = (uint64_t)(seconds * 1e9);
	return 0;
}

/* Parse digits at the start of a text, and move behind them. */
static bool parse_digits(const char **text, int base, uint64_t max, uint64_t *v)
{
	const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
	size_t len = strspn(*text, digits);
	char *end;

	/* strtoull() would take blanks, a sign and 0x. */
	if (!len)
		return false;
	errno = 0;
	*v = strtoull(*text, &end, base);
	if (errno || end != *text + len || *v > max)
		return false;
	*text = end;
	return true;
}

/* Parse an ID as the column has it: 1a, or 1a/2 for a generation beyond the first. */
static bool parse_id(struct options *opt, const char *text)
{
	uint64_t gen = 1;

	if (!parse_digits(&text, 16, UINT64_MAX, &opt->id))
		return false;
	if (*text == '/') {
		text++;
		if (!parse_digits(&text, 10, UINT32_MAX, &gen) || !gen)
			return false;
	}
	opt->gen = (uint32_t)gen;
	opt->one = true;
	return !*text;
}

static int parse_ladder(struct options *opt, const char *id)
{
	opt->forms |= FORM_LADDER;
	if (id && !parse_id(opt, id))
		return fsm_cli_wrong("--ladder wants an ID as the column ID has it, not ", id);
	return 0;
}

/* getopt_long() takes "--ladder=1a" only; people write "--ladder 1a". */
static const char *optional_word(int argc, char **argv)
{
	if (!optarg && optind < argc && argv[optind][0] != '-')
		return argv[optind++];
	return optarg;
}

static void use_printer(struct options *opt, enum form form, const struct fsm_printer *printer)
{
	opt->forms |= form;
	opt->printer = printer;
}

/* Print a text that the user asked for instead of a run. */
static void print_and_exit(bool version)
{
	if (version)
		printf("fsmcat %s (records of version %d, recordings of format %d)\n", FSM_VERSION,
		       TCPFSM_ABI_VERSION, FSM_RECORDING_FORMAT);
	else
		fputs(usage_text, stdout);
	exit(fsm_cli_printed(EXIT_OK));
}

enum {
	OPT_JSON = 256,
	OPT_CSV,
	OPT_NO_FOLLOW,
	OPT_LADDER,
	OPT_EXPECT,
	OPT_TIMEOUT,
	OPT_ASCII,
	OPT_WALL,
	OPT_WIDE
};

/* Take an option that has a value. Return 0, or EXIT_USAGE after saying what is wrong. */
static int take_value(struct options *opt, int c, const char *value)
{
	switch (c) {
	case 'n':
		return parse_count(opt, value);
	case 'f':
		return parse_filter(opt, value);
	case OPT_LADDER:
		return parse_ladder(opt, value);
	case OPT_EXPECT:
		return parse_expect(opt, value);
	case OPT_TIMEOUT:
		return parse_timeout(opt, value);
	case 'w':
		opt->write = value;
		return 0;
	case 'r':
		opt->read = value;
		return 0;
	default:
		/* getopt_long() has said what is wrong. */
		return EXIT_USAGE;
	}
}

/* Take an option that has no value. Return whether it is one. */
static bool take_switch(struct options *opt, int c)
{
	switch (c) {
	case OPT_NO_FOLLOW:
		opt->follow = false;
		return true;
	case OPT_JSON:
		use_printer(opt, FORM_JSON, &fsm_json_printer);
		return true;
	case OPT_CSV:
		use_printer(opt, FORM_CSV, &fsm_csv_printer);
		return true;
	case OPT_ASCII:
		opt->ascii = true;
		return true;
	case OPT_WALL:
		opt->wall = true;
		return true;
	case OPT_WIDE:
		opt->wide = true;
		return true;
	case 'h':
	case 'V':
		print_and_exit(c == 'V');
		return true;
	default:
		return false;
	}
}

static int check(const struct options *opt)
{
	bool expect = opt->forms & FORM_EXPECT;

	if (__builtin_popcount(opt->forms) > 1)
		return fsm_cli_wrong("--json, --csv, --ladder and --expect exclude each other", "");
	if (opt->write && (opt->forms || opt->wall))
		return fsm_cli_wrong("-w allows no --json, --csv, --ladder, --expect, --wall", "");
	if (opt->timeout_ns && (!expect || opt->read))
		return fsm_cli_wrong("--timeout is for --expect with the module's stream", "");
	if (opt->command && !expect)
		return fsm_cli_wrong("unexpected argument: ", opt->command[0]);
	if (opt->command && (opt->read || !opt->follow))
		return fsm_cli_wrong("a command leaves no room for -r and --no-follow", "");
	return 0;
}

static const struct sink *sink_for(const struct options *opt)
{
	if (opt->write)
		return &record_sink;
	if (opt->forms & FORM_EXPECT)
		return &expect_sink;
	return opt->forms & FORM_LADDER ? &ladder_sink : &print_sink;
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
		{ "count", required_argument, NULL, 'n' },
		{ "filter", required_argument, NULL, 'f' },
		{ "no-follow", no_argument, NULL, OPT_NO_FOLLOW },
		{ "json", no_argument, NULL, OPT_JSON },
		{ "csv", no_argument, NULL, OPT_CSV },
		{ "ladder", optional_argument, NULL, OPT_LADDER },
		{ "expect", required_argument, NULL, OPT_EXPECT },
		{ "timeout", required_argument, NULL, OPT_TIMEOUT },
		{ "ascii", no_argument, NULL, OPT_ASCII },
		{ "wall", no_argument, NULL, OPT_WALL },
		{ "wide", no_argument, NULL, OPT_WIDE },
		{ "write", required_argument, NULL, 'w' },
		{ "read", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*opt = (struct options){ .printer = &fsm_text_printer, .follow = true };
	while ((c = getopt_long(argc, argv, "n:f:w:r:hV", longs, NULL)) != -1) {
		const char *value = c == OPT_LADDER ? optional_word(argc, argv) : optarg;

		if (!take_switch(opt, c) && take_value(opt, c, value))
			return EXIT_USAGE;
	}
	if (optind < argc)
		opt->command = argv + optind;
	opt->sink = sink_for(opt);
	return check(opt);
}
