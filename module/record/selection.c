// SPDX-License-Identifier: GPL-2.0
/*
 * selection.c - the filter in force: which events enter the rings
 *
 * A new filter is compiled aside and then takes the place of the old one in a
 * single store; probes that are still using the old one finish with it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "record/selection.h"

/**
 * struct selection - a filter and what it was made of
 * @rcu: frees it when no probe uses it any more
 * @filter: compiled
 * @text: as it was written
 */
struct selection {
	struct rcu_head rcu;
	struct tcpfsm_filter filter;
	char text[TCPFSM_FILTER_LEN + 1];
};

/* NULL: everything is selected. */
static struct selection __rcu *in_force;

/* Those who change @in_force take turns. */
static DEFINE_MUTEX(change_lock);

static void __cold replace(struct selection *new)
{
	struct selection *old;

	mutex_lock(&change_lock);
	old = rcu_replace_pointer(in_force, new, lockdep_is_held(&change_lock));
	mutex_unlock(&change_lock);
	if (old)
		kfree_rcu(old, rcu);
}

static int __cold compile(struct selection *selection, const char *text)
{
	struct tcpfsm_filter_error error;
	int err = tcpfsm_filter_parse(&selection->filter, text, &error);

	if (err) {
		pr_err("filter: at character %zu: %s\n", error.at + 1, error.what);
		return err;
	}
	strscpy(selection->text, text, sizeof(selection->text));
	strim(selection->text);
	return 0;
}

/**
 * tcpfsm_selection_set() - put a filter in force
 * @text: expression; an empty one selects everything
 *
 * Context: process.
 * Return: 0, -ENOMEM, or -EINVAL after saying what is wrong; the old filter then stays.
 */
int __cold tcpfsm_selection_set(const char *text)
{
	struct selection *selection = kzalloc(sizeof(*selection), GFP_KERNEL);
	int err;

	if (!selection)
		return -ENOMEM;
	err = compile(selection, text);
	if (err || !selection->filter.nr_terms) {
		kfree(selection);
		selection = NULL;
	}
	if (!err)
		replace(selection);
	return err;
}

/**
 * tcpfsm_selection_get() - the expression in force
 * @buffer: a page of sysfs
 *
 * Context: process.
 * Return: bytes written.
 */
int __cold tcpfsm_selection_get(char *buffer)
{
	const struct selection *selection;
	int n;

	rcu_read_lock();
	selection = rcu_dereference(in_force);
	n = sysfs_emit(buffer, "%s\n", selection ? selection->text : "");
	rcu_read_unlock();
	return n;
}

/**
 * tcpfsm_selection_exit() - free the filter in force
 *
 * No lock is taken: nobody is left to change it, and lockdep does not know the locks of a
 * module any more whose parameters are being destroyed.
 *
 * Context: process; no hook is left.
 */
void tcpfsm_selection_exit(void)
{
	kfree(rcu_replace_pointer(in_force, NULL, true));
}

/**
 * tcpfsm_selected() - shall an event enter the rings?
 * @event: the event, as far as a filter can ask for it: edge, owner, addresses
 *
 * Context: interrupts off, which keeps the filter in force from being freed.
 */
bool tcpfsm_selected(const struct tcpfsm_event *event)
{
	const struct selection *selection = rcu_dereference_sched(in_force);

	return likely(!selection) || tcpfsm_filter_match(&selection->filter, event);
}
