// SPDX-License-Identifier: GPL-2.0
/*
 * filter_fuzz.c - any bytes as a filter, and as the events that it is to judge
 *
 * An input is the text of a filter up to a NUL or to its end, and events behind that.
 * Besides what the sanitizers find, every input is checked for what has to be true of any.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/filter.h"

#define MAX_EVENTS 16

static void require(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "filter_fuzz: %s\n", what);
	abort();
}

/* In a place of exactly its size, so that AddressSanitizer sees a step beyond its end. */
static char *copy_text(const void *from, size_t len)
{
	char *text = malloc(len + 1);

	require(text, "no memory");
	memcpy(text, from, len);
	text[len] = '\0';
	return text;
}

static bool parses(struct tcpfsm_filter *filter, const char *text, size_t len)
{
	struct tcpfsm_filter_error error = { .at = len + 1 };
	char *copy = copy_text(text, len);
	int err;

	/* What was there before must not matter. */
	memset(filter, 0xa5, sizeof(*filter));
	err = tcpfsm_filter_parse(filter, copy, &error);
	require(!err || err == -EINVAL, "an error of another kind");
	if (err) {
		require(error.at <= len, "the error is beyond the end");
		require(error.what && *error.what, "an error without a message");
	}
	free(copy);
	return !err;
}

static void check_bounds(const struct tcpfsm_filter *filter)
{
	unsigned int i, values = 0;

	require(filter->nr_terms <= TCPFSM_FILTER_TERMS, "too many terms");
	require(filter->nr_values <= TCPFSM_FILTER_VALUES, "too many values");
	for (i = 0; i < filter->nr_terms; i++) {
		require(filter->terms[i].first == values, "values are left out, or shared");
		values += filter->terms[i].count;
	}
	require(values == filter->nr_values, "values belong to no term");
}

/* The same text makes the same filter, and so does more space around it. */
static void check_again(const struct tcpfsm_filter *filter, const char *text, size_t len)
{
	struct tcpfsm_filter again;
	char spaced[TCPFSM_FILTER_LEN];

	require(parses(&again, text, len), "accepted once, and then refused");
	require(!memcmp(&again, filter, sizeof(again)), "parsed in two ways");
	if (len + 2 > sizeof(spaced))
		return;
	spaced[0] = '\t';
	memcpy(spaced + 1, text, len);
	spaced[len + 1] = '\n';
	require(parses(&again, spaced, len + 2), "blanks are refused");
	require(!memcmp(&again, filter, sizeof(again)), "blanks mean something");
}

/* Where the last term begins, and the blanks before it. */
static size_t last_term(const char *text, size_t len)
{
	static const char blanks[] = " \t\n";

	while (len && strchr(blanks, text[len - 1]))
		len--;
	while (len && !strchr(blanks, text[len - 1]))
		len--;
	return len;
}

/*
 * A filter is the conjunction of its last term and the rest, and of any term and its
 * negation exactly one is true.
 */
static void check_event(const struct tcpfsm_filter *filter, const struct tcpfsm_filter *rest,
			const struct tcpfsm_filter *last, const struct tcpfsm_event *event)
{
	bool pass = tcpfsm_filter_match(filter, event);
	bool last_passes = tcpfsm_filter_match(last, event);
	struct tcpfsm_filter negated = *last;

	require(pass == (tcpfsm_filter_match(rest, event) && last_passes), "no conjunction");
	if (!negated.nr_terms)
		return;
	negated.terms[0].negate = !negated.terms[0].negate;
	require(tcpfsm_filter_match(&negated, event) != last_passes, "no negation");
}

static void check_events(const struct tcpfsm_filter *filter, const char *text, size_t len,
			 const uint8_t *data, size_t size)
{
	size_t cut = last_term(text, len), n;
	struct tcpfsm_filter rest, last;
	struct tcpfsm_event event;
	unsigned int i;

	require(parses(&rest, text, cut), "right with its last term, wrong without");
	require(parses(&last, text + cut, len - cut), "its last term is right only after the rest");
	for (i = 0; i < MAX_EVENTS; i++) {
		n = size < sizeof(event) ? size : sizeof(event);
		memset(&event, 0, sizeof(event));
		memcpy(&event, data, n);
		check_event(filter, &rest, &last, &event);
		data += n;
		size -= n;
		if (!size)
			break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	size_t len = strnlen(text, size);
	size_t used = len < size ? len + 1 : len;
	struct tcpfsm_filter filter;

	if (!parses(&filter, text, len))
		return 0;
	require(len <= TCPFSM_FILTER_LEN, "a text that is too long is accepted");
	check_bounds(&filter);
	check_again(&filter, text, len);
	check_events(&filter, text, len, data + used, size - used);
	return 0;
}
