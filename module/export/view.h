/* SPDX-License-Identifier: GPL-2.0 */
/*
 * view.h - decides what a reader may see
 */
#ifndef TCPFSM_VIEW_H
#define TCPFSM_VIEW_H

#include <linux/types.h>

/* One network namespace may have so many opens of /proc/tcpfsm and /proc/tcpfsm_raw together. */
#define TCPFSM_MAX_READERS 1024

struct pid_namespace;
struct tcpfsm_event;
struct tcpfsm_places;

/**
 * struct tcpfsm_view - the events and PIDs that a reader may see
 * @netns: inode number of the only network namespace that the reader sees; 0 for all
 * @born: when that namespace was made; an older event is that of a namespace with the same number
 * @places: places of the reader's network namespace, one of which the reader has
 * @pidns: pid namespace whose PIDs the reader sees
 */
struct tcpfsm_view {
	u32 netns;
	u64 born;
	struct tcpfsm_places *places;
	struct pid_namespace *pidns;
};

int tcpfsm_view_init(void);
void tcpfsm_view_exit(void);
bool tcpfsm_view_is_all(void);
int tcpfsm_view_open(struct tcpfsm_view *view, struct pid_namespace *pidns);
void tcpfsm_view_close(const struct tcpfsm_view *view);
bool tcpfsm_view_is_whole(const struct tcpfsm_view *view);
bool tcpfsm_view_has(const struct tcpfsm_view *view, const struct tcpfsm_event *event);
void tcpfsm_view_name(const struct tcpfsm_view *view, struct tcpfsm_event *event);

#endif /* TCPFSM_VIEW_H */
