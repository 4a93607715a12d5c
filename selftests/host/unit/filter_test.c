// SPDX-License-Identifier: GPL-2.0
/*
 * filter_test.c - what filter expressions mean, construct by construct
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "core/filter.h"
#include "tap.h"

/* curl asks a web server over IPv4. */
static const struct tcpfsm_event asks = {
	.family = AF_INET,
	.laddr = { 10, 1, 2, 3 },
	.raddr = { 192, 0, 2, 80 },
	.lport = 43210,
	.rport = 443,
	.uid = 1000,
	.netns = 4026531840,
	.old = TCPFSM_SYN_SENT,
	.new = TCPFSM_ESTABLISHED,
	.cause = TCPFSM_C_RCV_SYNACK,
};

/* A server in a container ends a connection over IPv6. */
static const struct tcpfsm_event ends = {
	.family = AF_INET6,
	.laddr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
	.raddr = { 0x20, 0x01, 0x0d, 0xb8, [7] = 1, [15] = 2 },
	.lport = 8080,
	.rport = 55555,
	.uid = 0,
	.netns = 4026532000,
	.old = TCPFSM_FIN_WAIT2,
	.new = TCPFSM_TIME_WAIT,
	.cause = TCPFSM_C_RCV_FIN,
};

static struct tcpfsm_filter filter;
static struct tcpfsm_filter_error error;

static bool parses(const char *text)
{
	/* What was there before must not matter. */
	memset(&filter, 0xa5, sizeof(filter));
	memset(&error, 0, sizeof(error));
	return tcpfsm_filter_parse(&filter, text, &error) == 0;
}

struct meaning {
	const char *text;
	bool asks;
	bool ends;
};

/* clang-format off */
static const struct meaning nothing[] = {
	{ "", true, true },
	{ " ", true, true },
	{ "\n", true, true },
	{ "\n\t  \t\n\n ", true, true },
};

static const struct meaning ports[] = {
	{ "port=443", true, false },
	{ "port=43210", true, false },
	{ "port=8080", false, true },
	{ "port=55555", false, true },
	{ "port=80", false, false },
	{ "lport=43210", true, false },
	{ "lport=443", false, false },
	{ "rport=443", true, false },
	{ "rport=43210", false, false },
	{ "lport=8080", false, true },
	{ "rport=55555", false, true },
	{ "port=0", false, false },
	{ "port=65535", false, false },
	{ "port=0443", true, false },
};

static const struct meaning ranges[] = {
	{ "port=0-65535", true, true },
	{ "port=443-443", true, false },
	{ "port=444-8079", false, false },
	{ "port=443-444", true, false },
	{ "port=442-443", true, false },
	{ "port=444-445", false, false },
	{ "port=441-442", false, false },
	{ "rport=444-55555", false, true },
	{ "lport=8080-43210", true, true },
	{ "lport=8081-43209", false, false },
	{ "uid=0-999", false, true },
	{ "uid=1-4294967295", true, false },
	{ "netns=4026531840-4026532000", true, true },
	{ "netns=4026531841-4026531999", false, false },
};

static const struct meaning numbers[] = {
	{ "uid=1000", true, false },
	{ "uid=0", false, true },
	{ "uid=4294967295", false, false },
	{ "netns=4026531840", true, false },
	{ "netns=4026532000", false, true },
	{ "netns=0", false, false },
};

static const struct meaning addresses[] = {
	{ "addr=10.1.2.3", true, false },
	{ "addr=192.0.2.80", true, false },
	{ "addr=10.1.2.4", false, false },
	{ "laddr=10.1.2.3", true, false },
	{ "laddr=192.0.2.80", false, false },
	{ "raddr=192.0.2.80", true, false },
	{ "raddr=10.1.2.3", false, false },
	{ "addr=10.0.0.0/8", true, false },
	{ "addr=10.200.30.4/8", true, false },
	{ "laddr=10.1.2.0/30", true, false },
	{ "laddr=10.1.2.0/31", false, false },
	{ "raddr=192.0.2.80/32", true, false },
	{ "addr=0.0.0.0/0", true, false },
	{ "addr=2001:db8::1", false, true },
	{ "addr=2001:DB8::1", false, true },
	{ "addr=2001:0db8:0000:0000:0000:0000:0000:0001", false, true },
	{ "addr=2001:db8::0.0.0.1", false, true },
	{ "addr=2001:db8::2", false, false },
	{ "laddr=2001:db8::1", false, true },
	{ "raddr=2001:db8::1", false, false },
	{ "raddr=2001:db8:0:1::2", false, true },
	{ "raddr=2001:db8:0:1::/64", false, true },
	{ "laddr=2001:db8:0:1::/64", false, false },
	{ "addr=2001:db8::/32", false, true },
	{ "addr=2001:db8::1/128", false, true },
	{ "addr=::/0", false, true },
	{ "addr=::", false, false },
};

static const struct meaning mapped[] = {
	{ "addr=::ffff:10.1.2.3", true, false },
	{ "addr=::ffff:a01:203", true, false },
	{ "addr=::FFFF:10.1.2.3/128", true, false },
	{ "addr=::ffff:10.1.2.4", false, false },
	{ "addr=::ffff:10.0.0.0/104", true, false },
	{ "addr=::ffff:10.1.2.0/127", false, false },
	{ "addr=::ffff:0:0/96", true, false },
	/* A shorter prefix is one of IPv6 addresses, and no event shows a mapped one as such. */
	{ "addr=::ffff:0:0/95", false, false },
	{ "addr=::ffff:10.1.2.3/64", false, false },
	{ "addr=::ffff:10.1.2.3/0", false, true },
	/* Neither mapped nor anybody's. */
	{ "addr=::10.1.2.3", false, false },
	{ "addr=::fffe:10.1.2.3", false, false },
	{ "addr=::ffff:0:10.1.2.3", false, false },
};

static const struct meaning families[] = {
	{ "family=inet", true, false },
	{ "family=inet6", false, true },
	{ "family=inet,inet6", true, true },
	{ "!family=inet", false, true },
	{ "!family=inet,inet6", false, false },
};

static const struct meaning lists[] = {
	{ "port=1,443", true, false },
	{ "port=443,1", true, false },
	{ "port=1,2", false, false },
	{ "port=443,8080", true, true },
	{ "port=1-10,400-500,8080", true, true },
	{ "addr=10.1.2.3,2001:db8::1", true, true },
	{ "addr=172.16.0.0/12,10.0.0.0/8,fe80::/10", true, false },
	{ "uid=33,1000-1999", true, false },
	{ "state=CLOSE,TIME_WAIT", false, true },
	{ "state=SYN_SENT,FIN_WAIT2", true, true },
	{ "state=CLOSE,LISTEN", false, false },
	{ "cause=2msl,rcv_fin", false, true },
	{ "cause=rcv_synack,rcv_fin,unknown", true, true },
	{ "port=443,443,443", true, false },
};

static const struct meaning negation[] = {
	{ "!port=443", false, true },
	{ "!port=1", true, true },
	{ "!port=443,8080", false, false },
	{ "!lport=443", true, true },
	{ "!addr=10.0.0.0/8", false, true },
	{ "!laddr=::/0", true, false },
	{ "!uid=0", true, false },
	{ "!netns=4026531840", false, true },
	{ "!state=TIME_WAIT", true, false },
	{ "!cause=rcv_fin,2msl", true, false },
};

static const struct meaning conjunction[] = {
	{ "port=443 uid=1000", true, false },
	{ "port=443 uid=0", false, false },
	{ "uid=0 port=443", false, false },
	{ "  uid=0\tlport=8080\n\t", false, true },
	{ "\n\n!family=inet\n!state=CLOSE\n", false, true },
	{ "port=443 !cause=2msl", true, false },
	/* Each of a repeated key's terms has to be true. */
	{ "port=443 port=43210", true, false },
	{ "port=443 port=80", false, false },
	{ "state=SYN_SENT state=ESTABLISHED", true, false },
	{ "port=443 !port=443", false, false },
	{ "port=443 lport=43210 rport=443 family=inet", true, false },
	{ "addr=10.1.2.3 laddr=10.0.0.0/8 raddr=192.0.2.80", true, false },
	{ "netns=4026531840 uid=1000 state=ESTABLISHED cause=rcv_synack", true, false },
};

/* clang-format on */

static void check_meanings(const struct meaning *meanings, unsigned int count)
{
	const struct meaning *m;

	for (m = meanings; m < meanings + count; m++) {
		if (!CHECK(parses(m->text))) {
			printf("# '%s': %zu: %s\n", m->text, error.at, error.what);
			continue;
		}
		if (!CHECK(tcpfsm_filter_match(&filter, &asks) == m->asks) ||
		    !CHECK(tcpfsm_filter_match(&filter, &ends) == m->ends))
			printf("# '%s'\n", m->text);
	}
}

static void test_nothing(void)
{
	check_meanings(nothing, ARRAY_SIZE(nothing));
	CHECK(filter.nr_terms == 0);
}

static void test_ports(void)
{
	check_meanings(ports, ARRAY_SIZE(ports));
}

static void test_ranges(void)
{
	check_meanings(ranges, ARRAY_SIZE(ranges));
}

static void test_numbers(void)
{
	check_meanings(numbers, ARRAY_SIZE(numbers));
}

static void test_addresses(void)
{
	check_meanings(addresses, ARRAY_SIZE(addresses));
}

static void test_mapped(void)
{
	check_meanings(mapped, ARRAY_SIZE(mapped));
}

static void test_families(void)
{
	check_meanings(families, ARRAY_SIZE(families));
}

static void test_states(void)
{
	struct tcpfsm_event event = asks;
	unsigned int named, state, other;
	char text[32];

	for (named = 1; named < TCPFSM_NR_STATES; named++) {
		snprintf(text, sizeof(text), "state=%s", tcpfsm_state_name(named));
		CHECK(parses(text));
		for (state = 1; state < TCPFSM_NR_STATES; state++) {
			other = state % (TCPFSM_NR_STATES - 1) + 1;
			event.old = state;
			event.new = other;
			CHECK(tcpfsm_filter_match(&filter, &event) ==
			      (named == state || named == other));
		}
	}
}

static void test_causes(void)
{
	struct tcpfsm_event event = asks;
	unsigned int named;
	char text[32];

	for (named = 1; named < TCPFSM_NR_CAUSES; named++) {
		snprintf(text, sizeof(text), "cause=%s", tcpfsm_cause_name(named));
		CHECK(parses(text));
		for (event.cause = 0; event.cause < TCPFSM_NR_CAUSES; event.cause++)
			CHECK(tcpfsm_filter_match(&filter, &event) == (named == event.cause));
	}
}

static void test_lists(void)
{
	check_meanings(lists, ARRAY_SIZE(lists));
}

static void test_negation(void)
{
	check_meanings(negation, ARRAY_SIZE(negation));
}

static void test_conjunction(void)
{
	check_meanings(conjunction, ARRAY_SIZE(conjunction));
}

/* "KEY=" and all names of a kind. */
static const char *all_names(const char *key, const char *name(unsigned int), unsigned int end)
{
	static char text[TCPFSM_FILTER_LEN + 1];
	size_t len = snprintf(text, sizeof(text), "%s=%s", key, name(1));
	unsigned int i;

	for (i = 2; i < end; i++)
		len += snprintf(text + len, sizeof(text) - len, ",%s", name(i));
	return text;
}

/* An event of a newer module, or any bytes of a file, may hold what nobody knows. */
static void test_unknown_states(void)
{
	struct tcpfsm_event event = ends;
	unsigned int n;

	CHECK(parses(all_names("state", tcpfsm_state_name, TCPFSM_NR_STATES)));
	for (n = TCPFSM_NR_STATES; n < 256; n++) {
		event.old = n;
		event.new = n;
		CHECK(!tcpfsm_filter_match(&filter, &event));
		event.new = TCPFSM_CLOSE;
		CHECK(tcpfsm_filter_match(&filter, &event));
	}
}

static void test_unknown_causes(void)
{
	struct tcpfsm_event event = ends;
	unsigned int n;

	CHECK(parses(all_names("cause", tcpfsm_cause_name, TCPFSM_NR_CAUSES)));
	for (n = TCPFSM_NR_CAUSES; n < 256; n++) {
		event.cause = n;
		CHECK(!tcpfsm_filter_match(&filter, &event));
	}
}

static void test_again(void)
{
	static const char text[] = "port=80,443 !addr=10.0.0.0/8,::1 state=CLOSE !uid=5-6";
	struct tcpfsm_filter first;

	CHECK(parses(text));
	first = filter;
	CHECK(!parses("port=80 uid="));
	CHECK(parses(text));
	CHECK(memcmp(&first, &filter, sizeof(first)) == 0);
}

static const struct tap_test tests[] = {
	{ "an empty expression lets everything pass", test_nothing },
	{ "ports, of either end and of one", test_ports },
	{ "ranges include their ends", test_ranges },
	{ "uid and netns", test_numbers },
	{ "addresses and prefixes, of either end and of one", test_addresses },
	{ "an IPv4-mapped address is the IPv4 address", test_mapped },
	{ "families", test_families },
	{ "each state, before or after", test_states },
	{ "each cause", test_causes },
	{ "of a list one value has to be true", test_lists },
	{ "negation is of the whole list", test_negation },
	{ "all terms have to be true", test_conjunction },
	{ "states that nobody knows match no name", test_unknown_states },
	{ "causes that nobody knows match no name", test_unknown_causes },
	{ "the same text makes the same filter", test_again },
};

int main(void)
{
	return tap_run(tests, ARRAY_SIZE(tests));
}
