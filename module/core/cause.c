// SPDX-License-Identifier: GPL-2.0
/*
 * cause.c - finds the cause of a transition
 *
 * A table has a group of rules for each call site. The first rule of the group that fits decides.
 * This file uses no kernel API and no struct sock. The handlers in hooks/ find the caller, and
 * record.c passes the facts of the socket.
 */
#include "core/cause.h"

#define ANY	     0
#define S(state)     (1u << TCPFSM_##state)
#define IS(fact)     TCPFSM_FACT_##fact
#define ON(callsite) TCPFSM_CALLSITE_##callsite
#define C(cause)     TCPFSM_C_##cause

/**
 * struct rule - one way to a cause
 * @callsite: call site
 * @above: the call site above @callsite; 0 for any
 * @from: mask of states before; 0 for any
 * @to: mask of states after; 0 for any
 * @need: facts that have to be true
 * @lack: facts that have to be false
 * @cause: the cause if all of this holds
 */
struct rule {
	u8 callsite;
	u8 above;
	u16 from;
	u16 to;
	u32 need;
	u32 lack;
	u8 cause;
};

/* clang-format off */
/* The rules are grouped by call site. */
static const struct rule rules[] = {
	{ ON(CONNECT), ANY, S(CLOSE), S(SYN_SENT), 0, 0, C(OPEN) },
	{ ON(CONNECT), ANY, S(SYN_SENT), S(CLOSE), 0, 0, C(OPEN_FAILED) },

	{ ON(FINISH_CONNECT), ANY, S(SYN_SENT), S(ESTABLISHED), IS(REPAIR), 0, C(REPAIR) },
	{ ON(FINISH_CONNECT), ANY, S(SYN_SENT), S(ESTABLISHED), 0, 0, C(RCV_SYNACK) },

	{ ON(RCV_STATE), ANY, S(SYN_SENT), S(SYN_RECV), 0, 0, C(RCV_SYN) },
	{ ON(RCV_STATE), ANY, S(SYN_RECV), S(ESTABLISHED), 0, 0, C(RCV_ACK) },
	{ ON(RCV_STATE), ANY, S(FIN_WAIT1), S(FIN_WAIT2), 0, 0, C(RCV_ACK) },

	{ ON(RCV_FIN), ANY, S(SYN_RECV) | S(ESTABLISHED), S(CLOSE_WAIT), 0, 0, C(RCV_FIN) },
	{ ON(RCV_FIN), ANY, S(FIN_WAIT1), S(CLOSING), 0, 0, C(RCV_FIN) },

	/* An MPTCP connection closes its subflows at its own time, not at the user's close(). */
	{ ON(SHUTDOWN), ANY, ANY, ANY, IS(MPTCP), 0, C(MPTCP) },
	{ ON(SHUTDOWN), ANY, S(SYN_RECV) | S(ESTABLISHED), S(FIN_WAIT1), 0, 0, C(CLOSE) },
	{ ON(SHUTDOWN), ANY, S(CLOSE_WAIT), S(LAST_ACK), 0, 0, C(CLOSE) },
	{ ON(SHUTDOWN), ANY, S(SYN_SENT), S(CLOSE), 0, 0, C(CLOSE) },

	{ ON(CLOSE), ANY, ANY, ANY, IS(MPTCP), 0, C(MPTCP) },
	{ ON(CLOSE), ANY, S(SYN_RECV) | S(ESTABLISHED), S(FIN_WAIT1), 0, 0, C(CLOSE) },
	{ ON(CLOSE), ANY, S(CLOSE_WAIT), S(LAST_ACK), 0, 0, C(CLOSE) },
	{ ON(CLOSE), ANY, S(LISTEN) | S(SYN_SENT), S(CLOSE), 0, 0, C(CLOSE) },
	/* The socket has unread data, for which RFC 2525, 2.17 wants a RST. */
	{ ON(CLOSE), ANY, ANY, S(CLOSE), 0, IS(ORPHAN), C(ABORT) },
	{ ON(CLOSE), ANY, S(FIN_WAIT2), S(CLOSE), IS(LINGER2_OFF), 0, C(ABORT) },
	{ ON(CLOSE), ANY, ANY, S(CLOSE), IS(NETNS_GONE), 0, C(NETNS_EXIT) },
	{ ON(CLOSE), ANY, ANY, S(CLOSE), 0, 0, C(OOM) },

	{ ON(DISCONNECT), ANY, ANY, S(CLOSE), IS(MPTCP), 0, C(MPTCP) },
	{ ON(DISCONNECT), ANY, ANY, S(CLOSE), IS(UNACCEPTED), 0, C(LISTENER_CLOSED) },
	{ ON(DISCONNECT), ANY, ANY, S(CLOSE), IS(REPAIR), 0, C(REPAIR) },
	{ ON(DISCONNECT), ANY, ANY, S(CLOSE), 0, 0, C(ABORT) },

	{ ON(ABORT), ANY, ANY, S(CLOSE), 0, 0, C(KILL) },

	/* If its FIN were not acknowledged, the connection would have ended in another way. */
	{ ON(DONE), ANY, S(LAST_ACK), S(CLOSE), IS(ALL_ACKED), 0, C(RCV_ACK) },
	{ ON(DONE), ANY, S(FIN_WAIT2) | S(CLOSING), S(CLOSE), IS(NO_TIMEWAIT), 0, C(TW_OVERFLOW) },
	{ ON(DONE), ON(KEEPALIVE), S(FIN_WAIT2), S(CLOSE), IS(ORPHAN), 0, C(FIN_TIMEOUT) },
	{ ON(DONE), ON(KEEPALIVE), ANY, S(CLOSE), 0, 0, C(KEEPALIVE) },
	{ ON(DONE), ON(OUT_OF_RESOURCES), ANY, S(CLOSE), IS(NETNS_GONE), 0, C(NETNS_EXIT) },
	{ ON(DONE), ON(OUT_OF_RESOURCES), ANY, S(CLOSE), 0, 0, C(OOM) },
	{ ON(DONE), ON(ABORT), ANY, S(CLOSE), 0, 0, C(KILL) },
	{ ON(DONE), ON(VALIDATE), ANY, S(CLOSE), 0, 0, C(RCV_RST) },
	{ ON(DONE), ON(CHECK_REQ), ANY, S(CLOSE), 0, 0, C(RCV_RST) },
	{ ON(DONE), ON(RCV_STATE), S(SYN_SENT), S(CLOSE), 0, 0, C(RCV_RST) },
	{ ON(DONE), ON(RCV_STATE), S(FIN_WAIT2), S(CLOSE), IS(ORPHAN) | IS(LINGER2_OFF), 0,
	  C(ABORT) },
	{ ON(DONE), ON(RCV_STATE), ANY, S(CLOSE), 0, 0, C(RCV_DATA) },
	{ ON(DONE), ON(RETRANSMIT), ANY, S(CLOSE), IS(FASTOPEN), 0, C(SYNACK_TIMEOUT) },
	{ ON(DONE), ON(RETRANSMIT), ANY, S(CLOSE), 0, 0, C(RTO) },
	{ ON(DONE), ON(WRITE_TIMER), ANY, S(CLOSE), 0, 0, C(ZERO_WINDOW) },
	{ ON(DONE), ON(ICMP), ANY, S(CLOSE), 0, 0, C(ICMP) },
	{ ON(DONE), ON(MPTCP), ANY, S(CLOSE), 0, 0, C(MPTCP) },

	{ ON(MPTCP), ANY, ANY, ANY, 0, 0, C(MPTCP) },

	/*
	 * The stack does not show the caller. These edges have one cause, whoever the caller was.
	 * If such a caller ends a connection, the cause stays unknown.
	 */
	{ ON(HIDDEN), ANY, S(CLOSE), S(SYN_SENT), 0, 0, C(OPEN) },
	{ ON(HIDDEN), ANY, S(SYN_SENT), S(ESTABLISHED), IS(REPAIR), 0, C(REPAIR) },
	{ ON(HIDDEN), ANY, S(SYN_SENT), S(ESTABLISHED), 0, 0, C(RCV_SYNACK) },
	{ ON(HIDDEN), ANY, S(SYN_SENT), S(SYN_RECV), 0, 0, C(RCV_SYN) },
	{ ON(HIDDEN), ANY, S(SYN_RECV), S(ESTABLISHED), 0, 0, C(RCV_ACK) },
	{ ON(HIDDEN), ANY, S(FIN_WAIT1), S(FIN_WAIT2), 0, 0, C(RCV_ACK) },
	{ ON(HIDDEN), ANY, S(SYN_RECV) | S(ESTABLISHED), S(CLOSE_WAIT), 0, 0, C(RCV_FIN) },
	{ ON(HIDDEN), ANY, S(FIN_WAIT1), S(CLOSING), 0, 0, C(RCV_FIN) },
	{ ON(HIDDEN), ANY, ANY, S(FIN_WAIT1) | S(LAST_ACK), IS(MPTCP), 0, C(MPTCP) },
	{ ON(HIDDEN), ANY, S(SYN_RECV) | S(ESTABLISHED), S(FIN_WAIT1), 0, 0, C(CLOSE) },
	{ ON(HIDDEN), ANY, S(CLOSE_WAIT), S(LAST_ACK), 0, 0, C(CLOSE) },

	/* These rules are for request socks. */
	{ ON(CHECK_REQ), ANY, ANY, S(CLOSE), IS(REQUEST) | IS(OVERFLOW), 0, C(ACCEPT_OVERFLOW) },
	{ ON(CHECK_REQ), ANY, ANY, S(CLOSE), IS(REQUEST), 0, C(RCV_RST) },
	{ ON(REQ_TIMER), ANY, ANY, S(CLOSE), IS(LISTENING) | IS(UNSERVED), 0, C(ACCEPT_OVERFLOW) },
	{ ON(REQ_TIMER), ANY, ANY, S(CLOSE), IS(LISTENING), 0, C(SYNACK_TIMEOUT) },
	{ ON(REQ_TIMER), ANY, ANY, S(CLOSE), 0, 0, C(LISTENER_CLOSED) },
	/* Two CPUs took the same SYN at once, and the other CPU's request is the connection. */
	{ ON(CONN_REQUEST), ANY, S(SYN_RECV), S(CLOSE), 0, 0, C(RCV_SYN) },
	{ ON(ICMP), ANY, ANY, S(CLOSE), IS(REQUEST), 0, C(ICMP) },

	/* These rules are for request and timewait socks that a segment ended. */
	{ ON(SEGMENT), ANY, ANY, S(CLOSE), IS(REQUEST), IS(LISTENING), C(LISTENER_CLOSED) },
	{ ON(SEGMENT), ANY, S(TIME_WAIT), S(CLOSE), IS(TIMEWAIT), 0, C(REUSE) },
	{ ON(SEGMENT), ANY, S(FIN_WAIT2), S(CLOSE), IS(TIMEWAIT), 0, C(RCV_DATA) },
	{ ON(PURGE), ANY, ANY, S(CLOSE), 0, 0, C(NETNS_EXIT) },

	/* These rules are for timewait socks. */
	{ ON(TIMER), ANY, S(TIME_WAIT), S(CLOSE), 0, 0, C(2MSL) },
	{ ON(TIMER), ANY, S(FIN_WAIT2), S(CLOSE), 0, 0, C(FIN_TIMEOUT) },
	{ ON(TIMEWAIT), ANY, S(FIN_WAIT2), S(TIME_WAIT), 0, 0, C(RCV_FIN) },
	{ ON(TIMEWAIT), ANY, ANY, S(CLOSE), 0, 0, C(RCV_RST) },
	{ ON(CHOOSE_PORT), ANY, ANY, S(CLOSE), 0, 0, C(REUSE) },
};

/* clang-format on */

/* Tells where the group of each call site begins. A call site without rules has an empty group. */
static u8 group[TCPFSM_NR_CALLSITES];

/**
 * struct hint - the cause that the rules for a call site and an edge come to
 * @voided_by: facts that void the hint; one true fact is enough
 * @cause: the cause, unless the hint is void
 */
struct hint {
	u16 voided_by;
	u8 cause;
};

/* With a power of two, a place is found by a shift. */
#define EDGES_ROOM 32

static u32 hints[TCPFSM_NR_CALLSITES][EDGES_ROOM];

static_assert(TCPFSM_NR_EDGES <= EDGES_ROOM);
static_assert(TCPFSM_C_UNKNOWN + 1 == TCPFSM_NR_CAUSES);
static_assert(TCPFSM_NR_CAUSES <= 1 << TCPFSM_HINT_SHIFT);

static bool may_fit(const struct rule *rule, u8 old, u8 new)
{
	return (!rule->from || rule->from & (1u << old)) && (!rule->to || rule->to & (1u << new));
}

static u32 __cold precompute_hint(u8 callsite, u8 old, u8 new)
{
	struct hint hint = { .cause = TCPFSM_C_UNKNOWN };
	const struct rule *rule = rules + group[callsite];

	for (; rule < rules + ARRAY_SIZE(rules) && rule->callsite == callsite; rule++) {
		if (!may_fit(rule, old, new))
			continue;
		if (!rule->above && !rule->need && !rule->lack) {
			hint.cause = rule->cause;
			break;
		}
		hint.voided_by |= rule->need;
		if (rule->above || rule->lack)
			hint.voided_by |= TCPFSM_FACT_ANYTHING;
	}
	return (u32)hint.voided_by << TCPFSM_HINT_SHIFT | hint.cause;
}

/**
 * tcpfsm_cause_init() - find the groups in the table, and compute the hints
 *
 * Context: once, before tcpfsm_cause_of().
 */
void __cold tcpfsm_cause_init(void)
{
	unsigned int i, from, to;

	for (i = 0; i < TCPFSM_NR_CALLSITES; i++)
		group[i] = ARRAY_SIZE(rules);
	for (i = ARRAY_SIZE(rules); i-- > 0;)
		group[rules[i].callsite] = i;
	for (i = 0; i < TCPFSM_NR_CALLSITES; i++)
		for (from = 0; from < TCPFSM_NR_STATES; from++)
			for (to = 0; to < TCPFSM_NR_STATES; to++)
				hints[i][tcpfsm_edge_number(from, to)] =
					precompute_hint(i, from, to);
	/* Transitions that are not edges share this place, so its hint is always void. */
	for (i = 0; i < TCPFSM_NR_CALLSITES; i++)
		hints[i][TCPFSM_EDGE_NONE] = TCPFSM_FACT_ANYTHING << TCPFSM_HINT_SHIFT;
}

/**
 * tcpfsm_cause_hint() - get the cause, as far as call site and edge decide it
 * @callsite: enum tcpfsm_callsite
 * @edge_number: enum tcpfsm_edge_number
 *
 * Context: any.
 * Return: the cause, and TCPFSM_HINT_SHIFT bits above it TCPFSM_FACT_*. If one of these facts is
 *	true, the answer is void, and tcpfsm_cause_of() has to be asked. Mostly there is no such
 *	fact, and the cause is known: a value less than TCPFSM_C_UNKNOWN is the cause and nothing
 *	else.
 */
u32 tcpfsm_cause_hint(unsigned int callsite, unsigned int edge_number)
{
	return hints[callsite][edge_number];
}

static bool fits(const struct rule *rule, const struct tcpfsm_cause_case *given)
{
	return (!rule->above || rule->above == given->above) &&
	       may_fit(rule, given->old, given->new) && (given->facts & rule->need) == rule->need &&
	       !(given->facts & rule->lack);
}

/**
 * tcpfsm_cause_of() - determine the cause of a transition
 * @given: all that is known of the transition
 *
 * Context: any.
 * Return: the cause; TCPFSM_C_UNKNOWN if no rule fits.
 */
enum tcpfsm_cause tcpfsm_cause_of(const struct tcpfsm_cause_case *given)
{
	const struct rule *rule = rules + group[given->callsite];

	for (; rule < rules + ARRAY_SIZE(rules) && rule->callsite == given->callsite; rule++)
		if (fits(rule, given))
			return rule->cause;
	return TCPFSM_C_UNKNOWN;
}
