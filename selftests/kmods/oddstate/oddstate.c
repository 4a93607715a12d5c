// SPDX-License-Identifier: GPL-2.0
/*
 * oddstate.c - gives a socket of its own states that TCP does not have
 *
 * For tests only. When it is loaded the socket goes from CLOSE through all that are
 * asked for and back to CLOSE, and is closed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/net.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>
#include <net/tcp.h>

#define MAX_STATES 16

static int states[MAX_STATES];
static int nr_states;
module_param_array(states, int, &nr_states, 0444);
MODULE_PARM_DESC(states, "states to go through");

static bool silently;
module_param(silently, bool, 0444);
MODULE_PARM_DESC(silently, "not by tcp_set_state(), so that only the tracepoint tells");

/* Not all kernels export it. */
#pragma weak tcp_set_state

static void go(struct sock *sk, int state)
{
	lock_sock(sk);
	if (silently)
		inet_sk_set_state(sk, state);
	else
		tcp_set_state(sk, state);
	release_sock(sk);
}

static int __init oddstate_init(void)
{
	struct socket *sock;
	int i, err;

	if (!silently && !tcp_set_state)
		return -EOPNOTSUPP;
	err = sock_create_kern(&init_net, PF_INET, SOCK_STREAM, IPPROTO_TCP, &sock);
	if (err)
		return err;
	for (i = 0; i < nr_states; i++)
		go(sock->sk, states[i]);
	go(sock->sk, TCP_CLOSE);
	sock_release(sock);
	return 0;
}

static void __exit oddstate_exit(void)
{
}

module_init(oddstate_init);
module_exit(oddstate_exit);
MODULE_DESCRIPTION("gives a socket states that TCP does not have (for tests only)");
MODULE_LICENSE("GPL");
