// SPDX-License-Identifier: GPL-2.0
/*
 * floor.c - hooks that do nothing: what no recorder can be cheaper than
 *
 * For the benchmark only. Hooks what every transition of a full socket comes by.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <net/sock.h>

#include "../../../module/compat.h"

static char *kind = "tracepoint";
module_param(kind, charp, 0444);
MODULE_PARM_DESC(kind, "what to place: tracepoint, kprobe or ftrace");

/* Not atomic: the benchmark has one CPU. */
static ulong hits;
module_param(hits, ulong, 0444);
MODULE_PARM_DESC(hits, "calls");

static void on_tracepoint(void *data, const struct sock *sk, const int from, const int to)
{
	hits++;
}

static struct tracepoint *found;

static void find(struct tracepoint *tp, void *priv)
{
	if (!strcmp(tp->name, "inet_sock_set_state"))
		found = tp;
}

static int place_tracepoint(void)
{
	for_each_kernel_tracepoint(find, NULL);
	return found ? tracepoint_probe_register(found, on_tracepoint, NULL) : -ENOENT;
}

static void remove_tracepoint(void)
{
	tracepoint_probe_unregister(found, on_tracepoint, NULL);
	tracepoint_synchronize_unregister();
}

static int on_kprobe(struct kprobe *p, struct pt_regs *regs)
{
	hits++;
	return 0;
}

static struct kprobe probe = {
	.symbol_name = "tcp_set_state",
	.pre_handler = on_kprobe,
};

static int place_kprobe(void)
{
	return register_kprobe(&probe);
}

static void remove_kprobe(void)
{
	unregister_kprobe(&probe);
}

static void notrace on_ftrace(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			      tcpfsm_fregs *fregs)
{
	hits++;
}

static struct ftrace_ops traced = {
	.func = on_ftrace,
};

static int place_ftrace(void)
{
	char symbol[] = "tcp_set_state";
	int err = ftrace_set_filter(&traced, symbol, strlen(symbol), 1);

	return err ?: register_ftrace_function(&traced);
}

static void remove_ftrace(void)
{
	unregister_ftrace_function(&traced);
	ftrace_set_filter(&traced, NULL, 0, 1);
}

static const struct {
	const char *name;
	int (*place)(void);
	void (*remove)(void);
} kinds[] = {
	{ "tracepoint", place_tracepoint, remove_tracepoint },
	{ "kprobe", place_kprobe, remove_kprobe },
	{ "ftrace", place_ftrace, remove_ftrace },
};

static int chosen = -1;

static int __init floor_init(void)
{
	int i, err;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kind, kinds[i].name))
			chosen = i;
	if (chosen < 0) {
		pr_err("kind: \"%s\" is none of tracepoint, kprobe, ftrace\n", kind);
		return -EINVAL;
	}
	err = kinds[chosen].place();
	if (err)
		pr_err("cannot place a %s: %d\n", kind, err);
	return err;
}

static void __exit floor_exit(void)
{
	kinds[chosen].remove();
}

module_init(floor_init);
module_exit(floor_exit);
MODULE_DESCRIPTION("hooks that do nothing, to see what hooking costs (for the benchmark only)");
MODULE_LICENSE("GPL");
