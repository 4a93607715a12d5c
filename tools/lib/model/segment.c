// SPDX-License-Identifier: GPL-2.0
/*
 * segment.c - the segments that follow from the transitions of one end of a connection
 */
#include "model/segment.h"

#include "in/event.h"

/* Request and timewait socks do not know the peer's window. */
static bool has_snd_wnd(const struct tcpfsm_event *ev)
{
	return fsm_has_seq(ev) && !(ev->flags & (TCPFSM_F_REQUEST | TCPFSM_F_TIMEWAIT));
}

/* With a syncookie both transitions of a passive open come with the ACK; show it at the second. */
static bool is_late(const struct tcpfsm_event *ev)
{
	return ev->old == TCPFSM_LISTEN && ev->flags & TCPFSM_F_SYNCOOKIE;
}

static enum fsm_segment_kind received_kind(const struct tcpfsm_event *ev)
{
	if (is_late(ev))
		return FSM_SEGMENT_NONE;
	switch (ev->cause) {
	case TCPFSM_C_RCV_SYN:
		return FSM_SEGMENT_SYN;
	case TCPFSM_C_RCV_SYNACK:
		return FSM_SEGMENT_SYNACK;
	case TCPFSM_C_RCV_ACK:
		return FSM_SEGMENT_ACK;
	case TCPFSM_C_RCV_FIN:
		return ev->flags & TCPFSM_F_FINACK ? FSM_SEGMENT_FINACK : FSM_SEGMENT_FIN;
	case TCPFSM_C_RCV_RST:
		return FSM_SEGMENT_RST;
	case TCPFSM_C_RCV_DATA:
		return FSM_SEGMENT_DATA;
	default:
		return FSM_SEGMENT_NONE;
	}
}

/* Return whether the segment takes a number: RCV.NXT is behind the SYN or FIN then. */
static bool takes_a_number(enum fsm_segment_kind kind)
{
	return kind == FSM_SEGMENT_SYN || kind == FSM_SEGMENT_SYNACK || kind == FSM_SEGMENT_FIN ||
	       kind == FSM_SEGMENT_FINACK;
}

/* In a simultaneous open the kernel takes over the SYN's number only afterwards. */
static bool is_numbered(const struct tcpfsm_event *ev)
{
	return fsm_has_seq(ev) && !(ev->old == TCPFSM_SYN_SENT && ev->new != TCPFSM_ESTABLISHED);
}

/**
 * fsm_segment_received() - return the segment that made a transition
 * @ev: event
 */
struct fsm_segment fsm_segment_received(const struct tcpfsm_event *ev)
{
	struct fsm_segment seg = { .kind = received_kind(ev) };

	if (!seg.kind || !is_numbered(ev))
		return seg;
	/* A RST has to have this number. The number of data after close is not kept. */
	seg.has_seq = seg.kind != FSM_SEGMENT_DATA;
	seg.seq = ev->rcv_nxt - takes_a_number(seg.kind);
	seg.has_ack = seg.has_seq && seg.kind != FSM_SEGMENT_SYN && seg.kind != FSM_SEGMENT_RST;
	seg.ack = ev->snd_una;
	seg.has_wnd = seg.has_ack && has_snd_wnd(ev);
	seg.wnd = ev->snd_wnd;
	return seg;
}

/* Return whether the kernel sends a RST when this state is aborted, as tcp_need_reset(). */
static bool needs_reset(unsigned int state)
{
	return state == TCPFSM_ESTABLISHED || state == TCPFSM_CLOSE_WAIT ||
	       state == TCPFSM_FIN_WAIT1 || state == TCPFSM_FIN_WAIT2 || state == TCPFSM_SYN_RECV;
}

static bool sends_reset(const struct tcpfsm_event *ev)
{
	if (ev->new != TCPFSM_CLOSE || (ev->flags & TCPFSM_F_TIMEWAIT))
		return false;
	switch (ev->cause) {
	case TCPFSM_C_ABORT:
	case TCPFSM_C_KILL:
		return needs_reset(ev->old);
	case TCPFSM_C_RCV_DATA:
	case TCPFSM_C_KEEPALIVE:
		return true;
	default:
		return false;
	}
}

static enum fsm_segment_kind sent_kind(const struct tcpfsm_event *ev)
{
	if (sends_reset(ev))
		return FSM_SEGMENT_RST;
	if (ev->new == TCPFSM_SYN_SENT)
		return FSM_SEGMENT_SYN;
	if (ev->new == TCPFSM_SYN_RECV)
		return is_late(ev) ? FSM_SEGMENT_NONE : FSM_SEGMENT_SYNACK;
	if (ev->cause == TCPFSM_C_RCV_SYNACK || ev->cause == TCPFSM_C_RCV_FIN)
		return FSM_SEGMENT_ACK;
	if (ev->new == TCPFSM_FIN_WAIT1 || ev->new == TCPFSM_LAST_ACK)
		return FSM_SEGMENT_FIN;
	return FSM_SEGMENT_NONE;
}

/*
 * The FIN goes behind all data that is still to be sent, and no event has its number. Once the
 * peer has acknowledged it, it was the last number.
 */
static void number_fin(struct fsm_segment *seg, const struct fsm_end *end, size_t i)
{
	for (i++; i < end->nr && !seg->has_seq; i++) {
		const struct tcpfsm_event *ev = &end->events[i];

		if (ev->cause != TCPFSM_C_RCV_ACK || !fsm_has_seq(ev))
			continue;
		seg->has_seq = true;
		seg->seq = ev->snd_una - 1;
	}
}

/**
 * fsm_segment_iss() - find the initial sequence number of an end, from its first event
 * @ev: event
 * @iss: set to the number
 *
 * A full socket that is born in SYN_RECV, from a syncookie or fast open, takes its SYN for
 * acknowledged. A request sock does not.
 *
 * Return: whether the number is known.
 */
bool fsm_segment_iss(const struct tcpfsm_event *ev, uint32_t *iss)
{
	bool is_child = ev->old == TCPFSM_LISTEN && !(ev->flags & TCPFSM_F_REQUEST);

	*iss = ev->snd_una - is_child;
	return fsm_has_seq(ev) && (ev->new == TCPFSM_SYN_SENT || ev->new == TCPFSM_SYN_RECV);
}

static void number_sent(struct fsm_segment *seg, const struct tcpfsm_event *ev)
{
	uint32_t iss;

	seg->has_seq = seg->kind != FSM_SEGMENT_FIN;
	seg->seq = fsm_segment_iss(ev, &iss) ? iss : ev->snd_nxt;
	seg->has_ack = seg->kind != FSM_SEGMENT_SYN && seg->kind != FSM_SEGMENT_RST;
	seg->ack = ev->rcv_nxt;
	seg->has_wnd = seg->has_ack;
	seg->wnd = ev->rcv_wnd;
}

/**
 * fsm_segment_sent() - return the segment that a transition sends
 * @end: an end of a connection
 * @i: which of its events
 */
struct fsm_segment fsm_segment_sent(const struct fsm_end *end, size_t i)
{
	const struct tcpfsm_event *ev = &end->events[i];
	struct fsm_segment seg = { .kind = sent_kind(ev) };

	if (ev->new == TCPFSM_SYN_SENT && fsm_sends_no_syn(end))
		seg.kind = FSM_SEGMENT_NONE;
	if (!seg.kind || !fsm_has_seq(ev))
		return seg;
	number_sent(&seg, ev);
	if (seg.kind == FSM_SEGMENT_FIN)
		number_fin(&seg, end, i);
	return seg;
}

/**
 * fsm_sends_no_syn() - return whether connect() sent no SYN: it failed, or the socket was
 *	under repair
 * @end: an end of a connection
 */
bool fsm_sends_no_syn(const struct fsm_end *end)
{
	unsigned int cause = end->nr > 1 ? end->events[1].cause : TCPFSM_C_NONE;

	return cause == TCPFSM_C_OPEN_FAILED || cause == TCPFSM_C_REPAIR;
}

/**
 * fsm_segment_made() - return whether a transition was made by such a segment
 * @sent: segment that one end has sent
 * @ev: a later event of the other end
 */
bool fsm_segment_made(const struct fsm_segment *sent, const struct tcpfsm_event *ev)
{
	enum fsm_segment_kind got = received_kind(ev);

	switch (sent->kind) {
	case FSM_SEGMENT_FIN:
		return got == FSM_SEGMENT_FIN || got == FSM_SEGMENT_FINACK;
	case FSM_SEGMENT_SYNACK:
		/* In a simultaneous open an ACK may be the answer. */
		return got == FSM_SEGMENT_SYNACK ||
		       (got == FSM_SEGMENT_ACK && ev->old == TCPFSM_SYN_RECV);
	case FSM_SEGMENT_ACK:
		/* The ACK may come along with the FIN. */
		return got == FSM_SEGMENT_ACK || got == FSM_SEGMENT_FINACK;
	default:
		return got == sent->kind;
	}
}

/**
 * fsm_is_finack() - return whether this is the first half of an edge that Linux splits
 * @end: an end of a connection
 * @i: which of its events
 *
 * In RFC 9293 a FIN that acknowledges ours leads from FIN_WAIT1 to TIME_WAIT. Linux goes
 * through FIN_WAIT2, in no time.
 */
bool fsm_is_finack(const struct fsm_end *end, size_t i)
{
	const struct tcpfsm_event *next = &end->events[i + 1];

	return i + 1 < end->nr && (next->flags & TCPFSM_F_FINACK) &&
	       end->events[i].old == TCPFSM_FIN_WAIT1 && end->events[i].new == TCPFSM_FIN_WAIT2;
}
