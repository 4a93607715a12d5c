// SPDX-License-Identifier: GPL-2.0
/*
 * place.c - places hooks on functions of the kernel: kprobes, ftrace, kretprobes
 *
 * The kernel loses the call of a kprobe while another kprobe's handler is interrupted on the same
 * CPU. ftrace loses nothing. One ftrace_ops serves all functions that want ftrace, so that
 * unloading waits only once. kallsyms_lookup_name() is not exported, so the module finds addresses
 * with kprobes that it never arms.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "hooks/place.h"
#include "hooks/place_ftrace.h"

/**
 * struct tcpfsm_probe - the kernel's own structures for a hook
 * @hook: the hook
 * @kp: the kprobe, or the kprobe that only resolved the hook's address
 * @jump: the kprobe behind ftrace's call
 * @rp: the kretprobe
 */
struct tcpfsm_probe {
	const struct tcpfsm_hook *hook;
	union {
		struct {
			struct kprobe kp;
			struct kprobe jump;
		};
		struct kretprobe rp;
	};
};

/* Each hook has one element. */
static struct tcpfsm_probe *probes;

static struct tcpfsm_hook *table;
static size_t nr_hooks;

/* Handle a kprobe that stands in for ftrace. */
static int kprobe_entry(struct kprobe *kp, struct pt_regs *regs)
{
	const struct tcpfsm_hook *hook = container_of(kp, struct tcpfsm_probe, kp)->hook;

	hook->entry(tcpfsm_caller(regs), regs_get_kernel_argument(regs, 0),
		    regs_get_kernel_argument(regs, 1), regs_get_kernel_argument(regs, 2));
	return 0;
}

static int return_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	*(unsigned long *)ri->data = regs_get_kernel_argument(regs, 0);
	return 0;
}

static int return_exit(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct kretprobe *rp = tcpfsm_kretprobe_of(ri);
	const struct tcpfsm_hook *hook = container_of(rp, struct tcpfsm_probe, rp)->hook;

	hook->ret(*(unsigned long *)ri->data, regs_return_value(regs));
	return 0;
}

/* A task that sleeps in the function holds one instance; allow this many at once. */
#define RETURN_INSTANCES 256

static int place_return(struct tcpfsm_hook *hook, const char *symbol)
{
	struct kretprobe *rp = &hook->probe->rp;

	memset(rp, 0, sizeof(*rp));
	rp->kp.symbol_name = symbol;
	rp->entry_handler = return_entry;
	rp->handler = return_exit;
	rp->data_size = sizeof(unsigned long);
	rp->maxactive = RETURN_INSTANCES;
	return register_kretprobe(rp);
}

/*
 * The kernel waits for all tasks before it makes a jump of a kprobe. Wait for it this many times.
 */
#define JUMP_WAITS 50

/*
 * Wait for the jump, so that the kernel does not patch its text any more when the module is loaded.
 * If the jump takes longer, the kprobe works all the same. It uses a breakpoint, which only costs
 * more.
 */
static void await_jump(const struct tcpfsm_hook *hook)
{
	int i;

	for (i = 0; i < JUMP_WAITS && !tcpfsm_is_jump(hook->probe->jump.addr); i++)
		msleep(20);
}

/*
 * Place the kprobe right behind ftrace's call, where the kernel makes a jump of it, which costs 95
 * instructions. ftrace's call is a function's first instruction. ftrace would serve a kprobe there,
 * which costs 155. Registers and stack are the same at both places.
 */
static int place_jump(struct tcpfsm_hook *hook)
{
	size_t call = tcpfsm_ftrace_call_size(hook->probe->kp.addr);
	struct kprobe *jump = &hook->probe->jump;
	int err;

	if (!call)
		return -EOPNOTSUPP;
	memset(jump, 0, sizeof(*jump));
	jump->addr = hook->probe->kp.addr + call;
	jump->pre_handler = hook->handler;
	err = register_kprobe(jump);
	hook->via_jump = !err;
	return err;
}

static int arm(struct tcpfsm_hook *hook)
{
	int err = place_jump(hook);

	if (err)
		err = enable_kprobe(&hook->probe->kp);
	if (err)
		unregister_kprobe(&hook->probe->kp);
	return err;
}

static int place_kprobe(struct tcpfsm_hook *hook, const char *symbol)
{
	struct kprobe *kp = &hook->probe->kp;
	int err;

	/* register_kprobe() writes to the struct, so a second try needs a fresh one. */
	memset(kp, 0, sizeof(*kp));
	kp->symbol_name = symbol;
	kp->pre_handler = hook->kind == TCPFSM_HOOK_KPROBE ? hook->handler : kprobe_entry;
	kp->flags = KPROBE_FLAG_DISABLED;
	err = register_kprobe(kp);
	if (err)
		return err;
	hook->addr = (unsigned long)kp->addr;
	if (hook->kind == TCPFSM_HOOK_KPROBE)
		err = arm(hook);
	return err;
}

static int place_symbol(struct tcpfsm_hook *hook, const char *symbol)
{
	hook->name = symbol;
	return hook->kind == TCPFSM_HOOK_RETURN ? place_return(hook, symbol) :
						  place_kprobe(hook, symbol);
}

static int place(struct tcpfsm_hook *hook)
{
	int err = place_symbol(hook, hook->symbol);

	if (err && hook->or_symbol)
		err = place_symbol(hook, hook->or_symbol);
	if (err)
		hook->name = hook->symbol;
	hook->placed = !err;
	return err;
}

static bool ftrace_active;

/* Unregister probes in batches: each batch waits for a grace period once. */
static void unregister_batch(struct kprobe *(*select)(struct tcpfsm_hook *hook))
{
	struct kprobe **batch = kcalloc(nr_hooks, sizeof(*batch), GFP_KERNEL);
	struct tcpfsm_hook *hook;
	struct kprobe *kp;
	int n = 0;

	for (hook = table; hook < table + nr_hooks; hook++) {
		kp = hook->placed && hook->kind != TCPFSM_HOOK_RETURN ? select(hook) : NULL;
		if (kp && batch)
			batch[n++] = kp;
		else if (kp)
			unregister_kprobe(kp);
	}
	if (batch)
		unregister_kprobes(batch, n);
	kfree(batch);
}

/* Select the kprobes that were registered only to resolve a symbol. */
static struct kprobe *resolver_of(struct tcpfsm_hook *hook)
{
	return hook->via_ftrace || hook->via_jump ? &hook->probe->kp : NULL;
}

static struct kprobe *kprobe_of(struct tcpfsm_hook *hook)
{
	if (hook->via_ftrace)
		return NULL;
	return hook->via_jump ? &hook->probe->jump : &hook->probe->kp;
}

static void trace_or_probe(void)
{
	struct tcpfsm_hook *hook;
	int err = tcpfsm_ftrace_place(table, nr_hooks);

	ftrace_active = !err;
	if (err)
		pr_info("no ftrace here (%d): kprobes instead, which cost more\n", err);
	for (hook = table; hook < table + nr_hooks; hook++) {
		if (hook->kind != TCPFSM_HOOK_FTRACE || !hook->placed)
			continue;
		if (ftrace_active) {
			hook->via_ftrace = true;
			continue;
		}
		err = enable_kprobe(&hook->probe->kp);
		if (err) {
			unregister_kprobe(&hook->probe->kp);
			hook->placed = false;
		}
	}
	unregister_batch(resolver_of);
	if (!ftrace_active)
		tcpfsm_ftrace_forget();
}

static void warn_of_absent(void)
{
	struct tcpfsm_hook *hook;

	for (hook = table; hook < table + nr_hooks; hook++)
		if (!hook->placed && hook->loses)
			pr_warn("cannot hook %s: %s\n", hook->symbol, hook->loses);
}

static void forget_all(void)
{
	nr_hooks = 0;
	kfree(probes);
	probes = NULL;
}

/**
 * tcpfsm_hooks_place() - place a table of hooks
 * @hooks: the table, whose first hook is indispensable
 * @n: number of hooks
 *
 * If any other hook cannot be placed, the kernel log says what is lost.
 *
 * Context: process.
 * Return: 0, -ENOMEM, or the error that keeps the first hook from being placed.
 */
int tcpfsm_hooks_place(struct tcpfsm_hook *hooks, size_t n)
{
	struct tcpfsm_hook *hook;
	int err;

	probes = kcalloc(n, sizeof(*probes), GFP_KERNEL);
	if (!probes)
		return -ENOMEM;
	table = hooks;
	nr_hooks = n;
	for (hook = table; hook < table + nr_hooks; hook++) {
		hook->via_ftrace = false;
		hook->via_jump = false;
		hook->probe = &probes[hook - table];
		hook->probe->hook = hook;
		err = place(hook);
		if (err && hook == table) {
			pr_err("cannot hook %s (%d): this kernel cannot be watched\n", hook->symbol,
			       err);
			forget_all();
			return err;
		}
	}
	trace_or_probe();
	warn_of_absent();
	if (table->via_jump)
		await_jump(table);
	return 0;
}

/**
 * tcpfsm_hooks_remove() - remove all hooks
 *
 * When this returns, no hook is running and none will run.
 *
 * Context: process.
 */
void tcpfsm_hooks_remove(void)
{
	struct tcpfsm_hook *hook;

	for (hook = table; hook < table + nr_hooks; hook++)
		if (hook->placed && hook->kind == TCPFSM_HOOK_RETURN)
			unregister_kretprobe(&hook->probe->rp);
	unregister_batch(kprobe_of);
	if (ftrace_active) {
		tcpfsm_ftrace_remove();
		tcpfsm_ftrace_forget();
	}
	ftrace_active = false;
	for (hook = table; hook < table + nr_hooks; hook++)
		hook->placed = false;
	forget_all();
}

/**
 * tcpfsm_hook_missed() - count the calls during which the kernel could not run a hook
 * @hook: the hook
 *
 * Context: any.
 * Return: the kernel's count since the hook was placed; 0 for ftrace, which misses nothing.
 */
unsigned long tcpfsm_hook_missed(const struct tcpfsm_hook *hook)
{
	if (!hook->placed || hook->via_ftrace)
		return 0;
	if (hook->kind == TCPFSM_HOOK_RETURN)
		return hook->probe->rp.kp.nmissed + hook->probe->rp.nmissed;
	return hook->via_jump ? hook->probe->jump.nmissed : hook->probe->kp.nmissed;
}
