// SPDX-License-Identifier: GPL-2.0
/*
 * edges_open.c - connections that are opened, and attempts that fail
 */
#define FIXTURE_NAME open
#include "edges.h"

#define NOT_OPENED "CLOSE>SYN_SENT[open]>CLOSE[open_failed]"

/* These values of net.ipv4.tcp_fastopen allow data in a SYN without a cookie. */
#define CLIENT_FASTOPEN "5"
#define SERVER_FASTOPEN "514"

/* The kernel chooses the port after it has entered SYN_SENT. The event still has the port. */
TEST_F(open, unbound)
{
	ESTABLISH();
	ASSERT_EQ(sock_port(self->ends.client),
		  chain_of(&self->world, self->ends.client_id)->lport);
	ASSERT_EQ(PORT, chain_of(&self->world, self->ends.client_id)->rport);
	ASSERT_EQ(PORT, chain_of(&self->world, self->ends.server_id)->lport);
	ASSERT_EQ(sock_port(self->ends.client),
		  chain_of(&self->world, self->ends.server_id)->rport);
}

TEST_F(open, bound)
{
	int fd = sock_open(&self->world, CLIENT);
	int listener = sock_listen(&self->world, PORT, 8);

	CHAIN(sock_id(listener), LISTENING);
	ASSERT_EQ(0, sock_bind(&self->world, fd, 12345));
	ASSERT_EQ(0, sock_connect(&self->world, fd, PORT));
	CHAIN(sock_id(fd), OPENED);
	ASSERT_EQ(12345, chain_of(&self->world, sock_id(fd))->lport);
	CHAIN(sock_id(sock_accept(&self->world, listener)), ACCEPTED);
}

static bool is_own_call(const struct tcpfsm_event *event)
{
	return event->new == TCPFSM_LISTEN || event->new == TCPFSM_SYN_SENT ||
	       event->new == TCPFSM_FIN_WAIT1;
}

/*
 * The process of an event is the owner if the owner's call made the transition. A segment
 * that finds its socket in use waits until the owner is done. So it may be processed in the
 * owner's call, too.
 */
TEST_F(open, owner)
{
	const struct tcpfsm_event *event;
	size_t i;

	ESTABLISH();
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]");
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	for (i = 0; i < self->world.stream.nr; i++) {
		event = &self->world.stream.events[i];
		ASSERT_EQ(true, is_own_call(event) ?
					event->pid == (uint32_t)getpid() :
					!(event->flags & TCPFSM_F_SOFTIRQ) || !event->pid);
		ASSERT_STREQ(event->pid ? program_invocation_short_name : "", event->comm);
	}
}

TEST_F(open, both_at_once)
{
	struct world *world = &self->world;
	int client = sock_open(world, CLIENT);
	int server = sock_open(world, SERVER);

	ASSERT_EQ(0, sock_bind(world, client, PORT));
	ASSERT_EQ(0, sock_bind(world, server, PORT));
	DO(world_hold(world, CLIENT));
	DO(world_hold(world, SERVER));
	ASSERT_EQ(0, sock_connect(world, client, PORT));
	ASSERT_EQ(0, sock_connect(world, server, PORT));
	DO(world_release(world, CLIENT));
	CHAIN(sock_id(server), "CLOSE>SYN_SENT[open]>SYN_RECV[rcv_syn]");
	DO(world_release(world, SERVER));
	CHAIN(sock_id(client), "CLOSE>SYN_SENT[open]>SYN_RECV[rcv_syn]>ESTABLISHED[rcv_ack]");
	CHAIN(sock_id(server), ">ESTABLISHED[rcv_ack]");
	ASSERT_TRUE(sock_wait(client, POLLOUT));
	ASSERT_EQ(0, sock_error(client));
}

/* A socket that connects to itself makes a simultaneous open and a simultaneous close. */
TEST_F(open, to_itself)
{
	int fd = sock_open(&self->world, CLIENT);
	uint64_t id = sock_id(fd);

	self->world.peer[CLIENT] = CLIENT;
	ASSERT_EQ(0, sock_bind(&self->world, fd, PORT));
	ASSERT_EQ(0, sock_connect(&self->world, fd, PORT));
	CHAIN(id, "CLOSE>SYN_SENT[open]>SYN_RECV[rcv_syn]>ESTABLISHED[rcv_ack]");
	sock_close(&self->world, fd);
	CHAIN(id, ">FIN_WAIT1[close]>CLOSING[rcv_fin]>TIME_WAIT[rcv_ack]");
}

/* The same socket tries again after a listener has come. */
TEST_F(open, refused_then_again)
{
	struct world *world = &self->world;
	int fd = sock_open(world, CLIENT);

	ASSERT_EQ(0, sock_connect(world, fd, PORT));
	ASSERT_TRUE(sock_wait(fd, POLLOUT));
	ASSERT_EQ(ECONNREFUSED, sock_error(fd));
	CHAIN(sock_id(fd), "CLOSE>SYN_SENT[open]>CLOSE[rcv_rst]");
	self->ends.listener = sock_listen(world, PORT, 8);
	CHAIN(sock_id(self->ends.listener), LISTENING);
	/* This call only reports that the last attempt has failed. */
	ASSERT_EQ(-1, sock_connect(world, fd, PORT));
	ASSERT_EQ(ECONNABORTED, errno);
	ASSERT_EQ(0, sock_connect(world, fd, PORT));
	CHAIN(sock_id(fd), OPENED);
	ASSERT_EQ(2, chain_of(world, sock_id(fd))->gen);
	CHAIN(sock_id(sock_accept(world, self->ends.listener)), ACCEPTED);
}

/* The server's host answers the SYN with an ICMP error. */
TEST_F(open, icmp)
{
	int fd = sock_open(&self->world, CLIENT);

	/* A socket ignores ICMP errors while it is still in its call. */
	DO(world_hold(&self->world, SERVER));
	DO(world_filter(&self->world, SERVER, "input",
			"tcp flags syn reject with icmpx type port-unreachable"));
	ASSERT_EQ(0, sock_connect(&self->world, fd, PORT));
	DO(world_release(&self->world, SERVER));
	/*
	 * Do not use poll() here. The kernel wakes the caller when it puts the message into
	 * the socket's error queue, which is before it sets the error.
	 */
	CHAIN(sock_id(fd), "CLOSE>SYN_SENT[open]>CLOSE[icmp]");
	ASSERT_EQ(ECONNREFUSED, sock_error(fd));
}

/* The SYN is never answered. */
TEST_F(open, timeout)
{
	int fd = sock_open(&self->world, CLIENT);

	DO(world_filter(&self->world, SERVER, "input", "tcp flags syn drop"));
	ASSERT_EQ(0, sock_set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 100));
	ASSERT_EQ(0, sock_connect(&self->world, fd, PORT));
	CHAIN(sock_id(fd), "CLOSE>SYN_SENT[open]>CLOSE[rto]");
	ASSERT_EQ(ETIMEDOUT, sock_error(fd));
}

TEST_F(open, closed_before_answer)
{
	int fd = sock_open(&self->world, CLIENT);
	uint64_t id = sock_id(fd);

	DO(world_filter(&self->world, SERVER, "input", "tcp flags syn drop"));
	ASSERT_EQ(0, sock_connect(&self->world, fd, PORT));
	CHAIN(id, "CLOSE>SYN_SENT[open]");
	sock_close(&self->world, fd);
	CHAIN(id, ">CLOSE[close]");
}

TEST_F(open, shut_down_before_answer)
{
	int fd = sock_open(&self->world, CLIENT);

	DO(world_filter(&self->world, SERVER, "input", "tcp flags syn drop"));
	ASSERT_EQ(0, sock_connect(&self->world, fd, PORT));
	ASSERT_EQ(0, shutdown(fd, SHUT_WR));
	CHAIN(sock_id(fd), "CLOSE>SYN_SENT[open]>CLOSE[abort]");
}

/* Each disconnect ends a generation, while the socket connects and when it is connected. */
TEST_F(open, disconnected)
{
	struct world *world = &self->world;
	int fd = sock_open(world, CLIENT), server;
	uint64_t id = sock_id(fd);
	uint32_t gen;

	DO(world_filter(world, SERVER, "input", "tcp flags syn drop"));
	ASSERT_EQ(0, sock_connect(world, fd, PORT));
	ASSERT_EQ(0, sock_disconnect(fd));
	CHAIN(id, "CLOSE>SYN_SENT[open]>CLOSE[abort]");
	DO(world_unfilter(world, SERVER));
	self->ends.listener = sock_listen(world, PORT, 8);
	CHAIN(sock_id(self->ends.listener), LISTENING);
	for (gen = 2; gen < 5; gen++) {
		ASSERT_EQ(0, sock_connect(world, fd, PORT));
		CHAIN(id, OPENED);
		server = sock_accept(world, self->ends.listener);
		CHAIN(sock_id(server), ACCEPTED);
		ASSERT_EQ(0, sock_disconnect(fd));
		CHAIN(id, ">CLOSE[abort]");
		CHAIN(sock_id(server), ">CLOSE[rcv_rst]");
		ASSERT_EQ(gen, chain_of(world, id)->gen);
		ASSERT_EQ(id, sock_id(fd));
	}
}

/* All ports of the range are taken, so the event has no port. */
TEST_F(open, no_port_left)
{
	struct world *world = &self->world;
	int fd;

	DO(world_sysctl(world, CLIENT, "ipv4/ip_local_port_range", "40000 40000"));
	ESTABLISH();
	ASSERT_EQ(40000, sock_port(self->ends.client));
	fd = sock_open(world, CLIENT);
	ASSERT_EQ(-1, sock_connect(world, fd, PORT));
	ASSERT_EQ(EADDRNOTAVAIL, errno);
	CHAIN(sock_id(fd), NOT_OPENED);
	ASSERT_EQ(0, chain_of(world, sock_id(fd))->lport);
	/* The same socket gets a port once there is one. */
	DO(world_sysctl(world, CLIENT, "ipv4/ip_local_port_range", "40000 40002"));
	ASSERT_EQ(0, sock_connect(world, fd, PORT));
	CHAIN(sock_id(fd), OPENED);
	ASSERT_EQ(2, chain_of(world, sock_id(fd))->gen);
	ASSERT_NE(0, chain_of(world, sock_id(fd))->lport);
	CHAIN(sock_id(sock_accept(world, self->ends.listener)), ACCEPTED);
}

/* A connection with the same addresses and ports exists already. */
TEST_F(open, not_unique)
{
	struct world *world = &self->world;
	int fd[2], i;

	self->ends.listener = sock_listen(world, PORT, 8);
	CHAIN(sock_id(self->ends.listener), LISTENING);
	for (i = 0; i < 2; i++) {
		fd[i] = sock_open(world, CLIENT);
		ASSERT_EQ(0, sock_set(fd[i], SOL_SOCKET, SO_REUSEADDR, 1));
		ASSERT_EQ(0, sock_bind(world, fd[i], 12345));
	}
	ASSERT_EQ(0, sock_connect(world, fd[0], PORT));
	CHAIN(sock_id(fd[0]), OPENED);
	CHAIN(sock_id(sock_accept(world, self->ends.listener)), ACCEPTED);
	ASSERT_EQ(-1, sock_connect(world, fd[1], PORT));
	ASSERT_EQ(EADDRNOTAVAIL, errno);
	CHAIN(sock_id(fd[1]), NOT_OPENED);
	ASSERT_EQ(12345, chain_of(world, sock_id(fd[1]))->lport);
}

/* There is no route. The kernel sees this before it enters SYN_SENT. */
TEST_F(open, unreachable)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
				   .sin6_port = htons(PORT),
				   .sin6_addr = { { { 0xfd, 1 } } } };
	struct sockaddr_in v4 = { .sin_family = AF_INET,
				  .sin_port = htons(PORT),
				  .sin_addr = { htonl(0x0a080001) } };
	int fd = sock_open(&self->world, CLIENT);

	ASSERT_EQ(-1, variant->family.domain == AF_INET ?
			      connect(fd, (struct sockaddr *)&v4, sizeof(v4)) :
			      connect(fd, (struct sockaddr *)&v6, sizeof(v6)));
	ASSERT_EQ(ENETUNREACH, errno);
	DO(sock_mark(&self->world, CLIENT));
	DO(chain_none_of(&self->world, sock_id(fd)));
}

/* The listener keeps no state for the SYN, so both events come with the ACK. */
TEST_F(open, syncookie)
{
	struct world *world = &self->world;

	DO(world_sysctl(world, SERVER, "ipv4/tcp_syncookies", "2"));
	DO(sock_establish(world, &self->ends));
	CHAIN(self->ends.listener_id, LISTENING);
	CHAIN(self->ends.client_id, OPENED);
	CHAIN(self->ends.server_id,
	      "LISTEN>SYN_RECV[rcv_syn|rcv_ack,syncookie]>ESTABLISHED[rcv_ack,syncookie]");
	sock_close(world, self->ends.client);
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]");
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
}

/* A SYN that was answered with a cookie gives no event without the ACK. */
TEST_F(open, syncookie_unused)
{
	struct world *world = &self->world;
	int fd = sock_open(world, CLIENT);
	uint64_t id = sock_id(fd);

	DO(world_sysctl(world, SERVER, "ipv4/tcp_syncookies", "2"));
	DO(world_filter(world, CLIENT, "input", "tcp flags & (syn|ack) == syn|ack reject"));
	self->ends.listener = sock_listen(world, PORT, 8);
	CHAIN(sock_id(self->ends.listener), LISTENING);
	ASSERT_EQ(0, sock_connect(world, fd, PORT));
	CHAIN(id, "CLOSE>SYN_SENT[open]");
	sock_close(world, fd);
	CHAIN(id, ">CLOSE[close]");
}

static bool enable_fastopen(struct world *world, int listener)
{
	world->fastopen = true;
	return world_sysctl(world, CLIENT, "ipv4/tcp_fastopen", CLIENT_FASTOPEN) &&
	       world_sysctl(world, SERVER, "ipv4/tcp_fastopen", SERVER_FASTOPEN) &&
	       (!sock_set(listener, IPPROTO_TCP, TCP_FASTOPEN, 8) ||
		world_fail(world, "TCP_FASTOPEN: %s", strerror(errno)));
}

static bool send_fast(struct world *world, int fd)
{
	if (sock_set(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1) || sock_connect(world, fd, PORT) ||
	    send(fd, "hello", 5, 0) != 5)
		return world_fail(world, "send: %s", strerror(errno));
	return true;
}

/* The child exists in SYN_RECV as soon as the SYN has come, and can be used. */
TEST_F(open, fastopen)
{
	struct world *world = &self->world;
	int client = sock_open(world, CLIENT);
	int listener = sock_listen(world, PORT, 8), server;
	char buf[8];

	CHAIN(sock_id(listener), LISTENING);
	DO(enable_fastopen(world, listener));
	DO(world_hold(world, SERVER));
	DO(send_fast(world, client));
	server = sock_accept(world, listener);
	ASSERT_EQ(TCP_SYN_RECV, sock_state(server));
	CHAIN(sock_id(server), "LISTEN>SYN_RECV[rcv_syn,fastopen]");
	ASSERT_EQ(5, recv(server, buf, sizeof(buf), 0));
	DO(world_release(world, SERVER));
	CHAIN(sock_id(client), OPENED);
	CHAIN(sock_id(server), ">ESTABLISHED[rcv_ack,fastopen]");
}

/* The child closes before the ACK of its SYN has come. */
TEST_F(open, fastopen_closed_early)
{
	struct world *world = &self->world;
	int client = sock_open(world, CLIENT);
	int listener = sock_listen(world, PORT, 8), server;
	uint64_t id;
	char buf[8];

	CHAIN(sock_id(listener), LISTENING);
	DO(enable_fastopen(world, listener));
	DO(world_hold(world, SERVER));
	DO(send_fast(world, client));
	server = sock_accept(world, listener);
	id = sock_id(server);
	ASSERT_EQ(5, recv(server, buf, sizeof(buf), 0));
	sock_close(world, server);
	DO(world_release(world, SERVER));
	CHAIN(id, "LISTEN>SYN_RECV[rcv_syn,fastopen]>FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]");
	CHAIN(sock_id(client), OPENED ">CLOSE_WAIT[rcv_fin]");
}

/* The child is reset before the ACK of its SYN has come. */
TEST_F(open, fastopen_reset)
{
	struct world *world = &self->world;
	int client = sock_open(world, CLIENT);
	int listener = sock_listen(world, PORT, 8), server;

	CHAIN(sock_id(listener), LISTENING);
	DO(enable_fastopen(world, listener));
	DO(world_filter(world, CLIENT, "input",
			"tcp flags & (syn|ack) == syn|ack reject with tcp reset"));
	DO(send_fast(world, client));
	server = sock_accept(world, listener);
	CHAIN(sock_id(server), "LISTEN>SYN_RECV[rcv_syn,fastopen]>CLOSE[rcv_rst]");
	CHAIN(sock_id(client), "CLOSE>SYN_SENT[open]");
}

TEST_HARNESS_MAIN
