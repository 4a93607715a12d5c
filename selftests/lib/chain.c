// SPDX-License-Identifier: GPL-2.0
/*
 * chain.c - is what the module says of a connection what the test expects?
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/states.h"
#include "clock.h"
#include "spec.h"
#include "world.h"

#define OPENED (TCPFSM_F_SYNCOOKIE | TCPFSM_F_FASTOPEN)

static struct chain *find_chain(const struct world *world, uint64_t id, uint32_t gen)
{
	const struct chain *chain;

	for (chain = world->chains; chain < world->chains + world->nr_chains; chain++)
		if (chain->id == id && chain->gen == gen)
			return (struct chain *)chain;
	return NULL;
}

static struct chain *newest_chain(const struct world *world, uint64_t id)
{
	struct chain *newest = NULL, *chain;

	for (uint32_t gen = 1; (chain = find_chain(world, id, gen)); gen++)
		newest = chain;
	return newest;
}

/* The next generation of an ID. */
static struct chain *new_chain(struct world *world, uint64_t id)
{
	const struct chain *older = newest_chain(world, id);
	struct chain *chain;

	if (world->nr_chains == WORLD_MAX_CHAINS)
		return NULL;
	chain = &world->chains[world->nr_chains++];
	memset(chain, 0, sizeof(*chain));
	chain->id = id;
	chain->gen = older ? older->gen + 1 : 1;
	chain->side = older ? older->side : CLIENT;
	return chain;
}

/**
 * chain_of() - how far a connection has come
 * @world: the hosts
 * @id: of the connection
 *
 * Return: its newest generation, NULL if nothing was expected of it yet.
 */
const struct chain *chain_of(const struct world *world, uint64_t id)
{
	return newest_chain(world, id);
}

/**
 * chain_of_gen() - the same of one of its generations
 * @world: the hosts
 * @id: of the connection
 * @gen: generation
 *
 * Return: NULL if nothing was expected of it yet.
 */
const struct chain *chain_of_gen(const struct world *world, uint64_t id, uint32_t gen)
{
	return find_chain(world, id, gen);
}

static bool more(struct world *world, uint64_t deadline)
{
	if (stream_more(&world->stream, deadline))
		return true;
	if (world->stream.broken)
		return world_fail(world, "stream: %s", world->stream.broken);
	return world_fail(world, "nothing more in the stream");
}

static bool is_of(const struct tcpfsm_event *event, const struct chain *chain)
{
	return event->id == chain->id && event->gen == chain->gen;
}

static const struct tcpfsm_event *next_event(struct world *world, struct chain *chain,
					     uint64_t deadline)
{
	do {
		for (; chain->next < world->stream.nr; chain->next++)
			if (is_of(&world->stream.events[chain->next], chain))
				return &world->stream.events[chain->next];
	} while (more(world, deadline));
	return NULL;
}

static bool wrong(struct world *world, const struct tcpfsm_event *event, const char *what)
{
	char text[256];

	stream_describe(event, text, sizeof(text));
	return world_fail(world, "%s: %s", text, what);
}

static bool is_listener(const struct tcpfsm_event *event)
{
	return event->new == TCPFSM_LISTEN ||
	       (event->old == TCPFSM_LISTEN && event->new != TCPFSM_SYN_RECV);
}

static void address_of(const struct family *family, enum side side, uint8_t *addr)
{
	const char *text = family->addr[side];

	memset(addr, 0, 16);
	if (family->mapped)
		text = strrchr(text, ':') + 1;
	inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, addr);
}

static bool check_addresses(struct world *world, const struct tcpfsm_event *event,
			    const struct chain *chain)
{
	static const uint8_t zero[16];
	const struct family *family = chain->family;
	uint8_t local[16], remote[16];
	bool v6 = family->domain == AF_INET6 && !family->mapped;
	bool listener = is_listener(event);

	address_of(family, chain->side, local);
	address_of(family, world->peer[chain->side], remote);
	if (listener && memcmp(event->raddr, zero, 16))
		return wrong(world, event, "remote address of a listener");
	if (listener && event->rport)
		return wrong(world, event, "remote port of a listener");
	if (listener && world->any_address && !memcmp(event->laddr, zero, 16))
		return true;
	if (event->family != (v6 ? AF_INET6 : AF_INET))
		return wrong(world, event, "family");
	if (!(event->flags & TCPFSM_F_MAPPED) != !family->mapped)
		return wrong(world, event, "flag mapped");
	if (memcmp(event->laddr, local, 16))
		return wrong(world, event, "local address");
	if (!listener && memcmp(event->raddr, remote, 16))
		return wrong(world, event, "remote address");
	return true;
}

/* A connection keeps its ports; only one whose open failed may never have had a local one. */
static bool check_ports(struct world *world, const struct tcpfsm_event *event, struct chain *chain)
{
	if (chain->lport && event->lport != chain->lport)
		return wrong(world, event, "another local port than before");
	if (chain->rport && event->rport != chain->rport)
		return wrong(world, event, "another remote port than before");
	chain->lport = event->lport;
	chain->rport = event->rport;
	return true;
}

/* Who runs on the CPU when a segment or a timer comes has nothing to do with the socket. */
static bool check_owner(struct world *world, const struct tcpfsm_event *event)
{
	if (event->uid != geteuid())
		return wrong(world, event, "owner");
	if (event->pid && event->pid != (uint32_t)getpid() && event->pid != (uint32_t)world->helper)
		return wrong(world, event, "process");
	if (!event->pid && event->comm[0])
		return wrong(world, event, "name of no process");
	return true;
}

static bool check_time(struct world *world, const struct tcpfsm_event *event,
		       const struct chain *chain)
{
	if (event->time_ns < world->born || event->time_ns > clock_now())
		return wrong(world, event, "time stamp");
	if (!chain->time)
		return true;
	if (world->timed && event->dwell_ns == TCPFSM_UNKNOWN_DWELL)
		return wrong(world, event, "no dwell time");
	if (event->time_ns < chain->time)
		return wrong(world, event, "older than the event before");
	if (event->dwell_ns != TCPFSM_UNKNOWN_DWELL &&
	    event->dwell_ns != event->time_ns - chain->time)
		return wrong(world, event, "dwell time");
	return true;
}

static bool check_cause(struct world *world, const struct tcpfsm_event *event,
			const struct spec_edge *edge)
{
	/* A module that tells one cause tells them all. */
	if (event->cause)
		world->causes = true;
	if (!world->causes)
		return true;
	if (world->foreign && event->cause == TCPFSM_C_UNKNOWN) {
		world->unknown++;
		return true;
	}
	if (edge && edge->causes ? !(edge->causes & 1ULL << event->cause) :
				   !event->cause || event->cause == TCPFSM_C_UNKNOWN)
		return wrong(world, event, "cause");
	return true;
}

static bool check_flags(struct world *world, const struct tcpfsm_event *event,
			const struct spec_edge *edge, struct chain *chain)
{
	chain->opened |= edge->flags & OPENED;
	if (world->fastopen && event->new == TCPFSM_SYN_SENT)
		chain->opened |= TCPFSM_F_FASTOPEN;
	if (event->flags & TCPFSM_F_ILLEGAL)
		return wrong(world, event, "flag illegal");
	if (edge->flags & ~event->flags)
		return wrong(world, event, "a flag is missing");
	if (event->flags & OPENED & ~chain->opened)
		return wrong(world, event, "opened otherwise");
	if (event->flags & TCPFSM_F_FINACK & ~edge->flags)
		return wrong(world, event, "flag finack");
	return true;
}

/* What holds for every event, whatever the test expects. */
static bool check_always(struct world *world, const struct tcpfsm_event *event, struct chain *chain)
{
	enum side side = event->netns == world->inode[SERVER] ? SERVER : CLIENT;
	bool first = chain->state == 0;

	if (first)
		chain->family = world->family;
	if (first && chain->gen == 1)
		chain->side = side;
	if (chain->side != side)
		return wrong(world, event, "another namespace than before");
	if (first ? event->old != TCPFSM_CLOSE && event->old != TCPFSM_LISTEN :
		    event->old != chain->state)
		return wrong(world, event, "the chain is broken");
	return check_addresses(world, event, chain) && check_ports(world, event, chain) &&
	       check_time(world, event, chain) && check_owner(world, event);
}

static void advance(struct chain *chain, const struct tcpfsm_event *event)
{
	chain->state = event->new;
	chain->time = event->time_ns;
	chain->next++;
}

static bool was_seen(const struct world *world, size_t i)
{
	const struct tcpfsm_event *event = &world->stream.events[i];
	const struct chain *chain = find_chain(world, event->id, event->gen);

	return chain && i < chain->next;
}

/* The event may have come, as one of another generation. */
static bool missed(struct world *world, const struct chain *chain, const char *text)
{
	size_t i;

	for (i = 0; i < world->stream.nr; i++)
		if (world->stream.events[i].id == chain->id &&
		    !is_of(&world->stream.events[i], chain) && !was_seen(world, i))
			return wrong(world, &world->stream.events[i], text);
	return world_fail(world, "%s and does not come", text);
}

static bool expect_edge(struct world *world, struct chain *chain, const struct spec_edge *edge)
{
	const struct tcpfsm_event *event = next_event(world, chain, clock_patience());
	char text[96];

	snprintf(text, sizeof(text), "id %" PRIx64 "/%u: %s>%s is expected", chain->id, chain->gen,
		 tcpfsm_state_name(edge->old), tcpfsm_state_name(edge->new));
	if (!event)
		return missed(world, chain, text);
	if (event->old != edge->old || event->new != edge->new)
		return wrong(world, event, text);
	if (!check_always(world, event, chain) || !check_flags(world, event, edge, chain) ||
	    !check_cause(world, event, edge))
		return false;
	advance(chain, event);
	return true;
}

static bool expect(struct world *world, struct chain *chain, const char *spec)
{
	struct spec_edge edges[SPEC_MAX_EDGES];
	int i, nr;

	if (!chain || !chain->id)
		return world_fail(world, "%s: no such connection", spec);
	nr = spec_parse(spec, chain->state, edges);
	if (nr <= 0)
		return world_fail(world, "%s: makes no sense here", spec);
	for (i = 0; i < nr; i++)
		if (!expect_edge(world, chain, &edges[i]))
			return false;
	return true;
}

/**
 * chain_expect() - the next events of a connection are these
 * @world: the hosts
 * @id: of the connection
 * @spec: see spec.h; unless it goes on where an earlier one ended, it is of the ID's next
 *	generation
 *
 * Waits for events that have not come yet.
 *
 * Return: false if an event is another one, wrong in some detail, or does not come.
 */
bool chain_expect(struct world *world, uint64_t id, const char *spec)
{
	return expect(world, *spec == '>' ? newest_chain(world, id) : new_chain(world, id), spec);
}

/**
 * chain_expect_gen() - the same of a generation of which something was expected before
 * @world: the hosts
 * @id: of the connection
 * @gen: generation; it may be an older one, whose timewait sock has not ended yet
 * @spec: goes on where an earlier one ended
 *
 * Return: as chain_expect().
 */
bool chain_expect_gen(struct world *world, uint64_t id, uint32_t gen, const char *spec)
{
	return expect(world, find_chain(world, id, gen), spec);
}

/**
 * chain_find() - a connection that has no socket of its own yet, by its ports
 * @world: the hosts
 * @side: on which of them
 * @lport: local port
 * @rport: remote port, 0: whatever it is
 *
 * Waits until there is one of which nothing was expected yet.
 *
 * Return: its id, 0 if there is none.
 */
uint64_t chain_find(struct world *world, enum side side, uint16_t lport, uint16_t rport)
{
	uint64_t deadline = clock_patience();
	const struct tcpfsm_event *event;
	size_t i = 0;

	do {
		for (; i < world->stream.nr; i++) {
			event = &world->stream.events[i];
			if (event->netns == world->inode[side] && event->lport == lport &&
			    (!rport || event->rport == rport) && !chain_of(world, event->id))
				return event->id;
		}
	} while (more(world, deadline));
	world_fail(world, "no connection %u,%u", lport, rport);
	return 0;
}

/**
 * chain_all_seen() - nothing has happened that the test did not expect
 * @world: the hosts
 *
 * Call it when the stream has come up to the present, see sock_mark().
 */
bool chain_all_seen(struct world *world)
{
	size_t i;

	if (world->stream.lost)
		return world_fail(world, "%" PRIu64 " events lost", world->stream.lost);
	for (i = 0; i < world->stream.nr; i++)
		if (!was_seen(world, i))
			return wrong(world, &world->stream.events[i], "not expected");
	return true;
}

/**
 * chain_none_of() - nothing at all was ever told of a socket
 * @world: the hosts
 * @id: of the socket
 *
 * Call it when the stream has come up to the present, see sock_mark().
 */
bool chain_none_of(struct world *world, uint64_t id)
{
	size_t i;

	for (i = 0; i < world->stream.nr; i++)
		if (world->stream.events[i].id == id)
			return wrong(world, &world->stream.events[i], "not expected");
	return true;
}

static bool is_idle(const struct chain *chain)
{
	return chain->state == TCPFSM_CLOSE || chain->state == TCPFSM_TIME_WAIT ||
	       chain->state == TCPFSM_FIN_WAIT2;
}

static bool is_closed(const struct chain *chain)
{
	return chain->state == TCPFSM_CLOSE;
}

static bool all_are(const struct world *world, bool (*is)(const struct chain *chain))
{
	unsigned int i;

	for (i = 0; i < world->nr_chains; i++)
		if (!is(&world->chains[i]))
			return false;
	return true;
}

/* Follow every connection as far as the stream goes, by the general rules only. */
static bool follow(struct world *world)
{
	const struct tcpfsm_event *event;
	struct chain *chain;
	size_t i;

	for (i = 0; i < world->stream.nr; i++) {
		event = &world->stream.events[i];
		if (was_seen(world, i))
			continue;
		chain = find_chain(world, event->id, event->gen) ?: new_chain(world, event->id);
		if (!chain)
			return world_fail(world, "too many connections");
		if (event->gen != chain->gen)
			return wrong(world, event, "generation");
		if (!check_always(world, event, chain) || !check_cause(world, event, NULL))
			return false;
		chain->next = i;
		advance(chain, event);
	}
	return true;
}

static bool follow_until(struct world *world, bool (*is)(const struct chain *chain))
{
	uint64_t deadline = clock_patience();
	unsigned int i;

	for (;;) {
		if (!follow(world))
			return false;
		if (all_are(world, is))
			return true;
		if (!more(world, deadline))
			break;
	}
	for (i = 0; is(&world->chains[i]); i++)
		;
	return world_fail(world, "id %" PRIx64 " stays in %s", world->chains[i].id,
			  tcpfsm_state_name(world->chains[i].state));
}

/**
 * chain_are_idle() - has no connection anything to send any more, at present?
 * @world: the hosts
 */
bool chain_are_idle(struct world *world)
{
	while (stream_more(&world->stream, 0))
		;
	return follow(world) && all_are(world, is_idle);
}

/**
 * chain_all_idle() - wait until no connection has anything to send any more
 * @world: the hosts
 */
bool chain_all_idle(struct world *world)
{
	return follow_until(world, is_idle);
}

/**
 * chain_all_closed() - wait until all connections have ended
 * @world: the hosts
 *
 * An end is an end: a second one would have broken the chain.
 */
bool chain_all_closed(struct world *world)
{
	return follow_until(world, is_closed);
}
