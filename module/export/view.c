// SPDX-License-Identifier: GPL-2.0
/*
 * view.c - decides what a reader may see: everything, or its own namespaces
 *
 * An event has the inode number of its network namespace. The kernel gives the number to another
 * namespace when the first one is gone. Therefore an event that is older than the reader's
 * namespace is not one of its own, whatever the number says. The same is true of a process and its
 * PID.
 */
#include <linux/atomic.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include "uapi/tcpfsm.h"
#include "export/view.h"

/**
 * struct tcpfsm_places - places for the readers of a network namespace
 * @users: number of readers, and one more as long as the namespace lives; a file may be open longer
 */
struct tcpfsm_places {
	atomic_t users;
};

/* The module keeps this for each network namespace: when it was made, and its places. */
struct birth {
	u64 time_ns;
	struct tcpfsm_places *places;
};

static unsigned int birth_id;

static void leave(struct tcpfsm_places *places)
{
	if (atomic_dec_and_test(&places->users))
		kfree(places);
}

/* Namespaces that exist at load get the load time, because no event is older than that. */
static int __net_init note_birth(struct net *net)
{
	struct birth *birth = net_generic(net, birth_id);

	birth->places = kzalloc(sizeof(*birth->places), GFP_KERNEL_ACCOUNT);
	if (!birth->places)
		return -ENOMEM;
	atomic_set(&birth->places->users, 1);
	birth->time_ns = ktime_get_ns();
	return 0;
}

static void __net_exit note_end(struct net *net)
{
	struct birth *birth = net_generic(net, birth_id);

	leave(birth->places);
}

static struct pernet_operations birth_ops = {
	.init = note_birth,
	.exit = note_end,
	.id = &birth_id,
	.size = sizeof(struct birth),
};

/**
 * tcpfsm_view_init() - begin to note when network namespaces are made
 *
 * Context: process, before anything is recorded.
 * Return: 0 or -ENOMEM.
 */
int tcpfsm_view_init(void)
{
	return register_pernet_subsys(&birth_ops);
}

/**
 * tcpfsm_view_exit() - undo tcpfsm_view_init()
 *
 * Context: process; no reader is left.
 */
void tcpfsm_view_exit(void)
{
	unregister_pernet_subsys(&birth_ops);
}

/**
 * tcpfsm_view_is_all() - does the current task see everything?
 *
 * Context: process.
 */
bool tcpfsm_view_is_all(void)
{
	return current->nsproxy->net_ns == &init_net;
}

/**
 * tcpfsm_view_open() - determine what the current task may see, from now on
 * @view: to fill in
 * @pidns: pid namespace whose PIDs the task sees
 *
 * Context: process.
 * Return: 0, or -EUSERS if the task's network namespace has as many readers as it may have.
 */
int tcpfsm_view_open(struct tcpfsm_view *view, struct pid_namespace *pidns)
{
	const struct net *net = current->nsproxy->net_ns;
	const struct birth *birth = net_generic(net, birth_id);

	if (!atomic_add_unless(&birth->places->users, 1, 1 + TCPFSM_MAX_READERS))
		return -EUSERS;
	*view = (struct tcpfsm_view){
		.places = birth->places,
		.pidns = get_pid_ns(pidns),
	};
	if (!tcpfsm_view_is_all()) {
		view->netns = net->ns.inum;
		view->born = birth->time_ns;
	}
	return 0;
}

/**
 * tcpfsm_view_close() - undo tcpfsm_view_open()
 * @view: the view
 *
 * Context: process.
 */
void tcpfsm_view_close(const struct tcpfsm_view *view)
{
	put_pid_ns(view->pidns);
	leave(view->places);
}

/**
 * tcpfsm_view_is_whole() - does a reader see every event, and as it is?
 * @view: the reader's view
 *
 * Context: any.
 */
bool tcpfsm_view_is_whole(const struct tcpfsm_view *view)
{
	return !view->netns && view->pidns == &init_pid_ns;
}

/**
 * tcpfsm_view_has() - may a reader see an event?
 * @view: the reader's view
 * @event: the event
 *
 * Context: any.
 */
bool tcpfsm_view_has(const struct tcpfsm_view *view, const struct tcpfsm_event *event)
{
	return !view->netns || (event->netns == view->netns && event->time_ns >= view->born);
}

/*
 * Return the PID that the process of an event has in @pidns, or 0 if the process is not in there or
 * has gone. A process that started later may have got the same number. A leader that has exited
 * keeps the number until its threads have exited too. A thread that execs takes over the number,
 * with the leader's start time.
 */
static pid_t pid_within(struct pid_namespace *pidns, const struct tcpfsm_event *event)
{
	const struct task_struct *task;
	struct pid *pid;
	pid_t nr = 0;

	rcu_read_lock();
	pid = find_pid_ns(event->pid, &init_pid_ns);
	task = pid_task(pid, PIDTYPE_TGID);
	if (task && READ_ONCE(task->start_time) <= event->time_ns)
		nr = pid_nr_ns(pid, pidns);
	rcu_read_unlock();
	return nr;
}

/**
 * tcpfsm_view_name() - name the process of an event as the reader may know it
 * @view: the reader's view
 * @event: a copy of the event, which gets the PID in the reader's pid namespace, or no process
 *
 * A reader in the initial pid namespace may know all processes, including those that have gone.
 *
 * Context: any but NMI.
 */
void tcpfsm_view_name(const struct tcpfsm_view *view, struct tcpfsm_event *event)
{
	if (view->pidns == &init_pid_ns || !event->pid)
		return;
	event->pid = pid_within(view->pidns, event);
	if (!event->pid)
		memset(event->comm, 0, sizeof(event->comm));
}
