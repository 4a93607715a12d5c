// SPDX-License-Identifier: GPL-2.0
/*
 * csv.c - events as comma-separated values (RFC 4180, with plain line ends)
 *
 * The columns are the keys of the JSON output. An unknown value is an empty field. One more
 * column is for lost events, so that every row has the same number of fields, and no reader
 * stumbles over a line that is not a row.
 */
#include "out/csv.h"

#include "base/digits.h"
#include "out/fields.h"

#define FSM_X(name) #name ","
static const char header[] = FSM_KEYS(FSM_X) "lost\n";
#undef FSM_X

/* The longest row is far shorter: all fields at their longest have less than 800 bytes. */
#define ROW_MAX_LEN 1024

static int csv_begin(struct fsm_output *out, const struct fsm_style *style)
{
	(void)style;
	fsm_output_append(out, header, sizeof(header) - 1);
	return 0;
}

static char *put_number(char *p, bool known, uint64_t v)
{
	if (known)
		p = fsm_put_u64(p, v);
	*p++ = ',';
	return p;
}

static char *put_name(char *p, const char *name)
{
	if (name)
		p = fsm_puts(p, name);
	*p++ = ',';
	return p;
}

static char *put_endpoint(char *p, const struct tcpfsm_event *ev, const __u8 *addr, __u16 port)
{
	if (fsm_has_address(ev, addr, port))
		p = fsm_put_address(p, ev, addr);
	*p++ = ',';
	return put_number(p, port != 0, port);
}

/* Write the name of a task, the only field that can hold a comma or a quote. */
static char *put_comm(char *p, const struct tcpfsm_event *ev)
{
	char comm[FSM_COMM_MAX];
	size_t len, i;

	if (fsm_has_comm(ev)) {
		len = (size_t)(fsm_put_comm(comm, ev, false) - comm);
		if (!memchr(comm, ',', len) && !memchr(comm, '"', len)) {
			p = fsm_put(p, comm, len);
		} else {
			*p++ = '"';
			for (i = 0; i < len; i++) {
				if (comm[i] == '"')
					*p++ = '"';
				*p++ = comm[i];
			}
			*p++ = '"';
		}
	}
	*p++ = ',';
	return p;
}

static char *put_flags(char *p, const struct tcpfsm_event *ev)
{
	const char *start = p;
	unsigned int bit;

	for (bit = 0; bit < FSM_FLAGS; bit++) {
		if (!(ev->flags & 1u << bit))
			continue;
		if (p != start)
			*p++ = '|';
		p = fsm_puts(p, fsm_flag_name(bit));
	}
	*p++ = ',';
	return p;
}

static void csv_event(struct fsm_output *out, const struct tcpfsm_event *ev)
{
	bool stats = fsm_has_stats(ev);
	bool seq = fsm_has_seq(ev);
	char *p = fsm_output_reserve(out, ROW_MAX_LEN);

	p = fsm_put_seconds(p, ev->time_ns, 0);
	*p++ = ',';
	if (ev->id)
		p = fsm_put_hex(p, ev->id);
	*p++ = ',';
	p = put_number(p, ev->gen != 0, ev->gen);
	p = put_number(p, ev->netns != 0, ev->netns);
	p = put_name(p, fsm_family_name(ev));
	p = put_endpoint(p, ev, ev->laddr, ev->lport);
	p = put_endpoint(p, ev, ev->raddr, ev->rport);
	p = put_name(p, fsm_state_name(ev->old));
	p = put_name(p, fsm_state_name(ev->new));
	p = put_name(p, fsm_cause_name(ev->cause));
	p = put_number(p, fsm_has_dwell(ev), ev->dwell_ns / 1000);
	p = put_number(p, true, ev->cpu);
	p = put_name(p, fsm_ctx_name(ev));
	p = put_number(p, ev->pid != 0, ev->pid);
	p = put_comm(p, ev);
	p = put_number(p, fsm_has_uid(ev), ev->uid);
	p = put_number(p, ev->cgroup != 0, ev->cgroup);
	p = fsm_put_s64(p, ev->err);
	*p++ = ',';
	p = put_flags(p, ev);
	p = put_number(p, seq, ev->snd_una);
	p = put_number(p, seq, ev->snd_nxt);
	p = put_number(p, seq, ev->rcv_nxt);
	p = put_number(p, seq, ev->snd_wnd);
	p = put_number(p, seq, ev->rcv_wnd);
	p = put_number(p, stats, ev->srtt_us);
	p = put_number(p, stats, ev->retrans);
	p = put_number(p, stats, ev->bytes_sent);
	p = put_number(p, stats, ev->bytes_received);
	*p++ = '\n';
	fsm_output_commit(out, p);
}

static void csv_lost(struct fsm_output *out, const struct tcpfsm_event *ev)
{
	char *p = fsm_output_reserve(out, ROW_MAX_LEN);
	int i;

	p = fsm_put_seconds(p, ev->time_ns, 0);
	for (i = 0; i < FSM_NR_KEYS; i++)
		*p++ = ',';
	p = fsm_has_lost(ev) ? fsm_put_u64(p, ev->lost) : fsm_puts(p, "?");
	*p++ = '\n';
	fsm_output_commit(out, p);
}

static void csv_end(void)
{
}

const struct fsm_printer fsm_csv_printer = {
	.begin = csv_begin,
	.event = csv_event,
	.lost = csv_lost,
	.end = csv_end,
};
