/* SPDX-License-Identifier: GPL-2.0 */
/*
 * random.h - the same numbers in every run, so that a failure can be repeated
 */
#ifndef FSM_RANDOM_H
#define FSM_RANDOM_H

#include <stdint.h>

static uint64_t random_state = 88172645463325252ull;

static inline uint64_t random_u64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Return a number of any length, from 0 to 64 bits. */
static inline uint64_t random_number(void)
{
	return random_u64() >> random_u64() % 64;
}

#endif /* FSM_RANDOM_H */
