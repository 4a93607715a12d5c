/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cause.h - finds the cause of a transition by its call site and the facts of the socket
 */
#ifndef TCPFSM_CAUSE_H
#define TCPFSM_CAUSE_H

#include "core/portable.h"
#include "core/callsite_names.h"
#include "core/states.h"

/* clang-format off */
/* A fact is something that is true of the socket when the transition runs. */
#define TCPFSM_FACT_REQUEST	(1u << 0)  /* it is a request sock */
#define TCPFSM_FACT_TIMEWAIT	(1u << 1)  /* it is a timewait sock */
#define TCPFSM_FACT_ORPHAN	(1u << 2)  /* no file refers to it: SOCK_DEAD */
#define TCPFSM_FACT_UNACCEPTED	(1u << 3)  /* it has no struct socket (yet) */
#define TCPFSM_FACT_REPAIR	(1u << 4)  /* TCP_REPAIR is on */
#define TCPFSM_FACT_MPTCP		(1u << 5)  /* it is a subflow of an MPTCP connection */
#define TCPFSM_FACT_FASTOPEN	(1u << 6)  /* it was opened by a fast open not yet confirmed */
#define TCPFSM_FACT_NETNS_GONE	(1u << 7)  /* its network namespace is being dismantled */
#define TCPFSM_FACT_LINGER2_OFF	(1u << 8)  /* TCP_LINGER2 is negative: no FIN_WAIT2 for orphans */
#define TCPFSM_FACT_ALL_ACKED	(1u << 9)  /* everything it sent is acknowledged, its FIN too */
#define TCPFSM_FACT_NO_TIMEWAIT	(1u << 10) /* it asked for a timewait sock in vain */
#define TCPFSM_FACT_LISTENING	(1u << 11) /* (request) its listener still listens */
#define TCPFSM_FACT_UNSERVED	(1u << 12) /* (request) accept queue is full, its ACK has come */
#define TCPFSM_FACT_OVERFLOW	(1u << 13) /* (request) it is full, tcp_abort_on_overflow is on */
#define TCPFSM_FACT_ANYTHING	(1u << 15) /* it is always true: no single fact decides */
/* clang-format on */

/* A tcpfsm_cause_hint() has a cause, and in the bits above it the TCPFSM_FACT_* that void it. */
#define TCPFSM_HINT_SHIFT	    8
#define TCPFSM_HINT_CAUSE(hint)	    ((hint) & ((1u << TCPFSM_HINT_SHIFT) - 1))
#define TCPFSM_HINT_VOIDED_BY(hint) ((hint) >> TCPFSM_HINT_SHIFT)

/**
 * struct tcpfsm_cause_case - all that decides about a cause
 * @old: state before
 * @new: state after
 * @callsite: the function that called tcp_set_state(), or that ended the request or timewait sock
 * @above: the call site above @callsite, if @callsite says nothing by itself
 * @facts: TCPFSM_FACT_*
 */
struct tcpfsm_cause_case {
	u8 old;
	u8 new;
	u8 callsite;
	u8 above;
	u32 facts;
};

void tcpfsm_cause_init(void);
u32 tcpfsm_cause_hint(unsigned int callsite, unsigned int edge_number);
enum tcpfsm_cause tcpfsm_cause_of(const struct tcpfsm_cause_case *given);

#endif /* TCPFSM_CAUSE_H */
