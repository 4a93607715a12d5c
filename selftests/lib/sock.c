// SPDX-License-Identifier: GPL-2.0
/*
 * sock.c - TCP sockets on the two hosts
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "sock.h"

/* Outside the range that the kernel chooses from. */
#define MARK_PORT 9

/**
 * sock_open_protocol() - a non-blocking stream socket on a host
 * @world: the hosts
 * @side: which
 * @protocol: IPPROTO_TCP, IPPROTO_MPTCP
 *
 * Return: a file descriptor that world_end() will close, or -1.
 */
int sock_open_protocol(struct world *world, enum side side, int protocol)
{
	int fd, err;

	if (world->nr_fds == WORLD_MAX_FDS || !world_enter(world, side))
		return -1;
	fd = socket(world->family->domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	err = errno;
	if (!world_return(world))
		return -1;
	if (fd < 0) {
		world_fail(world, "socket: %s", strerror(err));
		errno = err;
		return -1;
	}
	world->fds[world->nr_fds] = fd;
	world->fd_side[world->nr_fds++] = side;
	return fd;
}

int sock_open(struct world *world, enum side side)
{
	return sock_open_protocol(world, side, IPPROTO_TCP);
}

static int index_of(const struct world *world, int fd)
{
	unsigned int i;

	for (i = 0; i < world->nr_fds; i++)
		if (world->fds[i] == fd)
			return i;
	return -1;
}

void sock_close(struct world *world, int fd)
{
	int i = index_of(world, fd);

	if (i < 0)
		return;
	close(fd);
	world->nr_fds--;
	world->fds[i] = world->fds[world->nr_fds];
	world->fd_side[i] = world->fd_side[world->nr_fds];
}

void sock_close_all(struct world *world, enum side side)
{
	unsigned int i = world->nr_fds;

	while (i-- > 0)
		if (world->fd_side[i] == side)
			sock_close(world, world->fds[i]);
}

static socklen_t make_address(const struct world *world, enum side side, uint16_t port,
			      struct sockaddr_storage *address)
{
	struct sockaddr_in6 *in6 = (void *)address;
	struct sockaddr_in *in = (void *)address;

	memset(address, 0, sizeof(*address));
	address->ss_family = world->family->domain;
	if (world->family->domain == AF_INET) {
		in->sin_port = htons(port);
		inet_pton(AF_INET, world->family->addr[side], &in->sin_addr);
		return sizeof(*in);
	}
	in6->sin6_port = htons(port);
	inet_pton(AF_INET6, world->family->addr[side], &in6->sin6_addr);
	return sizeof(*in6);
}

static enum side side_of(const struct world *world, int fd)
{
	int i = index_of(world, fd);

	return i < 0 ? CLIENT : world->fd_side[i];
}

/**
 * sock_bind() - bind a socket to its host's address
 * @world: the hosts
 * @fd: the socket
 * @port: port, 0: any
 *
 * Return: 0 or -1 with errno set.
 */
int sock_bind(struct world *world, int fd, uint16_t port)
{
	struct sockaddr_storage address;
	socklen_t len = make_address(world, side_of(world, fd), port, &address);

	return bind(fd, (struct sockaddr *)&address, len);
}

/**
 * sock_listen() - a listener of the server's
 * @world: the hosts
 * @port: port
 * @backlog: connections that may wait
 *
 * Return: the socket, or -1.
 */
int sock_listen(struct world *world, uint16_t port, int backlog)
{
	int fd = sock_open(world, SERVER);

	if (fd < 0 || sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1) || sock_bind(world, fd, port) ||
	    listen(fd, backlog))
		return -1;
	return fd;
}

/**
 * sock_connect() - begin to connect to a port of the other host
 * @world: the hosts
 * @fd: the socket
 * @port: port
 *
 * Return: 0 when it is on its way, or -1 with errno set.
 */
int sock_connect(struct world *world, int fd, uint16_t port)
{
	struct sockaddr_storage address;
	socklen_t len = make_address(world, world->peer[side_of(world, fd)], port, &address);
	int ret = connect(fd, (struct sockaddr *)&address, len);

	return ret && errno == EINPROGRESS ? 0 : ret;
}

int sock_disconnect(int fd)
{
	struct sockaddr address = { .sa_family = AF_UNSPEC };

	return connect(fd, &address, sizeof(address));
}

/**
 * sock_accept() - accept a connection, wait for it if there is none
 * @world: the hosts
 * @listener: the listener
 *
 * Return: the socket, which world_end() will close, or -1.
 */
int sock_accept(struct world *world, int listener)
{
	int fd;

	if (world->nr_fds == WORLD_MAX_FDS || !sock_wait(listener, POLLIN))
		return -1;
	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return -1;
	world->fds[world->nr_fds] = fd;
	world->fd_side[world->nr_fds++] = side_of(world, listener);
	return fd;
}

int sock_set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

int sock_reset_on_close(int fd)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/**
 * sock_wait() - wait until a socket is ready
 * @fd: the socket
 * @events: for what, as poll() calls it
 *
 * Return: false if it does not become ready.
 */
bool sock_wait(int fd, short events)
{
	struct pollfd pollfd = { .fd = fd, .events = events };
	uint64_t deadline = clock_patience();

	/* An error or a hang-up that nobody has asked for is reported just the same. */
	return poll(&pollfd, 1, clock_left_ms(deadline)) == 1;
}

/**
 * sock_fill() - send until the other end has no room for more
 * @world: the hosts
 * @fd: the socket
 */
bool sock_fill(struct world *world, int fd)
{
	static const char data[65536];
	uint64_t deadline = clock_patience();
	int queued, unsent;

	do {
		while (send(fd, data, sizeof(data), 0) > 0)
			;
		if (ioctl(fd, SIOCOUTQ, &queued) || ioctl(fd, SIOCOUTQNSD, &unsent))
			break;
		/* All that was sent has arrived, and no more is sent. */
		if (unsent && queued == unsent)
			return true;
	} while (clock_left_ms(deadline) && !poll(NULL, 0, 10));
	return world_fail(world, "the window does not close");
}

/* The error that a socket has pending, which is taken from it; 0: none. */
int sock_error(int fd)
{
	int err = 0;
	socklen_t len = sizeof(err);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) ? errno : err;
}

/* The kernel's own idea of the state. */
int sock_state(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) ? -1 : info.tcpi_state;
}

/* How many segments a connection has sent again; a SYN counts. */
int sock_retransmits(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) ? -1 :
								    (int)info.tcpi_total_retrans;
}

uint64_t sock_id(int fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
	return cookie;
}

uint16_t sock_port(int fd)
{
	struct sockaddr_in6 address = { 0 };
	socklen_t len = sizeof(address);

	/* The port is at the same place in both kinds of address. */
	getsockname(fd, (struct sockaddr *)&address, &len);
	return ntohs(address.sin6_port);
}

/**
 * sock_establish() - a connection from the client to the server
 * @world: the hosts
 * @ends: to fill in; a listener that is there already is used
 *
 * Return: false if that did not work.
 */
bool sock_establish(struct world *world, struct ends *ends)
{
	if (!ends->listener)
		ends->listener = sock_listen(world, PORT, 8);
	ends->client = sock_open(world, CLIENT);
	if (ends->listener < 0 || ends->client < 0)
		return world_fail(world, "no sockets: %s", strerror(errno));
	ends->listener_id = sock_id(ends->listener);
	ends->client_id = sock_id(ends->client);
	if (sock_connect(world, ends->client, sock_port(ends->listener)) ||
	    !sock_wait(ends->client, POLLOUT))
		return world_fail(world, "cannot connect: %s", strerror(errno));
	ends->server = sock_accept(world, ends->listener);
	if (ends->server < 0)
		return world_fail(world, "cannot accept: %s", strerror(errno));
	ends->server_id = sock_id(ends->server);
	return true;
}

/**
 * sock_mark() - wait until the stream has come up to the present
 * @world: the hosts
 * @side: which
 *
 * A listener comes and goes; whatever happened before is in the stream before it.
 */
bool sock_mark(struct world *world, enum side side)
{
	struct sockaddr_in6 any = { .sin6_family = world->family->domain,
				    .sin6_port = htons(MARK_PORT) };
	socklen_t len = any.sin6_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(any);
	int fd = sock_open(world, side);
	uint64_t id = sock_id(fd);

	world->any_address = true;
	if (bind(fd, (struct sockaddr *)&any, len) || listen(fd, 1))
		return world_fail(world, "no marker: %s", strerror(errno));
	sock_close(world, fd);
	return chain_expect(world, id, "CLOSE>LISTEN[listen]>CLOSE[close]");
}
