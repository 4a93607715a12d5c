/* SPDX-License-Identifier: GPL-2.0 */
/*
 * place.h - how a function of the kernel is hooked; hooks.c says which and why
 */
#ifndef TCPFSM_PLACE_H
#define TCPFSM_PLACE_H

#include "compat.h"

struct tcpfsm_probe;

/**
 * enum tcpfsm_hook_kind - what a hook wants
 * @TCPFSM_HOOK_KPROBE: a kprobe at the entry, whose handler the kernel calls straight: for the
 *	function that most events come by
 * @TCPFSM_HOOK_FTRACE: ftrace at the entry (loses nothing, costs a quarter); a kprobe where
 *	that cannot be had
 * @TCPFSM_HOOK_RETURN: a kretprobe: the return
 */
enum tcpfsm_hook_kind {
	TCPFSM_HOOK_KPROBE,
	TCPFSM_HOOK_FTRACE,
	TCPFSM_HOOK_RETURN,
};

typedef void (*tcpfsm_entry_fn)(unsigned long caller, unsigned long a0, unsigned long a1,
				unsigned long a2);

/**
 * struct tcpfsm_hook - a function of the kernel that is looked at
 * @symbol: its name
 * @or_symbol: the name that it has on other kernels, where its first three arguments are the same
 *	ones; or NULL
 * @kind: how
 * @handler: (KPROBE) called by the kernel
 * @entry: (FTRACE) called with the return address and the first three arguments
 * @ret: (RETURN) called with the first argument and the return value
 * @loses: what is not seen without this hook; NULL: nothing
 * @placed: the hook works
 * @name: the symbol that was found
 * @addr: its address
 * @via_ftrace: placed by ftrace
 * @via_jump: placed behind ftrace's call, where the kernel may make a jump of a kprobe
 * @probe: what the kernel needs for it
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
