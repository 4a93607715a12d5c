/* SPDX-License-Identifier: GPL-2.0 */
/*
 * place.h - hooks functions of the kernel; hooks.c says which ones, and why
 */
#ifndef TCPFSM_PLACE_H
#define TCPFSM_PLACE_H

#include "compat.h"

struct tcpfsm_probe;

/**
 * enum tcpfsm_hook_kind - how a function is hooked
 * @TCPFSM_HOOK_KPROBE: a kprobe at the entry, whose handler the kernel calls directly. This is for
 *	the function through which most events come.
 * @TCPFSM_HOOK_FTRACE: ftrace at the entry, which loses nothing and costs a quarter; a kprobe if
 *	ftrace is not available
 * @TCPFSM_HOOK_RETURN: a kretprobe, which hooks the return
 */
enum tcpfsm_hook_kind {
	TCPFSM_HOOK_KPROBE,
	TCPFSM_HOOK_FTRACE,
	TCPFSM_HOOK_RETURN,
};

typedef void (*tcpfsm_entry_fn)(unsigned long caller, unsigned long a0, unsigned long a1,
				unsigned long a2);

/**
 * struct tcpfsm_hook - a hooked function of the kernel
 * @symbol: its name
 * @or_symbol: its name on other kernels, where it has the same first three arguments; or NULL
 * @kind: how it is hooked
 * @handler: (KPROBE) called by the kernel
 * @entry: (FTRACE) called with the return address and the first three arguments
 * @ret: (RETURN) called with the first argument and the return value
 * @loses: text that says what is not seen without this hook; NULL if nothing is lost
 * @placed: the hook works
 * @name: the symbol that was found
 * @addr: its address
 * @via_ftrace: placed by ftrace
 * @via_jump: placed behind ftrace's call, where the kernel may make a jump of a kprobe
 * @probe: the kernel's own structures for the hook
 */
struct tcpfsm_hook {
	const char *symbol;
	const char *or_symbol;
	enum tcpfsm_hook_kind kind;
	kprobe_pre_handler_t handler;
	tcpfsm_entry_fn entry;
	void (*ret)(unsigned long a0, unsigned long value);
	const char *loses;

	bool placed;
	bool via_ftrace;
	bool via_jump;
	const char *name;
	unsigned long addr;
	struct tcpfsm_probe *probe;
};

int tcpfsm_hooks_place(struct tcpfsm_hook *hooks, size_t n);
void tcpfsm_hooks_remove(void);
unsigned long tcpfsm_hook_missed(const struct tcpfsm_hook *hook);

#endif /* TCPFSM_PLACE_H */
