/* SPDX-License-Identifier: GPL-2.0 */
/*
 * options.h - what the user asked fsmcat for
 */
#ifndef FSMCAT_OPTIONS_H
#define FSMCAT_OPTIONS_H

#include "core/filter.h"
#include "model/expect.h"
#include "out/printer.h"

struct sink;

/* The forms of output, of which the user may ask for one. */
enum form {
	FORM_JSON = 1u << 0,
	FORM_CSV = 1u << 1,
	FORM_LADDER = 1u << 2,
	FORM_EXPECT = 1u << 3,
};

/**
 * struct options - what the user asked for
 * @sink: where the records go
 * @printer: how to print them, if they are printed
 * @forms: enum form, those that were asked for
 * @expect: the way that connections have to go
 * @timeout_ns: how long the command may take, 0: the user did not say
 * @command: the words of the command, or NULL
 * @one: draw only the connection with @id and @gen
 * @id: its id
 * @gen: which one of the socket
 * @ascii: draw with ASCII only
 * @wall: show the times of the wall clock
 * @wide: show all columns, on a terminal, too
 * @write: file to record to, or NULL
 * @read: recording to replay, or NULL for the module's stream
 * @filter: which events are wanted; all if it has no terms
 * @count: stop after so many events, 0: never
 * @follow: wait for more
 */
struct options {
	const struct sink *sink;
	const struct fsm_printer *printer;
	unsigned int forms;
	struct fsm_expect expect;
	uint64_t timeout_ns;
	char **command;
	bool one;
	uint64_t id;
	uint32_t gen;
	bool ascii;
	bool wall;
	bool wide;
	const char *write;
	const char *read;
	struct tcpfsm_filter filter;
	uint64_t count;
	bool follow;
};

int options_parse(struct options *opt, int argc, char **argv);

#endif /* FSMCAT_OPTIONS_H */
