/* SPDX-License-Identifier: GPL-2.0 */
/*
 * counters.h - the counters of /proc/tcpfsm_stat, read at one moment
 */
#ifndef FSM_COUNTERS_H
#define FSM_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/states.h"

#define FSM_STAT_PATH "/proc/tcpfsm_stat"

/* The module writes far fewer lines: less than 4096. */
#define FSM_COUNTERS_MAX_SAMPLES 16384

/**
 * struct fsm_sample - one line
 * @name: name
 * @labels: text between the braces, as it was written; empty if there are none
 * @value: value
 */
struct fsm_sample {
	const char *name;
	const char *labels;
	uint64_t value;
};

/**
 * struct fsm_counters - all counters
 * @samples: the lines, in their order
 * @nr_samples: how many
 * @transitions: values of the name "transitions", by old, new and cause
 * @text: text that @samples point into
 */
struct fsm_counters {
	struct fsm_sample *samples;
	size_t nr_samples;
	uint64_t transitions[TCPFSM_NR_STATES][TCPFSM_NR_STATES][TCPFSM_NR_CAUSES];
	char *text;
};

int fsm_counters_read(struct fsm_counters *stat, const char *path, char *error, size_t size);
void fsm_counters_free(struct fsm_counters *stat);
uint64_t fsm_counters_sum(const struct fsm_counters *stat, const char *name);
bool fsm_counters_label(const struct fsm_sample *sample, const char *key, char *value, size_t size);
uint64_t fsm_counters_edge(const struct fsm_counters *stat, unsigned int old, unsigned int new);
uint64_t fsm_counters_cause(const struct fsm_counters *stat, unsigned int old, unsigned int new,
			    unsigned int cause);
bool fsm_counters_median_us(const struct fsm_counters *stat, unsigned int state, uint64_t *below);

#endif /* FSM_COUNTERS_H */
