// SPDX-License-Identifier: GPL-2.0
/*
 * rates.c - what happened in each of the last seconds, and how long states lasted
 */
#include "model/rates.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

int fsm_rates_init(struct fsm_rates *rates)
{
	memset(rates, 0, sizeof(*rates));
	rates->seconds = calloc(FSM_RATES_SECONDS, sizeof(*rates->seconds));
	rates->minutes = calloc(FSM_RATES_MINUTES, sizeof(*rates->minutes));
	if (rates->seconds && rates->minutes)
		return 0;
	fsm_rates_free(rates);
	return -1;
}

void fsm_rates_free(struct fsm_rates *rates)
{
	free(rates->seconds);
	free(rates->minutes);
	memset(rates, 0, sizeof(*rates));
}

/* Set all counts to 0; the moment since which they count stays. */
void fsm_rates_clear(struct fsm_rates *rates)
{
	memset(rates->seconds, 0, FSM_RATES_SECONDS * sizeof(*rates->seconds));
	memset(rates->minutes, 0, FSM_RATES_MINUTES * sizeof(*rates->minutes));
	memset(rates->total, 0, sizeof(rates->total));
	memset(rates->total_cause, 0, sizeof(rates->total_cause));
	rates->total_finack = 0;
}

/* Count since this moment: before it, a count of 0 does not mean that nothing happened. */
void fsm_rates_start(struct fsm_rates *rates, uint64_t now_ns)
{
	rates->first = now_ns / FSM_NS_PER_SECOND;
}

/* An empty place of the ring looks like second 0 with no events, which does no harm. */
static struct fsm_second *second_at(struct fsm_rates *rates, uint64_t second)
{
	struct fsm_second *s = &rates->seconds[second % FSM_RATES_SECONDS];

	if (s->second != second) {
		memset(s, 0, sizeof(*s));
		s->second = second;
	}
	return s;
}

static struct fsm_minute *minute_at(struct fsm_rates *rates, uint64_t minute)
{
	struct fsm_minute *m = &rates->minutes[minute % FSM_RATES_MINUTES];

	if (m->minute != minute) {
		memset(m, 0, sizeof(*m));
		m->minute = minute;
	}
	return m;
}

/* The bucket depends on three bits: the highest one that is set, and the two behind it. */
static unsigned int bucket_of(uint64_t us)
{
	unsigned int log, bucket;

	if (us < 4)
		return (unsigned int)us;
	log = 63 - (unsigned int)__builtin_clzll(us);
	bucket = 4 * (log - 1) + (unsigned int)(us >> (log - 2) & 3);
	return bucket < FSM_DWELL_BUCKETS ? bucket : FSM_DWELL_BUCKETS - 1;
}

/* Return the largest number that belongs to a bucket. */
static uint64_t bucket_end(unsigned int bucket)
{
	unsigned int log = bucket / 4 + 1;

	if (bucket < 4)
		return bucket;
	return ((uint64_t)(bucket % 4 + 5) << (log - 2)) - 1;
}

/**
 * fsm_rates_count() - an event happened
 * @rates: rates
 * @ev: event
 */
void fsm_rates_count(struct fsm_rates *rates, const struct tcpfsm_event *ev)
{
	uint64_t second = ev->time_ns / FSM_NS_PER_SECOND;
	struct fsm_second *s = second_at(rates, second);
	unsigned int old = ev->old < TCPFSM_NR_STATES ? ev->old : 0;
	unsigned int new = ev->new < TCPFSM_NR_STATES ? ev->new : 0;
	unsigned int cause = ev->cause < TCPFSM_NR_CAUSES ? ev->cause : TCPFSM_C_NONE;
	bool finack = ev->flags & TCPFSM_F_FINACK;

	s->events++;
	s->edge[old][new]++;
	s->cause[cause]++;
	s->finack += finack;
	rates->total[old][new]++;
	rates->total_cause[cause]++;
	rates->total_finack += finack;
	if (ev->dwell_ns != TCPFSM_UNKNOWN_DWELL)
		minute_at(rates, second / 60)->dwell[old][bucket_of(ev->dwell_ns / 1000)]++;
}

/* Return what happened in a second, NULL if nothing did or it is too long ago. */
const struct fsm_second *fsm_rates_second(const struct fsm_rates *rates, uint64_t second)
{
	const struct fsm_second *s = &rates->seconds[second % FSM_RATES_SECONDS];

	return s->second == second ? s : NULL;
}

static void add_second(struct fsm_second *sum, const struct fsm_second *s)
{
	unsigned int i, j;

	sum->events += s->events;
	sum->finack += s->finack;
	for (i = 0; i < TCPFSM_NR_STATES; i++)
		for (j = 0; j < TCPFSM_NR_STATES; j++)
			sum->edge[i][j] += s->edge[i][j];
	for (i = 0; i < TCPFSM_NR_CAUSES; i++)
		sum->cause[i] += s->cause[i];
}

/**
 * fsm_rates_sum() - sum up what happened in the last seconds
 * @rates: rates
 * @now_ns: now; the second that has not ended is left out, unless there is no other
 * @seconds: how many seconds
 * @sum: set to the sum
 */
void fsm_rates_sum(const struct fsm_rates *rates, uint64_t now_ns, unsigned int seconds,
		   struct fsm_second *sum)
{
	uint64_t end = now_ns / FSM_NS_PER_SECOND;
	const struct fsm_second *s;

	memset(sum, 0, sizeof(*sum));
	if (end == rates->first)
		end++;
	while (seconds-- && end-- > rates->first) {
		s = fsm_rates_second(rates, end);
		if (s)
			add_second(sum, s);
	}
}

/* Return how many seconds a rate is the mean of, from 1 to FSM_RATES_WINDOW. */
unsigned int fsm_rates_window(const struct fsm_rates *rates, uint64_t now_ns)
{
	uint64_t seconds = now_ns / FSM_NS_PER_SECOND - rates->first;

	if (!seconds)
		return 1;
	return seconds < FSM_RATES_WINDOW ? (unsigned int)seconds : FSM_RATES_WINDOW;
}

/**
 * fsm_second_edge() - return how often an edge of RFC 9293's diagram was taken
 * @second: second, or sum of seconds
 * @old: state that the edge begins at
 * @new: state that it leads to
 *
 * If a FIN acknowledges ours, Linux goes from FIN_WAIT1 to TIME_WAIT in two steps, which are
 * one edge.
 */
uint32_t fsm_second_edge(const struct fsm_second *second, unsigned int old, unsigned int new)
{
	uint32_t n = second->edge[old][new];

	if (old == TCPFSM_FIN_WAIT1 && new == TCPFSM_TIME_WAIT)
		return n + second->finack;
	if ((old == TCPFSM_FIN_WAIT1 && new == TCPFSM_FIN_WAIT2) ||
	    (old == TCPFSM_FIN_WAIT2 && new == TCPFSM_TIME_WAIT))
		return n > second->finack ? n - second->finack : 0;
	return n;
}

/**
 * fsm_rates_dwell() - find how long connections stayed in a state
 * @rates: rates
 * @now_ns: now; the connections that left the state in the last minutes count
 * @state: state
 * @percent: so many of a hundred stayed no longer
 * @us: set to that time, rounded up by a quarter at most
 *
 * Return: whether the time of any connection is known.
 */
bool fsm_rates_dwell(const struct fsm_rates *rates, uint64_t now_ns, unsigned int state,
		     unsigned int percent, uint64_t *us)
{
	uint64_t minute = now_ns / FSM_NS_PER_SECOND / 60;
	uint64_t sums[FSM_DWELL_BUCKETS] = { 0 };
	uint64_t total = 0, wanted, seen = 0;
	unsigned int i, b;

	for (i = 0; i < FSM_RATES_MINUTES && i <= minute; i++) {
		const struct fsm_minute *m = &rates->minutes[(minute - i) % FSM_RATES_MINUTES];

		if (m->minute != minute - i)
			continue;
		for (b = 0; b < FSM_DWELL_BUCKETS; b++) {
			sums[b] += m->dwell[state][b];
			total += m->dwell[state][b];
		}
	}
	if (!total)
		return false;
	wanted = (total * percent + 99) / 100;
	for (b = 0; b < FSM_DWELL_BUCKETS - 1; b++) {
		seen += sums[b];
		if (seen >= wanted)
			break;
	}
	*us = bucket_end(b);
	return true;
}

/* Return by how much a state's population grew. A listener stays when it gets a request. */
static int64_t growth(const struct fsm_second *s, unsigned int state)
{
	int64_t sum = 0;
	unsigned int i;

	for (i = 1; i < TCPFSM_NR_STATES; i++) {
		sum += s->edge[i][state];
		if (state != TCPFSM_LISTEN || i != TCPFSM_SYN_RECV)
			sum -= s->edge[state][i];
	}
	return sum;
}

/**
 * fsm_rates_history() - find how many connections were in a state in the seconds before now
 * @rates: rates
 * @now_ns: now
 * @state: state
 * @population: how many are in it now
 * @past: set to how many were, oldest first, the running second last
 * @nr: how many seconds
 *
 * These numbers were not kept. They are worked out backwards, from the number now and the
 * connections that came and went.
 */
void fsm_rates_history(const struct fsm_rates *rates, uint64_t now_ns, unsigned int state,
		       uint32_t population, uint32_t *past, unsigned int nr)
{
	uint64_t second = now_ns / FSM_NS_PER_SECOND;
	int64_t n = population;

	while (nr--) {
		const struct fsm_second *s = fsm_rates_second(rates, second);

		past[nr] = n > 0 ? (uint32_t)n : 0;
		if (s)
			n -= growth(s, state);
		if (second-- == 0) {
			memset(past, 0, nr * sizeof(*past));
			return;
		}
	}
}
