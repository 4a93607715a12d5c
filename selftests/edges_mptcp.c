// SPDX-License-Identifier: GPL-2.0
/*
 * edges_mptcp.c - MPTCP, whose subflows are TCP connections, and whose own socket is not
 */
#define FIXTURE_NAME mptcp
#include "edges.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

struct mptcp {
	int listener;
	int client;
	int server;
	uint64_t listener_id;
	uint64_t client_id;
	uint64_t server_id;
};

static bool establish(struct world *world, struct mptcp *m)
{
	if (sock_bind(world, m->listener, PORT) || listen(m->listener, 8))
		return world_fail(world, "listen: %s", strerror(errno));
	m->listener_id = chain_find(world, SERVER, PORT, 0);
	m->client = sock_open_protocol(world, CLIENT, IPPROTO_MPTCP);
	if (sock_connect(world, m->client, PORT) || !sock_wait(m->client, POLLOUT))
		return world_fail(world, "connect: %s", strerror(errno));
	m->client_id = chain_find(world, CLIENT, sock_port(m->client), PORT);
	m->server = sock_accept(world, m->listener);
	m->server_id = chain_find(world, SERVER, PORT, sock_port(m->client));
	return chain_expect(world, m->listener_id, LISTENING) &&
	       chain_expect(world, m->client_id, OPENED) &&
	       chain_expect(world, m->server_id, ACCEPTED);
}

/* The test does not expect an order at the end, because MPTCP lets both ends race. */
TEST_F(mptcp, subflow)
{
	struct world *world = &self->world;
	struct mptcp m = { .listener = sock_open_protocol(world, SERVER, IPPROTO_MPTCP) };
	uint64_t id[3];
	int i;

	if (m.listener < 0 && (errno == EPROTONOSUPPORT || errno == ENOPROTOOPT))
		SKIP(return, "the kernel has no MPTCP");
	ASSERT_LE(0, m.listener);
	DO(establish(world, &m));
	id[0] = sock_id(m.listener);
	id[1] = sock_id(m.client);
	id[2] = sock_id(m.server);
	sock_close(world, m.client);
	ASSERT_TRUE(sock_wait(m.server, POLLIN));
	sock_close(world, m.server);
	sock_close(world, m.listener);
	DO(chain_all_idle(world));
	/* The MPTCP sockets themselves are not TCP connections. */
	for (i = 0; i < 3; i++) {
		ASSERT_NE(0, id[i]);
		DO(chain_none_of(world, id[i]));
	}
}

TEST_HARNESS_MAIN
