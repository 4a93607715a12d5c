// SPDX-License-Identifier: GPL-2.0
/*
 * baseline.c - the connections that exist already, for a model that knows events only
 */
#include "model/baseline.h"

#include <stdlib.h>
#include <string.h>

#include "in/owners.h"
#include "model/conns.h"
#include "model/listeners.h"

/* ---- marks ---- */

/* From now on fsm_baseline_adopt() tells which connections really exist. */
void fsm_baseline_unmark(struct fsm_model *model)
{
	uint32_t slot;

	for (slot = 0; slot < model->used; slot++)
		model->conns[slot].flags &= (uint8_t)~FSM_CONN_MARK;
}

/**
 * fsm_baseline_adopt() - such a connection exists, whatever the events have said
 * @model: model
 * @conn: who it is
 * @state: in which state it was found
 * @now_ns: when
 *
 * If the connection is known from its events, only its mark is set: the events are newer, or
 * will come.
 *
 * Return: its slot, or FSM_NONE.
 */
uint32_t fsm_baseline_adopt(struct fsm_model *model, const struct fsm_conn *conn,
			    unsigned int state, uint64_t now_ns)
{
	uint32_t slot = fsm_conns_find(model, conn->id);

	if (!state || state >= TCPFSM_NR_STATES || state == TCPFSM_CLOSE)
		return FSM_NONE;
	if (slot == FSM_NONE) {
		slot = fsm_conns_create(model, conn->id);
		if (slot == FSM_NONE)
			return FSM_NONE;
		model->conns[slot] = *conn;
		model->conns[slot].flags = FSM_CONN_AT_LEAST;
		fsm_model_enter(model, slot, state, now_ns);
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
 * fsm_baseline_drop_unmarked() - drop the connections that were not found
 * @model: model
 * @netns: the network namespaces that were looked into
 * @nr_netns: how many
 */
void fsm_baseline_drop_unmarked(struct fsm_model *model, const uint32_t *netns, size_t nr_netns)
{
	uint32_t slot;

	for (slot = 0; slot < model->used; slot++)
		if (model->state[slot] && !(model->conns[slot].flags & FSM_CONN_MARK) &&
		    is_one_of(model->conns[slot].netns, netns, nr_netns))
			fsm_model_remove(model, slot);
}

/* ---- all connections ---- */

/**
 * struct baseline - a baseline that is being taken
 * @model: model
 * @owners: sockets whose process is not known yet
 * @now_ns: when
 */
struct baseline {
	struct fsm_model *model;
	struct fsm_owners owners;
	uint64_t now_ns;
};

/* Return what is known of a socket as a connection of the model. */
static struct fsm_conn conn_of(const struct fsm_diag *diag)
{
	struct fsm_conn conn = {
		.id = diag->id,
		.cgroup = diag->cgroup,
		.netns = diag->netns,
		.gen = 1,
		.uid = diag->uid,
		.lport = diag->lport,
		.rport = diag->rport,
		.family = diag->family,
	};

	memcpy(conn.laddr, diag->laddr, sizeof(conn.laddr));
	memcpy(conn.raddr, diag->raddr, sizeof(conn.raddr));
	return conn;
}

/* Take over how full the accept queue of a listening socket is. */
static void note_queue(struct fsm_model *model, const struct fsm_diag *diag)
{
	struct fsm_listener *l;

	if (diag->state != TCPFSM_LISTEN)
		return;
	l = fsm_listeners_find(model, diag->id);
	if (!l)
		return;
	l->queue = diag->queue;
	l->backlog = diag->backlog;
	l->has_queue = true;
}

static void adopt(const struct fsm_diag *diag, void *arg)
{
	struct baseline *base = arg;
	struct fsm_conn found = conn_of(diag);
	uint32_t slot = fsm_baseline_adopt(base->model, &found, diag->state, base->now_ns);
	const struct fsm_conn *conn;

	if (slot == FSM_NONE)
		return;
	note_queue(base->model, diag);
	conn = &base->model->conns[slot];
	if (diag->inode && (!conn->pid || conn->flags & FSM_CONN_INHERITED))
		fsm_owners_want(&base->owners, diag->inode, slot);
}

static void note_owner(uint32_t slot, uint32_t pid, const char *comm, void *model)
{
	fsm_model_set_owner(model, slot, pid, comm);
}

/**
 * fsm_baseline_take() - add the connections that exist to a model, and drop those that do not
 * @model: model; must know all that had happened when its stream was last read, and must not
 *	learn more meanwhile
 * @now_ns: now
 * @missing: set to why connections of another network namespace are not known, the first of
 *	such reasons; empty if all are known
 *
 * Return: 0, or -1 with errno set.
 */
int fsm_baseline_take(struct fsm_model *model, uint64_t now_ns, char missing[FSM_NAMESPACES_WHY])
{
	struct baseline base = { .model = model, .now_ns = now_ns };
	struct fsm_namespaces *namespaces = malloc(sizeof(*namespaces));
	int status;

	missing[0] = '\0';
	if (!namespaces)
		return -1;
	fsm_baseline_unmark(model);
	status = fsm_namespaces_dump(namespaces, FSM_DIAG_ALL, adopt, &base);
	strcpy(missing, namespaces->missing);
	if (status == 0) {
		fsm_baseline_drop_unmarked(model, namespaces->seen, namespaces->nr_seen);
		fsm_owners_find(&base.owners, note_owner, model);
	}
	fsm_owners_free(&base.owners);
	free(namespaces);
	return status;
}

/* ---- accept queues ---- */

static void note_listener(const struct fsm_diag *diag, void *model)
{
	note_queue(model, diag);
}

/**
 * fsm_baseline_queues() - learn how many connections wait for accept() at each listening socket
 * @model: model that learns it
 *
 * Return: 0, or -1 with errno set.
 */
int fsm_baseline_queues(struct fsm_model *model)
{
	struct fsm_namespaces *namespaces = malloc(sizeof(*namespaces));
	int status;

	if (!namespaces)
		return -1;
	status = fsm_namespaces_dump(namespaces, FSM_DIAG_LISTEN, note_listener, model);
	free(namespaces);
	return status;
}
