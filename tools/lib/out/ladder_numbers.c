// SPDX-License-Identifier: GPL-2.0
/*
 * ladder_numbers.c - sequence numbers and payload of the two ends of a ladder
 */
#include "out/ladder_numbers.h"

#include "in/event.h"

static const struct tcpfsm_event *first_of(const struct fsm_ladder_end *end)
{
	return end->seen.nr ? &end->seen.events[0] : NULL;
}

static bool is_begin(const struct tcpfsm_event *ev)
{
	return ev->old == TCPFSM_CLOSE || ev->old == TCPFSM_LISTEN;
}

/* ---- sequence numbers ---- */

static void set_base(struct fsm_ladder_end *end, uint32_t base, bool is_iss)
{
	end->base = base;
	end->is_iss = is_iss;
	end->has_base = true;
}

static bool is_syn(const struct fsm_segment *seg)
{
	return seg->kind == FSM_SEGMENT_SYN || seg->kind == FSM_SEGMENT_SYNACK;
}

/* An end knows where its own numbers begin. */
static void base_by_self(struct fsm_ladder_end *end)
{
	const struct tcpfsm_event *ev = first_of(end);
	uint32_t iss;

	if (ev && fsm_segment_iss(ev, &iss) && !fsm_sends_no_syn(&end->seen))
		set_base(end, iss, true);
}

/* The SYN that the peer received also has the number. */
static void base_by_peer(struct fsm_ladder_end *end, const struct fsm_ladder_end *peer)
{
	size_t i;

	for (i = 0; i < peer->seen.nr && !end->has_base; i++) {
		struct fsm_segment seg = fsm_segment_received(&peer->seen.events[i]);

		if (seg.has_seq && is_syn(&seg))
			set_base(end, seg.seq, true);
	}
}

/* If the connection is older than its first event, the first number seen is shown as 1. */
static void base_by_chance(struct fsm_ladder_end *end, const struct fsm_ladder_end *peer)
{
	const struct tcpfsm_event *own = first_of(end);
	const struct tcpfsm_event *its = first_of(peer);

	if (end->has_base)
		return;
	if (own && fsm_has_seq(own) && !is_begin(own))
		set_base(end, own->snd_una - 1, false);
	else if (its && fsm_has_seq(its) && !is_begin(its))
		set_base(end, its->rcv_nxt - 1, false);
}

static void find_bases(struct fsm_ladder_end *ends)
{
	enum fsm_side side;

	for (side = FSM_LEFT; side < FSM_NR_SIDES; side++)
		base_by_self(&ends[side]);
	for (side = FSM_LEFT; side < FSM_NR_SIDES; side++)
		base_by_peer(&ends[side], &ends[fsm_other_side(side)]);
	for (side = FSM_LEFT; side < FSM_NR_SIDES; side++)
		base_by_chance(&ends[side], &ends[fsm_other_side(side)]);
}

/* ---- payload ---- */

/* Return whether our FIN has been acknowledged just now; SND.NXT is behind it then. */
static bool fin_acked(const struct tcpfsm_event *ev)
{
	return ev->cause == TCPFSM_C_RCV_ACK &&
	       (ev->old == TCPFSM_FIN_WAIT1 || ev->old == TCPFSM_CLOSING ||
		ev->old == TCPFSM_LAST_ACK);
}

/* Return whether a FIN, which takes a number, may have been sent. */
static bool fin_sent(const struct tcpfsm_event *ev)
{
	return ev->old == TCPFSM_FIN_WAIT1 || ev->old == TCPFSM_CLOSING ||
	       ev->old == TCPFSM_LAST_ACK || ev->old == TCPFSM_FIN_WAIT2;
}

/* Return whether the peer's FIN has been received; RCV.NXT is behind it then. */
static bool fin_received(const struct tcpfsm_event *ev)
{
	return ev->cause == TCPFSM_C_RCV_FIN || ev->old == TCPFSM_CLOSE_WAIT ||
	       ev->old == TCPFSM_LAST_ACK || ev->old == TCPFSM_CLOSING ||
	       ev->old == TCPFSM_TIME_WAIT;
}

/*
 * Sequence numbers give the payload exactly, but only its last 32 bits. The counters give the
 * other bits: bytes_sent includes retransmissions, and bytes_received includes a FIN.
 */
static uint64_t extend(uint32_t low, uint64_t counter)
{
	uint32_t over = (uint32_t)counter - low;

	return over <= counter ? counter - over : low;
}

/* Return the payload that has left an end, by an event of its own. */
static uint64_t sent_by_self(const struct fsm_ladder_end *end, const struct tcpfsm_event *ev)
{
	if ((fin_sent(ev) && !fin_acked(ev)) || ev->snd_nxt == end->base)
		return 0;
	return extend(ev->snd_nxt - end->base - 1 - fin_acked(ev), ev->bytes_sent);
}

/* Return the payload that has left an end, by an event of the peer. */
static uint64_t sent_by_peer(const struct fsm_ladder_end *end, const struct tcpfsm_event *ev)
{
	/* The peer does not know our numbers before something has come. */
	if (ev->new == TCPFSM_SYN_SENT || ev->old == TCPFSM_SYN_SENT)
		return 0;
	return extend(ev->rcv_nxt - end->base - 1 - fin_received(ev), ev->bytes_received);
}

/* Do not show the payload that was sent before the first event. */
static void skip_past(struct fsm_ladder_end *end, const struct fsm_ladder_end *peer)
{
	const struct tcpfsm_event *own = first_of(end);
	const struct tcpfsm_event *its = first_of(peer);

	if (own && fsm_has_stats(own) && !is_begin(own)) {
		end->sent = own->bytes_sent;
		end->retrans = own->retrans;
	} else if (its && fsm_has_stats(its) && !is_begin(its)) {
		end->sent = its->bytes_received - fin_received(its);
	}
}

/* ---- both ---- */

/**
 * fsm_ladder_sent() - return how much payload has left an end
 * @end: the end
 * @ev: event that counts it
 * @is_own: the event is the end's own; else it is the peer's
 */
uint64_t fsm_ladder_sent(const struct fsm_ladder_end *end, const struct tcpfsm_event *ev,
			 bool is_own)
{
	if (end->is_iss)
		return is_own ? sent_by_self(end, ev) : sent_by_peer(end, ev);
	return is_own ? ev->bytes_sent : ev->bytes_received - fin_received(ev);
}

/**
 * fsm_ladder_number() - find out from where on sequence numbers and payload are counted
 * @ends: both ends, with their events
 */
void fsm_ladder_number(struct fsm_ladder_end ends[FSM_NR_SIDES])
{
	enum fsm_side side;

	find_bases(ends);
	for (side = FSM_LEFT; side < FSM_NR_SIDES; side++)
		skip_past(&ends[side], &ends[fsm_other_side(side)]);
}
