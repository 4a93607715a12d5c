// SPDX-License-Identifier: GPL-2.0
/*
 * record.c - the only reader of struct sock, request_sock and inet_timewait_sock
 *
 * A record is filled in its place in the ring, with interrupts off from the
 * moment the place is taken until it is published (see ring.c for why).
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
#include <asm/word-at-a-time.h>
#include <net/mptcp.h>
#include <net/net_namespace.h>
#include "core/cause.h"
#include "compat.h"
#include "core/conntable.h"
#include "record/memory.h"
#include "record/record.h"
#include "record/rings.h"
#include "record/selection.h"
#include "record/stat.h"

static struct tcpfsm_conntable table;
static u32 table_conns;

static void table_init(void)
{
	tcpfsm_conntable_init(&table, table_conns, table.nodes, table.buckets, table.linger);
}

/**
 * tcpfsm_record_init() - allocate the table of connections
 * @conns: live connections that shall fit
 *
 * Context: process, at load.
 * Return: 0 or -ENOMEM.
 */
int __cold tcpfsm_record_init(u32 conns)
{
	u64 spare = tcpfsm_memory_spare();
	u64 bytes = tcpfsm_conntable_nodes_size(conns) + tcpfsm_conntable_buckets_size(conns) +
		    tcpfsm_conntable_linger_size(conns);

	table_conns = conns;
	if (bytes > spare) {
		pr_err("conns: a table of %u takes %llu MiB, this machine has %llu to spare\n",
		       conns, bytes / SZ_1M, spare / SZ_1M);
		return -ENOMEM;
	}
	table.nodes = __vmalloc(tcpfsm_conntable_nodes_size(conns), TCPFSM_GFP);
	table.buckets = __vmalloc(tcpfsm_conntable_buckets_size(conns), TCPFSM_GFP);
	table.linger = __vmalloc(tcpfsm_conntable_linger_size(conns), TCPFSM_GFP);
	if (!table.nodes || !table.buckets || !table.linger) {
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
	vfree(table.linger);
	vfree(table.buckets);
	vfree(table.nodes);
	memset(&table, 0, sizeof(table));
}

/**
 * tcpfsm_record_forget() - empty the table of connections
 *
 * For when transitions have gone by unseen: what the table knows may be wrong.
 *
 * Context: process; no hook is active.
 */
void tcpfsm_record_forget(void)
{
	table_init();
}

/**
 * tcpfsm_record_usage() - how full the table of connections is
 * @conns: filled in, how many fit
 * @used: filled in, how many are in it
 * @refused: filled in, how many did not fit
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

/* All three kinds of object begin with struct sock_common, where the cookie is. */
static u64 cookie_of(struct sock *sk)
{
	u64 cookie = atomic64_read(&sk->sk_cookie);

	return likely(cookie) ? cookie : new_cookie(sk);
}

static bool known_in(u64 id, const struct inet_timewait_sock *tw, u8 state)
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
 * @exact: the hooks on births miss nothing
 *
 * Context: any but NMI.
 * Return: false if it was not, and should be. A cookie is given by whoever asks for it first,
 * which need not be us: where a birth may have been missed, the table is asked.
 */
bool tcpfsm_record_seen(const struct sock *sk, bool exact)
{
	u64 id = atomic64_read(&((struct sock *)sk)->sk_cookie);

	if (!id)
		return false;
	return exact || READ_ONCE(table.refused) || known_in(id, NULL, TCPFSM_SYN_RECV);
}

/**
 * tcpfsm_record_timewait_is() - is this connection known to be in this state?
 * @tw: its timewait sock
 * @state: enum tcpfsm_state
 *
 * Context: any but NMI.
 */
bool tcpfsm_record_timewait_is(struct inet_timewait_sock *tw, u8 state)
{
	u64 id = atomic64_read(&((struct sock *)tw)->sk_cookie);

	return id && known_in(id, tw, state);
}

/* What no common edge does, so that of one the compiler knows the answer. */
static bool leaves_listen(const struct tcpfsm_edge *edge)
{
	return !edge->common && edge->old == TCPFSM_LISTEN;
}

static bool enters(const struct tcpfsm_edge *edge, u32 state)
{
	return !edge->common && edge->new == state;
}

/* A transition of a socket that is to listen or has listened; its children's are not. */
static bool is_listeners(const struct tcpfsm_edge *edge)
{
	return enters(edge, TCPFSM_LISTEN) || (leaves_listen(edge) && edge->new == TCPFSM_CLOSE);
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

	/* After the place is taken: a reader's horizon relies on this order. */
	step->now = ktime_get_ns();
	event->time_ns = step->now;
	return event;
}

/* Take what is odd about a transition to account. Returns false if it is none. */
static bool is_new(enum tcpfsm_verdict verdict)
{
	if (likely(verdict == TCPFSM_STEP_OK))
		return true;
	if (verdict == TCPFSM_STEP_GAP)
		tcpfsm_stat_bump(&tcpfsm_stat_this_cpu()->gaps);
	return verdict != TCPFSM_STEP_REPEATED;
}

static void drop_repeated(struct tcpfsm_ring *ring)
{
	tcpfsm_stat_bump(&tcpfsm_stat_this_cpu()->repeated);
	tcpfsm_ring_abandon(ring);
}

/*
 * Count the transition, and ask the filter, which looks at no more than has been filled in
 * so far: edge, owner, addresses. False: nobody wants the rest.
 */
static bool is_wanted(struct tcpfsm_event *event, const struct tcpfsm_edge *edge,
		      unsigned int cause)
{
	if (unlikely(!edge->common && !tcpfsm_edge_legal(edge->old, edge->new))) {
		event->flags |= TCPFSM_F_ILLEGAL;
		tcpfsm_stat_bump(&tcpfsm_stat_this_cpu()->illegal);
	}
	tcpfsm_stat_event(edge->old, edge->new, cause, event->dwell_ns);
	if (likely(tcpfsm_selected(event)))
		return true;
	tcpfsm_stat_bump(&tcpfsm_stat_this_cpu()->filtered);
	return false;
}

static void publish(struct tcpfsm_ring *ring)
{
	tcpfsm_ring_commit(ring);
	tcpfsm_wakeup();
}

static void publish_wanted(struct tcpfsm_ring *ring, struct tcpfsm_event *event,
			   const struct tcpfsm_edge *edge, unsigned int cause)
{
	if (is_wanted(event, edge, cause))
		publish(ring);
	else
		tcpfsm_ring_abandon(ring);
}

/* By all that is known; @edge is a copy, so that the caller's can stay in registers. */
static noinline unsigned int decide(struct tcpfsm_edge edge, u32 facts)
{
	struct tcpfsm_cause_case c = {
		.old = edge.old,
		.new = edge.new,
		.callsite = edge.callsite,
		.above = edge.above,
		.facts = edge.facts | facts,
	};
	unsigned int cause = tcpfsm_cause_of(&c);

	if (unlikely(cause == TCPFSM_C_UNKNOWN))
		tcpfsm_callsite_unknown(edge.caller);
	return cause;
}

static noinline u32 facts_of(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 facts = 0;

	if (sock_flag(sk, SOCK_DEAD))
		facts |= TCPFSM_FACT_ORPHAN;
	if (!sk->sk_socket)
		facts |= TCPFSM_FACT_UNACCEPTED;
	if (tp->repair)
		facts |= TCPFSM_FACT_REPAIR;
	if (sk_is_mptcp(sk))
		facts |= TCPFSM_FACT_MPTCP;
	if (rcu_access_pointer(tp->fastopen_rsk))
		facts |= TCPFSM_FACT_FASTOPEN;
	if (!check_net(sock_net(sk)))
		facts |= TCPFSM_FACT_NETNS_GONE;
	if (tp->linger2 < 0)
		facts |= TCPFSM_FACT_LINGER2_OFF;
	if (tp->snd_una == tp->write_seq)
		facts |= TCPFSM_FACT_ALL_ACKED;
	return facts;
}

/* The two single facts that a connection's common edges depend on. */
static bool is_so(const struct sock *sk, u32 fact)
{
	if (fact == TCPFSM_FACT_MPTCP)
		return sk_is_mptcp(sk);
	if (fact == TCPFSM_FACT_REPAIR)
		return tcp_sk(sk)->repair;
	return true;
}

static u32 hint_of(const struct tcpfsm_edge *edge)
{
	u32 number = edge->number;

	if (edge->cause)
		return edge->cause;
	if (!edge->common)
		number = tcpfsm_edge_number(edge->old, edge->new);
	return tcpfsm_cause_hint(edge->callsite, number);
}

static unsigned int cause_of(const struct sock *sk, const struct tcpfsm_edge *edge)
{
	u32 hint = hint_of(edge);
	unsigned int cause = TCPFSM_HINT_CAUSE(hint);

	if (likely(hint < TCPFSM_C_UNKNOWN))
		return hint;
	if (likely(cause != TCPFSM_C_UNKNOWN && !is_so(sk, TCPFSM_HINT_VOIDED_BY(hint))))
		return cause;
	return decide(*edge, facts_of(sk));
}

/* Of a request or timewait sock, whose facts the caller has. */
static unsigned int cause_by(const struct tcpfsm_edge *edge, u32 facts)
{
	u32 hint = hint_of(edge);

	return likely(hint < TCPFSM_C_UNKNOWN) ? hint : decide(*edge, facts);
}

static u32 facts_of_request(const struct sock *listener, const struct request_sock *req)
{
	u32 facts = TCPFSM_FACT_REQUEST;

	if (listener->sk_state == TCP_LISTEN)
		facts |= TCPFSM_FACT_LISTENING;
	if (!sk_acceptq_is_full(listener))
		return facts;
	if (inet_rsk(req)->acked)
		facts |= TCPFSM_FACT_UNSERVED;
	if (READ_ONCE(sock_net(listener)->ipv4.sysctl_tcp_abort_on_overflow))
		facts |= TCPFSM_FACT_OVERFLOW;
	return facts;
}

/* What is known before the table is asked. */
static void fill_edge(struct tcpfsm_event *event, const struct tcpfsm_edge *edge, u64 id,
		      unsigned int cause)
{
	event->size = sizeof(*event);
	event->version = TCPFSM_ABI_VERSION;
	event->type = TCPFSM_REC_EVENT;
	event->flags = edge->flags | (in_serving_softirq() ? TCPFSM_F_SOFTIRQ : 0);
	event->id = id;
	event->old = edge->old;
	event->new = edge->new;
	event->cause = cause;
	event->cpu = smp_processor_id();
}

/* What the table has answered. */
static void fill_step(struct tcpfsm_event *event, const struct tcpfsm_edge *edge,
		      const struct tcpfsm_step *step)
{
	event->dwell_ns = step->dwell;
	event->cgroup = step->cgroup;
	event->gen = step->gen;
	event->uid = step->uid;
	if (likely(!step->flags) ||
	    (edge->old != TCPFSM_SYN_RECV && !enters(edge, TCPFSM_SYN_RECV)))
		return;
	if (step->flags & TCPFSM_CONN_SYNCOOKIE)
		event->flags |= TCPFSM_F_SYNCOOKIE;
	if (step->flags & TCPFSM_CONN_FASTOPEN)
		event->flags |= TCPFSM_F_FASTOPEN;
}

/* Once for all whose way is not the fastest. */
static noinline void fill_both(struct tcpfsm_event *event, const struct tcpfsm_edge *edge,
			       const struct tcpfsm_step *step, unsigned int cause)
{
	fill_edge(event, edge, step->id, cause);
	fill_step(event, edge, step);
}

/* Nobody's own system call, or none that is known. */
static void fill_no_task(struct tcpfsm_event *event)
{
	event->pid = 0;
	memset(event->comm, 0, sizeof(event->comm));
}

/* In the first four bytes of @to, and zeros behind: two stores. */
static __always_inline void put_v4(u8 *to, __be32 addr)
{
	u64 first = (u64)(__force u32)addr << (IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? 32 : 0);
	u64 second = 0;

	memcpy(to, &first, sizeof(first));
	memcpy(to + sizeof(first), &second, sizeof(second));
}

static void fill_v4(struct tcpfsm_event *event, __be32 laddr, __be32 raddr)
{
	event->family = AF_INET;
	put_v4(event->laddr, laddr);
	put_v4(event->raddr, raddr);
}

#if IS_ENABLED(CONFIG_IPV6)
static void fill_v6(struct tcpfsm_event *event, const struct in6_addr *laddr,
		    const struct in6_addr *raddr)
{
	event->family = AF_INET6;
	memcpy(event->laddr, laddr, sizeof(*laddr));
	memcpy(event->raddr, raddr, sizeof(*raddr));
}

static bool is_mapped(const struct in6_addr *laddr, const struct in6_addr *raddr)
{
	return ipv6_addr_v4mapped(raddr) || (ipv6_addr_any(raddr) && ipv6_addr_v4mapped(laddr));
}
#endif

/* Works for a timewait sock too: it keeps both families' addresses in sock_common. */
static void fill_addresses(struct tcpfsm_event *event, const struct sock *sk)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (unlikely(sk->sk_family == AF_INET6)) {
		if (!is_mapped(&sk->sk_v6_rcv_saddr, &sk->sk_v6_daddr)) {
			fill_v6(event, &sk->sk_v6_rcv_saddr, &sk->sk_v6_daddr);
			return;
		}
		event->flags |= TCPFSM_F_MAPPED;
	}
#endif
	fill_v4(event, sk->sk_rcv_saddr, sk->sk_daddr);
}

/* A listener has no remote end. What it was connected to before, the kernel does not forget. */
static noinline void fill_listener_addresses(struct tcpfsm_event *event, const struct sock *sk)
{
#if IS_ENABLED(CONFIG_IPV6)
	static const struct in6_addr none = IN6ADDR_ANY_INIT;

	if (sk->sk_family == AF_INET6) {
		if (!is_mapped(&sk->sk_v6_rcv_saddr, &none)) {
			fill_v6(event, &sk->sk_v6_rcv_saddr, &none);
			return;
		}
		event->flags |= TCPFSM_F_MAPPED;
	}
#endif
	fill_v4(event, sk->sk_rcv_saddr, 0);
}

static void fill_ends(struct tcpfsm_event *event, const struct tcpfsm_edge *edge,
		      const struct sock *sk)
{
	const struct inet_sock *inet = inet_sk(sk);

	/* inet_put_port() clears inet_num, a failed bind leaves inet_sport behind. */
	event->lport = inet->inet_num ?: ntohs(inet->inet_sport);
	if (unlikely(is_listeners(edge))) {
		fill_listener_addresses(event, sk);
		event->rport = 0;
		return;
	}
	fill_addresses(event, sk);
	event->rport = ntohs(inet->inet_dport);
}

static void fill_no_stats(struct tcpfsm_event *event)
{
	event->flags |= TCPFSM_F_NOSTATS;
	event->srtt_us = 0;
	event->retrans = 0;
	event->bytes_sent = 0;
	event->bytes_received = 0;
}

static void fill_seq(struct tcpfsm_event *event, u32 snd_una, u32 snd_nxt, u32 rcv_nxt, u32 snd_wnd,
		     u32 rcv_wnd)
{
	event->snd_una = snd_una;
	event->snd_nxt = snd_nxt;
	event->rcv_nxt = rcv_nxt;
	event->snd_wnd = snd_wnd;
	event->rcv_wnd = rcv_wnd;
}

static void fill_tcp(struct tcpfsm_event *event, const struct tcpfsm_edge *edge,
		     const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (unlikely(is_listeners(edge))) {
		event->flags |= TCPFSM_F_NOSEQ;
		fill_seq(event, 0, 0, 0, 0, 0);
		fill_no_stats(event);
		return;
	}
	if (enters(edge, TCPFSM_SYN_SENT))
		/* RFC 9293, 3.10.1: the SYN takes ISS; tcp_connect() has yet to say so. */
		fill_seq(event, tp->write_seq, tp->write_seq + 1, 0, 0, 0);
	else
		fill_seq(event, tp->snd_una, tp->snd_nxt, tp->rcv_nxt, tp->snd_wnd,
			 tcp_receive_window(tp));
	event->srtt_us = tp->srtt_us >> 3;
	event->retrans = tp->total_retrans;
	event->bytes_sent = tp->bytes_sent;
	event->bytes_received = tp->bytes_received;
}

/* Keep what is before the first NUL of a word. Returns false if there is none. */
static bool cut_at_nul(unsigned long *word)
{
	const struct word_at_a_time constants = WORD_AT_A_TIME_CONSTANTS;
	unsigned long bits;

	if (!has_zero(*word, &bits, &constants))
		return false;
	bits = create_zero_mask(prep_zero_mask(*word, bits, &constants));
	*word &= zero_bytemask(bits);
	return true;
}

static_assert(sizeof_field(struct task_struct, comm) == TCPFSM_COMM_LEN);
static_assert(sizeof(unsigned long) * 2 == TCPFSM_COMM_LEN);

/*
 * As strscpy_pad(), by words: what is behind a name's end may be the end of a longer one that
 * the task had before. No array, for which the compiler would guard the stack of all the way.
 */
static void fill_comm(char *to, const char *comm)
{
	unsigned long first, second;

	memcpy(&first, comm, sizeof(first));
	memcpy(&second, comm + sizeof(first), sizeof(second));
	if (cut_at_nul(&first))
		second = 0;
	else
		cut_at_nul(&second);
	memcpy(to, &first, sizeof(first));
	memcpy(to + sizeof(first), &second, sizeof(second));
	to[TCPFSM_COMM_LEN - 1] = 0;
}

/*
 * Only the owner's own system call has a pid: a softirq or a kernel thread works for
 * others, "ss -K" is somebody else, and who has no struct socket has no owner
 * (any more, or yet).
 */
static void fill_task(struct tcpfsm_event *event, const struct sock *sk)
{
	if ((event->flags & TCPFSM_F_SOFTIRQ) || !sk->sk_socket || (current->flags & PF_KTHREAD) ||
	    event->cause == TCPFSM_C_KILL) {
		fill_no_task(event);
		return;
	}
	event->pid = current->tgid;
	/* The name is the next program's. */
	if (unlikely(tcpfsm_in_execve()))
		memset(event->comm, 0, sizeof(event->comm));
	else
		fill_comm(event->comm, current->comm);
}

/* tcp_rcv_state_process() sets the clock cache once a segment, before anything else. */
static bool is_finack(const struct tcpfsm_event *event, const struct tcpfsm_edge *edge,
		      const struct sock *sk)
{
	u64 entered = event->time_ns - event->dwell_ns;

	if (!enters(edge, TCPFSM_TIME_WAIT) || edge->old != TCPFSM_FIN_WAIT2)
		return false;
	return event->dwell_ns != TCPFSM_UNKNOWN_DWELL && entered >= tcp_sk(sk)->tcp_clock_cache;
}

/* What is only for those who read it. */
static void fill_rest(struct tcpfsm_event *event, const struct tcpfsm_edge *edge,
		      const struct sock *sk)
{
	event->err = sk->sk_err;
	fill_tcp(event, edge, sk);
	fill_task(event, sk);
	if (is_finack(event, edge, sk))
		event->flags |= TCPFSM_F_FINACK;
}

/* A process holds it: it outlives its connection, and may begin another one. */
static bool is_held(const struct sock *sk)
{
	return sk->sk_socket && !sock_flag(sk, SOCK_DEAD);
}

/* For each caller the compiler makes one of its own, for what it knows of @edge. */
static __always_inline void record_full(struct sock *sk, u64 id, const struct tcpfsm_edge *edge)
{
	struct tcpfsm_step step = step_of(edge, id);
	unsigned int cause = cause_of(sk, edge);
	struct tcpfsm_event *event;
	struct tcpfsm_ring *ring;
	unsigned long irq;

	local_irq_save(irq);
	ring = tcpfsm_ring_here();
	event = begin(ring, &step);
	/* Only here, so that the call for the time has less to keep for us. */
	owner_from(&step, sk);
	if (edge->new == TCPFSM_CLOSE)
		step.keep = is_held(sk);
	fill_edge(event, edge, id, cause);
	if (is_new(tcpfsm_conntable_step(&table, &step))) {
		fill_step(event, edge, &step);
		fill_ends(event, edge, sk);
		event->netns = sock_net(sk)->ns.inum;
		if (is_wanted(event, edge, cause)) {
			fill_rest(event, edge, sk);
			publish(ring);
		} else {
			tcpfsm_ring_abandon(ring);
		}
	} else {
		drop_repeated(ring);
	}
	local_irq_restore(irq);
}

/* Somebody's module may store what is no state of TCP, for which nothing here has a place. */
static bool is_foreign(const struct tcpfsm_edge *edge)
{
	return !tcpfsm_is_state(edge->old) || !tcpfsm_is_state(edge->new);
}

/* Not a transition of this diagram; but an end, of what the table has of the connection. */
static noinline void __cold count_foreign(struct tcpfsm_step step)
{
	unsigned long irq;

	step.now = ktime_get_ns();
	local_irq_save(irq);
	tcpfsm_stat_bump(&tcpfsm_stat_this_cpu()->illegal);
	if (step.new == TCPFSM_CLOSE)
		tcpfsm_conntable_step(&table, &step);
	local_irq_restore(irq);
}

/* Never a part of its caller. All that is not common comes by here. */
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
 * tcpfsm_record_common() - tcpfsm_record_sock() of a common edge
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
 * tcpfsm_record_handover() - a timewait sock takes over a connection
 * @sk: the socket that had it, in FIN_WAIT2 or CLOSING
 * @tw: the timewait sock
 *
 * No transition if the timewait sock is in FIN_WAIT2 too.
 *
 * Context: task or softirq, the socket locked, @tw not yet shared.
 */
void tcpfsm_record_handover(struct sock *sk, struct inet_timewait_sock *tw)
{
	struct tcpfsm_edge edge = {
		.old = sk->sk_state,
		.new = tw->tw_substate,
		/* tcp_fin(), or the ACK of our FIN in CLOSING. */
		.cause = sk->sk_state == TCP_CLOSING ? TCPFSM_C_RCV_ACK : TCPFSM_C_RCV_FIN,
	};
	u64 id = atomic64_read(&sk->sk_cookie);
	unsigned long irq;

	/* The cookie of @tw is the one that lives on, should the socket have had none. */
	if (edge.old != edge.new)
		record_apart(sk, cookie_of((struct sock *)tw), edge);
	local_irq_save(irq);
	tcpfsm_stat_bump(&tcpfsm_stat_this_cpu()->timewait_created);
	if (id && unlikely(is_held(sk) || tcpfsm_conntable_any_apart(&table)))
		tcpfsm_conntable_part(&table, id, tw, is_held(sk));
	local_irq_restore(irq);
}

/*
 * Two CPUs may drop the same request, a timer and a segment, and both pass the
 * hook. The table lets one of them through. A request that it does not know was
 * either dropped already, or did not fit in, or is older than this module; nobody
 * but us gives request socks their cookie, as a rule, so that the last one has none.
 */
static bool dropped_before(enum tcpfsm_verdict verdict, bool fresh)
{
	return verdict == TCPFSM_STEP_UNKNOWN && !fresh && !READ_ONCE(table.refused);
}

/* ireq_family is the listener's; which addresses are filled in, the ops know. */
static void fill_request_addresses(struct tcpfsm_event *event, const struct request_sock *req)
{
	const struct inet_request_sock *ireq = inet_rsk(req);

#if IS_ENABLED(CONFIG_IPV6)
	if (req->rsk_ops->family == AF_INET6) {
		fill_v6(event, &ireq->ir_v6_loc_addr, &ireq->ir_v6_rmt_addr);
		return;
	}
	if (ireq->ireq_family == AF_INET6)
		event->flags |= TCPFSM_F_MAPPED;
#endif
	fill_v4(event, ireq->ir_loc_addr, ireq->ir_rmt_addr);
}

/**
 * tcpfsm_record_request() - record birth or end of a request sock
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
	if (!is_new(verdict) || (dropped_before(verdict, fresh) && edge->new == TCPFSM_CLOSE)) {
		drop_repeated(ring);
	} else {
		if (edge->new == TCPFSM_CLOSE)
			tcpfsm_stat_bump(&tcpfsm_stat_this_cpu()->requests_ended);
		else
			tcpfsm_stat_bump(&tcpfsm_stat_this_cpu()->requests_created);
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
		publish_wanted(ring, event, edge, cause);
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

	return id && known_in(id, NULL, TCPFSM_SYN_RECV);
}

/*
 * A segment may find a timewait sock between the recording of its end and its removal from the
 * kernel's hash table. The kernel moves it to TIME_WAIT then, which no longer means anything.
 * The table does not know such a sock, nor one that did not fit in or is older than this module;
 * but only what ends has no timer any more: it was stopped, or has run out, before the end was
 * recorded. The step has taken the sock in, so that it has to be forgotten again.
 */
static noinline bool ended_before(struct inet_timewait_sock *tw, const struct tcpfsm_edge *edge)
{
	struct tcpfsm_step step = {
		.id = atomic64_read(&((struct sock *)tw)->sk_cookie),
		.timewait = tw,
		.old = TCPFSM_TIME_WAIT,
		.new = TCPFSM_CLOSE,
	};

	if (edge->new == TCPFSM_CLOSE || timer_pending(&tw->tw_timer))
		return false;
	tcpfsm_conntable_step(&table, &step);
	return true;
}

/**
 * tcpfsm_record_timewait() - record a transition of a timewait sock
 * @tw: the timewait sock
 * @edge: FIN_WAIT2 -> TIME_WAIT, or either of them -> CLOSE
 *
 * Context: softirq or task, BH off.
 * Return: false if something that came before it was missed.
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
	if (!is_new(verdict) || (verdict == TCPFSM_STEP_UNKNOWN && ended_before(tw, edge))) {
		drop_repeated(ring);
	} else {
		if (edge->new == TCPFSM_CLOSE)
			tcpfsm_stat_bump(&tcpfsm_stat_this_cpu()->timewait_ended);
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
		publish_wanted(ring, event, edge, cause);
	}
	local_irq_restore(irq);
	return verdict != TCPFSM_STEP_GAP;
}
