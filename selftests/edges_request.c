// SPDX-License-Identifier: GPL-2.0
/*
 * edges_request.c - SYNs that a listener has answered, and how their requests end
 */
#define FIXTURE_NAME request
#include "edges.h"

#define SYNACK "tcp flags & (syn|ack) == syn|ack "

/* Make a request. The client does not see the answer to its SYN, and does not send another. */
static bool half_open(struct world *world, int listener, const char *verdict, uint64_t *id)
{
	char rule[128];
	int client = sock_open(world, CLIENT);
	uint64_t client_id = sock_id(client);
	uint16_t port;

	snprintf(rule, sizeof(rule), SYNACK "%s", verdict);
	if (!chain_expect(world, sock_id(listener), LISTENING) ||
	    !world_filter(world, CLIENT, "input", rule))
		return false;
	if (sock_connect(world, client, PORT))
		return world_fail(world, "connect: %s", strerror(errno));
	if (!chain_expect(world, client_id, "CLOSE>SYN_SENT[open]"))
		return false;
	port = sock_port(client);
	sock_close(world, client);
	*id = chain_find(world, SERVER, PORT, port);
	return chain_expect(world, client_id, ">CLOSE[close]") &&
	       chain_expect(world, *id, "LISTEN>SYN_RECV[rcv_syn]");
}

TEST_F(request, timeout)
{
	struct world *world = &self->world;
	int listener = sock_listen(world, PORT, 8);
	uint64_t id;

	DO(world_sysctl(world, SERVER, "ipv4/tcp_synack_retries", "0"));
	DO(half_open(world, listener, "drop", &id));
	CHAIN(id, ">CLOSE[synack_timeout]");
}

TEST_F(request, reset)
{
	uint64_t id;

	DO(half_open(&self->world, sock_listen(&self->world, PORT, 8), "reject with tcp reset",
		     &id));
	CHAIN(id, ">CLOSE[rcv_rst]");
}

/* IPv4 and IPv6 end a request for different errors. */
TEST_F(request, icmp)
{
	const struct family *family = &variant->family;
	bool v6 = family->domain == AF_INET6 && !family->mapped;
	uint64_t id;

	DO(half_open(&self->world, sock_listen(&self->world, PORT, 8),
		     v6 ? "reject with icmpx type port-unreachable" :
			  "reject with icmpx type host-unreachable",
		     &id));
	CHAIN(id, ">CLOSE[icmp]");
}

TEST_F(request, killed)
{
	uint64_t id;

	DO(half_open(&self->world, sock_listen(&self->world, PORT, 8), "drop", &id));
	DO(world_kill(&self->world, SERVER, 1 << TCP_SYN_RECV));
	CHAIN(id, ">CLOSE[kill]");
}

/* The listener is closed. The request is dropped when its timer finds that. */
TEST_F(request, listener_gone)
{
	struct world *world = &self->world;
	int listener = sock_listen(world, PORT, 8);
	uint64_t listener_id = sock_id(listener), id;

	DO(half_open(world, listener, "drop", &id));
	sock_close(world, listener);
	CHAIN(listener_id, ">CLOSE[close]");
	CHAIN(id, ">CLOSE[listener_closed]");
}

/* The listener is closed. The request is dropped when the ACK finds that. */
TEST_F(request, listener_gone_before_ack)
{
	struct world *world = &self->world;
	int listener = sock_listen(world, PORT, 8);
	int client = sock_open(world, CLIENT);
	uint64_t listener_id = sock_id(listener), id;

	CHAIN(listener_id, LISTENING);
	DO(world_hold(world, SERVER));
	ASSERT_EQ(0, sock_connect(world, client, PORT));
	id = chain_find(world, SERVER, PORT, sock_port(client));
	CHAIN(id, "LISTEN>SYN_RECV[rcv_syn]");
	sock_close(world, listener);
	CHAIN(listener_id, ">CLOSE[close]");
	DO(world_release(world, SERVER));
	CHAIN(id, ">CLOSE[listener_closed]");
	CHAIN(sock_id(client), OPENED ">CLOSE[rcv_rst]");
}

/* The listener is closed, and another one on the same port takes the request over. */
TEST_F(request, migrated)
{
	struct world *world = &self->world;
	int fd[2], client, i;
	uint64_t id[2], request;

	/* Debian's 5.10 has the sysctl, but no code that uses it. */
	if (!world_kernel_has("reuseport_migrate_sock"))
		SKIP(return, "the kernel does not hand requests from one listener to another");
	DO(world_sysctl(world, SERVER, "ipv4/tcp_migrate_req", "1"));
	for (i = 0; i < 2; i++) {
		fd[i] = sock_open(world, SERVER);
		id[i] = sock_id(fd[i]);
		ASSERT_EQ(0, sock_set(fd[i], SOL_SOCKET, SO_REUSEPORT, 1));
		ASSERT_EQ(0, sock_bind(world, fd[i], PORT));
	}
	ASSERT_EQ(0, listen(fd[0], 8));
	CHAIN(id[0], LISTENING);
	client = sock_open(world, CLIENT);
	DO(world_hold(world, SERVER));
	ASSERT_EQ(0, sock_connect(world, client, PORT));
	request = chain_find(world, SERVER, PORT, sock_port(client));
	CHAIN(request, "LISTEN>SYN_RECV[rcv_syn]");
	ASSERT_EQ(0, listen(fd[1], 8));
	CHAIN(id[1], LISTENING);
	sock_close(world, fd[0]);
	CHAIN(id[0], ">CLOSE[close]");
	DO(world_release(world, SERVER));
	CHAIN(sock_id(client), OPENED);
	CHAIN(request, ">ESTABLISHED[rcv_ack]");
	ASSERT_EQ(request, sock_id(sock_accept(world, fd[1])));
}

/* The accept queue has room for two connections. One is there already, and two requests come. */
struct overflow {
	int listener;
	int client[3];
	uint64_t client_id[3];
	uint64_t id[3];
};

static bool request(struct world *world, struct overflow *o, int i)
{
	o->client[i] = sock_open(world, CLIENT);
	o->client_id[i] = sock_id(o->client[i]);
	if (sock_connect(world, o->client[i], PORT))
		return world_fail(world, "connect: %s", strerror(errno));
	o->id[i] = chain_find(world, SERVER, PORT, sock_port(o->client[i]));
	return chain_expect(world, o->id[i], "LISTEN>SYN_RECV[rcv_syn]");
}

static bool overflow(struct world *world, struct overflow *o)
{
	/* The kernel accepts one more than the backlog. */
	o->listener = sock_listen(world, PORT, 1);
	return chain_expect(world, sock_id(o->listener), LISTENING) && request(world, o, 0) &&
	       chain_expect(world, o->client_id[0], OPENED) &&
	       chain_expect(world, o->id[0], ">ESTABLISHED[rcv_ack]") &&
	       world_hold(world, SERVER) && request(world, o, 1) && request(world, o, 2) &&
	       world_release(world, SERVER) && chain_expect(world, o->client_id[1], OPENED) &&
	       chain_expect(world, o->id[1], ">ESTABLISHED[rcv_ack]") &&
	       chain_expect(world, o->client_id[2], OPENED);
}

TEST_F(request, overflow_abort)
{
	struct overflow o;

	DO(world_sysctl(&self->world, SERVER, "ipv4/tcp_abort_on_overflow", "1"));
	DO(overflow(&self->world, &o));
	CHAIN(o.id[2], ">CLOSE[accept_overflow]");
	CHAIN(o.client_id[2], ">CLOSE[rcv_rst]");
}

/* The ACK is ignored until the timer gives up. */
TEST_F(request, overflow_ignored)
{
	struct overflow o;

	DO(overflow(&self->world, &o));
	DO(world_sysctl(&self->world, SERVER, "ipv4/tcp_synack_retries", "0"));
	CHAIN(o.id[2], ">CLOSE[synack_timeout|accept_overflow]");
}

/* A SYN that finds the accept queue full is dropped, which is not a transition. */
TEST_F(request, overflow_of_syn)
{
	struct world *world = &self->world;
	int listener = sock_listen(world, PORT, 0);
	int first = sock_open(world, CLIENT), second = sock_open(world, CLIENT);
	uint64_t first_id, second_id;

	CHAIN(sock_id(listener), LISTENING);
	ASSERT_EQ(0, sock_connect(world, first, PORT));
	CHAIN(sock_id(first), OPENED);
	first_id = chain_find(world, SERVER, PORT, sock_port(first));
	CHAIN(first_id, ACCEPTED);
	ASSERT_EQ(0, sock_connect(world, second, PORT));
	CHAIN(sock_id(second), "CLOSE>SYN_SENT[open]");
	DO(sock_mark(world, SERVER));
	DO(chain_all_seen(world));
	/* The next SYN of the second one finds room. */
	ASSERT_EQ(first_id, sock_id(sock_accept(world, listener)));
	CHAIN(sock_id(second), ">ESTABLISHED[rcv_synack]");
	second_id = chain_find(world, SERVER, PORT, sock_port(second));
	CHAIN(second_id, ACCEPTED);
	ASSERT_EQ(second_id, sock_id(sock_accept(world, listener)));
}

static bool sends_again(struct world *world, int fd)
{
	uint64_t deadline = clock_patience();

	while (sock_retransmits(fd) <= 0)
		if (!clock_left_ms(deadline) || poll(NULL, 0, 10))
			return world_fail(world, "nothing is sent again");
	return true;
}

/* The answer takes so long that the client sends its SYN again. There is still one request. */
TEST_F(request, repeated_syn)
{
	struct world *world = &self->world;
	int listener = sock_listen(world, PORT, 8);
	int client = sock_open(world, CLIENT);
	uint64_t id;

	CHAIN(sock_id(listener), LISTENING);
	DO(world_hold(world, SERVER));
	ASSERT_EQ(0, sock_connect(world, client, PORT));
	DO(sends_again(world, client));
	DO(world_release(world, SERVER));
	CHAIN(sock_id(client), OPENED);
	id = chain_find(world, SERVER, PORT, sock_port(client));
	CHAIN(id, ACCEPTED);
	ASSERT_EQ(id, sock_id(sock_accept(world, listener)));
}

TEST_HARNESS_MAIN
