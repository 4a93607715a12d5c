// SPDX-License-Identifier: GPL-2.0
/*
 * filter_address_test.c - the filter's own reading of addresses, against libc's
 *
 * The kernel's filter cannot use inet_pton(); it has to accept what that accepts, refuse
 * what that refuses and read the same address. Prefixes are tried bit by bit.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/filter.h"
#include "random.h"
#include "tap.h"

#define STRINGS	 100000
#define MAX_TEXT 80

/* An address, and how many of its bits count. */
struct prefix {
	u8 family;
	u8 addr[16];
	unsigned int length;
};

static unsigned int bits_of(u8 family)
{
	return family == AF_INET ? 32 : 128;
}

static void flip(u8 *addr, unsigned int bit)
{
	addr[bit / 8] ^= 0x80 >> bit % 8;
}

static bool parses(struct tcpfsm_filter *filter, const char *key, const char *address)
{
	char text[MAX_TEXT + 16];
	struct tcpfsm_filter_error error;

	snprintf(text, sizeof(text), "%s=%s", key, address);
	return tcpfsm_filter_parse(filter, text, &error) == 0;
}

static bool passes(const struct tcpfsm_filter *filter, u8 family, const u8 *addr)
{
	struct tcpfsm_event event = { .family = family };

	memcpy(event.laddr, addr, sizeof(event.laddr));
	return tcpfsm_filter_match(filter, &event);
}

/* Exactly the bits of the prefix count, in this family only. */
static bool is_exact(const struct tcpfsm_filter *filter, const struct prefix *prefix)
{
	u8 family = prefix->family;
	u8 other = family == AF_INET ? AF_INET6 : AF_INET;
	u8 addr[16];
	unsigned int i;

	memcpy(addr, prefix->addr, sizeof(addr));
	if (!passes(filter, family, addr) || passes(filter, other, addr))
		return false;
	for (i = 0; i < bits_of(family); i++) {
		bool counts = i < prefix->length;

		flip(addr, i);
		if (passes(filter, family, addr) == counts)
			return false;
		flip(addr, i);
	}
	return true;
}

/* ---- prefixes ---- */

static bool in_prefix(const struct prefix *prefix, const u8 *addr)
{
	unsigned int i;

	for (i = 0; i < prefix->length; i++)
		if ((addr[i / 8] ^ prefix->addr[i / 8]) & 0x80 >> i % 8)
			return false;
	return true;
}

/* Addresses that agree with the prefix for a while and then with nothing. */
static void check_neighbours(const struct tcpfsm_filter *filter, const struct prefix *prefix)
{
	unsigned int i, bit;
	u8 addr[16];

	for (i = 0; i < 200; i++) {
		memcpy(addr, prefix->addr, sizeof(addr));
		for (bit = random_below(bits_of(prefix->family)); bit < bits_of(prefix->family);
		     bit++)
			if (random_one_in(2))
				flip(addr, bit);
		CHECK(passes(filter, prefix->family, addr) == in_prefix(prefix, addr));
	}
}

static void check_prefix(const char *address, const struct prefix *prefix)
{
	struct tcpfsm_filter filter;

	if (!CHECK(parses(&filter, "laddr", address)) || !CHECK(is_exact(&filter, prefix)))
		printf("# laddr=%s\n", address);
	check_neighbours(&filter, prefix);
}

static void check_prefixes(u8 family)
{
	struct prefix prefix = { .family = family };
	char address[INET6_ADDRSTRLEN], text[MAX_TEXT];
	unsigned int try;

	for (prefix.length = 0; prefix.length <= bits_of(family); prefix.length++) {
		for (try = 0; try < 8; try++) {
			random_fill(prefix.addr, bits_of(family) / 8);
			inet_ntop(family, prefix.addr, address, sizeof(address));
			snprintf(text, sizeof(text), "%s/%u", address, prefix.length);
			check_prefix(text, &prefix);
		}
	}
}

static void test_ipv4_prefixes(void)
{
	random_seed(4);
	check_prefixes(AF_INET);
}

static void test_ipv6_prefixes(void)
{
	random_seed(6);
	check_prefixes(AF_INET6);
}

static void test_mapped_prefixes(void)
{
	struct prefix prefix = { .family = AF_INET };
	char address[INET_ADDRSTRLEN], text[MAX_TEXT];

	random_seed(46);
	for (prefix.length = 0; prefix.length <= 32; prefix.length++) {
		random_fill(prefix.addr, 4);
		inet_ntop(AF_INET, prefix.addr, address, sizeof(address));
		snprintf(text, sizeof(text), "::ffff:%s/%u", address, 96 + prefix.length);
		check_prefix(text, &prefix);
		snprintf(text, sizeof(text), "::ffff:%02x%02x:%02x%02x/%u", prefix.addr[0],
			 prefix.addr[1], prefix.addr[2], prefix.addr[3], 96 + prefix.length);
		check_prefix(text, &prefix);
	}
}

/* Too short to hold IPv4 addresses only. */
static void test_short_mapped_prefixes(void)
{
	struct prefix prefix = { AF_INET6, { [10] = 0xff, [11] = 0xff, 192, 0, 2, 1 }, 0 };
	char text[MAX_TEXT];

	random_seed(64);
	for (prefix.length = 0; prefix.length < 96; prefix.length++) {
		snprintf(text, sizeof(text), "::ffff:192.0.2.1/%u", prefix.length);
		check_prefix(text, &prefix);
	}
}

static void test_all_bits(void)
{
	struct prefix v4 = { AF_INET, { 198, 51, 100, 7 }, 32 };
	struct prefix v6 = { AF_INET6, { 0x20, 0x01, [15] = 7 }, 128 };

	check_prefix("198.51.100.7", &v4);
	check_prefix("2001::7", &v6);
}

static void test_ends(void)
{
	static const char *const keys[] = { "laddr", "raddr", "addr" };
	struct tcpfsm_event local = { .family = AF_INET, .laddr = { 10, 0, 0, 1 } };
	struct tcpfsm_event remote = { .family = AF_INET, .raddr = { 10, 0, 0, 1 } };
	struct tcpfsm_filter filter;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		CHECK(parses(&filter, keys[i], "10.0.0.0/8"));
		CHECK(tcpfsm_filter_match(&filter, &local) == (i != 1));
		CHECK(tcpfsm_filter_match(&filter, &remote) == (i != 0));
	}
}

/* ---- strings ---- */

static void random_address(u8 *addr)
{
	unsigned int from, to;

	random_fill(addr, 16);
	/* Zeros in a row are what "::" is for. */
	if (random_one_in(2)) {
		from = random_below(9);
		to = from + random_below(9 - from);
		memset(addr + 2 * from, 0, 2 * (to - from));
	}
	if (random_one_in(8)) {
		memset(addr, 0, 10);
		memset(addr + 10, 0xff, 2);
	}
}

/* As libc writes it. */
static void write_usual(char *text)
{
	u8 addr[16];

	random_address(addr);
	inet_ntop(random_one_in(4) ? AF_INET : AF_INET6, addr, text, MAX_TEXT);
}

static char *write_group(char *text, const u8 *two)
{
	static const char *const formats[] = { "%x", "%X", "%04x", "%02x", "%03X" };

	return text +
	       sprintf(text, formats[random_below(ARRAY_SIZE(formats))], two[0] << 8 | two[1]);
}

/* As nobody writes it: groups of any width, the gap anywhere, the end in bytes. */
static void write_unusual(char *text)
{
	u8 addr[16];
	unsigned int groups = random_below(9), gap = random_below(12), i;
	bool bytes = random_one_in(3);

	random_address(addr);
	*text = '\0';
	for (i = 0; i < groups; i++) {
		if (i == gap)
			text += sprintf(text, i ? ":" : "::");
		text = write_group(text, addr + 2 * i);
		if (i + 1 < groups || bytes || i + 1 == gap)
			*text++ = ':';
	}
	if (groups == gap)
		text += sprintf(text, groups ? ":" : "::");
	if (bytes)
		text += sprintf(text, random_one_in(8) ? "%02u.%u.%03u.%u" : "%u.%u.%u.%u",
				addr[12], addr[13], addr[14], addr[15]);
	*text = '\0';
}

static void write_garbage(char *text)
{
	static const char letters[] = "0123456789abcdefABCDEF::::::::....g%";
	unsigned int len = 1 + random_below(40);

	while (len--)
		*text++ = letters[random_below(sizeof(letters) - 1)];
	*text = '\0';
}

/* Drop, double or replace a character. */
static void mutate(char *text)
{
	static const char letters[] = "019afF:.x";
	size_t len = strlen(text), at;

	if (!len || len + 2 > MAX_TEXT)
		return;
	at = random_below(len);
	switch (random_below(3)) {
	case 0:
		memmove(text + at, text + at + 1, len - at);
		break;
	case 1:
		memmove(text + at + 1, text + at, len - at + 1);
		break;
	case 2:
		text[at] = letters[random_below(sizeof(letters) - 1)];
		break;
	}
}

static void random_string(char *text)
{
	unsigned int changes;

	switch (random_below(4)) {
	case 0:
		write_garbage(text);
		return;
	case 1:
		write_usual(text);
		break;
	default:
		write_unusual(text);
	}
	if (random_one_in(2))
		for (changes = 1 + random_below(3); changes; changes--)
			mutate(text);
}

/* What libc makes of it, an IPv4-mapped address being the IPv4 address that it is. */
static bool libc_reads(const char *text, struct prefix *address)
{
	memset(address, 0, sizeof(*address));
	address->family = AF_INET;
	if (inet_pton(AF_INET6, text, address->addr) == 1) {
		static const u8 mapped[12] = { [10] = 0xff, [11] = 0xff };

		if (memcmp(address->addr, mapped, sizeof(mapped)) != 0)
			address->family = AF_INET6;
		else
			memmove(address->addr, address->addr + 12, 4);
	} else if (inet_pton(AF_INET, text, address->addr) != 1) {
		return false;
	}
	address->length = bits_of(address->family);
	return true;
}

static void check_string(const char *text, bool readable, const struct prefix *address)
{
	struct tcpfsm_filter filter;
	bool accepted = parses(&filter, "laddr", text);

	if (!CHECK(accepted == readable) || (readable && !CHECK(is_exact(&filter, address))))
		if (tap_failures <= TAP_MAX_MESSAGES)
			printf("# '%s'\n", text);
}

static void test_strings(void)
{
	unsigned int i, right = 0, ipv6 = 0;
	struct prefix address;
	char text[MAX_TEXT];
	bool readable;

	random_seed(20240601);
	for (i = 0; i < STRINGS; i++) {
		random_string(text);
		readable = libc_reads(text, &address);
		check_string(text, readable, &address);
		right += readable;
		ipv6 += readable && address.family == AF_INET6;
	}
	/* A good share of each kind was there to be told apart. */
	CHECK(right > STRINGS / 5 && right < STRINGS * 4 / 5);
	CHECK(ipv6 > STRINGS / 10);
}

static void test_chosen_strings(void)
{
	static const char *const texts[] = {
		"::",
		":",
		":::",
		"::1",
		"1::",
		":1",
		"1:",
		"1:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7:8:",
		":1:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:8:9",
		"1::8",
		"1:2:3:4:5:6:7::",
		"::2:3:4:5:6:7:8",
		"1:2:3::5:6:7:8",
		"1:2:3:4::5:6:7:8",
		"::1:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7:8::",
		"1::2::3",
		"00001::",
		"0001::",
		"fffff::",
		"g::",
		"1:2:3:4:5:6:1.2.3.4",
		"1:2:3:4:5:6:7:1.2.3.4",
		"1:2:3:4:5:1.2.3.4",
		"::1.2.3.4",
		"::1:2:3:4:5:1.2.3.4",
		"::1:2:3:4:5:6:1.2.3.4",
		"1:2:3:4:5:6::1.2.3.4",
		"1.2.3.4::",
		"::1.2.3.4:5",
		"::1.2.3",
		"::1.2.3.4.5",
		"::1.2.3.256",
		"::ffff:1.2.3.4",
		"::ffff:01.2.3.4",
		"::FFFF:102:304",
		"1.2.3.4",
		"01.2.3.4",
		"1.2.3.04",
		"1.2.3.00",
		"1.2.3.0",
		"0.0.0.0",
		"00.0.0.0",
		"255.255.255.255",
		"256.1.1.1",
		"1.2.3.1234",
		"1.2.3",
		"1.2.3.",
		".1.2.3",
		"1..2.3",
		"1.2.3.4.",
		"0x1.2.3.4",
		"1",
		"1234",
		"16909060",
	};
	struct prefix address;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		bool readable = libc_reads(texts[i], &address);

		check_string(texts[i], readable, &address);
	}
}

static const struct tap_test tests[] = {
	{ "IPv4: of each prefix length exactly these bits count", test_ipv4_prefixes },
	{ "IPv6: of each prefix length exactly these bits count", test_ipv6_prefixes },
	{ "IPv4-mapped: likewise, of IPv4 addresses", test_mapped_prefixes },
	{ "IPv4-mapped, shorter than 96 bits: likewise, of IPv6 addresses",
	  test_short_mapped_prefixes },
	{ "without a prefix length all bits count", test_all_bits },
	{ "laddr, raddr and addr look at their ends", test_ends },
	{ "the odd cases are read as libc reads them", test_chosen_strings },
	{ "100,000 strings are read as libc reads them", test_strings },
};

int main(void)
{
	return tap_run(tests, ARRAY_SIZE(tests));
}
