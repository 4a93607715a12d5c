/* SPDX-License-Identifier: GPL-2.0 */
/*
 * names.h - what users and cgroups are called on this machine
 */
#ifndef TOP_NAMES_H
#define TOP_NAMES_H

#include <stdbool.h>
#include <stdint.h>

/* Say whether to look up names: the users of a recording are those of another machine. */
void names_use(bool live);
const char *names_user(uint32_t uid);
const char *names_cgroup(uint64_t cgroup);

#endif /* TOP_NAMES_H */
