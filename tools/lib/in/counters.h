/* SPDX-License-Identifier: GPL-2.0 */
/*
 * counters.h - the counters of /proc/tcpfsm_stat, read at one moment
 */
#ifndef FSM_COUNTERS_H
#define FSM_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "states.h"

#define FSM_STAT_PATH "/proc/tcpfsm_stat"

/* Far above what the module writes: it has less than 4096 lines. */
#define FSM_STAT_MAX_SAMPLES 16384

/**
 * struct fsm_sample - one line
 * @name: name
 * @labels: what is between the braces, as it was written; empty if there are none
 * @value: value
 */
struct fsm_sample {
	const char *name;
	const char *labels;
	uint64_t value;
};

/**
 * struct fsm_stat - all counters
 * @samples: the lines, in their order
 * @nr_samples: how many
 * @transitions: those of the name "transitions", by old, new and cause
 * @text: what @samples point into
 */
struct fsm_stat {
	struct fsm_sample *samples;
	size_t nr_samples;
	uint64_t transitions[TCPFSM_NR_STATES][TCPFSM_NR_STATES][TCPFSM_NR_CAUSES];
	char *text;
};

int fsm_stat_read(struct fsm_stat *stat, const char *path, char *error, size_t size);
void fsm_stat_free(struct fsm_stat *stat);
uint64_t fsm_stat_sum(const struct fsm_stat *stat, const char *name);
bool fsm_stat_label(const struct fsm_sample *sample, const char *key, char *value, size_t size);
uint64_t fsm_stat_edge(const struct fsm_stat *stat, unsigned int old, unsigned int new);
uint64_t fsm_stat_cause(const struct fsm_stat *stat, unsigned int old, unsigned int new,
			unsigned int cause);
bool fsm_stat_median_us(const struct fsm_stat *stat, unsigned int state, uint64_t *below);

#endif /* FSM_COUNTERS_H */
