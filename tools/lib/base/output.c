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
 * fsm_out_init() - start an output
 * @out: output
 * @fd: open file descriptor; stays the caller's
 * @size: bytes to buffer
 *
 * Return: 0 or -1 (no memory).
 */
int fsm_out_init(struct fsm_out *out, int fd, size_t size)
{
	memset(out, 0, sizeof(*out));
	out->fd = fd;
	out->size = size;
	out->buf = malloc(size);
	return out->buf ? 0 : -1;
}

void fsm_out_free(struct fsm_out *out)
{
	free(out->buf);
	memset(out, 0, sizeof(*out));
	out->fd = -1;
}

/* Whoever gave us stdout may have made it non-blocking for themselves. */
static int wait_writable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };

	return poll(&pfd, 1, -1) < 0 && errno != EINTR ? -1 : 0;
}

/**
 * fsm_out_flush() - write all that is buffered
 * @out: output
 *
 * Return: 0, or -1 if this or an earlier write failed (@out->error says why,
 * @out->done how far the one that failed had come).
 */
int fsm_out_flush(struct fsm_out *out)
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
 * fsm_out_append() - copy into the buffer
 * @out: output
 * @data: bytes
 * @len: how many; never more than the buffer's size
 *
 * The bytes of one call are flushed together, so that a flush always starts
 * with a call's first byte.
 */
void fsm_out_append(struct fsm_out *out, const void *data, size_t len)
{
	char *p = fsm_out_reserve(out, len);

	memcpy(p, data, len);
	fsm_out_commit(out, p + len);
}
