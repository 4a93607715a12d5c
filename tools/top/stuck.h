/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stuck.h - which connections have been in their state for longer than they should
 */
#ifndef TOP_STUCK_H
#define TOP_STUCK_H

#include "top.h"

uint64_t stuck_after_ns(unsigned int state);
bool is_stuck(const struct top *top, uint32_t slot);
void count_stuck(const struct top *top, uint32_t *stuck);

#endif /* TOP_STUCK_H */
