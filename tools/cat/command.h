/* SPDX-License-Identifier: GPL-2.0 */
/*
 * command.h - a command in a cgroup of its own, by which its sockets are known
 */
#ifndef FSMCAT_COMMAND_H
#define FSMCAT_COMMAND_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct command - a command that runs or has run
 * @pid: its process, 0 before it is started
 * @running: it has not ended
 * @status: status of waitpid(), after it has ended
 * @cgroup_id: number of its cgroup, as events have it
 * @cgroup: directory of its cgroup
 * @parent: directory of our cgroup
 * @error: after an error: one line that says what happened
 */
struct command {
	pid_t pid;
	bool running;
	int status;
	uint64_t cgroup_id;
	char cgroup[PATH_MAX];
	char parent[PATH_MAX];
	char error[PATH_MAX + 128];
};

int command_prepare(struct command *command);
int command_start(struct command *command, char **argv);
bool command_reap(struct command *command);
void command_kill(struct command *command);
void command_clean(struct command *command);

#endif /* FSMCAT_COMMAND_H */
