/* SPDX-License-Identifier: GPL-2.0 */
/*
 * world.h - two hosts of a test's own, and what the module says of them
 *
 *	+------------------------+             +------------------------+
 *	| CLIENT                 |             |                 SERVER |
 *	| 10.9.0.1/24   [veth] --|-------------|-- [veth]   10.9.0.2/24 |
 *	| fd09::1/64             |             |             fd09::2/64 |
 *	+------------------------+             +------------------------+
 *
 * Each host is a network namespace without a name: it is gone when the test is,
 * however that ends. The test itself stays in its own namespace, opens sockets in
 * the two hosts, and reads what happens there as a series of chains, one for each
 * connection.
 */
#ifndef TCPFSM_KSFT_WORLD_H
#define TCPFSM_KSFT_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "stream.h"

#define WORLD_MAX_FDS	 64
#define WORLD_MAX_CHAINS 512

enum side {
	CLIENT,
	SERVER,
	NR_SIDES
};

/**
 * struct family - a way to address the hosts
 * @domain: of the sockets
 * @mapped: IPv4 on IPv6 sockets
 * @addr: addresses of the hosts
 */
struct family {
	int domain;
	bool mapped;
	const char *addr[NR_SIDES];
};

#define FAMILY_V4                              \
	{                                      \
		AF_INET, false,                \
		{                              \
			"10.9.0.1", "10.9.0.2" \
		}                              \
	}
#define FAMILY_V6                            \
	{                                    \
		AF_INET6, false,             \
		{                            \
			"fd09::1", "fd09::2" \
		}                            \
	}
#define FAMILY_MAPPED                                        \
	{                                                    \
		AF_INET6, true,                              \
		{                                            \
			"::ffff:10.9.0.1", "::ffff:10.9.0.2" \
		}                                            \
	}

/**
 * struct chain - how far a connection has come, for the test; a generation of an ID
 * @id: its socket cookie
 * @side: on which host
 * @family: how its ends are addressed
 * @gen: generation
 * @state: present state, 0 before the first event
 * @next: events before this one were looked at
 * @time: time stamp of the last event
 * @opened: TCPFSM_F_SYNCOOKIE, TCPFSM_F_FASTOPEN: how it was opened
 * @lport: local port, 0 as long as no event has one
 * @rport: remote port, likewise
 */
struct chain {
	uint64_t id;
	enum side side;
	const struct family *family;
	uint32_t gen;
	uint8_t state;
	size_t next;
	uint64_t time;
	uint16_t opened;
	uint16_t lport;
	uint16_t rport;
};

/**
 * struct world - two hosts
 * @family: how they are addressed; a connection that began under another one keeps that
 * @home: namespace of the test itself
 * @netns: namespaces of the hosts, -1: gone
 * @inode: inode numbers of these
 * @peer: whom sockets of a host talk to
 * @any_address: a listener may be bound to no address
 * @filtered: which of the hosts have a firewall
 * @held: of which of them segments are held
 * @fastopen: clients may have the flag or not
 * @causes: the module tells causes, so every event has to have one
 * @foreign: others hook what the module does, and unknown will do for a cause
 * @unknown: how often it was that
 * @timed: each dwell time has to be known
 * @helper: another process that uses the sockets, 0: none
 * @born: when it was made
 * @nr_fds: sockets that are open
 * @fds: the sockets
 * @fd_side: on which host each is
 * @stream: what happens on the hosts
 * @nr_chains: connections that were seen
 * @chains: the connections
 * @why: what was wrong, after a function has returned false
 */
struct world {
	const struct family *family;
	int home;
	int netns[NR_SIDES];
	uint32_t inode[NR_SIDES];
	enum side peer[NR_SIDES];
	bool any_address;
	bool filtered[NR_SIDES];
	bool held[NR_SIDES];
	bool fastopen;
	bool causes;
	bool foreign;
	unsigned int unknown;
	bool timed;
	pid_t helper;
	uint64_t born;
	unsigned int nr_fds;
	int fds[WORLD_MAX_FDS];
	enum side fd_side[WORLD_MAX_FDS];
	struct stream stream;
	unsigned int nr_chains;
	struct chain chains[WORLD_MAX_CHAINS];
	char why[1024];
};

/* world.c: the hosts and the wire */
const char *world_missing(void);
bool world_kernel_has(const char *function);
bool world_begin(struct world *world, const struct family *family);
bool world_enter(struct world *world, enum side side);
bool world_return(struct world *world);
bool world_sysctl(struct world *world, enum side side, const char *name, const char *value);
bool world_filter(struct world *world, enum side side, const char *hook, const char *rule);
bool world_unfilter(struct world *world, enum side side);
bool world_hold(struct world *world, enum side side);
bool world_release(struct world *world, enum side side);
bool world_kill(struct world *world, enum side side, unsigned int states);
bool world_try_kill(struct world *world, enum side side, unsigned int states, bool *killed);
void world_leave(struct world *world, enum side side);
bool world_end(struct world *world);

/* chain.c: what happened there */
bool chain_expect(struct world *world, uint64_t id, const char *spec);
bool chain_expect_gen(struct world *world, uint64_t id, uint32_t gen, const char *spec);
uint64_t chain_find(struct world *world, enum side side, uint16_t lport, uint16_t rport);
const struct chain *chain_of(const struct world *world, uint64_t id);
const struct chain *chain_of_gen(const struct world *world, uint64_t id, uint32_t gen);
bool chain_all_seen(struct world *world);
bool chain_none_of(struct world *world, uint64_t id);
bool chain_are_idle(struct world *world);
bool chain_all_idle(struct world *world);
bool chain_all_closed(struct world *world);

/* Says what is wrong and is false: "return world_fail(world, ...)". */
__attribute__((format(printf, 2, 3))) bool world_fail(struct world *world, const char *format, ...);

#endif /* TCPFSM_KSFT_WORLD_H */
