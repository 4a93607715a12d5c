// SPDX-License-Identifier: GPL-2.0
/*
 * canary.c - detects that somebody has switched kprobes off
 *
 * With kernel.ftrace_enabled=0, or with debugfs' kprobes/enabled=0, a kprobe stays registered but
 * does not run. The kernel reports no error and does not count the call as missed. Therefore the
 * module calls a function of its own and looks whether the kprobe on it runs.
 */
#include <linux/atomic.h>
#include <linux/kprobes.h>
#include <linux/string.h>
#include "hooks/canary.h"

static atomic_t heard = ATOMIC_INIT(0);
static struct kprobe kp;
static bool placed;

/*
 * The function is not static, because the kprobe finds it by name. It is not empty, because the
 * compiler would know that nothing happens in an empty function.
 */
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
 * tcpfsm_canary_start() - place the kprobe on the canary
 *
 * Context: process.
 * Return: 0, or the error that keeps the kprobe from being placed.
 */
int tcpfsm_canary_start(void)
{
	int err;

	/* register_kprobe() writes to the struct, so each start needs a fresh one. */
	memset(&kp, 0, sizeof(kp));
	kp.symbol_name = "tcpfsm_canary";
	kp.pre_handler = on_canary;
	err = register_kprobe(&kp);
	WRITE_ONCE(placed, !err);
	return err;
}

/**
 * tcpfsm_canary_stop() - remove the kprobe from the canary
 *
 * Context: process.
 */
void tcpfsm_canary_stop(void)
{
	if (!placed)
		return;
	/* Clear this before the kprobe falls silent: see tcpfsm_canary_silent(). */
	WRITE_ONCE(placed, false);
	unregister_kprobe(&kp);
}

/**
 * tcpfsm_canary_silent() - does the canary's kprobe not run?
 *
 * Several callers may ask at once and hear each other's call. That is right, because the kprobe
 * then does run.
 *
 * Context: process.
 */
bool tcpfsm_canary_silent(void)
{
	int before = atomic_read(&heard);

	if (!READ_ONCE(placed))
		return false;
	tcpfsm_canary();
	return atomic_read(&heard) == before && READ_ONCE(placed);
}
