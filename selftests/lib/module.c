// SPDX-License-Identifier: GPL-2.0
/*
 * module.c - every test program finds the module loaded, and leaves it as it was
 *
 * Linked into a program, this loads the module before main() unless it is loaded
 * already, and in that case removes it when the program ends. TCPFSM_KO names the
 * file, by default ../module/tcpfsm.ko beside the program's directory. Without the
 * module there is nothing to test, which is reported as a skip; a module that does
 * not load is a failure.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stream.h"

#define KSFT_FAIL 1
#define KSFT_SKIP 4
#define PATH_SIZE 4096

static pid_t loader;
static int pin = -1;

static void skip(const char *path, const char *why)
{
	printf("TAP version 13\n1..0 # SKIP %s: %s\n", path, why);
	exit(KSFT_SKIP);
}

static void fail(const char *path, const char *why)
{
	printf("TAP version 13\n1..1\n# %s: %s\nnot ok 1 load\n", path, why);
	exit(KSFT_FAIL);
}

static const char *module_path(void)
{
	static char path[PATH_SIZE + 32];
	const char *set = getenv("TCPFSM_KO");
	ssize_t len;

	if (set)
		return set;
	len = readlink("/proc/self/exe", path, PATH_SIZE);
	while (len > 0 && path[len - 1] != '/')
		len--;
	strcpy(path + (len > 0 ? len : 0), "../module/tcpfsm.ko");
	return path;
}

static void load(const char *path)
{
	int fd;

	if (access("/proc/modules", F_OK))
		skip(path, "this kernel has no modules");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		skip(path, strerror(errno));
	if (!syscall(SYS_finit_module, fd, "", 0))
		loader = getpid();
	else if (errno == EPERM)
		skip(path, strerror(errno));
	else if (errno != EEXIST)
		fail(path, strerror(errno));
	close(fd);
}

/* Open as long as the program runs, so that another one does not remove the module. */
static int open_pin(void)
{
	pin = open(STREAM_PATH, O_RDONLY | O_CLOEXEC);
	return pin;
}

/* Before the constructors that a program has of its own. */
__attribute__((constructor(101))) static void module_begin(void)
{
	if (open_pin() < 0 && errno == ENOENT)
		load(module_path());
	if (pin < 0 && open_pin() < 0) {
		if (errno == EACCES)
			skip(STREAM_PATH, strerror(errno));
		fail(STREAM_PATH, strerror(errno));
	}
}

__attribute__((destructor)) static void module_end(void)
{
	if (loader != getpid())
		return;
	close(pin);
	/* Another program may have begun to use it in the meantime. */
	if (syscall(SYS_delete_module, "tcpfsm", O_NONBLOCK) && errno != EWOULDBLOCK)
		printf("# cannot remove the module: %s\n", strerror(errno));
}
