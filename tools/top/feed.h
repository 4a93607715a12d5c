/* SPDX-License-Identifier: GPL-2.0 */
/*
 * feed.h - where the events come from, and how fast
 */
#ifndef TOP_FEED_H
#define TOP_FEED_H

#include "in/source.h"
#include "top.h"

/**
 * struct feed - the module's stream, or a recording that is replayed
 * @src: source
 * @is_open: it can be read
 * @is_behind: not all events from before @until_ns have been read; a view would be wrong
 * @until_ns: when we began to read the stream, or to read on
 * @path: name of the module's stream
 * @is_own: it is the stream of the running kernel, which can be asked for older connections
 * @held: a recorded event that is not due yet
 * @has_held: there is one in @held
 * @start_ns: time of the first event of a recording
 * @started: there was such an event
 * @at_ns: time that a replay has reached
 * @clock_ns: our clock at that time
 * @want_baseline: the model may not know all connections
 * @baseline_ns: when the last baseline was taken
 * @retry_ns: when to look again for a stream that has gone
 */
struct feed {
	struct fsm_source src;
	bool is_open;
	bool is_behind;
	uint64_t until_ns;
	const char *path;
	bool is_own;
	struct tcpfsm_event held;
	bool has_held;
	uint64_t start_ns;
	bool started;
	uint64_t at_ns;
	uint64_t clock_ns;
	bool want_baseline;
	uint64_t baseline_ns;
	uint64_t retry_ns;
};

int feed_open(struct feed *feed, struct top *top, const char *recording);
int feed_run(struct feed *feed, struct top *top);
int feed_run_to(struct feed *feed, struct top *top, uint64_t time_ns);
void feed_ask_queues(struct feed *feed, struct top *top);
void feed_close(struct feed *feed);

#endif /* TOP_FEED_H */
