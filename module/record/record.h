/* SPDX-License-Identifier: GPL-2.0 */
/*
 * record.h - makes a record in the ring from a kernel object and a transition
 */
#ifndef TCPFSM_RECORD_H
#define TCPFSM_RECORD_H

#include "core/states.h"

struct inet_timewait_sock;
struct request_sock;
struct sock;

/**
 * struct tcpfsm_edge - a transition, as a hook reports it
 * @old: enum tcpfsm_state
 * @new: enum tcpfsm_state
 * @callsite: enum tcpfsm_callsite of the function that made the transition
 * @above: the call site above @callsite, if @callsite says nothing by itself
 * @cause: enum tcpfsm_cause if the hook knows it; 0 if @callsite and the facts decide
 * @flags: TCPFSM_F_*
 * @facts: TCPFSM_FACT_* that the hook knows
 * @common: true for a common edge (tcpfsm_edge_is_common()). With this constant the compiler leaves
 *	out all that such an edge does not need.
 * @number: tcpfsm_edge_number() of a common edge
 * @caller: return address in @callsite, which names the function if no rule explains it
 */
struct tcpfsm_edge {
	u32 old;
	u32 new;
	u8 callsite;
	u8 above;
	u8 cause;
	u16 flags;
	u32 facts;
	bool common;
	u8 number;
	unsigned long caller;
};

int tcpfsm_record_init(u32 conns);
void tcpfsm_record_exit(void);
void tcpfsm_record_forget(void);

void tcpfsm_record_sock(struct sock *sk, struct tcpfsm_edge edge);
void tcpfsm_record_common(struct sock *sk, const struct tcpfsm_edge *edge);
void tcpfsm_record_handover(struct sock *sk, struct inet_timewait_sock *tw);
void tcpfsm_record_request(const struct sock *listener, struct request_sock *req,
			   const struct tcpfsm_edge *edge);
bool tcpfsm_record_timewait(struct inet_timewait_sock *tw, const struct tcpfsm_edge *edge);

bool tcpfsm_record_timewait_is(struct inet_timewait_sock *tw, u8 state);
bool tcpfsm_request_is_open(struct request_sock *req);
bool tcpfsm_record_seen(const struct sock *sk, bool exact);
void tcpfsm_record_usage(u32 *conns, u32 *used, u64 *refused);

#endif /* TCPFSM_RECORD_H */
