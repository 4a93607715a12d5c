// SPDX-License-Identifier: GPL-2.0
/*
 * output.c - buffered output that keeps count of what really went out
 */
#include "base/output.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/**
 * fsm_output_init() - start an output
 * @out: output
 * @fd: open file descriptor; stays the caller's
 * @size: bytes to buffer
 *
 * Return: 0 or -1 (no memory).
 */
int fsm_output_init(struct fsm_output *out, int fd, size_t size)
{
	memset(out, 0, sizeof(*out));
	out->fd = fd;
	out->size = size;
	out->buf = malloc(size);
	return out->buf ? 0 : -1;
}

void fsm_output_free(struct fsm_output *out)
{
	free(out->buf);
	memset(out, 0, sizeof(*out));
	out->fd = -1;
}

/* Wait until we can write: the program that gave us stdout may have made it non-blocking. */
static int wait_writable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };

	return poll(&pfd, 1, -1) < 0 && errno != EINTR ? -1 : 0;
}

/**
 * fsm_output_flush() - write all that is buffered
 * @out: output
 *
 * Return: 0, or -1 if this or an earlier write failed. Then @out->error says why, and
 * @out->done how many bytes of the failed one were written.
 */
int fsm_output_flush(struct fsm_output *out)
{
	size_t len = out->len;
	size_t done = 0;

	out->len = 0;
	if (out->error)
		return -1;
	while (done < len) {
		ssize_t n = write(out->fd, out->buf + done, len - done);

		if (n >= 0) {
			done += (size_t)n;
			continue;
		}
		if (errno == EINTR || (errno == EAGAIN && wait_writable(out->fd) == 0))
			continue;
		out->error = errno;
		out->done = done;
		return -1;
	}
	return 0;
}

/**
 * fsm_output_append() - copy into the buffer
 * @out: output
 * @data: bytes
 * @len: how many; never more than the buffer's size
 *
 * The bytes of one call are flushed together, so that a flush always starts
 * with a call's first byte.
 */
void fsm_output_append(struct fsm_output *out, const void *data, size_t len)
{
	char *p = fsm_output_reserve(out, len);

	memcpy(p, data, len);
	fsm_output_commit(out, p + len);
}
