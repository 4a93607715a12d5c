// SPDX-License-Identifier: GPL-2.0
/*
 * model.c - the connections that there are now, told from the events
 */
#include "model/model.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/hash.h"

#define FIRST_BITS 12

_Static_assert(sizeof(struct fsm_conn) + sizeof(uint64_t) + 1 + 2 * sizeof(uint32_t) <= 256,
	       "a connection takes no more than that, its share of a sparse index included");

/* ---- slots and their index ---- */

static uint32_t hash(const struct fsm_model *model, uint64_t id)
{
	return (uint32_t)fsm_hash(id, model->index_bits);
}

static uint32_t mask(const struct fsm_model *model)
{
	return (1u << model->index_bits) - 1;
}

/* Where an ID is in the index, or would be. */
static uint32_t place_of(const struct fsm_model *model, uint64_t id)
{
	uint32_t i = hash(model, id);

	while (model->index[i] != FSM_NONE && model->conns[model->index[i]].id != id)
		i = (i + 1) & mask(model);
	return i;
}

/**
 * fsm_model_find() - the slot of a connection
 * @model: model
 * @id: its ID
 *
 * Return: slot, FSM_NONE if there is none.
 */
uint32_t fsm_model_find(const struct fsm_model *model, uint64_t id)
{
	return model->index[place_of(model, id)];
}

static int make_index(struct fsm_model *model, unsigned int bits)
{
	uint32_t *index = malloc(sizeof(*index) << bits);
	uint32_t slot;

	if (!index)
		return -1;
	memset(index, 0xff, sizeof(*index) << bits);
	free(model->index);
	model->index = index;
	model->index_bits = bits;
	for (slot = 0; slot < model->used; slot++)
		if (model->state[slot])
			index[place_of(model, model->conns[slot].id)] = slot;
	return 0;
}

static int grow_slots(struct fsm_model *model)
{
	uint32_t size = model->size ? 2 * model->size : 1u << FIRST_BITS;
	void *p;

	if (size > FSM_MODEL_MAX)
		return -1;
	p = realloc(model->conns, size * sizeof(*model->conns));
	if (!p)
		return -1;
	model->conns = p;
	p = realloc(model->since, size * sizeof(*model->since));
	if (!p)
		return -1;
	model->since = p;
	p = realloc(model->state, size);
	if (!p)
		return -1;
	model->state = p;
	model->size = size;
	return 0;
}

/* At most three quarters of the index are used: what is not there is soon found out. */
static int make_room(struct fsm_model *model)
{
	if (model->free == FSM_NONE && model->used == model->size && grow_slots(model))
		return -1;
	if ((uint64_t)model->nr + 1 > 3ull << model->index_bits >> 2)
		return make_index(model, model->index_bits + 1);
	return 0;
}

/* Return: a slot of that ID in no state yet, or FSM_NONE. */
static uint32_t create(struct fsm_model *model, uint64_t id)
{
	uint32_t slot;

	if (make_room(model)) {
		model->refused++;
		return FSM_NONE;
	}
	slot = model->free;
	if (slot != FSM_NONE)
		model->free = model->conns[slot].next;
	else
		slot = model->used++;
	memset(&model->conns[slot], 0, sizeof(model->conns[slot]));
	model->conns[slot].id = id;
	model->conns[slot].uid = TCPFSM_UNKNOWN_UID;
	model->state[slot] = 0;
	model->index[place_of(model, id)] = slot;
	model->nr++;
	return slot;
}

/* Nothing is left between an entry and where its hash would have it: move up what comes behind. */
static void close_gap(struct fsm_model *model, uint32_t gap)
{
	uint32_t i = gap;

	for (;;) {
		uint32_t home;

		i = (i + 1) & mask(model);
		if (model->index[i] == FSM_NONE)
			break;
		home = hash(model, model->conns[model->index[i]].id);
		if (((i - home) & mask(model)) < ((i - gap) & mask(model)))
			continue;
		model->index[gap] = model->index[i];
		gap = i;
	}
	model->index[gap] = FSM_NONE;
}

static bool is_wanted(const struct fsm_model *model, uint32_t slot)
{
	return model->conns[slot].flags & FSM_CONN_WANTED;
}

static void leave_state(struct fsm_model *model, uint32_t slot)
{
	if (model->state[slot] && is_wanted(model, slot))
		model->population[model->state[slot]]--;
}

static void enter_state(struct fsm_model *model, uint32_t slot, unsigned int state)
{
	struct fsm_conn *conn = &model->conns[slot];
	struct tcpfsm_event ev;

	model->state[slot] = (uint8_t)state;
	if (model->filter.nr_terms) {
		fsm_conn_as_event(model, slot, &ev);
		conn->flags &= (uint8_t)~FSM_CONN_WANTED;
		if (tcpfsm_filter_match(&model->filter, &ev))
			conn->flags |= FSM_CONN_WANTED;
	} else {
		conn->flags |= FSM_CONN_WANTED;
	}
	if (is_wanted(model, slot))
		model->population[state]++;
}

/* ---- sockets that listen ---- */

static uint32_t *chain_of(struct fsm_model *model, uint16_t port)
{
	return &model->listener_chains[port % FSM_LISTENER_CHAINS];
}

static void add_listener(struct fsm_model *model, uint64_t id, uint16_t port)
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

/* Let what pointed to one listener point to another. */
static void relink(struct fsm_model *model, uint32_t from, uint16_t port, uint32_t to)
{
	uint32_t *link = chain_of(model, port);

	while (*link != from)
		link = &model->listeners[*link].next;
	*link = to;
}

static void remove_listener(struct fsm_model *model, uint64_t id)
{
	struct fsm_listener *l = fsm_model_listener(model, id);
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
 * fsm_model_listener() - a listening socket
 * @model: model
 * @id: its ID
 *
 * Return: NULL if there is none of that ID.
 */
struct fsm_listener *fsm_model_listener(struct fsm_model *model, uint64_t id)
{
	uint32_t slot = fsm_model_find(model, id);
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

/* How well does a listener fit what came in? 0: not at all. */
static int fit(const struct fsm_conn *listener, const struct fsm_conn *conn)
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
 * fsm_model_listener_of() - who listens where this connection came in?
 * @model: model
 * @conn: a request, or what became of one
 *
 * Return: NULL if nobody does any more.
 */
struct fsm_listener *fsm_model_listener_of(struct fsm_model *model, const struct fsm_conn *conn)
{
	uint32_t i = *chain_of(model, conn->lport);
	struct fsm_listener *best = NULL;
	int best_fit = 0;

	for (; i != FSM_NONE; i = model->listeners[i].next) {
		struct fsm_listener *l = &model->listeners[i];
		uint32_t slot = fsm_model_find(model, l->id);
		int f = slot == FSM_NONE ? 0 : fit(&model->conns[slot], conn);

		if (f > best_fit) {
			best = l;
			best_fit = f;
		}
	}
	return best;
}

/* @by: 1, or -1 to take it back */
static void count_request(struct fsm_model *model, const struct tcpfsm_event *ev,
			  const struct fsm_conn *conn, int by)
{
	bool comes = ev->old == TCPFSM_LISTEN && ev->new == TCPFSM_SYN_RECV;
	struct fsm_listener *l;

	if (!comes && ev->old != TCPFSM_SYN_RECV)
		return;
	l = fsm_model_listener_of(model, conn);
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

/* ---- events ---- */

static bool is_birth(const struct tcpfsm_event *ev)
{
	return ev->old == TCPFSM_CLOSE || (ev->old == TCPFSM_LISTEN && ev->new == TCPFSM_SYN_RECV);
}

static bool is_state(unsigned int state)
{
	return state && state < TCPFSM_NR_STATES;
}

/* Who it is. What an event does not know, an earlier one may have known. */
static void set_identity(struct fsm_conn *conn, const struct tcpfsm_event *ev)
{
	if (ev->cgroup)
		conn->cgroup = ev->cgroup;
	if (ev->uid != TCPFSM_UNKNOWN_UID)
		conn->uid = ev->uid;
	conn->netns = ev->netns;
	conn->gen = ev->gen;
	memcpy(conn->laddr, ev->laddr, 16);
	memcpy(conn->raddr, ev->raddr, 16);
	conn->lport = ev->lport;
	conn->rport = ev->rport;
	conn->family = ev->family;
}

static void set_owner(struct fsm_conn *conn, uint32_t pid, const char *comm)
{
	conn->pid = pid;
	memcpy(conn->comm, comm, sizeof(conn->comm));
	conn->flags &= (uint8_t)~FSM_CONN_INHERITED;
}

/* No system call of its own has made it: for the time being it is whose the listener is. */
static void inherit_owner(struct fsm_model *model, uint32_t slot)
{
	struct fsm_listener *l = fsm_model_listener_of(model, &model->conns[slot]);
	struct fsm_conn *from;

	if (!l)
		return;
	from = &model->conns[fsm_model_find(model, l->id)];
	set_owner(&model->conns[slot], from->pid, from->comm);
	model->conns[slot].flags |= FSM_CONN_INHERITED;
}

static void remove_conn(struct fsm_model *model, uint32_t slot)
{
	struct fsm_conn *conn = &model->conns[slot];

	leave_state(model, slot);
	if (model->state[slot] == TCPFSM_LISTEN)
		remove_listener(model, conn->id);
	close_gap(model, place_of(model, conn->id));
	model->state[slot] = 0;
	conn->flags = 0;
	conn->next = model->free;
	model->free = slot;
	model->nr--;
}

/* Go from the state it is in to another one. */
static void move(struct fsm_model *model, uint32_t slot, unsigned int state, uint64_t since_ns)
{
	leave_state(model, slot);
	if (model->state[slot] == TCPFSM_LISTEN && state != TCPFSM_LISTEN)
		remove_listener(model, model->conns[slot].id);
	if (state == TCPFSM_LISTEN && model->state[slot] != TCPFSM_LISTEN)
		add_listener(model, model->conns[slot].id, model->conns[slot].lport);
	model->since[slot] = since_ns;
	enter_state(model, slot, state);
}

static void note_undo(const struct fsm_model *model, uint32_t slot, struct fsm_undo *undo)
{
	const struct fsm_conn *conn;

	memset(undo, 0, sizeof(*undo));
	if (slot == FSM_NONE)
		return;
	conn = &model->conns[slot];
	undo->known = true;
	undo->since_ns = model->since[slot];
	undo->pid = conn->pid;
	memcpy(undo->comm, conn->comm, sizeof(undo->comm));
	undo->cause = conn->cause;
	undo->flags = conn->flags;
}

static void apply_end(struct fsm_model *model, uint32_t slot, const struct tcpfsm_event *ev)
{
	struct fsm_conn ended = { 0 };

	set_identity(&ended, ev);
	count_request(model, ev, &ended, 1);
	if (slot != FSM_NONE)
		remove_conn(model, slot);
}

static void apply_step(struct fsm_model *model, uint32_t slot, const struct tcpfsm_event *ev)
{
	struct fsm_conn *conn;
	bool is_new = slot == FSM_NONE;

	if (is_new) {
		slot = create(model, ev->id);
		if (slot == FSM_NONE)
			return;
		if (!is_birth(ev))
			model->adopted++;
	}
	conn = &model->conns[slot];
	set_identity(conn, ev);
	count_request(model, ev, conn, 1);
	if (ev->pid && ev->comm[0])
		set_owner(conn, ev->pid, ev->comm);
	else if (is_new && ev->new != TCPFSM_LISTEN && ev->new != TCPFSM_SYN_SENT)
		inherit_owner(model, slot);
	conn->cause = ev->cause;
	conn->flags &= (uint8_t)~FSM_CONN_AT_LEAST;
	move(model, slot, ev->new, ev->time_ns);
}

/**
 * fsm_model_apply() - an event happened
 * @model: model
 * @ev: event; one that leads to no state that there is changes nothing
 * @undo: set to what fsm_model_undo() wants
 */
void fsm_model_apply(struct fsm_model *model, const struct tcpfsm_event *ev, struct fsm_undo *undo)
{
	uint32_t slot = fsm_model_find(model, ev->id);

	note_undo(model, slot, undo);
	if (!is_state(ev->new))
		return;
	if (slot != FSM_NONE && model->state[slot] != ev->old)
		model->surprises++;
	if (ev->new == TCPFSM_CLOSE)
		apply_end(model, slot, ev);
	else
		apply_step(model, slot, ev);
}

/**
 * fsm_model_undo() - it did not happen
 * @model: model, in the state that fsm_model_apply() left it in
 * @ev: event
 * @undo: what fsm_model_apply() said
 */
void fsm_model_undo(struct fsm_model *model, const struct tcpfsm_event *ev,
		    const struct fsm_undo *undo)
{
	uint32_t slot = fsm_model_find(model, ev->id);
	struct fsm_conn *conn;

	if (!is_state(ev->new))
		return;
	if (!undo->known) {
		struct fsm_conn gone = { 0 };

		if (slot != FSM_NONE)
			remove_conn(model, slot);
		set_identity(&gone, ev);
		count_request(model, ev, &gone, -1);
		return;
	}
	if (slot == FSM_NONE) {
		slot = create(model, ev->id);
		if (slot == FSM_NONE)
			return;
	}
	conn = &model->conns[slot];
	set_identity(conn, ev);
	move(model, slot, is_state(ev->old) ? ev->old : ev->new, undo->since_ns);
	conn->pid = undo->pid;
	memcpy(conn->comm, undo->comm, sizeof(conn->comm));
	conn->cause = undo->cause;
	conn->flags = (uint8_t)((conn->flags & FSM_CONN_WANTED) | (undo->flags & ~FSM_CONN_WANTED));
	count_request(model, ev, conn, -1);
}

/* ---- the baseline ---- */

/* From now on fsm_model_adopt() tells which connections there really are. */
void fsm_model_unmark(struct fsm_model *model)
{
	uint32_t slot;

	for (slot = 0; slot < model->used; slot++)
		model->conns[slot].flags &= (uint8_t)~FSM_CONN_MARK;
}

/**
 * fsm_model_adopt() - there is such a connection, whatever the events have said
 * @model: model
 * @conn: who it is
 * @state: in which state it was found
 * @now_ns: when
 *
 * Of one that is known from its events only the mark is set: they are newer, or will come.
 *
 * Return: its slot, or FSM_NONE.
 */
uint32_t fsm_model_adopt(struct fsm_model *model, const struct fsm_conn *conn, unsigned int state,
			 uint64_t now_ns)
{
	uint32_t slot = fsm_model_find(model, conn->id);

	if (!is_state(state) || state == TCPFSM_CLOSE)
		return FSM_NONE;
	if (slot == FSM_NONE) {
		slot = create(model, conn->id);
		if (slot == FSM_NONE)
			return FSM_NONE;
		model->conns[slot] = *conn;
		model->conns[slot].flags = FSM_CONN_AT_LEAST;
		move(model, slot, state, now_ns);
	}
	model->conns[slot].flags |= FSM_CONN_MARK;
	return slot;
}

static bool is_one_of(uint32_t v, const uint32_t *list, size_t nr)
{
	while (nr--)
		if (*list++ == v)
			return true;
	return false;
}

/**
 * fsm_model_drop_unmarked() - what was not found is not there
 * @model: model
 * @netns: the network namespaces that were looked into
 * @nr_netns: how many
 */
void fsm_model_drop_unmarked(struct fsm_model *model, const uint32_t *netns, size_t nr_netns)
{
	uint32_t slot;

	for (slot = 0; slot < model->used; slot++)
		if (model->state[slot] && !(model->conns[slot].flags & FSM_CONN_MARK) &&
		    is_one_of(model->conns[slot].netns, netns, nr_netns))
			remove_conn(model, slot);
}

/**
 * fsm_model_set_owner() - somebody has found out whose a connection is
 * @model: model
 * @slot: its slot
 * @pid: process
 * @comm: its name, TCPFSM_COMM_LEN bytes
 */
void fsm_model_set_owner(struct fsm_model *model, uint32_t slot, uint32_t pid, const char *comm)
{
	set_owner(&model->conns[slot], pid, comm);
}

/* ---- what is shown ---- */

/**
 * fsm_conn_as_event() - a connection as an event that would lead to where it is
 * @model: model
 * @slot: connection
 * @ev: filled in, as far as filters and printers look
 */
void fsm_conn_as_event(const struct fsm_model *model, uint32_t slot, struct tcpfsm_event *ev)
{
	const struct fsm_conn *conn = &model->conns[slot];

	memset(ev, 0, sizeof(*ev));
	ev->type = TCPFSM_REC_EVENT;
	ev->time_ns = model->since[slot];
	ev->id = conn->id;
	ev->cgroup = conn->cgroup;
	ev->gen = conn->gen;
	ev->netns = conn->netns;
	ev->uid = conn->uid;
	ev->pid = conn->pid;
	memcpy(ev->laddr, conn->laddr, 16);
	memcpy(ev->raddr, conn->raddr, 16);
	ev->lport = conn->lport;
	ev->rport = conn->rport;
	ev->family = conn->family;
	ev->old = model->state[slot];
	ev->new = model->state[slot];
	ev->cause = conn->cause;
	memcpy(ev->comm, conn->comm, sizeof(ev->comm));
}

/**
 * fsm_model_set_filter() - show others from now on
 * @model: model
 * @filter: which
 */
void fsm_model_set_filter(struct fsm_model *model, const struct tcpfsm_filter *filter)
{
	uint32_t slot;

	model->filter = *filter;
	memset(model->population, 0, sizeof(model->population));
	for (slot = 0; slot < model->used; slot++)
		if (model->state[slot])
			enter_state(model, slot, model->state[slot]);
}

/* Two ends of one connection: the addresses of one are those of the other, swapped. */
bool fsm_conn_same_peer(const struct fsm_conn *a, const struct fsm_conn *b)
{
	return a->id != b->id && a->lport == b->rport && a->rport == b->lport &&
	       a->family == b->family && !memcmp(a->laddr, b->raddr, 16) &&
	       !memcmp(a->raddr, b->laddr, 16);
}

/**
 * fsm_model_peer() - the other end of a connection, if that is known here, too
 * @model: model
 * @slot: one end
 *
 * Return: slot or FSM_NONE.
 */
uint32_t fsm_model_peer(const struct fsm_model *model, uint32_t slot)
{
	uint32_t other;

	for (other = 0; other < model->used; other++)
		if (model->state[other] &&
		    fsm_conn_same_peer(&model->conns[slot], &model->conns[other]))
			return other;
	return FSM_NONE;
}

/* ---- begin and end ---- */

/**
 * fsm_model_clear() - forget all connections, not the filter
 * @model: model
 */
void fsm_model_clear(struct fsm_model *model)
{
	model->used = 0;
	model->nr = 0;
	model->free = FSM_NONE;
	model->nr_listeners = 0;
	memset(model->population, 0, sizeof(model->population));
	memset(model->listener_chains, 0xff, sizeof(model->listener_chains));
	memset(model->index, 0xff, sizeof(*model->index) << model->index_bits);
}

/**
 * fsm_model_init() - no connections
 * @model: model
 *
 * Return: 0, or -1 without memory.
 */
int fsm_model_init(struct fsm_model *model)
{
	memset(model, 0, sizeof(*model));
	if (grow_slots(model) || make_index(model, FIRST_BITS)) {
		fsm_model_free(model);
		return -1;
	}
	fsm_model_clear(model);
	return 0;
}

void fsm_model_free(struct fsm_model *model)
{
	free(model->conns);
	free(model->since);
	free(model->state);
	free(model->index);
	free(model->listeners);
	memset(model, 0, sizeof(*model));
}
