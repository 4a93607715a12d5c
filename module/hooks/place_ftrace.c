// SPDX-License-Identifier: GPL-2.0
/*
 * place_ftrace.c - places hooks by ftrace, where the kernel has it
 *
 * One ftrace_ops serves all functions, so that unloading waits only once.
 */
#include <linux/delay.h>
#include "hooks/place_ftrace.h"

#if TCPFSM_HAVE_FTRACE

/*
 * ftrace_entry() finds a hook by its address in a hash table. If two hooks have the same slot, it
 * searches all hooks for the second one. ip is the address of ftrace's call at the function's
 * entry. This is the symbol's address, or a few bytes behind it (endbr), which mostly is within the
 * same 16 bytes.
 */
#define ENTRY_SPAN 16
#define NR_TRACED  128

/* Each slot holds the address and entry of a hook, or 0 if it is empty. */
static struct traced {
	unsigned long addr;
	tcpfsm_entry_fn entry;
} traced[NR_TRACED];

/* search() goes through all hooks. */
static struct tcpfsm_hook *hooks;
static size_t nr_hooks;

static struct traced *traced_slot(unsigned long ip)
{
	return &traced[ip / ENTRY_SPAN % NR_TRACED];
}

static bool is_at(unsigned long addr, unsigned long ip)
{
	return ip - addr < ENTRY_SPAN;
}

static void entry_of_none(unsigned long caller, unsigned long a0, unsigned long a1,
			  unsigned long a2)
{
	WARN_ON_ONCE(1);
}

static noinline tcpfsm_entry_fn search(unsigned long ip)
{
	struct tcpfsm_hook *hook;

	for (hook = hooks; hook < hooks + nr_hooks; hook++)
		if (hook->kind == TCPFSM_HOOK_FTRACE && is_at(hook->addr, ip))
			return hook->entry;
	return entry_of_none;
}

static void ftrace_entry(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			 tcpfsm_fregs *fregs)
{
	const struct traced *at = traced_slot(ip);
	tcpfsm_entry_fn entry = likely(is_at(at->addr, ip)) ? at->entry : search(ip);

	entry(parent_ip, tcpfsm_fregs_arg(fregs, 0), tcpfsm_fregs_arg(fregs, 1),
	      tcpfsm_fregs_arg(fregs, 2));
}

static void note_traced(struct tcpfsm_hook *hook)
{
	struct traced *slot = traced_slot(hook->addr);

	if (!slot->entry)
		*slot = (struct traced){ hook->addr, hook->entry };
}

static struct ftrace_ops ops = {
	.func = ftrace_entry,
	/* PERMANENT: kernel.ftrace_enabled=0 must not switch the hooks off silently. */
	.flags = FTRACE_OPS_FL_PERMANENT | TCPFSM_FTRACE_FLAGS,
};

/**
 * tcpfsm_ftrace_place() - hook all functions that want ftrace
 * @table: the hooks
 * @n: number of hooks
 *
 * Context: process.
 * Return: 0, or an error. After an error ftrace serves no hook of the table, and the caller has to
 * call tcpfsm_ftrace_forget().
 */
int tcpfsm_ftrace_place(struct tcpfsm_hook *table, size_t n)
{
	struct tcpfsm_hook *hook;
	size_t served = 0;
	int err;

	hooks = table;
	nr_hooks = n;
	memset(traced, 0, sizeof(traced));
	for (hook = hooks; hook < hooks + nr_hooks; hook++) {
		if (hook->kind != TCPFSM_HOOK_FTRACE || !hook->placed)
			continue;
		err = ftrace_set_filter_ip(&ops, hook->addr, 0, 0);
		if (err)
			return err;
		note_traced(hook);
		served++;
	}
	return served ? register_ftrace_function(&ops) : -ENOENT;
}

/**
 * tcpfsm_ftrace_remove() - unhook all functions that ftrace serves
 *
 * When this returns, no hook of ftrace is running and none will run.
 *
 * Context: process.
 */
void tcpfsm_ftrace_remove(void)
{
	unregister_ftrace_function(&ops);
}

#define FORGET_TRIES 50

/**
 * tcpfsm_ftrace_forget() - empty the filter of ftrace
 *
 * register_ftrace_function() may be called again only with an empty filter. The memory of a filter
 * that is not empty would be lost with the module. The kernel allocates even an empty filter, so
 * this does not give up at once.
 *
 * Context: process.
 */
void tcpfsm_ftrace_forget(void)
{
	int i;

	for (i = 0; i < FORGET_TRIES && ftrace_set_filter(&ops, NULL, 0, 1); i++)
		msleep(20);
}

#endif /* TCPFSM_HAVE_FTRACE */
