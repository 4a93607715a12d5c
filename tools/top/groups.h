/* SPDX-License-Identifier: GPL-2.0 */
/*
 * groups.h - connections by what they have in common: a process, a cgroup, a peer
 */
#ifndef TOP_GROUPS_H
#define TOP_GROUPS_H

#include "top.h"

void groups_fill(struct top *top);

#endif /* TOP_GROUPS_H */
