/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sink.h - where the records go: printed, recorded, drawn as ladders, or judged
 */
#ifndef FSMCAT_SINK_H
#define FSMCAT_SINK_H

#include "in/source.h"
#include "options.h"
#include "out/when.h"

/**
 * struct fsmcat - a run
 * @opt: what the user asked for
 * @src: where records come from
 * @out: the output that the sink uses, set by its begin(); the run ends when it has an error
 * @private: the sink's own
 * @deadline_ns: CLOCK_MONOTONIC when the sink wants a tick(), or UINT64_MAX
 * @wake_fd: when this becomes readable the sink wants a tick(), or -1
 * @read_again: set by tick(): read once more before waiting
 * @lost: how many events the module could not give us
 * @lost_more: there are others of which it did not say how many
 * @strange: number of records of a type that this program does not know
 * @until_ns: later events are not shown; UINT64_MAX unless the live stream is not followed
 * @warned: we have said that records are of a newer version
 */
struct fsmcat {
	struct options opt;
	struct fsm_source src;
	struct fsm_output *out;
	void *private;
	uint64_t deadline_ns;
	int wake_fd;
	bool read_again;
	uint64_t lost;
	bool lost_more;
	uint64_t strange;
	uint64_t until_ns;
	bool warned;
};

/**
 * struct sink - where the records of a run go
 * @begin: open it; return 0, or EXIT_ERROR after saying what is wrong
 * @event: take an event; return true if nothing more is wanted
 * @lost: take a record of loss; NULL: it is counted only
 * @flush: write all that is buffered; @fsmcat.out has the error
 * @end: close it; return EXIT_OK, or EXIT_ERROR after saying what is wrong
 * @strange: take a record of an unknown type; may be NULL
 * @take_run: take all events that can be had at once; NULL: only event() takes them
 * @tick: do what is due, given the time before the stream was read and whether it had nothing
 *	more; return true if there is nothing more to wait for; NULL: nothing is ever due
 * @report: say what there is to say after the end; may be NULL
 */
struct sink {
	int (*begin)(struct fsmcat *cat);
	bool (*event)(struct fsmcat *cat, const struct fsm_record *record);
	void (*lost)(struct fsmcat *cat, const struct fsm_record *record);
	void (*flush)(struct fsmcat *cat);
	int (*end)(struct fsmcat *cat);
	void (*strange)(struct fsmcat *cat, const struct fsm_record *record);
	void (*take_run)(struct fsmcat *cat);
	bool (*tick)(struct fsmcat *cat, uint64_t now_ns, bool quiet);
	void (*report)(const struct fsmcat *cat);
};

extern const struct sink print_sink;
extern const struct sink record_sink;
extern const struct sink ladder_sink;
extern const struct sink expect_sink;

/* ---- what several sinks need: sink.c ---- */

/* Bytes that an output buffers. */
#define SINK_BUFFER_SIZE (256 * 1024)

int sink_error(const char *what, const char *why);
void sink_learn_wall_clock(const struct fsmcat *cat, struct fsm_when *when);
void sink_flush_output(struct fsmcat *cat);
bool sink_die_if_unread(int error);
int sink_close_output(struct fsmcat *cat);
void sink_say_lost(const struct fsmcat *cat);

/* These are called for each event. */

/**
 * sink_wants() - return whether the filter wants an event
 * @cat: run
 * @ev: event
 */
static inline bool sink_wants(const struct fsmcat *cat, const struct tcpfsm_event *ev)
{
	return !cat->opt.filter.nr_terms || tcpfsm_filter_match(&cat->opt.filter, ev);
}

/**
 * sink_has_enough() - return whether the user asked for no more than this
 * @cat: run
 * @nr: how many events or connections were shown
 */
static inline bool sink_has_enough(const struct fsmcat *cat, uint64_t nr)
{
	return cat->opt.count && nr >= cat->opt.count;
}

#endif /* FSMCAT_SINK_H */
