// SPDX-License-Identifier: GPL-2.0
/*
 * edges_reuse.c - a socket is used again while, or after, its connection is in TIME_WAIT
 *
 * The socket and the timewait sock that took its place have the same cookie. The generation
 * tells their events apart.
 */
#include <stdio.h>

#define FIXTURE_NAME reuse
#include "edges.h"

#define OWN_PORT	     12345
#define BARE_ACK	     "tcp flags & (fin|syn|rst|psh|ack) == ack "
#define CHAIN_GEN(gen, spec) DO(chain_expect_gen(&self->world, self->ends.client_id, gen, spec))

/* Bring the client's end to TIME_WAIT, where it does not need its socket. */
#define TO_TIME_WAIT()                                                          \
	do {                                                                    \
		HALF_CLOSE();                                                   \
		sock_close(&self->world, self->ends.server);                    \
		CHAIN(self->ends.server_id, ">LAST_ACK[close]>CLOSE[rcv_ack]"); \
		CHAIN(self->ends.client_id, ">TIME_WAIT[rcv_fin]");             \
	} while (0)

/* Connect the same socket again. */
#define CONNECT_AGAIN(generation)                                                         \
	do {                                                                              \
		ASSERT_EQ(0, sock_disconnect(self->ends.client));                         \
		ASSERT_EQ(0, sock_connect(&self->world, self->ends.client, PORT));        \
		CHAIN(self->ends.client_id, OPENED);                                      \
		ASSERT_EQ(generation, chain_of(&self->world, self->ends.client_id)->gen); \
		self->ends.server = sock_accept(&self->world, self->ends.listener);       \
		self->ends.server_id = sock_id(self->ends.server);                        \
		CHAIN(self->ends.server_id, ACCEPTED);                                    \
	} while (0)

/* The server closes first, and then the client. The server's end comes to TIME_WAIT. */
#define CLOSE_BY_SERVER()                                                       \
	do {                                                                    \
		sock_close(&self->world, self->ends.server);                    \
		CHAIN(self->ends.server_id, TO_FIN_WAIT2);                      \
		CHAIN(self->ends.client_id, ">CLOSE_WAIT[rcv_fin]");            \
		sock_close(&self->world, self->ends.client);                    \
		CHAIN(self->ends.server_id, ">TIME_WAIT[rcv_fin]");             \
		CHAIN(self->ends.client_id, ">LAST_ACK[close]>CLOSE[rcv_ack]"); \
	} while (0)

/* Return how many transitions did not continue the last known state; -1 if unknown. */
static long gaps(void)
{
	FILE *file = fopen("/proc/tcpfsm_stat", "re");
	char line[256];
	long n = -1;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "gaps %ld", &n) == 1)
			break;
	if (file)
		fclose(file);
	return n;
}

/* The module is loaded from the beginning, and so it knows all dwell times. */
#define BEGIN()                    \
	long gaps_before = gaps(); \
	ASSERT_LE(0, gaps_before); \
	self->world.timed = true;  \
	ESTABLISH()

#define NO_GAPS() ASSERT_EQ(gaps_before, gaps())

/*
 * End generations 1 to @last, which are in TIME_WAIT. If the kernel does not destroy timewait
 * socks, they end with their namespace, and the fixture checks that.
 */
static bool kill_time_wait(struct world *world, uint64_t id, uint32_t last)
{
	uint32_t gen;
	bool killed;

	if (!world_try_kill(world, CLIENT, 1 << TCP_TIME_WAIT, &killed))
		return false;
	if (!killed)
		printf("# this kernel does not destroy timewait socks: not killed\n");
	for (gen = 1; killed && gen <= last; gen++)
		if (!chain_expect_gen(world, id, gen, ">CLOSE[kill]"))
			return false;
	return true;
}

#define KILL_TIME_WAIT(last) DO(kill_time_wait(&self->world, self->ends.client_id, last))

TEST_F(reuse, connect_in_time_wait)
{
	BEGIN();
	TO_TIME_WAIT();
	CONNECT_AGAIN(2);
	KILL_TIME_WAIT(1);
	CLOSE_BY_SERVER();
	NO_GAPS();
}

TEST_F(reuse, timewait_outlives_next)
{
	BEGIN();
	TO_TIME_WAIT();
	CONNECT_AGAIN(2);
	CLOSE_BY_SERVER();
	KILL_TIME_WAIT(1);
	NO_GAPS();
}

TEST_F(reuse, connect_after_time_wait)
{
	struct world *world = &self->world;

	BEGIN();
	HALF_CLOSE();
	DO(world_filter(world, SERVER, "input", BARE_ACK "reject with tcp reset"));
	sock_close(world, self->ends.server);
	CHAIN(self->ends.client_id, ">TIME_WAIT[rcv_fin]>CLOSE[rcv_rst]");
	CHAIN(self->ends.server_id, ">LAST_ACK[close]>CLOSE[rcv_rst]");
	DO(world_unfilter(world, SERVER));
	CONNECT_AGAIN(2);
	CLOSE_BY_SERVER();
	NO_GAPS();
}

TEST_F(reuse, two_timewaits)
{
	BEGIN();
	TO_TIME_WAIT();
	CONNECT_AGAIN(2);
	TO_TIME_WAIT();
	CONNECT_AGAIN(3);
	KILL_TIME_WAIT(2);
	CLOSE_BY_SERVER();
	NO_GAPS();
}

/* The same without a third connection. Both timewait socks end with their namespace. */
TEST_F(reuse, two_timewaits_netns_exit)
{
	BEGIN();
	TO_TIME_WAIT();
	CONNECT_AGAIN(2);
	TO_TIME_WAIT();
	world_leave(&self->world, CLIENT);
	CHAIN_GEN(1, ">CLOSE[netns_exit]");
	CHAIN_GEN(2, ">CLOSE[netns_exit]");
	NO_GAPS();
}

TEST_F(reuse, listen_in_time_wait)
{
	struct world *world = &self->world;

	BEGIN();
	TO_TIME_WAIT();
	ASSERT_EQ(0, sock_disconnect(self->ends.client));
	ASSERT_EQ(0, sock_bind(world, self->ends.client, OWN_PORT));
	ASSERT_EQ(0, listen(self->ends.client, 1));
	CHAIN(self->ends.client_id, LISTENING);
	ASSERT_EQ(2, chain_of(world, self->ends.client_id)->gen);
	KILL_TIME_WAIT(1);
	sock_close(world, self->ends.client);
	CHAIN(self->ends.client_id, ">CLOSE[close]");
	NO_GAPS();
}

/* Both ends come to TIME_WAIT from CLOSING. */
TEST_F(reuse, connect_after_closing)
{
	struct world *world = &self->world;

	BEGIN();
	DO(world_hold(world, CLIENT));
	DO(world_hold(world, SERVER));
	ASSERT_EQ(0, shutdown(self->ends.client, SHUT_WR));
	sock_close(world, self->ends.server);
	DO(world_release(world, CLIENT));
	CHAIN(self->ends.server_id, ">FIN_WAIT1[close]>CLOSING[rcv_fin]");
	DO(world_release(world, SERVER));
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>CLOSING[rcv_fin]>TIME_WAIT[rcv_ack]");
	CHAIN(self->ends.server_id, ">TIME_WAIT[rcv_ack]");
	CONNECT_AGAIN(2);
	KILL_TIME_WAIT(1);
	CLOSE_BY_SERVER();
	NO_GAPS();
}

/* The socket wants the addresses and ports of its own timewait sock, and gets them. */
TEST_F(reuse, connect_reuses_own_timewait)
{
	struct world *world = &self->world;

	DO(world_sysctl(world, CLIENT, "ipv4/tcp_tw_reuse", "1"));
	/* Every socket of the client gets this port. */
	DO(world_sysctl(world, CLIENT, "ipv4/ip_local_port_range", "40000 40000"));
	BEGIN();
	TO_TIME_WAIT();
	/* A second must have passed by the kernel's clock, which counts whole seconds. */
	clock_wait_until(chain_of(world, self->ends.client_id)->time + 2 * NSEC_PER_SEC);
	CONNECT_AGAIN(2);
	ASSERT_EQ(40000, chain_of(world, self->ends.client_id)->lport);
	CHAIN_GEN(1, ">CLOSE[reuse]");
	CLOSE_BY_SERVER();
	NO_GAPS();
}

TEST_HARNESS_MAIN
