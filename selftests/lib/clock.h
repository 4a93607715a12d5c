/* SPDX-License-Identifier: GPL-2.0 */
/*
 * clock.h - the clock of the event stream, and how long to wait for something
 */
#ifndef TCPFSM_KSFT_CLOCK_H
#define TCPFSM_KSFT_CLOCK_H

#include <poll.h>
#include <stdint.h>
#include <time.h>

#define NSEC_PER_SEC  1000000000ULL
#define NSEC_PER_MSEC 1000000ULL

/* How many times as slow as Debian's kernel this one is: those with debugging set it. */
#ifndef SLOWNESS
#define SLOWNESS 1
#endif

/* For a condition that has to come true: only a failing test ever waits this long. */
#define PATIENCE_NS (30 * SLOWNESS * NSEC_PER_SEC)

static inline uint64_t clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static inline uint64_t clock_patience(void)
{
	return clock_now() + PATIENCE_NS;
}

/* Milliseconds to a deadline, as poll() wants them, rounded up; 0 when it is over. */
static inline int clock_left_ms(uint64_t deadline)
{
	uint64_t now = clock_now();

	return now < deadline ? (deadline - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC : 0;
}

/* For what the clock alone decides: returns when the clock shows it. */
static inline void clock_wait_until(uint64_t when)
{
	int left;

	while ((left = clock_left_ms(when)) > 0)
		poll(NULL, 0, left);
}

#endif /* TCPFSM_KSFT_CLOCK_H */
