// SPDX-License-Identifier: GPL-2.0
/*
 * expect.c - the way that a connection is expected to go through the states
 *
 * The steps are a regular expression over states. The matcher keeps the set of steps that can
 * come next, as a bit mask, so that it tries no way through the expression twice.
 */
#include "model/expect.h"

#include <string.h>

#include "base/digits.h"
#include "in/event.h"

/* ---- parser ---- */

struct parser {
	const char *text;
	const char *p;
	struct fsm_expect *expect;
	struct fsm_expect_error *error;
};

/* Report an error where a person would look for it: count characters, not bytes. */
static int fail(struct parser *parser, const char *at, const char *what)
{
	const char *p;

	parser->error->at = 0;
	for (p = parser->text; p < at; p++)
		parser->error->at += ((unsigned char)*p & 0xc0) != 0x80;
	parser->error->what = what;
	return -1;
}

static void skip_blanks(struct parser *parser)
{
	parser->p += strspn(parser->p, " \t\n");
}

static bool take(struct parser *parser, const char *word)
{
	size_t len = strlen(word);

	skip_blanks(parser);
	if (strncmp(parser->p, word, len))
		return false;
	parser->p += len;
	skip_blanks(parser);
	return true;
}

static size_t word_len(const char *p)
{
	return strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
}

static bool is_word(const char *p, size_t len, const char *name)
{
	return name && strlen(name) == len && !memcmp(p, name, len);
}

static int parse_states(struct parser *parser, struct fsm_expect_step *step)
{
	do {
		size_t len = word_len(parser->p);
		unsigned int state = 1;

		while (state < TCPFSM_NR_STATES && !is_word(parser->p, len, fsm_state_name(state)))
			state++;
		if (state == TCPFSM_NR_STATES)
			return fail(parser, parser->p, len ? "not a state" : "a state is missing");
		step->states |= (uint16_t)(1u << state);
		parser->p += len;
	} while (take(parser, "|"));
	return 0;
}

static bool take_flag(struct parser *parser, struct fsm_expect_step *step)
{
	size_t len = word_len(parser->p);
	unsigned int bit = 0;

	while (bit < FSM_FLAGS && !is_word(parser->p, len, fsm_flag_name(bit)))
		bit++;
	if (bit == FSM_FLAGS)
		return false;
	step->flags |= (uint16_t)(1u << bit);
	parser->p += len;
	return true;
}

static int parse_causes(struct parser *parser, struct fsm_expect_step *step)
{
	if (step->causes)
		return fail(parser, parser->p,
			    "a second cause: | stands between those that will do");
	do {
		size_t len = word_len(parser->p);
		unsigned int cause = 1;

		while (cause < TCPFSM_NR_CAUSES && !is_word(parser->p, len, fsm_cause_name(cause)))
			cause++;
		if (cause == TCPFSM_NR_CAUSES)
			return fail(parser, parser->p,
				    len ? "neither a cause nor a flag" :
					  "a cause or a flag is missing");
		step->causes |= 1ull << cause;
		parser->p += len;
	} while (take(parser, "|"));
	return 0;
}

static int parse_attributes(struct parser *parser, struct fsm_expect_step *step)
{
	do {
		if (!take_flag(parser, step) && parse_causes(parser, step))
			return -1;
	} while (take(parser, ","));
	if (!take(parser, "]"))
		return fail(parser, parser->p, "] is missing");
	return 0;
}

static bool has_state(const struct fsm_expect_step *step, unsigned int state)
{
	return step->states >> state & 1;
}

static bool has_edge(const struct fsm_expect_step *from, const struct fsm_expect_step *to)
{
	unsigned int i, j;

	for (i = 1; i < TCPFSM_NR_STATES; i++)
		for (j = 1; j < TCPFSM_NR_STATES; j++)
			if (has_state(from, i) && has_state(to, j) && tcpfsm_edge_legal(i, j))
				return true;
	return false;
}

static int parse_step(struct parser *parser)
{
	struct fsm_expect *expect = parser->expect;
	struct fsm_expect_step *step = &expect->steps[expect->nr];
	const char *at = parser->p;

	if (expect->nr == FSM_EXPECT_STEPS)
		return fail(parser, at, "too many steps: at most 32");
	memset(step, 0, sizeof(*step));
	expect->nr++;
	if (take(parser, "...") || take(parser, "\u2026"))
		return 0;
	if (parse_states(parser, step))
		return -1;
	/* A way that no connection can go would look like a failure of the connection. */
	if (expect->nr > 1 && step[-1].states && !has_edge(&step[-1], step))
		return fail(parser, at, "no edge leads there from the state before");
	at = parser->p;
	if (!take(parser, "["))
		return 0;
	if (expect->nr == 1)
		return fail(parser, at, "nothing has led to the first state");
	return parse_attributes(parser, step);
}

/**
 * fsm_expect_parse() - parse an expression
 * @expect: filled in
 * @text: expression, see expect.h
 * @error: set to what is wrong, and where
 *
 * Return: 0 or -1.
 */
int fsm_expect_parse(struct fsm_expect *expect, const char *text, struct fsm_expect_error *error)
{
	struct parser parser = { .text = text, .p = text, .expect = expect, .error = error };

	memset(expect, 0, sizeof(*expect));
	skip_blanks(&parser);
	do {
		if (parse_step(&parser))
			return -1;
	} while (take(&parser, ">"));
	return *parser.p ? fail(&parser, parser.p, "> or the end is missing") : 0;
}

/* ---- judge ---- */

static bool is_gap(const struct fsm_expect_step *step)
{
	return !step->states;
}

/* Add the steps behind those that may match no state: they can come next, too. */
static uint64_t close_over(const struct fsm_expect *expect, uint64_t set)
{
	unsigned int i;

	for (i = 0; i < expect->nr; i++)
		if (set & 1ull << i && is_gap(&expect->steps[i]))
			set |= 1ull << (i + 1);
	return set;
}

/* The first state has no event that led to it. */
static bool matches(const struct fsm_expect_step *step, unsigned int state,
		    const struct tcpfsm_event *ev)
{
	if (state >= TCPFSM_NR_STATES || !has_state(step, state))
		return false;
	if (!ev)
		return !step->causes && !step->flags;
	return (ev->flags & step->flags) == step->flags &&
	       (!step->causes ||
		(ev->cause < TCPFSM_NR_CAUSES && step->causes & 1ull << ev->cause));
}

static uint64_t advance(const struct fsm_expect *expect, uint64_t set, unsigned int state,
			const struct tcpfsm_event *ev)
{
	uint64_t next = 0;
	unsigned int i;

	for (i = 0; i < expect->nr; i++) {
		if (!(set & 1ull << i))
			continue;
		if (is_gap(&expect->steps[i]))
			next |= 1ull << i;
		else if (matches(&expect->steps[i], state, ev))
			next |= 1ull << (i + 1);
	}
	return close_over(expect, next);
}

static enum fsm_verdict verdict_of(const struct fsm_expect *expect, uint64_t set)
{
	if (!set)
		return FSM_VERDICT_FALSE;
	/* If the expression ends with any states, nothing that comes can make it false. */
	if (set & 1ull << expect->nr && is_gap(&expect->steps[expect->nr - 1]))
		return FSM_VERDICT_TRUE;
	return FSM_VERDICT_OPEN;
}

/**
 * fsm_expect_judge() - judge whether a connection goes the expected way
 * @expect: expression
 * @end: a connection, as far as it has come
 * @judgement: filled in
 */
void fsm_expect_judge(const struct fsm_expect *expect, const struct fsm_end *end,
		      struct fsm_judgement *judgement)
{
	uint64_t set = close_over(expect, 1);
	uint64_t next = advance(expect, set, end->events[0].old, NULL);
	size_t i = 0;

	while (next && i < end->nr) {
		set = next;
		next = advance(expect, set, end->events[i].new, &end->events[i]);
		i += next != 0;
	}
	judgement->verdict = verdict_of(expect, next);
	judgement->done = next & 1ull << expect->nr;
	judgement->right = i;
	judgement->steps = next ? next : set;
}

/**
 * fsm_expect_begins() - return whether the expression is about a connection
 * @expect: expression
 * @first: its first event
 *
 * It is if the connection begins in the same state, or if the expression says nothing of the
 * beginning. Listening sockets begin in CLOSE, too; the expression is about them only if
 * LISTEN comes next.
 */
bool fsm_expect_begins(const struct fsm_expect *expect, const struct tcpfsm_event *first)
{
	const struct fsm_expect_step *steps = expect->steps;
	bool wants_listeners = expect->nr > 1 && has_state(&steps[1], TCPFSM_LISTEN);
	bool is_listener = first->new == TCPFSM_LISTEN ||
			   (first->old == TCPFSM_LISTEN && first->new == TCPFSM_CLOSE);

	if (is_listener != wants_listeners)
		return false;
	return is_gap(&steps[0]) || matches(&steps[0], first->old, NULL);
}

/* ---- text ---- */

static char *put_causes(char *p, uint64_t causes)
{
	const char *separator = "";
	unsigned int cause;

	for (cause = 1; cause < TCPFSM_NR_CAUSES; cause++) {
		if (!(causes & 1ull << cause))
			continue;
		p = fsm_puts(fsm_puts(p, separator), fsm_cause_name(cause));
		separator = "|";
	}
	return p;
}

static char *put_step(char *p, const struct fsm_expect_step *step)
{
	const char *separator = "";
	unsigned int state, bit;

	for (state = 1; state < TCPFSM_NR_STATES; state++) {
		if (!has_state(step, state))
			continue;
		p = fsm_puts(fsm_puts(p, separator), fsm_state_name(state));
		separator = "|";
	}
	if (!step->causes && !step->flags)
		return p;
	*p++ = '[';
	p = put_causes(p, step->causes);
	separator = step->causes ? "," : "";
	for (bit = 0; bit < FSM_FLAGS; bit++) {
		if (!(step->flags & 1u << bit))
			continue;
		p = fsm_puts(fsm_puts(p, separator), fsm_flag_name(bit));
		separator = ",";
	}
	*p++ = ']';
	return p;
}

/**
 * fsm_put_expected() - write which steps were expected next
 * @p: room for FSM_EXPECT_TEXT_MAX bytes
 * @expect: expression
 * @steps: fsm_judgement.steps
 *
 * Return: the end; there is no NUL.
 */
char *fsm_put_expected(char *p, const struct fsm_expect *expect, uint64_t steps)
{
	const char *separator = "", *start = p;
	unsigned int i;

	for (i = 0; i <= expect->nr; i++) {
		if (!(steps & 1ull << i) || (i < expect->nr && is_gap(&expect->steps[i])))
			continue;
		/* A step has less than 900 bytes. */
		if (p - start > FSM_EXPECT_TEXT_MAX - 1000)
			return fsm_puts(p, " ...");
		p = fsm_puts(p, separator);
		p = i < expect->nr ? put_step(p, &expect->steps[i]) : fsm_puts(p, "the end");
		separator = " or ";
	}
	return p;
}

/**
 * fsm_put_way() - write which way a connection has gone
 * @p: room for FSM_EXPECT_TEXT_MAX bytes
 * @end: connection
 * @nr: how many of its events
 *
 * Return: the end; there is no NUL.
 */
char *fsm_put_way(char *p, const struct fsm_end *end, size_t nr)
{
	/* Of a long way write the last part: that is where it went wrong. */
	size_t i = nr > 32 ? nr - 32 : 0;
	const char *name;

	if (i)
		p = fsm_puts(p, "...>");
	name = fsm_state_name(end->events[i].old);
	p = fsm_puts(p, name ? name : "-");
	for (; i < nr; i++) {
		const char *cause = fsm_cause_name(end->events[i].cause);

		name = fsm_state_name(end->events[i].new);
		*p++ = '>';
		p = fsm_puts(p, name ? name : "-");
		*p++ = '[';
		p = fsm_puts(p, cause ? cause : "-");
		*p++ = ']';
	}
	return p;
}
