/* SPDX-License-Identifier: GPL-2.0 */
/*
 * churn.h - connections that begin and end in every ordinary way
 *
 * One process drives both ends of its connections, a batch at a time. The
 * concurrency comes from the number of processes, and from packet steering,
 * which has the other end's segments run on whatever CPU it likes.
 */
#ifndef TCPFSM_CHURN_H
#define TCPFSM_CHURN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#define CHURN_BATCH    16
#define CHURN_DEFERRED 64

/* What is done and seen, each counted: identifier, name in the report. */
#define CHURN_COUNTS(X)                     \
	/* ways to end, one a connection */ \
	X(CLIENT_FIRST, "client_first")     \
	X(SERVER_FIRST, "server_first")     \
	X(BOTH_AT_ONCE, "both_at_once")     \
	X(CLIENT_RESET, "client_reset")     \
	X(SERVER_RESET, "server_reset")     \
	X(UNREAD_DATA, "unread_data")       \
	X(HALF_RESET, "half_reset")         \
	X(ABANDONED, "abandoned")           \
	X(UNACCEPTED, "unaccepted")         \
	X(REFUSED, "refused")               \
	X(SYN_UNANSWERED, "syn_unanswered") \
	X(SYN_RESET, "syn_reset")           \
	/* what came of it */               \
	X(LISTENED, "listened")             \
	X(CONNECTS, "connects")             \
	X(CONNECTED, "connected")           \
	X(ACCEPTED, "accepted")             \
	X(ENDS_OF_FILE, "ends_of_file")     \
	X(RESETS, "resets")                 \
	X(GIVEN_UP, "given_up")

enum churn_count {
#define CHURN_X(id, name) CHURN_##id,
	CHURN_COUNTS(CHURN_X)
#undef CHURN_X
	CHURN_NR_COUNTS
};

#define CHURN_NR_WAYS CHURN_LISTENED /* the counts before it are ways to end */

/**
 * struct churn_path - one way from a client to a server
 * @client_ns: namespace to open client sockets in, -1: the present one
 * @server_ns: likewise for the listener
 * @mapped: the listener is an IPv6 one, also for IPv4 clients
 * @family: of the destination
 * @to: first address of the destination; its last 16 bits are varied
 * @own: first of the IPv4 sources that answer a SYN-ACK with a reset, 0: none here
 * @silent: first of the IPv4 sources that never answer, 0: none here
 * @listener: the server's end
 * @port: of the listener
 * @raw: for injected SYNs, -1: none needed yet
 * @forgetful: the listener that gets these, -1: none needed yet
 * @forgetful_port: of that one
 */
struct churn_path {
	int client_ns;
	int server_ns;
	bool mapped;
	int family;
	struct in6_addr to;
	uint32_t own;
	uint32_t silent;
	int listener;
	uint16_t port;
	int raw;
	int forgetful;
	uint16_t forgetful_port;
};

/**
 * struct churn - one process's work
 * @worker: number of the process, varies the destination
 * @path: where the present batch goes
 * @lossy: segments may be lost, and with them what cannot be had without
 * @patience: seconds for a batch
 * @counts: what was done, in memory shared with the parent
 * @rng: state of the random numbers
 * @turn: varies the destination
 * @syns: varies the ends of injected SYNs
 * @way: how the present batch is to end
 * @n: connections in it
 * @accepted: how many have a server end yet
 * @client: their client ends
 * @server: their server ends, not in the same order
 * @deferred: server ends whose clients are long gone
 * @ndeferred: how many
 */
struct churn {
	unsigned int worker;
	struct churn_path *path;
	bool lossy;
	unsigned int patience;
	uint64_t *counts;
	uint64_t rng;
	uint32_t turn;
	uint32_t syns;
	enum churn_count way;
	int n;
	int accepted;
	int client[CHURN_BATCH];
	int server[CHURN_BATCH];
	int deferred[CHURN_DEFERRED];
	int ndeferred;
};

/* churn_ways.c */
void churn_listen(struct churn *c, struct churn_path *p);
void churn_listen_forgetfully(struct churn *c, struct churn_path *p);
void churn_batch(struct churn *c, enum churn_count way, int n);
void churn_finish(struct churn *c);
struct in6_addr churn_destination(struct churn *c, uint32_t turn);

/* churn_wait.c */
void churn_be_patient(const struct churn *c);
bool churn_can_accept(const struct churn *c);
void churn_wait_for(const struct churn *c, int fd, short what);

/* churn_syn.c */
void churn_syn(struct churn *c, bool answering);
void churn_syns_arrived(void);

/* churn.c */
const char *churn_name(enum churn_count count);
void churn_enter(int netns);
uint32_t churn_random(struct churn *c, uint32_t below);

#endif /* TCPFSM_CHURN_H */
