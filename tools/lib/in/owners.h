/* SPDX-License-Identifier: GPL-2.0 */
/*
 * owners.h - which process has which socket open, from /proc
 */
#ifndef FSM_OWNERS_H
#define FSM_OWNERS_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct fsm_owned - a socket whose owner is wanted
 * @inode: of the socket
 * @slot: the caller's number for it
 */
struct fsm_owned {
	uint32_t inode;
	uint32_t slot;
};

/**
 * struct fsm_owners - all of them
 * @list: sockets
 * @nr: how many
 * @size: how many there is room for
 */
struct fsm_owners {
	struct fsm_owned *list;
	size_t nr;
	size_t size;
};

/* Called with the slot that was given with the inode, and TCPFSM_COMM_LEN bytes of @comm. */
typedef void (*fsm_owner_fn)(uint32_t slot, uint32_t pid, const char *comm, void *arg);

void fsm_owners_want(struct fsm_owners *owners, uint32_t inode, uint32_t slot);
void fsm_owners_find(struct fsm_owners *owners, fsm_owner_fn fn, void *arg);
void fsm_owners_free(struct fsm_owners *owners);

#endif /* FSM_OWNERS_H */
