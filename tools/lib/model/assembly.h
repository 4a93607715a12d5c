/* SPDX-License-Identifier: GPL-2.0 */
/*
 * assembly.h - events put together by connection, and the two ends of one connection found
 *
 * A trace is all that is kept of one end: its events, from the first one on.
 */
#ifndef FSM_ASSEMBLY_H
#define FSM_ASSEMBLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/segment.h"

/* Nobody looks at more connections at a time, or at more events of one. */
#define FSM_ASSEMBLY_MAX     65536
#define FSM_TRACE_EVENTS_MAX 4096

/**
 * struct fsm_trace - the events of one end of a connection, from its first one on
 * @id: its id
 * @gen: which connection of the socket
 * @end: its events
 * @ended: the last one was its end
 * @whole: the first one was its beginning
 * @peer: the other end, if it was seen here too
 * @younger: the trace that came next
 * @mark: for the caller
 */
struct fsm_trace {
	uint64_t id;
	uint32_t gen;
	struct fsm_end end;
	bool ended;
	bool whole;
	struct fsm_trace *peer;
	struct fsm_trace *younger;
	unsigned int mark;

	/* private: for assembly.c only */
	size_t size;
	bool has_tuple;
	struct fsm_trace *older;
	struct fsm_trace *next_by_id;
	struct fsm_trace *next_by_tuple;
};

/**
 * struct fsm_assembly - the traces of the connections that are under way
 * @nr: how many there are
 * @oldest: the trace that came first; its younger is the next one
 * @youngest: the trace that came last
 * @dropped: connections and events that were too many and are left out
 * @by_id: traces by a hash of their id
 * @by_tuple: traces by a hash of their addresses
 */
struct fsm_assembly {
	size_t nr;
	struct fsm_trace *oldest;
	struct fsm_trace *youngest;
	uint64_t dropped;
	struct fsm_trace **by_id;
	struct fsm_trace **by_tuple;
};

int fsm_assembly_init(struct fsm_assembly *assembly);
void fsm_assembly_free(struct fsm_assembly *assembly);
struct fsm_trace *fsm_assembly_add(struct fsm_assembly *assembly, const struct tcpfsm_event *ev);
void fsm_assembly_remove(struct fsm_assembly *assembly, struct fsm_trace *trace);
struct fsm_trace *fsm_assembly_find(const struct fsm_assembly *assembly, uint64_t id, uint32_t gen);
bool fsm_trace_is_listener(const struct fsm_trace *trace);

#endif /* FSM_ASSEMBLY_H */
