/* SPDX-License-Identifier: GPL-2.0 */
/*
 * states.h - the names of states and causes, each written once
 *
 * The module and the tools share this file. Everything that needs a name, a table or a check is
 * generated from these lists.
 */
#ifndef TCPFSM_STATES_H
#define TCPFSM_STATES_H

#include "core/portable.h"
#include "uapi/tcpfsm.h"

/* clang-format off */
/* The states are in the order of enum tcpfsm_state, which is the kernel's order. */
#define TCPFSM_STATES(X)	\
	X(ESTABLISHED)		\
	X(SYN_SENT)		\
	X(SYN_RECV)		\
	X(FIN_WAIT1)		\
	X(FIN_WAIT2)		\
	X(TIME_WAIT)		\
	X(CLOSE)		\
	X(CLOSE_WAIT)		\
	X(LAST_ACK)		\
	X(LISTEN)		\
	X(CLOSING)
/* clang-format on */

/* clang-format off */
/*
 * This list has all edges: X(arg, state before, state after, section of RFC 9293). The RFC's
 * diagram is figure 5, and the text of 3.10 has a few more edges than the figure. RST, abort and
 * timeout lead from everywhere to CLOSED (3.10.7.4, 3.10.5, 3.8.3).
 */
#define TCPFSM_EDGES(X, arg)								\
	X(arg, CLOSE, LISTEN, "3.10.1, passive OPEN")					\
	X(arg, CLOSE, SYN_SENT, "3.10.1, active OPEN")					\
	X(arg, LISTEN, SYN_RECV, "3.10.7.2, SYN")					\
	X(arg, LISTEN, SYN_SENT, "3.10.2, SEND; Linux has no such call")		\
	X(arg, LISTEN, CLOSE, "3.10.4, CLOSE")						\
	X(arg, SYN_SENT, SYN_RECV, "3.10.7.3, SYN without ACK")				\
	X(arg, SYN_SENT, ESTABLISHED, "3.10.7.3, SYN and ACK")				\
	X(arg, SYN_SENT, CLOSE, "3.10.4, CLOSE; 3.10.7.3, RST")				\
	X(arg, SYN_RECV, ESTABLISHED, "3.10.7.4, ACK of SYN")				\
	X(arg, SYN_RECV, LISTEN, "3.10.7.4, RST; Linux ends the request instead")	\
	X(arg, SYN_RECV, FIN_WAIT1, "3.10.4, CLOSE")					\
	X(arg, SYN_RECV, CLOSE_WAIT, "3.10.7.4, FIN")					\
	X(arg, SYN_RECV, CLOSE, "3.10.7.4, RST; 3.8.3, timeout")			\
	X(arg, ESTABLISHED, FIN_WAIT1, "3.10.4, CLOSE")					\
	X(arg, ESTABLISHED, CLOSE_WAIT, "3.10.7.4, FIN")				\
	X(arg, ESTABLISHED, CLOSE, "3.10.5, ABORT; 3.10.7.4, RST; 3.8.3, timeout")	\
	X(arg, FIN_WAIT1, FIN_WAIT2, "3.10.7.4, ACK of FIN")				\
	X(arg, FIN_WAIT1, CLOSING, "3.10.7.4, FIN")					\
	X(arg, FIN_WAIT1, TIME_WAIT, "3.10.7.4, FIN and ACK of FIN")			\
	X(arg, FIN_WAIT1, CLOSE, "3.10.5, ABORT; 3.10.7.4, RST; 3.8.3, timeout")	\
	X(arg, FIN_WAIT2, TIME_WAIT, "3.10.7.4, FIN")					\
	X(arg, FIN_WAIT2, CLOSE, "3.10.5, ABORT; 3.10.7.4, RST; Linux's own timeout")	\
	X(arg, CLOSE_WAIT, LAST_ACK, "3.10.4, CLOSE")					\
	X(arg, CLOSE_WAIT, CLOSE, "3.10.5, ABORT; 3.10.7.4, RST; 3.8.3, timeout")	\
	X(arg, CLOSING, TIME_WAIT, "3.10.7.4, ACK of FIN")				\
	X(arg, CLOSING, CLOSE, "3.10.7.4, RST; 3.8.3, timeout")				\
	X(arg, LAST_ACK, CLOSE, "3.10.7.4, ACK of FIN; RST; 3.8.3, timeout")		\
	X(arg, TIME_WAIT, CLOSE, "3.10.7.4 and 3.10.8, 2MSL; RST, see RFC 1337")
/* clang-format on */

/**
 * enum tcpfsm_edge_number - numbers of the edges
 * @TCPFSM_EDGE_NONE: number of a transition that is not an edge
 */
enum tcpfsm_edge_number {
	TCPFSM_EDGE_NONE,
#define TCPFSM_X(arg, from, to, where) TCPFSM_EDGE_##from##_##to,
	TCPFSM_EDGES(TCPFSM_X, 0)
#undef TCPFSM_X
	TCPFSM_NR_EDGES
};

/* clang-format off */
/* Causes say why an edge was taken. Each has an identifier, and a name that users see. */
#define TCPFSM_CAUSES(X)				\
	/* the user's calls */				\
	X(OPEN,			"open")			\
	X(LISTEN,		"listen")		\
	X(CLOSE,		"close")		\
	X(ABORT,		"abort")		\
	/* segments */					\
	X(RCV_SYN,		"rcv_syn")		\
	X(RCV_SYNACK,		"rcv_synack")		\
	X(RCV_ACK,		"rcv_ack")		\
	X(RCV_FIN,		"rcv_fin")		\
	X(RCV_RST,		"rcv_rst")		\
	X(RCV_DATA,		"rcv_data")		\
	/* timers */					\
	X(RTO,			"rto")			\
	X(ZERO_WINDOW,		"zero_window")		\
	X(KEEPALIVE,		"keepalive")		\
	X(FIN_TIMEOUT,		"fin_timeout")		\
	X(2MSL,			"2msl")			\
	X(SYNACK_TIMEOUT,	"synack_timeout")	\
	/* the kernel's own reasons */			\
	X(ICMP,			"icmp")			\
	X(KILL,			"kill")			\
	X(LISTENER_CLOSED,	"listener_closed")	\
	X(OOM,			"oom")			\
	X(TW_OVERFLOW,		"tw_overflow")		\
	X(REUSE,		"reuse")		\
	X(ACCEPT_OVERFLOW,	"accept_overflow")	\
	X(NETNS_EXIT,		"netns_exit")		\
	X(OPEN_FAILED,		"open_failed")		\
	X(REPAIR,		"repair")		\
	X(MPTCP,		"mptcp")		\
	X(UNKNOWN,		"unknown")
/* clang-format on */

/**
 * enum tcpfsm_cause - why an edge was taken
 * @TCPFSM_C_NONE: the cause was not determined; shown as "-"
 */
enum tcpfsm_cause {
	TCPFSM_C_NONE,
#define TCPFSM_X(id, name) TCPFSM_C_##id,
	TCPFSM_CAUSES(TCPFSM_X)
#undef TCPFSM_X
	TCPFSM_NR_CAUSES
};

static inline bool tcpfsm_is_state(unsigned int state)
{
	return state != 0 && state < TCPFSM_NR_STATES;
}

const char *tcpfsm_state_name(unsigned int state);
const char *tcpfsm_cause_name(unsigned int cause);
unsigned int tcpfsm_edge_number(unsigned int old, unsigned int new);
bool tcpfsm_edge_legal(unsigned int old, unsigned int new);

/*
 * A common edge neither begins a connection nor involves a listener. Most events take one, and the
 * compiler makes a shorter path for them.
 */
bool tcpfsm_edge_is_common(unsigned int number);

#endif /* TCPFSM_STATES_H */
