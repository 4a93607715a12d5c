// SPDX-License-Identifier: GPL-2.0
/*
 * sock.c - transitions of full sockets: the kprobe on tcp_set_state(), and the hooks that help it
 */
#include <net/mptcp.h>
#include "core/cause.h"
#include "core/marks.h"
#include "hooks/backstop.h"
#include "hooks/watch.h"
#include "record/callsite.h"
#include "record/record.h"
#include "record/stat.h"

/*
 * The end of the handshake made a child, but something went wrong before the child was hashed. The
 * kernel destroys the child, and the request sock lives on. A child that MPTCP rejects has been
 * hashed, and its end is the end of the connection.
 */
static bool is_stillborn(const struct sock *sk, bool intact)
{
	return sock_flag(sk, SOCK_DEAD) && !sk->sk_err &&
	       (intact ? sk_unhashed(sk) : !sk_is_mptcp(sk));
}

/*
 * Leave an event to the tracepoint, because only a stack walk can tell who ends the connection. An
 * optimized kprobe, which is a jump, cannot be unwound. The tracepoint, later in the same call,
 * can. @intact is true in the kprobe.
 */
static noinline bool leave_to_backstop(struct sock *sk, bool intact)
{
	if (!intact || !tcpfsm_backstop_active || !tcpfsm_hooks[TCPFSM_ON_SET_STATE].via_jump)
		return false;
	tcpfsm_marks_take_seen(sk);
	/* Without room for the mark the backstop takes this call for one that the kprobe missed. */
	tcpfsm_marks_put(sk, TCPFSM_MARK_WALK);
	return true;
}

/* An orderly end is the ACK of our FIN. It needs no search for a culprit. */
static bool ends_orderly(const struct sock *sk, u8 from)
{
	return from == TCP_LAST_ACK && tcp_sk(sk)->snd_una == tcp_sk(sk)->write_seq;
}

/* Record the birth of a child that TCPFSM_ON_CHILD did not see. It never sees joins of MPTCP. */
static noinline void record_missed_child(struct sock *sk)
{
	if (tcpfsm_request_was_unborn())
		return;
	if (tcpfsm_hooks[TCPFSM_ON_CHILD].via_ftrace && !sk_is_mptcp(sk))
		tcpfsm_hook_unheard(TCPFSM_ON_CHILD);
	tcpfsm_record_cookie_child(sk, rcu_access_pointer(tcp_sk(sk)->fastopen_rsk) ?
					       TCPFSM_F_FASTOPEN :
					       TCPFSM_F_SYNCOOKIE);
}

/* Record the transition into SYN_SENT or SYN_RECV now, if it was held back. */
static void record_late_entry(struct sock *sk, u32 from, u32 to, u16 flags)
{
	if (from == TCP_SYN_RECV) {
		if (unlikely(!tcpfsm_record_seen(sk, tcpfsm_hooks[TCPFSM_ON_CHILD].via_ftrace)) &&
		    !sk->sk_socket)
			record_missed_child(sk);
	} else if (tcpfsm_marks_take(sk, TCPFSM_MARK_OPEN)) {
		if (to != TCP_CLOSE)
			tcpfsm_hook_unheard(TCPFSM_ON_OPEN);
		tcpfsm_record_edge(sk, TCP_CLOSE, TCP_SYN_SENT, flags, TCPFSM_C_OPEN);
	}
}

/*
 * Find out who ends the connection from the marks that the hooks on the way have left. Take the
 * marks in any case, so that none outlives the socket. Return false if neither the marks nor
 * @edge->callsite say who it is.
 */
static bool find_culprit(struct sock *sk, struct tcpfsm_edge *edge)
{
	bool no_timewait = tcpfsm_marks_take(sk, TCPFSM_MARK_TIMEWAIT);
	u8 above = tcpfsm_marks_take_ended_by(sk);

	if (!tcpfsm_callsite_is_passage(edge->callsite))
		return true;
	if (ends_orderly(sk, edge->old))
		edge->cause = TCPFSM_C_RCV_ACK;
	else if (no_timewait)
		edge->facts |= TCPFSM_FACT_NO_TIMEWAIT;
	else
		edge->above = above;
	/* The functions whose hooks leave these marks call tcp_done(). */
	if (edge->facts || edge->above)
		edge->callsite = TCPFSM_CALLSITE_DONE;
	return edge->cause || edge->facts || edge->above;
}

/* Walk the stack to find out who ends the connection, unless a jump led here. */
static void walk_to_culprit(struct tcpfsm_edge *edge, bool intact)
{
	unsigned long function = tcpfsm_hooks[TCPFSM_ON_SET_STATE].addr;

	if (edge->callsite == TCPFSM_CALLSITE_HIDDEN && intact &&
	    !tcpfsm_hooks[TCPFSM_ON_SET_STATE].via_jump) {
		edge->caller = tcpfsm_callsite_caller(function);
		edge->callsite = tcpfsm_callsite_at(edge->caller);
	}
	if (edge->callsite == TCPFSM_CALLSITE_DONE)
		edge->above = tcpfsm_callsite_beyond(edge->caller, function);
}

/**
 * tcpfsm_sock_record() - find out who made a transition of a full socket, and record it
 * @sk: the socket
 * @from: state before
 * @to: state after
 * @flags: TCPFSM_F_*
 * @caller: return address of tcp_set_state(); 0 if it is not known
 * @intact: true in the kprobe, where the kernel has not yet begun its work on the socket
 *
 * Context: any but NMI and hard interrupt; the socket is locked.
 */
noinline void tcpfsm_sock_record(struct sock *sk, u8 from, u8 to, u16 flags, unsigned long caller,
				 bool intact)
{
	struct tcpfsm_edge edge = {
		.old = from,
		.new = to,
		.flags = flags,
		.callsite = tcpfsm_callsite_at(caller),
		.caller = caller,
	};

	/* Only an edge to CLOSE leaves open who caused it. */
	if (to == TCP_CLOSE && !find_culprit(sk, &edge)) {
		if (leave_to_backstop(sk, intact))
			return;
		walk_to_culprit(&edge, intact);
	}
	tcpfsm_record_sock(sk, edge);
}

/**
 * tcpfsm_sock_transition() - decide what a change of a full socket's state means, and record it
 * @sk: the socket
 * @from: state before
 * @to: state after
 * @flags: TCPFSM_F_*
 * @caller: return address of tcp_set_state(); 0 if it is not known
 * @intact: true in the kprobe, where the kernel has not yet begun its work on the socket
 *
 * Some changes are not transitions. Others are recorded later, when more is known about them.
 *
 * Context: any but NMI and hard interrupt; the socket is locked.
 */
noinline void tcpfsm_sock_transition(struct sock *sk, u8 from, u8 to, u16 flags,
				     unsigned long caller, bool intact)
{
	switch (from) {
	case TCP_CLOSE:
		/* The kernel chooses the port later. Record the transition then. */
		if (to == TCP_SYN_SENT && tcpfsm_hooks[TCPFSM_ON_OPEN].placed &&
		    tcpfsm_marks_put(sk, TCPFSM_MARK_OPEN))
			return;
		break;
	case TCP_SYN_SENT:
		record_late_entry(sk, from, to, flags);
		break;
	case TCP_LISTEN:
		if (tcpfsm_marks_take(sk, TCPFSM_MARK_LISTEN))
			tcpfsm_record_edge(sk, TCP_CLOSE, TCP_LISTEN, flags, TCPFSM_C_LISTEN);
		break;
	case TCP_SYN_RECV:
		if (to == TCP_CLOSE && is_stillborn(sk, intact))
			return;
		record_late_entry(sk, from, to, flags);
		break;
	case TCP_FIN_WAIT2:
	case TCP_CLOSING:
		if (to != TCP_CLOSE)
			break;
		if (tcpfsm_marks_take(sk, TCPFSM_MARK_HANDOVER))
			return;
		if (intact && sk_unhashed(sk)) {
			/*
			 * The hook did not run, or its mark found no room, or the handover came
			 * before the hooks were armed.
			 */
			tcpfsm_hook_unheard(TCPFSM_ON_TIMEWAIT_BIRTH);
			return;
		}
		break;
	}
	tcpfsm_sock_record(sk, from, to, flags, caller, intact);
}

/* Record a common edge (tcpfsm_edge_is_common()), which is a transition without any doubt. */
static void common_transition(struct sock *sk, u32 from, u32 to, u32 number, unsigned long caller)
{
	struct tcpfsm_edge edge = {
		.old = from,
		.new = to,
		.callsite = tcpfsm_callsite_of(caller),
		.common = true,
		.number = number,
		.caller = caller,
	};

	if (from == TCP_SYN_SENT || from == TCP_SYN_RECV)
		record_late_entry(sk, from, to, 0);
	if (tcpfsm_callsite_is_passage(edge.callsite)) {
		if (!ends_orderly(sk, from)) {
			tcpfsm_sock_record(sk, from, to, 0, caller, true);
			return;
		}
		edge.cause = TCPFSM_C_RCV_ACK;
	}
	tcpfsm_record_common(sk, &edge);
}

static noinline void __cold count_handed_over(void)
{
	TCPFSM_COUNT_ANY(handed_over);
}

/*
 * Handle the kprobe on tcp_set_state(), which sees most events. All functions that a common edge
 * calls are inlined here. Separate calls, and the values that they pass in memory, would cost a
 * third more.
 */
int __flatten tcpfsm_on_set_state(struct kprobe *kp, struct pt_regs *regs)
{
	struct sock *sk = (struct sock *)regs_get_kernel_argument(regs, 0);
	u32 to = regs_get_kernel_argument(regs, 1);
	u32 from = sk->sk_state;
	u32 number = tcpfsm_edge_number(from, to);

	if (!tcpfsm_watching() || from == to || !tcpfsm_is_tcp(sk))
		return 0;
	if (unlikely(tcpfsm_backstop_active && !tcpfsm_marks_put_seen(sk)))
		/* Without the mark the tracepoint would record it again, so it alone records it. */
		count_handed_over();
	else if (tcpfsm_edge_is_common(number))
		common_transition(sk, from, to, number, tcpfsm_caller(regs));
	else
		tcpfsm_sock_transition(sk, from, to, 0, tcpfsm_caller(regs), true);
	return 0;
}

/*
 * The kernel calls this function only for an error: a reset, a timeout, an ICMP message, "ss -K".
 */
void tcpfsm_on_error(unsigned long caller, unsigned long a0, unsigned long a1, unsigned long a2)
{
	struct sock *sk = (struct sock *)a0;
	enum tcpfsm_callsite callsite;

	if (!tcpfsm_watching() || sk->sk_state == TCP_CLOSE)
		return;
	caller = tcpfsm_true_caller(caller, TCPFSM_ON_ERROR);
	callsite = tcpfsm_callsite_at(caller);
	if (callsite == TCPFSM_CALLSITE_DONE)
		callsite = tcpfsm_callsite_beyond(caller, tcpfsm_hooks[TCPFSM_ON_ERROR].addr);
	if (callsite != TCPFSM_CALLSITE_HIDDEN)
		tcpfsm_marks_put(sk, TCPFSM_MARK_ENDED_BY + callsite);
}

void tcpfsm_on_listen_return(unsigned long a0, unsigned long value)
{
	struct sock *sk = (struct sock *)a0;

	if (tcpfsm_marks_take(sk, TCPFSM_MARK_LISTEN) && (int)value == 0)
		tcpfsm_record_edge(sk, TCP_CLOSE, TCP_LISTEN, 0, TCPFSM_C_LISTEN);
}

/* By now the port is chosen, and the SYN is about to be sent or is put off until there is data. */
void tcpfsm_on_open(unsigned long caller, unsigned long a0, unsigned long a1, unsigned long a2)
{
	struct sock *sk = (struct sock *)a0;

	if (tcpfsm_marks_take(sk, TCPFSM_MARK_OPEN))
		tcpfsm_record_edge(sk, TCP_CLOSE, TCP_SYN_SENT, 0, TCPFSM_C_OPEN);
}
