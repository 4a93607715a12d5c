// SPDX-License-Identifier: GPL-2.0
/*
 * failcall.c - makes functions of the kernel fail, for one caller
 *
 * For tests only. Loaded before the module under test: of the calls that one
 * makes to function[i], the nth[i]th fails with error[i], without the function
 * being entered. Calls by anybody else, and all others, go through.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/string.h>

#define MAX_FUNCTIONS 4

static char *caller = "tcpfsm";
module_param(caller, charp, 0444);
MODULE_PARM_DESC(caller, "module whose calls count");

static char *function[MAX_FUNCTIONS];
static int nr_functions;
module_param_array(function, charp, &nr_functions, 0444);
MODULE_PARM_DESC(function, "functions that fail");

static long error[MAX_FUNCTIONS];
module_param_array(error, long, NULL, 0444);
MODULE_PARM_DESC(error, "what each then returns (default 0, no pointer)");

static int nth[MAX_FUNCTIONS];
module_param_array(nth, int, NULL, 0644);
MODULE_PARM_DESC(nth, "which call of each fails, from 1 on (0: none)");

/* The module under test is called by one task at a time: nothing here is atomic. */
static int calls[MAX_FUNCTIONS];
module_param_array(calls, int, NULL, 0644);
MODULE_PARM_DESC(calls, "calls of each so far");

static unsigned int delay_ms;
module_param(delay_ms, uint, 0644);
MODULE_PARM_DESC(delay_ms, "milliseconds that it takes to fail");

/* Between being loaded and being gone. */
static struct module *watched;
static long failing_with;

/* Entered instead of the function, on its caller's behalf. */
static noinline long fail_instead(void)
{
	if (delay_ms)
		msleep(delay_ms);
	return failing_with;
}

static unsigned long return_address(struct pt_regs *regs)
{
#ifdef CONFIG_X86_64
	return *(unsigned long *)kernel_stack_pointer(regs);
#else
	return procedure_link_pointer(regs);
#endif
}

static struct kprobe failcalls[MAX_FUNCTIONS];

/* Context: kprobe handler, preemption off. */
static int failcall_handler(struct kprobe *p, struct pt_regs *regs)
{
	struct module *module = READ_ONCE(watched);
	unsigned long from = return_address(regs);
	int i = p - failcalls;

	if (!module || !(within_module_core(from, module) || within_module_init(from, module)))
		return 0;
	if (++calls[i] != nth[i])
		return 0;
	failing_with = error[i];
	instruction_pointer_set(regs, (unsigned long)fail_instead);
	return 1;
}

NOKPROBE_SYMBOL(failcall_handler);

/* There so that the kernel does not turn the kprobe into a jump, which goes nowhere else. */
static void failcall_after(struct kprobe *p, struct pt_regs *regs, unsigned long flags)
{
}

static int on_module(struct notifier_block *block, unsigned long state, void *data)
{
	struct module *module = data;

	if (strcmp(module->name, caller))
		return NOTIFY_OK;
	if (state == MODULE_STATE_COMING)
		WRITE_ONCE(watched, module);
	else if (state == MODULE_STATE_GOING)
		WRITE_ONCE(watched, NULL);
	return NOTIFY_OK;
}

static struct notifier_block modules = {
	.notifier_call = on_module,
};

static int __init failcall_init(void)
{
	int i, err;

	for (i = 0; i < nr_functions; i++) {
		failcalls[i].symbol_name = function[i];
		failcalls[i].pre_handler = failcall_handler;
		failcalls[i].post_handler = failcall_after;
		err = register_kprobe(&failcalls[i]);
		if (err) {
			pr_err("cannot probe %s: %d\n", function[i], err);
			goto err_kprobes;
		}
	}
	err = register_module_notifier(&modules);
	if (err)
		goto err_kprobes;
	return 0;

err_kprobes:
	while (i--)
		unregister_kprobe(&failcalls[i]);
	return err;
}

static void __exit failcall_exit(void)
{
	int i;

	unregister_module_notifier(&modules);
	for (i = 0; i < nr_functions; i++)
		unregister_kprobe(&failcalls[i]);
}

module_init(failcall_init);
module_exit(failcall_exit);
MODULE_DESCRIPTION("makes calls of one module fail (for tests only)");
MODULE_LICENSE("GPL");
