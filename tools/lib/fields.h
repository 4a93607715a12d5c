/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fields.h - what all printers must agree on: which fields of an event are known,
 * and how addresses, names and flags are written
 *
 * fsm_put_*() write at @p, without a NUL, and return the end.
 */
#ifndef FSM_FIELDS_H
#define FSM_FIELDS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "core/states.h"

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

#define FSM_ADDRESS_MAX 46 /* INET6_ADDRSTRLEN, which counts a NUL we do not write */
#define FSM_FLAGS	16

/* Bytes that fsm_put_comm() may write: each as \xNN. */
#define FSM_COMM_MAX (4 * TCPFSM_COMM_LEN)

static inline bool fsm_has_family(const struct tcpfsm_event *ev)
{
	return ev->family == AF_INET || ev->family == AF_INET6;
}

bool fsm_has_address(const struct tcpfsm_event *ev, const __u8 *addr, __u16 port);

/* Listeners have no peer, and a connect() that failed early had no port of its own yet. */
static inline bool fsm_has_local(const struct tcpfsm_event *ev)
{
	return fsm_has_address(ev, ev->laddr, ev->lport);
}

static inline bool fsm_has_remote(const struct tcpfsm_event *ev)
{
	return fsm_has_address(ev, ev->raddr, ev->rport);
}

/* Whoever sees one network namespace only is not told how much of it was lost. */
static inline bool fsm_has_lost(const struct tcpfsm_event *ev)
{
	return ev->lost != TCPFSM_LOST_UNKNOWN;
}

static inline bool fsm_has_dwell(const struct tcpfsm_event *ev)
{
	return ev->dwell_ns != TCPFSM_UNKNOWN_DWELL;
}

static inline bool fsm_has_uid(const struct tcpfsm_event *ev)
{
	return ev->uid != TCPFSM_UNKNOWN_UID;
}

static inline bool fsm_has_comm(const struct tcpfsm_event *ev)
{
	return ev->pid && ev->comm[0];
}

static inline bool fsm_has_seq(const struct tcpfsm_event *ev)
{
	return !(ev->flags & TCPFSM_F_NOSEQ);
}

static inline bool fsm_has_stats(const struct tcpfsm_event *ev)
{
	return !(ev->flags & TCPFSM_F_NOSTATS);
}

/* NULL where there is no such state or cause, or it was not determined. */
static inline const char *fsm_state_name(unsigned int state)
{
	return state && state < TCPFSM_NR_STATES ? tcpfsm_state_name(state) : NULL;
}

static inline const char *fsm_cause_name(unsigned int cause)
{
	return cause && cause < TCPFSM_NR_CAUSES ? tcpfsm_cause_name(cause) : NULL;
}

static inline const char *fsm_ctx_name(const struct tcpfsm_event *ev)
{
	return ev->flags & TCPFSM_F_SOFTIRQ ? "softirq" : "task";
}

const char *fsm_flag_name(unsigned int bit);
const char *fsm_family_name(const struct tcpfsm_event *ev);
char *fsm_put_address(char *p, const struct tcpfsm_event *ev, const __u8 *addr);
char *fsm_put_comm(char *p, const struct tcpfsm_event *ev, bool is_column);

#endif /* FSM_FIELDS_H */
