// SPDX-License-Identifier: GPL-2.0
/*
 * stranger.c - a module that changes the state of a TCP socket, and then is gone
 *
 * For tests only. Who called tcp_set_state() is an address in this module, which means nothing
 * any more when it has been unloaded, or another module is there.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/in.h>
#include <linux/module.h>
#include <linux/net.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp.h>

#ifndef STRANGER
#define STRANGER stranger_touch
#endif

/* Not all kernels export it. */
static unsigned long set_state;
module_param(set_state, ulong, 0);
MODULE_PARM_DESC(set_state, "where tcp_set_state() is");

/* Not in __init: its text shall stay as long as the module does. */
static noinline void STRANGER(struct sock *sk)
{
	typeof(tcp_set_state) *go = (void *)set_state;

	go(sk, TCP_SYN_SENT);
	go(sk, TCP_SYN_RECV);
	go(sk, TCP_CLOSE);
	/* That the last call is one, and not a jump. */
	barrier();
}

static int __init stranger_init(void)
{
	struct socket *sock;
	int err;

	if (!set_state)
		return -EINVAL;
	err = sock_create_kern(&init_net, AF_INET, SOCK_STREAM, IPPROTO_TCP, &sock);
	if (err) {
		pr_err("no socket: %d\n", err);
		return err;
	}
	lock_sock(sock->sk);
	STRANGER(sock->sk);
	release_sock(sock->sk);
	sock_release(sock);
	return 0;
}

/* Without it the module could not be unloaded. */
static void __exit stranger_exit(void)
{
}

module_init(stranger_init);
module_exit(stranger_exit);
MODULE_DESCRIPTION("changes the state of a socket (for tests only)");
MODULE_LICENSE("GPL");
