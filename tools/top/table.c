// SPDX-License-Identifier: GPL-2.0
/*
 * table.c - which connections are shown, and in which order
 */
#include "table.h"

#include <string.h>

#include "base/grow.h"
#include "groups.h"
#include "model/limits.h"
#include "shown.h"

static uint64_t first_bytes(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < 8; i++)
		v = v << 8 | (i < len ? p[i] : 0);
	return v;
}

/* Return what decides first; connections that are equal in it go by time, then by ID. */
static uint64_t key_of(const struct top *top, uint32_t slot)
{
	const struct fsm_conn *conn = &top->model.conns[slot];

	switch (top->table.sort) {
	case SORT_STUCK:
		return !fsm_is_stuck(&top->model, slot, top->now_ns);
	case SORT_STATE:
		return top->model.state[slot];
	case SORT_CAUSE:
		return conn->cause;
	case SORT_OWNER:
		return conn->pid ? first_bytes(conn->comm, 8) : UINT64_MAX - conn->uid;
	case SORT_LOCAL:
		return first_bytes(conn->laddr, 4) | conn->lport;
	case SORT_REMOTE:
		return first_bytes(conn->raddr, 4) | conn->rport;
	case SORT_ID:
		return conn->id;
	default:
		return 0;
	}
}

static bool comes_before(const struct fsm_model *model, const struct top_picked *a,
			 const struct top_picked *b)
{
	if (a->key != b->key)
		return a->key < b->key;
	if (model->since[a->slot] != model->since[b->slot])
		return model->since[a->slot] < model->since[b->slot];
	return model->conns[a->slot].id < model->conns[b->slot].id;
}

static void swap(struct top_picked *a, struct top_picked *b)
{
	struct top_picked tmp = *a;

	*a = *b;
	*b = tmp;
}

/* Return the middle one of three, so that a sorted list costs no more than another one. */
static struct top_picked pivot_of(const struct fsm_model *model, const struct top_picked *list,
				  int64_t low, int64_t high)
{
	const struct top_picked *a = &list[low], *b = &list[low + (high - low) / 2],
				*c = &list[high];

	if (comes_before(model, b, a)) {
		const struct top_picked *tmp = a;

		a = b;
		b = tmp;
	}
	if (!comes_before(model, c, b))
		return *b;
	return comes_before(model, c, a) ? *a : *c;
}

/*
 * Sort the lines that will be seen and no more: of a million connections a screen shows fifty.
 * This is quicksort that passes over parts that have nothing of @from to @to in them.
 */
static void sort_part(const struct fsm_model *model, struct top_picked *list, int64_t low,
		      int64_t high, int64_t from, int64_t to)
{
	while (low < high && low < to && high >= from) {
		struct top_picked pivot = pivot_of(model, list, low, high);
		int64_t i = low, j = high;

		while (i <= j) {
			while (comes_before(model, &list[i], &pivot))
				i++;
			while (comes_before(model, &pivot, &list[j]))
				j--;
			if (i <= j)
				swap(&list[i++], &list[j--]);
		}
		sort_part(model, list, low, j, from, to);
		low = i;
	}
}

static void fill_conns(struct top *top)
{
	struct top_table *table = &top->table;
	uint32_t slot;
	void *p;

	table->nr = 0;
	p = fsm_grow(table->picked, &table->size, top->model.nr, sizeof(*table->picked));
	if (!p)
		return;
	table->picked = p;
	for (slot = 0; slot < top->model.used; slot++) {
		uint64_t key;

		if (!top->model.state[slot] || !shown_has(top, slot))
			continue;
		key = key_of(top, slot);
		table->picked[table->nr++] = (struct top_picked){ .key = key, .slot = slot };
	}
}

/* In reverse order the first lines are the last of the list, and have to be turned round. */
static void sort_shown(const struct top *top)
{
	const struct top_table *table = &top->table;
	int64_t from = table->first, to = (int64_t)table->first + table->shown, i, j;

	if (to > table->nr)
		to = table->nr;
	if (!table->reverse) {
		sort_part(&top->model, table->picked, 0, (int64_t)table->nr - 1, from, to);
		return;
	}
	sort_part(&top->model, table->picked, 0, (int64_t)table->nr - 1, table->nr - to,
		  table->nr - from);
	for (i = from; i < to; i++) {
		j = (int64_t)table->nr - 1 - i;
		/* Do not swap a second time, if both of them are shown. */
		if (j > i || j < from)
			swap(&table->picked[i], &table->picked[j]);
	}
}

uint32_t table_lines(const struct top_table *table)
{
	return table->grouping == GROUP_NONE ? table->nr : table->nr_groups;
}

/* Keep the cursor within the table, and the screen with the cursor. */
static void keep_cursor(struct top_table *table)
{
	uint32_t lines = table_lines(table);

	if (table->cursor >= lines)
		table->cursor = lines ? lines - 1 : 0;
	if (table->first > table->cursor)
		table->first = table->cursor;
	if (table->shown && table->cursor - table->first >= table->shown)
		table->first = table->cursor - table->shown + 1;
	if (table->first + table->shown > lines)
		table->first = lines > table->shown ? lines - table->shown : 0;
}

/* Slots get other connections; note which ones the user has seen there. */
static void note_ids(struct top *top)
{
	struct top_table *table = &top->table;
	uint32_t i;

	table->ids_first = table->first;
	for (i = 0; i < TABLE_IDS && i < table->shown && table->first + i < table->nr; i++)
		table->ids[i] = top->model.conns[table->picked[table->first + i].slot].id;
	table->nr_ids = i;
}

/**
 * table_fill() - look through the connections
 * @top: top
 * @lines: how many lines will be seen
 */
void table_fill(struct top *top, uint32_t lines)
{
	struct top_table *table = &top->table;

	table->shown = lines;
	if (table->grouping == GROUP_NONE)
		fill_conns(top);
	else
		groups_fill(top);
	keep_cursor(table);
	table->nr_ids = 0;
	if (table->grouping == GROUP_NONE) {
		sort_shown(top);
		note_ids(top);
	}
}

/* Begin at the first line: it is another table now. */
void table_rewind(struct top_table *table)
{
	table->cursor = 0;
	table->first = 0;
	table->shown = 0;
	table->nr_ids = 0;
}

void table_move(struct top_table *table, int64_t by)
{
	int64_t cursor = (int64_t)table->cursor + by;

	if (cursor < 0)
		cursor = 0;
	if (cursor > UINT32_MAX)
		cursor = UINT32_MAX;
	table->cursor = (uint32_t)cursor;
	keep_cursor(table);
}

/**
 * table_enter() - look into the line that the cursor is on
 * @top: top
 * @id: set to the ID of the connection, if it is one
 *
 * Return: what the line is; a group's connections are what the table shows from now on.
 */
enum table_line table_enter(struct top *top, uint64_t *id)
{
	struct top_table *table = &top->table;

	/* Keys that were typed ahead are about lines that have not been drawn yet. */
	if (!table->shown ||
	    (table->grouping == GROUP_NONE && table->cursor - table->ids_first >= table->nr_ids))
		table_fill(top, 1);
	if (table->cursor >= table_lines(table))
		return TABLE_NOTHING;
	if (table->grouping == GROUP_NONE) {
		*id = table->ids[table->cursor - table->ids_first];
		return TABLE_CONN;
	}
	table->within = table->groups[table->cursor].member;
	table->grouping = GROUP_NONE;
	table_rewind(table);
	return TABLE_GROUP;
}

/* Come back from a group. Return whether there was one. */
bool table_leave(struct top_table *table)
{
	if (table->within.by == GROUP_NONE)
		return false;
	table->grouping = table->within.by;
	memset(&table->within, 0, sizeof(table->within));
	table_rewind(table);
	return true;
}
