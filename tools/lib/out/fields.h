/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fields.h - what all printers must agree on: the keys of an event, and how addresses
 * and names are written
 *
 * fsm_put_*() write at @p, without a NUL, and return the end.
 */
#ifndef FSM_FIELDS_H
#define FSM_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "in/event.h"

/* The keys of an event in JSON and CSV, in the order of the output. */
/* clang-format off */
#define FSM_KEYS(X)							\
	X(time) X(id) X(gen) X(netns) X(family)				\
	X(laddr) X(lport) X(raddr) X(rport)				\
	X(old) X(new) X(cause) X(dwell_us) X(cpu) X(ctx)		\
	X(pid) X(comm) X(uid) X(cgroup) X(err) X(flags)			\
	X(snd_una) X(snd_nxt) X(rcv_nxt) X(snd_wnd) X(rcv_wnd)		\
	X(srtt_us) X(retrans) X(bytes_sent) X(bytes_received)
/* clang-format on */

enum fsm_key {
#define FSM_X(name) FSM_KEY_##name,
	FSM_KEYS(FSM_X)
#undef FSM_X
	FSM_NR_KEYS
};

#define FSM_ADDRESS_MAX 46 /* INET6_ADDRSTRLEN, which counts a NUL that we do not write */

#define FSM_ENDPOINT_MAX (FSM_ADDRESS_MAX + 8) /* "[", "]:65535" */
#define FSM_CONN_MAX	 27		       /* 16 hex digits, "/", 10 digits */

/* Bytes that fsm_put_comm() writes at most, if each one is \xNN. */
#define FSM_COMM_MAX (4 * TCPFSM_COMM_LEN)

char *fsm_put_address(char *p, const struct tcpfsm_event *ev, const __u8 *addr);
char *fsm_put_endpoint(char *p, const struct tcpfsm_event *ev, const __u8 *addr, __u16 port);
char *fsm_put_conn(char *p, const struct tcpfsm_event *ev);
char *fsm_put_comm(char *p, const struct tcpfsm_event *ev, bool is_column);

#endif /* FSM_FIELDS_H */
