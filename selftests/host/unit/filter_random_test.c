// SPDX-License-Identifier: GPL-2.0
/*
 * filter_random_test.c - random filters: made, written down, parsed, and evaluated twice
 *
 * An expression is made as a tree, from which it is both written as text, for the filter
 * to parse and to evaluate, and evaluated directly, in the plainest way. Numbers and
 * addresses come from a small world, so that they often meet.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "core/filter.h"
#include "random.h"
#include "tap.h"

#define EXPRESSIONS 100000
#define EVENTS	    8
#define MAX_LIST    8
#define MAX_TERM    512 /* characters that a term may take, with its blanks */

enum key {
	PORT,
	LPORT,
	RPORT,
	ADDR,
	LADDR,
	RADDR,
	FAMILY,
	NETNS,
	UID,
	STATE,
	CAUSE,
	NR_KEYS
};

static const char *const key_texts[NR_KEYS] = {
	[PORT] = "port",   [LPORT] = "lport", [RPORT] = "rport",   [ADDR] = "addr",
	[LADDR] = "laddr", [RADDR] = "raddr", [FAMILY] = "family", [NETNS] = "netns",
	[UID] = "uid",	   [STATE] = "state", [CAUSE] = "cause",
};

/**
 * struct value - one value of a list
 * @low: number, or where a range begins; of a name its number
 * @high: where the range ends
 * @family: of an address
 * @addr: address
 * @prefix: bits of it that count
 */
struct value {
	u32 low;
	u32 high;
	u8 family;
	u8 addr[16];
	u8 prefix;
};

struct term {
	enum key key;
	bool negate;
	unsigned int count;
	struct value values[MAX_LIST];
};

struct expression {
	unsigned int count;
	struct term terms[TCPFSM_FILTER_TERMS];
};

/* ---- the world ---- */

static u32 random_port(void)
{
	static const u16 usual[] = { 0, 1, 80, 443, 8000, 8001, 8002, 8003, 65535 };

	return random_one_in(16) ? random_below(65536) : usual[random_below(ARRAY_SIZE(usual))];
}

static u32 random_id(void)
{
	static const u32 usual[] = { 0, 1, 999, 1000, 1001, 2147483648, 4294967294, 4294967295 };

	return random_one_in(16) ? random_u64() : usual[random_below(ARRAY_SIZE(usual))];
}

static u8 random_family(void)
{
	return random_one_in(2) ? AF_INET : AF_INET6;
}

static unsigned int bits_of(u8 family)
{
	return family == AF_INET ? 32 : 128;
}

/* One of two addresses of each family, or all but one bit of it. */
static void random_addr(u8 family, u8 *addr)
{
	unsigned int i, bit = random_below(bits_of(family) * 2);
	u8 seed = random_one_in(2) ? 0x5a : 0x11;

	memset(addr, 0, 16);
	for (i = 0; i < bits_of(family) / 8; i++)
		addr[i] = seed + i;
	if (bit < bits_of(family))
		addr[bit / 8] ^= 1 << bit % 8;
}

static void random_event(struct tcpfsm_event *event)
{
	memset(event, 0, sizeof(*event));
	event->family = random_family();
	random_addr(event->family, event->laddr);
	random_addr(event->family, event->raddr);
	event->lport = random_port();
	event->rport = random_port();
	event->uid = random_id();
	event->netns = random_id();
	event->old = 1 + random_below(TCPFSM_NR_STATES - 1);
	event->new = 1 + random_below(TCPFSM_NR_STATES - 1);
	event->cause = random_below(TCPFSM_NR_CAUSES);
}

/* ---- making an expression ---- */

static void random_range(struct value *value, u32 one, u32 other)
{
	if (random_one_in(2))
		other = one;
	value->low = one < other ? one : other;
	value->high = one < other ? other : one;
}

static void random_value(enum key key, struct value *value)
{
	memset(value, 0, sizeof(*value));
	switch (key) {
	case PORT:
	case LPORT:
	case RPORT:
		random_range(value, random_port(), random_port());
		break;
	case NETNS:
	case UID:
		random_range(value, random_id(), random_id());
		break;
	case FAMILY:
		value->family = random_family();
		break;
	case STATE:
		value->low = 1 + random_below(TCPFSM_NR_STATES - 1);
		break;
	case CAUSE:
		value->low = 1 + random_below(TCPFSM_NR_CAUSES - 1);
		break;
	default:
		value->family = random_family();
		random_addr(value->family, value->addr);
		value->prefix = bits_of(value->family);
		if (random_one_in(2))
			value->prefix = random_below(value->prefix + 1);
	}
}

static bool takes_place(enum key key)
{
	return key != FAMILY && key != STATE && key != CAUSE;
}

/* Mostly few terms: many of them hardly ever are all true. */
static unsigned int random_count(unsigned int most)
{
	return random_one_in(16) ? random_below(most + 1) : 1 + random_below(3);
}

static void random_expression(struct expression *expression)
{
	unsigned int left = TCPFSM_FILTER_VALUES, wanted = random_count(TCPFSM_FILTER_TERMS), i;
	struct term *term = expression->terms;

	for (; wanted; wanted--, term++) {
		term->key = random_below(NR_KEYS);
		term->negate = random_one_in(3);
		term->count = 1 + random_below(random_one_in(4) ? MAX_LIST : 2);
		if (takes_place(term->key)) {
			if (term->count > left)
				break;
			left -= term->count;
		}
		for (i = 0; i < term->count; i++)
			random_value(term->key, &term->values[i]);
	}
	expression->count = term - expression->terms;
}

/* ---- writing it down ---- */

static char *write_blanks(char *text)
{
	static const char *const blanks[] = { " ", " ", " ", "  ", "\t", "\n", " \t\n" };

	return stpcpy(text, blanks[random_below(ARRAY_SIZE(blanks))]);
}

static char *write_number(char *text, const struct value *value)
{
	text += sprintf(text, random_one_in(16) ? "%07u" : "%u", value->low);
	if (value->low != value->high || random_one_in(8))
		text += sprintf(text, "-%u", value->high);
	return text;
}

/* All eight groups, in capitals. */
static char *write_long(char *text, const u8 *addr)
{
	unsigned int i;

	for (i = 0; i < 16; i += 2)
		text += sprintf(text, "%s%04X", i ? ":" : "", addr[i] << 8 | addr[i + 1]);
	return text;
}

static char *write_addr(char *text, const struct value *value)
{
	bool mapped = value->family == AF_INET && random_one_in(4);

	if (value->family == AF_INET6 && random_one_in(4)) {
		text = write_long(text, value->addr);
	} else {
		if (mapped)
			text = stpcpy(text, "::ffff:");
		inet_ntop(value->family, value->addr, text, INET6_ADDRSTRLEN);
		text += strlen(text);
	}
	if (value->prefix != bits_of(value->family) || random_one_in(2))
		text += sprintf(text, "/%u", value->prefix + (mapped ? 96 : 0));
	return text;
}

static char *write_value(char *text, enum key key, const struct value *value)
{
	switch (key) {
	case FAMILY:
		return stpcpy(text, value->family == AF_INET ? "inet" : "inet6");
	case STATE:
		return stpcpy(text, tcpfsm_state_name(value->low));
	case CAUSE:
		return stpcpy(text, tcpfsm_cause_name(value->low));
	case ADDR:
	case LADDR:
	case RADDR:
		return write_addr(text, value);
	default:
		return write_number(text, value);
	}
}

static char *write_term(char *text, const struct term *term)
{
	unsigned int i;

	text += sprintf(text, "%s%s=", term->negate ? "!" : "", key_texts[term->key]);
	for (i = 0; i < term->count; i++) {
		if (i)
			*text++ = ',';
		text = write_value(text, term->key, &term->values[i]);
	}
	return text;
}

/* Terms for which there is no room are left out of the expression. */
static void write_expression(char *text, struct expression *expression)
{
	char *start = text, *last = text;
	unsigned int i;

	if (random_one_in(8))
		text = write_blanks(text);
	for (i = 0; i < expression->count; i++) {
		last = text;
		if (i)
			text = write_blanks(text);
		text = write_term(text, &expression->terms[i]);
		if (text - start > TCPFSM_FILTER_LEN) {
			text = last;
			expression->count = i;
		}
	}
	if (random_one_in(8) && text - start < TCPFSM_FILTER_LEN)
		*text++ = '\n';
	*text = '\0';
}

/* ---- evaluating it directly ---- */

static bool has_number(const struct value *value, u32 number)
{
	return value->low <= number && number <= value->high;
}

static bool has_addr(const struct value *value, u8 family, const u8 *addr)
{
	unsigned int i;

	if (value->family != family)
		return false;
	for (i = 0; i < value->prefix; i++)
		if ((value->addr[i / 8] ^ addr[i / 8]) & 0x80 >> i % 8)
			return false;
	return true;
}

static bool value_is_true(enum key key, const struct value *value, const struct tcpfsm_event *event)
{
	bool local = false, remote = false;

	switch (key) {
	case FAMILY:
		return value->family == event->family;
	case NETNS:
		return has_number(value, event->netns);
	case UID:
		return has_number(value, event->uid);
	case STATE:
		return value->low == event->old || value->low == event->new;
	case CAUSE:
		return value->low == event->cause;
	case PORT:
	case LPORT:
	case RPORT:
		local = has_number(value, event->lport);
		remote = has_number(value, event->rport);
		break;
	default:
		local = has_addr(value, event->family, event->laddr);
		remote = has_addr(value, event->family, event->raddr);
	}
	if (key == LPORT || key == LADDR)
		return local;
	if (key == RPORT || key == RADDR)
		return remote;
	return local || remote;
}

static bool term_is_true(const struct term *term, const struct tcpfsm_event *event)
{
	bool found = false;
	unsigned int i;

	for (i = 0; i < term->count; i++)
		found |= value_is_true(term->key, &term->values[i], event);
	return found != term->negate;
}

static bool is_true(const struct expression *expression, const struct tcpfsm_event *event)
{
	bool all = true;
	unsigned int i;

	for (i = 0; i < expression->count; i++)
		all &= term_is_true(&expression->terms[i], event);
	return all;
}

/* ---- tests ---- */

static u64 passed, held;

static void check_events(const struct tcpfsm_filter *filter, const struct expression *expression,
			 const char *text)
{
	struct tcpfsm_event event;
	unsigned int i;
	bool pass;

	for (i = 0; i < EVENTS; i++) {
		random_event(&event);
		pass = is_true(expression, &event);
		if (!CHECK(tcpfsm_filter_match(filter, &event) == pass) &&
		    tap_failures <= TAP_MAX_MESSAGES)
			printf("# event %u of '%s': should %s\n", i, text,
			       pass ? "pass" : "be held");
		passed += pass;
		held += !pass;
	}
}

static void test_random(void)
{
	static char text[TCPFSM_FILTER_LEN + MAX_TERM];
	struct tcpfsm_filter_error error;
	struct expression expression;
	struct tcpfsm_filter filter;
	unsigned int i;

	random_seed(1981);
	for (i = 0; i < EXPRESSIONS; i++) {
		random_expression(&expression);
		write_expression(text, &expression);
		if (!CHECK(tcpfsm_filter_parse(&filter, text, &error) == 0)) {
			if (tap_failures <= TAP_MAX_MESSAGES)
				printf("# '%s': %zu: %s\n", text, error.at, error.what);
			continue;
		}
		CHECK(filter.nr_terms == expression.count);
		check_events(&filter, &expression, text);
	}
	/* A good share of each kind was there to be told apart. */
	CHECK(passed > EXPRESSIONS * EVENTS / 10);
	CHECK(held > EXPRESSIONS * EVENTS / 10);
}

static const struct tap_test tests[] = {
	{ "100,000 random filters mean what they were made to mean", test_random },
};

int main(void)
{
	return tap_run(tests, ARRAY_SIZE(tests));
}
