/* SPDX-License-Identifier: GPL-2.0 */
/*
 * exposition.h - the counters in the forms that others read: OpenMetrics, Graphviz
 */
#ifndef FSM_EXPOSITION_H
#define FSM_EXPOSITION_H

#include <stdbool.h>
#include <stdio.h>

#include "stat.h"

void fsm_openmetrics(FILE *out, const struct fsm_stat *stat, bool strict);
void fsm_dot(FILE *out, const struct fsm_stat *stat);

#endif /* FSM_EXPOSITION_H */
