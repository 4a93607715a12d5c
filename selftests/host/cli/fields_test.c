// SPDX-License-Identifier: GPL-2.0
/*
 * fields_test.c - tests of in/event.c and out/fields.c
 */
#include <arpa/inet.h>
#include <string.h>

#include "out/fields.h"
#include "random.h"
#include "tap.h"

static void test_ipv4(void)
{
	struct tcpfsm_event ev = { .family = AF_INET };
	char got[FSM_ADDRESS_MAX], wanted[64];
	int i;

	for (i = 0; i < 10000; i++) {
		uint32_t addr = (uint32_t)random_number();

		memcpy(ev.laddr, &addr, 4);
		inet_ntop(AF_INET, ev.laddr, wanted, sizeof(wanted));
		check(same_text(got, fsm_put_address(got, &ev, ev.laddr), wanted));
	}
}

/* Make an address like real ones, with many zero words. */
static void random_ipv6(__u8 *addr)
{
	uint64_t zero = random_u64();
	int i;

	for (i = 0; i < 8; i++) {
		uint64_t word = zero >> i & 1 ? 0 : random_number();

		addr[2 * i] = (__u8)(word >> 8);
		addr[2 * i + 1] = (__u8)word;
	}
}

static void test_ipv6(void)
{
	struct tcpfsm_event ev = { .family = AF_INET6 };
	char got[FSM_ADDRESS_MAX + 1], wanted[64];
	struct in6_addr back;
	int compared = 0;
	char *end;
	int i;

	for (i = 0; i < 100000; i++) {
		random_ipv6(ev.raddr);
		end = fsm_put_address(got, &ev, ev.raddr);
		check(end - got < FSM_ADDRESS_MAX);
		*end = '\0';
		check(inet_pton(AF_INET6, got, &back) == 1);
		check(!memcmp(&back, ev.raddr, 16));

		/* The C library has its own view of what ends in an IPv4 address. */
		inet_ntop(AF_INET6, ev.raddr, wanted, sizeof(wanted));
		if (strchr(got, '.') || strchr(wanted, '.'))
			continue;
		check(same_text(got, end, wanted));
		compared++;
	}
	check(compared > 50000);
}

static void test_listener(void)
{
	struct tcpfsm_event ev = { .family = AF_INET6, .lport = 80 };

	check(fsm_has_local(&ev) && !fsm_has_remote(&ev));
	ev.raddr[15] = 1;
	check(fsm_has_remote(&ev));
	/* The bytes behind an IPv4 address do not count. */
	ev.family = AF_INET;
	check(!fsm_has_remote(&ev));
	ev.rport = 1;
	check(fsm_has_remote(&ev));
	ev.family = 0;
	check(!fsm_has_local(&ev) && !fsm_has_remote(&ev));
}

int main(void)
{
	tap_test(test_ipv4, "IPv4 addresses are written as inet_ntop writes them");
	tap_test(test_ipv6, "IPv6 addresses are written in RFC 5952's form");
	tap_test(test_listener, "a wildcard with a port is an address, without one it is none");
	return tap_failed_tests ? 1 : 0;
}
