// SPDX-License-Identifier: GPL-2.0
/*
 * ladder.c - the life of a connection as a ladder
 *
 *	       TIME    AFTER         1a                        1b             CAUSE
 *	                    CLOSE        |                     | LISTEN
 *	   0.000000         SYN_SENT     |                     |             open
 *	   0.000021    21 us             |--- SYN seq 0 ------>| SYN_RECV    rcv_syn
 *
 * A line for each transition, at its end; a segment that made it is an arrow on its line.
 * What is sent has a line of its own only where no transition tells that it arrived.
 */
#include "out/ladder.h"

#include <stdio.h>
#include <string.h>

#include "base/digits.h"
#include "model/limits.h"
#include "out/fields.h"

/* Columns from the left. */
enum {
	TIME_END = 11,
	AFTER_END = TIME_END + 9,
	STATE_LEFT = AFTER_END + 1,
	BAR_LEFT = STATE_LEFT + 12,
};

/* Columns from the right. */
enum {
	CAUSE = 15,
	STATE_RIGHT = CAUSE + 12,
	BAR_RIGHT = STATE_RIGHT + 2,
};

enum hand {
	LEFT,
	RIGHT,
	NR_SIDES
};

/**
 * struct party - one end, or what is known of it
 * @end: its events, none if it is not of this machine
 * @next: the one to draw
 * @base: sequence numbers are shown relative to this one
 * @has_base: it is known
 * @is_iss: it is the initial sequence number
 * @sent: payload that was seen to go from here, bytes
 * @retrans: segments that were seen to be retransmitted from here
 */
struct party {
	struct fsm_end end;
	size_t next;
	uint32_t base;
	bool has_base;
	bool is_iss;
	uint64_t sent;
	uint32_t retrans;
};

/**
 * struct drawing - a ladder under way
 * @grid: where
 * @party: who
 * @width: columns
 * @first_ns: when it began
 * @last_ns: time of the last line that has one
 */
struct drawing {
	struct fsm_grid *grid;
	struct party party[NR_SIDES];
	size_t width;
	uint64_t first_ns;
	uint64_t last_ns;
};

static enum hand other(enum hand side)
{
	return side == LEFT ? RIGHT : LEFT;
}

static const struct tcpfsm_event *first_of(const struct party *party)
{
	return party->end.nr ? &party->end.events[0] : NULL;
}

static bool is_begin(const struct tcpfsm_event *ev)
{
	return ev->old == TCPFSM_CLOSE || ev->old == TCPFSM_LISTEN;
}

/* ---- sequence numbers ---- */

static void set_base(struct party *party, uint32_t base, bool is_iss)
{
	party->base = base;
	party->is_iss = is_iss;
	party->has_base = true;
}

static bool is_syn(const struct fsm_segment *seg)
{
	return seg->kind == FSM_SEGMENT_SYN || seg->kind == FSM_SEGMENT_SYNACK;
}

/* An end knows where its own numbers begin, and learns the peer's from its SYN. */
static void base_by_self(struct party *party)
{
	const struct tcpfsm_event *ev = first_of(party);
	uint32_t iss;

	if (ev && fsm_segment_iss(ev, &iss) && !fsm_sends_no_syn(&party->end))
		set_base(party, iss, true);
}

static void base_by_peer(struct party *party, const struct party *peer)
{
	size_t i;

	for (i = 0; i < peer->end.nr && !party->has_base; i++) {
		struct fsm_segment seg = fsm_segment_received(&peer->end.events[i]);

		if (seg.has_seq && is_syn(&seg))
			set_base(party, seg.seq, true);
	}
}

/* Of what began before anybody looked, the first number seen is 1. */
static void base_by_chance(struct party *party, const struct party *peer)
{
	const struct tcpfsm_event *own = first_of(party);
	const struct tcpfsm_event *its = first_of(peer);

	if (party->has_base)
		return;
	if (own && fsm_has_seq(own) && !is_begin(own))
		set_base(party, own->snd_una - 1, false);
	else if (its && fsm_has_seq(its) && !is_begin(its))
		set_base(party, its->rcv_nxt - 1, false);
}

static void find_bases(struct party *party)
{
	enum hand side;

	for (side = LEFT; side < NR_SIDES; side++)
		base_by_self(&party[side]);
	for (side = LEFT; side < NR_SIDES; side++)
		base_by_peer(&party[side], &party[other(side)]);
	for (side = LEFT; side < NR_SIDES; side++)
		base_by_chance(&party[side], &party[other(side)]);
}

/* ---- payload ---- */

/* Has our FIN been acknowledged just now? Then SND.NXT is behind it. */
static bool fin_acked(const struct tcpfsm_event *ev)
{
	return ev->cause == TCPFSM_C_RCV_ACK &&
	       (ev->old == TCPFSM_FIN_WAIT1 || ev->old == TCPFSM_CLOSING ||
		ev->old == TCPFSM_LAST_ACK);
}

/* May a FIN have been sent, that takes a number? */
static bool fin_sent(const struct tcpfsm_event *ev)
{
	return ev->old == TCPFSM_FIN_WAIT1 || ev->old == TCPFSM_CLOSING ||
	       ev->old == TCPFSM_LAST_ACK || ev->old == TCPFSM_FIN_WAIT2;
}

/* Has the peer's FIN been received, which RCV.NXT is behind? */
static bool fin_received(const struct tcpfsm_event *ev)
{
	return ev->cause == TCPFSM_C_RCV_FIN || ev->old == TCPFSM_CLOSE_WAIT ||
	       ev->old == TCPFSM_LAST_ACK || ev->old == TCPFSM_CLOSING ||
	       ev->old == TCPFSM_TIME_WAIT;
}

/*
 * Sequence numbers tell payload exactly, but only its last 32 bits; the counters have the
 * others: that of what was sent has retransmissions too, that of what was received a FIN.
 */
static uint64_t extend(uint32_t low, uint64_t counter)
{
	uint32_t over = (uint32_t)counter - low;

	return over <= counter ? counter - over : low;
}

/* Payload that has left this end, by an event of its own. */
static uint64_t sent_by_self(const struct party *party, const struct tcpfsm_event *ev)
{
	if ((fin_sent(ev) && !fin_acked(ev)) || ev->snd_nxt == party->base)
		return 0;
	return extend(ev->snd_nxt - party->base - 1 - fin_acked(ev), ev->bytes_sent);
}

/* Payload that has left this end, by an event of the peer. */
static uint64_t sent_by_peer(const struct party *party, const struct tcpfsm_event *ev)
{
	/* As long as nothing has come it has no idea of our numbers. */
	if (ev->new == TCPFSM_SYN_SENT || ev->old == TCPFSM_SYN_SENT)
		return 0;
	return extend(ev->rcv_nxt - party->base - 1 - fin_received(ev), ev->bytes_received);
}

/* What was sent before anybody looked is not shown. */
static void skip_past(struct party *party, const struct party *peer)
{
	const struct tcpfsm_event *own = first_of(party);
	const struct tcpfsm_event *its = first_of(peer);

	if (own && fsm_has_stats(own) && !is_begin(own)) {
		party->sent = own->bytes_sent;
		party->retrans = own->retrans;
	} else if (its && fsm_has_stats(its) && !is_begin(its)) {
		party->sent = its->bytes_received - fin_received(its);
	}
}

/* ---- lines ---- */

static size_t bar_right(const struct drawing *d)
{
	return d->width - BAR_RIGHT;
}

static void begin_line(struct drawing *d)
{
	fsm_grid_line(d->grid);
	fsm_grid_fill(d->grid, BAR_LEFT, BAR_LEFT + 1, FSM_GLYPH_BAR, FSM_PEN_DIM);
	fsm_grid_fill(d->grid, bar_right(d), bar_right(d) + 1, FSM_GLYPH_BAR, FSM_PEN_DIM);
}

static void put(struct drawing *d, size_t column, const char *text, enum fsm_pen pen)
{
	fsm_grid_put(d->grid, column, text, strlen(text), pen);
}

static void put_right(struct drawing *d, size_t end, const char *text, enum fsm_pen pen)
{
	size_t len = strlen(text);

	put(d, len < end ? end - len : 0, text, pen);
}

static void put_time(struct drawing *d, uint64_t ns)
{
	uint64_t us = ns > d->first_ns ? (ns - d->first_ns) / 1000 : 0;
	char text[40];

	snprintf(text, sizeof(text), "%llu.%06llu", (unsigned long long)(us / 1000000),
		 (unsigned long long)(us % 1000000));
	put_right(d, TIME_END, text, FSM_PEN_DIM);
}

static void put_after(struct drawing *d, uint64_t ns)
{
	double us = ns > d->last_ns ? (double)((ns - d->last_ns) / 1000) : 0;
	char text[40];

	if (us < 1000)
		snprintf(text, sizeof(text), "%.0f us", us);
	else if (us < 999.95e3)
		snprintf(text, sizeof(text), "%.1f ms", us / 1e3);
	else if (us < 1000e6)
		snprintf(text, sizeof(text), "%.2f s", us / 1e6);
	else
		snprintf(text, sizeof(text), "%.0f min", us / 60e6);
	put_right(d, AFTER_END, text, FSM_PEN_PLAIN);
}

static void put_state(struct drawing *d, enum hand side, unsigned int state, enum fsm_pen pen)
{
	const char *name = fsm_state_name(state);

	put(d, side == LEFT ? STATE_LEFT : d->width - STATE_RIGHT, name ? name : "-", pen);
}

static void put_cause(struct drawing *d, const struct tcpfsm_event *ev)
{
	const char *name = fsm_cause_name(ev->cause);

	put(d, d->width - CAUSE, name ? name : "-",
	    fsm_cause_is_bad(ev->cause) ? FSM_PEN_BAD : FSM_PEN_CAUSE);
}

/* ---- arrows ---- */

/* Between the bars, with a word on it that fits or is cut. */
static void put_arrow(struct drawing *d, enum hand from, unsigned int glyph, const char *label,
		      enum fsm_pen pen)
{
	size_t first = BAR_LEFT + 1, end = bar_right(d);
	size_t room = end - first - 4;
	size_t len = strlen(label) < room ? strlen(label) : room;
	size_t at = first + 2 + (room - len) / 2;

	fsm_grid_fill(d->grid, first, end, glyph, pen);
	if (from == LEFT)
		fsm_grid_fill(d->grid, end - 1, end, FSM_GLYPH_RIGHT, pen);
	else
		fsm_grid_fill(d->grid, first, first + 1, FSM_GLYPH_LEFT, pen);
	fsm_grid_fill(d->grid, at - 1, at + len + 1, ' ', FSM_PEN_PLAIN);
	fsm_grid_put(d->grid, at, label, len, pen);
}

/**
 * struct label - words on an arrow
 * @text: the words
 * @len: how long they are
 * @max: how long they may be
 */
struct label {
	char text[FSM_GRID_WIDTH_MAX];
	size_t len;
	size_t max;
};

/* A number with its name, if there is room for it. */
static void add_number(struct label *label, bool known, const char *name, uint32_t v)
{
	char part[40];
	int len = snprintf(part, sizeof(part), " %s %u", name, v);

	if (!known || label->len + (size_t)len > label->max)
		return;
	memcpy(label->text + label->len, part, (size_t)len + 1);
	label->len += (size_t)len;
}

static void put_segment(struct drawing *d, enum hand from, const struct fsm_segment *seg)
{
	static const char *const names[] = {
		[FSM_SEGMENT_NONE] = "",	  [FSM_SEGMENT_SYN] = "SYN",
		[FSM_SEGMENT_SYNACK] = "SYN+ACK", [FSM_SEGMENT_ACK] = "ACK",
		[FSM_SEGMENT_FIN] = "FIN",	  [FSM_SEGMENT_FINACK] = "FIN+ACK",
		[FSM_SEGMENT_RST] = "RST",	  [FSM_SEGMENT_DATA] = "data after close",
	};
	const struct party *sender = &d->party[from];
	const struct party *receiver = &d->party[other(from)];
	enum fsm_pen pen = FSM_PEN_SEGMENT;
	struct label label = { .max = bar_right(d) - BAR_LEFT - 1 - 4 };

	label.len = (size_t)snprintf(label.text, sizeof(label.text), "%s", names[seg->kind]);
	add_number(&label, seg->has_seq && sender->has_base, "seq", seg->seq - sender->base);
	add_number(&label, seg->has_ack && receiver->has_base, "ack", seg->ack - receiver->base);
	add_number(&label, seg->has_wnd, "win", seg->wnd);
	if (seg->kind == FSM_SEGMENT_RST || seg->kind == FSM_SEGMENT_DATA)
		pen = FSM_PEN_BAD;
	put_arrow(d, from, FSM_GLYPH_LINE, label.text, pen);
}

/* A line for the payload that has gone since the last one. */
static void draw_payload(struct drawing *d, enum hand from, uint64_t sent)
{
	struct party *party = &d->party[from];
	char label[96];
	int len;

	if (sent <= party->sent)
		return;
	len = snprintf(label, sizeof(label), "%llu byte%s",
		       (unsigned long long)(sent - party->sent), sent - party->sent > 1 ? "s" : "");
	if (party->is_iss)
		snprintf(label + len, sizeof(label) - (size_t)len, ", seq %llu:%llu",
			 (unsigned long long)party->sent + 1, (unsigned long long)sent + 1);
	party->sent = sent;
	begin_line(d);
	put_arrow(d, from, FSM_GLYPH_DOUBLE, label, FSM_PEN_DATA);
}

static void draw_retransmissions(struct drawing *d, enum hand from, uint32_t retrans)
{
	struct party *party = &d->party[from];
	char label[40];

	if (retrans <= party->retrans)
		return;
	snprintf(label, sizeof(label), "%u retransmitted", retrans - party->retrans);
	party->retrans = retrans;
	begin_line(d);
	put_arrow(d, from, FSM_GLYPH_LINE, label, FSM_PEN_BAD);
}

/* What has gone on between two transitions: an end that has a new one counts it. */
static void draw_meanwhile(struct drawing *d, enum hand side, const struct tcpfsm_event *ev)
{
	enum hand from;

	if (!fsm_has_stats(ev) || !fsm_has_seq(ev))
		return;
	for (from = LEFT; from < NR_SIDES; from++) {
		const struct party *party = &d->party[from];

		if (party->is_iss)
			draw_payload(d, from,
				     from == side ? sent_by_self(party, ev) :
						    sent_by_peer(party, ev));
		else
			draw_payload(d, from,
				     from == side ? ev->bytes_sent :
						    ev->bytes_received - fin_received(ev));
	}
	draw_retransmissions(d, side, ev->retrans);
}

/* Does a transition of the peer, still to be drawn, tell that it has arrived? */
static bool is_told_by_peer(const struct party *peer, const struct fsm_segment *sent)
{
	size_t i;

	for (i = peer->next; i < peer->end.nr; i++)
		if (fsm_segment_made(sent, &peer->end.events[i]))
			return true;
	return false;
}

/* What leads to a transition was not seen: lost, or filtered. */
static void draw_gap(struct drawing *d, enum hand side, size_t i)
{
	const struct tcpfsm_event *ev = &d->party[side].end.events[i];

	if (!i || ev[-1].new == ev->old)
		return;
	begin_line(d);
	put_state(d, side, ev->old, FSM_PEN_DIM);
	put(d, d->width - CAUSE, "(not seen)", FSM_PEN_BAD);
}

static void draw_event(struct drawing *d, enum hand side, size_t i)
{
	const struct party *party = &d->party[side];
	const struct tcpfsm_event *ev = &party->end.events[i];
	struct fsm_segment got = fsm_segment_received(ev);
	struct fsm_segment sent = fsm_segment_sent(&party->end, i);

	draw_meanwhile(d, side, ev);
	begin_line(d);
	put_time(d, ev->time_ns);
	if (ev->time_ns != d->first_ns)
		put_after(d, ev->time_ns);
	d->last_ns = ev->time_ns;
	put_state(d, side, ev->new, FSM_PEN_STATE);
	put_cause(d, ev);
	if (got.kind)
		put_segment(d, other(side), &got);

	if (!sent.kind || is_told_by_peer(&d->party[other(side)], &sent))
		return;
	if (got.kind)
		begin_line(d);
	put_segment(d, side, &sent);
}

/* Whose turn is it? */
static enum hand earlier(const struct party *party)
{
	const struct party *left = &party[LEFT], *right = &party[RIGHT];

	if (left->next == left->end.nr)
		return RIGHT;
	if (right->next == right->end.nr)
		return LEFT;
	return right->end.events[right->next].time_ns < left->end.events[left->next].time_ns;
}

static void draw_events(struct drawing *d)
{
	struct party *party = d->party;

	while (party[LEFT].next < party[LEFT].end.nr || party[RIGHT].next < party[RIGHT].end.nr) {
		enum hand side = earlier(party);
		size_t i = party[side].next++;

		draw_gap(d, side, i);
		if (!fsm_is_finack(&party[side].end, i))
			draw_event(d, side, i);
	}
}

/* ---- headings ---- */

static char *put_name(char *p, const struct tcpfsm_event *ev)
{
	p = fsm_put_hex(p, ev->id);
	if (ev->gen > 1) {
		*p++ = '/';
		p = fsm_put_u64(p, ev->gen);
	}
	*p = '\0';
	return p;
}

/* The last event knows the port also of a connect() that had none yet. */
static char *put_endpoint(char *p, const struct tcpfsm_event *ev, bool local)
{
	bool brackets = ev->family == AF_INET6;

	if (local ? !fsm_has_local(ev) : !fsm_has_remote(ev))
		return fsm_puts(p, "-");
	if (brackets)
		*p++ = '[';
	p = fsm_put_address(p, ev, local ? ev->laddr : ev->raddr);
	if (brackets)
		*p++ = ']';
	*p++ = ':';
	return fsm_put_u64(p, local ? ev->lport : ev->rport);
}

/* Who made its calls: the last one that is known. */
static char *put_owner(char *p, const struct fsm_end *end)
{
	const struct tcpfsm_event *last = &end->events[end->nr - 1];
	size_t i;

	if (fsm_has_uid(last))
		p = fsm_put_u64(fsm_puts(p, "   uid "), last->uid);
	for (i = end->nr; i-- > 0;) {
		const struct tcpfsm_event *ev = &end->events[i];

		if (!ev->pid)
			continue;
		p = fsm_puts(p, "   ");
		if (fsm_has_comm(ev))
			p = fsm_put_comm(p, ev, false);
		*p++ = '[';
		p = fsm_put_u64(p, ev->pid);
		*p++ = ']';
		break;
	}
	return p;
}

static void draw_heading(struct drawing *d, enum hand side)
{
	const struct party *party = &d->party[side];
	const struct party *peer = &d->party[other(side)];
	char text[FSM_GRID_WIDTH_MAX], *p = text;

	if (party->end.nr) {
		p = fsm_puts(put_name(p, &party->end.events[0]), "   ");
		p = put_endpoint(p, &party->end.events[party->end.nr - 1], true);
		p = put_owner(p, &party->end);
	} else {
		p = fsm_puts(p, "-   ");
		p = put_endpoint(p, &peer->end.events[peer->end.nr - 1], false);
	}
	if (party->has_base) {
		p = fsm_puts(p, party->is_iss ? "   seq 0 = " : "   seq 1 = ");
		p = fsm_put_u64(p, party->base + !party->is_iss);
	}
	fsm_grid_line(d->grid);
	fsm_grid_put(d->grid, 0, text, (size_t)(p - text), FSM_PEN_TITLE);
}

static bool has_ended(const struct party *party)
{
	return !party->end.nr || party->end.events[party->end.nr - 1].new == TCPFSM_CLOSE;
}

static void draw_began(struct drawing *d, const char *began)
{
	char text[96];
	char *p = text;

	p = fsm_puts(p, "began at ");
	if (began)
		p = fsm_puts(p, began);
	else
		p = fsm_put_seconds(p, d->first_ns, 0);
	if (!has_ended(&d->party[LEFT]) || !has_ended(&d->party[RIGHT]))
		p = fsm_puts(p, ", has not ended here");
	fsm_grid_line(d->grid);
	fsm_grid_put(d->grid, 0, text, (size_t)(p - text), FSM_PEN_DIM);
}

static void name_of(const struct party *party, char *name)
{
	if (party->end.nr)
		put_name(name, &party->end.events[0]);
	else
		strcpy(name, "remote");
}

static void draw_columns(struct drawing *d)
{
	char name[64];

	fsm_grid_line(d->grid);
	put_right(d, TIME_END, "TIME", FSM_PEN_DIM);
	put_right(d, AFTER_END, "AFTER", FSM_PEN_DIM);
	put(d, d->width - CAUSE, "CAUSE", FSM_PEN_DIM);
	name_of(&d->party[LEFT], name);
	put_right(d, BAR_LEFT + 1, name, FSM_PEN_TITLE);
	name_of(&d->party[RIGHT], name);
	put(d, bar_right(d), name, FSM_PEN_TITLE);
}

/* The states in which it begins. */
static void draw_first_states(struct drawing *d)
{
	enum hand side;

	begin_line(d);
	for (side = LEFT; side < NR_SIDES; side++)
		if (d->party[side].end.nr)
			put_state(d, side, d->party[side].end.events[0].old, FSM_PEN_DIM);
}

/* ---- all of it ---- */

/* On the left is whoever began. */
static enum hand own_side(const struct fsm_end *own, const struct fsm_end *peer)
{
	return peer && peer->events[0].time_ns < own->events[0].time_ns ? RIGHT : LEFT;
}

/**
 * fsm_ladder_draw() - draw a connection's life
 * @grid: the drawing; fsm_grid_free() afterwards
 * @width: columns, from FSM_LADDER_WIDTH_MIN to FSM_GRID_WIDTH_MAX
 * @own: one of its ends
 * @peer: the other one, or NULL if it is not known
 * @began: when it began, in at most 48 characters, or NULL for CLOCK_MONOTONIC
 *
 * The life need not be complete: what has not happened, or was not seen, is not drawn.
 *
 * Return: 0, or -1 if there was no memory.
 */
int fsm_ladder_draw(struct fsm_grid *grid, unsigned int width, const struct fsm_end *own,
		    const struct fsm_end *peer, const char *began)
{
	enum hand side = own_side(own, peer);
	struct drawing d = { .grid = grid };

	if (width < FSM_LADDER_WIDTH_MIN)
		width = FSM_LADDER_WIDTH_MIN;
	fsm_grid_init(grid, width);
	d.width = grid->width;
	d.party[side].end = *own;
	if (peer)
		d.party[other(side)].end = *peer;
	d.first_ns = d.party[LEFT].end.events[0].time_ns;
	d.last_ns = d.first_ns;

	find_bases(d.party);
	for (side = LEFT; side < NR_SIDES; side++)
		skip_past(&d.party[side], &d.party[other(side)]);
	draw_heading(&d, LEFT);
	draw_heading(&d, RIGHT);
	draw_began(&d, began);
	draw_columns(&d);
	draw_first_states(&d);
	draw_events(&d);
	return grid->no_memory ? -1 : 0;
}
