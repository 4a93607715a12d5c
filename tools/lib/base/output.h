/* SPDX-License-Identifier: GPL-2.0 */
/*
 * output.h - buffered output that keeps count of what really went out
 *
 * stdio is not used: it cannot say how much of its buffer reached a full disk,
 * and a recording must end with a whole record.
 */
#ifndef FSM_OUTPUT_H
#define FSM_OUTPUT_H

#include <stddef.h>

/**
 * struct fsm_out - an output
 * @fd: where to
 * @error: errno of the first write that failed; all that comes later is dropped
 * @buf: what has not been written
 * @len: bytes in @buf
 * @size: bytes @buf can hold
 * @done: when @error is set: bytes of the failed buffer that were written before
 */
struct fsm_out {
	int fd;
	int error;
	char *buf;
	size_t len;
	size_t size;
	size_t done;
};

int fsm_out_init(struct fsm_out *out, int fd, size_t size);
void fsm_out_free(struct fsm_out *out);
int fsm_out_flush(struct fsm_out *out);
void fsm_out_append(struct fsm_out *out, const void *data, size_t len);

/**
 * fsm_out_reserve() - room to write into
 * @out: output
 * @len: bytes that will be needed at most; never more than the buffer's size
 *
 * Return: where to write; give the end of what was written to fsm_out_commit().
 */
static inline char *fsm_out_reserve(struct fsm_out *out, size_t len)
{
	if (out->size - out->len < len)
		fsm_out_flush(out);
	return out->buf + out->len;
}

static inline void fsm_out_commit(struct fsm_out *out, const char *end)
{
	out->len = (size_t)(end - out->buf);
}

#endif /* FSM_OUTPUT_H */
