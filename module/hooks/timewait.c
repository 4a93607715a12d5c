// SPDX-License-Identifier: GPL-2.0
/*
 * timewait.c - connections that a timewait sock has taken over
 *
 * Birth and end of a timewait sock are calls of functions. FIN_WAIT2 -> TIME_WAIT is a store
 * between two calls.
 */
#include "core/marks.h"
#include "hooks/watch.h"
#include "record/callsite.h"
#include "record/record.h"
#include "record/stat.h"

/*
 * Names the timewait sock in FIN_WAIT2 for which this CPU handles a segment. With PREEMPT_RT
 * another segment may be handled in between, and this note is overwritten. The table of
 * connections then has the state.
 */
static DEFINE_PER_CPU(struct inet_timewait_sock *, segment_for);

void tcpfsm_on_timewait_birth(unsigned long caller, unsigned long a0, unsigned long a1,
			      unsigned long a2)
{
	struct inet_timewait_sock *tw = (struct inet_timewait_sock *)a0;
	struct sock *sk = (struct sock *)a1;

	if (!tcpfsm_watching() || !tcpfsm_tw_is_tcp(tw))
		return;
	if (!tcpfsm_marks_take(sk, TCPFSM_MARK_TIMEWAIT))
		tcpfsm_hook_unheard(TCPFSM_ON_TIMEWAIT_WANTED);
	tcpfsm_marks_put(sk, TCPFSM_MARK_HANDOVER);
	tcpfsm_record_handover(sk, tw);
}

/*
 * Note that the kernel asks for a timewait sock. If no birth follows, the kernel did not get one.
 */
void tcpfsm_on_timewait_wanted(unsigned long caller, unsigned long a0, unsigned long a1,
			       unsigned long a2)
{
	struct sock *sk = (struct sock *)a0;

	if (tcpfsm_watching() && sk->sk_state != TCP_CLOSE)
		tcpfsm_marks_put(sk, TCPFSM_MARK_TIMEWAIT);
}

void tcpfsm_on_timewait_segment(unsigned long caller, unsigned long a0, unsigned long a1,
				unsigned long a2)
{
	struct inet_timewait_sock *tw = (struct inet_timewait_sock *)a0;

	/*
	 * With PREEMPT_RT another segment may overwrite the note, and this hook then seems unheard.
	 * Only an unbroken row of such calls proves that it does not run.
	 */
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		tcpfsm_hook_heard(TCPFSM_ON_TIMEWAIT_SEGMENT);
	this_cpu_write(segment_for, (tw->tw_substate == TCP_FIN_WAIT2 ? tw : NULL));
}

/*
 * The kernel rearms the timer of a timewait sock after FIN_WAIT2 -> TIME_WAIT, and also after
 * every later segment in TIME_WAIT. The table of connections tells the two apart. For a connection
 * that is not in the table, the state when the segment arrived does.
 */
void tcpfsm_on_timewait_rearm(unsigned long caller, unsigned long a0, unsigned long a1,
			      unsigned long a2)
{
	static const struct tcpfsm_edge edge = {
		.old = TCP_FIN_WAIT2,
		.new = TCP_TIME_WAIT,
		.cause = TCPFSM_C_RCV_FIN,
	};
	struct inet_timewait_sock *tw = (struct inet_timewait_sock *)a0;
	bool rearm = (u8)a2;

	if (!tcpfsm_watching() || !rearm || tw->tw_substate != TCP_TIME_WAIT ||
	    !tcpfsm_tw_is_tcp(tw))
		return;
	if (this_cpu_read(segment_for) != tw) {
		if (!tcpfsm_record_timewait_is(tw, TCP_FIN_WAIT2))
			return;
		tcpfsm_hook_unheard(TCPFSM_ON_TIMEWAIT_SEGMENT);
	}
	this_cpu_write(segment_for, NULL);
	tcpfsm_record_timewait(tw, &edge);
}

/* Notes who ends a timewait sock early, until the kernel calls inet_twsk_kill() for it. */
struct early_end {
	struct inet_timewait_sock *tw;
	unsigned long caller;
};

static DEFINE_PER_CPU(struct early_end, early_end);

void tcpfsm_on_timewait_early(unsigned long caller, unsigned long a0, unsigned long a1,
			      unsigned long a2)
{
	struct early_end *early;

	caller = tcpfsm_true_caller(caller, TCPFSM_ON_TIMEWAIT_EARLY);
	/* Both fields belong together, and with PREEMPT_RT another early end may run in between. */
	preempt_disable_notrace();
	early = this_cpu_ptr(&early_end);
	early->tw = (struct inet_timewait_sock *)a0;
	early->caller = caller;
	preempt_enable_notrace();
}

/*
 * Return the address that ended @tw early. Return 0 if the caller was hidden, or if another early
 * end has run since. The stack is walked then.
 */
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

void tcpfsm_on_timewait_kill(unsigned long caller, unsigned long a0, unsigned long a1,
			     unsigned long a2)
{
	struct inet_timewait_sock *tw = (struct inet_timewait_sock *)a0;
	struct tcpfsm_edge edge = { .old = tw->tw_substate, .new = TCP_CLOSE };

	if (!tcpfsm_watching() || !tcpfsm_tw_is_tcp(tw))
		return;
	edge.caller = tcpfsm_true_caller(caller, TCPFSM_ON_TIMEWAIT_KILL);
	if (tcpfsm_callsite_at(edge.caller) == TCPFSM_CALLSITE_DESCHEDULE)
		edge.caller = early_caller(tw) ?: edge.caller;
	edge.callsite = tcpfsm_telling_callsite(edge.caller);
	if (!tcpfsm_record_timewait(tw, &edge) && edge.old == TCP_TIME_WAIT)
		tcpfsm_hook_unheard(TCPFSM_ON_TIMEWAIT_REARM);
}

/**
 * tcpfsm_timewaits_unseen() - count the timewait socks whose end was not seen
 *
 * By the module's counters these timewait socks should still exist, but the kernel's own count
 * lacks them. Timewait socks that are older than the hooks count negatively.
 *
 * Context: process.
 * Return: the number, which may be negative.
 */
long __cold tcpfsm_timewaits_unseen(void)
{
	long created = tcpfsm_stat_total(offsetof(struct tcpfsm_stat, timewait_created));
	long ended = tcpfsm_stat_total(offsetof(struct tcpfsm_stat, timewait_ended));

	return created - ended - tcpfsm_timewaits_alive();
}
