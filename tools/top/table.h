/* SPDX-License-Identifier: GPL-2.0 */
/*
 * table.h - which connections are shown, and in which order
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
bool is_shown(const struct top *top, uint32_t slot);
void *table_room(void *list, uint32_t *size, uint32_t wanted, size_t each);

#endif /* TOP_TABLE_H */
