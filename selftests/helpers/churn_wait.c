// SPDX-License-Identifier: GPL-2.0
/*
 * churn_wait.c - wait for the other end, with a limit to it
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "churn.h"

/* Where segments are lost, seconds for a handshake, whose last one may never come */
#define ACCEPT_WITHIN 20

static volatile sig_atomic_t out_of_patience;

static void on_alarm(int sig)
{
	(void)sig;
	out_of_patience = 1;
}

/**
 * churn_be_patient - begin to wait for a batch, @c->patience seconds at most
 * @c: the process's work
 */
void churn_be_patient(const struct churn *c)
{
	/* Again each second: the first one may come just before a system call. */
	const struct itimerval limit = { { .tv_sec = 1 }, { .tv_sec = c->patience } };

	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &limit, NULL);
}

/* The ID is the one that the module tells of the connection. */
static void print_ends(const char *name, const int *fds, int n)
{
	struct tcp_info info;
	uint64_t cookie;
	socklen_t len;

	for (int i = 0; i < n; i++) {
		len = sizeof(info);
		if (getsockopt(fds[i], IPPROTO_TCP, TCP_INFO, &info, &len))
			continue;
		len = sizeof(cookie);
		if (getsockopt(fds[i], SOL_SOCKET, SO_COOKIE, &cookie, &len))
			cookie = 0;
		fprintf(stderr,
			"%s %d: ID %" PRIx64 ", state %d, unacknowledged %u, retransmits %u\n",
			name, i, cookie, info.tcpi_state, info.tcpi_unacked, info.tcpi_retransmits);
	}
}

/* There is no use in going on: say how far it got. */
static void give_up(const struct churn *c)
{
	print_ends("client", c->client, c->n);
	print_ends("server", c->server, c->accepted);
	exit(2);
}

/* What was waited for has not come: say how far it got, and fail. */
static void check_patience(const struct churn *c)
{
	if (!out_of_patience)
		return;
	warnx("%u seconds have not been enough for %d connections (%s)", c->patience, c->n,
	      churn_name(c->way));
	give_up(c);
}

/* Returns how many came, within @ms milliseconds, -1: as long as there is patience. */
static int poll_patiently(const struct churn *c, struct pollfd *fds, int nfds, int ms)
{
	int n;

	while ((n = poll(fds, nfds, ms)) < 0) {
		if (errno != EINTR)
			err(2, "poll");
		check_patience(c);
	}
	return n;
}

/* Nobody ends a client before it is accepted: its connection is none. */
static void check_clients(const struct churn *c, const struct pollfd *clients)
{
	int error = 0;
	socklen_t len = sizeof(error);

	for (int i = 0; i < c->n; i++) {
		if (!clients[i].revents)
			continue;
		getsockopt(c->client[i], SOL_SOCKET, SO_ERROR, &error, &len);
		warnx("client %d has ended, %d of %d connections are accepted (%s): %s", i,
		      c->accepted, c->n, churn_name(c->way), strerror(error));
		give_up(c);
	}
}

/**
 * churn_can_accept - wait for the present path's listener, not for ever
 * @c: the process's work
 *
 * The process ends when patience does, and when one of the clients has ended, which nothing
 * would come of that is waited for. Where segments are lost both are to be expected.
 *
 * Return: whether there is a connection to accept.
 */
bool churn_can_accept(const struct churn *c)
{
	struct pollfd fds[1 + CHURN_BATCH] = { { .fd = c->path->listener, .events = POLLIN } };

	/* No event is asked for: an error or an end is told all the same. */
	for (int i = 0; i < c->n; i++)
		fds[1 + i] = (struct pollfd){ .fd = c->client[i] };
	if (!poll_patiently(c, fds, 1 + c->n, c->lossy ? 1000 * ACCEPT_WITHIN : -1))
		return false;
	if (!fds[0].revents && !c->lossy)
		check_clients(c, fds + 1);
	return fds[0].revents;
}

/**
 * churn_wait_for - wait for a socket as long as there is patience
 * @c: the process's work
 * @fd: the socket
 * @what: as for poll()
 */
void churn_wait_for(const struct churn *c, int fd, short what)
{
	struct pollfd p = { .fd = fd, .events = what };

	poll_patiently(c, &p, 1, -1);
}
