/* SPDX-License-Identifier: GPL-2.0 */
/*
 * openmetrics.h - the counters as OpenMetrics text
 */
#ifndef FSM_OPENMETRICS_H
#define FSM_OPENMETRICS_H

#include <stdbool.h>
#include <stdio.h>

#include "in/counters.h"

void fsm_openmetrics(FILE *out, const struct fsm_counters *stat, bool strict);

#endif /* FSM_OPENMETRICS_H */
