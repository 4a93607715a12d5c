// SPDX-License-Identifier: GPL-2.0
/*
 * assembly.c - the connections that are under way, each with all of its events
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

/* The same for both ends. */
static size_t tuple_bucket(const struct tcpfsm_event *ev)
{
	return bucket_of(endpoint_key(ev->laddr, ev->lport) + endpoint_key(ev->raddr, ev->rport));
}

/**
 * fsm_lives_init() - no connections
 * @lives: filled in
 *
 * Return: 0, or -1 if there is no memory.
 */
int fsm_lives_init(struct fsm_lives *lives)
{
	memset(lives, 0, sizeof(*lives));
	lives->by_id = calloc(BUCKETS, sizeof(*lives->by_id));
	lives->by_tuple = calloc(BUCKETS, sizeof(*lives->by_tuple));
	return lives->by_id && lives->by_tuple ? 0 : -1;
}

void fsm_lives_free(struct fsm_lives *lives)
{
	while (lives->oldest)
		fsm_lives_remove(lives, lives->oldest);
	free(lives->by_id);
	free(lives->by_tuple);
	memset(lives, 0, sizeof(*lives));
}

static void unlink_id(struct fsm_lives *lives, struct fsm_life *life)
{
	struct fsm_life **p = &lives->by_id[id_bucket(life->id)];

	while (*p && *p != life)
		p = &(*p)->next_by_id;
	if (*p)
		*p = life->next_by_id;
}

static void unlink_tuple(struct fsm_lives *lives, struct fsm_life *life)
{
	struct fsm_life **p = &lives->by_tuple[tuple_bucket(&life->end.events[0])];

	while (*p && *p != life)
		p = &(*p)->next_by_tuple;
	if (*p)
		*p = life->next_by_tuple;
}

/**
 * fsm_lives_remove() - forget a connection
 * @lives: connections
 * @life: one of them; it and its events are freed
 */
void fsm_lives_remove(struct fsm_lives *lives, struct fsm_life *life)
{
	unlink_id(lives, life);
	if (life->has_tuple)
		unlink_tuple(lives, life);
	if (life->peer)
		life->peer->peer = NULL;
	*(life->older ? &life->older->younger : &lives->oldest) = life->younger;
	*(life->younger ? &life->younger->older : &lives->youngest) = life->older;
	lives->nr--;
	free((void *)life->end.events);
	free(life);
}

/**
 * fsm_lives_find() - a connection by its name
 * @lives: connections
 * @id: its id
 * @gen: which one of the socket
 *
 * Return: the one that came last, or NULL.
 */
struct fsm_life *fsm_lives_find(const struct fsm_lives *lives, uint64_t id, uint32_t gen)
{
	struct fsm_life *life = lives->by_id[id_bucket(id)];

	while (life && (life->id != id || life->gen != gen))
		life = life->next_by_id;
	return life;
}

/**
 * fsm_life_is_listener() - a listening socket has a life but is no connection
 * @life: connection
 */
bool fsm_life_is_listener(const struct fsm_life *life)
{
	const struct tcpfsm_event *ev = &life->end.events[0];

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

/* Two namespaces may use the same addresses; nobody else has the same first number. */
static bool differ_in_iss(const struct tcpfsm_event *a, const struct tcpfsm_event *b)
{
	return has_iss(a) && fsm_has_seq(b) && b->new == TCPFSM_SYN_RECV &&
	       b->rcv_nxt != a->snd_una + 1;
}

static bool can_be_peers(const struct fsm_life *a, const struct fsm_life *b)
{
	const struct tcpfsm_event *first = &a->end.events[0], *its = &b->end.events[0];

	return a != b && !b->peer && !b->ended && is_reverse(first, its) &&
	       !differ_in_iss(first, its) && !differ_in_iss(its, first);
}

static void find_peer(struct fsm_lives *lives, struct fsm_life *life)
{
	size_t bucket = tuple_bucket(&life->end.events[0]);
	struct fsm_life *it = lives->by_tuple[bucket];

	while (it && !can_be_peers(life, it))
		it = it->next_by_tuple;
	if (it) {
		life->peer = it;
		it->peer = life;
	}
	life->has_tuple = true;
	life->next_by_tuple = lives->by_tuple[bucket];
	lives->by_tuple[bucket] = life;
}

/* ---- events ---- */

/* Return: false if there is no memory. */
static bool append(struct fsm_life *life, const struct tcpfsm_event *ev)
{
	struct tcpfsm_event *events = (struct tcpfsm_event *)life->end.events;

	life->ended = ev->new == TCPFSM_CLOSE;
	if (life->end.nr == life->size) {
		size_t size = life->size ? 2 * life->size : 8;

		events = realloc(events, size * sizeof(*events));
		if (!events)
			return false;
		life->end.events = events;
		life->size = size;
	}
	events[life->end.nr++] = *ev;
	return true;
}

static void insert(struct fsm_lives *lives, struct fsm_life *life)
{
	size_t bucket = id_bucket(life->id);

	life->next_by_id = lives->by_id[bucket];
	lives->by_id[bucket] = life;
	life->older = lives->youngest;
	*(lives->youngest ? &lives->youngest->younger : &lives->oldest) = life;
	lives->youngest = life;
	lives->nr++;
	if (has_tuple(&life->end.events[0]))
		find_peer(lives, life);
}

static struct fsm_life *begin(struct fsm_lives *lives, const struct tcpfsm_event *ev)
{
	struct fsm_life *life = calloc(1, sizeof(*life));

	if (!life)
		return NULL;
	life->id = ev->id;
	life->gen = ev->gen;
	life->whole = ev->old == TCPFSM_CLOSE || ev->old == TCPFSM_LISTEN;
	if (!append(life, ev)) {
		free(life);
		return NULL;
	}
	insert(lives, life);
	return life;
}

/**
 * fsm_lives_add() - one event more
 * @lives: connections
 * @ev: event
 *
 * Where there are too many connections the oldest has to go; of one with too many
 * events the further ones are left out.
 *
 * Return: whose event it is, or NULL if there is no memory.
 */
struct fsm_life *fsm_lives_add(struct fsm_lives *lives, const struct tcpfsm_event *ev)
{
	struct fsm_life *life = fsm_lives_find(lives, ev->id, ev->gen);

	if (life && life->end.nr == FSM_LIFE_EVENTS_MAX) {
		lives->dropped++;
		return life;
	}
	if (life && !life->ended)
		return append(life, ev) ? life : NULL;
	if (lives->nr == FSM_LIVES_MAX) {
		fsm_lives_remove(lives, lives->oldest);
		lives->dropped++;
	}
	return begin(lives, ev);
}
