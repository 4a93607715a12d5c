/* SPDX-License-Identifier: GPL-2.0 */
/*
 * diag.h - what the kernel's inet_diag says about the TCP sockets of a network namespace
 */
#ifndef FSM_DIAG_H
#define FSM_DIAG_H

#include "model.h"

/**
 * struct fsm_diag - a socket as inet_diag shows it
 * @conn: who it is; @conn.id is its cookie
 * @state: its state
 * @inode: of the socket, 0 where no process has it open
 * @queue: bytes to be read; of a listener: connections that wait for accept()
 * @backlog: of a listener: how many may wait
 */
struct fsm_diag {
	struct fsm_conn conn;
	unsigned int state;
	uint32_t inode;
	uint32_t queue;
	uint32_t backlog;
};

#define FSM_DIAG_ALL	0xfffu
#define FSM_DIAG_LISTEN (1u << TCPFSM_LISTEN)

typedef void (*fsm_diag_fn)(const struct fsm_diag *diag, void *arg);

int fsm_diag_dump(unsigned int states, uint32_t netns, fsm_diag_fn fn, void *arg);

#endif /* FSM_DIAG_H */
