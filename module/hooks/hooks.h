/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hooks.h - where the kernel changes a connection's state, as the rest of the module sees it
 */
#ifndef TCPFSM_HOOKS_H
#define TCPFSM_HOOKS_H

#include <linux/types.h>

struct tcpfsm_stat;

/**
 * struct tcpfsm_hook_report - how a hook does
 * @symbol: the function or tracepoint that it is meant for
 * @placed_on: the function that it is on; NULL: it cannot miss a call
 * @loses: what is not seen, because the hook is absent or unheard; NULL: nothing
 * @missed: calls during which the kernel could not run it
 */
struct tcpfsm_hook_report {
	const char *symbol;
	const char *placed_on;
	const char *loses;
	u64 missed;
};

int tcpfsm_hooks_start(void);
void tcpfsm_hooks_stop(void);

bool tcpfsm_hooks_report(unsigned int number, const struct tcpfsm_stat *stat,
			 struct tcpfsm_hook_report *report);
bool tcpfsm_hooks_have_backstop(void);
bool tcpfsm_hooks_silent(void);

#endif /* TCPFSM_HOOKS_H */
