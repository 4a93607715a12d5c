/* SPDX-License-Identifier: GPL-2.0 */
/*
 * model.h - the connections that exist now, as the events tell
 *
 * An event moves its connection to a state. Taken back with fsm_model_undo(), the event moves
 * the connection to where it was before. Nothing here reads, draws or waits.
 */
#ifndef FSM_MODEL_H
#define FSM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/filter.h"
#include "core/states.h"

/* A busy machine has a quarter of it; connections beyond that are counted, but not kept. */
#define FSM_MODEL_MAX (1u << 22)

#define FSM_NONE UINT32_MAX

/* fsm_conn.flags */
#define FSM_CONN_AT_LEAST  (1u << 0) /* it was in this state already when it was first seen */
#define FSM_CONN_WANTED	   (1u << 1) /* the filter wants it */
#define FSM_CONN_INHERITED (1u << 2) /* pid and comm are those of the listener */
#define FSM_CONN_MARK	   (1u << 3) /* the baseline that is being taken has found it */

/**
 * struct fsm_conn - a connection, or a socket that listens
 * @id: socket cookie
 * @cgroup: cgroup v2 id, 0 if unknown
 * @netns: inode number of its network namespace
 * @gen: which connection of its socket
 * @uid: owner, or TCPFSM_UNKNOWN_UID
 * @pid: process that was last seen to act for it, 0 if none was
 * @next: the next free slot, if this one is free
 * @laddr: local address, as in struct tcpfsm_event
 * @raddr: remote address
 * @comm: name of @pid, NUL padded
 * @lport: local port
 * @rport: remote port
 * @family: AF_INET or AF_INET6
 * @cause: cause of the edge that led here, TCPFSM_C_NONE if it was not seen
 * @flags: FSM_CONN_*
 *
 * The fields that every redraw looks at are apart: see fsm_model.state and fsm_model.since.
 */
struct fsm_conn {
	uint64_t id;
	uint64_t cgroup;
	uint32_t netns;
	uint32_t gen;
	uint32_t uid;
	union {
		uint32_t pid;
		uint32_t next;
	};
	uint8_t laddr[16];
	uint8_t raddr[16];
	char comm[TCPFSM_COMM_LEN];
	uint16_t lport;
	uint16_t rport;
	uint8_t family;
	uint8_t cause;
	uint8_t flags;
};

/**
 * struct fsm_undo - what fsm_model_undo() needs to know besides the event
 * @since_ns: fsm_model.since before the event
 * @pid: fsm_conn.pid before
 * @comm: fsm_conn.comm before
 * @cause: fsm_conn.cause before
 * @flags: fsm_conn.flags before
 * @known: there was such a connection
 */
struct fsm_undo {
	uint64_t since_ns;
	uint32_t pid;
	char comm[TCPFSM_COMM_LEN];
	uint8_t cause;
	uint8_t flags;
	bool known;
};

/**
 * struct fsm_listener - what became of the requests to one listening socket
 * @id: id of the socket
 * @next: next listener with the same hash
 * @lport: its port
 * @requests: SYNs that made a request
 * @completed: requests that became a connection
 * @cookies: how many of these by a syncookie
 * @failed: requests that ended, by cause
 * @queue: connections that waited for accept() when the kernel was last asked
 * @backlog: how many may wait
 * @has_queue: @queue and @backlog are known
 */
struct fsm_listener {
	uint64_t id;
	uint32_t next;
	uint16_t lport;
	bool has_queue;
	uint64_t requests;
	uint64_t completed;
	uint64_t cookies;
	uint64_t failed[TCPFSM_NR_CAUSES];
	uint32_t queue;
	uint32_t backlog;
};

#define FSM_LISTENER_CHAINS 1024

/**
 * struct fsm_model - the connections
 * @conns: slots
 * @since: when the state of each slot was entered (CLOCK_MONOTONIC of the recorder)
 * @state: state of each slot, enum tcpfsm_state; 0: the slot is free
 * @used: slots that were ever used
 * @size: slots that there is room for
 * @free: first free slot below @used
 * @index: slots by ID, open addressing; FSM_NONE: nothing there
 * @index_bits: log2 of its size
 * @nr: number of connections
 * @population: number of those that the filter wants, by state
 * @filter: which connections are wanted; without terms: all
 * @listeners: the sockets that listen
 * @nr_listeners: how many listeners there are
 * @listener_size: how many listeners there is room for
 * @listener_chains: first listener, by hash of the port
 * @refused: number of connections that there was no room for
 * @adopted: number of connections that were not born in their first event
 * @surprises: number of events whose old state was not that of the connection
 */
struct fsm_model {
	struct fsm_conn *conns;
	uint64_t *since;
	uint8_t *state;
	uint32_t used;
	uint32_t size;
	uint32_t free;
	uint32_t *index;
	unsigned int index_bits;
	uint32_t nr;
	uint32_t population[TCPFSM_NR_STATES];
	struct tcpfsm_filter filter;

	struct fsm_listener *listeners;
	uint32_t nr_listeners;
	uint32_t listener_size;
	uint32_t listener_chains[FSM_LISTENER_CHAINS];

	uint64_t refused;
	uint64_t adopted;
	uint64_t surprises;
};

int fsm_model_init(struct fsm_model *model);
void fsm_model_free(struct fsm_model *model);
void fsm_model_clear(struct fsm_model *model);
void fsm_model_apply(struct fsm_model *model, const struct tcpfsm_event *ev, struct fsm_undo *undo);
void fsm_model_undo(struct fsm_model *model, const struct tcpfsm_event *ev,
		    const struct fsm_undo *undo);
void fsm_model_set_filter(struct fsm_model *model, const struct tcpfsm_filter *filter);
uint32_t fsm_model_peer(const struct fsm_model *model, uint32_t slot);

/* ---- for baseline.c, which learns of connections without events ---- */

void fsm_model_enter(struct fsm_model *model, uint32_t slot, unsigned int state, uint64_t since_ns);
void fsm_model_remove(struct fsm_model *model, uint32_t slot);
void fsm_model_set_owner(struct fsm_model *model, uint32_t slot, uint32_t pid, const char *comm);

bool fsm_conn_same_peer(const struct fsm_conn *a, const struct fsm_conn *b);
void fsm_conn_as_event(const struct fsm_model *model, uint32_t slot, struct tcpfsm_event *ev);

#endif /* FSM_MODEL_H */
