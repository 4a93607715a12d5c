// SPDX-License-Identifier: GPL-2.0
/*
 * slowprobe.c - a kprobe whose handler takes its time
 *
 * For tests only. While any kprobe's handler runs on a CPU, every other kprobe
 * hit by an interrupt on that CPU is dropped. Handlers are meant to be short,
 * which makes that rare; this one makes it frequent.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/module.h>

#define STEP_US 100

/* A kernel without ftrace has nothing there, and no name for its size. */
#ifdef CONFIG_FUNCTION_TRACER
#define ENTRY_SIZE MCOUNT_INSN_SIZE
#else
#define ENTRY_SIZE 4
#endif

static char *symbol = "tcp_close";
module_param(symbol, charp, 0444);
MODULE_PARM_DESC(symbol, "function to probe");

static bool behind_entry;
module_param(behind_entry, bool, 0444);
MODULE_PARM_DESC(behind_entry, "not at its beginning, but where all that hooks that has run");

static bool in_softirq;
module_param(in_softirq, bool, 0444);
MODULE_PARM_DESC(in_softirq, "take time there, too");

static unsigned int spin_us = 500;
module_param(spin_us, uint, 0644);
MODULE_PARM_DESC(spin_us, "microseconds to spend in the handler; 0 lets go whoever is in it");

/* Counted without care for concurrency: tells only whether the probe was hit at all. */
static ulong hits;
module_param(hits, ulong, 0444);
MODULE_PARM_DESC(hits, "times the handler took its time");

/*
 * Context: a task's (preemption off, interrupts on). Usually nothing happens in softirq,
 * where no further softirq can be nested.
 */
static int slowprobe_handler(struct kprobe *p, struct pt_regs *regs)
{
	unsigned int us;

	if (in_serving_softirq() && !in_softirq)
		return 0;
	hits++;
	for (us = 0; us < READ_ONCE(spin_us); us += STEP_US)
		udelay(STEP_US);
	return 0;
}

static struct kprobe slowprobe = {
	.pre_handler = slowprobe_handler,
};

static int probe_at(unsigned int offset)
{
	slowprobe.symbol_name = symbol;
	slowprobe.addr = NULL;
	slowprobe.offset = offset;
	return register_kprobe(&slowprobe);
}

/* ftrace's instruction may have another one before it; within one there can be no probe. */
static int probe_behind_entry(void)
{
	unsigned int offset = ENTRY_SIZE;
	int ret;

	do
		ret = probe_at(offset);
	while (ret && ++offset <= 4 * ENTRY_SIZE);
	return ret;
}

static int __init slowprobe_init(void)
{
	int ret = behind_entry ? probe_behind_entry() : probe_at(0);

	if (ret)
		pr_err("cannot probe %s: %d\n", symbol, ret);
	return ret;
}

static void __exit slowprobe_exit(void)
{
	unregister_kprobe(&slowprobe);
}

module_init(slowprobe_init);
module_exit(slowprobe_exit);
MODULE_DESCRIPTION("a slow kprobe, to make the kernel drop others (for tests only)");
MODULE_LICENSE("GPL");
