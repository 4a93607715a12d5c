/* SPDX-License-Identifier: GPL-2.0 */
/*
 * view.h - what a reader may see
 */
#ifndef TCPFSM_VIEW_H
#define TCPFSM_VIEW_H

#include <linux/types.h>

struct tcpfsm_event;

/**
 * struct tcpfsm_view - what a reader may see
 * @netns: inode number of the only network namespace, 0: all
 * @born: when that namespace was made: an older event is of one that had its number before
 */
struct tcpfsm_view {
	u32 netns;
	u64 born;
};

int tcpfsm_view_init(void);
void tcpfsm_view_exit(void);
bool tcpfsm_view_is_all(void);
struct tcpfsm_view tcpfsm_view_of_current(void);
bool tcpfsm_view_has(const struct tcpfsm_view *view, const struct tcpfsm_event *event);

#endif /* TCPFSM_VIEW_H */
