// SPDX-License-Identifier: GPL-2.0
/*
 * cause_test.c - which facts make which cause
 *
 * The cases are what the kernel's sources say: who changes a state, when and why. They
 * are followed by a sweep over all facts that there can be.
 */
/* Included, to count its rules. */
#include "core/cause.c"
#include "tap.h"

#define BY(callsite) TCPFSM_CALLSITE_##callsite
#define IN(state)    (1u << TCPFSM_##state)
#define HAS(fact)    TCPFSM_FACT_##fact
#define WHY(cause)   TCPFSM_C_##cause

#define NR_RULES    ARRAY_SIZE(rules)
#define NO_RULE	    NR_RULES
#define FROM_NOBODY BY(OTHER)

/* clang-format off */
/* What there is to know of a full socket, of a request sock. */
#define ANY_PLAIN (HAS(ORPHAN) | HAS(UNACCEPTED) | HAS(REPAIR) | HAS(FASTOPEN) | \
		   HAS(NETNS_GONE) | HAS(LINGER2_OFF) | HAS(ALL_ACKED))
#define ANY_SOCK (ANY_PLAIN | HAS(MPTCP))
#define ANY_REQUEST (HAS(LISTENING) | HAS(OVERFLOW) | HAS(UNSERVED))

/* What a close() leaves behind: sockets that have sent a FIN. */
#define CLOSED_HALF (IN(FIN_WAIT1) | IN(CLOSING) | IN(LAST_ACK))
#define OPENED (IN(SYN_RECV) | IN(ESTABLISHED) | IN(CLOSE_WAIT) | IN(FIN_WAIT2) | CLOSED_HALF)
#define ALIVE (IN(LISTEN) | IN(SYN_SENT) | OPENED)

/**
 * struct known_case - something that the kernel does
 * @what: in words
 * @by: the function that changes the state
 * @above: who called that, where it matters
 * @old: mask of the states before in which it is done
 * @new: state after
 * @facts: facts
 * @either: facts that make no difference; those in neither mask are false
 * @cause: why
 */
struct known_case {
	const char *what;
	u8 by;
	u8 above;
	u16 old;
	u8 new;
	u32 facts;
	u32 either;
	u8 cause;
};

static const struct known_case known_cases[] = {
	/* tcp_v4_connect(), tcp_v6_connect(), tcp_sendmsg_fastopen() */
	{ "connect()", BY(CONNECT), FROM_NOBODY, IN(CLOSE), TCPFSM_SYN_SENT,
	  0, ANY_SOCK, WHY(OPEN) },
	{ "no port, no route, no memory", BY(CONNECT), FROM_NOBODY, IN(SYN_SENT), TCPFSM_CLOSE,
	  0, ANY_SOCK, WHY(OPEN_FAILED) },

	/* tcp_finish_connect() */
	{ "SYN and ACK", BY(FINISH_CONNECT), FROM_NOBODY, IN(SYN_SENT), TCPFSM_ESTABLISHED,
	  0, ANY_SOCK & ~HAS(REPAIR), WHY(RCV_SYNACK) },
	{ "connected by repair", BY(FINISH_CONNECT), FROM_NOBODY, IN(SYN_SENT), TCPFSM_ESTABLISHED,
	  HAS(REPAIR), ANY_SOCK, WHY(REPAIR) },

	/* tcp_rcv_state_process() */
	{ "SYN meets SYN", BY(RCV_STATE), FROM_NOBODY, IN(SYN_SENT), TCPFSM_SYN_RECV,
	  0, ANY_SOCK, WHY(RCV_SYN) },
	{ "ACK of SYN", BY(RCV_STATE), FROM_NOBODY, IN(SYN_RECV), TCPFSM_ESTABLISHED,
	  0, ANY_SOCK, WHY(RCV_ACK) },
	{ "ACK of FIN", BY(RCV_STATE), FROM_NOBODY, IN(FIN_WAIT1), TCPFSM_FIN_WAIT2,
	  0, ANY_SOCK, WHY(RCV_ACK) },

	/* tcp_fin() */
	{ "FIN", BY(RCV_FIN), FROM_NOBODY, IN(SYN_RECV) | IN(ESTABLISHED), TCPFSM_CLOSE_WAIT,
	  0, ANY_SOCK, WHY(RCV_FIN) },
	{ "FIN meets FIN", BY(RCV_FIN), FROM_NOBODY, IN(FIN_WAIT1), TCPFSM_CLOSING,
	  0, ANY_SOCK, WHY(RCV_FIN) },

	/* tcp_shutdown() */
	{ "shutdown()", BY(SHUTDOWN), FROM_NOBODY, IN(SYN_RECV) | IN(ESTABLISHED), TCPFSM_FIN_WAIT1,
	  0, ANY_PLAIN, WHY(CLOSE) },
	{ "shutdown() put off to the ACK of SYN", BY(SHUTDOWN), BY(RCV_STATE), IN(ESTABLISHED),
	  TCPFSM_FIN_WAIT1, 0, ANY_PLAIN, WHY(CLOSE) },
	{ "shutdown() after theirs", BY(SHUTDOWN), FROM_NOBODY, IN(CLOSE_WAIT), TCPFSM_LAST_ACK,
	  0, ANY_PLAIN, WHY(CLOSE) },
	{ "shutdown() while connecting", BY(SHUTDOWN), FROM_NOBODY, IN(SYN_SENT), TCPFSM_CLOSE,
	  0, ANY_PLAIN, WHY(CLOSE) },
	{ "MPTCP ends a subflow", BY(SHUTDOWN), BY(MPTCP), IN(ESTABLISHED), TCPFSM_FIN_WAIT1,
	  HAS(MPTCP), ANY_PLAIN, WHY(MPTCP) },
	{ "MPTCP ends a subflow that they ended", BY(SHUTDOWN), BY(MPTCP), IN(CLOSE_WAIT),
	  TCPFSM_LAST_ACK, HAS(MPTCP), ANY_PLAIN, WHY(MPTCP) },

	/* __tcp_close() */
	{ "close() of a listener or while connecting", BY(CLOSE), FROM_NOBODY,
	  IN(LISTEN) | IN(SYN_SENT), TCPFSM_CLOSE, 0, ANY_PLAIN, WHY(CLOSE) },
	{ "close()", BY(CLOSE), FROM_NOBODY, IN(SYN_RECV) | IN(ESTABLISHED), TCPFSM_FIN_WAIT1,
	  0, ANY_PLAIN, WHY(CLOSE) },
	{ "close() after theirs", BY(CLOSE), FROM_NOBODY, IN(CLOSE_WAIT), TCPFSM_LAST_ACK,
	  0, ANY_PLAIN, WHY(CLOSE) },
	{ "close() with unread data", BY(CLOSE), FROM_NOBODY, OPENED, TCPFSM_CLOSE,
	  0, ANY_PLAIN & ~HAS(ORPHAN), WHY(ABORT) },
	{ "no FIN_WAIT2 wanted", BY(CLOSE), FROM_NOBODY, IN(FIN_WAIT2), TCPFSM_CLOSE,
	  HAS(ORPHAN) | HAS(LINGER2_OFF), ANY_PLAIN, WHY(ABORT) },
	{ "closed, and its namespace is going", BY(CLOSE), FROM_NOBODY, CLOSED_HALF, TCPFSM_CLOSE,
	  HAS(ORPHAN) | HAS(NETNS_GONE), ANY_PLAIN, WHY(NETNS_EXIT) },
	{ "likewise in FIN_WAIT2", BY(CLOSE), FROM_NOBODY, IN(FIN_WAIT2), TCPFSM_CLOSE,
	  HAS(ORPHAN) | HAS(NETNS_GONE), ANY_PLAIN & ~HAS(LINGER2_OFF), WHY(NETNS_EXIT) },
	{ "closed, too many orphans", BY(CLOSE), FROM_NOBODY, CLOSED_HALF, TCPFSM_CLOSE,
	  HAS(ORPHAN), ANY_PLAIN & ~HAS(NETNS_GONE), WHY(OOM) },
	{ "likewise in FIN_WAIT2", BY(CLOSE), FROM_NOBODY, IN(FIN_WAIT2), TCPFSM_CLOSE,
	  HAS(ORPHAN), ANY_PLAIN & ~HAS(NETNS_GONE) & ~HAS(LINGER2_OFF), WHY(OOM) },
	{ "MPTCP closes a subflow", BY(CLOSE), BY(MPTCP), IN(ESTABLISHED), TCPFSM_FIN_WAIT1,
	  HAS(MPTCP), ANY_PLAIN, WHY(MPTCP) },

	/* tcp_disconnect() */
	{ "SO_LINGER 0, connect(AF_UNSPEC), shutdown() of a listener", BY(DISCONNECT),
	  FROM_NOBODY, ALIVE, TCPFSM_CLOSE,
	  0, ANY_PLAIN & ~HAS(UNACCEPTED) & ~HAS(REPAIR), WHY(ABORT) },
	{ "its listener was closed", BY(DISCONNECT), FROM_NOBODY, OPENED, TCPFSM_CLOSE,
	  HAS(UNACCEPTED), ANY_PLAIN, WHY(LISTENER_CLOSED) },
	{ "close() while repairing", BY(DISCONNECT), FROM_NOBODY, ALIVE, TCPFSM_CLOSE,
	  HAS(REPAIR), ANY_PLAIN & ~HAS(UNACCEPTED), WHY(REPAIR) },
	{ "MPTCP disconnects a subflow", BY(DISCONNECT), BY(MPTCP), OPENED, TCPFSM_CLOSE,
	  HAS(MPTCP), ANY_PLAIN & ~HAS(UNACCEPTED), WHY(MPTCP) },

	/* tcp_abort(), itself */
	{ "ss -K of a listener", BY(ABORT), FROM_NOBODY, IN(LISTEN), TCPFSM_CLOSE,
	  0, ANY_SOCK, WHY(KILL) },

	/* __mptcp_close_ssk(), mptcp_worker(), mptcp_check_listen_stop() ... */
	{ "MPTCP closes, itself", BY(MPTCP), FROM_NOBODY, ALIVE, TCPFSM_CLOSE,
	  HAS(MPTCP), ANY_PLAIN, WHY(MPTCP) },

	/* Somebody's return hook hides the caller: what the edge itself says. */
	{ "connect(), by whatever way", BY(HIDDEN), FROM_NOBODY, IN(CLOSE), TCPFSM_SYN_SENT,
	  0, ANY_SOCK, WHY(OPEN) },
	{ "SYN and ACK, likewise", BY(HIDDEN), FROM_NOBODY, IN(SYN_SENT), TCPFSM_ESTABLISHED,
	  0, ANY_SOCK & ~HAS(REPAIR), WHY(RCV_SYNACK) },
	{ "connected by repair, likewise", BY(HIDDEN), FROM_NOBODY, IN(SYN_SENT),
	  TCPFSM_ESTABLISHED, HAS(REPAIR), ANY_SOCK, WHY(REPAIR) },
	{ "SYN meets SYN, likewise", BY(HIDDEN), FROM_NOBODY, IN(SYN_SENT), TCPFSM_SYN_RECV,
	  0, ANY_SOCK, WHY(RCV_SYN) },
	{ "ACK of SYN, likewise", BY(HIDDEN), FROM_NOBODY, IN(SYN_RECV), TCPFSM_ESTABLISHED,
	  0, ANY_SOCK, WHY(RCV_ACK) },
	{ "ACK of FIN, likewise", BY(HIDDEN), FROM_NOBODY, IN(FIN_WAIT1), TCPFSM_FIN_WAIT2,
	  0, ANY_SOCK, WHY(RCV_ACK) },
	{ "FIN, likewise", BY(HIDDEN), FROM_NOBODY, IN(SYN_RECV) | IN(ESTABLISHED),
	  TCPFSM_CLOSE_WAIT, 0, ANY_SOCK, WHY(RCV_FIN) },
	{ "FIN meets FIN, likewise", BY(HIDDEN), FROM_NOBODY, IN(FIN_WAIT1), TCPFSM_CLOSING,
	  0, ANY_SOCK, WHY(RCV_FIN) },
	{ "close(), likewise", BY(HIDDEN), FROM_NOBODY, IN(SYN_RECV) | IN(ESTABLISHED),
	  TCPFSM_FIN_WAIT1, 0, ANY_PLAIN, WHY(CLOSE) },
	{ "close() after theirs, likewise", BY(HIDDEN), FROM_NOBODY, IN(CLOSE_WAIT),
	  TCPFSM_LAST_ACK, 0, ANY_PLAIN, WHY(CLOSE) },
	{ "MPTCP ends a subflow, likewise", BY(HIDDEN), FROM_NOBODY, IN(ESTABLISHED),
	  TCPFSM_FIN_WAIT1, HAS(MPTCP), ANY_PLAIN, WHY(MPTCP) },
	{ "MPTCP ends one that they ended, likewise", BY(HIDDEN), FROM_NOBODY, IN(CLOSE_WAIT),
	  TCPFSM_LAST_ACK, HAS(MPTCP), ANY_PLAIN, WHY(MPTCP) },
	{ "who ends it cannot be told", BY(HIDDEN), FROM_NOBODY, ALIVE, TCPFSM_CLOSE,
	  0, ANY_SOCK, WHY(UNKNOWN) },

	/* tcp_done(): who called it? */
	{ "ACK of the last FIN", BY(DONE), FROM_NOBODY, IN(LAST_ACK), TCPFSM_CLOSE,
	  HAS(ALL_ACKED), ANY_SOCK, WHY(RCV_ACK) },
	{ "ACK of the last FIN, the stack walked", BY(DONE), BY(RCV_STATE), IN(LAST_ACK),
	  TCPFSM_CLOSE, HAS(ALL_ACKED), ANY_SOCK, WHY(RCV_ACK) },
	{ "no timewait sock", BY(DONE), FROM_NOBODY, IN(FIN_WAIT2) | IN(CLOSING), TCPFSM_CLOSE,
	  HAS(NO_TIMEWAIT), ANY_SOCK, WHY(TW_OVERFLOW) },
	{ "no timewait sock for the keepalive timer", BY(DONE), BY(KEEPALIVE), IN(FIN_WAIT2),
	  TCPFSM_CLOSE, HAS(NO_TIMEWAIT), ANY_SOCK, WHY(TW_OVERFLOW) },
	{ "no timewait sock for close()", BY(DONE), BY(CLOSE), IN(FIN_WAIT2), TCPFSM_CLOSE,
	  HAS(NO_TIMEWAIT), ANY_SOCK, WHY(TW_OVERFLOW) },
	{ "ACK of FIN, no FIN_WAIT2 wanted", BY(DONE), BY(RCV_STATE), IN(FIN_WAIT2), TCPFSM_CLOSE,
	  HAS(ORPHAN) | HAS(LINGER2_OFF), ANY_SOCK, WHY(ABORT) },
	{ "data after close()", BY(DONE), BY(RCV_STATE), IN(FIN_WAIT2), TCPFSM_CLOSE,
	  HAS(ORPHAN), ANY_SOCK & ~HAS(LINGER2_OFF), WHY(RCV_DATA) },
	/* shutdown(SHUT_RDWR) says that none is wanted; TCP_LINGER2 is about orphans. */
	{ "data after shutdown()", BY(DONE), BY(RCV_STATE), IN(FIN_WAIT2), TCPFSM_CLOSE,
	  0, ANY_SOCK & ~HAS(ORPHAN), WHY(RCV_DATA) },
	{ "FIN_WAIT2 for too long", BY(DONE), BY(KEEPALIVE), IN(FIN_WAIT2), TCPFSM_CLOSE,
	  HAS(ORPHAN), ANY_SOCK, WHY(FIN_TIMEOUT) },
	{ "too many orphans", BY(DONE), BY(OUT_OF_RESOURCES), CLOSED_HALF, TCPFSM_CLOSE,
	  HAS(ORPHAN), (ANY_SOCK & ~HAS(NETNS_GONE)) & ~HAS(ALL_ACKED), WHY(OOM) },
	{ "an orphan of a namespace that is going", BY(DONE), BY(OUT_OF_RESOURCES), CLOSED_HALF,
	  TCPFSM_CLOSE, HAS(ORPHAN) | HAS(NETNS_GONE), ANY_SOCK & ~HAS(ALL_ACKED),
	  WHY(NETNS_EXIT) },
	{ "ss -K", BY(DONE), BY(ABORT), ALIVE, TCPFSM_CLOSE,
	  0, ANY_SOCK & ~HAS(ALL_ACKED), WHY(KILL) },
	{ "RST", BY(DONE), BY(VALIDATE), OPENED, TCPFSM_CLOSE,
	  0, ANY_SOCK & ~HAS(ALL_ACKED), WHY(RCV_RST) },
	{ "connection refused", BY(DONE), BY(RCV_STATE), IN(SYN_SENT), TCPFSM_CLOSE,
	  0, ANY_SOCK, WHY(RCV_RST) },
	{ "RST to a fast open", BY(DONE), BY(CHECK_REQ), IN(SYN_RECV) | IN(FIN_WAIT1),
	  TCPFSM_CLOSE, HAS(FASTOPEN), ANY_SOCK, WHY(RCV_RST) },
	{ "data after close()", BY(DONE), BY(RCV_STATE), CLOSED_HALF | IN(CLOSE_WAIT),
	  TCPFSM_CLOSE, 0, ANY_SOCK & ~HAS(ALL_ACKED), WHY(RCV_DATA) },
	{ "retransmitted in vain", BY(DONE), BY(RETRANSMIT),
	  IN(SYN_SENT) | IN(SYN_RECV) | IN(ESTABLISHED) | IN(CLOSE_WAIT) | CLOSED_HALF,
	  TCPFSM_CLOSE, 0, ANY_SOCK & ~HAS(FASTOPEN) & ~HAS(ALL_ACKED), WHY(RTO) },
	/* The listener's child retransmits what a request sock would; it may be closed already. */
	{ "SYN and ACK of a fast open sent in vain", BY(DONE), BY(RETRANSMIT),
	  IN(SYN_RECV) | IN(FIN_WAIT1), TCPFSM_CLOSE, HAS(FASTOPEN), ANY_SOCK,
	  WHY(SYNACK_TIMEOUT) },
	{ "a window stays closed", BY(DONE), BY(WRITE_TIMER),
	  IN(ESTABLISHED) | IN(CLOSE_WAIT) | CLOSED_HALF, TCPFSM_CLOSE,
	  0, ANY_SOCK & ~HAS(ALL_ACKED), WHY(ZERO_WINDOW) },
	{ "keepalives unanswered", BY(DONE), BY(KEEPALIVE), IN(ESTABLISHED) | IN(CLOSE_WAIT),
	  TCPFSM_CLOSE, 0, ANY_SOCK, WHY(KEEPALIVE) },
	{ "keepalives unanswered after shutdown()", BY(DONE), BY(KEEPALIVE), IN(FIN_WAIT2),
	  TCPFSM_CLOSE, 0, ANY_SOCK & ~HAS(ORPHAN), WHY(KEEPALIVE) },
	{ "ICMP error", BY(DONE), BY(ICMP), IN(SYN_SENT) | IN(SYN_RECV), TCPFSM_CLOSE,
	  0, ANY_SOCK, WHY(ICMP) },
	{ "MPTCP resets a subflow", BY(DONE), BY(MPTCP), OPENED, TCPFSM_CLOSE,
	  HAS(MPTCP), ANY_PLAIN & ~HAS(ALL_ACKED), WHY(MPTCP) },

	/* Request socks: who dropped it? */
	{ "RST to a half-open connection", BY(CHECK_REQ), FROM_NOBODY, IN(SYN_RECV), TCPFSM_CLOSE,
	  HAS(REQUEST), ANY_REQUEST & ~HAS(OVERFLOW), WHY(RCV_RST) },
	{ "accept queue full, answered with RST", BY(CHECK_REQ), FROM_NOBODY, IN(SYN_RECV),
	  TCPFSM_CLOSE, HAS(REQUEST) | HAS(OVERFLOW), ANY_REQUEST, WHY(ACCEPT_OVERFLOW) },
	{ "accept queue full, ACK ignored", BY(REQ_TIMER), FROM_NOBODY, IN(SYN_RECV), TCPFSM_CLOSE,
	  HAS(REQUEST) | HAS(LISTENING) | HAS(UNSERVED), ANY_REQUEST, WHY(ACCEPT_OVERFLOW) },
	{ "SYN and ACK sent in vain", BY(REQ_TIMER), FROM_NOBODY, IN(SYN_RECV), TCPFSM_CLOSE,
	  HAS(REQUEST) | HAS(LISTENING), ANY_REQUEST & ~HAS(UNSERVED), WHY(SYNACK_TIMEOUT) },
	{ "the timer finds no listener", BY(REQ_TIMER), FROM_NOBODY, IN(SYN_RECV), TCPFSM_CLOSE,
	  HAS(REQUEST), ANY_REQUEST & ~HAS(LISTENING), WHY(LISTENER_CLOSED) },
	{ "a segment finds no listener", BY(SEGMENT), FROM_NOBODY, IN(SYN_RECV), TCPFSM_CLOSE,
	  HAS(REQUEST), ANY_REQUEST & ~HAS(LISTENING), WHY(LISTENER_CLOSED) },
	{ "ss -K of a half-open connection", BY(ABORT), FROM_NOBODY, IN(SYN_RECV), TCPFSM_CLOSE,
	  HAS(REQUEST), ANY_REQUEST, WHY(KILL) },
	{ "ICMP error to a half-open connection", BY(ICMP), FROM_NOBODY, IN(SYN_RECV), TCPFSM_CLOSE,
	  HAS(REQUEST), ANY_REQUEST, WHY(ICMP) },
	{ "the same SYN on two CPUs", BY(CONN_REQUEST), FROM_NOBODY, IN(SYN_RECV), TCPFSM_CLOSE,
	  HAS(REQUEST), ANY_REQUEST, WHY(RCV_SYN) },

	/* Timewait socks: who killed it? */
	{ "2MSL", BY(TIMER), FROM_NOBODY, IN(TIME_WAIT), TCPFSM_CLOSE,
	  HAS(TIMEWAIT), 0, WHY(2MSL) },
	{ "no FIN came", BY(TIMER), FROM_NOBODY, IN(FIN_WAIT2), TCPFSM_CLOSE,
	  HAS(TIMEWAIT), 0, WHY(FIN_TIMEOUT) },
	{ "a FIN came", BY(TIMEWAIT), FROM_NOBODY, IN(FIN_WAIT2), TCPFSM_TIME_WAIT,
	  HAS(TIMEWAIT), 0, WHY(RCV_FIN) },
	{ "RST, see RFC 1337", BY(TIMEWAIT), FROM_NOBODY, IN(TIME_WAIT) | IN(FIN_WAIT2),
	  TCPFSM_CLOSE, HAS(TIMEWAIT), 0, WHY(RCV_RST) },
	{ "a new SYN", BY(SEGMENT), FROM_NOBODY, IN(TIME_WAIT), TCPFSM_CLOSE,
	  HAS(TIMEWAIT), 0, WHY(REUSE) },
	{ "data after close()", BY(SEGMENT), FROM_NOBODY, IN(FIN_WAIT2), TCPFSM_CLOSE,
	  HAS(TIMEWAIT), 0, WHY(RCV_DATA) },
	{ "connect() takes its ports", BY(CHOOSE_PORT), FROM_NOBODY, IN(TIME_WAIT), TCPFSM_CLOSE,
	  HAS(TIMEWAIT), 0, WHY(REUSE) },
	{ "ss -K of a timewait sock", BY(ABORT), FROM_NOBODY, IN(TIME_WAIT) | IN(FIN_WAIT2),
	  TCPFSM_CLOSE, HAS(TIMEWAIT), 0, WHY(KILL) },
	{ "its namespace is going", BY(PURGE), FROM_NOBODY, IN(TIME_WAIT) | IN(FIN_WAIT2),
	  TCPFSM_CLOSE, HAS(TIMEWAIT), 0, WHY(NETNS_EXIT) },

	/* What no kernel does. */
	{ "nobody known", BY(OTHER), FROM_NOBODY, ALIVE, TCPFSM_CLOSE,
	  0, ANY_SOCK, WHY(UNKNOWN) },
	{ "called by nobody known", BY(DONE), BY(OTHER), ALIVE, TCPFSM_CLOSE,
	  0, ANY_SOCK & ~HAS(ALL_ACKED), WHY(UNKNOWN) },
	{ "called by one who does not", BY(DONE), BY(CHOOSE_PORT), ALIVE, TCPFSM_CLOSE,
	  0, ANY_SOCK & ~HAS(ALL_ACKED), WHY(UNKNOWN) },
	{ "a passage that leads nowhere", BY(REQ_DROP), FROM_NOBODY, IN(SYN_RECV), TCPFSM_CLOSE,
	  HAS(REQUEST), ANY_REQUEST, WHY(UNKNOWN) },
	{ "likewise", BY(DESCHEDULE), FROM_NOBODY, IN(TIME_WAIT), TCPFSM_CLOSE,
	  HAS(TIMEWAIT), 0, WHY(UNKNOWN) },
	{ "the store itself", BY(STORE), FROM_NOBODY, ALIVE, TCPFSM_CLOSE,
	  0, ANY_SOCK, WHY(UNKNOWN) },
	{ "a child is made, and ended", BY(COMPLETE), FROM_NOBODY, IN(SYN_RECV), TCPFSM_CLOSE,
	  HAS(REQUEST), ANY_REQUEST, WHY(UNKNOWN) },
	{ "connect() ends a connection", BY(CONNECT), FROM_NOBODY, IN(ESTABLISHED), TCPFSM_CLOSE,
	  0, ANY_SOCK, WHY(UNKNOWN) },
	{ "a FIN ends a connection", BY(RCV_FIN), FROM_NOBODY, OPENED, TCPFSM_CLOSE,
	  0, ANY_SOCK, WHY(UNKNOWN) },
	{ "a segment ends a connection itself", BY(RCV_STATE), FROM_NOBODY, ALIVE, TCPFSM_CLOSE,
	  0, ANY_SOCK, WHY(UNKNOWN) },
	{ "a FIN where there was one", BY(RCV_FIN), FROM_NOBODY, IN(FIN_WAIT1) | IN(LAST_ACK),
	  TCPFSM_CLOSE_WAIT, 0, ANY_SOCK, WHY(UNKNOWN) },
	{ "connected without a SYN", BY(FINISH_CONNECT), FROM_NOBODY, IN(CLOSE) | IN(SYN_RECV),
	  TCPFSM_ESTABLISHED, 0, ANY_SOCK, WHY(UNKNOWN) },
	{ "shutdown() ends a connection", BY(SHUTDOWN), FROM_NOBODY, OPENED, TCPFSM_CLOSE,
	  0, ANY_PLAIN, WHY(UNKNOWN) },
	{ "close() sends a second FIN", BY(CLOSE), FROM_NOBODY, CLOSED_HALF | IN(FIN_WAIT2),
	  TCPFSM_LAST_ACK, 0, ANY_PLAIN, WHY(UNKNOWN) },
	{ "tcp_check_req() stores a state itself", BY(CHECK_REQ), FROM_NOBODY, OPENED, TCPFSM_CLOSE,
	  0, ANY_SOCK, WHY(UNKNOWN) },
	{ "a segment ends a connection on its way in", BY(SEGMENT), FROM_NOBODY, OPENED,
	  TCPFSM_CLOSE, 0, ANY_SOCK, WHY(UNKNOWN) },
	{ "a timewait sock of another state", BY(SEGMENT), FROM_NOBODY, IN(CLOSING), TCPFSM_CLOSE,
	  HAS(TIMEWAIT), 0, WHY(UNKNOWN) },
	{ "tcp_done() does not close", BY(DONE), BY(VALIDATE), ALIVE, TCPFSM_FIN_WAIT1,
	  0, ANY_SOCK, WHY(UNKNOWN) },
	{ "a segment drops a request whose listener listens", BY(SEGMENT), FROM_NOBODY,
	  IN(SYN_RECV), TCPFSM_CLOSE, HAS(REQUEST) | HAS(LISTENING), ANY_REQUEST, WHY(UNKNOWN) },
	{ "an ICMP error stores a state itself", BY(ICMP), FROM_NOBODY, IN(SYN_SENT), TCPFSM_CLOSE,
	  0, ANY_SOCK, WHY(UNKNOWN) },
	{ "the timewait timer of a socket", BY(TIMER), FROM_NOBODY, IN(ESTABLISHED), TCPFSM_CLOSE,
	  0, ANY_SOCK, WHY(UNKNOWN) },
};

/* clang-format on */

/* ---- the answer, found without cause.c's groups ---- */

/* Numbers of the rules of each callsite, wherever they stand. */
static struct {
	u8 rules[NR_RULES];
	u8 count;
} of_callsite[TCPFSM_NR_CALLSITES];

static void sort_by_site(void)
{
	unsigned int i;

	for (i = 0; i < NR_RULES; i++) {
		u8 callsite = rules[i].callsite;

		of_callsite[callsite].rules[of_callsite[callsite].count++] = i;
	}
}

static bool allows(u16 mask, u8 state)
{
	return mask == 0 || mask >> state & 1;
}

/* The number of the first rule that fits. */
static unsigned int deciding_rule(const struct tcpfsm_cause_case *given)
{
	unsigned int i;

	for (i = 0; i < of_callsite[given->callsite].count; i++) {
		unsigned int number = of_callsite[given->callsite].rules[i];
		const struct rule *rule = &rules[number];

		if (rule->above != 0 && rule->above != given->above)
			continue;
		if (!allows(rule->from, given->old) || !allows(rule->to, given->new))
			continue;
		if ((rule->need & ~given->facts) == 0 && (rule->lack & given->facts) == 0)
			return number;
	}
	return NO_RULE;
}

/* ---- cases ---- */

typedef void (*case_fn)(const struct known_case *known, const struct tcpfsm_cause_case *given);

/* Each state that a case allows, with each set of facts that make no difference. */
static void each_variant(const struct known_case *known, case_fn fn)
{
	u32 either = known->either & ~known->facts;
	struct tcpfsm_cause_case given = { .new = known->new,
					   .callsite = known->by,
					   .above = known->above };
	u32 some;

	for (given.old = 1; given.old < TCPFSM_NR_STATES; given.old++) {
		if (!(known->old >> given.old & 1))
			continue;
		for (some = either;; some = (some - 1) & either) {
			given.facts = known->facts | some;
			fn(known, &given);
			if (!some)
				break;
		}
	}
}

static void each_case(case_fn fn)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known_cases); i++)
		each_variant(&known_cases[i], fn);
}

/* Variants of the case that are decided otherwise, and one of them. */
static unsigned int nr_wrong;
static struct tcpfsm_cause_case wrong;

static void check_case(const struct known_case *known, const struct tcpfsm_cause_case *given)
{
	if (tcpfsm_cause_of(given) == known->cause)
		return;
	nr_wrong++;
	wrong = *given;
}

static void test_cases(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known_cases); i++) {
		nr_wrong = 0;
		each_variant(&known_cases[i], check_case);
		if (!CHECK(nr_wrong == 0))
			printf("# %s: %s -> %s, facts %#x: %s instead of %s\n", known_cases[i].what,
			       tcpfsm_state_name(wrong.old), tcpfsm_state_name(wrong.new),
			       wrong.facts, tcpfsm_cause_name(tcpfsm_cause_of(&wrong)),
			       tcpfsm_cause_name(known_cases[i].cause));
	}
}

static void check_edge(const struct known_case *known, const struct tcpfsm_cause_case *given)
{
	CHECK(known->cause == WHY(UNKNOWN) || tcpfsm_edge_legal(given->old, given->new));
}

static void test_edges(void)
{
	each_case(check_edge);
}

static u64 decided[NR_RULES];

static void count_case(const struct known_case *known, const struct tcpfsm_cause_case *given)
{
	unsigned int rule = deciding_rule(given);

	if (rule != NO_RULE && known->cause == rules[rule].cause)
		decided[rule]++;
}

static void check_each_decided(void)
{
	unsigned int i;

	for (i = 0; i < NR_RULES; i++)
		if (!CHECK(decided[i] > 0))
			printf("# rule %u: callsite %u, above %u, cause %s\n", i, rules[i].callsite,
			       rules[i].above, tcpfsm_cause_name(rules[i].cause));
}

static void test_every_rule_has_a_case(void)
{
	memset(decided, 0, sizeof(decided));
	each_case(count_case);
	check_each_decided();
}

/* ---- the rules as a whole ---- */

static void test_every_cause_has_a_rule(void)
{
	bool has[TCPFSM_NR_CAUSES] = { false };
	unsigned int i;

	for (i = 0; i < NR_RULES; i++)
		has[rules[i].cause] = true;
	for (i = 1; i < TCPFSM_NR_CAUSES; i++) {
		/* listen() has a hook that knows; what is unknown has no rule. */
		bool wanted = i != WHY(LISTEN) && i != WHY(UNKNOWN);

		if (!CHECK(has[i] == wanted))
			printf("# %s\n", tcpfsm_cause_name(i));
	}
	CHECK(!has[WHY(NONE)]);
}

static void test_groups(void)
{
	bool ended[TCPFSM_NR_CALLSITES] = { false };
	unsigned int i;

	for (i = 0; i < NR_RULES; i++) {
		CHECK(rules[i].callsite < TCPFSM_NR_CALLSITES &&
		      rules[i].above < TCPFSM_NR_CALLSITES);
		if (!CHECK(!ended[rules[i].callsite]))
			printf("# rule %u stands outside of its callsite's group\n", i);
		if (i + 1 == NR_RULES || rules[i + 1].callsite != rules[i].callsite)
			ended[rules[i].callsite] = true;
	}
}

/* ---- sweep ---- */

typedef void (*facts_fn)(const struct tcpfsm_cause_case *given);

static void each_edge(u8 callsite, u8 above, u32 facts, facts_fn fn)
{
	struct tcpfsm_cause_case given = { .callsite = callsite, .above = above, .facts = facts };
	unsigned int i;

	for (i = 0; i < (TCPFSM_NR_STATES + 1) * (TCPFSM_NR_STATES + 1); i++) {
		given.old = i / (TCPFSM_NR_STATES + 1);
		given.new = i % (TCPFSM_NR_STATES + 1);
		fn(&given);
	}
}

/* The facts that a callsite's rules name. */
static u32 facts_named(u8 callsite)
{
	u32 named = 0;
	unsigned int i;

	for (i = 0; i < of_callsite[callsite].count; i++)
		named |= rules[of_callsite[callsite].rules[i]].need |
			 rules[of_callsite[callsite].rules[i]].lack;
	return named;
}

/* Those that the callsite's rules do not name are taken together: all false, all true. */
static void sweep_facts(u8 callsite, u8 above, facts_fn fn)
{
	u32 named = facts_named(callsite);
	u32 facts;

	for (facts = named;; facts = (facts - 1) & named) {
		each_edge(callsite, above, facts, fn);
		each_edge(callsite, above, facts | ~named, fn);
		if (!facts)
			break;
	}
}

static void sweep(facts_fn fn)
{
	u8 callsite, above;

	for (callsite = 0; callsite < TCPFSM_NR_CALLSITES; callsite++)
		for (above = 0; above < TCPFSM_NR_CALLSITES; above++)
			sweep_facts(callsite, above, fn);
}

static void report(const struct tcpfsm_cause_case *given)
{
	if (tap_failures <= TAP_MAX_MESSAGES)
		printf("# callsite %u, above %u, %s -> %s, facts %#x: %s\n", given->callsite,
		       given->above, tcpfsm_state_name(given->old), tcpfsm_state_name(given->new),
		       given->facts, tcpfsm_cause_name(tcpfsm_cause_of(given)));
}

static void check_decision(const struct tcpfsm_cause_case *given)
{
	unsigned int rule = deciding_rule(given);
	enum tcpfsm_cause wanted = WHY(UNKNOWN);

	if (rule != NO_RULE) {
		wanted = rules[rule].cause;
		decided[rule]++;
	}
	if (!CHECK(tcpfsm_cause_of(given) == wanted))
		report(given);
}

static void test_first_rule_decides(void)
{
	memset(decided, 0, sizeof(decided));
	sweep(check_decision);
	check_each_decided();
}

static void check_above(const struct tcpfsm_cause_case *given)
{
	struct tcpfsm_cause_case other = *given;

	if (given->callsite == BY(DONE))
		return;
	other.above = FROM_NOBODY;
	if (!CHECK(tcpfsm_cause_of(given) == tcpfsm_cause_of(&other)))
		report(given);
}

static void test_outer(void)
{
	sweep(check_above);
}

/* Does a case tell of this edge, taken at this callsite? */
static bool told(const struct tcpfsm_cause_case *given)
{
	const struct known_case *known;

	for (known = known_cases; known < known_cases + ARRAY_SIZE(known_cases); known++)
		if (known->cause != WHY(UNKNOWN) && known->by == given->callsite &&
		    allows(known->old, given->old) && known->new == given->new)
			return true;
	return false;
}

/* A connection may end anywhere; the other edges are those of the cases. */
static void check_told(const struct tcpfsm_cause_case *given)
{
	if (given->new == TCPFSM_CLOSE || given->facts & HAS(MPTCP) || given->callsite == BY(MPTCP))
		return;
	if (tcpfsm_cause_of(given) != WHY(UNKNOWN) && !CHECK(told(given)))
		report(given);
}

static void test_nothing_else(void)
{
	sweep(check_told);
}

/* clang-format off */
/**
 * struct meaning - what a cause says about an edge and a socket
 * @old: mask of states before; 0: any
 * @new: mask of states after
 * @facts: of these facts at least one is true; 0: none needed
 * @by: or this callsite had a hand in it
 */
static const struct meaning {
	u16 old;
	u16 new;
	u32 facts;
	u8 by;
} meanings[TCPFSM_NR_CAUSES] = {
	[WHY(OPEN)]	    = { IN(CLOSE), IN(SYN_SENT), 0, 0 },
	[WHY(CLOSE)]	    = { IN(LISTEN) | IN(SYN_SENT) | IN(SYN_RECV) | IN(ESTABLISHED) |
				IN(CLOSE_WAIT), IN(FIN_WAIT1) | IN(LAST_ACK) | IN(CLOSE), 0, 0 },
	[WHY(ABORT)]	    = { 0, IN(CLOSE), 0, 0 },
	[WHY(RCV_SYN)]	    = { IN(SYN_SENT) | IN(SYN_RECV), IN(SYN_RECV) | IN(CLOSE), 0, 0 },
	[WHY(RCV_SYNACK)]   = { IN(SYN_SENT), IN(ESTABLISHED), 0, 0 },
	[WHY(RCV_ACK)]	    = { IN(SYN_RECV) | IN(FIN_WAIT1) | IN(LAST_ACK),
				IN(ESTABLISHED) | IN(FIN_WAIT2) | IN(CLOSE), 0, 0 },
	[WHY(RCV_FIN)]	    = { IN(SYN_RECV) | IN(ESTABLISHED) | IN(FIN_WAIT1) | IN(FIN_WAIT2),
				IN(CLOSE_WAIT) | IN(CLOSING) | IN(TIME_WAIT), 0, 0 },
	[WHY(RCV_RST)]	    = { 0, IN(CLOSE), 0, 0 },
	[WHY(RCV_DATA)]	    = { 0, IN(CLOSE), 0, 0 },
	[WHY(RTO)]	    = { 0, IN(CLOSE), 0, BY(RETRANSMIT) },
	[WHY(ZERO_WINDOW)]  = { 0, IN(CLOSE), 0, BY(WRITE_TIMER) },
	[WHY(KEEPALIVE)]    = { 0, IN(CLOSE), 0, BY(KEEPALIVE) },
	[WHY(FIN_TIMEOUT)]  = { IN(FIN_WAIT2), IN(CLOSE), HAS(ORPHAN), BY(TIMER) },
	[WHY(2MSL)]	    = { IN(TIME_WAIT), IN(CLOSE), 0, BY(TIMER) },
	[WHY(SYNACK_TIMEOUT)]  = { 0, IN(CLOSE), HAS(FASTOPEN), BY(REQ_TIMER) },
	[WHY(ICMP)]	    = { 0, IN(CLOSE), 0, BY(ICMP) },
	[WHY(KILL)]	    = { 0, IN(CLOSE), 0, BY(ABORT) },
	[WHY(LISTENER_CLOSED)] = { 0, IN(CLOSE), HAS(UNACCEPTED) | HAS(REQUEST), BY(REQ_TIMER) },
	[WHY(OOM)]	    = { 0, IN(CLOSE), HAS(ORPHAN), BY(OUT_OF_RESOURCES) },
	[WHY(TW_OVERFLOW)]  = { IN(FIN_WAIT2) | IN(CLOSING), IN(CLOSE), HAS(NO_TIMEWAIT), 0 },
	[WHY(REUSE)]	    = { 0, IN(CLOSE), HAS(TIMEWAIT), BY(CHOOSE_PORT) },
	[WHY(ACCEPT_OVERFLOW)] = { 0, IN(CLOSE), HAS(OVERFLOW) | HAS(UNSERVED), 0 },
	[WHY(NETNS_EXIT)]   = { 0, IN(CLOSE), HAS(NETNS_GONE), BY(PURGE) },
	[WHY(OPEN_FAILED)]  = { IN(SYN_SENT), IN(CLOSE), 0, BY(CONNECT) },
	[WHY(REPAIR)]	    = { 0, IN(SYN_SENT) | IN(ESTABLISHED) | IN(CLOSE), HAS(REPAIR), 0 },
	[WHY(MPTCP)]	    = { 0, (u16)~0, HAS(MPTCP), BY(MPTCP) },
};

/* clang-format on */

static bool means(enum tcpfsm_cause cause, const struct tcpfsm_cause_case *given)
{
	const struct meaning *meaning = &meanings[cause];

	if (cause == WHY(UNKNOWN))
		return true;
	if (!allows(meaning->old, given->old) || !(meaning->new >> given->new & 1))
		return false;
	if (!meaning->facts && !meaning->by)
		return true;
	return given->facts & meaning->facts ||
	       (meaning->by && (given->callsite == meaning->by || given->above == meaning->by));
}

static void check_meaning(const struct tcpfsm_cause_case *given)
{
	enum tcpfsm_cause cause = tcpfsm_cause_of(given);

	/* Of no edge at all nothing needs to be said. */
	if (!tcpfsm_edge_legal(given->old, given->new))
		CHECK(cause > WHY(NONE) && cause < TCPFSM_NR_CAUSES);
	else if (!CHECK(cause < TCPFSM_NR_CAUSES && means(cause, given)))
		report(given);
}

static void test_meanings(void)
{
	sweep(check_meaning);
}

static enum tcpfsm_cause hint(u8 callsite, u8 old, u8 new, u32 *voided_by)
{
	u32 answer = tcpfsm_cause_hint(callsite, tcpfsm_edge_number(old, new));

	*voided_by = TCPFSM_HINT_VOIDED_BY(answer);
	return TCPFSM_HINT_CAUSE(answer);
}

/* The short cut may leave the answer open, but what it answers is what the rules say. */
static void check_unless(const struct tcpfsm_cause_case *given)
{
	u32 voided_by;
	enum tcpfsm_cause cause = hint(given->callsite, given->old, given->new, &voided_by);

	if (voided_by & (given->facts | TCPFSM_FACT_ANYTHING))
		return;
	if (!CHECK(cause == tcpfsm_cause_of(given)))
		report(given);
}

static void test_unless(void)
{
	u32 voided_by;

	sweep(check_unless);
	/* And it is one: nothing but the edge decides about most of a connection's. */
	hint(TCPFSM_CALLSITE_RCV_STATE, TCPFSM_FIN_WAIT1, TCPFSM_FIN_WAIT2, &voided_by);
	CHECK(voided_by == 0);
	hint(TCPFSM_CALLSITE_CLOSE, TCPFSM_ESTABLISHED, TCPFSM_FIN_WAIT1, &voided_by);
	CHECK(voided_by == TCPFSM_FACT_MPTCP);
	/* Rules behind the one that decides have no say. */
	hint(TCPFSM_CALLSITE_CLOSE, TCPFSM_LISTEN, TCPFSM_CLOSE, &voided_by);
	CHECK(voided_by == TCPFSM_FACT_MPTCP);
}

static const struct tap_test tests[] = {
	{ "what the kernel does has its cause, what it does not is unknown", test_cases },
	{ "the cases are edges of the diagram", test_edges },
	{ "every rule answers one of the cases", test_every_rule_has_a_case },
	{ "every cause has a rule, but for listen and unknown", test_every_cause_has_a_rule },
	{ "a callsite's rules stand together", test_groups },
	{ "all facts: the callsite's first rule that fits decides, and each does so somewhere",
	  test_first_rule_decides },
	{ "all facts: who called matters for tcp_done() only", test_outer },
	{ "all facts: an edge that no case tells of is unknown, unless it ends the connection",
	  test_nothing_else },
	{ "all facts: no cause contradicts edge and socket", test_meanings },
	{ "all facts: what the edge alone decides is what the rules say", test_unless },
};

int main(void)
{
	tcpfsm_cause_init();
	sort_by_site();
	return tap_run(tests, ARRAY_SIZE(tests));
}
