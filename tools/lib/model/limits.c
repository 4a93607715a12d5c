// SPDX-License-Identifier: GPL-2.0
/*
 * limits.c - which connections are stuck in their state, and which causes are bad ends
 */
#include "model/limits.h"

#include <string.h>

#include "base/clock.h"

/**
 * fsm_stuck_after_ns() - return the time in a state after which something is wrong
 * @state: state
 *
 * A handshake takes a round trip: three seconds are a lost SYN and its first repetition.
 * In CLOSE_WAIT the peer has closed, and only the own process can end the connection. In
 * FIN_WAIT2 the kernel waits no more than a minute for the peer's FIN once the connection
 * has no process.
 *
 * Return: UINT64_MAX if the state may last.
 */
uint64_t fsm_stuck_after_ns(unsigned int state)
{
	switch (state) {
	case TCPFSM_SYN_SENT:
	case TCPFSM_SYN_RECV:
		return 3 * FSM_NS_PER_SECOND;
	case TCPFSM_CLOSE_WAIT:
		return 30 * FSM_NS_PER_SECOND;
	case TCPFSM_FIN_WAIT2:
		return 65 * FSM_NS_PER_SECOND;
	default:
		return UINT64_MAX;
	}
}

/**
 * fsm_is_stuck() - return whether a connection is in its state for too long
 * @model: model
 * @slot: connection
 * @now_ns: time that the model has reached
 */
bool fsm_is_stuck(const struct fsm_model *model, uint32_t slot, uint64_t now_ns)
{
	uint64_t since = model->since[slot];

	return now_ns > since && now_ns - since >= fsm_stuck_after_ns(model->state[slot]);
}

/**
 * fsm_count_stuck() - count the stuck connections in each state
 * @model: model
 * @now_ns: time that the model has reached
 * @stuck: set to the counts, by state, of the connections that the filter wants
 */
void fsm_count_stuck(const struct fsm_model *model, uint64_t now_ns,
		     uint32_t stuck[TCPFSM_NR_STATES])
{
	uint64_t limit[TCPFSM_NR_STATES];
	uint32_t slot, state;

	memset(stuck, 0, TCPFSM_NR_STATES * sizeof(*stuck));
	for (state = 0; state < TCPFSM_NR_STATES; state++) {
		uint64_t after = fsm_stuck_after_ns(state);

		limit[state] = now_ns > after ? now_ns - after : 0;
	}
	limit[0] = 0;
	for (slot = 0; slot < model->used; slot++)
		if (model->since[slot] <= limit[model->state[slot]] && model->state[slot] &&
		    limit[model->state[slot]] && model->conns[slot].flags & FSM_CONN_WANTED)
			stuck[model->state[slot]]++;
}

/**
 * fsm_cause_is_bad() - return whether a connection that ends so has failed
 * @cause: any number
 */
bool fsm_cause_is_bad(unsigned int cause)
{
	switch (cause) {
	case TCPFSM_C_ABORT:
	case TCPFSM_C_RCV_RST:
	case TCPFSM_C_RCV_DATA:
	case TCPFSM_C_RTO:
	case TCPFSM_C_ZERO_WINDOW:
	case TCPFSM_C_KEEPALIVE:
	case TCPFSM_C_SYNACK_TIMEOUT:
	case TCPFSM_C_ICMP:
	case TCPFSM_C_KILL:
	case TCPFSM_C_LISTENER_CLOSED:
	case TCPFSM_C_OOM:
	case TCPFSM_C_TW_OVERFLOW:
	case TCPFSM_C_ACCEPT_OVERFLOW:
	case TCPFSM_C_OPEN_FAILED:
		return true;
	default:
		return false;
	}
}
