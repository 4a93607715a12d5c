// SPDX-License-Identifier: GPL-2.0
/*
 * listeners.c - the listening sockets of a model, and what became of the requests to them
 */
#include "model/listeners.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "model/conns.h"

static uint32_t *chain_of(struct fsm_model *model, uint16_t port)
{
	return &model->listener_chains[port % FSM_LISTENER_CHAINS];
}

/**
 * fsm_listeners_add() - a socket has begun to listen
 * @model: model
 * @id: its ID
 * @port: its port
 *
 * Without memory it is left out.
 */
void fsm_listeners_add(struct fsm_model *model, uint64_t id, uint16_t port)
{
	struct fsm_listener *l;
	uint32_t *chain;

	if (model->nr_listeners == model->listener_size) {
		uint32_t size = model->listener_size ? 2 * model->listener_size : 64;
		void *p = realloc(model->listeners, size * sizeof(*l));

		if (!p)
			return;
		model->listeners = p;
		model->listener_size = size;
	}
	chain = chain_of(model, port);
	l = &model->listeners[model->nr_listeners];
	memset(l, 0, sizeof(*l));
	l->id = id;
	l->lport = port;
	l->next = *chain;
	*chain = model->nr_listeners++;
}

/* Let the link that pointed to one listener point to another. */
static void relink(struct fsm_model *model, uint32_t from, uint16_t port, uint32_t to)
{
	uint32_t *link = chain_of(model, port);

	while (*link != from)
		link = &model->listeners[*link].next;
	*link = to;
}

/**
 * fsm_listeners_remove() - a socket listens no more
 * @model: model that still has its slot
 * @id: its ID
 */
void fsm_listeners_remove(struct fsm_model *model, uint64_t id)
{
	struct fsm_listener *l = fsm_listeners_find(model, id);
	uint32_t i, last = model->nr_listeners - 1;

	if (!l)
		return;
	i = (uint32_t)(l - model->listeners);
	relink(model, i, l->lport, l->next);
	if (i != last) {
		relink(model, last, model->listeners[last].lport, i);
		*l = model->listeners[last];
	}
	model->nr_listeners--;
}

/**
 * fsm_listeners_find() - return a listening socket, NULL if there is none of that ID
 * @model: model
 * @id: its ID
 */
struct fsm_listener *fsm_listeners_find(struct fsm_model *model, uint64_t id)
{
	uint32_t slot = fsm_conns_find(model, id);
	uint32_t i;

	if (slot == FSM_NONE)
		return NULL;
	i = *chain_of(model, model->conns[slot].lport);
	while (i != FSM_NONE && model->listeners[i].id != id)
		i = model->listeners[i].next;
	return i == FSM_NONE ? NULL : &model->listeners[i];
}

static bool is_any(const uint8_t *addr)
{
	static const uint8_t any[16];

	return !memcmp(addr, any, sizeof(any));
}

/* Return how well a listener fits a connection that came in, 0 if not at all. */
static int fit_of(const struct fsm_conn *listener, const struct fsm_conn *conn)
{
	if (listener->lport != conn->lport || listener->netns != conn->netns)
		return 0;
	if (listener->family == conn->family && !memcmp(listener->laddr, conn->laddr, 16))
		return 3;
	if (!is_any(listener->laddr))
		return 0;
	if (listener->family == conn->family)
		return 2;
	/* A socket of IPv6 may take IPv4, too. */
	return listener->family == AF_INET6;
}

/**
 * fsm_listeners_find_for() - find the socket that listens where a connection came in
 * @model: model
 * @conn: a request, or the connection that became of one
 *
 * Return: NULL if no socket listens there any more.
 */
struct fsm_listener *fsm_listeners_find_for(struct fsm_model *model, const struct fsm_conn *conn)
{
	uint32_t i = *chain_of(model, conn->lport);
	struct fsm_listener *best = NULL;
	int best_fit = 0;

	for (; i != FSM_NONE; i = model->listeners[i].next) {
		struct fsm_listener *l = &model->listeners[i];
		uint32_t slot = fsm_conns_find(model, l->id);
		int fit = slot == FSM_NONE ? 0 : fit_of(&model->conns[slot], conn);

		if (fit > best_fit) {
			best = l;
			best_fit = fit;
		}
	}
	return best;
}

/**
 * fsm_listeners_count() - count what an event means for the listener of a connection
 * @model: model
 * @ev: event
 * @conn: its connection
 * @by: 1, or -1 to take the event back
 */
void fsm_listeners_count(struct fsm_model *model, const struct tcpfsm_event *ev,
			 const struct fsm_conn *conn, int by)
{
	bool comes = ev->old == TCPFSM_LISTEN && ev->new == TCPFSM_SYN_RECV;
	struct fsm_listener *l;

	if (!comes && ev->old != TCPFSM_SYN_RECV)
		return;
	l = fsm_listeners_find_for(model, conn);
	if (!l)
		return;
	if (comes)
		l->requests += (uint64_t)by;
	else if (ev->new == TCPFSM_CLOSE && ev->cause < TCPFSM_NR_CAUSES)
		l->failed[ev->cause] += (uint64_t)by;
	else if (ev->new == TCPFSM_ESTABLISHED)
		l->completed += (uint64_t)by;
	if (ev->flags & TCPFSM_F_SYNCOOKIE && ev->new == TCPFSM_ESTABLISHED)
		l->cookies += (uint64_t)by;
}

/**
 * fsm_listeners_clear() - forget all listening sockets
 * @model: model
 */
void fsm_listeners_clear(struct fsm_model *model)
{
	model->nr_listeners = 0;
	memset(model->listener_chains, 0xff, sizeof(model->listener_chains));
}

void fsm_listeners_free(struct fsm_model *model)
{
	free(model->listeners);
}
