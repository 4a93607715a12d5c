/* SPDX-License-Identifier: GPL-2.0 */
/*
 * assembly.h - the connections that are under way, each with all of its events, and which
 * two are the ends of one
 */
#ifndef FSM_ASSEMBLY_H
#define FSM_ASSEMBLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/segment.h"

/* More at a time, or more events of one, is no use a person would make of it. */
#define FSM_LIVES_MAX	    65536
#define FSM_LIFE_EVENTS_MAX 4096

/**
 * struct fsm_life - one connection's end, from its first event on
 * @id: its id
 * @gen: which connection of the socket
 * @end: its events
 * @ended: the last one was its end
 * @whole: the first one was its beginning
 * @peer: the other end, if it was seen here too
 * @mark: the caller's
 */
struct fsm_life {
	uint64_t id;
	uint32_t gen;
	struct fsm_end end;
	bool ended;
	bool whole;
	struct fsm_life *peer;
	unsigned int mark;

	/* assembly.c only */
	size_t size;
	bool has_tuple;
	struct fsm_life *older;
	struct fsm_life *younger;
	struct fsm_life *next_by_id;
	struct fsm_life *next_by_tuple;
};

/**
 * struct fsm_lives - all of them
 * @nr: how many
 * @oldest: the one that came first; fsm_lives_younger() gives the next
 * @dropped: connections and events that were too many and are left out
 */
struct fsm_lives {
	size_t nr;
	struct fsm_life *oldest;
	struct fsm_life *youngest;
	uint64_t dropped;
	struct fsm_life **by_id;
	struct fsm_life **by_tuple;
};

int fsm_lives_init(struct fsm_lives *lives);
void fsm_lives_free(struct fsm_lives *lives);
struct fsm_life *fsm_lives_add(struct fsm_lives *lives, const struct tcpfsm_event *ev);
void fsm_lives_remove(struct fsm_lives *lives, struct fsm_life *life);
struct fsm_life *fsm_lives_find(const struct fsm_lives *lives, uint64_t id, uint32_t gen);
bool fsm_life_is_listener(const struct fsm_life *life);

#endif /* FSM_ASSEMBLY_H */
