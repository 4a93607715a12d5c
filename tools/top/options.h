/* SPDX-License-Identifier: GPL-2.0 */
/*
 * options.h - what the user asked for
 */
#ifndef TOP_OPTIONS_H
#define TOP_OPTIONS_H

#include "top.h"

/**
 * struct options - what the user asked for
 * @batch: text, not a terminal's screen
 * @json: JSON, likewise
 * @ascii: no other characters
 * @count: how many times; 0: until the end
 * @delay: seconds between them
 * @filter: which connections
 * @read: recording to replay, or NULL for the module's stream
 * @speed: how fast; 0: as fast as it can; below 0: not said
 * @screen: what to show first
 * @grouping: how to group connections
 * @id: whose life to show
 * @width: columns of text
 */
struct options {
	bool batch;
	bool json;
	bool ascii;
	uint64_t count;
	double delay;
	const char *filter;
	const char *read;
	double speed;
	enum top_screen screen;
	enum grouping grouping;
	uint64_t id;
	unsigned int width;
};

int options_parse(struct options *opt, int argc, char **argv);

#endif /* TOP_OPTIONS_H */
