/* SPDX-License-Identifier: GPL-2.0 */
/*
 * trial.h - fsmcat --expect from its beginning to its end, with or without a command
 */
#ifndef FSMCAT_TRIAL_H
#define FSMCAT_TRIAL_H

#include "command.h"
#include "judge.h"

/**
 * struct trial - a run of fsmcat --expect
 * @judge: what is expected
 * @argv: the command, or NULL
 * @timeout_ns: how long it may take, 0: not said
 * @count: so many connections are enough, 0: all
 * @command: the command
 * @pidfd: becomes readable when the command ends, else -1
 * @deadline_ns: CLOCK_MONOTONIC when it has to be over
 * @ended_ns: when the command ended
 * @late: the command had to be killed
 */
struct trial {
	struct judge judge;
	char **argv;
	uint64_t timeout_ns;
	uint64_t count;
	struct command command;
	int pidfd;
	uint64_t deadline_ns;
	uint64_t ended_ns;
	bool late;
};

int trial_begin(struct trial *trial);
bool trial_is_over(struct trial *trial, uint64_t now_ns, bool quiet, bool live);
void trial_abandon(struct trial *trial);
bool trial_end(struct trial *trial);

#endif /* FSMCAT_TRIAL_H */
