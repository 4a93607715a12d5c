/* SPDX-License-Identifier: GPL-2.0 */
/*
 * options.h - what the user asked for
 */
#ifndef TOP_OPTIONS_H
#define TOP_OPTIONS_H

#include "top.h"

/**
 * struct options - what the user asked for
 * @batch: print text or JSON, and do not use the terminal
 * @json: print JSON
 * @ascii: use no characters but those of ASCII
 * @count: how often to print; 0: until the end
 * @delay: seconds between two updates
 * @filter: which connections to show, or NULL for all
 * @read: recording to replay, or NULL for the module's stream
 * @speed: speed of a replay; 0: as fast as it can; below 0: the user did not say
 * @view: the view to show first
 * @grouping: how to group connections
 * @id: the connection whose ladder to show
 * @width: columns of the text
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
	enum top_view view;
	enum top_grouping grouping;
	uint64_t id;
	unsigned int width;
};

int options_parse(struct options *opt, int argc, char **argv);

#endif /* TOP_OPTIONS_H */
