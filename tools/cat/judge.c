// SPDX-License-Identifier: GPL-2.0
/*
 * judge.c - fsmcat --expect: did each connection go the way it was expected to?
 */
#include "judge.h"

#include <stdio.h>

#include "base/digits.h"
#include "out/fields.h"

/* fsm_life.mark */
#define WANTED 1u /* the filter wanted one of its events */
#define OPEN   2u /* counted in judge.open */
#define JUDGED 4u

static char *put_name(char *p, const struct tcpfsm_event *ev)
{
	p = fsm_put_hex(p, ev->id);
	if (ev->gen > 1) {
		*p++ = '/';
		p = fsm_put_u64(p, ev->gen);
	}
	return p;
}

static char *put_endpoint(char *p, const struct tcpfsm_event *ev, const __u8 *addr, uint16_t port)
{
	if (!fsm_has_address(ev, addr, port))
		return fsm_puts(p, "-");
	if (ev->family == AF_INET6)
		*p++ = '[';
	p = fsm_put_address(p, ev, addr);
	if (ev->family == AF_INET6)
		*p++ = ']';
	*p++ = ':';
	return fsm_put_u64(p, port);
}

/* What came instead of what was expected. */
static char *put_instead(char *p, const struct fsm_life *life, size_t right)
{
	const struct tcpfsm_event *ev = &life->end.events[right];
	const char *state, *cause;

	if (right == life->end.nr)
		return fsm_puts(p, life->ended ? ", it was the end" : ", nothing more came");
	state = fsm_state_name(ev->new);
	cause = fsm_cause_name(ev->cause);
	p = fsm_puts(fsm_puts(p, ", "), state ? state : "-");
	p = fsm_puts(fsm_puts(p, "["), cause ? cause : "-");
	return fsm_puts(p, "] came");
}

static void tell(const struct judge *judge, const struct fsm_life *life,
		 const struct fsm_judgement *judgement)
{
	const struct tcpfsm_event *last = &life->end.events[life->end.nr - 1];
	char text[3 * FSM_EXPECT_TEXT_MAX];
	char *p = text;

	p = fsm_puts(put_name(p, last), " ");
	p = fsm_puts(put_endpoint(p, last, last->laddr, last->lport), " ");
	p = put_endpoint(p, last, last->raddr, last->rport);
	p = fsm_puts(p, ": after ");
	p = fsm_put_walk(p, &life->end, judgement->right);
	p = fsm_puts(p, " expected ");
	p = fsm_put_expected(p, &judge->expect, judgement->steps);
	p = put_instead(p, life, judgement->right);
	fprintf(stderr, "fsmcat: %.*s\n", (int)(p - text), text);
}

/* The socket's, so that it does not matter which process closes it. */
static bool is_of_cgroup(const struct judge *judge, const struct fsm_life *life)
{
	return life->end.events[0].cgroup == judge->cgroup;
}

/*
 * With a command: its own connections; and where the expression is about passive ends,
 * those of others that it has opened, too.
 */
static bool is_of_command(const struct judge *judge, const struct fsm_life *life)
{
	bool passive = judge->expect.steps[0].states & 1u << TCPFSM_LISTEN;

	return !judge->cgroup || is_of_cgroup(judge, life) ||
	       (passive && life->peer && is_of_cgroup(judge, life->peer));
}

static bool is_wanted(const struct judge *judge, const struct fsm_life *life)
{
	return life->mark & WANTED && fsm_expect_begins(&judge->expect, &life->end.events[0]) &&
	       is_of_command(judge, life);
}

static void decide(struct judge *judge, struct fsm_life *life, bool good,
		   const struct fsm_judgement *judgement)
{
	if (life->mark & OPEN)
		judge->open--;
	life->mark &= ~OPEN;
	life->mark |= JUDGED;
	judge->judged++;
	if (good)
		return;
	judge->failed++;
	tell(judge, life, judgement);
}

/* @last: nothing more will come */
static void look(struct judge *judge, struct fsm_life *life, bool last)
{
	struct fsm_judgement judgement;

	if (life->mark & JUDGED || !is_wanted(judge, life))
		return;
	fsm_expect_judge(&judge->expect, &life->end, &judgement);
	if (judgement.verdict == FSM_VERDICT_TRUE) {
		decide(judge, life, true, &judgement);
	} else if (judgement.verdict == FSM_VERDICT_FALSE || life->ended || last) {
		decide(judge, life, judgement.done, &judgement);
	} else if (!(life->mark & OPEN)) {
		life->mark |= OPEN;
		judge->open++;
	}
}

/**
 * judge_event() - one event more
 * @judge: judge
 * @ev: event
 * @wanted: the filter wants it, and so the whole connection
 *
 * Return: 0, or -1 if there is no memory.
 */
int judge_event(struct judge *judge, const struct tcpfsm_event *ev, bool wanted)
{
	struct fsm_life *life = fsm_lives_add(&judge->lives, ev);
	struct fsm_life *peer;

	if (!life)
		return -1;
	if (wanted)
		life->mark |= WANTED;
	look(judge, life, false);
	peer = life->peer;
	if (!life->ended || (peer && !peer->ended))
		return 0;
	/* A peer may be wanted only since it is known who the other end is. */
	if (peer)
		look(judge, peer, false);
	fsm_lives_remove(&judge->lives, life);
	if (peer)
		fsm_lives_remove(&judge->lives, peer);
	return 0;
}

/**
 * judge_rest() - nothing more will come: judge what is open as it is now
 * @judge: judge
 */
void judge_rest(struct judge *judge)
{
	struct fsm_life *life;

	for (life = judge->lives.oldest; life; life = life->younger)
		look(judge, life, true);
}
