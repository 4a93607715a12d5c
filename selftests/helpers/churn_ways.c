// SPDX-License-Identifier: GPL-2.0
/*
 * churn_ways.c - a batch of connections: opened together, ended in one way
 */
#define _GNU_SOURCE /* accept4() */
#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "churn.h"

#define BACKLOG	      1024
#define HOSTS	      250
#define REFUSING_PORT 9

#define SYNACK_RETRIES 1 /* of a listener that is to forget */

/* Where segments are lost, seconds: */
#define ALIVE_IDLE  5  /* until an end asks whether the other one is still there */
#define ALIVE_ASK   1  /* between one such question and the next */
#define ALIVE_TRIES 20 /* questions, of which one must get through */

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t address(union address *a, int family, const struct in6_addr *host, uint16_t port)
{
	memset(a, 0, sizeof(*a));
	a->sa.sa_family = family;
	if (family == AF_INET) {
		memcpy(&a->in.sin_addr, host, sizeof(a->in.sin_addr));
		a->in.sin_port = htons(port);
		return sizeof(a->in);
	}
	a->in6.sin6_addr = *host;
	a->in6.sin6_port = htons(port);
	return sizeof(a->in6);
}

static void set_option(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		err(2, "socket option %d.%d", level, option);
}

/* A reset that is lost is not sent again: whoever waits for it has to ask. */
static void keep_alive(int fd)
{
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, ALIVE_IDLE);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, ALIVE_ASK);
	set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, ALIVE_TRIES);
}

static int open_listener(struct churn *c, const struct churn_path *p, uint16_t *port)
{
	int family = p->mapped ? AF_INET6 : p->family, fd;
	union address a;
	socklen_t len = address(&a, family, &in6addr_any, 0);

	churn_enter(p->server_ns);
	fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, &a.sa, len) || listen(fd, BACKLOG) || getsockname(fd, &a.sa, &len))
		err(2, "listener");
	*port = ntohs(family == AF_INET ? a.in.sin_port : a.in6.sin6_port);
	c->counts[CHURN_LISTENED]++;
	return fd;
}

/**
 * churn_listen - open a path's listener, on a port of its own
 * @c: the process's work
 * @p: the path; @p->listener and @p->port are set
 */
void churn_listen(struct churn *c, struct churn_path *p)
{
	p->listener = open_listener(c, p, &p->port);
	/* What is accepted inherits it. */
	if (c->lossy)
		keep_alive(p->listener);
}

/**
 * churn_listen_forgetfully - open a path's listener for SYNs that nothing follows
 * @c: the process's work
 * @p: the path; @p->forgetful and @p->forgetful_port are set
 *
 * It forgets them after 3 seconds, which a connection's listener must not: on a busy machine
 * the last segment of a handshake may take longer to be dealt with.
 */
void churn_listen_forgetfully(struct churn *c, struct churn_path *p)
{
	if (p->forgetful >= 0)
		return;
	p->forgetful = open_listener(c, p, &p->forgetful_port);
	set_option(p->forgetful, IPPROTO_TCP, TCP_SYNCNT, SYNACK_RETRIES);
}

/**
 * churn_destination - an address of the present path's server
 * @c: the process's work
 * @turn: which one
 *
 * Many, so that ports do not run out while 2MSL lasts.
 *
 * Return: the address, an IPv4 one in its first bytes.
 */
struct in6_addr churn_destination(struct churn *c, uint32_t turn)
{
	struct in6_addr to = c->path->to;
	int last = c->path->family == AF_INET ? 3 : 15;

	to.s6_addr[last - 1] += c->worker;
	to.s6_addr[last] = 1 + turn % HOSTS;
	return to;
}

static int connect_to(struct churn *c, uint16_t port, int flags)
{
	struct in6_addr to = churn_destination(c, c->turn++);
	union address a;
	socklen_t len = address(&a, c->path->family, &to, port);
	int fd = socket(c->path->family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

	if (fd < 0)
		err(2, "socket");
	if (c->lossy)
		keep_alive(fd);
	c->counts[CHURN_CONNECTS]++;
	if (connect(fd, &a.sa, len) && errno != EINPROGRESS && errno != ECONNREFUSED &&
	    !(c->lossy && errno == ETIMEDOUT))
		err(2, "connect");
	return fd;
}

static void connect_all(struct churn *c, const struct churn_path *p)
{
	churn_enter(p->client_ns);
	for (int i = 0; i < c->n; i++)
		c->client[i] = connect_to(c, p->port, SOCK_NONBLOCK);
}

static void close_all(const int *fds, int n)
{
	for (int i = 0; i < n; i++)
		close(fds[i]);
}

/*
 * A client may believe in a connection that the listener has forgotten, since the
 * last segment of the handshake was lost, and so was each repetition. The
 * listener ends, too: what it may still get belongs to no later batch.
 */
static void give_up_batch(struct churn *c)
{
	close_all(c->client, c->n);
	close_all(c->server, c->accepted);
	close(c->path->listener);
	churn_listen(c, c->path);
	c->counts[CHURN_GIVEN_UP] += c->n;
}

/* Returns whether there are as many connections as there should be. */
static bool open_batch(struct churn *c)
{
	connect_all(c, c->path);
	while (c->accepted < c->n) {
		if (!churn_can_accept(c)) {
			give_up_batch(c);
			return false;
		}
		c->server[c->accepted] =
			accept4(c->path->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (c->server[c->accepted++] < 0)
			err(2, "accept");
	}
	/* Whoever was accepted has acknowledged the SYN-ACK. */
	c->counts[CHURN_CONNECTED] += c->n;
	c->counts[CHURN_ACCEPTED] += c->n;
	return true;
}

/* Wait for the other end to be gone, one way or the other. */
static void read_to_end(struct churn *c, int fd)
{
	char buf[64];

	for (;;) {
		ssize_t n = recv(fd, buf, sizeof(buf), 0);

		if (!n) {
			c->counts[CHURN_ENDS_OF_FILE]++;
			return;
		}
		if (n > 0)
			continue;
		if (errno == ECONNRESET || (c->lossy && errno == ETIMEDOUT)) {
			c->counts[CHURN_RESETS]++;
			return;
		}
		if (errno != EAGAIN && errno != EINTR)
			err(2, "recv");
		churn_wait_for(c, fd, POLLIN);
	}
}

static void say(const int *fds, int n)
{
	static const char something[32];

	for (int i = 0; i < n; i++)
		if (send(fds[i], something, sizeof(something), MSG_NOSIGNAL) < 0)
			err(2, "send");
}

static void see_end_and_close(struct churn *c, const int *fds)
{
	for (int i = 0; i < c->n; i++) {
		read_to_end(c, fds[i]);
		close(fds[i]);
	}
}

static void orderly(struct churn *c, const int *first, const int *second)
{
	if (churn_random(c, 4) == 0)
		say(first, c->n);
	close_all(first, c->n);
	see_end_and_close(c, second);
}

/* Close A, close B, and let the FINs cross if they like. */
static void both_at_once(struct churn *c)
{
	for (int i = 0; i < c->n; i++) {
		close(c->client[i]);
		close(c->server[i]);
	}
}

static void reset(struct churn *c, const int *first, const int *second)
{
	static const struct linger linger = { .l_onoff = 1 };

	for (int i = 0; i < c->n; i++) {
		if (setsockopt(first[i], SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)))
			err(2, "SO_LINGER");
		close(first[i]);
	}
	see_end_and_close(c, second);
}

static void unread_data(struct churn *c)
{
	say(c->server, c->n);
	for (int i = 0; i < c->n; i++) {
		churn_wait_for(c, c->client[i], POLLIN);
		close(c->client[i]);
	}
	see_end_and_close(c, c->server);
}

/* A FIN from one end, a reset from the other. */
static void half_reset(struct churn *c)
{
	for (int i = 0; i < c->n; i++)
		if (shutdown(c->client[i], SHUT_WR))
			err(2, "shutdown");
	for (int i = 0; i < c->n; i++)
		churn_wait_for(c, c->server[i], POLLIN);
	reset(c, c->server, c->client);
}

/*
 * The listener is closed with connections in its queue, or just before it. A
 * client whose ACK came too late may never be told: so it says something, and
 * learns that nobody listens.
 */
static void unaccepted(struct churn *c)
{
	static const char anybody;
	struct churn_path p = *c->path;

	churn_listen(c, &p);
	connect_all(c, &p);
	for (int i = 0; i < c->n; i++)
		churn_wait_for(c, c->client[i], POLLOUT);
	close(p.listener);
	c->counts[CHURN_CONNECTED] += c->n;
	for (int i = 0; i < c->n; i++)
		send(c->client[i], &anybody, sizeof(anybody), MSG_NOSIGNAL);
	see_end_and_close(c, c->client);
}

/* The clients leave; the servers do not notice until FIN_WAIT2 has timed out. */
static void abandon(struct churn *c)
{
	close_all(c->client, c->n);
	for (int i = 0; i < c->n; i++) {
		int slot = c->ndeferred++ % CHURN_DEFERRED;

		if (c->ndeferred > CHURN_DEFERRED)
			close(c->deferred[slot]);
		c->deferred[slot] = c->server[i];
	}
}

static void refused(struct churn *c)
{
	churn_enter(c->path->client_ns);
	for (int i = 0; i < c->n; i++)
		close(connect_to(c, REFUSING_PORT, 0));
}

static void lone_syns(struct churn *c, bool answering)
{
	for (int i = 0; i < c->n; i++)
		churn_syn(c, answering);
}

/**
 * churn_batch - make connections and end them
 * @c: the process's work
 * @way: how they end
 * @n: how many, at most CHURN_BATCH
 */
void churn_batch(struct churn *c, enum churn_count way, int n)
{
	c->way = way;
	c->n = n;
	c->accepted = 0;
	churn_be_patient(c);
	c->counts[way] += n;
	if (way < CHURN_UNACCEPTED && !open_batch(c))
		return;
	switch (way) {
	case CHURN_CLIENT_FIRST:
		orderly(c, c->client, c->server);
		break;
	case CHURN_SERVER_FIRST:
		orderly(c, c->server, c->client);
		break;
	case CHURN_BOTH_AT_ONCE:
		both_at_once(c);
		break;
	case CHURN_CLIENT_RESET:
		reset(c, c->client, c->server);
		break;
	case CHURN_SERVER_RESET:
		reset(c, c->server, c->client);
		break;
	case CHURN_UNREAD_DATA:
		unread_data(c);
		break;
	case CHURN_HALF_RESET:
		half_reset(c);
		break;
	case CHURN_ABANDONED:
		abandon(c);
		break;
	case CHURN_UNACCEPTED:
		unaccepted(c);
		break;
	case CHURN_REFUSED:
		refused(c);
		break;
	case CHURN_SYN_UNANSWERED:
		lone_syns(c, false);
		break;
	case CHURN_SYN_RESET:
		lone_syns(c, true);
		break;
	default:
		abort();
	}
}

/**
 * churn_finish - end what was left open
 * @c: the process's work
 */
void churn_finish(struct churn *c)
{
	close_all(c->deferred, c->ndeferred < CHURN_DEFERRED ? c->ndeferred : CHURN_DEFERRED);
	if (c->syns)
		churn_syns_arrived();
}
