// SPDX-License-Identifier: GPL-2.0
/*
 * shown.c - which connections the table shows, and what those of one group have in common
 */
#include "shown.h"

#include <string.h>
#include <sys/socket.h>

/**
 * shown_member() - find what a connection has in common with others of its group
 * @conn: connection
 * @by: by what connections are grouped
 * @member: set to it
 */
void shown_member(const struct fsm_conn *conn, enum top_grouping by, struct top_member *member)
{
	memset(member, 0, sizeof(*member));
	member->by = (uint8_t)by;
	switch (by) {
	case GROUP_PROCESS:
		member->pid = conn->pid;
		if (conn->pid)
			memcpy(member->comm, conn->comm, sizeof(member->comm));
		else
			member->uid = conn->uid;
		break;
	case GROUP_CGROUP:
		member->cgroup = conn->cgroup;
		/* A container without a cgroup still has a network of its own. */
		member->netns = conn->netns;
		break;
	case GROUP_PEER:
		member->family = conn->family;
		memcpy(member->addr, conn->raddr, conn->family == AF_INET ? 4 : 16);
		break;
	default:
		break;
	}
}

/* Return whether a connection is in the group that is looked into. */
static bool is_within(const struct top_table *table, const struct fsm_conn *conn)
{
	struct top_member member;

	if (table->within.by == GROUP_NONE)
		return true;
	shown_member(conn, table->within.by, &member);
	return !memcmp(&member, &table->within, sizeof(member));
}

/**
 * shown_has() - return whether the table shows a connection
 * @top: top
 * @slot: slot of the connection
 */
bool shown_has(const struct top *top, uint32_t slot)
{
	const struct fsm_conn *conn = &top->model.conns[slot];

	/* Listening sockets have a view of their own. */
	return top->model.state[slot] != TCPFSM_LISTEN && conn->flags & FSM_CONN_WANTED &&
	       is_within(&top->table, conn);
}
