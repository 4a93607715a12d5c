/* SPDX-License-Identifier: GPL-2.0 */
/*
 * conntable.h - remembers each connection between two of its transitions
 */
#ifndef TCPFSM_CONNTABLE_H
#define TCPFSM_CONNTABLE_H

#include "core/portable.h"
#include "uapi/tcpfsm.h"

/*
 * These flags say how a connection was opened. The table remembers them until the connection ends,
 * and keeps them in these bits.
 */
#define TCPFSM_CONN_SYNCOOKIE 0x10
#define TCPFSM_CONN_FASTOPEN  0x20

struct tcpfsm_conn;
struct tcpfsm_bucket;
struct tcpfsm_closed;

/**
 * struct tcpfsm_conntable - bounded table of connections, which allocates nothing after init
 * @nodes: @nr_nodes connections
 * @buckets: @nr_buckets chains of connections
 * @closed: queue of connections that closed on a socket that may be connected again
 * @timewait: for each node, the timewait sock that has parted from its socket with this connection
 * @nr_nodes: number of nodes
 * @nr_buckets: number of chains
 * @nr_closed: number of places in @closed
 * @apart: number of nodes of such timewait socks, and of sockets that have parted from one
 * @lock: guards all fields below; never held together with a bucket's lock
 * @free: first free node
 * @closed_head: where the next connection goes in @closed
 * @closed_tail: the oldest connection in @closed
 * @used: number of nodes of connections that are alive
 * @refused: number of births that found no free node; from then on an unknown id may be an old one
 */
struct tcpfsm_conntable {
	struct tcpfsm_conn *nodes;
	struct tcpfsm_bucket *buckets;
	struct tcpfsm_closed *closed;
	const void **timewait;
	u32 nr_nodes;
	u32 nr_buckets;
	u32 nr_closed;
	u32 apart;
	raw_spinlock_t lock;
	u32 free;
	u32 closed_head;
	u32 closed_tail;
	u32 used;
	u64 refused;
};

/**
 * enum tcpfsm_verdict - how a transition agrees with the table
 * @TCPFSM_STEP_OK: the transition continues what is known of the connection, or begins one
 * @TCPFSM_STEP_UNKNOWN: nothing is known of this id
 * @TCPFSM_STEP_REPEATED: the connection is in the new state already
 * @TCPFSM_STEP_GAP: the connection was last seen in neither the old nor the new state
 */
enum tcpfsm_verdict {
	TCPFSM_STEP_OK,
	TCPFSM_STEP_UNKNOWN,
	TCPFSM_STEP_REPEATED,
	TCPFSM_STEP_GAP,
};

/**
 * struct tcpfsm_step - one transition, which is a question to the table and its answer
 * @id: socket cookie, not 0
 * @timewait: the timewait sock, if the transition is that of a timewait sock
 * @now: time of the transition, nanoseconds
 * @old: state before
 * @new: state after
 * @keep: @new is CLOSE, but the socket lives on and may be connected again
 * @flags: in: TCPFSM_CONN_* to remember; out: all flags that are remembered
 * @uid: in: owner to remember if @known; out: the remembered owner unless @known
 * @cgroup: in and out: the owner's cgroup, in the same way
 * @known: the caller knows @uid and @cgroup
 * @common: the edge is common: see tcpfsm_edge_is_common()
 * @gen: out: generation, from 1
 * @dwell: out: nanoseconds in @old, or TCPFSM_UNKNOWN_DWELL
 */
struct tcpfsm_step {
	u64 id;
	const void *timewait;
	u64 now;
	u32 old;
	u32 new;
	bool keep;
	bool known;
	bool common;
	u32 flags;
	u32 uid;
	u64 cgroup;
	u32 gen;
	u64 dwell;
};

size_t tcpfsm_conntable_nodes_size(u32 conns);
size_t tcpfsm_conntable_buckets_size(u32 conns);
size_t tcpfsm_conntable_closed_size(u32 conns);
void tcpfsm_conntable_init(struct tcpfsm_conntable *table, u32 conns, void *nodes, void *buckets,
			   void *closed);
enum tcpfsm_verdict tcpfsm_conntable_step(struct tcpfsm_conntable *table, struct tcpfsm_step *step);
void tcpfsm_conntable_part(struct tcpfsm_conntable *table, u64 id, const void *timewait, bool keep);
bool tcpfsm_conntable_is_in(struct tcpfsm_conntable *table, u64 id, const void *timewait, u8 state);

/* Does the table have any timewait sock that has parted from its socket, or any such socket? */
static inline bool tcpfsm_conntable_any_apart(const struct tcpfsm_conntable *table)
{
	return READ_ONCE(table->apart);
}

#endif /* TCPFSM_CONNTABLE_H */
