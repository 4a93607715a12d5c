/* SPDX-License-Identifier: GPL-2.0 */
/*
 * random.h - numbers without a pattern, the same on every run
 */
#ifndef TCPFSM_RANDOM_H
#define TCPFSM_RANDOM_H

#include "core/portable.h"

static u64 random_state;

static inline void random_seed(u64 seed)
{
	random_state = seed;
}

/* The generator splitmix64: any seed will do. */
static inline u64 random_u64(void)
{
	u64 z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* Below @n; what is lost to the remainder does not matter here. */
static inline unsigned int random_below(unsigned int n)
{
	return random_u64() % n;
}

static inline bool random_one_in(unsigned int n)
{
	return random_below(n) == 0;
}

static inline void random_fill(void *data, size_t size)
{
	u8 *byte = data;

	while (size--)
		*byte++ = random_u64();
}

#endif /* TCPFSM_RANDOM_H */
