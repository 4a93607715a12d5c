/* SPDX-License-Identifier: GPL-2.0 */
/*
 * filter.h - the filter language, which says which events somebody wants
 *
 *	expression	term { blank term }	all terms have to be true
 *	term		[ "!" ] key "=" value { "," value }
 *	key		port lport rport	0 ... 65535, or a range: 8000-8999
 *			addr laddr raddr	IPv4 or IPv6 address, with or without /length
 *			family			inet, inet6
 *			netns			inode number
 *			uid			number
 *			state			name; the state before or after
 *			cause			name
 *
 * The keys port and addr look at both ends. A list of values is true if one of its values is.
 */
#ifndef TCPFSM_FILTER_H
#define TCPFSM_FILTER_H

#include "core/portable.h"
#include "core/states.h"

#define TCPFSM_FILTER_LEN    1024 /* longest expression, characters */
#define TCPFSM_FILTER_TERMS  32
#define TCPFSM_FILTER_VALUES 64 /* numbers, ranges and addresses of all terms together */

/**
 * struct tcpfsm_filter_value - a range of numbers, or a prefix of addresses
 * @low: smallest number
 * @high: largest number
 * @addr: address
 * @family: family of @addr
 * @prefix: number of bits of @addr that count
 */
struct tcpfsm_filter_value {
	union {
		struct {
			u32 low;
			u32 high;
		};
		struct {
			u8 addr[16];
			u8 family;
			u8 prefix;
		};
	};
};

/**
 * struct tcpfsm_filter_term - one term
 * @key: enum filter_key
 * @negate: the term is true when its values are not
 * @first: index of its first value
 * @count: number of its values
 * @mask: a bit for each value, for keys that have few possible values
 */
struct tcpfsm_filter_term {
	u8 key;
	bool negate;
	u8 first;
	u8 count;
	u32 mask;
};

/**
 * struct tcpfsm_filter - a compiled expression
 * @nr_terms: number of terms; 0 lets everything pass
 * @nr_values: number of values
 * @terms: the terms
 * @values: the values of all terms
 */
struct tcpfsm_filter {
	u8 nr_terms;
	u8 nr_values;
	struct tcpfsm_filter_term terms[TCPFSM_FILTER_TERMS];
	struct tcpfsm_filter_value values[TCPFSM_FILTER_VALUES];
};

/**
 * struct tcpfsm_filter_error - what is wrong with an expression
 * @at: number of the character, from 0
 * @what: text that says what is wrong
 */
struct tcpfsm_filter_error {
	size_t at;
	const char *what;
};

int tcpfsm_filter_parse(struct tcpfsm_filter *filter, const char *text,
			struct tcpfsm_filter_error *error);
bool tcpfsm_filter_match(const struct tcpfsm_filter *filter, const struct tcpfsm_event *event);

#endif /* TCPFSM_FILTER_H */
