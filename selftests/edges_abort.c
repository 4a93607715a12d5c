// SPDX-License-Identifier: GPL-2.0
/*
 * edges_abort.c - connections that do not end in an orderly way
 */
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#define FIXTURE_NAME abort
#include "edges.h"

/* This matches an acknowledgment that carries nothing else. */
#define BARE_ACK "tcp flags & (fin|syn|rst|psh|ack) == ack "

/* Set the limit, and store the old one. */
static bool swap_orphan_limit(const char *value, char *old)
{
	int fd = open("/proc/sys/net/ipv4/tcp_max_orphans", O_RDWR | O_CLOEXEC);
	ssize_t len = read(fd, old, 15);
	bool done = len > 0 && pwrite(fd, value, strlen(value), 0) > 0;

	if (done)
		old[len] = '\0';
	close(fd);
	return done;
}

/* With SO_LINGER and a time of 0, close() sends RST. */
TEST_F(abort, linger_zero)
{
	ESTABLISH();
	ASSERT_EQ(0, sock_reset_on_close(self->ends.client));
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.client_id, ">CLOSE[abort]");
	CHAIN(self->ends.server_id, ">CLOSE[rcv_rst]");
}

TEST_F(abort, linger_zero_in_close_wait)
{
	ESTABLISH();
	HALF_CLOSE();
	ASSERT_EQ(0, sock_reset_on_close(self->ends.server));
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.server_id, ">CLOSE[abort]");
	CHAIN(self->ends.client_id, ">CLOSE[rcv_rst]");
	ASSERT_EQ(ECONNRESET, sock_error(self->ends.client));
}

TEST_F(abort, linger_zero_in_fin_wait2)
{
	ESTABLISH();
	HALF_CLOSE();
	ASSERT_EQ(0, sock_reset_on_close(self->ends.client));
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.client_id, ">CLOSE[abort]");
	CHAIN(self->ends.server_id, ">CLOSE[rcv_rst]");
	ASSERT_EQ(EPIPE, sock_error(self->ends.server));
}

TEST_F(abort, reset_in_fin_wait1)
{
	ESTABLISH();
	DO(world_filter(&self->world, CLIENT, "output", "tcp flags fin drop"));
	ASSERT_EQ(0, shutdown(self->ends.client, SHUT_WR));
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]");
	ASSERT_EQ(0, sock_reset_on_close(self->ends.server));
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.server_id, ">CLOSE[abort]");
	CHAIN(self->ends.client_id, ">CLOSE[rcv_rst]");
}

TEST_F(abort, unread_data)
{
	ESTABLISH();
	ASSERT_EQ(5, send(self->ends.server, "hello", 5, 0));
	ASSERT_TRUE(sock_wait(self->ends.client, POLLIN));
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.client_id, ">CLOSE[abort]");
	CHAIN(self->ends.server_id, ">CLOSE[rcv_rst]");
}

TEST_F(abort, unread_data_in_close_wait)
{
	ESTABLISH();
	ASSERT_EQ(5, send(self->ends.client, "hello", 5, 0));
	HALF_CLOSE();
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.server_id, ">CLOSE[abort]");
	CHAIN(self->ends.client_id, ">CLOSE[rcv_rst]");
}

/* No socket is left to read the data, so the timewait sock answers with RST. */
TEST_F(abort, data_after_close)
{
	ESTABLISH();
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]");
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	ASSERT_EQ(5, send(self->ends.server, "hello", 5, 0));
	CHAIN(self->ends.client_id, ">CLOSE[rcv_data]");
	CHAIN(self->ends.server_id, ">CLOSE[rcv_rst]");
}

/* The data and the client's FIN cross on their way. */
TEST_F(abort, data_after_close_crossing)
{
	ESTABLISH();
	DO(world_hold(&self->world, CLIENT));
	sock_close(&self->world, self->ends.client);
	ASSERT_EQ(5, send(self->ends.server, "hello", 5, 0));
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>CLOSE[rcv_data]");
	DO(world_release(&self->world, CLIENT));
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]>CLOSE[rcv_rst]");
}

/* The data carries the acknowledgment of the client's FIN. */
TEST_F(abort, data_after_close_with_ack_of_fin)
{
	ESTABLISH();
	DO(world_filter(&self->world, SERVER, "output", BARE_ACK "drop"));
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	ASSERT_EQ(5, send(self->ends.server, "hello", 5, 0));
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]>CLOSE[rcv_data]");
	CHAIN(self->ends.server_id, ">CLOSE[rcv_rst]");
}

/* With TCP_LINGER2 below 0, no socket without an owner stays in FIN_WAIT2. */
TEST_F(abort, no_orphan_in_fin_wait2)
{
	ESTABLISH();
	ASSERT_EQ(0, sock_set(self->ends.client, IPPROTO_TCP, TCP_LINGER2, -1));
	HALF_CLOSE();
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.client_id, ">CLOSE[abort]");
	CHAIN(self->ends.server_id, ">CLOSE[rcv_rst]");
}

/* The same holds for a socket that comes to FIN_WAIT2 after it was closed. */
TEST_F(abort, no_orphan_to_fin_wait2)
{
	ESTABLISH();
	ASSERT_EQ(0, sock_set(self->ends.client, IPPROTO_TCP, TCP_LINGER2, -1));
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]>CLOSE[abort]");
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]>CLOSE[rcv_rst]");
}

TEST_F(abort, killed)
{
	ESTABLISH();
	DO(world_kill(&self->world, CLIENT, 1 << TCP_ESTABLISHED));
	CHAIN(self->ends.client_id, ">CLOSE[kill]");
	CHAIN(self->ends.server_id, ">CLOSE[rcv_rst]");
	ASSERT_EQ(ECONNABORTED, sock_error(self->ends.client));
}

TEST_F(abort, killed_before_answer)
{
	int fd = sock_open(&self->world, CLIENT);

	DO(world_filter(&self->world, SERVER, "input", "tcp flags syn drop"));
	ASSERT_EQ(0, sock_connect(&self->world, fd, PORT));
	CHAIN(sock_id(fd), "CLOSE>SYN_SENT[open]");
	DO(world_kill(&self->world, CLIENT, 1 << TCP_SYN_SENT));
	CHAIN(sock_id(fd), ">CLOSE[kill]");
}

/* The client's data is never acknowledged. */
TEST_F(abort, retransmission_timeout)
{
	ESTABLISH();
	ASSERT_EQ(0, sock_set(self->ends.client, IPPROTO_TCP, TCP_USER_TIMEOUT, 300));
	DO(world_filter(&self->world, SERVER, "input", "meta l4proto tcp drop"));
	ASSERT_EQ(5, send(self->ends.client, "hello", 5, 0));
	CHAIN(self->ends.client_id, ">CLOSE[rto]");
	ASSERT_EQ(ETIMEDOUT, sock_error(self->ends.client));
}

/* The FIN of a closed socket is never acknowledged. */
TEST_F(abort, fin_never_acknowledged)
{
	ESTABLISH();
	ASSERT_EQ(0, sock_set(self->ends.client, IPPROTO_TCP, TCP_USER_TIMEOUT, 300));
	DO(world_filter(&self->world, SERVER, "input", "meta l4proto tcp drop"));
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>CLOSE[rto]");
}

TEST_F(abort, last_fin_never_acknowledged)
{
	ESTABLISH();
	ASSERT_EQ(0, sock_set(self->ends.server, IPPROTO_TCP, TCP_USER_TIMEOUT, 300));
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]");
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	DO(world_filter(&self->world, CLIENT, "input", "meta l4proto tcp drop"));
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.server_id, ">LAST_ACK[close]>CLOSE[rto]");
}

/* The peer's window closes, and then the peer does not answer any more. */
TEST_F(abort, zero_window_timeout)
{
	struct world *world = &self->world;

	self->ends.listener = sock_listen(world, PORT, 8);
	ASSERT_EQ(0, sock_set(self->ends.listener, SOL_SOCKET, SO_RCVBUF, 4096));
	ESTABLISH();
	DO(sock_fill(world, self->ends.client));
	ASSERT_EQ(0, sock_set(self->ends.client, IPPROTO_TCP, TCP_USER_TIMEOUT, 300));
	DO(world_filter(world, SERVER, "input", "meta l4proto tcp drop"));
	CHAIN(self->ends.client_id, ">CLOSE[zero_window]");
	ASSERT_EQ(ETIMEDOUT, sock_error(self->ends.client));
}

TEST_F(abort, keepalive_timeout)
{
	int fd;

	ESTABLISH();
	fd = self->ends.client;
	DO(world_filter(&self->world, SERVER, "input", "meta l4proto tcp drop"));
	ASSERT_EQ(0, sock_set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 1));
	ASSERT_EQ(0, sock_set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 1));
	ASSERT_EQ(0, sock_set(fd, IPPROTO_TCP, TCP_KEEPCNT, 1));
	ASSERT_EQ(0, sock_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1));
	CHAIN(self->ends.client_id, ">CLOSE[keepalive]");
	ASSERT_EQ(ETIMEDOUT, sock_error(fd));
}

/* Keep each CPU busy for a while. The timer that counts orphans does not wake an idle CPU. */
static void stir_cpus(void)
{
	uint64_t until = clock_now();
	cpu_set_t all, one;
	int cpu;

	sched_getaffinity(0, sizeof(all), &all);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
		for (until += 120 * NSEC_PER_MSEC; clock_now() < until;)
			;
	}
	sched_setaffinity(0, sizeof(all), &all);
}

/*
 * There are more sockets without an owner than the machine may have. One of them finds
 * this out when it sends its FIN again.
 */
TEST_F(abort, too_many_orphans)
{
	char limit[16], none[16];
	bool killed;

	ESTABLISH();
	DO(world_filter(&self->world, SERVER, "output", BARE_ACK "drop"));
	ASSERT_TRUE(swap_orphan_limit("0", limit));
	sock_close(&self->world, self->ends.client);
	stir_cpus();
	killed = chain_expect(&self->world, self->ends.client_id, ">FIN_WAIT1[close]>CLOSE[oom]");
	EXPECT_TRUE(swap_orphan_limit(limit, none));
	DO(killed);
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]>CLOSE[rcv_rst]");
}

/* The owner sets the state of its connection, and no segment is ever sent. */
TEST_F(abort, repair)
{
	int fd = sock_open(&self->world, CLIENT);
	uint64_t id = sock_id(fd);

	ASSERT_EQ(0, sock_set(fd, IPPROTO_TCP, TCP_REPAIR, 1));
	ASSERT_EQ(0, sock_bind(&self->world, fd, PORT));
	ASSERT_EQ(0, sock_connect(&self->world, fd, PORT));
	CHAIN(id, "CLOSE>SYN_SENT[open|repair]>ESTABLISHED[repair]");
	sock_close(&self->world, fd);
	CHAIN(id, ">CLOSE[repair]");
}

TEST_HARNESS_MAIN
