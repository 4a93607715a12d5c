// SPDX-License-Identifier: GPL-2.0
/*
 * edges_timewait.c - how TIME_WAIT, and FIN_WAIT2 without a socket, end
 */
#include "edges.h"

#define CROSSING_MS 200
#define BARE_ACK "tcp flags & (fin|syn|rst|psh|ack) == ack "

#define TO_FIN_WAIT2 ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]"
#define TO_TIME_WAIT TO_FIN_WAIT2 ">TIME_WAIT[rcv_fin]"

/* The client's end in FIN_WAIT2, closed; the server's in CLOSE_WAIT. */
#define CLOSE_CLIENT()						\
	do {							\
		sock_close(&self->world, self->ends.client);	\
		CHAIN(self->ends.client_id, TO_FIN_WAIT2);	\
		CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]"); \
	} while (0)

/* The client's end in TIME_WAIT, the server's closed. */
#define CLOSE_BOTH()						\
	do {							\
		CLOSE_CLIENT();					\
		sock_close(&self->world, self->ends.server);	\
		CHAIN(self->ends.client_id, ">TIME_WAIT[rcv_fin]"); \
		CHAIN(self->ends.server_id, ">LAST_ACK[close]>CLOSE[rcv_ack]"); \
	} while (0)

/* The peer never closes. */
TEST_F(edges, fin_wait2_timeout)
{
	DO(world_sysctl(&self->world, CLIENT, "ipv4/tcp_fin_timeout", "1"));
	ESTABLISH();
	CLOSE_CLIENT();
	CHAIN(self->ends.client_id, ">CLOSE[fin_timeout]");
}

/* The socket is closed when it is in FIN_WAIT2 already. */
TEST_F(edges, fin_wait2_timeout_after_shutdown)
{
	ESTABLISH();
	ASSERT_EQ(0, sock_set(self->ends.client, IPPROTO_TCP, TCP_LINGER2, 1));
	ASSERT_EQ(0, shutdown(self->ends.client, SHUT_WR));
	CHAIN(self->ends.client_id, TO_FIN_WAIT2);
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.client_id, ">CLOSE[fin_timeout]");
}

/* Beyond a minute the socket itself waits for the first part. */
TEST_F(edges, fin_wait2_long_timeout)
{
	DO(world_sysctl(&self->world, CLIENT, "ipv4/tcp_fin_timeout", "61"));
	ESTABLISH();
	CLOSE_CLIENT();
	CHAIN(self->ends.client_id, ">CLOSE[fin_timeout]");
}

/* No timewait sock to be had: after close(), ... */
TEST_F(edges, overflow)
{
	DO(world_sysctl(&self->world, CLIENT, "ipv4/tcp_max_tw_buckets", "0"));
	ESTABLISH();
	CLOSE_CLIENT();
	CHAIN(self->ends.client_id, ">CLOSE[tw_overflow]");
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.server_id, ">LAST_ACK[close]>CLOSE[rcv_rst]");
}

/* ... when the FIN comes, ... */
TEST_F(edges, overflow_after_shutdown)
{
	DO(world_sysctl(&self->world, CLIENT, "ipv4/tcp_max_tw_buckets", "0"));
	ESTABLISH();
	ASSERT_EQ(0, shutdown(self->ends.client, SHUT_WR));
	CHAIN(self->ends.client_id, TO_FIN_WAIT2);
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.server_id, ">LAST_ACK[close]>CLOSE[rcv_ack]");
	CHAIN(self->ends.client_id, ">CLOSE[tw_overflow]");
}

/* ... when socket and FIN come together, ... */
TEST_F(edges, overflow_with_finack)
{
	DO(world_sysctl(&self->world, CLIENT, "ipv4/tcp_max_tw_buckets", "0"));
	ESTABLISH();
	DO(world_filter(&self->world, SERVER, "output", BARE_ACK "drop"));
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.client_id, TO_FIN_WAIT2 ">CLOSE[tw_overflow]");
	CHAIN(self->ends.server_id, ">LAST_ACK[close]>CLOSE[rcv_ack]");
}

/* ... and from CLOSING. */
TEST_F(edges, overflow_in_closing)
{
	DO(world_sysctl(&self->world, CLIENT, "ipv4/tcp_max_tw_buckets", "0"));
	ESTABLISH();
	DO(world_delay(&self->world, CLIENT, CROSSING_MS));
	DO(world_delay(&self->world, SERVER, CROSSING_MS));
	sock_close(&self->world, self->ends.client);
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>CLOSING[rcv_fin]>CLOSE[tw_overflow]");
	CHAIN(self->ends.server_id, ">FIN_WAIT1[close]>CLOSING[rcv_fin]>TIME_WAIT[rcv_ack]");
}

/* The last ACK is answered with RST. */
TEST_F(edges, reset)
{
	ESTABLISH();
	CLOSE_CLIENT();
	DO(world_filter(&self->world, SERVER, "input", BARE_ACK "reject with tcp reset"));
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.client_id, ">TIME_WAIT[rcv_fin]>CLOSE[rcv_rst]");
	/* Nobody acknowledges the server's FIN any more. */
	CHAIN(self->ends.server_id, ">LAST_ACK[close]>CLOSE[rcv_rst]");
}

TEST_F(edges, killed)
{
	ESTABLISH();
	CLOSE_BOTH();
	DO(world_kill(&self->world, CLIENT, "state time-wait"));
	CHAIN(self->ends.client_id, ">CLOSE[kill]");
}

TEST_F(edges, killed_in_fin_wait2)
{
	ESTABLISH();
	CLOSE_CLIENT();
	DO(world_kill(&self->world, CLIENT, "state fin-wait-2"));
	CHAIN(self->ends.client_id, ">CLOSE[kill]");
}

/* A connection of the same name is wanted: connect() takes the place of the old one. */
static bool connect_again(struct world *world, int fd, uint64_t since)
{
	/* The kernel wants a second to have gone by, as its clock of full seconds shows it. */
	clock_wait_until(since + 2 * NSEC_PER_SEC);
	return !sock_connect(world, fd, PORT) || world_fail(world, "connect: %s", strerror(errno));
}

TEST_F(edges, reused_by_connect)
{
	struct world *world = &self->world;
	int fd;

	DO(world_sysctl(world, CLIENT, "ipv4/tcp_tw_reuse", "1"));
	DO(world_sysctl(world, CLIENT, "ipv4/ip_local_port_range", "40000 40000"));
	ESTABLISH();
	CLOSE_BOTH();
	fd = sock_open(world, CLIENT);
	DO(connect_again(world, fd, clock_now()));
	CHAIN(self->ends.client_id, ">CLOSE[reuse]");
	CHAIN(sock_id(fd), OPENED);
	ASSERT_EQ(40000, chain_of(world, sock_id(fd))->lport);
	CHAIN(sock_id(sock_accept(world, self->ends.listener)), ACCEPTED);
}

static int open_bound(struct world *world, uint16_t port)
{
	int fd = sock_open(world, CLIENT);

	if (sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1) || sock_bind(world, fd, port))
		return -1;
	return fd;
}

TEST_F(edges, reused_by_bound_connect)
{
	struct world *world = &self->world;
	int fd;

	DO(world_sysctl(world, CLIENT, "ipv4/tcp_tw_reuse", "1"));
	self->ends.client = open_bound(world, 12345);
	self->ends.client_id = sock_id(self->ends.client);
	self->ends.listener = sock_listen(world, PORT, 8);
	CHAIN(sock_id(self->ends.listener), LISTENING);
	ASSERT_EQ(0, sock_connect(world, self->ends.client, PORT));
	CHAIN(self->ends.client_id, OPENED);
	self->ends.server = sock_accept(world, self->ends.listener);
	self->ends.server_id = sock_id(self->ends.server);
	CHAIN(self->ends.server_id, ACCEPTED);
	CLOSE_BOTH();
	fd = open_bound(world, 12345);
	DO(connect_again(world, fd, clock_now()));
	CHAIN(self->ends.client_id, ">CLOSE[reuse]");
	CHAIN(sock_id(fd), OPENED);
	CHAIN(sock_id(sock_accept(world, self->ends.listener)), ACCEPTED);
}

/* Here the SYN is for a connection of the same name. */
TEST_F(edges, reused_by_syn)
{
	struct world *world = &self->world;
	uint16_t port;
	int fd;

	ESTABLISH();
	port = sock_port(self->ends.client);
	sock_close(world, self->ends.server);
	CHAIN(self->ends.server_id, TO_FIN_WAIT2);
	CHAIN(self->ends.client_id, ">CLOSE_WAIT[rcv_fin]");
	sock_close(world, self->ends.client);
	CHAIN(self->ends.server_id, ">TIME_WAIT[rcv_fin]");
	CHAIN(self->ends.client_id, ">LAST_ACK[close]>CLOSE[rcv_ack]");
	fd = sock_open(world, CLIENT);
	ASSERT_EQ(0, sock_bind(world, fd, port));
	ASSERT_EQ(0, sock_connect(world, fd, PORT));
	CHAIN(self->ends.server_id, ">CLOSE[reuse]");
	CHAIN(sock_id(fd), OPENED);
	CHAIN(sock_id(sock_accept(world, self->ends.listener)), ACCEPTED);
}

TEST_F(edges, netns_exit)
{
	ESTABLISH();
	CLOSE_BOTH();
	world_leave(&self->world, CLIENT);
	CHAIN(self->ends.client_id, ">CLOSE[netns_exit]");
}

TEST_F(edges, netns_exit_in_fin_wait2)
{
	ESTABLISH();
	/* A FIN would not find anybody to acknowledge it. */
	ASSERT_EQ(0, sock_reset_on_close(self->ends.server));
	CLOSE_CLIENT();
	world_leave(&self->world, CLIENT);
	CHAIN(self->ends.client_id, ">CLOSE[netns_exit]");
}

TEST_HARNESS_MAIN
