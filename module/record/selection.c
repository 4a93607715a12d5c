// SPDX-License-Identifier: GPL-2.0
/*
 * selection.c - the active filter, which selects the events that enter the rings
 *
 * A new filter is compiled aside and then replaces the old one by a single store. Hooks that are
 * still using the old filter finish with it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "record/selection.h"

/**
 * struct selection - a filter and its text
 * @rcu: frees the filter when no hook uses it any more
 * @filter: the compiled filter
 * @text: the expression, as it was written
 */
struct selection {
	struct rcu_head rcu;
	struct tcpfsm_filter filter;
	char text[TCPFSM_FILTER_LEN + 1];
};

/* Points to the active filter. NULL selects everything. */
static struct selection __rcu *current_filter;

/* Serializes changes of @current_filter. */
static DEFINE_MUTEX(change_lock);

static void __cold replace(struct selection *new)
{
	struct selection *old;

	mutex_lock(&change_lock);
	old = rcu_replace_pointer(current_filter, new, lockdep_is_held(&change_lock));
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
 * tcpfsm_selection_set() - make a filter the active one
 * @text: expression; an empty one selects everything
 *
 * Context: process.
 * Return: 0, -ENOMEM, or -EINVAL after the log has said what is wrong. After an error the old
 * filter stays.
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
 * tcpfsm_selection_get() - show the expression of the active filter
 * @buffer: a page of sysfs
 *
 * Context: process.
 * Return: number of bytes written.
 */
int __cold tcpfsm_selection_get(char *buffer)
{
	const struct selection *selection;
	int n;

	rcu_read_lock();
	selection = rcu_dereference(current_filter);
	n = sysfs_emit(buffer, "%s\n", selection ? selection->text : "");
	rcu_read_unlock();
	return n;
}

/**
 * tcpfsm_selection_exit() - free the active filter
 *
 * This takes no lock. Nobody is left to change the filter, and lockdep no longer knows the locks of
 * a module whose parameters are being destroyed.
 *
 * Context: process; no hook is left.
 */
void tcpfsm_selection_exit(void)
{
	kfree(rcu_replace_pointer(current_filter, NULL, true));
}

/**
 * tcpfsm_selected() - does an event enter the rings?
 * @event: the event, with the fields that a filter can ask for: edge, owner, addresses
 *
 * Context: interrupts off, which keeps the active filter from being freed.
 */
bool tcpfsm_selected(const struct tcpfsm_event *event)
{
	const struct selection *selection = rcu_dereference_sched(current_filter);

	return likely(!selection) || tcpfsm_filter_match(&selection->filter, event);
}
