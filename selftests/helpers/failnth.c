// SPDX-License-Identifier: GPL-2.0
/*
 * failnth.c - load a kernel module while its nth allocation fails
 *
 * Allocation means any that the kernel makes during this system call, its own for
 * the module included (CONFIG_FAILSLAB, CONFIG_FAIL_PAGE_ALLOC). Prints "failed" or
 * "all done" (there are fewer than n), and the system call's error.
 */
#define _GNU_SOURCE /* syscall() */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FAIL_NTH "/proc/thread-self/fail-nth"

int main(int argc, char **argv)
{
	int module, nth, error;
	char left[16] = "";

	if (argc != 4)
		errx(2, "usage: failnth N MODULE.ko PARAMETERS");
	module = open(argv[2], O_RDONLY);
	if (module < 0)
		err(2, "%s", argv[2]);
	nth = open(FAIL_NTH, O_RDWR);
	if (nth < 0 || write(nth, argv[1], strlen(argv[1])) < 0)
		err(2, FAIL_NTH);
	error = syscall(SYS_finit_module, module, argv[3], 0) ? errno : 0;
	/* The kernel counts down; what it has not got to is left. */
	if (pread(nth, left, sizeof(left) - 1, 0) < 0 || pwrite(nth, "0", 1, 0) < 0)
		err(2, FAIL_NTH);
	printf("%s: %s\n", atoi(left) ? "all done" : "failed", strerror(error));
	return error ? 1 : 0;
}
