// SPDX-License-Identifier: GPL-2.0
/*
 * ladder.c - a connection as a ladder
 *
 *	       TIME    AFTER         1a                        1b             CAUSE
 *	                    CLOSE        |                     | LISTEN
 *	   0.000000         SYN_SENT     |                     |             open
 *	   0.000021    21 us             |--- SYN seq 0 ------>| SYN_RECV    rcv_syn
 *
 * Each transition has a line, at its end. A segment that made it is an arrow on its line. A
 * segment that was sent has a line of its own only if no transition shows that it arrived.
 */
#include "out/ladder.h"

#include <stdio.h>
#include <string.h>

#include "base/digits.h"
#include "model/limits.h"
#include "out/fields.h"
#include "out/ladder_numbers.h"

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

/**
 * struct drawing - a ladder under way
 * @canvas: where it is drawn
 * @ends: ends of the connection
 * @width: columns
 * @first_ns: when the connection began
 * @last_ns: time of the last line that has one
 */
struct drawing {
	struct fsm_canvas *canvas;
	struct fsm_ladder_end ends[FSM_NR_SIDES];
	size_t width;
	uint64_t first_ns;
	uint64_t last_ns;
};

/* ---- lines ---- */

static size_t bar_right(const struct drawing *d)
{
	return d->width - BAR_RIGHT;
}

/* Draw the same glyph in several columns of the last line. */
static void fill(struct drawing *d, size_t from, size_t to, unsigned int glyph, enum fsm_pen pen)
{
	fsm_canvas_fill(d->canvas, d->canvas->height - 1, (int)from, (int)to, glyph, pen);
}

/* Write text into the last line. */
static void put_len(struct drawing *d, size_t column, const char *text, size_t len,
		    enum fsm_pen pen)
{
	fsm_canvas_put_text(d->canvas, d->canvas->height - 1, (int)column, text, len, pen);
}

static void begin_line(struct drawing *d)
{
	fsm_canvas_add_line(d->canvas);
	fill(d, BAR_LEFT, BAR_LEFT + 1, FSM_GLYPH_BAR, FSM_PEN_DIM);
	fill(d, bar_right(d), bar_right(d) + 1, FSM_GLYPH_BAR, FSM_PEN_DIM);
}

static void put(struct drawing *d, size_t column, const char *text, enum fsm_pen pen)
{
	put_len(d, column, text, strlen(text), pen);
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

static void put_state(struct drawing *d, enum fsm_side side, unsigned int state, enum fsm_pen pen)
{
	const char *name = fsm_state_name(state);

	put(d, side == FSM_LEFT ? STATE_LEFT : d->width - STATE_RIGHT, name ? name : "-", pen);
}

static void put_cause(struct drawing *d, const struct tcpfsm_event *ev)
{
	const char *name = fsm_cause_name(ev->cause);

	put(d, d->width - CAUSE, name ? name : "-",
	    fsm_cause_is_bad(ev->cause) ? FSM_PEN_BAD : FSM_PEN_CAUSE);
}

/* ---- arrows ---- */

/* Draw an arrow between the bars, with a label on it that is cut if it does not fit. */
static void put_arrow(struct drawing *d, enum fsm_side from, unsigned int glyph, const char *label,
		      enum fsm_pen pen)
{
	size_t first = BAR_LEFT + 1, end = bar_right(d);
	size_t room = end - first - 4;
	size_t len = strlen(label) < room ? strlen(label) : room;
	size_t at = first + 2 + (room - len) / 2;

	fill(d, first, end, glyph, pen);
	if (from == FSM_LEFT)
		fill(d, end - 1, end, FSM_GLYPH_RIGHT, pen);
	else
		fill(d, first, first + 1, FSM_GLYPH_LEFT, pen);
	fill(d, at - 1, at + len + 1, ' ', FSM_PEN_PLAIN);
	put_len(d, at, label, len, pen);
}

/**
 * struct label - words on an arrow
 * @text: the words
 * @len: how long they are
 * @max: how long they may be
 */
struct label {
	char text[FSM_CANVAS_WIDTH_MAX];
	size_t len;
	size_t max;
};

/* Add a number with its name, if there is room for it. */
static void add_number(struct label *label, bool known, const char *name, uint32_t v)
{
	char part[40];
	int len = snprintf(part, sizeof(part), " %s %u", name, v);

	if (!known || label->len + (size_t)len > label->max)
		return;
	memcpy(label->text + label->len, part, (size_t)len + 1);
	label->len += (size_t)len;
}

static void put_segment(struct drawing *d, enum fsm_side from, const struct fsm_segment *seg)
{
	static const char *const names[] = {
		[FSM_SEGMENT_NONE] = "",	  [FSM_SEGMENT_SYN] = "SYN",
		[FSM_SEGMENT_SYNACK] = "SYN+ACK", [FSM_SEGMENT_ACK] = "ACK",
		[FSM_SEGMENT_FIN] = "FIN",	  [FSM_SEGMENT_FINACK] = "FIN+ACK",
		[FSM_SEGMENT_RST] = "RST",	  [FSM_SEGMENT_DATA] = "data after close",
	};
	const struct fsm_ladder_end *sender = &d->ends[from];
	const struct fsm_ladder_end *receiver = &d->ends[fsm_other_side(from)];
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

/* Draw a line for the payload that was sent since the last such line. */
static void draw_payload(struct drawing *d, enum fsm_side from, uint64_t sent)
{
	struct fsm_ladder_end *end = &d->ends[from];
	char label[96];
	int len;

	if (sent <= end->sent)
		return;
	len = snprintf(label, sizeof(label), "%llu byte%s", (unsigned long long)(sent - end->sent),
		       sent - end->sent > 1 ? "s" : "");
	if (end->is_iss)
		snprintf(label + len, sizeof(label) - (size_t)len, ", seq %llu:%llu",
			 (unsigned long long)end->sent + 1, (unsigned long long)sent + 1);
	end->sent = sent;
	begin_line(d);
	put_arrow(d, from, FSM_GLYPH_DOUBLE, label, FSM_PEN_DATA);
}

static void draw_retransmissions(struct drawing *d, enum fsm_side from, uint32_t retrans)
{
	struct fsm_ladder_end *end = &d->ends[from];
	char label[40];

	if (retrans <= end->retrans)
		return;
	snprintf(label, sizeof(label), "%u retransmitted", retrans - end->retrans);
	end->retrans = retrans;
	begin_line(d);
	put_arrow(d, from, FSM_GLYPH_LINE, label, FSM_PEN_BAD);
}

/* Draw what has gone on since the last transition, as the end with a new one counts it. */
static void draw_meanwhile(struct drawing *d, enum fsm_side side, const struct tcpfsm_event *ev)
{
	enum fsm_side from;

	if (!fsm_has_stats(ev) || !fsm_has_seq(ev))
		return;
	for (from = FSM_LEFT; from < FSM_NR_SIDES; from++)
		draw_payload(d, from, fsm_ladder_sent(&d->ends[from], ev, from == side));
	draw_retransmissions(d, side, ev->retrans);
}

/* Return whether a transition of the peer, still to be drawn, shows that it has arrived. */
static bool is_shown_by_peer(const struct fsm_ladder_end *peer, const struct fsm_segment *sent)
{
	size_t i;

	for (i = peer->next; i < peer->seen.nr; i++)
		if (fsm_segment_made(sent, &peer->seen.events[i]))
			return true;
	return false;
}

/* Mark that the event before this one was not seen: it was lost, or filtered. */
static void draw_gap(struct drawing *d, enum fsm_side side, size_t i)
{
	const struct tcpfsm_event *ev = &d->ends[side].seen.events[i];

	if (!i || ev[-1].new == ev->old)
		return;
	begin_line(d);
	put_state(d, side, ev->old, FSM_PEN_DIM);
	put(d, d->width - CAUSE, "(not seen)", FSM_PEN_BAD);
}

static void draw_event(struct drawing *d, enum fsm_side side, size_t i)
{
	const struct fsm_ladder_end *end = &d->ends[side];
	const struct tcpfsm_event *ev = &end->seen.events[i];
	struct fsm_segment got = fsm_segment_received(ev);
	struct fsm_segment sent = fsm_segment_sent(&end->seen, i);

	draw_meanwhile(d, side, ev);
	begin_line(d);
	put_time(d, ev->time_ns);
	if (ev->time_ns != d->first_ns)
		put_after(d, ev->time_ns);
	d->last_ns = ev->time_ns;
	put_state(d, side, ev->new, FSM_PEN_STATE);
	put_cause(d, ev);
	if (got.kind)
		put_segment(d, fsm_other_side(side), &got);

	if (!sent.kind || is_shown_by_peer(&d->ends[fsm_other_side(side)], &sent))
		return;
	if (got.kind)
		begin_line(d);
	put_segment(d, side, &sent);
}

/* Return the side with the earlier next event. */
static enum fsm_side earlier(const struct fsm_ladder_end *ends)
{
	const struct fsm_ladder_end *left = &ends[FSM_LEFT], *right = &ends[FSM_RIGHT];

	if (left->next == left->seen.nr)
		return FSM_RIGHT;
	if (right->next == right->seen.nr)
		return FSM_LEFT;
	return right->seen.events[right->next].time_ns < left->seen.events[left->next].time_ns;
}

static void draw_events(struct drawing *d)
{
	struct fsm_ladder_end *ends = d->ends;

	while (ends[FSM_LEFT].next < ends[FSM_LEFT].seen.nr ||
	       ends[FSM_RIGHT].next < ends[FSM_RIGHT].seen.nr) {
		enum fsm_side side = earlier(ends);
		size_t i = ends[side].next++;

		draw_gap(d, side, i);
		if (!fsm_is_finack(&ends[side].seen, i))
			draw_event(d, side, i);
	}
}

/* ---- headings ---- */

/* The last event knows the port, even if connect() had none yet at the first one. */
static char *put_endpoint(char *p, const struct tcpfsm_event *ev, bool local)
{
	if (local ? !fsm_has_local(ev) : !fsm_has_remote(ev))
		return fsm_puts(p, "-");
	return fsm_put_endpoint(p, ev, local ? ev->laddr : ev->raddr,
				local ? ev->lport : ev->rport);
}

/* Write the uid, and the last process that is known to have made its calls. */
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

static void draw_heading(struct drawing *d, enum fsm_side side)
{
	const struct fsm_ladder_end *end = &d->ends[side];
	const struct fsm_ladder_end *peer = &d->ends[fsm_other_side(side)];
	char text[FSM_CANVAS_WIDTH_MAX], *p = text;

	if (end->seen.nr) {
		p = fsm_puts(fsm_put_conn(p, &end->seen.events[0]), "   ");
		p = put_endpoint(p, &end->seen.events[end->seen.nr - 1], true);
		p = put_owner(p, &end->seen);
	} else {
		p = fsm_puts(p, "-   ");
		p = put_endpoint(p, &peer->seen.events[peer->seen.nr - 1], false);
	}
	if (end->has_base) {
		p = fsm_puts(p, end->is_iss ? "   seq 0 = " : "   seq 1 = ");
		p = fsm_put_u64(p, end->base + !end->is_iss);
	}
	fsm_canvas_add_line(d->canvas);
	put_len(d, 0, text, (size_t)(p - text), FSM_PEN_TITLE);
}

static bool has_ended(const struct fsm_ladder_end *end)
{
	return !end->seen.nr || end->seen.events[end->seen.nr - 1].new == TCPFSM_CLOSE;
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
	if (!has_ended(&d->ends[FSM_LEFT]) || !has_ended(&d->ends[FSM_RIGHT]))
		p = fsm_puts(p, ", has not ended here");
	fsm_canvas_add_line(d->canvas);
	put_len(d, 0, text, (size_t)(p - text), FSM_PEN_DIM);
}

static void name_of(const struct fsm_ladder_end *end, char *name)
{
	if (end->seen.nr)
		*fsm_put_conn(name, &end->seen.events[0]) = '\0';
	else
		strcpy(name, "remote");
}

static void draw_columns(struct drawing *d)
{
	char name[64];

	fsm_canvas_add_line(d->canvas);
	put_right(d, TIME_END, "TIME", FSM_PEN_DIM);
	put_right(d, AFTER_END, "AFTER", FSM_PEN_DIM);
	put(d, d->width - CAUSE, "CAUSE", FSM_PEN_DIM);
	name_of(&d->ends[FSM_LEFT], name);
	put_right(d, BAR_LEFT + 1, name, FSM_PEN_TITLE);
	name_of(&d->ends[FSM_RIGHT], name);
	put(d, bar_right(d), name, FSM_PEN_TITLE);
}

/* Draw the states in which the ends begin. */
static void draw_first_states(struct drawing *d)
{
	enum fsm_side side;

	begin_line(d);
	for (side = FSM_LEFT; side < FSM_NR_SIDES; side++)
		if (d->ends[side].seen.nr)
			put_state(d, side, d->ends[side].seen.events[0].old, FSM_PEN_DIM);
}

/* ---- all of it ---- */

/* Return the side of @own: the end that began is on the left. */
static enum fsm_side own_side(const struct fsm_end *own, const struct fsm_end *peer)
{
	return peer && peer->events[0].time_ns < own->events[0].time_ns ? FSM_RIGHT : FSM_LEFT;
}

/**
 * fsm_ladder_draw() - draw a connection as a ladder
 * @canvas: the drawing; fsm_canvas_free() afterwards
 * @width: columns, from FSM_LADDER_WIDTH_MIN to FSM_CANVAS_WIDTH_MAX
 * @own: one of its ends
 * @peer: the other one, or NULL if it is not known
 * @began: when it began, in at most 48 characters, or NULL for CLOCK_MONOTONIC
 *
 * The events need not be complete: only events that were seen are drawn.
 *
 * Return: 0, or -1 if there was no memory.
 */
int fsm_ladder_draw(struct fsm_canvas *canvas, unsigned int width, const struct fsm_end *own,
		    const struct fsm_end *peer, const char *began)
{
	enum fsm_side side = own_side(own, peer);
	struct drawing d = { .canvas = canvas };

	if (width < FSM_LADDER_WIDTH_MIN)
		width = FSM_LADDER_WIDTH_MIN;
	fsm_canvas_begin(canvas, (int)width);
	d.width = (size_t)canvas->width;
	d.ends[side].seen = *own;
	if (peer)
		d.ends[fsm_other_side(side)].seen = *peer;
	d.first_ns = d.ends[FSM_LEFT].seen.events[0].time_ns;
	d.last_ns = d.first_ns;

	fsm_ladder_number(d.ends);
	draw_heading(&d, FSM_LEFT);
	draw_heading(&d, FSM_RIGHT);
	draw_began(&d, began);
	draw_columns(&d);
	draw_first_states(&d);
	draw_events(&d);
	return canvas->no_memory ? -1 : 0;
}
