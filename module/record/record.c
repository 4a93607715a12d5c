// SPDX-License-Identifier: GPL-2.0
/*
 * record.c - the only reader of struct sock, request_sock and inet_timewait_sock
 *
 * A record is filled in its place in the ring. Interrupts are off from the moment the place is
 * taken until the record is published; ring.c says why.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/irqflags.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/sock_diag.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>
#include <net/tcp.h>
#include <net/net_namespace.h>
#include "core/cause.h"
#include "compat.h"
#include "core/conntable.h"
#include "record/facts.h"
#include "record/fields.h"
#include "record/memory.h"
#include "record/record.h"
#include "record/rings.h"
#include "record/wakeup.h"
#include "record/selection.h"
#include "record/stat.h"

static struct tcpfsm_conntable table;
static u32 table_conns;

static void table_init(void)
{
	tcpfsm_conntable_init(&table, table_conns, table.nodes, table.buckets, table.closed);
}

/**
 * tcpfsm_record_init() - allocate the table of connections
 * @conns: number of live connections that have to fit
 *
 * Context: process, at load.
 * Return: 0 or -ENOMEM.
 */
int __cold tcpfsm_record_init(u32 conns)
{
	u64 spare = tcpfsm_memory_spare();
	u64 bytes = tcpfsm_conntable_nodes_size(conns) + tcpfsm_conntable_buckets_size(conns) +
		    tcpfsm_conntable_closed_size(conns);

	table_conns = conns;
	if (bytes > spare) {
		pr_err("conns: a table of %u takes %llu MiB, this machine has %llu to spare\n",
		       conns, bytes / SZ_1M, spare / SZ_1M);
		return -ENOMEM;
	}
	table.nodes = __vmalloc(tcpfsm_conntable_nodes_size(conns), TCPFSM_GFP);
	table.buckets = __vmalloc(tcpfsm_conntable_buckets_size(conns), TCPFSM_GFP);
	table.closed = __vmalloc(tcpfsm_conntable_closed_size(conns), TCPFSM_GFP);
	if (!table.nodes || !table.buckets || !table.closed) {
		pr_err("conns: a table of %u cannot be had\n", conns);
		tcpfsm_record_exit();
		return -ENOMEM;
	}
	table_init();
	tcpfsm_cause_init();
	return 0;
}

/**
 * tcpfsm_record_exit() - free the table of connections
 *
 * Context: process; no hook is left.
 */
void __cold tcpfsm_record_exit(void)
{
	vfree(table.closed);
	vfree(table.buckets);
	vfree(table.nodes);
	memset(&table, 0, sizeof(table));
}

/**
 * tcpfsm_record_forget() - empty the table of connections
 *
 * This is called when transitions have gone by unseen, because the table may then be wrong.
 *
 * Context: process; no hook is active.
 */
void tcpfsm_record_forget(void)
{
	table_init();
}

/**
 * tcpfsm_record_usage() - report how full the table of connections is
 * @conns: filled in with the number of connections that fit
 * @used: filled in with the number of connections that are in the table
 * @refused: filled in with the number of connections that did not fit
 *
 * Context: any.
 */
void __cold tcpfsm_record_usage(u32 *conns, u32 *used, u64 *refused)
{
	*conns = table_conns;
	*used = READ_ONCE(table.used);
	*refused = READ_ONCE(table.refused);
}

static noinline u64 new_cookie(struct sock *sk)
{
	u32 halves[2];

	sock_diag_save_cookie(sk, halves);
	return (u64)halves[1] << 32 | halves[0];
}

/* All three kinds of objects begin with struct sock_common, which holds the cookie. */
static u64 cookie_of(struct sock *sk)
{
	u64 cookie = atomic64_read(&sk->sk_cookie);

	return likely(cookie) ? cookie : new_cookie(sk);
}

static bool is_known_in(u64 id, const struct inet_timewait_sock *tw, u8 state)
{
	unsigned long irq;
	bool known;

	local_irq_save(irq);
	known = tcpfsm_conntable_is_in(&table, id, tw, state);
	local_irq_restore(irq);
	return known;
}

/**
 * tcpfsm_record_seen() - has the birth of this child been recorded?
 * @sk: a full socket in SYN_RECV
 * @exact: true if the hooks on births miss nothing
 *
 * A socket gets its cookie when somebody first asks for it, which need not be this module. So if a
 * birth may have been missed, the table is asked.
 *
 * Context: any but NMI.
 * Return: false if the birth was not recorded and should be.
 */
bool tcpfsm_record_seen(const struct sock *sk, bool exact)
{
	u64 id = atomic64_read(&((struct sock *)sk)->sk_cookie);

	if (!id)
		return false;
	return exact || READ_ONCE(table.refused) || is_known_in(id, NULL, TCPFSM_SYN_RECV);
}

/**
 * tcpfsm_record_timewait_is() - is a connection known to be in a state?
 * @tw: the connection's timewait sock
 * @state: enum tcpfsm_state
 *
 * Context: any but NMI.
 */
bool tcpfsm_record_timewait_is(struct inet_timewait_sock *tw, u8 state)
{
	u64 id = atomic64_read(&((struct sock *)tw)->sk_cookie);

	return id && is_known_in(id, tw, state);
}

static struct tcpfsm_step step_of(const struct tcpfsm_edge *edge, u64 id)
{
	struct tcpfsm_step step = {
		.id = id,
		.old = edge->old,
		.new = edge->new,
		.common = edge->common,
		.uid = TCPFSM_UNKNOWN_UID,
	};

	if (edge->flags & TCPFSM_F_SYNCOOKIE)
		step.flags |= TCPFSM_CONN_SYNCOOKIE;
	if (edge->flags & TCPFSM_F_FASTOPEN)
		step.flags |= TCPFSM_CONN_FASTOPEN;
	return step;
}

static void owner_from(struct tcpfsm_step *step, const struct sock *sk)
{
	step->known = true;
	step->uid = tcpfsm_sk_uid(sk);
	step->cgroup = tcpfsm_sk_cgroup(sk);
}

static struct tcpfsm_event *begin(struct tcpfsm_ring *ring, struct tcpfsm_step *step)
{
	struct tcpfsm_event *event = tcpfsm_ring_begin(ring);

	/* Read the clock after the place is taken. A reader's horizon relies on this order. */
	step->now = ktime_get_ns();
	event->time_ns = step->now;
	return event;
}

/* Count a transition that does not follow from the one before it. */
static void count_gap(enum tcpfsm_verdict verdict)
{
	if (unlikely(verdict != TCPFSM_STEP_OK) && verdict == TCPFSM_STEP_GAP)
		TCPFSM_COUNT(gaps);
}

static void drop_repeated(struct tcpfsm_ring *ring)
{
	TCPFSM_COUNT(repeated);
	tcpfsm_ring_abandon(ring);
}

/* Count the transition, whether or not the filter will select it. */
static void count_transition(struct tcpfsm_event *event, const struct tcpfsm_edge *edge,
			     unsigned int cause)
{
	if (unlikely(!edge->common && !tcpfsm_edge_legal(edge->old, edge->new))) {
		event->flags |= TCPFSM_F_ILLEGAL;
		TCPFSM_COUNT(illegal);
	}
	tcpfsm_stat_event(edge->old, edge->new, cause, event->dwell_ns);
}

static void drop_filtered(struct tcpfsm_ring *ring)
{
	TCPFSM_COUNT(filtered);
	tcpfsm_ring_abandon(ring);
}

static void publish(struct tcpfsm_ring *ring)
{
	tcpfsm_ring_commit(ring);
	tcpfsm_wakeup();
}

/* Publish a complete event, unless the filter does not select it. */
static void publish_selected(struct tcpfsm_ring *ring, const struct tcpfsm_event *event)
{
	if (likely(tcpfsm_selected(event)))
		publish(ring);
	else
		drop_filtered(ring);
}

/* Does a process hold the socket? It then outlives its connection, and may begin another one. */
static bool is_held(const struct sock *sk)
{
	return sk->sk_socket && !sock_flag(sk, SOCK_DEAD);
}

/* Inlined into each caller, so that constants in @edge remove branches. */
static __always_inline void record_full(struct sock *sk, u64 id, const struct tcpfsm_edge *edge)
{
	struct tcpfsm_step step = step_of(edge, id);
	unsigned int cause = cause_of(sk, edge);
	enum tcpfsm_verdict verdict;
	struct tcpfsm_event *event;
	struct tcpfsm_ring *ring;
	unsigned long irq;

	local_irq_save(irq);
	ring = tcpfsm_ring_here();
	event = begin(ring, &step);
	/* Read the owner only now, so that the call for the time has fewer values to preserve. */
	owner_from(&step, sk);
	if (edge->new == TCPFSM_CLOSE)
		step.keep = is_held(sk);
	fill_edge(event, edge, id, cause);
	verdict = tcpfsm_conntable_step(&table, &step);
	count_gap(verdict);
	if (likely(verdict != TCPFSM_STEP_REPEATED)) {
		fill_step(event, edge, &step);
		fill_ends(event, edge, sk);
		event->netns = sock_net(sk)->ns.inum;
		count_transition(event, edge, cause);
		/* The filter looks only at fields that have been filled in so far. */
		if (likely(tcpfsm_selected(event))) {
			fill_for_readers(event, edge, sk);
			publish(ring);
		} else {
			drop_filtered(ring);
		}
	} else {
		drop_repeated(ring);
	}
	local_irq_restore(irq);
}

/*
 * Is the old or the new state not a state of TCP? Another module may store such a number. No table
 * here has a place for it.
 */
static bool is_foreign(const struct tcpfsm_edge *edge)
{
	return !tcpfsm_is_state(edge->old) || !tcpfsm_is_state(edge->new);
}

/*
 * Count a transition that the diagram does not have. If the transition ends the connection, the
 * table has to know.
 */
static noinline void __cold count_foreign(struct tcpfsm_step step)
{
	unsigned long irq;

	step.now = ktime_get_ns();
	local_irq_save(irq);
	TCPFSM_COUNT(illegal);
	if (step.new == TCPFSM_CLOSE)
		tcpfsm_conntable_step(&table, &step);
	local_irq_restore(irq);
}

/* Record an edge that is not common. It is never inlined: only common edges have to be fast. */
static noinline void record_apart(struct sock *sk, u64 id, struct tcpfsm_edge edge)
{
	struct tcpfsm_step step;

	edge.common = false;
	if (likely(!is_foreign(&edge))) {
		record_full(sk, id, &edge);
		return;
	}
	step = step_of(&edge, id);
	step.keep = is_held(sk);
	count_foreign(step);
}

/**
 * tcpfsm_record_sock() - record a transition of a full socket
 * @sk: the socket
 * @edge: the transition
 *
 * Context: any but NMI and hard interrupt; the socket is locked or not yet shared.
 */
void tcpfsm_record_sock(struct sock *sk, struct tcpfsm_edge edge)
{
	record_apart(sk, cookie_of(sk), edge);
}

/**
 * tcpfsm_record_common() - record a common edge of a full socket
 * @sk: the socket
 * @edge: the transition, with @common set
 *
 * Context: as tcpfsm_record_sock().
 */
void tcpfsm_record_common(struct sock *sk, const struct tcpfsm_edge *edge)
{
	record_full(sk, cookie_of(sk), edge);
}

/**
 * tcpfsm_record_handover() - record that a timewait sock takes over a connection
 * @sk: the socket that has the connection so far, in FIN_WAIT2 or CLOSING
 * @tw: the timewait sock
 *
 * This is not a transition if the timewait sock is in FIN_WAIT2 too.
 *
 * Context: task or softirq; the socket is locked, and @tw is not yet shared.
 */
void tcpfsm_record_handover(struct sock *sk, struct inet_timewait_sock *tw)
{
	struct tcpfsm_edge edge = {
		.old = sk->sk_state,
		.new = tw->tw_substate,
		/* In CLOSING the ACK of our FIN leads here, and else tcp_fin() does. */
		.cause = sk->sk_state == TCP_CLOSING ? TCPFSM_C_RCV_ACK : TCPFSM_C_RCV_FIN,
	};
	u64 id = atomic64_read(&sk->sk_cookie);
	unsigned long irq;

	/* Use the cookie of @tw: if the socket has none yet, that is the one that lives on. */
	if (edge.old != edge.new)
		record_apart(sk, cookie_of((struct sock *)tw), edge);
	local_irq_save(irq);
	TCPFSM_COUNT(timewait_created);
	if (id && unlikely(is_held(sk) || tcpfsm_conntable_any_apart(&table)))
		tcpfsm_conntable_part(&table, id, tw, is_held(sk));
	local_irq_restore(irq);
}

/*
 * Was the end of a request sock recorded before? A timer and a segment may drop the same request
 * sock on two CPUs, and both pass the hook. The table lets one of them through. A request sock
 * that the table does not know was dropped already, or did not fit in, or is older than this
 * module. As a rule only this module gives request socks their cookie, so an older one has none.
 */
static bool was_dropped_before(enum tcpfsm_verdict verdict, bool fresh)
{
	return verdict == TCPFSM_STEP_UNKNOWN && !fresh && !READ_ONCE(table.refused);
}

/**
 * tcpfsm_record_request() - record the birth or the end of a request sock
 * @listener: its listener
 * @req: the request sock
 * @edge: LISTEN -> SYN_RECV or SYN_RECV -> CLOSE
 *
 * Context: softirq or task, BH off.
 */
void tcpfsm_record_request(const struct sock *listener, struct request_sock *req,
			   const struct tcpfsm_edge *edge)
{
	const struct inet_request_sock *ireq = inet_rsk(req);
	const struct tcp_request_sock *treq = tcp_rsk(req);
	bool fresh = !atomic64_read(&ireq->ir_cookie);
	struct tcpfsm_step step = step_of(edge, cookie_of(req_to_sk(req)));
	enum tcpfsm_verdict verdict;
	struct tcpfsm_event *event;
	struct tcpfsm_ring *ring;
	unsigned long irq;
	unsigned int cause;

	local_irq_save(irq);
	ring = tcpfsm_ring_here();
	event = begin(ring, &step);
	owner_from(&step, listener);
	verdict = tcpfsm_conntable_step(&table, &step);
	count_gap(verdict);
	if (verdict == TCPFSM_STEP_REPEATED ||
	    (was_dropped_before(verdict, fresh) && edge->new == TCPFSM_CLOSE)) {
		drop_repeated(ring);
	} else {
		if (edge->new == TCPFSM_CLOSE)
			TCPFSM_COUNT(requests_ended);
		else
			TCPFSM_COUNT(requests_created);
		cause = cause_by(edge, facts_of_request(listener, req));
		fill_both(event, edge, &step, cause);
		event->flags |= TCPFSM_F_REQUEST;
		fill_request_addresses(event, req);
		event->netns = read_pnet(&ireq->ireq_net)->ns.inum;
		event->lport = ireq->ir_num;
		event->rport = ntohs(ireq->ir_rmt_port);
		fill_seq(event, treq->snt_isn, treq->snt_isn + 1, treq->rcv_nxt, 0,
			 req->rsk_rcv_wnd);
		fill_no_stats(event);
		event->err = 0;
		fill_no_task(event);
		count_transition(event, edge, cause);
		publish_selected(ring, event);
	}
	local_irq_restore(irq);
}

/**
 * tcpfsm_request_is_open() - is the end of a request sock still to be recorded?
 * @req: the request sock, whose birth may have been recorded
 *
 * Context: softirq or task, BH off.
 */
bool tcpfsm_request_is_open(struct request_sock *req)
{
	u64 id = atomic64_read(&inet_rsk(req)->ir_cookie);

	return id && is_known_in(id, NULL, TCPFSM_SYN_RECV);
}

/*
 * Was the end of a timewait sock recorded before this transition? A segment may find the sock
 * between the recording of its end and its removal from the kernel's hash table. The kernel then
 * moves the sock to TIME_WAIT, which no longer means anything.
 *
 * The table does not know such a sock. Neither does it know a sock that did not fit in, or that is
 * older than this module. But only a sock that ends has no timer any more: the timer was stopped,
 * or has run out, before the end was recorded. The step has added the sock to the table, so that
 * the table has to forget it again.
 */
static bool has_ended_before(const struct inet_timewait_sock *tw, const struct tcpfsm_edge *edge)
{
	return edge->new != TCPFSM_CLOSE && !timer_pending(&tw->tw_timer);
}

static noinline void forget_timewait(struct inet_timewait_sock *tw)
{
	struct tcpfsm_step step = {
		.id = atomic64_read(&((struct sock *)tw)->sk_cookie),
		.timewait = tw,
		.old = TCPFSM_TIME_WAIT,
		.new = TCPFSM_CLOSE,
	};

	tcpfsm_conntable_step(&table, &step);
}

/**
 * tcpfsm_record_timewait() - record a transition of a timewait sock
 * @tw: the timewait sock
 * @edge: FIN_WAIT2 -> TIME_WAIT, or either state -> CLOSE
 *
 * Context: softirq or task, BH off.
 * Return: false if an earlier transition of the sock was missed.
 */
bool tcpfsm_record_timewait(struct inet_timewait_sock *tw, const struct tcpfsm_edge *edge)
{
	const struct tcp_timewait_sock *tcptw = tcp_twsk((struct sock *)tw);
	struct tcpfsm_step step = step_of(edge, cookie_of((struct sock *)tw));
	enum tcpfsm_verdict verdict;
	struct tcpfsm_event *event;
	struct tcpfsm_ring *ring;
	unsigned int cause;
	unsigned long irq;

	step.timewait = tw;
	if (unlikely(is_foreign(edge))) {
		count_foreign(step);
		return true;
	}
	local_irq_save(irq);
	ring = tcpfsm_ring_here();
	event = begin(ring, &step);
	verdict = tcpfsm_conntable_step(&table, &step);
	count_gap(verdict);
	if (verdict == TCPFSM_STEP_REPEATED) {
		drop_repeated(ring);
	} else if (verdict == TCPFSM_STEP_UNKNOWN && has_ended_before(tw, edge)) {
		forget_timewait(tw);
		drop_repeated(ring);
	} else {
		if (edge->new == TCPFSM_CLOSE)
			TCPFSM_COUNT(timewait_ended);
		cause = cause_by(edge, TCPFSM_FACT_TIMEWAIT);
		fill_both(event, edge, &step, cause);
		event->flags |= TCPFSM_F_TIMEWAIT;
		fill_addresses(event, (struct sock *)tw);
		event->netns = twsk_net(tw)->ns.inum;
		event->lport = ntohs(tw->tw_sport);
		event->rport = ntohs(tw->tw_dport);
		fill_seq(event, tcptw->tw_snd_nxt, tcptw->tw_snd_nxt, tcptw->tw_rcv_nxt, 0,
			 tcptw->tw_rcv_wnd);
		fill_no_stats(event);
		event->err = 0;
		fill_no_task(event);
		count_transition(event, edge, cause);
		publish_selected(ring, event);
	}
	local_irq_restore(irq);
	return verdict != TCPFSM_STEP_GAP;
}
