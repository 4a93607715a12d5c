/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hooks.h - starts and stops the hooks, and reports on them
 */
#ifndef TCPFSM_HOOKS_H
#define TCPFSM_HOOKS_H

#include <linux/types.h>

struct tcpfsm_stat;

/**
 * struct tcpfsm_hook_report - the condition of a hook
 * @symbol: the function or tracepoint that the hook is meant for
 * @placed_on: the function that the hook is on; NULL if the hook cannot miss a call
 * @loses: text that says what is not seen, because the hook is absent or unheard; or NULL
 * @missed: number of calls during which the kernel could not run the hook
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
