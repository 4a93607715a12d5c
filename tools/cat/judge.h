/* SPDX-License-Identifier: GPL-2.0 */
/*
 * judge.h - fsmcat --expect: did each connection go the way it was expected to?
 */
#ifndef FSMCAT_JUDGE_H
#define FSMCAT_JUDGE_H

#include "model/assembly.h"
#include "model/expect.h"

/**
 * struct judge - what is expected, and of whom
 * @expect: the way
 * @cgroup: only of the connections of this cgroup, 0: of all
 * @judged: connections of which it is known
 * @failed: how many of them went another way
 * @open: connections that have to be judged and cannot be yet
 * @lives: connections under way
 */
struct judge {
	struct fsm_expect expect;
	uint64_t cgroup;
	uint64_t judged;
	uint64_t failed;
	uint64_t open;
	struct fsm_lives lives;
};

int judge_event(struct judge *judge, const struct tcpfsm_event *ev, bool wanted);
void judge_rest(struct judge *judge);

#endif /* FSMCAT_JUDGE_H */
