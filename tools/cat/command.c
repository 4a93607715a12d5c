// SPDX-License-Identifier: GPL-2.0
/*
 * command.c - a command in a cgroup of its own, by which its sockets are known
 *
 * A socket belongs to the cgroup of the process that made it, and an accepted socket to the
 * cgroup of its listener. Unlike the number of a process, the cgroup outlives the process. It
 * holds for all children of the command, whatever becomes of their parents.
 */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int fail(struct command *command, const char *what, const char *why)
{
	snprintf(command->error, sizeof(command->error), "%s: %s", what, why);
	return -1;
}

/* Find where the unified hierarchy is mounted. */
static bool find_mount(char *path, size_t size)
{
	char line[4096 + 512];
	FILE *file = fopen("/proc/self/mountinfo", "re");
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		char point[4096];

		found = strstr(line, " - cgroup2 ") &&
			sscanf(line, "%*s %*s %*s %*s %4095s", point) == 1 &&
			(size_t)snprintf(path, size, "%s", point) < size;
	}
	if (file)
		fclose(file);
	return found;
}

/* Find our own cgroup, behind "0::"; one outside of our namespace cannot be reached. */
static void find_own(char *path, size_t size)
{
	char line[4096 + 16];
	FILE *file = fopen("/proc/self/cgroup", "re");

	path[0] = '\0';
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::/", 4) || !strncmp(line, "0::/..", 6) || !line[4])
			continue;
		if ((size_t)snprintf(path, size, "%s", line + 3) >= size)
			path[0] = '\0';
	}
	if (file)
		fclose(file);
}

/**
 * command_prepare() - make the cgroup of the command
 * @command: filled in
 *
 * Return: 0, or -1 with @command->error set.
 */
int command_prepare(struct command *command)
{
	char mount[2048], own[2000];
	struct stat st;

	memset(command, 0, sizeof(*command));
	if (!find_mount(mount, sizeof(mount)))
		return fail(command, "no cgroup for the command",
			    "no file system of type cgroup2 is mounted");
	find_own(own, sizeof(own));
	snprintf(command->parent, sizeof(command->parent), "%s%s", mount, own);
	snprintf(command->cgroup, sizeof(command->cgroup), "%s%s/fsmcat-%d", mount, own,
		 (int)getpid());
	if (mkdir(command->cgroup, 0755) || stat(command->cgroup, &st)) {
		fail(command, command->cgroup, strerror(errno));
		command->cgroup[0] = '\0';
		return -1;
	}
	command->cgroup_id = st.st_ino;
	return 0;
}

static int write_to(const char *cgroup, const char *name, const char *text)
{
	char path[PATH_MAX + 16];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", cgroup, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = write(fd, text, strlen(text));
		close(fd);
	}
	return n < 0 ? -1 : 0;
}

/* Run the command in the child, and report an error to the parent. */
static void run(const struct command *command, char **argv, int report)
{
	int error;

	signal(SIGXFSZ, SIG_DFL);
	/* A process that writes 0 moves itself. */
	if (write_to(command->cgroup, "cgroup.procs", "0") == 0)
		execvp(argv[0], argv);
	error = errno;
	if (write(report, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

/**
 * command_start() - start the command
 * @command: a command that has its cgroup
 * @argv: its words
 *
 * Return: 0, or -1 with @command->error set.
 */
int command_start(struct command *command, char **argv)
{
	int report[2], error;
	ssize_t n;

	if (pipe2(report, O_CLOEXEC))
		return fail(command, argv[0], strerror(errno));
	command->pid = fork();
	if (command->pid == 0)
		run(command, argv, report[1]);
	close(report[1]);
	if (command->pid < 0) {
		close(report[0]);
		return fail(command, argv[0], strerror(errno));
	}
	command->running = true;
	/* The command runs if exec() has closed the pipe and nothing was written. */
	do {
		n = read(report[0], &error, sizeof(error));
	} while (n < 0 && errno == EINTR);
	close(report[0]);
	return n == sizeof(error) ? fail(command, argv[0], strerror(error)) : 0;
}

/**
 * command_reap() - take note of the command's end, if it has ended; do not wait for it
 * @command: a command that was started
 *
 * Return: whether it has ended.
 */
bool command_reap(struct command *command)
{
	if (command->running && waitpid(command->pid, &command->status, WNOHANG) == command->pid)
		command->running = false;
	return !command->running;
}

/**
 * command_kill() - end the command and its children, if it still runs
 * @command: a command
 */
void command_kill(struct command *command)
{
	if (command_reap(command))
		return;
	/* Kernels before 5.14 do not have this file. */
	write_to(command->cgroup, "cgroup.kill", "1");
	kill(command->pid, SIGKILL);
	waitpid(command->pid, &command->status, 0);
	command->running = false;
}

/* Move the processes that the command has left behind to our own cgroup, where they go on. */
static void move_rest(const struct command *command)
{
	char path[PATH_MAX + 16], line[32];
	FILE *file;

	snprintf(path, sizeof(path), "%s/cgroup.procs", command->cgroup);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		write_to(command->parent, "cgroup.procs", line);
	if (file)
		fclose(file);
}

/**
 * command_clean() - remove the cgroup
 * @command: a command that does not run
 */
void command_clean(struct command *command)
{
	if (!command->cgroup[0])
		return;
	if (rmdir(command->cgroup)) {
		move_rest(command);
		rmdir(command->cgroup);
	}
	command->cgroup[0] = '\0';
}
