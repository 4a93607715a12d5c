// SPDX-License-Identifier: GPL-2.0
/*
 * module.c - every test program finds the module loaded, and leaves it as it was; other modules
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

#include "module.h"
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

/* A file's place, given from the program's directory. */
static const char *beside(const char *name)
{
	static char path[PATH_SIZE + 64];
	ssize_t len;

	len = readlink("/proc/self/exe", path, PATH_SIZE);
	while (len > 0 && path[len - 1] != '/')
		len--;
	snprintf(path + (len > 0 ? len : 0), 64, "%s", name);
	return path;
}

static const char *module_path(void)
{
	return getenv("TCPFSM_KO") ?: beside("../module/tcpfsm.ko");
}

/* Returns 0 or a negative errno. */
static int insert(const char *path, const char *params)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;

	if (fd < 0 || syscall(SYS_finit_module, fd, params, 0))
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

/**
 * module_insert() - load a module that helps with a test
 * @name: its file, from the program's directory
 * @params: its parameters
 *
 * Return: 0 or a negative errno.
 */
int module_insert(const char *name, const char *params)
{
	return insert(beside(name), params);
}

/**
 * module_remove() - unload a module
 * @name: its name
 *
 * Return: 0 or a negative errno.
 */
int module_remove(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
}

static void load(const char *path)
{
	int err;

	if (access("/proc/modules", F_OK))
		skip(path, "this kernel has no modules");
	if (access(path, R_OK))
		skip(path, strerror(errno));
	err = insert(path, "");
	if (!err)
		loader = getpid();
	else if (err == -EPERM)
		skip(path, strerror(-err));
	else if (err != -EEXIST)
		fail(path, strerror(-err));
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
	int err;

	if (loader != getpid())
		return;
	close(pin);
	/* Another program may have begun to use it in the meantime. */
	err = module_remove("tcpfsm");
	if (err && err != -EWOULDBLOCK)
		printf("# cannot remove the module: %s\n", strerror(-err));
}
