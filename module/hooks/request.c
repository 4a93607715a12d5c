// SPDX-License-Identifier: GPL-2.0
/*
 * request.c - half-open connections: birth, end and the rare failed birth of request socks
 *
 * The kernel never stores a state in a request sock. Each transition is the call of a function.
 */
#include "hooks/watch.h"
#include "record/callsite.h"
#include "record/record.h"
#include "record/stat.h"

void tcpfsm_on_request_birth(unsigned long caller, unsigned long a0, unsigned long a1,
			     unsigned long a2)
{
	static const struct tcpfsm_edge edge = {
		.old = TCP_LISTEN,
		.new = TCP_SYN_RECV,
		.cause = TCPFSM_C_RCV_SYN,
	};
	const struct sock *listener = (const struct sock *)a0;

	if (tcpfsm_watching() && tcpfsm_is_tcp(listener))
		tcpfsm_record_request(listener, (struct request_sock *)a1, &edge);
}

/*
 * Find out who dropped a request sock. A request sock has only one timer. The timer's handler is
 * not on the stack if the compiler made the handler's last call a jump.
 */
static u8 dropping_callsite(unsigned long caller)
{
	u8 callsite = tcpfsm_telling_callsite(caller);

	return callsite == TCPFSM_CALLSITE_TIMER ? TCPFSM_CALLSITE_REQ_TIMER : callsite;
}

static bool is_completion(enum tcpfsm_callsite callsite)
{
	return callsite == TCPFSM_CALLSITE_COMPLETE || callsite == TCPFSM_CALLSITE_CHECK_REQ;
}

/*
 * True if nobody saw the birth of the request sock whose handshake this CPU completed last. The
 * child of that handshake comes next, and it did have a request sock.
 */
static DEFINE_PER_CPU(bool, completed_unborn);

/**
 * tcpfsm_request_was_unborn() - did this CPU complete a handshake whose birth nobody saw?
 *
 * The answer is true only once, because the child that asks is the child of that handshake.
 *
 * Context: softirq or task, BH off.
 */
bool tcpfsm_request_was_unborn(void)
{
	return this_cpu_xchg(completed_unborn, false);
}

/* Count a handshake whose child, or a clone at another listener, has taken the request's place. */
static void count_completed(const struct request_sock *req, enum tcpfsm_callsite callsite)
{
	bool unborn = !atomic64_read(&inet_rsk(req)->ir_cookie);

	if (!is_completion(callsite))
		return;
	TCPFSM_COUNT_ANY(requests_completed);
	this_cpu_write(completed_unborn, unborn);
	/* A request sock that is older than the hooks has no cookie either. */
	if (unborn && tcp_rsk(req)->snt_synack > tcpfsm_armed_since_us)
		tcpfsm_hook_unheard(TCPFSM_ON_REQUEST_BIRTH);
}

void tcpfsm_on_request_drop(unsigned long caller, unsigned long a0, unsigned long a1,
			    unsigned long a2)
{
	const struct sock *listener = (const struct sock *)a0;
	struct request_sock *req = (struct request_sock *)a1;
	struct tcpfsm_edge edge = {
		.old = TCP_SYN_RECV,
		.new = TCP_CLOSE,
	};

	if (!tcpfsm_watching() || !tcpfsm_is_tcp(listener))
		return;
	edge.caller = tcpfsm_true_caller(caller, TCPFSM_ON_REQUEST_DROP);
	if (!sk_hashed(req_to_sk(req))) {
		/* This is not a transition, because the child is in SYN_RECV as well. */
		count_completed(req, tcpfsm_callsite_at(edge.caller));
		return;
	}
	edge.callsite = dropping_callsite(edge.caller);
	tcpfsm_record_request(listener, req, &edge);
}

/*
 * May a clone of a request sock go on with the same cookie, at another listener? When a listener
 * closes, it keeps its reuseport group only if half-open connections may migrate within that group:
 * see reuseport_stop_listen_sock().
 */
static bool may_have_migrated(const struct sock *listener)
{
	return listener->sk_state != TCP_LISTEN && rcu_access_pointer(listener->sk_reuseport_cb);
}

/* Did TCPFSM_ON_REQUEST_DROP not see the end of a request sock that is freed without a child? */
static bool is_dropped_unheard(const struct request_sock *req)
{
	const struct sock *listener = req->rsk_listener;

	return listener && !may_have_migrated(listener) && !rsk_drop_req(req);
}

static int free_hook(const struct request_sock *req)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (req->rsk_ops->family == AF_INET6)
		return TCPFSM_ON_REQUEST_FREE_V6;
#endif
	return TCPFSM_ON_REQUEST_FREE_V4;
}

/*
 * Handle the freeing of any request sock. Its end has been recorded already, unless the request
 * sock found its place in the kernel's table taken. A request sock with a child goes on as the
 * child.
 */
void tcpfsm_on_request_free(unsigned long caller, unsigned long a0, unsigned long a1,
			    unsigned long a2)
{
	struct request_sock *req = (struct request_sock *)a0;
	struct tcpfsm_edge edge = {
		.old = TCP_SYN_RECV,
		.new = TCP_CLOSE,
	};

	if (!tcpfsm_watching() || req->sk || !tcpfsm_request_is_open(req))
		return;
	edge.caller = tcpfsm_true_caller(caller, free_hook(req));
	edge.callsite = dropping_callsite(edge.caller);
	if (edge.callsite != TCPFSM_CALLSITE_CONN_REQUEST) {
		if (!is_dropped_unheard(req))
			return;
		tcpfsm_hook_unheard(TCPFSM_ON_REQUEST_DROP);
	}
	tcpfsm_record_request(req->rsk_listener, req, &edge);
}

/*
 * Was there no request sock in the table of half-open connections? After a syncookie the listener
 * remembers nothing. The kernel makes a new request sock when the ACK comes, and that one does not
 * refer to the listener.
 */
static bool is_first_seen(const struct request_sock *req)
{
	return !req->rsk_listener || tcp_rsk(req)->tfo_listener;
}

/*
 * Record children that had no hashed request sock, because of a syncookie or fast open. The
 * socket's cookie proves nothing: others may have asked for it, such as BPF programs or "ss -e".
 */
void tcpfsm_on_child_queued(unsigned long caller, unsigned long a0, unsigned long a1,
			    unsigned long a2)
{
	struct request_sock *req = (struct request_sock *)a1;
	struct sock *child = (struct sock *)a2;

	if (tcpfsm_watching() && tcpfsm_is_tcp(child) && is_first_seen(req))
		tcpfsm_record_cookie_child(child, tcp_rsk(req)->tfo_listener ? TCPFSM_F_FASTOPEN :
									       TCPFSM_F_SYNCOOKIE);
}
