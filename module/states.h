/* SPDX-License-Identifier: GPL-2.0 */
/*
 * states.h - the names of states and causes, each written once
 *
 * Shared by the module and the tools: everything that needs a name, a table or
 * a check is generated from these lists.
 */
#ifndef TCPFSM_STATES_H
#define TCPFSM_STATES_H

#include "uapi/tcpfsm.h"

/* In the order of enum tcpfsm_state, which is the kernel's. */
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

/* Why an edge was taken: identifier, name as users see it. */
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

/**
 * enum tcpfsm_cause - why a transition was taken
 * @TCPFSM_C_NONE: not determined; shown as "-"
 */
enum tcpfsm_cause {
	TCPFSM_C_NONE,
#define TCPFSM_X(id, name) TCPFSM_C_##id,
	TCPFSM_CAUSES(TCPFSM_X)
#undef TCPFSM_X
	TCPFSM_NR_CAUSES
};

const char *tcpfsm_state_name(unsigned int state);
const char *tcpfsm_cause_name(unsigned int cause);

#endif /* TCPFSM_STATES_H */
