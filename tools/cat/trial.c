// SPDX-License-Identifier: GPL-2.0
/*
 * trial.c - fsmcat --expect from its beginning to its end, with or without a command
 */
#include "trial.h"

#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

/* How long connections may take to end after the command has, unless said otherwise. */
#define AFTER_NS 5000000000ull

static int start_command(struct trial *trial)
{
	struct command *command = &trial->command;

	if (command_prepare(command))
		return -1;
	trial->judge.cgroup = command->cgroup_id;
	if (command_start(command, trial->argv))
		return -1;
	/* Any descriptor is close-on-exec; glibc before 2.36 has no function for it. */
	trial->pidfd = (int)syscall(SYS_pidfd_open, command->pid, 0);
	return 0;
}

/**
 * trial_begin() - start the command, if there is one
 * @trial: with what was asked for
 *
 * Return: 0, or -1 after having said what is wrong.
 */
int trial_begin(struct trial *trial)
{
	trial->pidfd = -1;
	if (fsm_lives_init(&trial->judge.lives)) {
		fputs("fsmcat: no memory\n", stderr);
		return -1;
	}
	if (trial->argv && start_command(trial)) {
		fprintf(stderr, "fsmcat: %s\n", trial->command.error);
		trial_abandon(trial);
		return -1;
	}
	trial->deadline_ns = trial->timeout_ns ? fsm_now_ns() + trial->timeout_ns : UINT64_MAX;
	return 0;
}

/* The command has had its time; now it is the connections'. */
static void command_ended(struct trial *trial, uint64_t now)
{
	trial->ended_ns = now;
	trial->deadline_ns = now + (trial->timeout_ns ? trial->timeout_ns : AFTER_NS);
	if (trial->pidfd >= 0)
		close(trial->pidfd);
	trial->pidfd = -1;
}

static bool command_is_over(struct trial *trial, uint64_t now, bool quiet)
{
	if (trial->command.running && now >= trial->deadline_ns) {
		command_kill(&trial->command);
		trial->late = true;
	}
	if (!command_has_ended(&trial->command))
		return false;
	if (!trial->ended_ns) {
		command_ended(trial, now);
		return false;
	}
	/* All that it did has been read: is there anything left to wait for? */
	return now >= trial->deadline_ns || (quiet && !trial->judge.open);
}

/**
 * trial_is_over() - is there nothing more to wait for?
 * @trial: trial
 * @now_ns: CLOCK_MONOTONIC, before the stream was read
 * @quiet: there was nothing more in the stream
 * @live: it is the module's stream
 */
bool trial_is_over(struct trial *trial, uint64_t now_ns, bool quiet, bool live)
{
	if (trial->argv)
		return command_is_over(trial, now_ns, quiet);
	if (trial->count && trial->judge.judged >= trial->count)
		return true;
	/* Of a recording all that went wrong is told; a watcher shall not wait for more of it. */
	return live && (trial->judge.failed || now_ns >= trial->deadline_ns);
}

/**
 * trial_abandon() - end the command, and leave nothing behind
 * @trial: trial
 */
void trial_abandon(struct trial *trial)
{
	if (trial->argv && trial->command.pid > 0)
		command_kill(&trial->command);
	if (trial->argv)
		command_clean(&trial->command);
	if (trial->pidfd >= 0)
		close(trial->pidfd);
	trial->pidfd = -1;
	fsm_lives_free(&trial->judge.lives);
}

static void tell_command(const struct trial *trial)
{
	int status = trial->command.status;

	if (trial->late)
		fprintf(stderr, "fsmcat: %s had not ended and was killed\n", trial->argv[0]);
	else if (WIFSIGNALED(status))
		fprintf(stderr, "fsmcat: %s was killed by signal %d\n", trial->argv[0],
			WTERMSIG(status));
	else if (WEXITSTATUS(status))
		fprintf(stderr, "fsmcat: %s ended with exit status %d\n", trial->argv[0],
			WEXITSTATUS(status));
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/**
 * trial_end() - the verdict
 * @trial: trial
 *
 * Return: has everything been as expected?
 */
bool trial_end(struct trial *trial)
{
	struct judge *judge = &trial->judge;

	judge_rest(judge);
	trial->late |= trial->argv && !command_has_ended(&trial->command);
	if (trial->argv)
		tell_command(trial);
	if (!judge->judged)
		fputs("fsmcat: there was no connection to judge\n", stderr);
	else if (judge->failed)
		fprintf(stderr, "fsmcat: %llu of %llu connection%s not as expected\n",
			(unsigned long long)judge->failed, (unsigned long long)judge->judged,
			plural(judge->judged));
	else
		fprintf(stderr, "fsmcat: %llu connection%s as expected\n",
			(unsigned long long)judge->judged, plural(judge->judged));
	trial_abandon(trial);
	return judge->judged && !judge->failed && !trial->late;
}
