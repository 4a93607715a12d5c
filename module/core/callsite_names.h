/* SPDX-License-Identifier: GPL-2.0 */
/*
 * callsite_names.h - the functions of the kernel that say why a connection changes its state
 */
#ifndef TCPFSM_CALLSITE_NAMES_H
#define TCPFSM_CALLSITE_NAMES_H

#include "core/portable.h"

/* clang-format off */
/* Each line has a call site and a function that is this call site on some or all kernels. */
#define TCPFSM_CALLSITES(X)						\
	/* callers of tcp_set_state() */			\
	X(CONNECT, "tcp_v4_connect")				\
	X(CONNECT, "tcp_v6_connect")				\
	X(CONNECT, "tcp_sendmsg_fastopen")			\
	X(CONNECT, "tcp_sendmsg_locked")			\
	X(FINISH_CONNECT, "tcp_finish_connect")			\
	X(RCV_STATE, "tcp_rcv_state_process")			\
	X(RCV_STATE, "tcp_rcv_synsent_state_process")		\
	X(RCV_FIN, "tcp_fin")					\
	X(SHUTDOWN, "tcp_shutdown")				\
	X(CLOSE, "__tcp_close")					\
	X(CLOSE, "tcp_close")					\
	X(DISCONNECT, "tcp_disconnect")				\
	X(ABORT, "tcp_abort")					\
	/* put in the caller's place by others, see below */	\
	X(HIDDEN, "return_to_handler")				\
	X(HIDDEN, "kretprobe_trampoline")			\
	X(HIDDEN, "__kretprobe_trampoline")			\
	X(HIDDEN, "arch_rethook_trampoline")			\
	/* they are on the way there: their callers tell why */	\
	X(DONE, "tcp_done")					\
	X(DONE, "tcp_done_with_error")				\
	X(DONE, "tcp_reset")					\
	X(DONE, "tcp_time_wait")				\
	X(DONE, "tcp_write_err")				\
	/* callers of those */					\
	X(VALIDATE, "tcp_validate_incoming")			\
	X(RETRANSMIT, "tcp_retransmit_timer")			\
	X(RETRANSMIT, "tcp_fastopen_synack_timer")		\
	X(RETRANSMIT, "tcp_write_timeout")			\
	X(WRITE_TIMER, "tcp_write_timer_handler")		\
	X(WRITE_TIMER, "tcp_write_timer")			\
	X(WRITE_TIMER, "tcp_probe_timer")			\
	X(KEEPALIVE, "tcp_keepalive_timer")			\
	X(OUT_OF_RESOURCES, "tcp_out_of_resources")		\
	X(ICMP, "tcp_v4_err")					\
	X(ICMP, "tcp_v6_err")					\
	X(ICMP, "tcp_req_err")					\
	/* these end request and timewait socks */		\
	X(CHECK_REQ, "tcp_check_req")				\
	X(REQ_TIMER, "reqsk_timer_handler")			\
	X(REQ_DROP, "inet_csk_reqsk_queue_drop")		\
	X(REQ_DROP, "inet_csk_reqsk_queue_drop_and_put")	\
	X(REQ_DROP, "reqsk_put")				\
	X(COMPLETE, "inet_csk_complete_hashdance")		\
	X(CONN_REQUEST, "tcp_conn_request")			\
	X(SEGMENT, "tcp_v4_rcv")				\
	X(SEGMENT, "tcp_v6_rcv")				\
	X(TIMEWAIT, "tcp_timewait_state_process")		\
	X(CHOOSE_PORT, "__inet_check_established")		\
	X(CHOOSE_PORT, "__inet6_check_established")		\
	X(CHOOSE_PORT, "__inet_hash_connect")			\
	X(DESCHEDULE, "inet_twsk_deschedule_put")		\
	X(PURGE, "inet_twsk_purge")				\
	X(TIMER, "call_timer_fn")				\
	X(TIMER, "tw_timer_handler")				\
	/* these do the store itself */				\
	X(STORE, "tcp_set_state")				\
	X(STORE, "inet_sk_state_store")				\
	X(STORE, "inet_sk_set_state")
/* clang-format on */

/**
 * enum tcpfsm_callsite - a place in the kernel that says why a state changes
 * @TCPFSM_CALLSITE_OTHER: any function that says nothing
 * @TCPFSM_CALLSITE_MPTCP: any function of MPTCP
 * @TCPFSM_CALLSITE_PASSAGES: the first of the functions that say nothing by themselves, but whose
 *	callers do
 * @TCPFSM_CALLSITE_TRAMPOLINE: code that BPF puts between a function and its caller (fexit)
 * @TCPFSM_CALLSITE_HIDDEN: code that a return hook (kretprobe, function graph) has put in the place
 *	of a return address; also a caller that is not known
 */
enum tcpfsm_callsite {
	TCPFSM_CALLSITE_OTHER,
	TCPFSM_CALLSITE_CONNECT,
	TCPFSM_CALLSITE_FINISH_CONNECT,
	TCPFSM_CALLSITE_RCV_STATE,
	TCPFSM_CALLSITE_RCV_FIN,
	TCPFSM_CALLSITE_SHUTDOWN,
	TCPFSM_CALLSITE_CLOSE,
	TCPFSM_CALLSITE_DISCONNECT,
	TCPFSM_CALLSITE_ABORT,
	TCPFSM_CALLSITE_VALIDATE,
	TCPFSM_CALLSITE_RETRANSMIT,
	TCPFSM_CALLSITE_WRITE_TIMER,
	TCPFSM_CALLSITE_KEEPALIVE,
	TCPFSM_CALLSITE_OUT_OF_RESOURCES,
	TCPFSM_CALLSITE_ICMP,
	TCPFSM_CALLSITE_CHECK_REQ,
	TCPFSM_CALLSITE_REQ_TIMER,
	TCPFSM_CALLSITE_COMPLETE,
	TCPFSM_CALLSITE_CONN_REQUEST,
	TCPFSM_CALLSITE_SEGMENT,
	TCPFSM_CALLSITE_TIMEWAIT,
	TCPFSM_CALLSITE_CHOOSE_PORT,
	TCPFSM_CALLSITE_PURGE,
	TCPFSM_CALLSITE_TIMER,
	TCPFSM_CALLSITE_MPTCP,
	TCPFSM_CALLSITE_DONE,
	TCPFSM_CALLSITE_PASSAGES = TCPFSM_CALLSITE_DONE,
	TCPFSM_CALLSITE_REQ_DROP,
	TCPFSM_CALLSITE_DESCHEDULE,
	TCPFSM_CALLSITE_STORE,
	TCPFSM_CALLSITE_TRAMPOLINE,
	TCPFSM_CALLSITE_HIDDEN,
	TCPFSM_NR_CALLSITES
};

/* Does the call site say nothing by itself? */
static inline bool tcpfsm_callsite_is_passage(enum tcpfsm_callsite callsite)
{
	return callsite >= TCPFSM_CALLSITE_PASSAGES;
}

/* Is it not the caller, but code that a foreign return hook has put in the caller's place? */
static inline bool tcpfsm_callsite_is_hidden(enum tcpfsm_callsite callsite)
{
	return callsite >= TCPFSM_CALLSITE_TRAMPOLINE;
}

#endif /* TCPFSM_CALLSITE_NAMES_H */
