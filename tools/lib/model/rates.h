/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rates.h - what happened in each of the last seconds, and how long states lasted
 */
#ifndef FSM_RATES_H
#define FSM_RATES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/states.h"

#define FSM_RATES_SECONDS 1024 /* a power of two; older seconds are overwritten */
#define FSM_RATES_MINUTES 16   /* a power of two; older minutes are overwritten */

/* A rate is the mean of so many seconds; the running second is left out. */
#define FSM_RATES_WINDOW 3

/* Buckets of dwell times in microseconds: each factor of two has four of them. */
#define FSM_DWELL_BUCKETS 160

/**
 * struct fsm_second - what happened in one second
 * @second: number of the second
 * @events: number of events
 * @edge: number of events by old and new state
 * @finack: number of transitions FIN_WAIT2 -> TIME_WAIT that are one step with the transition
 *	before in RFC 9293
 * @cause: number of events by cause
 */
struct fsm_second {
	uint64_t second;
	uint32_t events;
	uint32_t edge[TCPFSM_NR_STATES][TCPFSM_NR_STATES];
	uint32_t finack;
	uint32_t cause[TCPFSM_NR_CAUSES];
};

/**
 * struct fsm_minute - how long the states lasted that were left in one minute
 * @minute: number of the minute
 * @dwell: number of dwell times by state and bucket
 */
struct fsm_minute {
	uint64_t minute;
	uint32_t dwell[TCPFSM_NR_STATES][FSM_DWELL_BUCKETS];
};

/**
 * struct fsm_rates - the last minutes
 * @seconds: ring of seconds
 * @minutes: ring of minutes
 * @first: the second of the first event
 * @total: number of events of each edge since then
 * @total_cause: number of events of each cause since then
 * @total_finack: sum of fsm_second.finack since then
 */
struct fsm_rates {
	struct fsm_second *seconds;
	struct fsm_minute *minutes;
	uint64_t first;
	uint64_t total[TCPFSM_NR_STATES][TCPFSM_NR_STATES];
	uint64_t total_cause[TCPFSM_NR_CAUSES];
	uint64_t total_finack;
};

int fsm_rates_init(struct fsm_rates *rates);
void fsm_rates_free(struct fsm_rates *rates);
void fsm_rates_clear(struct fsm_rates *rates);
void fsm_rates_start(struct fsm_rates *rates, uint64_t now_ns);
void fsm_rates_count(struct fsm_rates *rates, const struct tcpfsm_event *ev);

void fsm_rates_sum(const struct fsm_rates *rates, uint64_t now_ns, unsigned int seconds,
		   struct fsm_second *sum);
unsigned int fsm_rates_window(const struct fsm_rates *rates, uint64_t now_ns);
const struct fsm_second *fsm_rates_second(const struct fsm_rates *rates, uint64_t second);
bool fsm_rates_dwell(const struct fsm_rates *rates, uint64_t now_ns, unsigned int state,
		     unsigned int percent, uint64_t *us);
void fsm_rates_history(const struct fsm_rates *rates, uint64_t now_ns, unsigned int state,
		       uint32_t population, uint32_t *past, unsigned int nr);
uint32_t fsm_second_edge(const struct fsm_second *second, unsigned int old, unsigned int new);

#endif /* FSM_RATES_H */
