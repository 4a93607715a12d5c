// SPDX-License-Identifier: GPL-2.0
/*
 * run.c - run a command in a network namespace
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run.h"

#define MAX_WORDS 32

static void split(char *text, char **words)
{
	int i;

	for (i = 0; i < MAX_WORDS - 1; i++, text = NULL) {
		words[i] = strtok(text, " ");
		if (!words[i])
			return;
	}
	words[i] = NULL;
}

static void child(int netns, int input, const char *command)
{
	char text[512];
	char *words[MAX_WORDS];

	snprintf(text, sizeof(text), "%s", command);
	split(text, words);
	if (setns(netns, CLONE_NEWNET) || dup2(input, STDIN_FILENO) < 0 ||
	    dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		_exit(126);
	execvp(words[0], words);
	_exit(127);
}

static void feed(int fd, const char *input)
{
	size_t len = strlen(input);

	/* The inputs are shorter than a pipe, so this never blocks. */
	if (write(fd, input, len) != (ssize_t)len)
		perror("# write to a command");
	close(fd);
}

/**
 * run_in() - run a command in a network namespace and wait for it
 * @netns: file descriptor of the namespace
 * @input: its standard input, or ""
 * @command: its words, separated by blanks
 *
 * What it prints is no test result, and goes to standard error.
 *
 * Return: its exit status, 127 if there is no such command, -1 for anything else.
 */
int run_in(int netns, const char *input, const char *command)
{
	int fds[2], status;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -1;
	pid = fork();
	if (pid == 0)
		child(netns, fds[0], command);
	close(fds[0]);
	feed(fds[1], input);
	if (pid > 0 && waitpid(pid, &status, 0) != pid)
		pid = -1;
	if (pid < 0 || !WIFEXITED(status))
		return -1;
	if (WEXITSTATUS(status))
		fprintf(stderr, "# '%s' failed: %d\n", command, WEXITSTATUS(status));
	return WEXITSTATUS(status);
}
