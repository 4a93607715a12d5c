/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fields.h - fills the fields of an event from kernel objects; only record.c includes it
 */
#ifndef TCPFSM_FIELDS_H
#define TCPFSM_FIELDS_H

#include <linux/sched.h>
#include <linux/string.h>
#include <asm/word-at-a-time.h>
#include <net/inet_sock.h>
#include <net/tcp.h>
#include "compat.h"
#include "core/conntable.h"
#include "record/record.h"

/* A common edge never leaves LISTEN, so for a common @edge the compiler folds this to false. */
static inline bool leaves_listen(const struct tcpfsm_edge *edge)
{
	return !edge->common && edge->old == TCPFSM_LISTEN;
}

static inline bool enters(const struct tcpfsm_edge *edge, u32 state)
{
	return !edge->common && edge->new == state;
}

/* Does a socket begin or cease to listen? Transitions of its children do not count. */
static inline bool is_listeners(const struct tcpfsm_edge *edge)
{
	return enters(edge, TCPFSM_LISTEN) || (leaves_listen(edge) && edge->new == TCPFSM_CLOSE);
}

/* Fill in the fields that are known before the table of connections is asked. */
static inline void fill_edge(struct tcpfsm_event *event, const struct tcpfsm_edge *edge, u64 id,
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

/* Fill in the answers of the table of connections. */
static inline void fill_step(struct tcpfsm_event *event, const struct tcpfsm_edge *edge,
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

/* Call fill_edge() and fill_step(), on paths that need not be the fastest. */
static noinline void fill_both(struct tcpfsm_event *event, const struct tcpfsm_edge *edge,
			       const struct tcpfsm_step *step, unsigned int cause)
{
	fill_edge(event, edge, step->id, cause);
	fill_step(event, edge, step);
}

/* Say that, as far as is known, no system call of the owner made the transition. */
static inline void fill_no_task(struct tcpfsm_event *event)
{
	event->pid = 0;
	memset(event->comm, 0, sizeof(event->comm));
}

/* Put an address into the first four bytes of @to, and zeros behind it, by two stores. */
static __always_inline void put_v4(u8 *to, __be32 addr)
{
	u64 first = (u64)(__force u32)addr << (IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? 32 : 0);
	u64 second = 0;

	memcpy(to, &first, sizeof(first));
	memcpy(to + sizeof(first), &second, sizeof(second));
}

static inline void fill_v4(struct tcpfsm_event *event, __be32 laddr, __be32 raddr)
{
	event->family = AF_INET;
	put_v4(event->laddr, laddr);
	put_v4(event->raddr, raddr);
}

#if IS_ENABLED(CONFIG_IPV6)
static inline void fill_v6(struct tcpfsm_event *event, const struct in6_addr *laddr,
			   const struct in6_addr *raddr)
{
	event->family = AF_INET6;
	memcpy(event->laddr, laddr, sizeof(*laddr));
	memcpy(event->raddr, raddr, sizeof(*raddr));
}

static inline bool is_mapped(const struct in6_addr *laddr, const struct in6_addr *raddr)
{
	return ipv6_addr_v4mapped(raddr) || (ipv6_addr_any(raddr) && ipv6_addr_v4mapped(laddr));
}
#endif

/* This works for a timewait sock too, which keeps the addresses of both families in sock_common. */
static inline void fill_addresses(struct tcpfsm_event *event, const struct sock *sk)
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

/*
 * Leave the remote end empty, because a listener has none. The kernel does not forget the end to
 * which the socket was connected before.
 */
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

static inline void fill_ends(struct tcpfsm_event *event, const struct tcpfsm_edge *edge,
			     const struct sock *sk)
{
	const struct inet_sock *inet = inet_sk(sk);

	/* inet_put_port() clears inet_num. A failed bind leaves inet_sport behind. */
	event->lport = inet->inet_num ?: ntohs(inet->inet_sport);
	if (unlikely(is_listeners(edge))) {
		fill_listener_addresses(event, sk);
		event->rport = 0;
		return;
	}
	fill_addresses(event, sk);
	event->rport = ntohs(inet->inet_dport);
}

static inline void fill_no_stats(struct tcpfsm_event *event)
{
	event->flags |= TCPFSM_F_NOSTATS;
	event->srtt_us = 0;
	event->retrans = 0;
	event->bytes_sent = 0;
	event->bytes_received = 0;
}

static inline void fill_seq(struct tcpfsm_event *event, u32 snd_una, u32 snd_nxt, u32 rcv_nxt,
			    u32 snd_wnd, u32 rcv_wnd)
{
	event->snd_una = snd_una;
	event->snd_nxt = snd_nxt;
	event->rcv_nxt = rcv_nxt;
	event->snd_wnd = snd_wnd;
	event->rcv_wnd = rcv_wnd;
}

static inline void fill_tcp(struct tcpfsm_event *event, const struct tcpfsm_edge *edge,
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
		/* RFC 9293, 3.10.1: the SYN takes ISS. tcp_connect() has not stored that yet. */
		fill_seq(event, tp->write_seq, tp->write_seq + 1, 0, 0, 0);
	else
		fill_seq(event, tp->snd_una, tp->snd_nxt, tp->rcv_nxt, tp->snd_wnd,
			 tcp_receive_window(tp));
	event->srtt_us = tp->srtt_us >> 3;
	event->retrans = tp->total_retrans;
	event->bytes_sent = tp->bytes_sent;
	event->bytes_received = tp->bytes_received;
}

/*
 * Keep the bytes before the first NUL of a word and clear the rest. Return false if it has no NUL.
 */
static inline bool cut_at_nul(unsigned long *word)
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
 * Copy as strscpy_pad() does, but by words. Behind the end of a name may be the end of a longer
 * name that the task had before. An array would make the compiler guard the stack of the whole hot
 * path.
 */
static inline void fill_comm(char *to, const char *comm)
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
 * Record a process only for a system call by the owner. Softirqs and kernel threads act for others,
 * and so does "ss -K". A sock without a struct socket has no owner: it was closed, or it is not yet
 * accepted.
 */
static inline void fill_task(struct tcpfsm_event *event, const struct sock *sk)
{
	if ((event->flags & TCPFSM_F_SOFTIRQ) || !sk->sk_socket || (current->flags & PF_KTHREAD) ||
	    event->cause == TCPFSM_C_KILL) {
		fill_no_task(event);
		return;
	}
	event->pid = current->tgid;
	/* In execve() the task already has the name of the next program. */
	if (unlikely(tcpfsm_in_execve()))
		memset(event->comm, 0, sizeof(event->comm));
	else
		fill_comm(event->comm, current->comm);
}

/*
 * Did the FIN come in the same segment as the ACK of our FIN? tcp_rcv_state_process() sets the
 * clock cache once for each segment, before anything else.
 */
static inline bool is_finack(const struct tcpfsm_event *event, const struct tcpfsm_edge *edge,
			     const struct sock *sk)
{
	u64 entered = event->time_ns - event->dwell_ns;

	if (!enters(edge, TCPFSM_TIME_WAIT) || edge->old != TCPFSM_FIN_WAIT2)
		return false;
	return event->dwell_ns != TCPFSM_UNKNOWN_DWELL && entered >= tcp_sk(sk)->tcp_clock_cache;
}

/* Fill in the fields that only readers use; the filter never looks at them. */
static inline void fill_for_readers(struct tcpfsm_event *event, const struct tcpfsm_edge *edge,
				    const struct sock *sk)
{
	event->err = sk->sk_err;
	fill_tcp(event, edge, sk);
	fill_task(event, sk);
	if (is_finack(event, edge, sk))
		event->flags |= TCPFSM_F_FINACK;
}

/* The ops say which addresses are filled in. ireq_family is the family of the listener. */
static inline void fill_request_addresses(struct tcpfsm_event *event,
					  const struct request_sock *req)
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

#endif /* TCPFSM_FIELDS_H */
