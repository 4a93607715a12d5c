// SPDX-License-Identifier: GPL-2.0
/*
 * diag.c - sockets as inet_diag shows them, and their end from outside
 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "diag.h"
#include "netlink.h"

/* Takes one message of the answer. Returns 1 if more follow, 0 if not, or a negative errno. */
static int take(const struct nlmsghdr *message, struct inet_diag_msg *sockets, int max, int *n)
{
	switch (message->nlmsg_type) {
	case NLMSG_DONE:
		return 0;
	case NLMSG_ERROR:
		return ((struct nlmsgerr *)NLMSG_DATA(message))->error;
	case SOCK_DIAG_BY_FAMILY:
		if (*n == max)
			return -ENOSPC;
		memcpy(&sockets[(*n)++], NLMSG_DATA(message), sizeof(*sockets));
		return 1;
	default:
		return -EPROTO;
	}
}

static int find(int fd, int family, unsigned int states, struct inet_diag_msg *sockets, int max)
{
	const struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 body;
	} question = {
		.header = {
			.nlmsg_len = sizeof(question),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
		.body = {
			.sdiag_family = family,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_states = states,
		},
	};
	struct {
		struct nlmsghdr first;
		char room[16384];
	} answer;
	int more = 1, n = 0;

	if (send(fd, &question, sizeof(question), 0) < 0)
		return -errno;
	while (more > 0) {
		struct nlmsghdr *message = &answer.first;
		ssize_t len = recv(fd, &answer, sizeof(answer), 0);

		if (len < 0)
			return -errno;
		for (; more > 0 && NLMSG_OK(message, len); message = NLMSG_NEXT(message, len))
			more = take(message, sockets, max, &n);
	}
	return more ?: n;
}

/**
 * diag_find() - which TCP sockets are there?
 * @fd: from netlink_open(NETLINK_SOCK_DIAG)
 * @states: in which states, a bit of 1 << TCP_... each
 * @sockets: filled in
 * @max: how many there is room for
 *
 * Return: how many there are, or a negative errno; -ENOSPC: more than @max.
 */
int diag_find(int fd, unsigned int states, struct inet_diag_msg *sockets, int max)
{
	int v4, v6;

	v4 = find(fd, AF_INET, states, sockets, max);
	if (v4 < 0)
		return v4;
	v6 = find(fd, AF_INET6, states, sockets + v4, max - v4);
	return v6 < 0 ? v6 : v4 + v6;
}

/**
 * diag_destroy() - end a socket from outside, as "ss -K" does
 * @fd: from netlink_open(NETLINK_SOCK_DIAG)
 * @which: from diag_find()
 *
 * Return: 0 or a negative errno; -EOPNOTSUPP: this kernel does not do that to such a socket.
 */
int diag_destroy(int fd, const struct inet_diag_msg *which)
{
	const struct inet_diag_req_v2 body = {
		.sdiag_family = which->idiag_family,
		.sdiag_protocol = IPPROTO_TCP,
		.id = which->id,
	};

	return netlink_order(fd, SOCK_DESTROY, &body, sizeof(body));
}
