// SPDX-License-Identifier: GPL-2.0
/*
 * dwell.c - bounded table: socket cookie -> state, since when, generation, owner
 *
 * Chains over a fixed pool of nodes, so that exactly as many live connections
 * fit as were asked for, whatever their ids are. A connection that found no
 * node is unknown, never wrong.
 *
 * A socket that reached CLOSE may be connected again: its node stays, to count
 * generations, but only in a bounded first-in first-out queue, for nobody tells
 * when such a socket is destroyed.
 *
 * Locks: one of a bucket, or that of the pool, never both; each is held for a
 * few loads and stores, with interrupts off, so that a probe which interrupts
 * another never waits for it on the same CPU.
 */
#include "dwell.h"

#define NIL	   0xffffffffu
#define SINCE_BITS 56
#define SINCE_MASK ((1ULL << SINCE_BITS) - 1)

/* 32 bytes; 56 bits of nanoseconds wrap after two years, which only the difference sees. */
struct tcpfsm_conn {
	u64 id;
	u64 since : SINCE_BITS;
	u64 state : 4;
	u64 flags : 4;
	u64 cgroup : 48;
	u64 gen : 16;
	u32 uid;
	u32 next;
};

struct tcpfsm_bucket {
	raw_spinlock_t lock;
	u32 first;
};

/* The generation tells whether the socket has been connected again since. */
struct tcpfsm_closed {
	u64 id;
	u32 gen;
};

static u32 linger_count(u32 conns)
{
	return conns / 16 + 64;
}

static u32 bucket_count(u32 conns)
{
	return conns / 2 + 16;
}

/**
 * tcpfsm_dwell_nodes_size() - bytes for the nodes of a table
 * @conns: live connections that shall fit
 */
size_t tcpfsm_dwell_nodes_size(u32 conns)
{
	return ((size_t)conns + linger_count(conns)) * sizeof(struct tcpfsm_conn);
}

/**
 * tcpfsm_dwell_buckets_size() - bytes for the buckets of a table
 * @conns: live connections that shall fit
 */
size_t tcpfsm_dwell_buckets_size(u32 conns)
{
	return (size_t)bucket_count(conns) * sizeof(struct tcpfsm_bucket);
}

/**
 * tcpfsm_dwell_linger_size() - bytes for the queue of closed ids
 * @conns: live connections that shall fit
 */
size_t tcpfsm_dwell_linger_size(u32 conns)
{
	return (size_t)(linger_count(conns) + 1) * sizeof(struct tcpfsm_closed);
}

/**
 * tcpfsm_dwell_init() - make an empty table of given memory
 * @table: to fill in
 * @conns: live connections that shall fit
 * @nodes: tcpfsm_dwell_nodes_size() bytes
 * @buckets: tcpfsm_dwell_buckets_size() bytes
 * @linger: tcpfsm_dwell_linger_size() bytes
 *
 * Context: any, nobody else uses the table. May be called again to empty it.
 */
void tcpfsm_dwell_init(struct tcpfsm_dwell *table, u32 conns, void *nodes, void *buckets,
		       void *linger)
{
	u32 i;

	table->nodes = nodes;
	table->buckets = buckets;
	table->linger = linger;
	table->nr_nodes = conns + linger_count(conns);
	table->nr_buckets = bucket_count(conns);
	table->nr_linger = linger_count(conns) + 1;
	raw_spin_lock_init(&table->lock);
	table->free = 0;
	table->linger_head = 0;
	table->linger_tail = 0;
	table->used = 0;
	table->refused = 0;
	for (i = 0; i < table->nr_buckets; i++) {
		raw_spin_lock_init(&table->buckets[i].lock);
		table->buckets[i].first = NIL;
	}
	for (i = 0; i < table->nr_nodes; i++)
		table->nodes[i].next = i + 1 < table->nr_nodes ? i + 1 : NIL;
}

/* Cookies come in runs, a run for each CPU: spread them by a multiplication. */
static struct tcpfsm_bucket *bucket_of(struct tcpfsm_dwell *table, u64 id)
{
	u32 hash = (id * 0x9e3779b97f4a7c15ULL) >> 32;

	return &table->buckets[((u64)hash * table->nr_buckets) >> 32];
}

/* Returns the link that points to the node of @id, or the NIL at the chain's end. */
static u32 *find(struct tcpfsm_dwell *table, struct tcpfsm_bucket *bucket, u64 id)
{
	u32 *link = &bucket->first;

	while (*link != NIL && table->nodes[*link].id != id)
		link = &table->nodes[*link].next;
	return link;
}

static void node_free(struct tcpfsm_dwell *table, u32 node)
{
	raw_spin_lock(&table->lock);
	table->nodes[node].next = table->free;
	table->free = node;
	table->used--;
	raw_spin_unlock(&table->lock);
}

/* Forget what was queued if the socket has stayed closed since. */
static void forget_closed(struct tcpfsm_dwell *table, const struct tcpfsm_closed *closed)
{
	struct tcpfsm_bucket *bucket = bucket_of(table, closed->id);
	struct tcpfsm_conn *conn;
	u32 *link, node;

	raw_spin_lock(&bucket->lock);
	link = find(table, bucket, closed->id);
	node = *link;
	if (node != NIL) {
		conn = &table->nodes[node];
		if (conn->state == TCPFSM_CLOSE && conn->gen == closed->gen)
			*link = conn->next;
		else
			node = NIL;
	}
	raw_spin_unlock(&bucket->lock);
	if (node != NIL)
		node_free(table, node);
}

/* Queue a closed connection; the one that falls out of a full queue is forgotten. */
static void linger(struct tcpfsm_dwell *table, u64 id, u32 gen)
{
	struct tcpfsm_closed oldest = { 0 };

	raw_spin_lock(&table->lock);
	table->linger[table->linger_head] = (struct tcpfsm_closed){ id, gen };
	table->linger_head = (table->linger_head + 1) % table->nr_linger;
	if (table->linger_head == table->linger_tail) {
		oldest = table->linger[table->linger_tail];
		table->linger_tail = (table->linger_tail + 1) % table->nr_linger;
	}
	raw_spin_unlock(&table->lock);
	if (oldest.id)
		forget_closed(table, &oldest);
}

static u32 node_alloc(struct tcpfsm_dwell *table)
{
	u32 node;

	raw_spin_lock(&table->lock);
	node = table->free;
	if (node == NIL) {
		WRITE_ONCE(table->refused, table->refused + 1);
	} else {
		table->free = table->nodes[node].next;
		table->used++;
	}
	raw_spin_unlock(&table->lock);
	return node;
}

static bool is_birth(const struct tcpfsm_step *step)
{
	return step->old == TCPFSM_CLOSE ||
	       (step->old == TCPFSM_LISTEN && step->new == TCPFSM_SYN_RECV);
}

static void remember(struct tcpfsm_conn *conn, const struct tcpfsm_step *step)
{
	conn->since = step->now & SINCE_MASK;
	conn->state = step->new;
	conn->flags |= step->flags;
	if (step->known) {
		conn->uid = step->uid;
		conn->cgroup = step->cgroup;
	}
}

static void answer(const struct tcpfsm_conn *conn, struct tcpfsm_step *step)
{
	step->gen = conn->gen;
	step->flags = conn->flags;
	if (!step->known) {
		step->uid = conn->uid;
		step->cgroup = conn->cgroup;
	}
}

static enum tcpfsm_verdict step_known(struct tcpfsm_conn *conn, struct tcpfsm_step *step)
{
	if (is_birth(step)) {
		if (conn->state != TCPFSM_CLOSE && conn->state == step->new)
			return TCPFSM_STEP_REPEATED;
		/* Never 0: that is what an unknown generation would look like. */
		conn->gen = conn->gen == 0xffff ? 1 : conn->gen + 1;
		conn->flags = 0;
		return TCPFSM_STEP_OK;
	}
	if (conn->state == step->old) {
		step->dwell = (step->now - conn->since) & SINCE_MASK;
		return TCPFSM_STEP_OK;
	}
	return conn->state == step->new ? TCPFSM_STEP_REPEATED : TCPFSM_STEP_GAP;
}

static enum tcpfsm_verdict step_unknown(struct tcpfsm_dwell *table, struct tcpfsm_bucket *bucket,
					struct tcpfsm_step *step)
{
	struct tcpfsm_conn *conn;
	u32 node;

	if (step->new == TCPFSM_CLOSE)
		return TCPFSM_STEP_UNKNOWN;

	node = node_alloc(table);
	if (node != NIL) {
		conn = &table->nodes[node];
		conn->id = step->id;
		conn->gen = 1;
		conn->flags = 0;
		conn->uid = TCPFSM_UNKNOWN_UID;
		conn->cgroup = 0;
		remember(conn, step);

		/* No other CPU adds the same id: a connection's transitions are serialized. */
		raw_spin_lock(&bucket->lock);
		conn->next = bucket->first;
		bucket->first = node;
		raw_spin_unlock(&bucket->lock);
	}
	return is_birth(step) ? TCPFSM_STEP_OK : TCPFSM_STEP_UNKNOWN;
}

/**
 * tcpfsm_dwell_step() - take a connection from one state to the next
 * @table: the table
 * @step: the transition; its answers are filled in whatever the verdict
 *
 * A step that is REPEATED changes nothing. One that ends a connection (new state
 * CLOSE) removes it, or with @keep lets it linger; of two CPUs that both end the same
 * one, exactly one gets OK.
 *
 * Context: any but NMI, interrupts off.
 * Return: the verdict.
 */
enum tcpfsm_verdict tcpfsm_dwell_step(struct tcpfsm_dwell *table, struct tcpfsm_step *step)
{
	struct tcpfsm_bucket *bucket = bucket_of(table, step->id);
	enum tcpfsm_verdict verdict;
	struct tcpfsm_conn *conn;
	bool removed = false;
	u32 *link, node;

	step->gen = 1;
	step->dwell = TCPFSM_UNKNOWN_DWELL;
	raw_spin_lock(&bucket->lock);
	link = find(table, bucket, step->id);
	node = *link;
	if (node == NIL) {
		raw_spin_unlock(&bucket->lock);
		return step_unknown(table, bucket, step);
	}
	conn = &table->nodes[node];
	verdict = step_known(conn, step);
	if (verdict != TCPFSM_STEP_REPEATED) {
		remember(conn, step);
		removed = step->new == TCPFSM_CLOSE && !step->keep;
		if (removed)
			*link = conn->next;
	}
	answer(conn, step);
	raw_spin_unlock(&bucket->lock);

	if (removed)
		node_free(table, node);
	else if (verdict != TCPFSM_STEP_REPEATED && step->new == TCPFSM_CLOSE)
		linger(table, step->id, step->gen);
	return verdict;
}

/**
 * tcpfsm_dwell_since() - when did a connection enter the state that it is in?
 * @table: the table
 * @id: socket cookie
 * @state: the state it is thought to be in
 * @since: filled in, nanoseconds modulo 2^56
 *
 * Context: any but NMI, interrupts off.
 * Return: false if the table does not know @id in @state.
 */
bool tcpfsm_dwell_since(struct tcpfsm_dwell *table, u64 id, u8 state, u64 *since)
{
	struct tcpfsm_bucket *bucket = bucket_of(table, id);
	bool known = false;
	u32 node;

	raw_spin_lock(&bucket->lock);
	node = *find(table, bucket, id);
	if (node != NIL && table->nodes[node].state == state) {
		*since = table->nodes[node].since;
		known = true;
	}
	raw_spin_unlock(&bucket->lock);
	return known;
}
