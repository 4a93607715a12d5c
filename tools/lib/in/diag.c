// SPDX-License-Identifier: GPL-2.0
/*
 * diag.c - ask the kernel (inet_diag) for the TCP sockets of a network namespace
 */
#include "in/diag.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define BUFFER_SIZE (256 * 1024)

/**
 * struct dump - a dump that is under way
 * @netns: inode number of the namespace
 * @fn: called for each socket
 * @arg: for @fn
 */
struct dump {
	uint32_t netns;
	fsm_diag_fn fn;
	void *arg;
};

static int note_attr(const struct nlattr *attr, void *data)
{
	struct fsm_diag *diag = data;

	if (mnl_attr_get_type(attr) == INET_DIAG_CGROUP_ID &&
	    mnl_attr_validate(attr, MNL_TYPE_U64) >= 0)
		diag->cgroup = mnl_attr_get_u64(attr);
	return MNL_CB_OK;
}

/* The module shows IPv4 on a socket of IPv6 as IPv4, too. */
static void unmap(struct fsm_diag *diag)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	if (diag->family != AF_INET6 || memcmp(diag->laddr, prefix, sizeof(prefix)))
		return;
	diag->family = AF_INET;
	memmove(diag->laddr, diag->laddr + 12, 4);
	memset(diag->laddr + 4, 0, 12);
	memmove(diag->raddr, diag->raddr + 12, 4);
	memset(diag->raddr + 4, 0, 12);
}

static int note_socket(const struct nlmsghdr *head, void *data)
{
	const struct inet_diag_msg *msg = mnl_nlmsg_get_payload(head);
	const struct dump *dump = data;
	struct fsm_diag diag = { .netns = dump->netns };
	size_t len;

	if (mnl_nlmsg_get_payload_len(head) < sizeof(*msg))
		return MNL_CB_ERROR;
	diag.id = msg->id.idiag_cookie[0] | (uint64_t)msg->id.idiag_cookie[1] << 32;
	diag.uid = msg->idiag_uid;
	diag.family = msg->idiag_family;
	diag.lport = ntohs(msg->id.idiag_sport);
	diag.rport = ntohs(msg->id.idiag_dport);
	len = msg->idiag_family == AF_INET ? 4 : 16;
	memcpy(diag.laddr, msg->id.idiag_src, len);
	memcpy(diag.raddr, msg->id.idiag_dst, len);
	unmap(&diag);
	diag.state = msg->idiag_state;
	diag.inode = msg->idiag_inode;
	diag.queue = msg->idiag_rqueue;
	diag.backlog = msg->idiag_wqueue;
	mnl_attr_parse(head, sizeof(*msg), note_attr, &diag);
	dump->fn(&diag, dump->arg);
	return MNL_CB_OK;
}

static int ask(struct mnl_socket *nl, unsigned int family, unsigned int states, void *buf)
{
	struct inet_diag_req_v2 *req;
	struct nlmsghdr *head;

	head = mnl_nlmsg_put_header(buf);
	head->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	head->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	req = mnl_nlmsg_put_extra_header(head, sizeof(*req));
	req->sdiag_family = (uint8_t)family;
	req->sdiag_protocol = IPPROTO_TCP;
	req->idiag_states = states;
	return mnl_socket_sendto(nl, head, head->nlmsg_len) < 0 ? -1 : 0;
}

static int receive(struct mnl_socket *nl, struct dump *dump, void *buf)
{
	int more = MNL_CB_OK;

	while (more > MNL_CB_STOP) {
		ssize_t n = mnl_socket_recvfrom(nl, buf, BUFFER_SIZE);

		if (n < 0)
			return -1;
		more = mnl_cb_run(buf, (size_t)n, 0, 0, note_socket, dump);
	}
	return more < 0 ? -1 : 0;
}

/**
 * fsm_diag_dump() - look at all sockets of this process's network namespace
 * @states: a bit for each state that is of interest
 * @netns: inode number of that namespace
 * @fn: called for each of them
 * @arg: for @fn
 *
 * Return: 0, or -1 with errno set.
 */
int fsm_diag_dump(unsigned int states, uint32_t netns, fsm_diag_fn fn, void *arg)
{
	static const unsigned int families[] = { AF_INET, AF_INET6 };
	static char buf[BUFFER_SIZE];
	struct dump dump = { .netns = netns, .fn = fn, .arg = arg };
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	int error = 0;
	size_t i;

	if (!nl)
		return -1;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		error = errno;
	for (i = 0; i < sizeof(families) / sizeof(families[0]) && !error; i++)
		/* A kernel without IPv6 does not know its sockets. */
		if ((ask(nl, families[i], states, buf) || receive(nl, &dump, buf)) &&
		    errno != ENOENT)
			error = errno;
	mnl_socket_close(nl);
	errno = error;
	return error ? -1 : 0;
}
