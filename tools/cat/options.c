// SPDX-License-Identifier: GPL-2.0
/*
 * options.c - the command line of fsmcat
 */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cli.h"
#include "in/recording.h"
#include "out/csv.h"
#include "out/json.h"
#include "out/text.h"

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

static int parse_filter(const char *text, struct tcpfsm_filter *filter)
{
	struct tcpfsm_filter_error error;

	if (!tcpfsm_filter_parse(filter, text, &error))
		return 0;
	return fsm_cli_wrong_at("-f", error.at, error.what);
}

static int parse_expect(struct options *opt, struct fsm_expect *expect, const char *text)
{
	struct fsm_expect_error error;

	opt->expect = true;
	if (!fsm_expect_parse(expect, text, &error))
		return 0;
	return fsm_cli_wrong_at("--expect", error.at, error.what);
}

static int parse_timeout(struct trial *trial, const char *text)
{
	double seconds;

	if (!fsm_cli_decimal(text, 0.001, 1e6, &seconds))
		return fsm_cli_wrong("--timeout wants seconds, not ", text);
	trial->timeout_ns = (uint64_t)(seconds * 1e9);
	return 0;
}

static void print_version(void)
{
	printf("fsmcat %s (records of version %d, recordings of format %d)\n", FSM_VERSION,
	       TCPFSM_ABI_VERSION, FSM_RECORDING_FORMAT);
}

/* getopt_long() takes "--ladder=1a" only; people write "--ladder 1a". */
static const char *optional_word(int argc, char **argv)
{
	if (!optarg && optind < argc && argv[optind][0] != '-')
		return argv[optind++];
	return optarg;
}

static int parse_ladder(struct options *opt, struct ladders *ladders, const char *id)
{
	opt->ladder = true;
	if (id && !ladders_parse_id(ladders, id))
		return fsm_cli_wrong("--ladder wants an ID as the column ID has it, not ", id);
	return 0;
}

static int check(const struct options *opt, const struct trial *trial, bool json, bool csv)
{
	if (json + csv + opt->ladder + opt->expect > 1)
		return fsm_cli_wrong("--json, --csv, --ladder and --expect exclude each other", "");
	if (opt->write && (json || csv || opt->ladder || opt->expect || opt->wall))
		return fsm_cli_wrong("-w allows no --json, --csv, --ladder, --expect, --wall", "");
	if (trial->timeout_ns && (!opt->expect || opt->read))
		return fsm_cli_wrong("--timeout is for --expect with the module's stream", "");
	if (trial->argv && (!opt->expect || opt->read || !opt->follow))
		return fsm_cli_wrong(opt->expect ?
					     "a command leaves no room for -r and --no-follow" :
					     "unexpected argument: ",
				     opt->expect ? "" : trial->argv[0]);
	return 0;
}

/**
 * options_parse() - understand the command line
 * @opt: filled
 * @trial: what --expect is about: the way, the command, its time
 * @ladders: which one --ladder is about
 * @argc: as main() has it
 * @argv: likewise
 *
 * Does not return after --help and --version.
 *
 * Return: 0 or EXIT_USAGE, and it has been said why.
 */
int options_parse(struct options *opt, struct trial *trial, struct ladders *ladders, int argc,
		  char **argv)
{
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
	bool json = false, csv = false;
	int c;

	*opt = (struct options){ .printer = &fsm_text_printer, .follow = true };
	while ((c = getopt_long(argc, argv, "n:f:w:r:hV", longs, NULL)) != -1) {
		switch (c) {
		case 'n':
			if (!fsm_cli_count(optarg, &opt->count))
				return fsm_cli_wrong("-n wants a number of events from 1 on, not ",
						     optarg);
			break;
		case 'f':
			if (parse_filter(optarg, &opt->filter))
				return EXIT_USAGE;
			break;
		case OPT_NO_FOLLOW:
			opt->follow = false;
			break;
		case OPT_JSON:
			json = true;
			opt->printer = &fsm_json_printer;
			break;
		case OPT_CSV:
			csv = true;
			opt->printer = &fsm_csv_printer;
			break;
		case OPT_LADDER:
			if (parse_ladder(opt, ladders, optional_word(argc, argv)))
				return EXIT_USAGE;
			break;
		case OPT_EXPECT:
			if (parse_expect(opt, &trial->judge.expect, optarg))
				return EXIT_USAGE;
			break;
		case OPT_TIMEOUT:
			if (parse_timeout(trial, optarg))
				return EXIT_USAGE;
			break;
		case OPT_ASCII:
			opt->ascii = true;
			break;
		case OPT_WALL:
			opt->wall = true;
			break;
		case OPT_WIDE:
			opt->wide = true;
			break;
		case 'w':
			opt->write = optarg;
			break;
		case 'r':
			opt->read = optarg;
			break;
		case 'h':
			fputs(usage_text, stdout);
			exit(fsm_cli_printed(EXIT_OK));
		case 'V':
			print_version();
			exit(fsm_cli_printed(EXIT_OK));
		default:
			/* getopt_long() has said what is wrong. */
			return EXIT_USAGE;
		}
	}
	if (optind < argc)
		trial->argv = argv + optind;
	trial->count = opt->count;
	return check(opt, trial, json, csv);
}
