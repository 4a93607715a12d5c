/* SPDX-License-Identifier: GPL-2.0 */
/*
 * shown.h - which connections the table shows, and what those of one group have in common
 */
#ifndef TOP_SHOWN_H
#define TOP_SHOWN_H

#include "top.h"

bool shown_has(const struct top *top, uint32_t slot);
void shown_member(const struct fsm_conn *conn, enum top_grouping by, struct top_member *member);

#endif /* TOP_SHOWN_H */
