/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dot.h - the state diagram with its counts, for Graphviz
 */
#ifndef FSM_DOT_H
#define FSM_DOT_H

#include <stdio.h>

#include "in/counters.h"

void fsm_dot(FILE *out, const struct fsm_counters *stat);

#endif /* FSM_DOT_H */
