/* SPDX-License-Identifier: GPL-2.0 */
/*
 * expect.h - the way that a connection is expected to go through the states
 *
 *	expression	step { ">" step }
 *	step		state { "|" state } [ "[" attribute { "," attribute } "]" ]
 *			"..." or "…"	any states, including none
 *	attribute	cause { "|" cause }, or a flag: syncookie fastopen finack ...
 *
 * The whole way has to match, from the first state that was seen to the last one. Each state
 * but the first has to have one of the causes, and all of the flags, in its brackets.
 */
#ifndef FSM_EXPECT_H
#define FSM_EXPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/segment.h"

#define FSM_EXPECT_STEPS 32

/**
 * struct fsm_expect_step - a step
 * @states: bit mask of the states that will do; 0: any states, including none
 * @causes: bit mask of the causes that will do, 0: any
 * @flags: TCPFSM_F_* that have to be set
 */
struct fsm_expect_step {
	uint16_t states;
	uint16_t flags;
	uint64_t causes;
};

struct fsm_expect {
	unsigned int nr;
	struct fsm_expect_step steps[FSM_EXPECT_STEPS];
};

/**
 * struct fsm_expect_error - what is wrong with an expression
 * @at: character, from 0
 * @what: what is wrong
 */
struct fsm_expect_error {
	size_t at;
	const char *what;
};

enum fsm_verdict {
	FSM_VERDICT_OPEN,  /* it depends on the events to come */
	FSM_VERDICT_TRUE,  /* it is true, whatever comes */
	FSM_VERDICT_FALSE, /* it is false, whatever comes */
};

/**
 * struct fsm_judgement - how far a connection went the expected way
 * @verdict: whether it went that way
 * @done: it did, if nothing else comes
 * @right: how many of its events were as expected
 * @steps: bit mask of the steps, one of which was expected next; the bit behind the
 *	last step stands for the end
 */
struct fsm_judgement {
	enum fsm_verdict verdict;
	bool done;
	size_t right;
	uint64_t steps;
};

int fsm_expect_parse(struct fsm_expect *expect, const char *text, struct fsm_expect_error *error);
bool fsm_expect_begins(const struct fsm_expect *expect, const struct tcpfsm_event *first);
void fsm_expect_judge(const struct fsm_expect *expect, const struct fsm_end *end,
		      struct fsm_judgement *judgement);

#define FSM_EXPECT_TEXT_MAX 4096

char *fsm_put_expected(char *p, const struct fsm_expect *expect, uint64_t steps);
char *fsm_put_way(char *p, const struct fsm_end *end, size_t nr);

#endif /* FSM_EXPECT_H */
