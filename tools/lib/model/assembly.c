// SPDX-License-Identifier: GPL-2.0
/*
 * assembly.c - events put together by connection, and the two ends of one connection found
 */
#include "model/assembly.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "in/event.h"

#define BUCKET_BITS 16
#define BUCKETS	    (1u << BUCKET_BITS)

static size_t bucket_of(uint64_t key)
{
	return (size_t)fsm_hash(key, BUCKET_BITS);
}

static size_t id_bucket(uint64_t id)
{
	return bucket_of(id);
}

static uint64_t endpoint_key(const __u8 *addr, uint16_t port)
{
	uint64_t half[2];

	memcpy(half, addr, sizeof(half));
	return (half[0] ^ half[1] * 31) * 65537 + port;
}

/* Return the bucket of the addresses; it is the same for both ends. */
static size_t tuple_bucket(const struct tcpfsm_event *ev)
{
	return bucket_of(endpoint_key(ev->laddr, ev->lport) + endpoint_key(ev->raddr, ev->rport));
}

/**
 * fsm_assembly_init() - begin with no connections
 * @assembly: filled in
 *
 * Return: 0, or -1 if there is no memory.
 */
int fsm_assembly_init(struct fsm_assembly *assembly)
{
	memset(assembly, 0, sizeof(*assembly));
	assembly->by_id = calloc(BUCKETS, sizeof(*assembly->by_id));
	assembly->by_tuple = calloc(BUCKETS, sizeof(*assembly->by_tuple));
	return assembly->by_id && assembly->by_tuple ? 0 : -1;
}

void fsm_assembly_free(struct fsm_assembly *assembly)
{
	while (assembly->oldest)
		fsm_assembly_remove(assembly, assembly->oldest);
	free(assembly->by_id);
	free(assembly->by_tuple);
	memset(assembly, 0, sizeof(*assembly));
}

static void unlink_id(struct fsm_assembly *assembly, struct fsm_trace *trace)
{
	struct fsm_trace **p = &assembly->by_id[id_bucket(trace->id)];

	while (*p && *p != trace)
		p = &(*p)->next_by_id;
	if (*p)
		*p = trace->next_by_id;
}

static void unlink_tuple(struct fsm_assembly *assembly, struct fsm_trace *trace)
{
	struct fsm_trace **p = &assembly->by_tuple[tuple_bucket(&trace->end.events[0])];

	while (*p && *p != trace)
		p = &(*p)->next_by_tuple;
	if (*p)
		*p = trace->next_by_tuple;
}

/**
 * fsm_assembly_remove() - forget a trace
 * @assembly: assembly
 * @trace: one of its traces; it and its events are freed
 */
void fsm_assembly_remove(struct fsm_assembly *assembly, struct fsm_trace *trace)
{
	unlink_id(assembly, trace);
	if (trace->has_tuple)
		unlink_tuple(assembly, trace);
	if (trace->peer)
		trace->peer->peer = NULL;
	*(trace->older ? &trace->older->younger : &assembly->oldest) = trace->younger;
	*(trace->younger ? &trace->younger->older : &assembly->youngest) = trace->older;
	assembly->nr--;
	free((void *)trace->end.events);
	free(trace);
}

/**
 * fsm_assembly_find() - find a trace by its connection
 * @assembly: assembly
 * @id: id of the socket
 * @gen: which connection of the socket
 *
 * Return: the trace that came last, or NULL.
 */
struct fsm_trace *fsm_assembly_find(const struct fsm_assembly *assembly, uint64_t id, uint32_t gen)
{
	struct fsm_trace *trace = assembly->by_id[id_bucket(id)];

	while (trace && (trace->id != id || trace->gen != gen))
		trace = trace->next_by_id;
	return trace;
}

/**
 * fsm_trace_is_listener() - return whether this is a listening socket, which is no connection
 * @trace: trace
 */
bool fsm_trace_is_listener(const struct fsm_trace *trace)
{
	const struct tcpfsm_event *ev = &trace->end.events[0];

	return ev->new == TCPFSM_LISTEN || (ev->old == TCPFSM_LISTEN && ev->new == TCPFSM_CLOSE);
}

/* ---- the other end ---- */

static bool has_tuple(const struct tcpfsm_event *ev)
{
	return fsm_has_family(ev) && ev->lport && ev->rport;
}

static bool is_reverse(const struct tcpfsm_event *a, const struct tcpfsm_event *b)
{
	return a->family == b->family && a->lport == b->rport && a->rport == b->lport &&
	       !memcmp(a->laddr, b->raddr, sizeof(a->laddr)) &&
	       !memcmp(a->raddr, b->laddr, sizeof(a->raddr));
}

static bool has_iss(const struct tcpfsm_event *ev)
{
	return fsm_has_seq(ev) && ev->new == TCPFSM_SYN_SENT;
}

/* Two namespaces may use the same addresses, but not the same initial sequence number. */
static bool differ_in_iss(const struct tcpfsm_event *a, const struct tcpfsm_event *b)
{
	return has_iss(a) && fsm_has_seq(b) && b->new == TCPFSM_SYN_RECV &&
	       b->rcv_nxt != a->snd_una + 1;
}

static bool can_be_peers(const struct fsm_trace *a, const struct fsm_trace *b)
{
	const struct tcpfsm_event *first = &a->end.events[0], *its = &b->end.events[0];

	return a != b && !b->peer && !b->ended && is_reverse(first, its) &&
	       !differ_in_iss(first, its) && !differ_in_iss(its, first);
}

static void find_peer(struct fsm_assembly *assembly, struct fsm_trace *trace)
{
	size_t bucket = tuple_bucket(&trace->end.events[0]);
	struct fsm_trace *it = assembly->by_tuple[bucket];

	while (it && !can_be_peers(trace, it))
		it = it->next_by_tuple;
	if (it) {
		trace->peer = it;
		it->peer = trace;
	}
	trace->has_tuple = true;
	trace->next_by_tuple = assembly->by_tuple[bucket];
	assembly->by_tuple[bucket] = trace;
}

/* ---- events ---- */

/* Add an event to a trace. Return false if there is no memory. */
static bool append(struct fsm_trace *trace, const struct tcpfsm_event *ev)
{
	struct tcpfsm_event *events = (struct tcpfsm_event *)trace->end.events;

	trace->ended = ev->new == TCPFSM_CLOSE;
	if (trace->end.nr == trace->size) {
		size_t size = trace->size ? 2 * trace->size : 8;

		events = realloc(events, size * sizeof(*events));
		if (!events)
			return false;
		trace->end.events = events;
		trace->size = size;
	}
	events[trace->end.nr++] = *ev;
	return true;
}

static void insert(struct fsm_assembly *assembly, struct fsm_trace *trace)
{
	size_t bucket = id_bucket(trace->id);

	trace->next_by_id = assembly->by_id[bucket];
	assembly->by_id[bucket] = trace;
	trace->older = assembly->youngest;
	*(assembly->youngest ? &assembly->youngest->younger : &assembly->oldest) = trace;
	assembly->youngest = trace;
	assembly->nr++;
	if (has_tuple(&trace->end.events[0]))
		find_peer(assembly, trace);
}

static struct fsm_trace *begin(struct fsm_assembly *assembly, const struct tcpfsm_event *ev)
{
	struct fsm_trace *trace = calloc(1, sizeof(*trace));

	if (!trace)
		return NULL;
	trace->id = ev->id;
	trace->gen = ev->gen;
	trace->whole = ev->old == TCPFSM_CLOSE || ev->old == TCPFSM_LISTEN;
	if (!append(trace, ev)) {
		free(trace);
		return NULL;
	}
	insert(assembly, trace);
	return trace;
}

/**
 * fsm_assembly_add() - add an event to the trace of its connection
 * @assembly: assembly
 * @ev: event
 *
 * If there are too many connections, the oldest has to go. If a connection has too many
 * events, the further ones are left out.
 *
 * Return: the trace, or NULL if there is no memory.
 */
struct fsm_trace *fsm_assembly_add(struct fsm_assembly *assembly, const struct tcpfsm_event *ev)
{
	struct fsm_trace *trace = fsm_assembly_find(assembly, ev->id, ev->gen);

	if (trace && trace->end.nr == FSM_TRACE_EVENTS_MAX) {
		assembly->dropped++;
		return trace;
	}
	if (trace && !trace->ended)
		return append(trace, ev) ? trace : NULL;
	if (assembly->nr == FSM_ASSEMBLY_MAX) {
		fsm_assembly_remove(assembly, assembly->oldest);
		assembly->dropped++;
	}
	return begin(assembly, ev);
}
