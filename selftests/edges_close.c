// SPDX-License-Identifier: GPL-2.0
/*
 * edges_close.c - connections that end in an orderly way
 */
#define FIXTURE_NAME close
#include "edges.h"

/* This matches an acknowledgment that carries nothing else. */
#define BARE_ACK "tcp flags & (fin|syn|rst|psh|ack) == ack "

TEST_F(close, client_closes_first)
{
	ESTABLISH();
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]");
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.server_id, ">LAST_ACK[close]>CLOSE[rcv_ack]");
	CHAIN(self->ends.client_id, ">TIME_WAIT[rcv_fin]");
}

TEST_F(close, server_closes_first)
{
	ESTABLISH();
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.server_id, ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]");
	CHAIN(self->ends.client_id, ">CLOSE_WAIT[rcv_fin]");
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.client_id, ">LAST_ACK[close]>CLOSE[rcv_ack]");
	CHAIN(self->ends.server_id, ">TIME_WAIT[rcv_fin]");
}

TEST_F(close, both_at_once)
{
	ESTABLISH();
	DO(world_hold(&self->world, CLIENT));
	DO(world_hold(&self->world, SERVER));
	sock_close(&self->world, self->ends.client);
	sock_close(&self->world, self->ends.server);
	DO(world_release(&self->world, CLIENT));
	CHAIN(self->ends.server_id, ">FIN_WAIT1[close]>CLOSING[rcv_fin]");
	DO(world_release(&self->world, SERVER));
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>CLOSING[rcv_fin]>TIME_WAIT[rcv_ack]");
	CHAIN(self->ends.server_id, ">TIME_WAIT[rcv_ack]");
}

/* The same without close(). The sockets still exist when they reach TIME_WAIT. */
TEST_F(close, both_shut_down_at_once)
{
	ESTABLISH();
	DO(world_hold(&self->world, CLIENT));
	DO(world_hold(&self->world, SERVER));
	ASSERT_EQ(0, shutdown(self->ends.client, SHUT_WR));
	ASSERT_EQ(0, shutdown(self->ends.server, SHUT_RDWR));
	DO(world_release(&self->world, CLIENT));
	CHAIN(self->ends.server_id, ">FIN_WAIT1[close]>CLOSING[rcv_fin]");
	DO(world_release(&self->world, SERVER));
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>CLOSING[rcv_fin]>TIME_WAIT[rcv_ack]");
	CHAIN(self->ends.server_id, ">TIME_WAIT[rcv_ack]");
}

/* The server's acknowledgment of the client's FIN only comes with the server's own FIN. */
TEST_F(close, fin_with_ack_of_fin)
{
	ESTABLISH();
	DO(world_filter(&self->world, SERVER, "output", BARE_ACK "drop"));
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.client_id,
	      ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]>TIME_WAIT[rcv_fin,finack]");
	CHAIN(self->ends.server_id, ">LAST_ACK[close]>CLOSE[rcv_ack]");
}

/* The same on a socket that is still open, which does not become a timewait sock early. */
TEST_F(close, fin_with_ack_of_fin_after_shutdown)
{
	ESTABLISH();
	DO(world_filter(&self->world, SERVER, "output", BARE_ACK "drop"));
	ASSERT_EQ(0, shutdown(self->ends.client, SHUT_WR));
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.client_id,
	      ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]>TIME_WAIT[rcv_fin,finack]");
	CHAIN(self->ends.server_id, ">LAST_ACK[close]>CLOSE[rcv_ack]");
}

/* One direction is closed, and the other one is still in use. */
TEST_F(close, half_close)
{
	char buf[8];

	ESTABLISH();
	HALF_CLOSE();
	ASSERT_EQ(5, send(self->ends.server, "hello", 5, 0));
	ASSERT_TRUE(sock_wait(self->ends.client, POLLIN));
	ASSERT_EQ(5, recv(self->ends.client, buf, sizeof(buf), 0));
	DO(sock_mark(&self->world, CLIENT));
	DO(chain_all_seen(&self->world));
	ASSERT_EQ(0, shutdown(self->ends.server, SHUT_WR));
	CHAIN(self->ends.server_id, ">LAST_ACK[close]>CLOSE[rcv_ack]");
	CHAIN(self->ends.client_id, ">TIME_WAIT[rcv_fin]");
}

/* close() makes no further transition after shutdown(). */
TEST_F(close, close_after_shutdown)
{
	ESTABLISH();
	ASSERT_EQ(0, shutdown(self->ends.client, SHUT_RD));
	DO(world_filter(&self->world, CLIENT, "output", "tcp flags fin drop"));
	ASSERT_EQ(0, shutdown(self->ends.client, SHUT_WR));
	ASSERT_EQ(0, shutdown(self->ends.client, SHUT_RDWR));
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]");
	sock_close(&self->world, self->ends.client);
	DO(sock_mark(&self->world, CLIENT));
	DO(chain_all_seen(&self->world));
	DO(world_unfilter(&self->world, CLIENT));
	CHAIN(self->ends.client_id, ">FIN_WAIT2[rcv_ack]");
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.server_id, ">LAST_ACK[close]>CLOSE[rcv_ack]");
	CHAIN(self->ends.client_id, ">TIME_WAIT[rcv_fin]");
}

/* The kernel closes the sockets of a process that ends. */
TEST_F(close, process_exit)
{
	pid_t pid;
	int status;

	ESTABLISH();
	pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	ASSERT_LT(0, pid);
	self->world.helper = pid;
	/* Now only the child has the socket. */
	sock_close(&self->world, self->ends.client);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]");
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.server_id, ">LAST_ACK[close]>CLOSE[rcv_ack]");
	CHAIN(self->ends.client_id, ">TIME_WAIT[rcv_fin]");
}

/* A connection has two IDs and eleven events. The last one comes when its namespace goes. */
TEST_F(close, eleven_events)
{
	struct world *world = &self->world;

	DO(sock_establish(world, &self->ends));
	CHAIN(self->ends.listener_id, LISTENING);
	ASSERT_NE(self->ends.client_id, self->ends.server_id);
	sock_close(world, self->ends.client);
	CHAIN(self->ends.client_id, OPENED ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]");
	sock_close(world, self->ends.server);
	CHAIN(self->ends.client_id, ">TIME_WAIT[rcv_fin]");
	CHAIN(self->ends.server_id, ACCEPTED ">CLOSE_WAIT[rcv_fin]>LAST_ACK[close]>CLOSE[rcv_ack]");
	world_leave(world, CLIENT);
	CHAIN(self->ends.client_id, ">CLOSE[netns_exit]");
	DO(chain_all_seen(world));
	ASSERT_EQ(1 + 11, world->stream.nr);
}

TEST_HARNESS_MAIN
