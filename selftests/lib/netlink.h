/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netlink.h - the few things that hosts need of netlink
 *
 * The programs ip and tc would do; but every start of one costs more than all that
 * a test does itself. Each function returns 0 or a negative errno, unless it says
 * otherwise.
 */
#ifndef TCPFSM_KSFT_NETLINK_H
#define TCPFSM_KSFT_NETLINK_H

#include <stddef.h>
#include <stdint.h>

#define NETLINK_MAC_LEN 6

/**
 * struct end - one end of a wire
 * @name: of the device
 * @mac: its address
 */
struct end {
	const char *name;
	uint8_t mac[NETLINK_MAC_LEN];
};

int netlink_open(int protocol);
int netlink_order(int fd, int type, const void *body, size_t len);
int netlink_wire(int fd, const struct end *here, const struct end *there, int netns);
int netlink_up(int fd, int ifindex);
int netlink_works(int fd, int ifindex);
int netlink_address(int fd, int ifindex, int family, const char *address, int prefix);
int netlink_neighbour(int fd, int ifindex, int family, const char *address, const uint8_t *mac);
int netlink_is_local(int fd, int family, const char *address);
int netlink_hold(int fd, int ifindex);
int netlink_release(int fd, int ifindex);

#endif /* TCPFSM_KSFT_NETLINK_H */
