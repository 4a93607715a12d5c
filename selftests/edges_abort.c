// SPDX-License-Identifier: GPL-2.0
/*
 * edges_abort.c - connections that end in any other way than an orderly one
 */
#include "edges.h"

/* Segments are on their way for this long; meanwhile the other end does something. */
#define DELAY_MS 200

/* An acknowledgement that carries nothing else. */
#define BARE_ACK "tcp flags & (fin|syn|rst|psh|ack) == ack "

/* SO_LINGER with no time: close() sends RST. */
TEST_F(edges, linger_zero)
{
	ESTABLISH();
	ASSERT_EQ(0, sock_reset_on_close(self->ends.client));
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.client_id, ">CLOSE[abort]");
	CHAIN(self->ends.server_id, ">CLOSE[rcv_rst]");
}

TEST_F(edges, linger_zero_in_close_wait)
{
	ESTABLISH();
	ASSERT_EQ(0, shutdown(self->ends.client, SHUT_WR));
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]");
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	ASSERT_EQ(0, sock_reset_on_close(self->ends.server));
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.server_id, ">CLOSE[abort]");
	CHAIN(self->ends.client_id, ">CLOSE[rcv_rst]");
	ASSERT_EQ(ECONNRESET, sock_error(self->ends.client));
}

TEST_F(edges, linger_zero_in_fin_wait2)
{
	ESTABLISH();
	ASSERT_EQ(0, shutdown(self->ends.client, SHUT_WR));
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]");
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	ASSERT_EQ(0, sock_reset_on_close(self->ends.client));
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.client_id, ">CLOSE[abort]");
	CHAIN(self->ends.server_id, ">CLOSE[rcv_rst]");
	ASSERT_EQ(EPIPE, sock_error(self->ends.server));
}

TEST_F(edges, reset_in_fin_wait1)
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

TEST_F(edges, unread_data)
{
	ESTABLISH();
	ASSERT_EQ(5, send(self->ends.server, "hello", 5, 0));
	ASSERT_TRUE(sock_wait(self->ends.client, POLLIN));
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.client_id, ">CLOSE[abort]");
	CHAIN(self->ends.server_id, ">CLOSE[rcv_rst]");
}

TEST_F(edges, unread_data_in_close_wait)
{
	ESTABLISH();
	ASSERT_EQ(5, send(self->ends.client, "hello", 5, 0));
	ASSERT_EQ(0, shutdown(self->ends.client, SHUT_WR));
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]");
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.server_id, ">CLOSE[abort]");
	CHAIN(self->ends.client_id, ">CLOSE[rcv_rst]");
}

/* Nobody is there any more to read what comes: the timewait sock answers with RST. */
TEST_F(edges, data_after_close)
{
	ESTABLISH();
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]");
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	ASSERT_EQ(5, send(self->ends.server, "hello", 5, 0));
	CHAIN(self->ends.client_id, ">CLOSE[rcv_data]");
	CHAIN(self->ends.server_id, ">CLOSE[rcv_rst]");
}

/* The data and our FIN cross. */
TEST_F(edges, data_after_close_crossing)
{
	ESTABLISH();
	DO(world_delay(&self->world, CLIENT, DELAY_MS));
	sock_close(&self->world, self->ends.client);
	ASSERT_EQ(5, send(self->ends.server, "hello", 5, 0));
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>CLOSE[rcv_data]");
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]>CLOSE[rcv_rst]");
}

/* The data brings the acknowledgement of our FIN along. */
TEST_F(edges, data_after_close_with_ack_of_fin)
{
	ESTABLISH();
	DO(world_filter(&self->world, SERVER, "output", BARE_ACK "drop"));
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	ASSERT_EQ(5, send(self->ends.server, "hello", 5, 0));
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]>CLOSE[rcv_data]");
	CHAIN(self->ends.server_id, ">CLOSE[rcv_rst]");
}

/* TCP_LINGER2 below zero: no FIN_WAIT2 without an owner. */
TEST_F(edges, no_orphan_in_fin_wait2)
{
	ESTABLISH();
	ASSERT_EQ(0, sock_set(self->ends.client, IPPROTO_TCP, TCP_LINGER2, -1));
	ASSERT_EQ(0, shutdown(self->ends.client, SHUT_WR));
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]");
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.client_id, ">CLOSE[abort]");
	CHAIN(self->ends.server_id, ">CLOSE[rcv_rst]");
}

/* Nor one that comes there after it was closed. */
TEST_F(edges, no_orphan_to_fin_wait2)
{
	ESTABLISH();
	ASSERT_EQ(0, sock_set(self->ends.client, IPPROTO_TCP, TCP_LINGER2, -1));
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]>CLOSE[abort]");
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]>CLOSE[rcv_rst]");
}

TEST_F(edges, killed)
{
	ESTABLISH();
	DO(world_kill(&self->world, CLIENT, "state established"));
	CHAIN(self->ends.client_id, ">CLOSE[kill]");
	CHAIN(self->ends.server_id, ">CLOSE[rcv_rst]");
	ASSERT_EQ(ECONNABORTED, sock_error(self->ends.client));
}

TEST_F(edges, killed_before_answer)
{
	int fd = sock_open(&self->world, CLIENT);

	DO(world_filter(&self->world, SERVER, "input", "tcp flags syn drop"));
	ASSERT_EQ(0, sock_connect(&self->world, fd, PORT));
	CHAIN(sock_id(fd), "CLOSE>SYN_SENT[open]");
	DO(world_kill(&self->world, CLIENT, "state syn-sent"));
	CHAIN(sock_id(fd), ">CLOSE[kill]");
}

/* Data that is never acknowledged. */
TEST_F(edges, retransmission_timeout)
{
	ESTABLISH();
	ASSERT_EQ(0, sock_set(self->ends.client, IPPROTO_TCP, TCP_USER_TIMEOUT, 300));
	DO(world_filter(&self->world, SERVER, "input", "meta l4proto tcp drop"));
	ASSERT_EQ(5, send(self->ends.client, "hello", 5, 0));
	CHAIN(self->ends.client_id, ">CLOSE[rto]");
	ASSERT_EQ(ETIMEDOUT, sock_error(self->ends.client));
}

/* A FIN that is never acknowledged, nobody waiting for it. */
TEST_F(edges, fin_never_acknowledged)
{
	ESTABLISH();
	ASSERT_EQ(0, sock_set(self->ends.client, IPPROTO_TCP, TCP_USER_TIMEOUT, 300));
	DO(world_filter(&self->world, SERVER, "input", "meta l4proto tcp drop"));
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>CLOSE[rto]");
}

TEST_F(edges, last_fin_never_acknowledged)
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

TEST_HARNESS_MAIN
