/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cause.h - call site and socket facts -> cause
 */
#ifndef TCPFSM_CAUSE_H
#define TCPFSM_CAUSE_H

#include "core/portable.h"
#include "core/callsite_names.h"
#include "core/states.h"

/* clang-format off */
/* What is true of the socket when the transition runs. */
#define TCPFSM_IS_REQUEST	(1u << 0)  /* it is a request sock */
#define TCPFSM_IS_TIMEWAIT	(1u << 1)  /* it is a timewait sock */
#define TCPFSM_IS_ORPHAN	(1u << 2)  /* no file refers to it: SOCK_DEAD */
#define TCPFSM_IS_UNACCEPTED	(1u << 3)  /* it has no struct socket (yet) */
#define TCPFSM_IS_REPAIR	(1u << 4)  /* TCP_REPAIR is on */
#define TCPFSM_IS_MPTCP		(1u << 5)  /* it is a subflow of an MPTCP connection */
#define TCPFSM_IS_FASTOPEN	(1u << 6)  /* it was opened by a fast open not yet confirmed */
#define TCPFSM_IS_NETNS_GONE	(1u << 7)  /* its network namespace is being dismantled */
#define TCPFSM_IS_LINGER2_OFF	(1u << 8)  /* TCP_LINGER2 is negative: no FIN_WAIT2 for orphans */
#define TCPFSM_IS_ALL_ACKED	(1u << 9)  /* everything it sent is acknowledged, its FIN too */
#define TCPFSM_IS_NO_TIMEWAIT	(1u << 10) /* it asked for a timewait sock in vain */
#define TCPFSM_IS_LISTENING	(1u << 11) /* (request) its listener still listens */
#define TCPFSM_IS_UNSERVED	(1u << 12) /* (request) accept queue full, its ACK has come */
#define TCPFSM_IS_OVERFLOW	(1u << 13) /* (request) accept queue full, tcp_abort_on_overflow */
#define TCPFSM_IS_ANYTHING	(1u << 15) /* always: no single fact decides */
/* clang-format on */

/* A tcpfsm_cause_outlook() is a cause, and above it TCPFSM_IS_*. */
#define TCPFSM_OUTLOOK_SHIFT	       8
#define TCPFSM_OUTLOOK_CAUSE(outlook)  ((outlook) & ((1u << TCPFSM_OUTLOOK_SHIFT) - 1))
#define TCPFSM_OUTLOOK_UNLESS(outlook) ((outlook) >> TCPFSM_OUTLOOK_SHIFT)

/**
 * struct tcpfsm_facts - what decides about the cause
 * @old: state before
 * @new: state after
 * @site: who called tcp_set_state(), or who ended the request or timewait sock
 * @outer: where @site says nothing: who called that
 * @is: TCPFSM_IS_*
 */
struct tcpfsm_facts {
	u8 old;
	u8 new;
	u8 site;
	u8 outer;
	u32 is;
};

void tcpfsm_cause_init(void);
u32 tcpfsm_cause_outlook(unsigned int site, unsigned int edge_number);
enum tcpfsm_cause tcpfsm_cause_of(const struct tcpfsm_facts *facts);

#endif /* TCPFSM_CAUSE_H */
