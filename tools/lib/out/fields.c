// SPDX-License-Identifier: GPL-2.0
/*
 * fields.c - how addresses and names are written, whatever the printer
 */
#include "out/fields.h"

#include <string.h>

#include "base/digits.h"

static char *put_ipv4(char *p, const __u8 *addr)
{
	p = fsm_put_byte(p, addr[0]);
	*p++ = '.';
	p = fsm_put_byte(p, addr[1]);
	*p++ = '.';
	p = fsm_put_byte(p, addr[2]);
	*p++ = '.';
	return fsm_put_byte(p, addr[3]);
}

static unsigned int word_at(const __u8 *addr, int i)
{
	return (unsigned int)addr[2 * i] << 8 | addr[2 * i + 1];
}

/*
 * Return whether the last four bytes are written as an IPv4 address. The kernel's %pI6c, which
 * prints /proc/tcpfsm, does so for IPv4-mapped (RFC 4291) and ISATAP (RFC 5214) addresses.
 */
static bool ends_in_ipv4(const __u8 *addr)
{
	static const __u8 mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (!memcmp(addr, mapped, sizeof(mapped)))
		return true;
	return (word_at(addr, 4) | 0x0200) == 0x0200 && word_at(addr, 5) == 0x5efe;
}

/* Find the first of the longest runs of zero words, if it has two words or more. */
static int longest_zeros(const __u8 *addr, int words, int *len)
{
	int start = -1;
	int run = 0;
	int i;

	*len = 1;
	for (i = 0; i < words; i++) {
		run = word_at(addr, i) ? 0 : run + 1;
		if (run > *len) {
			*len = run;
			start = i + 1 - run;
		}
	}
	return start;
}

/* Write an address in the form of RFC 5952. */
static char *put_ipv6(char *p, const __u8 *addr)
{
	bool ipv4 = ends_in_ipv4(addr);
	int words = ipv4 ? 6 : 8;
	int zeros;
	int zeros_at = longest_zeros(addr, words, &zeros);
	int i = 0;

	while (i < words) {
		if (i == zeros_at) {
			*p++ = ':';
			i += zeros;
			if (i == words)
				*p++ = ':';
			continue;
		}
		if (i)
			*p++ = ':';
		p = fsm_put_hex(p, word_at(addr, i));
		i++;
	}
	if (ipv4) {
		if (p[-1] != ':')
			*p++ = ':';
		p = put_ipv4(p, addr + 12);
	}
	return p;
}

/**
 * fsm_put_address() - write an address without brackets or port
 * @p: room for FSM_ADDRESS_MAX bytes
 * @ev: event with a family
 * @addr: its laddr or raddr
 */
char *fsm_put_address(char *p, const struct tcpfsm_event *ev, const __u8 *addr)
{
	return ev->family == AF_INET ? put_ipv4(p, addr) : put_ipv6(p, addr);
}

/**
 * fsm_put_endpoint() - write address and port, an address of IPv6 in brackets
 * @p: room for FSM_ENDPOINT_MAX bytes
 * @ev: event with a family
 * @addr: its laddr or raddr
 * @port: its lport or rport
 */
char *fsm_put_endpoint(char *p, const struct tcpfsm_event *ev, const __u8 *addr, __u16 port)
{
	if (ev->family == AF_INET6)
		*p++ = '[';
	p = fsm_put_address(p, ev, addr);
	if (ev->family == AF_INET6)
		*p++ = ']';
	*p++ = ':';
	return fsm_put_u64(p, port);
}

/**
 * fsm_put_conn() - write the name of a connection: 1a, or 1a/2 for a generation beyond the first
 * @p: room for FSM_CONN_MAX bytes
 * @ev: one of its events
 */
char *fsm_put_conn(char *p, const struct tcpfsm_event *ev)
{
	p = fsm_put_hex(p, ev->id);
	if (ev->gen > 1) {
		*p++ = '/';
		p = fsm_put_u64(p, ev->gen);
	}
	return p;
}

/**
 * fsm_put_comm() - write the name of a task so that it cannot harm a table or a terminal
 * @p: room for FSM_COMM_MAX bytes
 * @ev: event with a comm
 * @is_column: for a table, where a blank would end the column and "-" means unknown
 *
 * Tasks choose their names, and may put blanks, line ends and control sequences of the
 * terminal into them. A byte that is not a printable character of ASCII is written as \xNN,
 * and so is the backslash.
 */
char *fsm_put_comm(char *p, const struct tcpfsm_event *ev, bool is_column)
{
	size_t len = strnlen(ev->comm, sizeof(ev->comm));
	bool is_dash = is_column && len == 1 && ev->comm[0] == '-';
	char lowest = is_column ? '!' : ' ';
	size_t i;

	for (i = 0; i < len; i++) {
		char c = ev->comm[i];

		if (c >= lowest && c <= '~' && c != '\\' && !is_dash) {
			*p++ = c;
			continue;
		}
		*p++ = '\\';
		*p++ = 'x';
		*p++ = "0123456789abcdef"[(unsigned char)c >> 4];
		*p++ = "0123456789abcdef"[c & 15];
	}
	return p;
}
