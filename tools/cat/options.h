/* SPDX-License-Identifier: GPL-2.0 */
/*
 * options.h - what the user asked fsmcat for
 */
#ifndef FSMCAT_OPTIONS_H
#define FSMCAT_OPTIONS_H

#include "filter.h"
#include "ladders.h"
#include "out/printer.h"
#include "trial.h"

/**
 * struct options - what the user asked for
 * @printer: how to print
 * @ladder: draw connections instead
 * @expect: judge them instead
 * @ascii: with ASCII only
 * @wall: with the wall clock's times
 * @wide: with all columns
 * @write: file to record to, or NULL
 * @read: recording to replay, or NULL for the module's stream
 * @filter: which events; everything if it has no terms
 * @count: stop after so many events, 0: never
 * @follow: wait for more
 */
struct options {
	const struct fsm_printer *printer;
	bool ladder;
	bool expect;
	bool ascii;
	bool wall;
	bool wide;
	const char *write;
	const char *read;
	struct tcpfsm_filter filter;
	uint64_t count;
	bool follow;
};

int options_parse(struct options *opt, struct trial *trial, struct ladders *ladders, int argc,
		  char **argv);

#endif /* FSMCAT_OPTIONS_H */
