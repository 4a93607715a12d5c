/* SPDX-License-Identifier: GPL-2.0 */
/*
 * facts.h - determines the cause from a socket's facts and an edge; only record.c includes it
 */
#ifndef TCPFSM_FACTS_H
#define TCPFSM_FACTS_H

#include <net/mptcp.h>
#include <net/net_namespace.h>
#include <net/tcp.h>
#include "core/cause.h"
#include "record/callsite.h"
#include "record/record.h"

/*
 * Determine the cause from all that is known. @edge is a copy, so that the caller can keep its own
 * edge in registers.
 */
static noinline unsigned int determine_cause(struct tcpfsm_edge edge, u32 facts)
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

/* Look up one of the two single facts that the common edges of a connection depend on. */
static inline bool fact_holds(const struct sock *sk, u32 fact)
{
	if (fact == TCPFSM_FACT_MPTCP)
		return sk_is_mptcp(sk);
	if (fact == TCPFSM_FACT_REPAIR)
		return tcp_sk(sk)->repair;
	return true;
}

static inline u32 hint_of(const struct tcpfsm_edge *edge)
{
	u32 number = edge->number;

	if (edge->cause)
		return edge->cause;
	if (!edge->common)
		number = tcpfsm_edge_number(edge->old, edge->new);
	return tcpfsm_cause_hint(edge->callsite, number);
}

static inline unsigned int cause_of(const struct sock *sk, const struct tcpfsm_edge *edge)
{
	u32 hint = hint_of(edge);
	unsigned int cause = TCPFSM_HINT_CAUSE(hint);

	if (likely(hint < TCPFSM_C_UNKNOWN))
		return hint;
	if (likely(cause != TCPFSM_C_UNKNOWN && !fact_holds(sk, TCPFSM_HINT_VOIDED_BY(hint))))
		return cause;
	return determine_cause(*edge, facts_of(sk));
}

/* Determine the cause for a request or timewait sock, whose facts the caller has. */
static inline unsigned int cause_by(const struct tcpfsm_edge *edge, u32 facts)
{
	u32 hint = hint_of(edge);

	return likely(hint < TCPFSM_C_UNKNOWN) ? hint : determine_cause(*edge, facts);
}

static inline u32 facts_of_request(const struct sock *listener, const struct request_sock *req)
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

#endif /* TCPFSM_FACTS_H */
