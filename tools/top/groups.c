// SPDX-License-Identifier: GPL-2.0
/*
 * groups.c - connections by what they have in common: a process, a cgroup, a peer
 */
#include "groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/hash.h"
#include "model/limits.h"
#include "shown.h"

static uint64_t hash_member(const struct top_member *member)
{
	_Static_assert(sizeof(*member) % sizeof(uint64_t) == 0, "it is hashed in words");
	return fsm_hash_words((const uint64_t *)(const void *)member,
			      sizeof(*member) / sizeof(uint64_t));
}

static void count_member(const struct top *top, struct top_group *group, uint32_t slot)
{
	group->total++;
	group->by_state[top->model.state[slot]]++;
	group->stuck += fsm_is_stuck(&top->model, slot, top->now_ns);
	if (top->model.since[slot] < group->since_ns)
		group->since_ns = top->model.since[slot];
}

static int add_group(struct top_table *table, const struct top_member *member, uint32_t slot)
{
	void *p = fsm_grow(table->groups, &table->group_size, table->nr_groups + 1,
			   sizeof(*table->groups));

	if (!p)
		return -1;
	table->groups = p;
	memset(&table->groups[table->nr_groups], 0, sizeof(*table->groups));
	table->groups[table->nr_groups].member = *member;
	table->groups[table->nr_groups].slot = slot;
	table->groups[table->nr_groups].since_ns = UINT64_MAX;
	table->nr_groups++;
	return 0;
}

/* Sort the groups with most stuck connections first, then the largest. */
static int compare_groups(const void *a, const void *b)
{
	const struct top_group *x = a, *y = b;

	if (x->stuck != y->stuck)
		return x->stuck > y->stuck ? -1 : 1;
	if (x->total != y->total)
		return x->total > y->total ? -1 : 1;
	return memcmp(&x->member, &y->member, sizeof(x->member));
}

/**
 * struct index - groups by what they have in common
 * @places: one more than the number of a group; 0: the place is empty
 * @bits: log2 of the number of places
 */
struct index {
	uint32_t *places;
	unsigned int bits;
};

static uint32_t home_of(const struct index *index, const struct top_member *member)
{
	return (uint32_t)(hash_member(member) >> (64 - index->bits));
}

static uint32_t *place_from(const struct top_table *table, const struct index *index, uint32_t home,
			    const struct top_member *member)
{
	uint32_t i = home;

	while (index->places[i] &&
	       memcmp(&table->groups[index->places[i] - 1].member, member, sizeof(*member)))
		i = (i + 1) & ((1u << index->bits) - 1);
	return &index->places[i];
}

/* The index is as small as can be, for it is looked at for each connection. */
static int grow_index(const struct top_table *table, struct index *index)
{
	struct index larger = { .bits = index->bits ? index->bits + 2 : 10 };
	uint32_t i;

	larger.places = calloc(1u << larger.bits, sizeof(*larger.places));
	if (!larger.places)
		return -1;
	for (i = 0; i < table->nr_groups; i++)
		*place_from(table, &larger, home_of(&larger, &table->groups[i].member),
			    &table->groups[i].member) = i + 1;
	free(index->places);
	*index = larger;
	return 0;
}

/*
 * Connections are counted a few at a time: their groups are prefetched before they are looked
 * at. With many groups hardly anything of them is in a cache, and waiting for one line after
 * the other would be all that takes time.
 */
#define CHUNK 32

/**
 * struct chunk - connections to be counted
 * @members: what each has in common with its group
 * @slots: their slots in the model
 * @homes: where in the index to begin to look for their groups
 * @nr: how many connections there are
 */
struct chunk {
	struct top_member members[CHUNK];
	uint32_t slots[CHUNK];
	uint32_t homes[CHUNK];
	unsigned int nr;
};

static void ask_for_groups(const struct top_table *table, const struct index *index,
			   struct chunk *chunk)
{
	unsigned int i;

	for (i = 0; i < chunk->nr; i++) {
		chunk->homes[i] = home_of(index, &chunk->members[i]);
		__builtin_prefetch(&index->places[chunk->homes[i]]);
	}
	for (i = 0; i < chunk->nr; i++) {
		uint32_t place = index->places[chunk->homes[i]];

		if (place) {
			const struct top_group *group = &table->groups[place - 1];

			__builtin_prefetch(group, 1);
			__builtin_prefetch(&group->total, 1);
			__builtin_prefetch(&group->since_ns, 1);
		}
	}
}

static int count_chunk(struct top *top, struct index *index, struct chunk *chunk)
{
	struct top_table *table = &top->table;
	unsigned int i;

	/* Make room for all of them, as if each were a group of its own. */
	if (2 * (table->nr_groups + chunk->nr) > 1u << index->bits && grow_index(table, index))
		return -1;
	ask_for_groups(table, index, chunk);
	for (i = 0; i < chunk->nr; i++) {
		uint32_t *place = place_from(table, index, chunk->homes[i], &chunk->members[i]);

		if (!*place) {
			if (add_group(table, &chunk->members[i], chunk->slots[i]))
				return -1;
			*place = table->nr_groups;
		}
		count_member(top, &table->groups[*place - 1], chunk->slots[i]);
	}
	chunk->nr = 0;
	return 0;
}

/**
 * groups_fill() - count the connections that the table shows, each in its group
 * @top: top; its table says what they are grouped by
 *
 * Without memory some connections are not counted, and are missing on the screen.
 */
void groups_fill(struct top *top)
{
	struct top_table *table = &top->table;
	struct index index = { 0 };
	struct chunk chunk = { 0 };
	uint32_t slot;
	int failed;

	table->nr_groups = 0;
	failed = grow_index(table, &index);
	for (slot = 0; slot < top->model.used && !failed; slot++) {
		if (!top->model.state[slot] || !shown_has(top, slot))
			continue;
		shown_member(&top->model.conns[slot], table->grouping, &chunk.members[chunk.nr]);
		chunk.slots[chunk.nr++] = slot;
		if (chunk.nr == CHUNK)
			failed = count_chunk(top, &index, &chunk);
	}
	if (!failed)
		count_chunk(top, &index, &chunk);
	free(index.places);
	qsort(table->groups, table->nr_groups, sizeof(*table->groups), compare_groups);
}
