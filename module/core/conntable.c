// SPDX-License-Identifier: GPL-2.0
/*
 * conntable.c - bounded table: socket cookie -> state, since when, generation, owner
 *
 * The table has chains over a fixed pool of nodes. So exactly as many live connections fit as were
 * asked for, whatever their ids are. A connection that found no node is unknown, never wrong.
 *
 * A socket that reached CLOSE may be connected again. Therefore its node stays, to count
 * generations. It stays only in a bounded first-in first-out queue, because nothing reports that
 * such a socket is destroyed.
 *
 * A timewait sock has the cookie of the socket whose connection it takes over. Mostly that socket
 * is being destroyed, and the timewait sock has its node from then on. But if a process still holds
 * the socket, the socket may begin another connection while the timewait sock lives. Then the two
 * part. The timewait sock takes the node along, and the table finds that node by the timewait
 * sock's address. The socket gets a new node, which is closed and has the old generation.
 *
 * Each bucket has a lock, and so has the pool. Nobody holds both kinds at once. Each lock is held
 * for a few loads and stores, with interrupts off. So a hook that interrupts another hook never
 * waits for it on the same CPU.
 */
#include "core/conntable.h"

#define NIL 0xffffffffu

/*
 * A node has 32 bytes.
 *
 * @stamp has 4 bits of state, 4 bits of flags, and then the time of the last transition in 56 bits
 * of nanoseconds. They are in one word, so that a step stores once. The time wraps after two years,
 * which only a difference of times can show.
 *
 * @owner has 16 bits of generation and then 48 bits of the cgroup.
 */
struct tcpfsm_conn {
	u64 id;
	u64 stamp;
	u64 owner;
	u32 uid;
	u32 next;
};

#define STATE_MASK  0xf
#define FLAGS_MASK  0xf0
#define SINCE_SHIFT 8

/* Besides TCPFSM_CONN_*, one flag is for a timewait sock that has parted, one for such a socket. */
#define CONN_TIMEWAIT 0x40
#define CONN_PARTED   0x80
#define CONN_APART    (CONN_TIMEWAIT | CONN_PARTED)

static u64 stamp_of(u64 now, u32 state, u32 flags)
{
	return now << SINCE_SHIFT | flags | state;
}

/* Return the time since a stamp, modulo 2^56. The ones keep the low bits from causing a borrow. */
static u64 elapsed(u64 now, u64 stamp)
{
	return ((now << SINCE_SHIFT | (STATE_MASK | FLAGS_MASK)) - stamp) >> SINCE_SHIFT;
}

static u64 owner_of(u64 cgroup, u16 gen)
{
	return cgroup << 16 | gen;
}

static u16 gen_in(u64 owner)
{
	return owner;
}

static u32 state_in(u64 stamp)
{
	return stamp & STATE_MASK;
}

static u32 flags_in(u64 stamp)
{
	return stamp & FLAGS_MASK;
}

struct tcpfsm_bucket {
	raw_spinlock_t lock;
	u32 first;
};

/* The generation shows whether the socket has been connected again since it was queued. */
struct tcpfsm_closed {
	u64 id;
	u32 gen;
};

static u32 closed_count(u32 conns)
{
	return conns / 16 + 64;
}

static u32 bucket_count(u32 conns)
{
	return conns / 2 + 16;
}

/**
 * tcpfsm_conntable_nodes_size() - get the number of bytes for the nodes of a table
 * @conns: number of live connections that have to fit
 */
size_t tcpfsm_conntable_nodes_size(u32 conns)
{
	return ((size_t)conns + closed_count(conns)) *
	       (sizeof(struct tcpfsm_conn) + sizeof(const void *));
}

/**
 * tcpfsm_conntable_buckets_size() - get the number of bytes for the buckets of a table
 * @conns: number of live connections that have to fit
 */
size_t tcpfsm_conntable_buckets_size(u32 conns)
{
	return (size_t)bucket_count(conns) * sizeof(struct tcpfsm_bucket);
}

/**
 * tcpfsm_conntable_closed_size() - get the number of bytes for the queue of closed ids
 * @conns: number of live connections that have to fit
 */
size_t tcpfsm_conntable_closed_size(u32 conns)
{
	return (size_t)(closed_count(conns) + 1) * sizeof(struct tcpfsm_closed);
}

/**
 * tcpfsm_conntable_init() - make an empty table from given memory
 * @table: to fill in
 * @conns: number of live connections that have to fit
 * @nodes: tcpfsm_conntable_nodes_size() bytes
 * @buckets: tcpfsm_conntable_buckets_size() bytes
 * @closed: tcpfsm_conntable_closed_size() bytes
 *
 * It may be called again to empty the table.
 *
 * Context: any; nobody else uses the table.
 */
void __cold tcpfsm_conntable_init(struct tcpfsm_conntable *table, u32 conns, void *nodes,
				  void *buckets, void *closed)
{
	u32 i;

	table->nodes = nodes;
	table->buckets = buckets;
	table->closed = closed;
	table->nr_nodes = conns + closed_count(conns);
	table->timewait = (const void **)(table->nodes + table->nr_nodes);
	table->nr_buckets = bucket_count(conns);
	table->nr_closed = closed_count(conns) + 1;
	raw_spin_lock_init(&table->lock);
	table->free = 0;
	table->closed_head = 0;
	table->closed_tail = 0;
	table->apart = 0;
	table->used = 0;
	table->refused = 0;
	for (i = 0; i < table->nr_buckets; i++) {
		raw_spin_lock_init(&table->buckets[i].lock);
		table->buckets[i].first = NIL;
	}
	for (i = 0; i < table->nr_nodes; i++)
		table->nodes[i].next = i + 1 < table->nr_nodes ? i + 1 : NIL;
}

/* Cookies come in runs, one run for each CPU. A multiplication spreads them. */
static struct tcpfsm_bucket *bucket_of(struct tcpfsm_conntable *table, u64 id)
{
	u32 hash = (id * 0x9e3779b97f4a7c15ULL) >> 32;

	return &table->buckets[((u64)hash * table->nr_buckets) >> 32];
}

/*
 * Do as find() does, but for a socket and timewait socks that may have nodes of their own. Find the
 * node of the timewait sock, or the node of the socket if @timewait is NULL. A timewait sock that
 * has not parted has the node that its socket had.
 */
static noinline u32 *find_apart(struct tcpfsm_conntable *table, struct tcpfsm_bucket *bucket,
				u64 id, const void *timewait)
{
	u32 *link = &bucket->first, *shared = NULL;
	struct tcpfsm_conn *conn;

	for (; *link != NIL; link = &conn->next) {
		conn = &table->nodes[*link];
		if (conn->id != id)
			continue;
		if (!(conn->stamp & CONN_TIMEWAIT))
			shared = link;
		else if (timewait && table->timewait[*link] == timewait)
			return link;
	}
	if (!shared || (timewait && table->nodes[*shared].stamp & CONN_PARTED))
		return link;
	return shared;
}

/* Return the link that points to the node of @id, or the link at the chain's end, which is NIL. */
static u32 *find(struct tcpfsm_conntable *table, struct tcpfsm_bucket *bucket, u64 id,
		 const void *timewait)
{
	u32 *link = &bucket->first;

	if (unlikely(tcpfsm_conntable_any_apart(table)))
		return find_apart(table, bucket, id, timewait);
	while (*link != NIL && table->nodes[*link].id != id)
		link = &table->nodes[*link].next;
	return link;
}

static void count_apart(struct tcpfsm_conntable *table, u32 more)
{
	WRITE_ONCE(table->apart, table->apart + more);
}

/* Free a node. @alive says that it is the node of a connection, not of a closed socket. */
static void node_free(struct tcpfsm_conntable *table, u32 node, bool alive)
{
	tcpfsm_lock(&table->lock);
	if (unlikely(table->nodes[node].stamp & CONN_APART))
		count_apart(table, -1);
	table->nodes[node].next = table->free;
	table->free = node;
	table->used -= alive;
	tcpfsm_unlock(&table->lock);
}

/* Forget a queued socket if it has stayed closed since. */
static noinline void forget_closed(struct tcpfsm_conntable *table,
				   const struct tcpfsm_closed *closed)
{
	struct tcpfsm_bucket *bucket = bucket_of(table, closed->id);
	struct tcpfsm_conn *conn;
	u32 *link, node;

	tcpfsm_lock(&bucket->lock);
	link = find(table, bucket, closed->id, NULL);
	node = *link;
	if (node != NIL) {
		conn = &table->nodes[node];
		if (state_in(conn->stamp) == TCPFSM_CLOSE && gen_in(conn->owner) == closed->gen)
			*link = conn->next;
		else
			node = NIL;
	}
	tcpfsm_unlock(&bucket->lock);
	if (node != NIL)
		node_free(table, node, false);
}

/*
 * Queue a closed socket. The socket that falls out of a full queue is forgotten. @ended says that
 * the closed socket had a connection until now.
 */
static noinline void queue_closed(struct tcpfsm_conntable *table, u64 id, u32 gen, bool ended)
{
	struct tcpfsm_closed oldest = { 0 };

	tcpfsm_lock(&table->lock);
	table->used -= ended;
	table->closed[table->closed_head] = (struct tcpfsm_closed){ id, gen };
	if (++table->closed_head == table->nr_closed)
		table->closed_head = 0;
	if (table->closed_head == table->closed_tail) {
		oldest = table->closed[table->closed_tail];
		if (++table->closed_tail == table->nr_closed)
			table->closed_tail = 0;
	}
	tcpfsm_unlock(&table->lock);
	if (oldest.id)
		forget_closed(table, &oldest);
}

/* Count a closed socket that has a connection again. */
static noinline void count_reborn(struct tcpfsm_conntable *table)
{
	tcpfsm_lock(&table->lock);
	table->used++;
	tcpfsm_unlock(&table->lock);
}

/* Allocate a node. @alive means the same as in node_free(). */
static u32 node_alloc(struct tcpfsm_conntable *table, bool alive, bool apart)
{
	u32 node;

	tcpfsm_lock(&table->lock);
	node = table->free;
	if (node == NIL) {
		WRITE_ONCE(table->refused, table->refused + 1);
	} else {
		table->free = table->nodes[node].next;
		table->used += alive;
		if (unlikely(apart))
			count_apart(table, 1);
	}
	tcpfsm_unlock(&table->lock);
	return node;
}

/* Transitions of a connection are serialized, so no other CPU adds the same id. */
static void node_add(struct tcpfsm_conntable *table, u32 node)
{
	struct tcpfsm_conn *conn = &table->nodes[node];
	struct tcpfsm_bucket *bucket = bucket_of(table, conn->id);

	tcpfsm_lock(&bucket->lock);
	conn->next = bucket->first;
	bucket->first = node;
	tcpfsm_unlock(&bucket->lock);
}

static bool is_birth(const struct tcpfsm_step *step)
{
	if (step->common)
		return false;
	return step->old == TCPFSM_CLOSE ||
	       (step->old == TCPFSM_LISTEN && step->new == TCPFSM_SYN_RECV);
}

/* Remember the owner if the caller knows it. Otherwise fill in the remembered owner. */
static void update_owner(struct tcpfsm_conn *conn, struct tcpfsm_step *step)
{
	if (step->known) {
		conn->uid = step->uid;
		conn->owner = owner_of(step->cgroup, step->gen);
	} else {
		step->uid = conn->uid;
		step->cgroup = conn->owner >> 16;
	}
}

static noinline enum tcpfsm_verdict step_birth(struct tcpfsm_conn *conn, u32 new)
{
	u32 state = state_in(conn->stamp);
	u16 gen = gen_in(conn->owner);

	if (state != TCPFSM_CLOSE && state == new)
		return TCPFSM_STEP_REPEATED;
	/* A generation is never 0, because it would look like an unknown one. */
	conn->owner = owner_of(conn->owner >> 16, gen == 0xffff ? 1 : gen + 1);
	return TCPFSM_STEP_OK;
}

static enum tcpfsm_verdict step_known(struct tcpfsm_conn *conn, struct tcpfsm_step *step)
{
	u64 stamp = conn->stamp;

	if (unlikely(is_birth(step))) {
		step->flags |= stamp & CONN_APART;
		return step_birth(conn, step->new);
	}
	step->flags |= flags_in(stamp);
	if (likely(state_in(stamp) == step->old)) {
		step->dwell = elapsed(step->now, stamp);
		return TCPFSM_STEP_OK;
	}
	return state_in(stamp) == step->new ? TCPFSM_STEP_REPEATED : TCPFSM_STEP_GAP;
}

/* @step is a copy, so that the caller can keep its own step in registers. */
static noinline enum tcpfsm_verdict step_unknown(struct tcpfsm_conntable *table,
						 struct tcpfsm_step step)
{
	struct tcpfsm_conn *conn;
	u32 node;

	if (step.new == TCPFSM_CLOSE)
		return TCPFSM_STEP_UNKNOWN;

	/* A timewait sock gets a node of its own, because the state of its socket is not known. */
	node = node_alloc(table, true, step.timewait);
	if (node != NIL) {
		if (step.timewait)
			step.flags |= CONN_TIMEWAIT;
		table->timewait[node] = step.timewait;
		conn = &table->nodes[node];
		conn->id = step.id;
		conn->stamp = stamp_of(step.now, step.new, step.flags);
		conn->uid = step.known ? step.uid : TCPFSM_UNKNOWN_UID;
		conn->owner = owner_of(step.known ? step.cgroup : 0, step.gen);
		node_add(table, node);
	}
	return is_birth(&step) ? TCPFSM_STEP_OK : TCPFSM_STEP_UNKNOWN;
}

/**
 * tcpfsm_conntable_step() - take a connection from one state to the next
 * @table: the table
 * @step: the transition; the answers are filled in unless it is REPEATED
 *
 * A REPEATED step changes nothing. A step that ends a connection (new state CLOSE) removes it, or
 * with @keep queues its closed socket. If two CPUs end the same connection, exactly one of them
 * gets OK.
 *
 * Context: any but NMI, interrupts off.
 * Return: the verdict.
 */
enum tcpfsm_verdict tcpfsm_conntable_step(struct tcpfsm_conntable *table, struct tcpfsm_step *step)
{
	struct tcpfsm_bucket *bucket = bucket_of(table, step->id);
	enum tcpfsm_verdict verdict;
	struct tcpfsm_conn *conn;
	bool closed, reborn;
	u32 *link, node;

	step->gen = 1;
	step->dwell = TCPFSM_UNKNOWN_DWELL;
	tcpfsm_lock(&bucket->lock);
	link = find(table, bucket, step->id, step->timewait);
	node = *link;
	if (node == NIL) {
		tcpfsm_unlock(&bucket->lock);
		return step_unknown(table, *step);
	}
	conn = &table->nodes[node];
	closed = state_in(conn->stamp) == TCPFSM_CLOSE;
	verdict = step_known(conn, step);
	reborn = closed && (verdict == TCPFSM_STEP_GAP || is_birth(step));
	step->gen = gen_in(conn->owner);
	if (unlikely(verdict == TCPFSM_STEP_REPEATED)) {
		tcpfsm_unlock(&bucket->lock);
		return verdict;
	}
	conn->stamp = stamp_of(step->now, step->new, step->flags);
	update_owner(conn, step);
	closed = step->new == TCPFSM_CLOSE;
	if (closed && !step->keep)
		*link = conn->next;
	tcpfsm_unlock(&bucket->lock);

	if (unlikely(reborn))
		count_reborn(table);
	if (closed) {
		if (!step->keep)
			node_free(table, node, true);
		else
			queue_closed(table, step->id, step->gen, true);
	}
	return verdict;
}

/* Add the socket that a timewait sock has parted from. It is closed, ready for a new connection. */
static void add_parted(struct tcpfsm_conntable *table, u64 id, u32 gen)
{
	u32 node = node_alloc(table, false, true);

	if (node == NIL)
		return;
	table->nodes[node] = (struct tcpfsm_conn){
		.id = id,
		.stamp = stamp_of(0, TCPFSM_CLOSE, CONN_PARTED),
		.owner = owner_of(0, gen),
		.uid = TCPFSM_UNKNOWN_UID,
	};
	node_add(table, node);
	queue_closed(table, id, gen, false);
}

/**
 * tcpfsm_conntable_part() - let a timewait sock take a connection from a socket that may go on
 * @table: the table
 * @id: cookie of the socket and of the timewait sock
 * @timewait: the timewait sock
 * @keep: the socket lives on and may be connected again
 *
 * Without @keep this changes something only if the socket has parted from another timewait sock
 * before. Then it need not be called unless tcpfsm_conntable_any_apart().
 *
 * Context: any but NMI, interrupts off; nobody else knows the timewait sock yet.
 */
noinline void tcpfsm_conntable_part(struct tcpfsm_conntable *table, u64 id, const void *timewait,
				    bool keep)
{
	struct tcpfsm_bucket *bucket = bucket_of(table, id);
	struct tcpfsm_conn *conn;
	u32 node, gen = 1;
	bool more = false;

	tcpfsm_lock(&bucket->lock);
	node = *find(table, bucket, id, NULL);
	if (node != NIL) {
		conn = &table->nodes[node];
		gen = gen_in(conn->owner);
		more = keep && !(conn->stamp & CONN_PARTED);
		if (keep || conn->stamp & CONN_PARTED) {
			table->timewait[node] = timewait;
			conn->stamp |= CONN_TIMEWAIT;
		}
	}
	tcpfsm_unlock(&bucket->lock);
	if (more) {
		tcpfsm_lock(&table->lock);
		count_apart(table, 1);
		tcpfsm_unlock(&table->lock);
	}
	if (keep)
		add_parted(table, id, gen);
}

/**
 * tcpfsm_conntable_is_in() - is a connection known to be in a state?
 * @table: the table
 * @id: socket cookie
 * @timewait: the timewait sock that has the connection, or NULL
 * @state: the state
 *
 * Context: any but NMI, interrupts off.
 */
bool tcpfsm_conntable_is_in(struct tcpfsm_conntable *table, u64 id, const void *timewait, u8 state)
{
	struct tcpfsm_bucket *bucket = bucket_of(table, id);
	bool known;
	u32 node;

	tcpfsm_lock(&bucket->lock);
	node = *find(table, bucket, id, timewait);
	known = node != NIL && state_in(table->nodes[node].stamp) == state;
	tcpfsm_unlock(&bucket->lock);
	return known;
}
