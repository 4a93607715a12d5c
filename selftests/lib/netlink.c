// SPDX-License-Identifier: GPL-2.0
/*
 * netlink.c - the few things that hosts need of netlink
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink.h"

/**
 * struct request - a message that grows
 * @header: its beginning, with the length so far
 * @room: for everything behind it
 */
struct request {
	struct nlmsghdr header;
	char room[1024];
};

static void begin(struct request *request, int type, int flags, const void *body, size_t len)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_type = type;
	request->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	request->header.nlmsg_len = NLMSG_LENGTH(len);
	memcpy(NLMSG_DATA(&request->header), body, len);
}

/* An attribute; what follows can be put into it, see end_nest(). All fits in the room. */
static struct rtattr *put(struct request *request, int type, const void *data, size_t len)
{
	struct rtattr *attr = (void *)((char *)request + NLMSG_ALIGN(request->header.nlmsg_len));

	attr->rta_type = type;
	attr->rta_len = RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(attr), data, len);
	request->header.nlmsg_len =
		NLMSG_ALIGN(request->header.nlmsg_len) + RTA_ALIGN(attr->rta_len);
	return attr;
}

static void put_text(struct request *request, int type, const char *text)
{
	put(request, type, text, strlen(text) + 1);
}

static void end_nest(struct request *request, struct rtattr *attr)
{
	attr->rta_len = (char *)request + request->header.nlmsg_len - (char *)attr;
}

/**
 * struct answer - what comes back
 * @header: its beginning
 * @room: for everything behind it
 */
struct answer {
	struct nlmsghdr header;
	char room[8192];
};

static ssize_t exchange(int fd, const struct request *request, struct answer *answer)
{
	ssize_t len = send(fd, request, request->header.nlmsg_len, 0);

	if (len >= 0)
		len = recv(fd, answer, sizeof(*answer), 0);
	return len < 0 ? -errno : len;
}

/* Have something done. */
static int order(int fd, const struct request *request)
{
	struct answer answer;
	ssize_t len = exchange(fd, request, &answer);

	if (len < 0)
		return len;
	if (answer.header.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return ((struct nlmsgerr *)NLMSG_DATA(&answer.header))->error;
}

/* Ask for one object, which @answer then is, of this type. */
static int ask(int fd, struct request *request, struct answer *answer, int type)
{
	ssize_t len;

	request->header.nlmsg_flags = NLM_F_REQUEST;
	len = exchange(fd, request, answer);
	if (len < 0)
		return len;
	return answer->header.nlmsg_type == type ? 0 : -EPROTO;
}

/* For the namespace in which it is called. Returns a file descriptor. */
int netlink_open(int protocol)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	return fd < 0 ? -errno : fd;
}

/**
 * netlink_order() - have something done that takes no attributes
 * @fd: netlink socket
 * @type: of the message
 * @body: of the message
 * @len: of @body
 */
int netlink_order(int fd, int type, const void *body, size_t len)
{
	struct request request;

	begin(&request, type, 0, body, len);
	return order(fd, &request);
}

/**
 * netlink_wire() - a pair of Ethernet devices
 * @fd: netlink socket
 * @here: the end in the namespace of the socket
 * @there: the other end
 * @netns: file descriptor of the namespace of the other end
 */
int netlink_wire(int fd, const struct end *here, const struct end *there, int netns)
{
	static const struct ifinfomsg body;
	struct rtattr *info, *data, *peer;
	struct request request;
	uint32_t netns_fd = netns;

	begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof(body));
	put_text(&request, IFLA_IFNAME, here->name);
	put(&request, IFLA_ADDRESS, here->mac, sizeof(here->mac));
	info = put(&request, IFLA_LINKINFO, NULL, 0);
	put_text(&request, IFLA_INFO_KIND, "veth");
	data = put(&request, IFLA_INFO_DATA, NULL, 0);
	peer = put(&request, VETH_INFO_PEER, &body, sizeof(body));
	put_text(&request, IFLA_IFNAME, there->name);
	put(&request, IFLA_ADDRESS, there->mac, sizeof(there->mac));
	put(&request, IFLA_NET_NS_FD, &netns_fd, sizeof(netns_fd));
	end_nest(&request, peer);
	end_nest(&request, data);
	end_nest(&request, info);
	return order(fd, &request);
}

int netlink_up(int fd, int ifindex)
{
	const struct ifinfomsg body = {
		.ifi_index = ifindex,
		.ifi_flags = IFF_UP,
		.ifi_change = IFF_UP,
	};

	return netlink_order(fd, RTM_NEWLINK, &body, sizeof(body));
}

/**
 * netlink_works() - does a device send what it is given?
 * @fd: netlink socket
 * @ifindex: of the device
 *
 * A device that is up still drops everything until the kernel has noticed that there is
 * somebody at the other end, which it does in its own time.
 *
 * Return: 1 if it does, 0 if not yet, or a negative errno.
 */
int netlink_works(int fd, int ifindex)
{
	const struct ifinfomsg body = { .ifi_index = ifindex };
	struct request request;
	struct answer answer;
	struct rtattr *attr;
	int err, len;

	begin(&request, RTM_GETLINK, 0, &body, sizeof(body));
	err = ask(fd, &request, &answer, RTM_NEWLINK);
	if (err)
		return err;
	attr = IFLA_RTA(NLMSG_DATA(&answer.header));
	len = IFLA_PAYLOAD(&answer.header);
	for (; RTA_OK(attr, len); attr = RTA_NEXT(attr, len))
		if (attr->rta_type == IFLA_OPERSTATE)
			return *(uint8_t *)RTA_DATA(attr) == IF_OPER_UP;
	return -EPROTO;
}

static size_t parse_address(int family, const char *text, void *address)
{
	inet_pton(family, text, address);
	return family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
}

/* The address can be used at once: nobody else is asked whether it is taken. */
int netlink_address(int fd, int ifindex, int family, const char *address, int prefix)
{
	const struct ifaddrmsg body = {
		.ifa_family = family,
		.ifa_prefixlen = prefix,
		.ifa_flags = IFA_F_NODAD,
		.ifa_index = ifindex,
	};
	struct request request;
	struct in6_addr addr;
	size_t len = parse_address(family, address, &addr);

	begin(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof(body));
	put(&request, IFA_LOCAL, &addr, len);
	put(&request, IFA_ADDRESS, &addr, len);
	return order(fd, &request);
}

int netlink_neighbour(int fd, int ifindex, int family, const char *address, const uint8_t *mac)
{
	const struct ndmsg body = {
		.ndm_family = family,
		.ndm_ifindex = ifindex,
		.ndm_state = NUD_PERMANENT,
	};
	struct request request;
	struct in6_addr addr;
	size_t len = parse_address(family, address, &addr);

	begin(&request, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &body, sizeof(body));
	put(&request, NDA_DST, &addr, len);
	put(&request, NDA_LLADDR, mac, NETLINK_MAC_LEN);
	return order(fd, &request);
}

/**
 * netlink_is_local() - is an address taken for the host's own?
 * @fd: netlink socket
 * @family: AF_INET, AF_INET6
 * @address: in words
 *
 * An IPv6 address becomes so a while after it was given to a device.
 *
 * Return: 1 if it is, 0 if not yet, or a negative errno.
 */
int netlink_is_local(int fd, int family, const char *address)
{
	struct rtmsg body = { .rtm_family = family };
	struct request request;
	struct answer answer;
	struct in6_addr addr;
	size_t len = parse_address(family, address, &addr);
	int err;

	body.rtm_dst_len = 8 * len;
	begin(&request, RTM_GETROUTE, 0, &body, sizeof(body));
	put(&request, RTA_DST, &addr, len);
	err = ask(fd, &request, &answer, RTM_NEWROUTE);
	if (err)
		return err;
	return ((struct rtmsg *)NLMSG_DATA(&answer.header))->rtm_type == RTN_LOCAL;
}

static void begin_plug(struct request *request, int flags, int ifindex)
{
	const struct tcmsg body = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = ifindex,
		.tcm_parent = TC_H_ROOT,
	};

	begin(request, RTM_NEWQDISC, flags, &body, sizeof(body));
	put_text(request, TCA_KIND, "plug");
}

/**
 * netlink_hold() - have a device keep what it is given to send
 * @fd: netlink socket
 * @ifindex: of the device
 */
int netlink_hold(int fd, int ifindex)
{
	struct request request;

	begin_plug(&request, NLM_F_CREATE | NLM_F_REPLACE, ifindex);
	return order(fd, &request);
}

/**
 * netlink_release() - have a device send what it has kept, and all that comes later
 * @fd: netlink socket
 * @ifindex: of the device
 */
int netlink_release(int fd, int ifindex)
{
	const struct tc_plug_qopt options = { .action = TCQ_PLUG_RELEASE_INDEFINITE };
	struct request request;

	begin_plug(&request, 0, ifindex);
	put(&request, TCA_OPTIONS, &options, sizeof(options));
	return order(fd, &request);
}
