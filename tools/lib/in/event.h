/* SPDX-License-Identifier: GPL-2.0 */
/*
 * event.h - which fields of an event are known, and the names of its values
 */
#ifndef FSM_EVENT_H
#define FSM_EVENT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "core/states.h"

#define FSM_FLAGS 16

static inline bool fsm_has_family(const struct tcpfsm_event *ev)
{
	return ev->family == AF_INET || ev->family == AF_INET6;
}

bool fsm_has_address(const struct tcpfsm_event *ev, const __u8 *addr, __u16 port);

/* A listener has no peer, and a connect() that failed early had no port of its own yet. */
static inline bool fsm_has_local(const struct tcpfsm_event *ev)
{
	return fsm_has_address(ev, ev->laddr, ev->lport);
}

static inline bool fsm_has_remote(const struct tcpfsm_event *ev)
{
	return fsm_has_address(ev, ev->raddr, ev->rport);
}

/* A reader that sees one network namespace only does not learn how many events were lost. */
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

/* Return NULL if there is no such state or cause, or if it was not determined. */
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

#endif /* FSM_EVENT_H */
