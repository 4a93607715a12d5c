/* SPDX-License-Identifier: GPL-2.0 */
/*
 * watch.h - declarations that the handlers of the hooks share
 *
 * hooks.c defines the table, and watch.c the functions that are declared first. A comment names the
 * file of each other part. All these files are members of hotpath.c.
 */
#ifndef TCPFSM_WATCH_H
#define TCPFSM_WATCH_H

#include <linux/percpu.h>
#include <net/tcp.h>
#include "core/callsite_names.h"
#include "hooks/place.h"

struct inet_timewait_sock;
struct request_sock;

/* These numbers index tcpfsm_hooks[]. */
enum tcpfsm_hook_number {
	TCPFSM_ON_SET_STATE,
	TCPFSM_ON_LISTEN,
	TCPFSM_ON_OPEN,
	TCPFSM_ON_ERROR,
	TCPFSM_ON_REQUEST_BIRTH,
	TCPFSM_ON_REQUEST_DROP,
	TCPFSM_ON_REQUEST_FREE_V4,
#if IS_ENABLED(CONFIG_IPV6)
	TCPFSM_ON_REQUEST_FREE_V6,
#endif
	TCPFSM_ON_CHILD,
	TCPFSM_ON_TIMEWAIT_BIRTH,
	TCPFSM_ON_TIMEWAIT_WANTED,
	TCPFSM_ON_TIMEWAIT_EARLY,
	TCPFSM_ON_TIMEWAIT_SEGMENT,
	TCPFSM_ON_TIMEWAIT_REARM,
	TCPFSM_ON_TIMEWAIT_KILL,
	TCPFSM_NR_HOOKS
};

extern struct tcpfsm_hook tcpfsm_hooks[TCPFSM_NR_HOOKS];

/* True when all hooks are placed. They are placed one by one, and no handler acts before that. */
extern bool tcpfsm_armed;

/* Tells when all hooks were placed, in microseconds of TCP's clock. */
extern u64 tcpfsm_armed_since_us;

static inline bool tcpfsm_watching(void)
{
	return READ_ONCE(tcpfsm_armed);
}

static inline bool tcpfsm_is_tcp(const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_TCP;
}

void tcpfsm_hook_unheard(enum tcpfsm_hook_number hook);
void tcpfsm_hook_heard(enum tcpfsm_hook_number hook);
long tcpfsm_hook_unheard_count(enum tcpfsm_hook_number hook);
void tcpfsm_watch_reset(void);
unsigned long tcpfsm_true_caller(unsigned long caller, enum tcpfsm_hook_number hook);
u8 tcpfsm_callsite_at(unsigned long caller);
u8 tcpfsm_telling_callsite(unsigned long caller);
void tcpfsm_record_edge(struct sock *sk, u8 from, u8 to, u16 flags, u8 cause);
void tcpfsm_record_cookie_child(struct sock *child, u16 flags);

/* sock.c */
int tcpfsm_on_set_state(struct kprobe *kp, struct pt_regs *regs);
void tcpfsm_on_listen_return(unsigned long a0, unsigned long value);
void tcpfsm_on_open(unsigned long caller, unsigned long a0, unsigned long a1, unsigned long a2);
void tcpfsm_on_error(unsigned long caller, unsigned long a0, unsigned long a1, unsigned long a2);
void tcpfsm_sock_record(struct sock *sk, u8 from, u8 to, u16 flags, unsigned long caller,
			bool intact);
void tcpfsm_sock_transition(struct sock *sk, u8 from, u8 to, u16 flags, unsigned long caller,
			    bool intact);

/* request.c */
void tcpfsm_on_request_birth(unsigned long caller, unsigned long a0, unsigned long a1,
			     unsigned long a2);
void tcpfsm_on_request_drop(unsigned long caller, unsigned long a0, unsigned long a1,
			    unsigned long a2);
void tcpfsm_on_request_free(unsigned long caller, unsigned long a0, unsigned long a1,
			    unsigned long a2);
void tcpfsm_on_child_queued(unsigned long caller, unsigned long a0, unsigned long a1,
			    unsigned long a2);
bool tcpfsm_request_was_unborn(void);

/* timewait.c */
void tcpfsm_on_timewait_birth(unsigned long caller, unsigned long a0, unsigned long a1,
			      unsigned long a2);
void tcpfsm_on_timewait_wanted(unsigned long caller, unsigned long a0, unsigned long a1,
			       unsigned long a2);
void tcpfsm_on_timewait_early(unsigned long caller, unsigned long a0, unsigned long a1,
			      unsigned long a2);
void tcpfsm_on_timewait_segment(unsigned long caller, unsigned long a0, unsigned long a1,
				unsigned long a2);
void tcpfsm_on_timewait_rearm(unsigned long caller, unsigned long a0, unsigned long a1,
			      unsigned long a2);
void tcpfsm_on_timewait_kill(unsigned long caller, unsigned long a0, unsigned long a1,
			     unsigned long a2);
long tcpfsm_timewaits_unseen(void);

#endif /* TCPFSM_WATCH_H */
