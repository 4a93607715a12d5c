// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - parameters, and the order of init and exit
 *
 *	hooks -> record -> rings <- export
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include "record/cpus.h"
#include "hooks/hooks.h"
#include "export/files.h"
#include "record/record.h"
#include "record/rings.h"
#include "record/selection.h"
#include "record/wakeup.h"
#include "export/view.h"

#define CONNS_DEFAULT 65536
#define CONNS_MAX     (16 * 1024 * 1024)

/* A number has its limits with it, so that one setter serves all parameters. */
struct limited {
	unsigned int value;
	unsigned int min;
	unsigned int max;
};

static int set_limited(const char *text, const struct kernel_param *kp)
{
	struct limited *limited = kp->arg;
	unsigned int value;

	if (kstrtouint(text, 0, &value) || value < limited->min || value > limited->max) {
		pr_err("%s: \"%s\" is not a number from %u to %u\n", kp->name, text, limited->min,
		       limited->max);
		return -EINVAL;
	}
	limited->value = value;
	return 0;
}

static int get_limited(char *buffer, const struct kernel_param *kp)
{
	const struct limited *limited = kp->arg;

	return sysfs_emit(buffer, "%u\n", limited->value);
}

static const struct kernel_param_ops limited_ops = {
	.set = set_limited,
	.get = get_limited,
};

/* 0 says that no value was given. The default is known when the CPUs are counted. */
static struct limited ring_events = { 0, 1, TCPFSM_RING_EVENTS_MAX };
module_param_cb(ring_events, &limited_ops, &ring_events, 0444);
MODULE_PARM_DESC(ring_events,
		 "events that the ring of a CPU keeps, 1 to 4194304 (default 8192 or less)");

static struct limited conns = { CONNS_DEFAULT, 1, CONNS_MAX };
module_param_cb(conns, &limited_ops, &conns, 0444);
MODULE_PARM_DESC(conns,
		 "live connections whose dwell times are known, 1 to 16777216 (default 65536)");

static struct limited gid = { 0, 0, INT_MAX };
module_param_cb(gid, &limited_ops, &gid, 0444);
MODULE_PARM_DESC(gid, "group that may read the files in /proc (default 0)");

/* Guards the variables that follow, and keeps the hooks as @enabled says. */
static DEFINE_MUTEX(switch_lock);
static bool enabled = true;
static bool live; /* true between init and exit, when the hooks may run */

static int set_filter(const char *text, const struct kernel_param *kp)
{
	return tcpfsm_selection_set(text);
}

static int get_filter(char *buffer, const struct kernel_param *kp)
{
	return tcpfsm_selection_get(buffer);
}

/* The kernel calls this last of all, even if a parameter is wrong and init is never called. */
static void free_filter(void *arg)
{
	tcpfsm_selection_exit();
}

static const struct kernel_param_ops filter_ops = {
	.set = set_filter,
	.get = get_filter,
	.free = free_filter,
};

module_param_cb(filter, &filter_ops, NULL, 0644);
MODULE_PARM_DESC(filter, "which events are kept, e.g. \"port=443 !cause=2msl\" (default: all)");

static int switch_probes(bool on)
{
	if (!on) {
		tcpfsm_hooks_stop();
		return 0;
	}
	/* All transitions since the hooks were stopped went by unseen. */
	tcpfsm_record_forget();
	return tcpfsm_hooks_start();
}

static int set_enabled(const char *text, const struct kernel_param *kp)
{
	int err = 0;
	bool on;

	if (kstrtobool(text, &on)) {
		pr_err("%s: \"%s\" is neither 0 nor 1\n", kp->name, text);
		return -EINVAL;
	}
	mutex_lock(&switch_lock);
	if (live && on != enabled)
		err = switch_probes(on);
	if (!err)
		enabled = on;
	mutex_unlock(&switch_lock);
	return err;
}

static const struct kernel_param_ops enabled_ops = {
	.set = set_enabled,
	.get = param_get_bool,
};

module_param_cb(enabled, &enabled_ops, &enabled, 0644);
MODULE_PARM_DESC(enabled, "0: no probe is placed, nothing is recorded (default 1)");

static int go_live(void)
{
	int err = 0;

	mutex_lock(&switch_lock);
	if (enabled)
		err = tcpfsm_hooks_start();
	live = !err;
	mutex_unlock(&switch_lock);
	return err;
}

static void go_dead(void)
{
	mutex_lock(&switch_lock);
	live = false;
	if (enabled)
		tcpfsm_hooks_stop();
	mutex_unlock(&switch_lock);
}

static int __init tcpfsm_init(void)
{
	int err;

	err = tcpfsm_view_init();
	if (err)
		return err;
	err = tcpfsm_record_init(conns.value);
	if (err)
		goto err_view;
	tcpfsm_wakeup_init();
	err = tcpfsm_cpus_init(&ring_events.value);
	if (err)
		goto err_rings;
	err = go_live();
	if (err)
		goto err_cpus;
	/* Create the files last, because an open stream must not be taken away from its reader. */
	err = tcpfsm_files_init(make_kgid(&init_user_ns, gid.value));
	if (err)
		goto err_live;
	return 0;

err_live:
	go_dead();
err_cpus:
	tcpfsm_cpus_exit();
err_rings:
	tcpfsm_wakeup_exit();
	tcpfsm_record_exit();
err_view:
	tcpfsm_view_exit();
	return err;
}

static void __exit tcpfsm_exit(void)
{
	tcpfsm_files_exit();
	go_dead();
	tcpfsm_cpus_exit();
	tcpfsm_wakeup_exit();
	tcpfsm_record_exit();
	tcpfsm_view_exit();
}

module_init(tcpfsm_init);
module_exit(tcpfsm_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The tcpfsm developers");
MODULE_DESCRIPTION("Every TCP state transition of this machine, at /proc/tcpfsm");
MODULE_VERSION("0.1.0");
