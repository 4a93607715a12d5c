// SPDX-License-Identifier: GPL-2.0
/*
 * model.c - the connections that exist now, as the events tell
 */
#include "model/model.h"

#include <string.h>

#include "model/conns.h"
#include "model/listeners.h"

/**
 * fsm_conn_as_event() - make an event that would lead a connection to where it is
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

/* ---- states, and how many connections are in each ---- */

static bool filter_wants(const struct fsm_model *model, uint32_t slot)
{
	return model->conns[slot].flags & FSM_CONN_WANTED;
}

static void leave_state(struct fsm_model *model, uint32_t slot)
{
	if (model->state[slot] && filter_wants(model, slot))
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
	if (filter_wants(model, slot))
		model->population[state]++;
}

/**
 * fsm_model_set_filter() - want other connections from now on
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

/**
 * fsm_model_remove() - a connection is no more
 * @model: model
 * @slot: its slot
 */
void fsm_model_remove(struct fsm_model *model, uint32_t slot)
{
	leave_state(model, slot);
	if (model->state[slot] == TCPFSM_LISTEN)
		fsm_listeners_remove(model, model->conns[slot].id);
	fsm_conns_remove(model, slot);
}

/**
 * fsm_model_enter() - a connection goes from its state to another one
 * @model: model
 * @slot: its slot
 * @state: state that it enters
 * @since_ns: when
 */
void fsm_model_enter(struct fsm_model *model, uint32_t slot, unsigned int state, uint64_t since_ns)
{
	leave_state(model, slot);
	if (model->state[slot] == TCPFSM_LISTEN && state != TCPFSM_LISTEN)
		fsm_listeners_remove(model, model->conns[slot].id);
	if (state == TCPFSM_LISTEN && model->state[slot] != TCPFSM_LISTEN)
		fsm_listeners_add(model, model->conns[slot].id, model->conns[slot].lport);
	model->since[slot] = since_ns;
	enter_state(model, slot, state);
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

/* Take over who it is. A field that this event does not know may be known from an earlier one. */
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

/**
 * fsm_model_set_owner() - learn which process a connection belongs to
 * @model: model
 * @slot: its slot
 * @pid: process
 * @comm: its name, TCPFSM_COMM_LEN bytes
 */
void fsm_model_set_owner(struct fsm_model *model, uint32_t slot, uint32_t pid, const char *comm)
{
	struct fsm_conn *conn = &model->conns[slot];

	conn->pid = pid;
	memcpy(conn->comm, comm, sizeof(conn->comm));
	conn->flags &= (uint8_t)~FSM_CONN_INHERITED;
}

/* No system call of its own has made it: its owner is that of the listener for the time being. */
static void inherit_owner(struct fsm_model *model, uint32_t slot)
{
	struct fsm_listener *l = fsm_listeners_find_for(model, &model->conns[slot]);
	struct fsm_conn *from;

	if (!l)
		return;
	from = &model->conns[fsm_conns_find(model, l->id)];
	fsm_model_set_owner(model, slot, from->pid, from->comm);
	model->conns[slot].flags |= FSM_CONN_INHERITED;
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
	fsm_listeners_count(model, ev, &ended, 1);
	if (slot != FSM_NONE)
		fsm_model_remove(model, slot);
}

static void apply_step(struct fsm_model *model, uint32_t slot, const struct tcpfsm_event *ev)
{
	struct fsm_conn *conn;
	bool is_new = slot == FSM_NONE;

	if (is_new) {
		slot = fsm_conns_create(model, ev->id);
		if (slot == FSM_NONE)
			return;
		if (!is_birth(ev))
			model->adopted++;
	}
	conn = &model->conns[slot];
	set_identity(conn, ev);
	fsm_listeners_count(model, ev, conn, 1);
	if (ev->pid && ev->comm[0])
		fsm_model_set_owner(model, slot, ev->pid, ev->comm);
	else if (is_new && ev->new != TCPFSM_LISTEN && ev->new != TCPFSM_SYN_SENT)
		inherit_owner(model, slot);
	conn->cause = ev->cause;
	conn->flags &= (uint8_t)~FSM_CONN_AT_LEAST;
	fsm_model_enter(model, slot, ev->new, ev->time_ns);
}

/**
 * fsm_model_apply() - an event happened
 * @model: model
 * @ev: event; it changes nothing if the state that it leads to does not exist
 * @undo: set to what fsm_model_undo() needs
 */
void fsm_model_apply(struct fsm_model *model, const struct tcpfsm_event *ev, struct fsm_undo *undo)
{
	uint32_t slot = fsm_conns_find(model, ev->id);

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
 * fsm_model_undo() - take an event back
 * @model: model, in the state that fsm_model_apply() left it in
 * @ev: event
 * @undo: set by fsm_model_apply()
 */
void fsm_model_undo(struct fsm_model *model, const struct tcpfsm_event *ev,
		    const struct fsm_undo *undo)
{
	uint32_t slot = fsm_conns_find(model, ev->id);
	struct fsm_conn *conn;

	if (!is_state(ev->new))
		return;
	if (!undo->known) {
		struct fsm_conn gone = { 0 };

		if (slot != FSM_NONE)
			fsm_model_remove(model, slot);
		set_identity(&gone, ev);
		fsm_listeners_count(model, ev, &gone, -1);
		return;
	}
	if (slot == FSM_NONE) {
		slot = fsm_conns_create(model, ev->id);
		if (slot == FSM_NONE)
			return;
	}
	conn = &model->conns[slot];
	set_identity(conn, ev);
	fsm_model_enter(model, slot, is_state(ev->old) ? ev->old : ev->new, undo->since_ns);
	conn->pid = undo->pid;
	memcpy(conn->comm, undo->comm, sizeof(conn->comm));
	conn->cause = undo->cause;
	conn->flags = (uint8_t)((conn->flags & FSM_CONN_WANTED) | (undo->flags & ~FSM_CONN_WANTED));
	fsm_listeners_count(model, ev, conn, -1);
}

/* ---- the other end ---- */

/* Return whether these are the ends of one connection: each has the addresses of the other. */
bool fsm_conn_same_peer(const struct fsm_conn *a, const struct fsm_conn *b)
{
	return a->id != b->id && a->lport == b->rport && a->rport == b->lport &&
	       a->family == b->family && !memcmp(a->laddr, b->raddr, 16) &&
	       !memcmp(a->raddr, b->laddr, 16);
}

/**
 * fsm_model_peer() - return the slot of the other end of a connection, or FSM_NONE
 * @model: model
 * @slot: one end
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
	fsm_conns_clear(model);
	fsm_listeners_clear(model);
	memset(model->population, 0, sizeof(model->population));
}

/**
 * fsm_model_init() - begin with no connections
 * @model: model
 *
 * Return: 0, or -1 without memory.
 */
int fsm_model_init(struct fsm_model *model)
{
	memset(model, 0, sizeof(*model));
	if (fsm_conns_init(model)) {
		fsm_model_free(model);
		return -1;
	}
	fsm_model_clear(model);
	return 0;
}

void fsm_model_free(struct fsm_model *model)
{
	fsm_conns_free(model);
	fsm_listeners_free(model);
	memset(model, 0, sizeof(*model));
}
