/* SPDX-License-Identifier: GPL-2.0 */
/*
 * when.h - from the monotonic clock of an event to the clock on the wall
 */
#ifndef FSM_WHEN_H
#define FSM_WHEN_H

#include <stdint.h>

#include "in/recording.h"

/* Bytes of "2026-11-25T20:41:07.123456789+01:00". */
#define FSM_WHEN_LEN 35

/**
 * struct fsm_when - how the two clocks stand to each other
 * @offset: nanoseconds to add to the monotonic clock
 */
struct fsm_when {
	int64_t offset;
};

void fsm_when_init(struct fsm_when *when, const struct fsm_header *header);
uint64_t fsm_when_real(const struct fsm_when *when, uint64_t mono_ns);
char *fsm_put_when(char *p, uint64_t real_ns);

#endif /* FSM_WHEN_H */
