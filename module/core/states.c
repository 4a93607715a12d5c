// SPDX-License-Identifier: GPL-2.0
/*
 * states.c - names of states and causes, and numbers of edges
 *
 * This file uses no kernel API, because the tools and the unit tests compile it too.
 */
#include "core/states.h"

static const char *const state_names[] = {
#define TCPFSM_X(id) [TCPFSM_##id] = #id,
	TCPFSM_STATES(TCPFSM_X)
#undef TCPFSM_X
};

static const char *const cause_names[] = { [TCPFSM_C_NONE] = "-",
#define TCPFSM_X(id, name) [TCPFSM_C_##id] = name,
					   TCPFSM_CAUSES(TCPFSM_X)
#undef TCPFSM_X
};

/* With a power of two, one comparison tells whether both states are within the table. */
#define TABLE_STATES 16

static const u8 edge_numbers[TABLE_STATES][TABLE_STATES] = {
#define TCPFSM_X(arg, from, to, where) [TCPFSM_##from][TCPFSM_##to] = TCPFSM_EDGE_##from##_##to,
	TCPFSM_EDGES(TCPFSM_X, 0)
#undef TCPFSM_X
};

/**
 * tcpfsm_state_name() - get the name of a state
 * @state: enum tcpfsm_state
 *
 * Context: any.
 * Return: the kernel's name without TCP_; "?" for a number that is not a state.
 */
const char *tcpfsm_state_name(unsigned int state)
{
	if (!tcpfsm_is_state(state))
		return "?";
	return state_names[state];
}

/**
 * tcpfsm_cause_name() - get the name of a cause
 * @cause: enum tcpfsm_cause
 *
 * Context: any.
 * Return: the name; "-" for TCPFSM_C_NONE; "?" for a number that is not a cause.
 */
const char *tcpfsm_cause_name(unsigned int cause)
{
	if (cause >= TCPFSM_NR_CAUSES)
		return "?";
	return cause_names[cause];
}

/**
 * tcpfsm_edge_number() - find the edge of the diagram that a transition takes
 * @old: enum tcpfsm_state
 * @new: enum tcpfsm_state
 *
 * Context: any.
 * Return: enum tcpfsm_edge_number; TCPFSM_EDGE_NONE if the diagram has no such edge.
 */
unsigned int tcpfsm_edge_number(unsigned int old, unsigned int new)
{
	if ((old | new) >= TABLE_STATES)
		return TCPFSM_EDGE_NONE;
	return edge_numbers[old][new];
}

/**
 * tcpfsm_edge_legal() - is a transition an edge of the diagram?
 * @old: enum tcpfsm_state
 * @new: enum tcpfsm_state
 *
 * Context: any.
 */
bool tcpfsm_edge_legal(unsigned int old, unsigned int new)
{
	return tcpfsm_edge_number(old, new);
}

#define EDGE(from, to) (1u << TCPFSM_EDGE_##from##_##to)

static_assert(TCPFSM_NR_EDGES <= 32, "a bit for each edge");

/**
 * tcpfsm_edge_is_common() - does an edge continue a connection, as most edges do?
 * @number: enum tcpfsm_edge_number
 *
 * A common edge leaves neither CLOSE nor LISTEN. It leads to a synchronized state other than
 * TIME_WAIT, or to the end of the connection. As a rule the edges of a full socket are common.
 *
 * Context: any.
 */
bool tcpfsm_edge_is_common(unsigned int number)
{
	const u32 common = EDGE(SYN_SENT, ESTABLISHED) | EDGE(SYN_RECV, ESTABLISHED) |
			   EDGE(ESTABLISHED, FIN_WAIT1) | EDGE(ESTABLISHED, CLOSE_WAIT) |
			   EDGE(ESTABLISHED, CLOSE) | EDGE(FIN_WAIT1, FIN_WAIT2) |
			   EDGE(FIN_WAIT1, CLOSING) | EDGE(FIN_WAIT1, CLOSE) |
			   EDGE(CLOSE_WAIT, LAST_ACK) | EDGE(CLOSE_WAIT, CLOSE) |
			   EDGE(LAST_ACK, CLOSE);

	return common >> number & 1;
}
