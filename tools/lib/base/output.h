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
 * struct fsm_output - an output
 * @fd: where to
 * @error: errno of the first write that failed; later bytes are dropped
 * @buf: bytes that have not been written
 * @len: bytes in @buf
 * @size: bytes @buf can hold
 * @done: when @error is set: bytes of the failed buffer that were written before
 */
struct fsm_output {
	int fd;
	int error;
	char *buf;
	size_t len;
	size_t size;
	size_t done;
};

int fsm_output_init(struct fsm_output *out, int fd, size_t size);
void fsm_output_free(struct fsm_output *out);
int fsm_output_flush(struct fsm_output *out);
void fsm_output_append(struct fsm_output *out, const void *data, size_t len);

/**
 * fsm_output_reserve() - get room to write into
 * @out: output
 * @len: bytes that will be needed at most; never more than the buffer's size
 *
 * Return: where to write; give the end of what was written to fsm_output_commit().
 */
static inline char *fsm_output_reserve(struct fsm_output *out, size_t len)
{
	if (out->size - out->len < len)
		fsm_output_flush(out);
	return out->buf + out->len;
}

static inline void fsm_output_commit(struct fsm_output *out, const char *end)
{
	out->len = (size_t)(end - out->buf);
}

#endif /* FSM_OUTPUT_H */
