// SPDX-License-Identifier: GPL-2.0
/*
 * view.c - what a reader may see: everything, or its own network namespace
 *
 * An event knows its namespace by the inode number, which is given anew when a
 * namespace is gone. What is older than the reader's namespace is therefore not
 * its own, whatever the number says.
 */
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include "uapi/tcpfsm.h"
#include "view.h"

/* What is kept for each network namespace: when it was made. */
struct birth {
	u64 time_ns;
};

static unsigned int birth_id;

/* For those that there are when the module is loaded it is then: nothing is older. */
static int __net_init note_birth(struct net *net)
{
	struct birth *birth = net_generic(net, birth_id);

	birth->time_ns = ktime_get_ns();
	return 0;
}

static struct pernet_operations birth_ops = {
	.init = note_birth,
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
 * tcpfsm_view_of_current() - what the current task may see
 *
 * Context: process.
 */
struct tcpfsm_view tcpfsm_view_of_current(void)
{
	const struct net *net = current->nsproxy->net_ns;
	const struct birth *birth = net_generic(net, birth_id);

	if (tcpfsm_view_is_all())
		return (struct tcpfsm_view){ 0 };
	return (struct tcpfsm_view){
		.netns = net->ns.inum,
		.born = birth->time_ns,
	};
}

/**
 * tcpfsm_view_has() - may an event be seen?
 * @view: what may be seen
 * @event: the event
 *
 * Context: any.
 */
bool tcpfsm_view_has(const struct tcpfsm_view *view, const struct tcpfsm_event *event)
{
	return !view->netns || (event->netns == view->netns && event->time_ns >= view->born);
}
