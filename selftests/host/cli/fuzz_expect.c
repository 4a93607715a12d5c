// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz_expect.c - any text as an expression, any bytes as the events that it is about
 *
 * The input is an expression up to the first NUL. Behind it are events: a state, a cause and
 * flags each. The sanitizers check it, and so does this program: an error is reported within
 * the text, a certain verdict stays with each further event, and a way that is said to be right
 * is right by a second opinion, which tries all ways.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/expect.h"

#define EVENTS_MAX 24

static void require(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz_expect: %s\n", what);
	abort();
}

static bool is_step(const struct fsm_expect_step *step, unsigned int state,
		    const struct tcpfsm_event *ev)
{
	if (state >= TCPFSM_NR_STATES || !(step->states >> state & 1))
		return false;
	if (!ev)
		return !step->causes && !step->flags;
	if ((ev->flags & step->flags) != step->flags)
		return false;
	return !step->causes || (ev->cause < 64 && step->causes >> ev->cause & 1);
}

/*
 * Give the second opinion: return whether the steps from @i on match the states from @at on.
 * State 0 is the first one, and state n the new one of event n - 1. Known answers are kept.
 */
static signed char known[FSM_EXPECT_STEPS + 1][EVENTS_MAX + 3];

static bool try(const struct fsm_expect *expect, unsigned int i, const struct fsm_end *end,
		size_t at)
{
	const struct tcpfsm_event *ev = at ? &end->events[at - 1] : NULL;
	bool result;

	if (known[i][at] >= 0)
		return known[i][at];
	if (i == expect->nr)
		result = at == end->nr + 1;
	else if (!expect->steps[i].states)
		result = try(expect, i + 1, end, at) ||
			 (at <= end->nr && try(expect, i, end, at + 1));
	else
		result = at <= end->nr &&
			 is_step(&expect->steps[i], ev ? ev->new : end->events[0].old, ev) &&
			 try(expect, i + 1, end, at + 1);
	known[i][at] = result;
	return result;
}

static size_t make_events(struct tcpfsm_event *events, const uint8_t *data, size_t size)
{
	size_t nr = size / 4 < EVENTS_MAX ? size / 4 : EVENTS_MAX;
	size_t i;

	memset(events, 0, EVENTS_MAX * sizeof(*events));
	for (i = 0; i < nr; i++) {
		events[i].old = i ? events[i - 1].new : data[3] % 16;
		events[i].new = data[4 * i] % 16;
		events[i].cause = data[4 * i + 1] % 32;
		events[i].flags = (uint16_t)(data[4 * i + 2] & 7);
	}
	return nr;
}

static void print(const struct fsm_expect *expect, const struct fsm_end *end,
		  const struct fsm_judgement *judgement)
{
	char text[FSM_EXPECT_TEXT_MAX];

	require(fsm_put_expected(text, expect, judgement->steps) <= text + sizeof(text),
		"too long");
	require(fsm_put_way(text, end, judgement->right) <= text + sizeof(text), "too long");
}

static void judge(const struct fsm_expect *expect, const struct tcpfsm_event *events, size_t nr)
{
	enum fsm_verdict before = FSM_VERDICT_OPEN;
	struct fsm_end end = { .events = events };

	for (end.nr = 1; end.nr <= nr; end.nr++) {
		struct fsm_judgement judgement;

		fsm_expect_judge(expect, &end, &judgement);
		fsm_expect_begins(expect, events);
		memset(known, -1, sizeof(known));
		require(judgement.done == try(expect, 0, &end, 0), "the second opinion is another");
		require(before == FSM_VERDICT_OPEN || judgement.verdict == before,
			"what was certain has changed");
		require(judgement.verdict != FSM_VERDICT_FALSE || !judgement.done,
			"false, and done");
		require(judgement.right <= end.nr, "more is right than there is");
		before = judgement.verdict;
		print(expect, &end, &judgement);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = strnlen((const char *)data, size);
	struct tcpfsm_event events[EVENTS_MAX];
	struct fsm_expect_error error = { 0 };
	struct fsm_expect expect;
	char text[1024];
	size_t nr;

	if (len >= sizeof(text))
		return 0;
	memcpy(text, data, len);
	text[len] = '\0';
	if (fsm_expect_parse(&expect, text, &error)) {
		require(error.what && error.at <= len, "an error without a place");
		return 0;
	}
	require(expect.nr > 0, "no steps");
	if (len < size)
		len++;
	nr = make_events(events, data + len, size - len);
	judge(&expect, events, nr);
	return 0;
}
