/* SPDX-License-Identifier: GPL-2.0 */
/*
 * table.h - which connections are shown, and in which order
 */
#ifndef TOP_TABLE_H
#define TOP_TABLE_H

#include "top.h"

enum table_line {
	TABLE_NOTHING,
	TABLE_GROUP,
	TABLE_CONN
};

void table_fill(struct top *top, uint32_t lines);
uint32_t table_lines(const struct top_table *table);
void table_rewind(struct top_table *table);
void table_move(struct top_table *table, int64_t by);
enum table_line table_enter(struct top *top, uint64_t *id);
bool table_leave(struct top_table *table);

#endif /* TOP_TABLE_H */
