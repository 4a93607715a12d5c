/* SPDX-License-Identifier: GPL-2.0 */
/*
 * namespaces.h - the TCP sockets of all network namespaces that can be looked into
 */
#ifndef FSM_NAMESPACES_H
#define FSM_NAMESPACES_H

#include <stddef.h>

#include "in/diag.h"

#define FSM_NAMESPACES_MAX 1024

/* Bytes of a reason. */
#define FSM_NAMESPACES_WHY 400

/**
 * struct fsm_namespaces - which network namespaces were looked into
 * @seen: their inode numbers
 * @nr_seen: how many there are
 * @missing: why another one could not be looked into, the first of such reasons; empty if
 *	there is none
 */
struct fsm_namespaces {
	uint32_t seen[FSM_NAMESPACES_MAX];
	size_t nr_seen;
	char missing[FSM_NAMESPACES_WHY];
};

int fsm_namespaces_dump(struct fsm_namespaces *namespaces, unsigned int states, fsm_diag_fn fn,
			void *arg);

#endif /* FSM_NAMESPACES_H */
