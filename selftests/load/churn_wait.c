// SPDX-License-Identifier: GPL-2.0
/*
 * churn_wait.c - wait for the other end, with a limit to it
 */
#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "churn.h"

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

static void print_ends(const char *name, const int *fds, int n)
{
	struct tcp_info info;
	socklen_t len;

	for (int i = 0; i < n; i++) {
		len = sizeof(info);
		if (!getsockopt(fds[i], IPPROTO_TCP, TCP_INFO, &info, &len))
			fprintf(stderr, "%s %d: state %d, unacknowledged %u, retransmits %u\n",
				name, i, info.tcpi_state, info.tcpi_unacked, info.tcpi_retransmits);
	}
}

/* What was waited for has not come: say how far it got, and fail. */
static void check_patience(const struct churn *c)
{
	if (!out_of_patience)
		return;
	warnx("%u seconds have not been enough for %d connections (%s)", c->patience, c->n,
	      churn_name(c->way));
	print_ends("client", c->client, c->n);
	print_ends("server", c->server, c->accepted);
	exit(2);
}

/**
 * churn_comes_within - wait for a socket, not for ever
 * @c: the process's work
 * @fd: the socket
 * @what: as for poll()
 * @ms: milliseconds, -1: as long as there is patience, else the process ends
 *
 * Return: whether it came.
 */
bool churn_comes_within(const struct churn *c, int fd, short what, int ms)
{
	struct pollfd p = { .fd = fd, .events = what };
	int n;

	while ((n = poll(&p, 1, ms)) < 0) {
		if (errno != EINTR)
			err(2, "poll");
		check_patience(c);
	}
	return n;
}

/**
 * churn_wait_for - wait for a socket as long as there is patience
 * @c: the process's work
 * @fd: the socket
 * @what: as for poll()
 */
void churn_wait_for(const struct churn *c, int fd, short what)
{
	churn_comes_within(c, fd, what, -1);
}
