/* SPDX-License-Identifier: GPL-2.0 */
/*
 * place_ftrace.h - places hooks by ftrace, where the kernel has it
 */
#ifndef TCPFSM_PLACE_FTRACE_H
#define TCPFSM_PLACE_FTRACE_H

#include "hooks/place.h"

#if TCPFSM_HAVE_FTRACE
int tcpfsm_ftrace_place(struct tcpfsm_hook *table, size_t n);
void tcpfsm_ftrace_remove(void);
void tcpfsm_ftrace_forget(void);
#else
static inline int tcpfsm_ftrace_place(struct tcpfsm_hook *table, size_t n)
{
	return -EOPNOTSUPP;
}

static inline void tcpfsm_ftrace_remove(void)
{
}

static inline void tcpfsm_ftrace_forget(void)
{
}
#endif

#endif /* TCPFSM_PLACE_FTRACE_H */
