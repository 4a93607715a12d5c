// SPDX-License-Identifier: GPL-2.0
/*
 * table.c - which connections are shown, in which order, in which groups
 */
#include "table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define NS_PER_SECOND 1000000000ull

/* ---- stuck ---- */

/**
 * stuck_after_ns() - beyond which time in a state is something wrong?
 * @state: state
 *
 * A handshake takes a round trip: three seconds are a lost SYN and its first repetition.
 * Who has been told that the peer has closed has nothing to wait for but itself; who waits
 * for the peer's FIN is not waited for by the kernel for more than a minute once it has
 * no process.
 *
 * Return: UINT64_MAX if it may last.
 */
uint64_t stuck_after_ns(unsigned int state)
{
	switch (state) {
	case TCPFSM_SYN_SENT:
	case TCPFSM_SYN_RECV:
		return 3 * NS_PER_SECOND;
	case TCPFSM_CLOSE_WAIT:
		return 30 * NS_PER_SECOND;
	case TCPFSM_FIN_WAIT2:
		return 65 * NS_PER_SECOND;
	default:
		return UINT64_MAX;
	}
}

bool is_stuck(const struct top *top, uint32_t slot)
{
	uint64_t since = top->model.since[slot];

	return top->now_ns > since && top->now_ns - since >= stuck_after_ns(top->model.state[slot]);
}

/* @stuck: by state, of those that the filter wants */
void count_stuck(const struct top *top, uint32_t *stuck)
{
	const struct fsm_model *model = &top->model;
	uint64_t limit[TCPFSM_NR_STATES];
	uint32_t slot, state;

	memset(stuck, 0, TCPFSM_NR_STATES * sizeof(*stuck));
	for (state = 0; state < TCPFSM_NR_STATES; state++) {
		uint64_t after = stuck_after_ns(state);

		limit[state] = top->now_ns > after ? top->now_ns - after : 0;
	}
	limit[0] = 0;
	for (slot = 0; slot < model->used; slot++)
		if (model->since[slot] <= limit[model->state[slot]] && model->state[slot] &&
		    limit[model->state[slot]] && model->conns[slot].flags & FSM_CONN_WANTED)
			stuck[model->state[slot]]++;
}

/* ---- groups ---- */

static void member_of(const struct fsm_conn *conn, enum grouping by, struct member *member)
{
	memset(member, 0, sizeof(*member));
	member->by = (uint8_t)by;
	switch (by) {
	case GROUP_PROCESS:
		member->pid = conn->pid;
		if (conn->pid)
			memcpy(member->comm, conn->comm, sizeof(member->comm));
		else
			member->uid = conn->uid;
		break;
	case GROUP_CGROUP:
		member->cgroup = conn->cgroup;
		/* Without one, a container still has a network of its own. */
		member->netns = conn->netns;
		break;
	case GROUP_PEER:
		member->family = conn->family;
		memcpy(member->addr, conn->raddr, conn->family == AF_INET ? 4 : 16);
		break;
	default:
		break;
	}
}

static uint64_t hash_member(const struct member *member)
{
	const uint64_t *words = (const uint64_t *)(const void *)member;
	uint64_t h = 0;
	size_t i;

	_Static_assert(sizeof(*member) % sizeof(h) == 0, "it is hashed in words");
	for (i = 0; i < sizeof(*member) / sizeof(h); i++) {
		h = (h ^ words[i]) * 0x9e3779b97f4a7c15ull;
		h ^= h >> 32;
	}
	return h;
}

static bool is_within(const struct table *table, const struct fsm_conn *conn)
{
	struct member member;

	if (table->within.by == GROUP_NONE)
		return true;
	member_of(conn, table->within.by, &member);
	return !memcmp(&member, &table->within, sizeof(member));
}

static bool is_shown(const struct top *top, uint32_t slot)
{
	const struct fsm_conn *conn = &top->model.conns[slot];

	/* Those that listen have a screen of their own. */
	return top->model.state[slot] != TCPFSM_LISTEN && conn->flags & FSM_CONN_WANTED &&
	       is_within(&top->table, conn);
}

static void *room(void *list, uint32_t *size, uint32_t wanted, size_t each)
{
	void *p;

	if (wanted <= *size)
		return list;
	if (wanted < 2 * *size)
		wanted = 2 * *size;
	p = realloc(list, wanted * each);
	if (p)
		*size = wanted;
	return p;
}

static void count_member(const struct top *top, struct group *group, uint32_t slot)
{
	group->total++;
	group->by_state[top->model.state[slot]]++;
	group->stuck += is_stuck(top, slot);
	if (top->model.since[slot] < group->since_ns)
		group->since_ns = top->model.since[slot];
}

static int add_group(struct table *table, const struct member *member, uint32_t slot)
{
	void *p = room(table->groups, &table->group_size, table->nr_groups + 1,
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

/* Those with most that are stuck first, then the largest. */
static int compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->stuck != y->stuck)
		return x->stuck > y->stuck ? -1 : 1;
	if (x->total != y->total)
		return x->total > y->total ? -1 : 1;
	return memcmp(&x->member, &y->member, sizeof(x->member));
}

/**
 * struct index - groups by what they have in common
 * @places: 0: nothing there; else one more than the group's number
 * @bits: log2 of how many
 */
struct index {
	uint32_t *places;
	unsigned int bits;
};

static uint32_t *place_of(const struct table *table, const struct index *index,
			  const struct member *member)
{
	uint32_t i = (uint32_t)(hash_member(member) >> (64 - index->bits));

	while (index->places[i] &&
	       memcmp(&table->groups[index->places[i] - 1].member, member, sizeof(*member)))
		i = (i + 1) & ((1u << index->bits) - 1);
	return &index->places[i];
}

/* As small as can be, for it is looked at for each connection. */
static int grow_index(const struct table *table, struct index *index)
{
	struct index larger = { .bits = index->bits ? index->bits + 2 : 10 };
	uint32_t i;

	larger.places = calloc(1u << larger.bits, sizeof(*larger.places));
	if (!larger.places)
		return -1;
	for (i = 0; i < table->nr_groups; i++)
		*place_of(table, &larger, &table->groups[i].member) = i + 1;
	free(index->places);
	*index = larger;
	return 0;
}

static int count_in_group(struct top *top, struct index *index, uint32_t slot)
{
	struct table *table = &top->table;
	struct member member;
	uint32_t *place;

	if (2 * table->nr_groups >= 1u << index->bits && grow_index(table, index))
		return -1;
	member_of(&top->model.conns[slot], table->grouping, &member);
	place = place_of(table, index, &member);
	if (!*place) {
		if (add_group(table, &member, slot))
			return -1;
		*place = table->nr_groups;
	}
	count_member(top, &table->groups[*place - 1], slot);
	return 0;
}

static void fill_groups(struct top *top)
{
	struct table *table = &top->table;
	struct index index = { 0 };
	uint32_t slot;

	table->nr_groups = 0;
	if (grow_index(table, &index))
		return;
	for (slot = 0; slot < top->model.used; slot++)
		if (top->model.state[slot] && is_shown(top, slot) &&
		    count_in_group(top, &index, slot))
			break;
	free(index.places);
	qsort(table->groups, table->nr_groups, sizeof(*table->groups), compare_groups);
}

/* ---- order ---- */

static uint64_t first_bytes(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < 8; i++)
		v = v << 8 | (i < len ? p[i] : 0);
	return v;
}

/* What decides first; what is equal in it goes by time, then by ID. */
static uint64_t key_of(const struct top *top, uint32_t slot)
{
	const struct fsm_conn *conn = &top->model.conns[slot];

	switch (top->table.sort) {
	case SORT_STUCK:
		return !is_stuck(top, slot);
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

static bool comes_before(const struct fsm_model *model, const struct picked *a,
			 const struct picked *b)
{
	if (a->key != b->key)
		return a->key < b->key;
	if (model->since[a->slot] != model->since[b->slot])
		return model->since[a->slot] < model->since[b->slot];
	return model->conns[a->slot].id < model->conns[b->slot].id;
}

static void swap(struct picked *a, struct picked *b)
{
	struct picked tmp = *a;

	*a = *b;
	*b = tmp;
}

/* The middle one of three, so that what is sorted already costs no more than what is not. */
static struct picked pivot_of(const struct fsm_model *model, const struct picked *list, int64_t low,
			      int64_t high)
{
	const struct picked *a = &list[low], *b = &list[low + (high - low) / 2], *c = &list[high];

	if (comes_before(model, b, a)) {
		const struct picked *tmp = a;

		a = b;
		b = tmp;
	}
	if (!comes_before(model, c, b))
		return *b;
	return comes_before(model, c, a) ? *a : *c;
}

/*
 * Sort what will be seen and no more: of a million connections a screen shows fifty. Quicksort
 * that does not care for a part that has nothing of @from to @to in it.
 */
static void sort_part(const struct fsm_model *model, struct picked *list, int64_t low, int64_t high,
		      int64_t from, int64_t to)
{
	while (low < high && low < to && high >= from) {
		struct picked pivot = pivot_of(model, list, low, high);
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
	struct table *table = &top->table;
	uint32_t slot;
	void *p;

	table->nr = 0;
	p = room(table->picked, &table->size, top->model.nr, sizeof(*table->picked));
	if (!p)
		return;
	table->picked = p;
	for (slot = 0; slot < top->model.used; slot++) {
		uint64_t key;

		if (!top->model.state[slot] || !is_shown(top, slot))
			continue;
		key = key_of(top, slot);
		table->picked[table->nr++] = (struct picked){ .key = key, .slot = slot };
	}
}

/* In the reverse order the first ones are the last ones, and have to be turned round. */
static void sort_shown(const struct top *top)
{
	const struct table *table = &top->table;
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
		/* Not a second time, where both of them are shown. */
		if (j > i || j < from)
			swap(&table->picked[i], &table->picked[j]);
	}
}

uint32_t table_lines(const struct table *table)
{
	return table->grouping == GROUP_NONE ? table->nr : table->nr_groups;
}

/* The cursor stays within the table, and the screen with the cursor. */
static void settle(struct table *table)
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

/* Slots get other connections; what somebody has seen is who was there. */
static void note_ids(struct top *top)
{
	struct table *table = &top->table;
	uint32_t i;

	table->ids_first = table->first;
	for (i = 0; i < TABLE_IDS && i < table->shown && table->first + i < table->nr; i++)
		table->ids[i] = top->model.conns[table->picked[table->first + i].slot].id;
	table->nr_ids = i;
}

/**
 * table_fill() - look through the connections
 * @top: top
 * @lines: how many will be seen
 */
void table_fill(struct top *top, uint32_t lines)
{
	struct table *table = &top->table;

	table->shown = lines;
	if (table->grouping == GROUP_NONE)
		fill_conns(top);
	else
		fill_groups(top);
	settle(table);
	table->nr_ids = 0;
	if (table->grouping == GROUP_NONE) {
		sort_shown(top);
		note_ids(top);
	}
}

/* It is another table now: begin at its first line. */
void table_rewind(struct table *table)
{
	table->cursor = 0;
	table->first = 0;
	table->shown = 0;
	table->nr_ids = 0;
}

void table_move(struct table *table, int64_t by)
{
	int64_t cursor = (int64_t)table->cursor + by;

	if (cursor < 0)
		cursor = 0;
	if (cursor > UINT32_MAX)
		cursor = UINT32_MAX;
	table->cursor = (uint32_t)cursor;
	settle(table);
}

/**
 * table_enter() - look into what the cursor is on
 * @top: top
 *
 * Return: whether there is anything: a group's connections, or a connection's life.
 */
bool table_enter(struct top *top)
{
	struct table *table = &top->table;

	/* Keys that were typed ahead are about what has not been drawn yet. */
	if (!table->shown ||
	    (table->grouping == GROUP_NONE && table->cursor - table->ids_first >= table->nr_ids))
		table_fill(top, 1);
	if (table->cursor >= table_lines(table))
		return false;
	if (table->grouping != GROUP_NONE) {
		table->within = table->groups[table->cursor].member;
		table->grouping = GROUP_NONE;
		table_rewind(table);
		return true;
	}
	top_show_life(top, table->ids[table->cursor - table->ids_first]);
	top->screen = SCREEN_LIFE;
	return true;
}

/* Return: whether there was a group to come back from. */
bool table_leave(struct table *table)
{
	if (table->within.by == GROUP_NONE)
		return false;
	table->grouping = table->within.by;
	memset(&table->within, 0, sizeof(table->within));
	table_rewind(table);
	return true;
}
