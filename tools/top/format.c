// SPDX-License-Identifier: GPL-2.0
/*
 * format.c - numbers, times and names, short enough for a column
 */
#include "format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/digits.h"
#include "names.h"
#include "out/fields.h"

const uint8_t format_state_order[TCPFSM_NR_STATES - 1] = {
	TCPFSM_LISTEN,	   TCPFSM_SYN_SENT,  TCPFSM_SYN_RECV, TCPFSM_ESTABLISHED,
	TCPFSM_FIN_WAIT1,  TCPFSM_FIN_WAIT2, TCPFSM_CLOSING,  TCPFSM_TIME_WAIT,
	TCPFSM_CLOSE_WAIT, TCPFSM_LAST_ACK,  TCPFSM_CLOSE,
};

/* Write a number in at most five characters. */
void format_count(char *text, uint64_t n)
{
	static const char units[] = "kMGTPE";
	const char *unit = units;
	double v = (double)n;

	if (n < 100000) {
		snprintf(text, FORMAT_MAX, "%" PRIu64, n);
		return;
	}
	for (v /= 1000; v >= 999.5 && unit[1]; v /= 1000)
		unit++;
	snprintf(text, FORMAT_MAX, v < 9.95 ? "%.1f%c" : "%.0f%c", v, *unit);
}

void format_rate(char *text, double per_second)
{
	if (per_second > 0 && per_second < 9.95)
		snprintf(text, FORMAT_MAX, "%.1f", per_second);
	else
		format_count(text, (uint64_t)(per_second + 0.5));
}

/* Write two units. Narrow types let any compiler see that the text fits. */
static void format_units(char *text, uint32_t more, char unit, uint8_t less, char lesser_unit)
{
	snprintf(text, FORMAT_MAX, "%" PRIu32 "%c%02u%c", more, unit, less, lesser_unit);
}

/* Write a time in at most six characters. */
void format_time(char *text, uint64_t us)
{
	uint64_t s = us / 1000000;

	if (us < 1000)
		snprintf(text, FORMAT_MAX, "%" PRIu64 "us", us);
	else if (us < 10000)
		snprintf(text, FORMAT_MAX, "%.1fms", (double)us / 1e3);
	else if (us < 1000000)
		snprintf(text, FORMAT_MAX, "%" PRIu64 "ms", us / 1000);
	else if (s < 60)
		snprintf(text, FORMAT_MAX, "%.1fs", (double)(us / 100000) / 10);
	else if (s < 3600)
		format_units(text, s / 60, 'm', s % 60, 's');
	else if (s < 86400)
		format_units(text, s / 3600, 'h', s / 60 % 60, 'm');
	else
		format_units(text, s / 86400, 'd', s / 3600 % 24, 'h');
}

/* Write how long it has been in its state, with ">" if it was in it before we looked. */
void format_since(char *text, const struct top *top, uint32_t slot)
{
	uint64_t since = top->model.since[slot];
	bool at_least = top->model.conns[slot].flags & FSM_CONN_AT_LEAST;

	text[0] = '>';
	format_time(text + at_least, top->now_ns > since ? (top->now_ns - since) / 1000 : 0);
}

void format_address(char *text, unsigned int family, const uint8_t *addr)
{
	struct tcpfsm_event ev = { .family = (uint8_t)family };

	if (fsm_has_family(&ev))
		*fsm_put_address(text, &ev, addr) = '\0';
	else
		strcpy(text, "-");
}

/* Write address and port into @text, of FORMAT_ENDPOINT bytes. */
void format_endpoint(char *text, const struct fsm_conn *conn, bool local)
{
	uint16_t port = local ? conn->lport : conn->rport;
	char addr[FSM_ADDRESS_MAX + 1];

	format_address(addr, conn->family, local ? conn->laddr : conn->raddr);
	snprintf(text, FORMAT_ENDPOINT, strchr(addr, ':') ? "[%s]:%u" : "%s:%u", addr, port);
}

void format_owner(char *text, size_t size, const struct fsm_conn *conn)
{
	struct tcpfsm_event ev = { .pid = conn->pid };
	char comm[FSM_COMM_MAX + 1];

	memcpy(ev.comm, conn->comm, sizeof(ev.comm));
	if (fsm_has_comm(&ev)) {
		*fsm_put_comm(comm, &ev, true) = '\0';
		snprintf(text, size, "%s/%u", comm, conn->pid);
	} else {
		snprintf(text, size, "%s", names_user(conn->uid));
	}
}

enum fsm_pen format_state_pen(unsigned int state)
{
	switch (state) {
	case TCPFSM_SYN_SENT:
	case TCPFSM_SYN_RECV:
		return FSM_PEN_OPEN;
	case TCPFSM_ESTABLISHED:
	case TCPFSM_LISTEN:
		return FSM_PEN_UP;
	case TCPFSM_CLOSE_WAIT:
	case TCPFSM_LAST_ACK:
		return FSM_PEN_PEER;
	case TCPFSM_CLOSE:
		return FSM_PEN_DIM;
	default:
		return FSM_PEN_DOWN;
	}
}
