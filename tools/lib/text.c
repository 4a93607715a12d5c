// SPDX-License-Identifier: GPL-2.0
/*
 * text.c - events as the lines that /proc/tcpfsm has
 */
#include "digits.h"
#include "fields.h"
#include "print.h"

#define HEADER                                                                          \
	"#          TIME   ID OLD         NEW         CAUSE             DWELL_US LOCAL" \
	"                 REMOTE                  UID   PID COMM\n"

/* Far more than the longest line: all fields at their longest have less than 400 bytes. */
#define LINE_MAX_LEN 512

/* Widths of the columns, as in module/text.c; a longer field moves the rest of its line. */
enum {
	W_SECONDS = 5,
	W_ID = 4,
	W_STATE = 11,
	W_CAUSE = 15,
	W_DWELL = 10,
	W_ENDPOINT = 21,
	W_UID = 5,
	W_PID = 5,
};

static int text_begin(struct fsm_out *out)
{
	fsm_out_append(out, HEADER, sizeof(HEADER) - 1);
	return 0;
}

static char *put_id(char *p, const struct tcpfsm_event *ev)
{
	char id[16 + 1 + FSM_DIGITS_MAX];
	char *end = fsm_put_hex(id, ev->id);

	if (ev->id == 0)
		return fsm_put_right(p, "-", 1, W_ID);
	if (ev->gen > 1) {
		*end++ = '/';
		end = fsm_put_u64(end, ev->gen);
	}
	return fsm_put_right(p, id, (size_t)(end - id), W_ID);
}

static char *put_endpoint(char *p, const struct tcpfsm_event *ev, const __u8 *addr, __u16 port)
{
	char *start = p;

	/* A listener's peer is no address and no port, and is shown as that. */
	if (!fsm_has_family(ev)) {
		*p++ = '-';
		return fsm_pad(p, start, W_ENDPOINT);
	}
	if (ev->family == AF_INET6)
		*p++ = '[';
	p = fsm_put_address(p, ev, addr);
	if (ev->family == AF_INET6)
		*p++ = ']';
	*p++ = ':';
	p = fsm_put_u64(p, port);
	return fsm_pad(p, start, W_ENDPOINT);
}

static char *put_left(char *p, const char *s, size_t width)
{
	return fsm_pad(fsm_puts(p, s), p, width);
}

static char *put_number(char *p, bool known, uint64_t v, size_t width)
{
	return known ? fsm_put_u64_right(p, v, width) : fsm_put_right(p, "-", 1, width);
}

static void text_event(struct fsm_out *out, const struct tcpfsm_event *ev)
{
	char *p = fsm_out_reserve(out, LINE_MAX_LEN);

	p = fsm_put_seconds(p, ev->time_ns, W_SECONDS);
	*p++ = ' ';
	p = put_id(p, ev);
	*p++ = ' ';
	p = put_left(p, tcpfsm_state_name(ev->old), W_STATE);
	*p++ = ' ';
	p = put_left(p, tcpfsm_state_name(ev->new), W_STATE);
	*p++ = ' ';
	p = put_left(p, tcpfsm_cause_name(ev->cause), W_CAUSE);
	*p++ = ' ';
	p = put_number(p, fsm_has_dwell(ev), ev->dwell_ns / 1000, W_DWELL);
	*p++ = ' ';
	p = put_endpoint(p, ev, ev->laddr, ev->lport);
	*p++ = ' ';
	p = put_endpoint(p, ev, ev->raddr, ev->rport);
	*p++ = ' ';
	p = put_number(p, fsm_has_uid(ev), ev->uid, W_UID);
	*p++ = ' ';
	p = put_number(p, ev->pid != 0, ev->pid, W_PID);
	*p++ = ' ';
	if (fsm_has_comm(ev))
		p = fsm_put_comm(p, ev, true);
	else
		*p++ = '-';
	*p++ = '\n';
	fsm_out_commit(out, p);
}

static void text_lost(struct fsm_out *out, const struct tcpfsm_event *ev)
{
	char *p = fsm_out_reserve(out, LINE_MAX_LEN);

	p = fsm_puts(p, "# ");
	if (fsm_has_lost(ev)) {
		p = fsm_put_u64(p, ev->lost);
		*p++ = ' ';
	}
	p = fsm_puts(p, "events lost\n");
	fsm_out_commit(out, p);
}

static void text_end(void)
{
}

const struct fsm_printer fsm_text_printer = {
	.begin = text_begin,
	.event = text_event,
	.lost = text_lost,
	.end = text_end,
};
