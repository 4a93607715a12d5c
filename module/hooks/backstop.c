// SPDX-License-Identifier: GPL-2.0
/*
 * backstop.c - the tracepoint sock:inet_sock_set_state, which sees every store of a state
 *
 * Its handler records three kinds of transitions:
 *
 * - those that the kprobe on tcp_set_state() missed,
 * - those that the kprobe left to it, because only here the stack can be walked, and
 * - stores that do not go through tcp_set_state().
 */
#include <linux/tracepoint.h>
#include "core/marks.h"
#include "hooks/backstop.h"
#include "hooks/watch.h"
#include "record/callsite.h"
#include "record/stat.h"

bool tcpfsm_backstop_active;

static struct tracepoint *tracepoint;

/* Is this the second of two children for one handshake? See inet_ehash_nolisten(). */
static bool is_second_child(const struct sock *sk, int from, int to)
{
	return from == TCP_SYN_RECV && to == TCP_CLOSE && !sk->sk_socket &&
	       inet_csk(sk)->icsk_bind_hash;
}

/* A clone has its listener's state at first. It is CLOSE if the listener was closed just now. */
static bool is_clone(int from, int to)
{
	return to == TCP_SYN_RECV && from != TCP_SYN_SENT;
}

/* Record a transition that the kprobe did not record. */
static noinline void __cold record_unseen(struct sock *sk, int from, int to)
{
	if (tcpfsm_marks_take(sk, TCPFSM_MARK_WALK)) {
		tcpfsm_sock_record(sk, from, to, 0, tcpfsm_callsite_caller(0), false);
		return;
	}
	if (from == TCP_CLOSE && to == TCP_LISTEN) {
		if (!tcpfsm_hooks[TCPFSM_ON_LISTEN].placed ||
		    !tcpfsm_marks_put(sk, TCPFSM_MARK_LISTEN))
			tcpfsm_record_edge(sk, from, to, 0, TCPFSM_C_LISTEN);
		return;
	}
	if (from == TCP_LISTEN && tcpfsm_marks_take(sk, TCPFSM_MARK_LISTEN))
		return;
	if (is_second_child(sk, from, to))
		return;
	TCPFSM_COUNT_ANY(repaired);
	tcpfsm_sock_transition(sk, from, to, TCPFSM_F_REPAIRED, tcpfsm_callsite_caller(0), false);
}

/* Look at a store for which the kprobe has left no mark on this CPU. */
static noinline void look_at_unmarked(struct sock *sk, int from, int to)
{
	if (!tcpfsm_watching() || from == to || !tcpfsm_is_tcp(sk) || is_clone(from, to))
		return;
	if (!tcpfsm_marks_take_seen(sk))
		record_unseen(sk, from, to);
}

/*
 * Handle the tracepoint. It is inside tcp_set_state(), just before the store. It is also before
 * the two stores outside that function: listen(), which may still fail, and the birth of a child.
 * Such a child still shows its listener's address and cookie, and its birth is recorded elsewhere.
 */
static void on_state_store(void *data, const struct sock *sk, const int from, const int to)
{
	if (unlikely(!tcpfsm_marks_take_seen_here(sk)))
		look_at_unmarked((struct sock *)sk, from, to);
}

static void __cold find_tracepoint(struct tracepoint *tp, void *priv)
{
	if (!strcmp(tp->name, "inet_sock_set_state"))
		tracepoint = tp;
}

/**
 * tcpfsm_backstop_start() - hook the tracepoint
 *
 * If the tracepoint cannot be hooked, the kernel log says what is lost.
 *
 * Context: process.
 */
void __cold tcpfsm_backstop_start(void)
{
	int err = -ENOENT;

	for_each_kernel_tracepoint(find_tracepoint, NULL);
	if (tracepoint)
		err = tracepoint_probe_register(tracepoint, on_state_store, NULL);
	tcpfsm_backstop_active = !err;
	if (err)
		pr_warn("cannot hook tracepoint inet_sock_set_state (%d): %s\n", err,
			TCPFSM_BACKSTOP_LOSES);
}

/**
 * tcpfsm_backstop_stop() - unhook the tracepoint
 *
 * When this returns, the handler is not running and will not run.
 *
 * Context: process.
 */
void __cold tcpfsm_backstop_stop(void)
{
	if (!tcpfsm_backstop_active)
		return;
	tracepoint_probe_unregister(tracepoint, on_state_store, NULL);
	tracepoint_synchronize_unregister();
	tcpfsm_backstop_active = false;
}
