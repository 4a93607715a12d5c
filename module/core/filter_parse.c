// SPDX-License-Identifier: GPL-2.0
/*
 * filter_parse.c - parses filter expressions
 *
 * The module parses its parameter with this file, and the tools parse their option -f.
 */
#include "core/filter.h"
#include "core/filter_keys.h"

#ifdef __KERNEL__
#include <linux/socket.h>
#else
#include <sys/socket.h>
#endif

/**
 * struct parser - the position in an expression, and the results so far
 * @text: the expression
 * @at: index of the next character
 * @filter: the filter that is being made
 * @error: the error, if there is one
 */
struct parser {
	const char *text;
	size_t at;
	struct tcpfsm_filter *filter;
	struct tcpfsm_filter_error *error;
};

/* clang-format off */
static const char * const key_names[TCPFSM_NR_KEYS] = {
	[TCPFSM_KEY_PORT] = "port",	 [TCPFSM_KEY_LPORT] = "lport", [TCPFSM_KEY_RPORT] = "rport",
	[TCPFSM_KEY_ADDR] = "addr",	 [TCPFSM_KEY_LADDR] = "laddr", [TCPFSM_KEY_RADDR] = "raddr",
	[TCPFSM_KEY_FAMILY] = "family", [TCPFSM_KEY_NETNS] = "netns", [TCPFSM_KEY_UID] = "uid",
	[TCPFSM_KEY_STATE] = "state",	 [TCPFSM_KEY_CAUSE] = "cause",
};

/* clang-format on */

#define NO_KEY "not a key: port lport rport addr laddr raddr family netns uid state cause"

static int fail(struct parser *p, size_t at, const char *what)
{
	p->error->at = at;
	p->error->what = what;
	return -EINVAL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static char here(const struct parser *p)
{
	return p->text[p->at];
}

static void skip_blanks(struct parser *p)
{
	while (is_blank(here(p)))
		p->at++;
}

/* Return the length of the word that starts here. It ends before a separator. */
static size_t word_length(const struct parser *p)
{
	size_t n = 0;
	char c;

	while ((c = p->text[p->at + n]) && !is_blank(c) && c != '=' && c != ',')
		n++;
	return n;
}

static bool word_is(const struct parser *p, size_t len, const char *name)
{
	return strlen(name) == len && !strncmp(p->text + p->at, name, len);
}

/* ---- numbers ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Read a decimal number not above @max. Return false if there is none, or if it is too large. */
static bool read_number(const char **text, const char *end, u32 max, u32 *number)
{
	const char *c = *text;
	u64 n = 0;

	while (c < end && *c >= '0' && *c <= '9') {
		n = n * 10 + (*c++ - '0');
		if (n > max)
			return false;
	}
	if (c == *text)
		return false;
	*text = c;
	*number = n;
	return true;
}

static int parse_range(struct parser *p, size_t len, u32 max, struct tcpfsm_filter_value *value)
{
	const char *c = p->text + p->at, *end = c + len;

	if (!read_number(&c, end, max, &value->low))
		return fail(p, p->at,
			    max == 65535 ? "a port is a number from 0 to 65535" :
					   "a number from 0 to 4294967295 is needed");
	value->high = value->low;
	if (c < end && *c == '-') {
		c++;
		if (!read_number(&c, end, max, &value->high) || value->high < value->low)
			return fail(p, p->at, "a range goes from a smaller number to a larger");
	}
	if (c != end)
		return fail(p, c - p->text, "this does not belong to a number");
	return 0;
}

/* ---- addresses ---- */

/* Does a number lead with a zero? Some programs would read it as octal. */
static bool leads_with_zero(const char *text, const char *end)
{
	return end - text >= 2 && text[0] == '0' && hex_digit(text[1]) >= 0;
}

static bool read_ipv4(const char **text, const char *end, u8 *addr)
{
	u32 byte;
	int i;

	for (i = 0; i < 4; i++) {
		if (i && (*text == end || *(*text)++ != '.'))
			return false;
		if (leads_with_zero(*text, end))
			return false;
		if (!read_number(text, end, 255, &byte))
			return false;
		addr[i] = byte;
	}
	return true;
}

static bool read_group(const char **text, const char *end, u8 *two)
{
	const char *c = *text;
	u32 group = 0;

	while (c < end && c - *text < 4 && hex_digit(*c) >= 0)
		group = group << 4 | hex_digit(*c++);
	if (c == *text)
		return false;
	two[0] = group >> 8;
	two[1] = group;
	*text = c;
	return true;
}

static bool holds_dot(const char *c, const char *end)
{
	for (; c < end && *c != ':' && *c != '/'; c++)
		if (*c == '.')
			return true;
	return false;
}

/* Read groups of hex digits with at most one "::". The last four bytes may be an IPv4 address. */
static bool read_ipv6(const char **text, const char *end, u8 *addr)
{
	const char *c = *text;
	int n = 0, gap = -1;

	memset(addr, 0, 16);
	if (end - c >= 2 && c[0] == ':' && c[1] == ':') {
		gap = 0;
		c += 2;
	}
	while (n < 16 && c < end && *c != '/') {
		if (n <= 12 && holds_dot(c, end)) {
			if (!read_ipv4(&c, end, addr + n))
				return false;
			n += 4;
			break;
		}
		if (!read_group(&c, end, addr + n))
			return false;
		n += 2;
		if (c == end || *c != ':')
			break;
		c++;
		if (c < end && *c == ':') {
			if (gap >= 0)
				return false;
			gap = n;
			c++;
		} else if (c == end || *c == '/') {
			return false;
		}
	}
	if (gap < 0 ? n != 16 : n >= 16)
		return false;
	if (gap >= 0) {
		memmove(addr + 16 - (n - gap), addr + gap, n - gap);
		memset(addr + gap, 0, 16 - n);
	}
	*text = c;
	return true;
}

/* Is an address meant to be IPv4? It is if a dot comes before any colon. */
static bool looks_ipv4(const char *c, const char *end)
{
	for (; c < end; c++)
		if (*c == '.' || *c == ':')
			return *c == '.';
	return false;
}

/* Make IPv4 of an IPv4-mapped address, because events show such an address as IPv4. */
static void unmap(struct tcpfsm_filter_value *value)
{
	static const u8 mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (value->family != AF_INET6 || value->prefix < 96 || memcmp(value->addr, mapped, 12))
		return;
	memmove(value->addr, value->addr + 12, 4);
	value->family = AF_INET;
	value->prefix -= 96;
}

static int parse_address(struct parser *p, size_t len, struct tcpfsm_filter_value *value)
{
	const char *c = p->text + p->at, *end = c + len;
	u32 prefix;
	bool ok;

	memset(value, 0, sizeof(*value));
	if (looks_ipv4(c, end)) {
		value->family = AF_INET;
		prefix = 32;
		ok = read_ipv4(&c, end, value->addr);
	} else {
		value->family = AF_INET6;
		prefix = 128;
		ok = read_ipv6(&c, end, value->addr);
	}
	if (!ok)
		return fail(p, p->at, "an IPv4 or IPv6 address is needed");
	if (c < end && *c == '/') {
		c++;
		if (!read_number(&c, end, prefix, &prefix))
			return fail(p, c - p->text,
				    "a prefix length is at most 32 for IPv4, 128 for IPv6");
	}
	if (c != end)
		return fail(p, c - p->text, "this does not belong to an address");
	value->prefix = prefix;
	unmap(value);
	return 0;
}

/* ---- names ---- */

static int parse_state(struct parser *p, size_t len, u32 *mask)
{
	unsigned int state;

	for (state = 1; state < TCPFSM_NR_STATES; state++) {
		if (!word_is(p, len, tcpfsm_state_name(state)))
			continue;
		*mask |= 1u << state;
		return 0;
	}
	return fail(p, p->at, "not a state, such as SYN_SENT ESTABLISHED CLOSE_WAIT TIME_WAIT");
}

static int parse_cause(struct parser *p, size_t len, u32 *mask)
{
	unsigned int cause;

	for (cause = 1; cause < TCPFSM_NR_CAUSES; cause++) {
		if (!word_is(p, len, tcpfsm_cause_name(cause)))
			continue;
		*mask |= 1u << cause;
		return 0;
	}
	return fail(p, p->at, "not a cause, such as open close abort rcv_rst rto 2msl");
}

static int parse_family(struct parser *p, size_t len, u32 *mask)
{
	if (word_is(p, len, "inet"))
		*mask |= 1;
	else if (word_is(p, len, "inet6"))
		*mask |= 2;
	else
		return fail(p, p->at, "not a family: inet inet6");
	return 0;
}

/* ---- terms ---- */

static int new_value(struct parser *p, struct tcpfsm_filter_term *term,
		     struct tcpfsm_filter_value **value)
{
	if (p->filter->nr_values == TCPFSM_FILTER_VALUES)
		return fail(p, p->at, "too many values: at most 64 numbers and addresses");
	*value = &p->filter->values[p->filter->nr_values++];
	term->count++;
	return 0;
}

static int parse_value(struct parser *p, struct tcpfsm_filter_term *term)
{
	struct tcpfsm_filter_value *value;
	size_t len = word_length(p);
	int err;

	if (!len)
		return fail(p, p->at, "a value is missing");
	switch (term->key) {
	case TCPFSM_KEY_FAMILY:
		return parse_family(p, len, &term->mask);
	case TCPFSM_KEY_STATE:
		return parse_state(p, len, &term->mask);
	case TCPFSM_KEY_CAUSE:
		return parse_cause(p, len, &term->mask);
	}
	err = new_value(p, term, &value);
	if (err)
		return err;
	switch (term->key) {
	case TCPFSM_KEY_ADDR:
	case TCPFSM_KEY_LADDR:
	case TCPFSM_KEY_RADDR:
		return parse_address(p, len, value);
	case TCPFSM_KEY_NETNS:
	case TCPFSM_KEY_UID:
		return parse_range(p, len, 0xffffffff, value);
	}
	return parse_range(p, len, 65535, value);
}

static int parse_values(struct parser *p, struct tcpfsm_filter_term *term)
{
	int err;

	for (;;) {
		err = parse_value(p, term);
		if (err)
			return err;
		p->at += word_length(p);
		if (here(p) != ',')
			break;
		p->at++;
	}
	if (here(p) && !is_blank(here(p)))
		return fail(p, p->at, "a blank is needed before the next term");
	return 0;
}

static int parse_key(struct parser *p, u8 *key)
{
	size_t len = word_length(p);
	unsigned int k;

	for (k = 0; k < TCPFSM_NR_KEYS; k++)
		if (word_is(p, len, key_names[k]))
			break;
	if (k == TCPFSM_NR_KEYS)
		return fail(p, p->at, NO_KEY);
	*key = k;
	p->at += len;
	if (here(p) != '=')
		return fail(p, p->at, "= is needed after a key");
	p->at++;
	return 0;
}

static int parse_term(struct parser *p)
{
	struct tcpfsm_filter_term *term;
	int err;

	if (p->filter->nr_terms == TCPFSM_FILTER_TERMS)
		return fail(p, p->at, "too many terms: at most 32");
	term = &p->filter->terms[p->filter->nr_terms++];
	term->first = p->filter->nr_values;
	if (here(p) == '!') {
		term->negate = true;
		p->at++;
	}
	err = parse_key(p, &term->key);
	return err ?: parse_values(p, term);
}

/**
 * tcpfsm_filter_parse() - compile an expression
 * @filter: filled in; of no use if the expression is wrong
 * @text: the expression; an empty one lets everything pass
 * @error: filled in if the expression is wrong
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int tcpfsm_filter_parse(struct tcpfsm_filter *filter, const char *text,
			struct tcpfsm_filter_error *error)
{
	struct parser p = { .text = text, .filter = filter, .error = error };
	int err = 0;

	memset(filter, 0, sizeof(*filter));
	if (strnlen(text, TCPFSM_FILTER_LEN + 1) > TCPFSM_FILTER_LEN)
		return fail(&p, TCPFSM_FILTER_LEN, "too long: at most 1024 characters");
	skip_blanks(&p);
	while (!err && here(&p)) {
		err = parse_term(&p);
		skip_blanks(&p);
	}
	return err;
}
