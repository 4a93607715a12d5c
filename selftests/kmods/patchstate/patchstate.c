// SPDX-License-Identifier: GPL-2.0
/*
 * patchstate.c - a live patch of tcp_set_state()
 *
 * For tests only. The new one does what the old one does, as far as a connection needs it.
 * As in patches that are made by kpatch it has the old one's name.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/livepatch.h>
#include <linux/module.h>
#include <net/inet_connection_sock.h>
#include <net/inet_hashtables.h>
#include <net/tcp.h>

#if IS_ENABLED(CONFIG_LIVEPATCH)
/* Not all kernels export it. */
#pragma weak inet_put_port

void tcp_set_state(struct sock *sk, int state)
{
	bool was_up = sk->sk_state == TCP_ESTABLISHED, is_up = state == TCP_ESTABLISHED;

	if (is_up && !was_up)
		TCP_INC_STATS(sock_net(sk), TCP_MIB_CURRESTAB);
	if (was_up && !is_up)
		TCP_DEC_STATS(sock_net(sk), TCP_MIB_CURRESTAB);
	if (state == TCP_CLOSE) {
		sk->sk_prot->unhash(sk);
		if (inet_csk(sk)->icsk_bind_hash && !(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
			inet_put_port(sk);
	}
	inet_sk_set_state(sk, state);
}

static struct klp_func functions[] = {
	{
		.old_name = "tcp_set_state",
		.new_func = tcp_set_state,
	},
	{},
};

/* Without a name: what is patched is not in a module. */
static struct klp_object objects[] = {
	{
		.funcs = functions,
	},
	{},
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objects,
};

static int __init patchstate_init(void)
{
	return inet_put_port ? klp_enable_patch(&patch) : -EOPNOTSUPP;
}
#else
static int __init patchstate_init(void)
{
	return -EOPNOTSUPP;
}
#endif

static void __exit patchstate_exit(void)
{
}

module_init(patchstate_init);
module_exit(patchstate_exit);
MODULE_DESCRIPTION("a live patch of tcp_set_state() (for tests only)");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
