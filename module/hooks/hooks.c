// SPDX-License-Identifier: GPL-2.0
/*
 * hooks.c - where the kernel changes a connection's state
 *
 * One connection lives in up to three objects. What is hooked, and why there:
 *
 *	struct sock		tcp_set_state() by kprobe, and the tracepoint
 *				sock:inet_sock_set_state, which sits inside it and sees
 *				every store: it supplies what the kprobe missed, and the
 *				stores that do not go through tcp_set_state()
 *	request_sock		no state is ever stored: birth, end and the rare failed
 *				birth are calls of functions
 *	inet_timewait_sock	likewise; its FIN_WAIT2 -> TIME_WAIT is a store between two
 *				calls
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/percpu.h>
#include <linux/seq_file.h>
#include <linux/tracepoint.h>
#include <net/mptcp.h>
#include "hooks/canary.h"
#include "core/cause.h"
#include "hooks/place.h"
#include "core/marks.h"
#include "hooks/hooks.h"
#include "record/record.h"
#include "record/callsite.h"
#include "record/stat.h"

/* The kernel's numbers are the interface's. */
static_assert(TCPFSM_ESTABLISHED == (int)TCP_ESTABLISHED);
static_assert(TCPFSM_SYN_SENT == (int)TCP_SYN_SENT);
static_assert(TCPFSM_SYN_RECV == (int)TCP_SYN_RECV);
static_assert(TCPFSM_FIN_WAIT1 == (int)TCP_FIN_WAIT1);
static_assert(TCPFSM_FIN_WAIT2 == (int)TCP_FIN_WAIT2);
static_assert(TCPFSM_TIME_WAIT == (int)TCP_TIME_WAIT);
static_assert(TCPFSM_CLOSE == (int)TCP_CLOSE);
static_assert(TCPFSM_CLOSE_WAIT == (int)TCP_CLOSE_WAIT);
static_assert(TCPFSM_LAST_ACK == (int)TCP_LAST_ACK);
static_assert(TCPFSM_LISTEN == (int)TCP_LISTEN);
static_assert(TCPFSM_CLOSING == (int)TCP_CLOSING);

/* What the hooks believe that the kernel passes them, of all functions that headers declare. */
static_assert(__same_type(tcp_set_state, void(struct sock *, int)));
static_assert(TCPFSM_IS_LISTEN_START(inet_csk_listen_start));
static_assert(__same_type(tcp_fastopen_defer_connect, bool(struct sock *, int *)));
static_assert(TCPFSM_IS_DONE_WITH_ERROR);
static_assert(TCPFSM_IS_HASH_ADD(inet_csk_reqsk_queue_hash_add));
static_assert(__same_type(inet_csk_reqsk_queue_add,
			  struct sock *(struct sock *, struct request_sock *, struct sock *)));
static_assert(TCPFSM_IS_HASHDANCE);
static_assert(__same_type(tcp_time_wait, void(struct sock *, int, int)));
static_assert(__same_type(inet_twsk_deschedule_put, void(struct inet_timewait_sock *)));
static_assert(TCPFSM_IS_TIMEWAIT_STATE_PROCESS(tcp_timewait_state_process));
static_assert(__same_type(__inet_twsk_schedule, void(struct inet_timewait_sock *, int, bool)));

/* Hooks are placed one after the other; they do nothing before all are. */
static bool armed;

/* When that was, by TCP's clock. */
static u64 armed_us;

/* The tracepoint is hooked. */
static bool auditing;

enum {
	HOOK_SET_STATE,
	HOOK_LISTEN,
	HOOK_OPEN,
	HOOK_ERROR,
	HOOK_REQUEST_BIRTH,
	HOOK_REQUEST_DROP,
	HOOK_REQUEST_FREE_V4,
#if IS_ENABLED(CONFIG_IPV6)
	HOOK_REQUEST_FREE_V6,
#endif
	HOOK_CHILD,
	HOOK_TIMEWAIT_BIRTH,
	HOOK_TIMEWAIT_WANTED,
	HOOK_TIMEWAIT_EARLY,
	HOOK_TIMEWAIT_SEGMENT,
	HOOK_TIMEWAIT_REARM,
	HOOK_TIMEWAIT_KILL,
	NR_HOOKS
};

static struct tcpfsm_hook hooks[];

/*
 * A compiler may have put a hooked function into one of its callers and kept the symbol: the
 * hook is there, and does not run. What follows shows it, and is counted by hook: the step
 * that should have come before did not.
 */
static atomic_long_t unheard[NR_HOOKS];

static noinline void __cold miss(int hook)
{
	atomic_long_inc(&unheard[hook]);
}

static bool is_tcp(const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_TCP;
}

/* A return hook of somebody else's may stand in the place of the caller: look behind it. */
static unsigned long true_caller(unsigned long caller, int hook)
{
	if (likely(!tcpfsm_callsite_is_hidden(tcpfsm_callsite_of(caller))))
		return caller;
	return tcpfsm_callsite_caller(hooks[hook].addr);
}

/* @caller: 0 if the stack does not show it. */
static u8 callsite_at(unsigned long caller)
{
	enum tcpfsm_callsite callsite = caller ? tcpfsm_callsite_of(caller) :
						 TCPFSM_CALLSITE_HIDDEN;

	return tcpfsm_callsite_is_hidden(callsite) ? TCPFSM_CALLSITE_HIDDEN : callsite;
}

static noinline void record(struct sock *sk, u8 from, u8 to, u16 flags, u8 cause)
{
	struct tcpfsm_edge edge = { .old = from, .new = to, .flags = flags, .cause = cause };

	tcpfsm_record_sock(sk, edge);
}

/* ---- full sockets ---- */

/* A child without a request sock: the listener answered with a cookie, or took a fast open. */
static noinline void announce_child(struct sock *child, u16 flags)
{
	record(child, TCP_LISTEN, TCP_SYN_RECV, flags,
	       flags & TCPFSM_F_FASTOPEN ? TCPFSM_C_RCV_SYN : TCPFSM_C_RCV_ACK);
}

/*
 * The handshake's end made a child, but something went wrong before it was
 * hashed: the kernel destroys it, the request sock lives on. A child that MPTCP
 * rejects has been hashed, and ends the connection.
 */
static bool is_stillborn(const struct sock *sk, bool intact)
{
	return sock_flag(sk, SOCK_DEAD) && !sk->sk_err &&
	       (intact ? sk_unhashed(sk) : !sk_is_mptcp(sk));
}

/*
 * Nothing tells who ends a connection but the stack. From the jump that the kernel made of
 * the kprobe the unwinder does not find back, from the tracepoint later in the same call
 * it does: so leave it to the auditor. @intact: this is the kprobe.
 */
static noinline bool leave_to_auditor(struct sock *sk, bool intact)
{
	if (!intact || !auditing || !hooks[HOOK_SET_STATE].via_jump)
		return false;
	tcpfsm_marks_take_seen(sk);
	/* Without room for the mark the auditor takes it for one that the kprobe missed. */
	tcpfsm_marks_put(sk, TCPFSM_MARK_WALK);
	return true;
}

/* The way that every connection ends needs no search for the guilty. */
static bool ends_orderly(const struct sock *sk, u8 from)
{
	return from == TCP_LAST_ACK && tcp_sk(sk)->snd_una == tcp_sk(sk)->write_seq;
}

/*
 * The request sock whose handshake this CPU has completed last was not seen to be born. Its
 * child, which comes next, was not born without one.
 */
static DEFINE_PER_CPU(bool, completed_unborn);

/* One that the hook for it has not told of; MPTCP has joins that do not come by there. */
static noinline void tell_of_child(struct sock *sk)
{
	if (this_cpu_xchg(completed_unborn, false))
		return;
	if (hooks[HOOK_CHILD].via_ftrace && !sk_is_mptcp(sk))
		miss(HOOK_CHILD);
	announce_child(sk, rcu_access_pointer(tcp_sk(sk)->fastopen_rsk) ? TCPFSM_F_FASTOPEN :
									  TCPFSM_F_SYNCOOKIE);
}

/* Of SYN_SENT or SYN_RECV, which may not have been told of when it was entered. */
static void tell_of_birth(struct sock *sk, u32 from, u32 to, u16 flags)
{
	if (from == TCP_SYN_RECV) {
		if (unlikely(!tcpfsm_record_seen(sk, hooks[HOOK_CHILD].via_ftrace)) &&
		    !sk->sk_socket)
			tell_of_child(sk);
	} else if (tcpfsm_marks_take(sk, TCPFSM_MARK_OPEN)) {
		if (to != TCP_CLOSE)
			miss(HOOK_OPEN);
		record(sk, TCP_CLOSE, TCP_SYN_SENT, flags, TCPFSM_C_OPEN);
	}
}

/*
 * Ask the marks that functions on the way have left who ends the connection. They are taken in
 * any case: no mark outlives the socket. False: they do not say, and nor does @edge->callsite.
 */
static bool find_end(struct sock *sk, struct tcpfsm_edge *edge)
{
	bool no_timewait = tcpfsm_marks_take(sk, TCPFSM_MARK_TIMEWAIT);
	u8 above = tcpfsm_marks_take_blame(sk);

	if (!tcpfsm_callsite_is_passage(edge->callsite))
		return true;
	if (ends_orderly(sk, edge->old))
		edge->cause = TCPFSM_C_RCV_ACK;
	else if (no_timewait)
		edge->facts |= TCPFSM_FACT_NO_TIMEWAIT;
	else
		edge->above = above;
	/* Whoever leaves a mark calls tcp_done(). */
	if (edge->facts || edge->above)
		edge->callsite = TCPFSM_CALLSITE_DONE;
	return edge->cause || edge->facts || edge->above;
}

/* Walk the stack, unless it was left by a jump. */
static void walk_to_end(struct tcpfsm_edge *edge, bool intact)
{
	unsigned long function = hooks[HOOK_SET_STATE].addr;

	if (edge->callsite == TCPFSM_CALLSITE_HIDDEN && intact && !hooks[HOOK_SET_STATE].via_jump) {
		edge->caller = tcpfsm_callsite_caller(function);
		edge->callsite = callsite_at(edge->caller);
	}
	if (edge->callsite == TCPFSM_CALLSITE_DONE)
		edge->above = tcpfsm_callsite_beyond(edge->caller, function);
}

static noinline void record_by(struct sock *sk, u8 from, u8 to, u16 flags, unsigned long caller,
			       bool intact)
{
	struct tcpfsm_edge edge = {
		.old = from,
		.new = to,
		.flags = flags,
		.callsite = callsite_at(caller),
		.caller = caller,
	};

	/* An edge that leads elsewhere says why by itself. */
	if (to == TCP_CLOSE && !find_end(sk, &edge)) {
		if (leave_to_auditor(sk, intact))
			return;
		walk_to_end(&edge, intact);
	}
	tcpfsm_record_sock(sk, edge);
}

/* @intact: the kernel has not begun with its work on the socket. */
static noinline void transition(struct sock *sk, u8 from, u8 to, u16 flags, unsigned long caller,
				bool intact)
{
	switch (from) {
	case TCP_CLOSE:
		/* The port is chosen later; tell of the transition then. */
		if (to == TCP_SYN_SENT && hooks[HOOK_OPEN].placed &&
		    tcpfsm_marks_put(sk, TCPFSM_MARK_OPEN))
			return;
		break;
	case TCP_SYN_SENT:
		tell_of_birth(sk, from, to, flags);
		break;
	case TCP_LISTEN:
		if (tcpfsm_marks_take(sk, TCPFSM_MARK_LISTEN))
			record(sk, TCP_CLOSE, TCP_LISTEN, flags, TCPFSM_C_LISTEN);
		break;
	case TCP_SYN_RECV:
		if (to == TCP_CLOSE && is_stillborn(sk, intact))
			return;
		tell_of_birth(sk, from, to, flags);
		break;
	case TCP_FIN_WAIT2:
	case TCP_CLOSING:
		if (to != TCP_CLOSE)
			break;
		if (tcpfsm_marks_take(sk, TCPFSM_MARK_HANDOVER))
			return;
		if (intact && sk_unhashed(sk)) {
			/* Or no place for the mark, or handed over before we were armed. */
			miss(HOOK_TIMEWAIT_BIRTH);
			return;
		}
		break;
	}
	record_by(sk, from, to, flags, caller, intact);
}

/* The same for the edges that are tcpfsm_edge_is_common(), where nothing is in doubt. */
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
		tell_of_birth(sk, from, to, 0);
	if (tcpfsm_callsite_is_passage(edge.callsite)) {
		if (!ends_orderly(sk, from)) {
			record_by(sk, from, to, 0, caller, true);
			return;
		}
		edge.cause = TCPFSM_C_RCV_ACK;
	}
	tcpfsm_record_common(sk, &edge);
}

static noinline void __cold count_handed_over(void)
{
	tcpfsm_stat_count(offsetof(struct tcpfsm_stat, handed_over));
}

/*
 * The way of most events: with all that a common one calls it is one function, for calls and
 * what they pass in memory would cost a third more.
 */
static int __flatten on_set_state(struct kprobe *kp, struct pt_regs *regs)
{
	struct sock *sk = (struct sock *)regs_get_kernel_argument(regs, 0);
	u32 to = regs_get_kernel_argument(regs, 1);
	u32 from = sk->sk_state;
	u32 number = tcpfsm_edge_number(from, to);

	if (!READ_ONCE(armed) || from == to || !is_tcp(sk))
		return 0;
	if (unlikely(auditing && !tcpfsm_marks_put_seen(sk)))
		/* No place for the mark: the auditor would record it again, so leave it to him. */
		count_handed_over();
	else if (tcpfsm_edge_is_common(number))
		common_transition(sk, from, to, number, tcpfsm_caller(regs));
	else
		transition(sk, from, to, 0, tcpfsm_caller(regs), true);
	return 0;
}

/* Only errors come here: a reset, a timeout, an ICMP message, "ss -K". */
static void on_error(unsigned long caller, unsigned long a0, unsigned long a1, unsigned long a2)
{
	struct sock *sk = (struct sock *)a0;
	enum tcpfsm_callsite callsite;

	if (!READ_ONCE(armed) || sk->sk_state == TCP_CLOSE)
		return;
	caller = true_caller(caller, HOOK_ERROR);
	callsite = callsite_at(caller);
	if (callsite == TCPFSM_CALLSITE_DONE)
		callsite = tcpfsm_callsite_beyond(caller, hooks[HOOK_ERROR].addr);
	if (callsite != TCPFSM_CALLSITE_HIDDEN)
		tcpfsm_marks_put(sk, TCPFSM_MARK_BLAME + callsite);
}

/* inet_ehash_nolisten(): of two children for one handshake this one came second. */
static bool is_second_child(const struct sock *sk, int from, int to)
{
	return from == TCP_SYN_RECV && to == TCP_CLOSE && !sk->sk_socket &&
	       inet_csk(sk)->icsk_bind_hash;
}

/* A clone has its listener's state at first, which is CLOSE if that was closed just now. */
static bool is_clone(int from, int to)
{
	return to == TCP_SYN_RECV && from != TCP_SYN_SENT;
}

/* A store that no kprobe has told of. */
static noinline void __cold audit_unseen(struct sock *sk, int from, int to)
{
	if (tcpfsm_marks_take(sk, TCPFSM_MARK_WALK)) {
		record_by(sk, from, to, 0, tcpfsm_callsite_caller(0), false);
		return;
	}
	if (from == TCP_CLOSE && to == TCP_LISTEN) {
		if (!hooks[HOOK_LISTEN].placed || !tcpfsm_marks_put(sk, TCPFSM_MARK_LISTEN))
			record(sk, from, to, 0, TCPFSM_C_LISTEN);
		return;
	}
	if (from == TCP_LISTEN && tcpfsm_marks_take(sk, TCPFSM_MARK_LISTEN))
		return;
	if (is_second_child(sk, from, to))
		return;
	tcpfsm_stat_count(offsetof(struct tcpfsm_stat, repaired));
	transition(sk, from, to, TCPFSM_F_REPAIRED, tcpfsm_callsite_caller(0), false);
}

/* One that the kprobe has not left a mark for, on this CPU. */
static noinline void audit_other(struct sock *sk, int from, int to)
{
	if (!READ_ONCE(armed) || from == to || !is_tcp(sk) || is_clone(from, to))
		return;
	if (!tcpfsm_marks_take_seen(sk))
		audit_unseen(sk, from, to);
}

/*
 * The tracepoint: inside tcp_set_state() just before the store, and before the
 * stores that do not go through it: listen(), which may still fail, and the birth
 * of a child, which shows its listener's address and cookie and which is told of
 * elsewhere.
 */
static void audit(void *data, const struct sock *sk, const int from, const int to)
{
	if (unlikely(!tcpfsm_marks_take_seen_here(sk)))
		audit_other((struct sock *)sk, from, to);
}

static void on_listen_return(unsigned long a0, unsigned long value)
{
	struct sock *sk = (struct sock *)a0;

	if (tcpfsm_marks_take(sk, TCPFSM_MARK_LISTEN) && (int)value == 0)
		record(sk, TCP_CLOSE, TCP_LISTEN, 0, TCPFSM_C_LISTEN);
}

/* The port is chosen and the SYN about to be sent, or put off until there is data. */
static void on_open(unsigned long caller, unsigned long a0, unsigned long a1, unsigned long a2)
{
	struct sock *sk = (struct sock *)a0;

	if (tcpfsm_marks_take(sk, TCPFSM_MARK_OPEN))
		record(sk, TCP_CLOSE, TCP_SYN_SENT, 0, TCPFSM_C_OPEN);
}

/* ---- request socks ---- */

static void on_request_birth(unsigned long caller, unsigned long a0, unsigned long a1,
			     unsigned long a2)
{
	static const struct tcpfsm_edge edge = {
		.old = TCP_LISTEN,
		.new = TCP_SYN_RECV,
		.cause = TCPFSM_C_RCV_SYN,
	};
	const struct sock *listener = (const struct sock *)a0;

	if (READ_ONCE(armed) && is_tcp(listener))
		tcpfsm_record_request(listener, (struct request_sock *)a1, &edge);
}

/* The first place up the stack that says something; mostly that is the caller itself. */
static u8 meaning(unsigned long caller)
{
	u8 callsite = callsite_at(caller);

	if (callsite == TCPFSM_CALLSITE_REQ_DROP || callsite == TCPFSM_CALLSITE_DESCHEDULE)
		callsite = tcpfsm_callsite_beyond(caller, 0);
	return callsite;
}

/*
 * Who dropped a request sock. A request has one timer, whose handler is not on the stack where the
 * compiler made its last call a jump.
 */
static u8 dropper(unsigned long caller)
{
	u8 callsite = meaning(caller);

	return callsite == TCPFSM_CALLSITE_TIMER ? TCPFSM_CALLSITE_REQ_TIMER : callsite;
}

static bool completes(enum tcpfsm_callsite callsite)
{
	return callsite == TCPFSM_CALLSITE_COMPLETE || callsite == TCPFSM_CALLSITE_CHECK_REQ;
}

/* The child has taken its place; or a clone at another listener has. */
static void on_request_complete(const struct request_sock *req, enum tcpfsm_callsite callsite)
{
	bool unborn = !atomic64_read(&inet_rsk(req)->ir_cookie);

	if (!completes(callsite))
		return;
	tcpfsm_stat_count(offsetof(struct tcpfsm_stat, requests_completed));
	this_cpu_write(completed_unborn, unborn);
	/* Or it is older than the hooks. */
	if (unborn && tcp_rsk(req)->snt_synack > armed_us)
		miss(HOOK_REQUEST_BIRTH);
}

static void on_request_drop(unsigned long caller, unsigned long a0, unsigned long a1,
			    unsigned long a2)
{
	const struct sock *listener = (const struct sock *)a0;
	struct request_sock *req = (struct request_sock *)a1;
	struct tcpfsm_edge edge = {
		.old = TCP_SYN_RECV,
		.new = TCP_CLOSE,
	};

	if (!READ_ONCE(armed) || !is_tcp(listener))
		return;
	edge.caller = true_caller(caller, HOOK_REQUEST_DROP);
	if (!sk_hashed(req_to_sk(req))) {
		/* No transition: the child is in SYN_RECV as well. */
		on_request_complete(req, callsite_at(edge.caller));
		return;
	}
	edge.callsite = dropper(edge.caller);
	tcpfsm_record_request(listener, req, &edge);
}

/*
 * A request sock that is freed without a child, and whose end was not told. If its listener has
 * closed, a clone at another listener may go on under its cookie.
 */
static bool is_dropped_unheard(const struct request_sock *req)
{
	return req->rsk_listener && req->rsk_listener->sk_state == TCP_LISTEN && !rsk_drop_req(req);
}

static int free_hook(const struct request_sock *req)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (req->rsk_ops->family == AF_INET6)
		return HOOK_REQUEST_FREE_V6;
#endif
	return HOOK_REQUEST_FREE_V4;
}

/*
 * Every request sock that is freed. Its end has been told, but for one that found its place in
 * the kernel's table taken. One with a child goes on as that.
 */
static void on_request_free(unsigned long caller, unsigned long a0, unsigned long a1,
			    unsigned long a2)
{
	struct request_sock *req = (struct request_sock *)a0;
	struct tcpfsm_edge edge = {
		.old = TCP_SYN_RECV,
		.new = TCP_CLOSE,
	};

	if (!READ_ONCE(armed) || req->sk || !tcpfsm_request_is_open(req))
		return;
	edge.caller = true_caller(caller, free_hook(req));
	edge.callsite = dropper(edge.caller);
	if (edge.callsite != TCPFSM_CALLSITE_CONN_REQUEST) {
		if (!is_dropped_unheard(req))
			return;
		miss(HOOK_REQUEST_DROP);
	}
	tcpfsm_record_request(req->rsk_listener, req, &edge);
}

/*
 * Was there no request sock in the table of half-open connections? Of a syncookie the listener
 * remembers nothing: its request, made anew when the ACK comes, does not refer to the listener.
 */
static bool is_first_seen(const struct request_sock *req)
{
	return !req->rsk_listener || tcp_rsk(req)->tfo_listener;
}

/*
 * Children that had no hashed request sock: syncookies and fast open. Whether the socket has a
 * cookie says nothing, for others may have asked for it: BPF programs, "ss -e".
 */
static void on_child_queued(unsigned long caller, unsigned long a0, unsigned long a1,
			    unsigned long a2)
{
	struct request_sock *req = (struct request_sock *)a1;
	struct sock *child = (struct sock *)a2;

	if (READ_ONCE(armed) && is_tcp(child) && is_first_seen(req))
		announce_child(child,
			       tcp_rsk(req)->tfo_listener ? TCPFSM_F_FASTOPEN : TCPFSM_F_SYNCOOKIE);
}

/* ---- timewait socks ---- */

/*
 * The timewait sock in FIN_WAIT2 that this CPU has a segment for. With PREEMPT_RT
 * another segment may be taken meanwhile, and this is forgotten: the table has it then.
 */
static DEFINE_PER_CPU(struct inet_timewait_sock *, segment_for);

static void on_timewait_birth(unsigned long caller, unsigned long a0, unsigned long a1,
			      unsigned long a2)
{
	struct inet_timewait_sock *tw = (struct inet_timewait_sock *)a0;
	struct sock *sk = (struct sock *)a1;

	if (!READ_ONCE(armed) || !tcpfsm_tw_is_tcp(tw))
		return;
	if (!tcpfsm_marks_take(sk, TCPFSM_MARK_TIMEWAIT))
		miss(HOOK_TIMEWAIT_WANTED);
	tcpfsm_marks_put(sk, TCPFSM_MARK_HANDOVER);
	tcpfsm_record_handover(sk, tw);
}

/* If no birth follows, there was no timewait sock to be had. */
static void on_timewait_wanted(unsigned long caller, unsigned long a0, unsigned long a1,
			       unsigned long a2)
{
	struct sock *sk = (struct sock *)a0;

	if (READ_ONCE(armed) && sk->sk_state != TCP_CLOSE)
		tcpfsm_marks_put(sk, TCPFSM_MARK_TIMEWAIT);
}

static void on_timewait_segment(unsigned long caller, unsigned long a0, unsigned long a1,
				unsigned long a2)
{
	struct inet_timewait_sock *tw = (struct inet_timewait_sock *)a0;

	/* Another segment may overwrite the note with PREEMPT_RT: only an unbroken row tells. */
	if (IS_ENABLED(CONFIG_PREEMPT_RT) && atomic_long_read(&unheard[HOOK_TIMEWAIT_SEGMENT]))
		atomic_long_set(&unheard[HOOK_TIMEWAIT_SEGMENT], 0);
	this_cpu_write(segment_for, (tw->tw_substate == TCP_FIN_WAIT2 ? tw : NULL));
}

/*
 * Rearming the timer of one in TIME_WAIT is what follows its FIN_WAIT2 -> TIME_WAIT,
 * and every later segment too. The table knows the difference, and for
 * a connection that is not in the table, the state at the segment's arrival.
 */
static void on_timewait_rearm(unsigned long caller, unsigned long a0, unsigned long a1,
			      unsigned long a2)
{
	static const struct tcpfsm_edge edge = {
		.old = TCP_FIN_WAIT2,
		.new = TCP_TIME_WAIT,
		.cause = TCPFSM_C_RCV_FIN,
	};
	struct inet_timewait_sock *tw = (struct inet_timewait_sock *)a0;
	bool rearm = (u8)a2;

	if (!READ_ONCE(armed) || !rearm || tw->tw_substate != TCP_TIME_WAIT ||
	    !tcpfsm_tw_is_tcp(tw))
		return;
	if (this_cpu_read(segment_for) != tw) {
		if (!tcpfsm_record_timewait_is(tw, TCP_FIN_WAIT2))
			return;
		miss(HOOK_TIMEWAIT_SEGMENT);
	}
	this_cpu_write(segment_for, NULL);
	tcpfsm_record_timewait(tw, &edge);
}

/* The early end of a timewait sock, on its way to inet_twsk_kill(). */
struct early_end {
	struct inet_timewait_sock *tw;
	unsigned long caller;
};

static DEFINE_PER_CPU(struct early_end, early_end);

static void on_timewait_early(unsigned long caller, unsigned long a0, unsigned long a1,
			      unsigned long a2)
{
	struct early_end *early;

	caller = true_caller(caller, HOOK_TIMEWAIT_EARLY);
	/* Both or neither: with PREEMPT_RT another one may run in between. */
	preempt_disable_notrace();
	early = this_cpu_ptr(&early_end);
	early->tw = (struct inet_timewait_sock *)a0;
	early->caller = caller;
	preempt_enable_notrace();
}

/* Who ended it early; 0 if it was hidden or another one has run since: then the stack is walked. */
static unsigned long early_caller(const struct inet_timewait_sock *tw)
{
	unsigned long caller = 0;
	struct early_end *early;

	preempt_disable_notrace();
	early = this_cpu_ptr(&early_end);
	if (early->tw == tw)
		caller = early->caller;
	preempt_enable_notrace();
	return caller;
}

static void on_timewait_kill(unsigned long caller, unsigned long a0, unsigned long a1,
			     unsigned long a2)
{
	struct inet_timewait_sock *tw = (struct inet_timewait_sock *)a0;
	struct tcpfsm_edge edge = { .old = tw->tw_substate, .new = TCP_CLOSE };

	if (!READ_ONCE(armed) || !tcpfsm_tw_is_tcp(tw))
		return;
	edge.caller = true_caller(caller, HOOK_TIMEWAIT_KILL);
	if (callsite_at(edge.caller) == TCPFSM_CALLSITE_DESCHEDULE)
		edge.caller = early_caller(tw) ?: edge.caller;
	edge.callsite = meaning(edge.caller);
	if (!tcpfsm_record_timewait(tw, &edge) && edge.old == TCP_TIME_WAIT)
		miss(HOOK_TIMEWAIT_REARM);
}

/* ---- the table ---- */

static struct tcpfsm_hook hooks[] = {
	[HOOK_SET_STATE] = {
		.symbol = "tcp_set_state",
		.kind = TCPFSM_HOOK_KPROBE,
		.handler = on_set_state,
	},
	[HOOK_LISTEN] = {
		.symbol = "inet_csk_listen_start",
		.kind = TCPFSM_HOOK_RETURN,
		.ret = on_listen_return,
		.blind = "listen() is shown before it is known to succeed",
	},
	[HOOK_OPEN] = {
		.symbol = "tcp_fastopen_defer_connect",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = on_open,
		.blind = "CLOSE -> SYN_SENT lacks the local port of an unbound socket",
	},
	[HOOK_ERROR] = {
		.symbol = "tcp_done_with_error",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = on_error,
		/* Without it the stack is walked. */
	},
	[HOOK_REQUEST_BIRTH] = {
		.symbol = "inet_csk_reqsk_queue_hash_add",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = on_request_birth,
		.blind = "LISTEN -> SYN_RECV of half-open connections is not seen",
	},
	[HOOK_REQUEST_DROP] = {
		.symbol = "__inet_csk_reqsk_queue_drop",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = on_request_drop,
		.blind = "SYN_RECV -> CLOSE of half-open connections is not seen",
	},
	[HOOK_REQUEST_FREE_V4] = {
		.symbol = "tcp_v4_reqsk_destructor",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = on_request_free,
		.blind = "SYN_RECV -> CLOSE of a SYN that two CPUs took at once is not seen (IPv4)",
	},
#if IS_ENABLED(CONFIG_IPV6)
	[HOOK_REQUEST_FREE_V6] = {
		.symbol = "tcp_v6_reqsk_destructor",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = on_request_free,
		.blind = "SYN_RECV -> CLOSE of a SYN that two CPUs took at once is not seen (IPv6)",
	},
#endif
	[HOOK_CHILD] = {
		.symbol = "inet_csk_reqsk_queue_add",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = on_child_queued,
		.blind = "LISTEN -> SYN_RECV of syncookies and fast open is seen late",
	},
	[HOOK_TIMEWAIT_BIRTH] = {
		.symbol = "inet_twsk_hashdance_schedule",
		.or_symbol = "inet_twsk_hashdance",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = on_timewait_birth,
		.blind = "FIN_WAIT2 or CLOSING -> TIME_WAIT is not seen",
	},
	[HOOK_TIMEWAIT_WANTED] = {
		.symbol = "tcp_time_wait",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = on_timewait_wanted,
		.blind = "cause tw_overflow is not told from others",
	},
	[HOOK_TIMEWAIT_EARLY] = {
		.symbol = "inet_twsk_deschedule_put",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = on_timewait_early,
		/* Without it the stack is walked. */
	},
	[HOOK_TIMEWAIT_SEGMENT] = {
		.symbol = "tcp_timewait_state_process",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = on_timewait_segment,
		.blind = "FIN_WAIT2 -> TIME_WAIT of timewait socks beyond `conns` is not seen",
	},
	[HOOK_TIMEWAIT_REARM] = {
		.symbol = "__inet_twsk_schedule",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = on_timewait_rearm,
		.blind = "FIN_WAIT2 -> TIME_WAIT of timewait socks is not seen",
	},
	[HOOK_TIMEWAIT_KILL] = {
		.symbol = "inet_twsk_kill",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = on_timewait_kill,
		.blind = "TIME_WAIT -> CLOSE is not seen",
	},
};

/* ---- the tracepoint ---- */

#define AUDIT_BLIND "LISTEN, and what the kprobe misses, are not seen"

static struct tracepoint *audited;

#define CANARY_BLIND  "whether kprobes have been switched off is not seen"
#define KPROBES_BLIND "LISTEN is seen late, and see Documentation/guide/interference.rst"

/* There is a canary. */
static bool listening;

static void __cold find_tracepoint(struct tracepoint *tp, void *priv)
{
	if (!strcmp(tp->name, "inet_sock_set_state"))
		audited = tp;
}

static void __cold audit_start(void)
{
	int err = -ENOENT;

	for_each_kernel_tracepoint(find_tracepoint, NULL);
	if (audited)
		err = tracepoint_probe_register(audited, audit, NULL);
	auditing = !err;
	if (err)
		pr_warn("cannot hook tracepoint inet_sock_set_state (%d): %s\n", err, AUDIT_BLIND);
}

static void __cold audit_stop(void)
{
	if (!auditing)
		return;
	tracepoint_probe_unregister(audited, audit, NULL);
	tracepoint_synchronize_unregister();
	auditing = false;
}

static void __cold canary_start(void)
{
	int err = tcpfsm_canary_start();

	listening = !err;
	if (err)
		pr_warn("cannot hook tcpfsm_canary (%d): %s\n", err, CANARY_BLIND);
	else if (tcpfsm_canary_silent())
		pr_warn("kprobes are switched off: %s\n", KPROBES_BLIND);
}

/* How many timewait socks there should be and are not: their end was not seen. */
static long __cold timewaits_unseen(void)
{
	long created = tcpfsm_stat_total(offsetof(struct tcpfsm_stat, timewait_created));
	long ended = tcpfsm_stat_total(offsetof(struct tcpfsm_stat, timewait_ended));

	return created - ended - tcpfsm_timewaits_alive();
}

/* At the start: those that are older than the hooks, with a minus. */
static long timewaits_before;

/**
 * tcpfsm_hooks_start() - begin to watch
 *
 * Context: process.
 * Return: 0, -ENOMEM, or why tcp_set_state() cannot be hooked.
 */
int __cold tcpfsm_hooks_start(void)
{
	int err;

	tcpfsm_marks_reset();
	memset(unheard, 0, sizeof(unheard));
	audit_start();
	err = tcpfsm_hooks_place(hooks, ARRAY_SIZE(hooks));
	if (err) {
		audit_stop();
		return err;
	}
	canary_start();
	timewaits_before = timewaits_unseen();
	armed_us = tcp_clock_us();
	WRITE_ONCE(armed, true);
	return 0;
}

/**
 * tcpfsm_hooks_stop() - stop watching
 *
 * When it returns, no hook is running and none will.
 *
 * Context: process.
 */
void __cold tcpfsm_hooks_stop(void)
{
	WRITE_ONCE(armed, false);
	tcpfsm_canary_stop();
	listening = false;
	tcpfsm_hooks_remove();
	audit_stop();
}

static void __cold stat_absent(struct seq_file *m, const char *hook, const char *blind)
{
	seq_printf(m, "hook_absent{hook=\"%s\",blind=\"%s\"} 1\n", hook, blind);
}

/* Single events are told by other means, or were under way when the hooks were placed. */
#define UNHEARD_LEAST 16
#define UNHEARD_SHARE 1024

static bool __cold is_unheard(const struct tcpfsm_hook *hook, const struct tcpfsm_stat *stat)
{
	long most = UNHEARD_LEAST + tcpfsm_rings_written() / UNHEARD_SHARE;
	long n = atomic_long_read(&unheard[hook - hooks]);

	if (!hook->placed || !hook->via_ftrace)
		return false;
	/* By the kernel's own books; much may happen between a look at them and one at ours. */
	if (hook == &hooks[HOOK_TIMEWAIT_KILL] && READ_ONCE(armed)) {
		n = timewaits_unseen() - timewaits_before;
		most += stat->timewait_created / 64;
	}
	/* Nor does one rearm whose birth was not seen. */
	if (hook == &hooks[HOOK_TIMEWAIT_REARM])
		n -= atomic_long_read(&unheard[HOOK_TIMEWAIT_BIRTH]);
	return n > most;
}

/**
 * tcpfsm_hooks_stat() - what the hooks missed, and which are not there
 * @m: where to write
 * @stat: the counters
 *
 * Context: process.
 */
void __cold tcpfsm_hooks_stat(struct seq_file *m, const struct tcpfsm_stat *stat)
{
	const struct tcpfsm_hook *hook;
	u64 repaired = stat->repaired - stat->handed_over;
	u64 missed;

	for (hook = hooks; hook < hooks + ARRAY_SIZE(hooks); hook++) {
		missed = tcpfsm_hook_missed(hook);
		if (hook == &hooks[HOOK_SET_STATE]) {
			/* The kernel counts calls; the auditor knows which were transitions. */
			seq_printf(m, "kprobe_missed{hook=\"%s\"} %llu\n",
				   hook->name ?: hook->symbol, missed);
			if (auditing)
				missed = repaired;
			seq_printf(m, "repaired{hook=\"%s\"} %llu\n", hook->symbol, repaired);
		}
		seq_printf(m, "missed{hook=\"%s\"} %llu\n", hook->name ?: hook->symbol, missed);
	}
	seq_printf(m, "handed_over{hook=\"%s\"} %llu\n", hooks[HOOK_SET_STATE].symbol,
		   stat->handed_over);
	for (hook = hooks; hook < hooks + ARRAY_SIZE(hooks); hook++)
		if (hook->blind && (!hook->placed || is_unheard(hook, stat)))
			stat_absent(m, hook->symbol, hook->blind);
	if (!auditing)
		stat_absent(m, "inet_sock_set_state", AUDIT_BLIND);
	if (!listening)
		stat_absent(m, "tcpfsm_canary", CANARY_BLIND);
	seq_printf(m, "kprobes_silent %d\n", tcpfsm_canary_silent());
}
