/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hash.h - multiplicative hashing (Fibonacci hashing, in Knuth's words)
 */
#ifndef FSM_HASH_H
#define FSM_HASH_H

#include <stddef.h>
#include <stdint.h>

/* 2^64 divided by the golden ratio: numbers that follow each other are spread evenly. */
#define FSM_HASH_MULTIPLIER 0x9e3779b97f4a7c15ull

/* Return a number of so many bits, from 1 to 64. */
static inline uint64_t fsm_hash(uint64_t value, unsigned int bits)
{
	return value * FSM_HASH_MULTIPLIER >> (64 - bits);
}

/* Mix @nr words into one, of which each bit depends on all of them. */
static inline uint64_t fsm_hash_words(const uint64_t *words, size_t nr)
{
	uint64_t h = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		h = (h ^ words[i]) * FSM_HASH_MULTIPLIER;
		h ^= h >> 32;
	}
	return h;
}

#endif /* FSM_HASH_H */
