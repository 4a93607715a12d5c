/* SPDX-License-Identifier: GPL-2.0 */
/*
 * json.h - what a view shows, for programs
 */
#ifndef TOP_JSON_H
#define TOP_JSON_H

#include "base/output.h"
#include "top.h"

int json_frame(struct fsm_output *out, struct top *top);

#endif /* TOP_JSON_H */
