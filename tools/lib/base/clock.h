/* SPDX-License-Identifier: GPL-2.0 */
/*
 * clock.h - the time, in nanoseconds
 */
#ifndef FSM_CLOCK_H
#define FSM_CLOCK_H

#include <stdint.h>
#include <time.h>

#define FSM_NS_PER_SECOND 1000000000ull

static inline uint64_t fsm_clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * FSM_NS_PER_SECOND + (uint64_t)ts.tv_nsec;
}

/* Return the time on the clock that the module stamps its events with. */
static inline uint64_t fsm_now_ns(void)
{
	return fsm_clock_ns(CLOCK_MONOTONIC);
}

#endif /* FSM_CLOCK_H */
