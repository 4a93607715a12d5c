// SPDX-License-Identifier: GPL-2.0
/*
 * stuck.c - which connections have been in their state for longer than they should
 */
#include "stuck.h"

#include <string.h>

#define NS_PER_SECOND 1000000000ull

/**
 * stuck_after_ns() - beyond which time in a state is something wrong?
 * @state: state
 *
 * A handshake takes a round trip: three seconds are a lost SYN and its first repetition.
 * Who has been told that the peer has closed has nothing to wait for but itself; who waits
 * for the peer's FIN is not waited for by the kernel for more than a minute once it has
 * no process.
 *
 * Return: UINT64_MAX if it may last.
 */
uint64_t stuck_after_ns(unsigned int state)
{
	switch (state) {
	case TCPFSM_SYN_SENT:
	case TCPFSM_SYN_RECV:
		return 3 * NS_PER_SECOND;
	case TCPFSM_CLOSE_WAIT:
		return 30 * NS_PER_SECOND;
	case TCPFSM_FIN_WAIT2:
		return 65 * NS_PER_SECOND;
	default:
		return UINT64_MAX;
	}
}

bool is_stuck(const struct top *top, uint32_t slot)
{
	uint64_t since = top->model.since[slot];

	return top->now_ns > since && top->now_ns - since >= stuck_after_ns(top->model.state[slot]);
}

/* @stuck: by state, of those that the filter wants */
void count_stuck(const struct top *top, uint32_t *stuck)
{
	const struct fsm_model *model = &top->model;
	uint64_t limit[TCPFSM_NR_STATES];
	uint32_t slot, state;

	memset(stuck, 0, TCPFSM_NR_STATES * sizeof(*stuck));
	for (state = 0; state < TCPFSM_NR_STATES; state++) {
		uint64_t after = stuck_after_ns(state);

		limit[state] = top->now_ns > after ? top->now_ns - after : 0;
	}
	limit[0] = 0;
	for (slot = 0; slot < model->used; slot++)
		if (model->since[slot] <= limit[model->state[slot]] && model->state[slot] &&
		    limit[model->state[slot]] && model->conns[slot].flags & FSM_CONN_WANTED)
			stuck[model->state[slot]]++;
}
