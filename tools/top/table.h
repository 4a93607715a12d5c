/* SPDX-License-Identifier: GPL-2.0 */
/*
 * table.h - which connections are shown, in which order, in which groups
 */
#ifndef TOP_TABLE_H
#define TOP_TABLE_H

#include "top.h"

void table_fill(struct top *top, uint32_t lines);
uint32_t table_lines(const struct table *table);
void table_rewind(struct table *table);
void table_move(struct table *table, int64_t by);
bool table_enter(struct top *top);
bool table_leave(struct table *table);
bool is_stuck(const struct top *top, uint32_t slot);
uint64_t stuck_after_ns(unsigned int state);
void count_stuck(const struct top *top, uint32_t *stuck);

#endif /* TOP_TABLE_H */
