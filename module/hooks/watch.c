// SPDX-License-Identifier: GPL-2.0
/*
 * watch.c - what the handlers of the hooks share: who called, and did a hook see what it should?
 */
#include "hooks/watch.h"
#include "record/callsite.h"
#include "record/record.h"

bool tcpfsm_armed;
u64 tcpfsm_armed_since_us;

/*
 * Count, by hook, the calls that it should have seen but did not. A compiler may have inlined a
 * hooked function into one of its callers and kept the symbol. The hook is then placed but does not
 * run. A later step shows it, because the step that should have come before is missing.
 */
static atomic_long_t unheard[TCPFSM_NR_HOOKS];

/**
 * tcpfsm_hook_unheard() - count a call that a hook should have seen but did not
 * @hook: the hook
 *
 * Context: any.
 */
noinline void __cold tcpfsm_hook_unheard(enum tcpfsm_hook_number hook)
{
	atomic_long_inc(&unheard[hook]);
}

/**
 * tcpfsm_hook_heard() - forget the unheard calls of a hook, because the hook does run
 * @hook: the hook
 *
 * Context: any.
 */
void tcpfsm_hook_heard(enum tcpfsm_hook_number hook)
{
	if (atomic_long_read(&unheard[hook]))
		atomic_long_set(&unheard[hook], 0);
}

/**
 * tcpfsm_hook_unheard_count() - get how often a hook did not see a call that it should have seen
 * @hook: the hook
 *
 * Context: any.
 */
long tcpfsm_hook_unheard_count(enum tcpfsm_hook_number hook)
{
	return atomic_long_read(&unheard[hook]);
}

/**
 * tcpfsm_watch_reset() - forget what earlier hooks did not see
 *
 * Context: process; no hook is running.
 */
void __cold tcpfsm_watch_reset(void)
{
	memset(unheard, 0, sizeof(unheard));
}

/**
 * tcpfsm_true_caller() - find the caller behind an address that a foreign return hook has put there
 * @caller: return address, as the hook saw it
 * @hook: the hook that saw @caller
 *
 * Context: any; walks the stack if need be.
 * Return: the caller's return address; 0 if the stack does not show it.
 */
unsigned long tcpfsm_true_caller(unsigned long caller, enum tcpfsm_hook_number hook)
{
	if (likely(!tcpfsm_callsite_is_hidden(tcpfsm_callsite_of(caller))))
		return caller;
	return tcpfsm_callsite_caller(tcpfsm_hooks[hook].addr);
}

/**
 * tcpfsm_callsite_at() - find the call site of a caller
 * @caller: return address; 0 if the stack does not show it
 *
 * Context: any.
 * Return: enum tcpfsm_callsite.
 */
u8 tcpfsm_callsite_at(unsigned long caller)
{
	enum tcpfsm_callsite callsite = caller ? tcpfsm_callsite_of(caller) :
						 TCPFSM_CALLSITE_HIDDEN;

	return tcpfsm_callsite_is_hidden(callsite) ? TCPFSM_CALLSITE_HIDDEN : callsite;
}

/**
 * tcpfsm_telling_callsite() - find the first call site up the stack that says who ends an object
 * @caller: return address; mostly its own call site already says it
 *
 * Context: any; walks the stack if need be.
 * Return: enum tcpfsm_callsite.
 */
u8 tcpfsm_telling_callsite(unsigned long caller)
{
	u8 callsite = tcpfsm_callsite_at(caller);

	if (callsite == TCPFSM_CALLSITE_REQ_DROP || callsite == TCPFSM_CALLSITE_DESCHEDULE)
		callsite = tcpfsm_callsite_beyond(caller, 0);
	return callsite;
}

/**
 * tcpfsm_record_edge() - record a transition whose cause is known
 * @sk: the socket
 * @from: state before
 * @to: state after
 * @flags: TCPFSM_F_*
 * @cause: enum tcpfsm_cause
 *
 * Context: any but NMI and hard interrupt; the socket is locked or not yet shared.
 */
noinline void tcpfsm_record_edge(struct sock *sk, u8 from, u8 to, u16 flags, u8 cause)
{
	struct tcpfsm_edge edge = { .old = from, .new = to, .flags = flags, .cause = cause };

	tcpfsm_record_sock(sk, edge);
}

/**
 * tcpfsm_record_cookie_child() - record the birth of a child that had no hashed request sock
 * @child: the child; its listener answered the SYN with a cookie, or took a fast open
 * @flags: TCPFSM_F_SYNCOOKIE or TCPFSM_F_FASTOPEN
 *
 * Context: task or softirq, BH off.
 */
noinline void tcpfsm_record_cookie_child(struct sock *child, u16 flags)
{
	tcpfsm_record_edge(child, TCP_LISTEN, TCP_SYN_RECV, flags,
			   flags & TCPFSM_F_FASTOPEN ? TCPFSM_C_RCV_SYN : TCPFSM_C_RCV_ACK);
}
