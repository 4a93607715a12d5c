/* SPDX-License-Identifier: GPL-2.0 */
/*
 * diag.h - ask the kernel (inet_diag) for the TCP sockets of a network namespace
 */
#ifndef FSM_DIAG_H
#define FSM_DIAG_H

#include <stdint.h>

#include "core/states.h"

/**
 * struct fsm_diag - a socket as inet_diag shows it
 * @id: its cookie
 * @cgroup: its cgroup v2 id, 0 if unknown
 * @netns: inode number of its network namespace
 * @uid: its owner
 * @state: its state
 * @inode: inode number of the socket, 0 where no process has it open
 * @queue: bytes to be read; of a listener: connections that wait for accept()
 * @backlog: of a listener: how many may wait
 * @laddr: local address, as in struct tcpfsm_event
 * @raddr: remote address
 * @lport: local port
 * @rport: remote port
 * @family: AF_INET or AF_INET6
 */
struct fsm_diag {
	uint64_t id;
	uint64_t cgroup;
	uint32_t netns;
	uint32_t uid;
	unsigned int state;
	uint32_t inode;
	uint32_t queue;
	uint32_t backlog;
	uint8_t laddr[16];
	uint8_t raddr[16];
	uint16_t lport;
	uint16_t rport;
	uint8_t family;
};

#define FSM_DIAG_ALL	0xfffu
#define FSM_DIAG_LISTEN (1u << TCPFSM_LISTEN)

typedef void (*fsm_diag_fn)(const struct fsm_diag *diag, void *arg);

int fsm_diag_dump(unsigned int states, uint32_t netns, fsm_diag_fn fn, void *arg);

#endif /* FSM_DIAG_H */
