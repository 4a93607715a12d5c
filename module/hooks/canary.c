// SPDX-License-Identifier: GPL-2.0
/*
 * canary.c - have kprobes been switched off behind our back?
 *
 * kernel.ftrace_enabled=0 and debugfs' kprobes/enabled=0 leave a kprobe registered
 * and do not run it, without an error and without counting it as missed. So a
 * function of our own has a kprobe, is called, and should be heard.
 */
#include <linux/atomic.h>
#include <linux/kprobes.h>
#include <linux/string.h>
#include "hooks/canary.h"

static atomic_t heard = ATOMIC_INIT(0);
static struct kprobe kp;
static bool placed;

/* Not static: found by name. Not empty: the compiler would know that nothing happens here. */
noinline void tcpfsm_canary(void);
noinline void tcpfsm_canary(void)
{
	barrier();
}

static int on_canary(struct kprobe *probe, struct pt_regs *regs)
{
	atomic_inc(&heard);
	return 0;
}

/**
 * tcpfsm_canary_start() - place the kprobe that is listened for
 *
 * Context: process.
 * Return: 0, or why it cannot be placed.
 */
int tcpfsm_canary_start(void)
{
	int err;

	/* register_kprobe() leaves its marks in the struct. */
	memset(&kp, 0, sizeof(kp));
	kp.symbol_name = "tcpfsm_canary";
	kp.pre_handler = on_canary;
	err = register_kprobe(&kp);
	WRITE_ONCE(placed, !err);
	return err;
}

/**
 * tcpfsm_canary_stop() - remove it
 *
 * Context: process.
 */
void tcpfsm_canary_stop(void)
{
	if (!placed)
		return;
	/* Before it falls silent: see tcpfsm_canary_silent(). */
	WRITE_ONCE(placed, false);
	unregister_kprobe(&kp);
}

/**
 * tcpfsm_canary_silent() - do kprobes not run?
 *
 * Context: process. Several may ask at once, and hear each other: then it lives.
 */
bool tcpfsm_canary_silent(void)
{
	int before = atomic_read(&heard);

	if (!READ_ONCE(placed))
		return false;
	tcpfsm_canary();
	return atomic_read(&heard) == before && READ_ONCE(placed);
}
