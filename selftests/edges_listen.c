// SPDX-License-Identifier: GPL-2.0
/*
 * edges_listen.c - listeners, and connections that were not accepted yet
 */
#define FIXTURE_NAME listen
#include "edges.h"

TEST_F(listen, listen_and_close)
{
	int fd = sock_listen(&self->world, PORT, 8);
	uint64_t id = sock_id(fd);

	CHAIN(id, LISTENING);
	/* A second call only changes the backlog. */
	ASSERT_EQ(0, listen(fd, 16));
	sock_close(&self->world, fd);
	CHAIN(id, ">CLOSE[close]");
	ASSERT_EQ(0, chain_of(&self->world, id)->rport);
	ASSERT_NE(0, chain_of(&self->world, id)->lport);
}

/* The kernel enters LISTEN, finds the port taken and goes back. This is not recorded. */
TEST_F(listen, listen_fails)
{
	int fd[2], i;
	uint64_t id[2];

	for (i = 0; i < 2; i++) {
		fd[i] = sock_open(&self->world, SERVER);
		id[i] = sock_id(fd[i]);
		/* Both may have the port as long as neither listens. */
		ASSERT_EQ(0, sock_set(fd[i], SOL_SOCKET, SO_REUSEADDR, 1));
		ASSERT_EQ(0, sock_bind(&self->world, fd[i], PORT));
	}
	ASSERT_EQ(0, listen(fd[0], 8));
	CHAIN(id[0], LISTENING);
	ASSERT_EQ(-1, listen(fd[1], 8));
	ASSERT_EQ(EADDRINUSE, errno);
	DO(sock_mark(&self->world, SERVER));
	DO(chain_none_of(&self->world, id[1]));
	/* Later the port is free. */
	sock_close(&self->world, fd[0]);
	CHAIN(id[0], ">CLOSE[close]");
	ASSERT_EQ(0, listen(fd[1], 8));
	CHAIN(id[1], LISTENING);
}

/* shutdown() makes a listener an ordinary socket again, which can listen again. */
TEST_F(listen, listen_shutdown_listen)
{
	int fd = sock_listen(&self->world, PORT, 8);
	uint64_t id = sock_id(fd);

	CHAIN(id, LISTENING);
	ASSERT_EQ(0, shutdown(fd, SHUT_RD));
	CHAIN(id, ">CLOSE[abort]");
	ASSERT_EQ(1, chain_of(&self->world, id)->gen);
	ASSERT_EQ(0, listen(fd, 8));
	CHAIN(id, LISTENING);
	ASSERT_EQ(2, chain_of(&self->world, id)->gen);
}

/* A listener that was disconnected connects. This is the next generation of its ID. */
TEST_F(listen, listen_then_connect)
{
	int fd = sock_open(&self->world, CLIENT);
	uint64_t id = sock_id(fd);

	ASSERT_EQ(0, sock_bind(&self->world, fd, 0));
	ASSERT_EQ(0, listen(fd, 1));
	CHAIN(id, LISTENING);
	ASSERT_EQ(0, sock_disconnect(fd));
	CHAIN(id, ">CLOSE[abort]");
	self->ends.listener = sock_listen(&self->world, PORT, 8);
	CHAIN(sock_id(self->ends.listener), LISTENING);
	ASSERT_EQ(0, sock_connect(&self->world, fd, PORT));
	CHAIN(id, OPENED);
	self->ends.server = sock_accept(&self->world, self->ends.listener);
	CHAIN(sock_id(self->ends.server), ACCEPTED);
	ASSERT_EQ(2, chain_of(&self->world, id)->gen);
}

/* A listener has no remote end, though the kernel keeps the address of an old connection. */
TEST_F(listen, listen_after_connect)
{
	struct world *world = &self->world;
	int bound, fd, server;
	uint64_t id;

	self->ends.listener = sock_listen(world, PORT, 8);
	CHAIN(sock_id(self->ends.listener), LISTENING);
	for (bound = 0; bound < 2; bound++) {
		fd = sock_open(world, CLIENT);
		id = sock_id(fd);
		if (bound)
			ASSERT_EQ(0, sock_bind(world, fd, PORT));
		ASSERT_EQ(0, sock_connect(world, fd, PORT));
		CHAIN(id, OPENED);
		server = sock_accept(world, self->ends.listener);
		CHAIN(sock_id(server), ACCEPTED);
		ASSERT_EQ(0, sock_disconnect(fd));
		CHAIN(id, ">CLOSE[abort]");
		CHAIN(sock_id(server), ">CLOSE[rcv_rst]");
		/* A socket that was not bound has no address again. */
		world->any_address = !bound;
		ASSERT_EQ(0, listen(fd, 8));
		CHAIN(id, LISTENING);
		sock_close(world, fd);
		CHAIN(id, ">CLOSE[close]");
		world->any_address = false;
	}
}

TEST_F(listen, listener_killed)
{
	int fd = sock_listen(&self->world, PORT, 8);
	uint64_t id = sock_id(fd);

	CHAIN(id, LISTENING);
	DO(world_kill(&self->world, SERVER, 1 << TCP_LISTEN));
	CHAIN(id, ">CLOSE[kill]");
	sock_close(&self->world, fd);
}

/* The children of a listener on any address have an address. */
TEST_F(listen, wildcard_listener)
{
	struct world *world = &self->world;
	struct sockaddr_in6 any = { .sin6_family = variant->family.domain };
	int fd = sock_open(world, SERVER);
	socklen_t len = variant->family.domain == AF_INET ? sizeof(struct sockaddr_in) :
							    sizeof(any);

	world->any_address = true;
	ASSERT_EQ(0, bind(fd, (struct sockaddr *)&any, len));
	ASSERT_EQ(0, listen(fd, 8));
	self->ends.listener = fd;
	ESTABLISH();
}

/* Connections in the accept queue end with their listener. */
TEST_F(listen, closed_with_queued_children)
{
	int listener = sock_listen(&self->world, PORT, 8);
	uint64_t listener_id = sock_id(listener), client_id[3], child_id[3];
	int i, client[3];

	CHAIN(listener_id, LISTENING);
	for (i = 0; i < 3; i++) {
		client[i] = sock_open(&self->world, CLIENT);
		client_id[i] = sock_id(client[i]);
		ASSERT_EQ(0, sock_connect(&self->world, client[i], PORT));
		CHAIN(client_id[i], OPENED);
		child_id[i] = chain_find(&self->world, SERVER, PORT, sock_port(client[i]));
		CHAIN(child_id[i], ACCEPTED);
	}
	/* One of them has a FIN waiting. */
	ASSERT_EQ(0, shutdown(client[2], SHUT_WR));
	CHAIN(client_id[2], ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]");
	CHAIN(child_id[2], ">CLOSE_WAIT[rcv_fin]");
	sock_close(&self->world, listener);
	CHAIN(listener_id, ">CLOSE[close]");
	for (i = 0; i < 3; i++) {
		CHAIN(child_id[i], ">CLOSE[listener_closed]");
		CHAIN(client_id[i], ">CLOSE[rcv_rst]");
	}
}

/* Connections in the accept queue also end if the listener is destroyed. */
TEST_F(listen, killed_with_queued_child)
{
	int listener = sock_listen(&self->world, PORT, 8);
	int client = sock_open(&self->world, CLIENT);
	uint64_t child_id;

	CHAIN(sock_id(listener), LISTENING);
	ASSERT_EQ(0, sock_connect(&self->world, client, PORT));
	CHAIN(sock_id(client), OPENED);
	child_id = chain_find(&self->world, SERVER, PORT, sock_port(client));
	CHAIN(child_id, ACCEPTED);
	DO(world_kill(&self->world, SERVER, 1 << TCP_LISTEN));
	CHAIN(sock_id(listener), ">CLOSE[kill]");
	CHAIN(child_id, ">CLOSE[listener_closed]");
	CHAIN(sock_id(client), ">CLOSE[rcv_rst]");
}

TEST_HARNESS_MAIN
