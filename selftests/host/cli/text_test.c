// SPDX-License-Identifier: GPL-2.0
/*
 * text_test.c - tests of out/text.c
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "out/text.h"
#include "random.h"
#include "tap.h"

/* Write an endpoint in another way, its address by the C library. */
static void endpoint_text(char *text, size_t size, const struct tcpfsm_event *ev, const __u8 *addr,
			  __u16 port)
{
	char number[64];

	inet_ntop(ev->family, addr, number, sizeof(number));
	snprintf(text, size, ev->family == AF_INET ? "%s:%u" : "[%s]:%u", number, port);
}

/* Make one of few endpoints, with different bytes anywhere, to confuse those that are kept. */
static void random_endpoint(__u8 *addr, __u16 *port)
{
	memset(addr, 0, 16);
	addr[random_u64() % 4] = (__u8)(1 + random_u64() % 3);
	addr[8 + random_u64() % 8] = (__u8)(random_u64() % 3);
	*port = (__u16)(1 + random_u64() % 3 * 1024);
}

static void check_endpoints(struct fsm_output *out, struct tcpfsm_event *ev)
{
	char local[80], remote[80], wanted[200];

	ev->family = random_u64() % 2 ? AF_INET : AF_INET6;
	random_endpoint(ev->laddr, &ev->lport);
	random_endpoint(ev->raddr, &ev->rport);
	endpoint_text(local, sizeof(local), ev, ev->laddr, ev->lport);
	endpoint_text(remote, sizeof(remote), ev, ev->raddr, ev->rport);
	snprintf(wanted, sizeof(wanted), " %-21s %-21s ", local, remote);
	out->len = 0;
	fsm_text_printer.event(out, ev);
	if (!check(memmem(out->buf, out->len, wanted, strlen(wanted))))
		tap_note("wanted \"%s\" in: %.*s", wanted, (int)out->len, out->buf);
}

static void test_endpoints(void)
{
	static const struct fsm_style style;
	struct tcpfsm_event ev = { .id = 1, .old = TCPFSM_CLOSE, .new = TCPFSM_LISTEN };
	struct fsm_output out;
	int i;

	if (!check(fsm_output_init(&out, -1, 4096) == 0))
		return;
	fsm_text_printer.begin(&out, &style);
	for (i = 0; i < 100000; i++)
		check_endpoints(&out, &ev);
	fsm_output_free(&out);
}

int main(void)
{
	tap_test(test_endpoints, "text: each endpoint is its own, whatever was written before");
	return tap_failed_tests ? 1 : 0;
}
