// SPDX-License-Identifier: GPL-2.0
/*
 * output_test.c - tests of base/output.c
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/output.h"
#include "random.h"
#include "tap.h"

/* Read from a pipe, slowly enough that the pipe is full again and again. */
struct drain {
	int fd;
	char *data;
	size_t len;
};

static void *drain_pipe(void *arg)
{
	struct drain *drain = arg;
	ssize_t n;

	while ((n = read(drain->fd, drain->data + drain->len, 777)) > 0)
		drain->len += (size_t)n;
	return NULL;
}

static void test_out_nonblocking(void)
{
	enum {
		LEN = 1000000
	};
	static char data[LEN], back[LEN + 777];
	struct drain drain = { .data = back };
	struct fsm_output out;
	pthread_t thread;
	int fds[2];
	size_t i;

	for (i = 0; i < LEN; i++)
		data[i] = (char)random_u64();
	if (!check(pipe2(fds, O_CLOEXEC) == 0))
		return;
	check(fcntl(fds[1], F_SETFL, O_NONBLOCK) == 0);
	drain.fd = fds[0];
	if (!check(pthread_create(&thread, NULL, drain_pipe, &drain) == 0))
		return;
	if (!check(fsm_output_init(&out, fds[1], 100000) == 0))
		return;
	for (i = 0; i < LEN; i += 1000)
		fsm_output_append(&out, data + i, 1000);
	check(fsm_output_flush(&out) == 0);
	close(fds[1]);
	pthread_join(thread, NULL);
	check(drain.len == LEN && !memcmp(data, back, LEN));
	fsm_output_free(&out);
	close(fds[0]);
}

static void test_out_error(void)
{
	struct fsm_output out;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	check(fd >= 0);
	if (!check(fsm_output_init(&out, fd, 16) == 0))
		return;
	fsm_output_append(&out, "0123456789", 10);
	check(out.error == 0);
	check(fsm_output_flush(&out) == -1 && out.error == ENOSPC && out.done == 0);
	/* From now on everything is dropped. */
	fsm_output_append(&out, "0123456789abcdef", 16);
	fsm_output_append(&out, "0123456789abcdef", 16);
	check(fsm_output_flush(&out) == -1 && out.error == ENOSPC);
	fsm_output_free(&out);
	close(fd);
}

int main(void)
{
	tap_test(test_out_nonblocking, "a slow non-blocking output gets everything");
	tap_test(test_out_error, "after a failed write all is dropped");
	return tap_failed_tests ? 1 : 0;
}
