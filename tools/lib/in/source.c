// SPDX-License-Identifier: GPL-2.0
/*
 * source.c - records from the module's stream or from a recording
 */
#include "in/source.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_SIZE (64 * 1024)

/* The first part of a cut record moves to the front, and READ_SIZE bytes follow. */
#define BUFFER_SIZE (FSM_RECORD_MAX + READ_SIZE)

_Static_assert(BUFFER_SIZE <= FSM_RECORDER_MAX, "what one read gives can be written at once");

__attribute__((format(printf, 2, 3))) static int fail(struct fsm_source *src, const char *format,
						      ...)
{
	va_list args;
	int len;

	len = snprintf(src->error, sizeof(src->error), "%.300s: ", src->name);
	va_start(args, format);
	vsnprintf(src->error + len, sizeof(src->error) - (size_t)len, format, args);
	va_end(args);
	return -1;
}

static int start(struct fsm_source *src, const char *name)
{
	memset(src, 0, sizeof(*src));
	src->fd = -1;
	src->name = name;
	/* malloc() aligns the buffer, so records can be used where they are. */
	src->buf = malloc(BUFFER_SIZE);
	return src->buf ? 0 : fail(src, "no memory");
}

/* Say why reading is not permitted: the mode of the file decides, and anybody can see it. */
static int fail_permission(struct fsm_source *src)
{
	static const char hint[] = "the module's parameter gid names a group that may read it";
	const struct group *group;
	struct stat st;

	if (stat(src->name, &st) || !(st.st_mode & 0040) || st.st_gid == 0)
		return fail(src, "permission denied: you are not root; %s", hint);
	group = getgrgid(st.st_gid);
	if (group)
		return fail(src, "permission denied: you are neither root nor in group %s (%s)",
			    group->gr_name, hint);
	return fail(src, "permission denied: you are neither root nor in group %u (%s)", st.st_gid,
		    hint);
}

/**
 * fsm_source_open_live() - open the module's stream
 * @src: filled in
 * @path: FSM_LIVE_PATH
 *
 * Return: 0, or -1 with @src->error set.
 */
int fsm_source_open_live(struct fsm_source *src, const char *path)
{
	if (start(src, path))
		return -1;
	src->live = true;
	src->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (src->fd >= 0)
		return 0;
	if (errno == ENOENT)
		return fail(src, "no such file: is the module loaded? (make load)");
	if (errno == EACCES || errno == EPERM)
		return fail_permission(src);
	if (errno == EUSERS)
		return fail(src, "this network namespace has as many readers as it may (1024)");
	return fail(src, "%s", strerror(errno));
}

/* Wait for @len bytes and read them. Return how many came before the end, or -1. */
static ssize_t read_whole(int fd, void *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, (char *)data + done, len - done);

		if (n > 0)
			done += (size_t)n;
		else if (n == 0)
			break;
		else if (errno != EINTR)
			return -1;
	}
	return (ssize_t)done;
}

/* Read @len bytes at @offset of the header. Return 0, or -1 if there are fewer. */
static int read_header_part(struct fsm_source *src, size_t offset, size_t len)
{
	ssize_t n = read_whole(src->fd, (char *)src->raw_header + offset, len);

	if (n < 0)
		return fail(src, "%s", strerror(errno));
	if ((size_t)n < len)
		return fail(src, "not a recording of fsmcat, or cut short: only %zu bytes long",
			    offset + (size_t)n);
	return 0;
}

static int read_header(struct fsm_source *src)
{
	const char *problem;

	src->raw_header = malloc(FSM_HEADER_MAX);
	if (!src->raw_header)
		return fail(src, "no memory");

	if (read_header_part(src, 0, FSM_HEADER_START))
		return -1;
	problem = fsm_header_problem(src->raw_header, &src->swap);
	if (problem)
		return fail(src, "%s", problem);

	memcpy(&src->header, src->raw_header, FSM_HEADER_START);
	if (src->swap)
		fsm_header_swap(&src->header);
	src->raw_header_size = src->header.header_size;
	if (read_header_part(src, FSM_HEADER_START, src->raw_header_size - FSM_HEADER_START))
		return -1;

	memcpy(&src->header, src->raw_header, sizeof(src->header));
	if (src->swap)
		fsm_header_swap(&src->header);
	src->base = src->raw_header_size;
	return 0;
}

/**
 * fsm_source_open_recording() - open a file that fsmcat -w wrote
 * @src: filled in
 * @path: the file, "-" is stdin
 *
 * Return: 0, or -1 with @src->error set.
 */
int fsm_source_open_recording(struct fsm_source *src, const char *path)
{
	bool is_stdin = !strcmp(path, "-");
	struct stat st;

	if (start(src, is_stdin ? "stdin" : path))
		return -1;
	src->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (src->fd < 0 || fstat(src->fd, &st))
		return fail(src, "%s", strerror(errno));
	src->may_block = !S_ISREG(st.st_mode);
	return read_header(src);
}

static int damaged(struct fsm_source *src, const char *problem)
{
	return fail(src, "damaged at byte %llu, in record %llu: %s",
		    (unsigned long long)(src->base + src->pos),
		    (unsigned long long)src->records + 1, problem);
}

/* Return whether there is a whole record of the usual kind at @pos. */
static inline bool is_usual_at(const struct fsm_source *src, size_t pos)
{
	return src->end - pos >= sizeof(struct tcpfsm_event) &&
	       fsm_record_is_usual(src->buf + pos, src->swap);
}

static void note_usual(struct fsm_source *src, size_t n)
{
	if (src->version < TCPFSM_ABI_VERSION)
		src->version = TCPFSM_ABI_VERSION;
	src->records += n;
	src->pos += n * sizeof(struct tcpfsm_event);
}

/**
 * fsm_source_next_run() - get all records of the usual kind that come next, for copying them
 * @src: source
 * @raw: set to where they begin; good until the next call on @src
 *
 * fsm_source_next() gives the record behind them.
 *
 * Return: how many there are; they lie one behind the other.
 */
size_t fsm_source_next_run(struct fsm_source *src, const void **raw)
{
	size_t n = 0;

	*raw = src->buf + src->pos;
	while (is_usual_at(src, src->pos + n * sizeof(struct tcpfsm_event)))
		n++;
	note_usual(src, n);
	return n;
}

/**
 * fsm_source_next() - get the next record of those that have been read
 * @src: source
 * @record: filled in; good until the next call on @src
 *
 * It may be of a type that only newer modules know: a caller that copies records need not
 * understand them.
 *
 * Return: 1; 0 if there is no whole record (call fsm_source_fill()); -1 with @src->error set.
 */
int fsm_source_next(struct fsm_source *src, struct fsm_record *record)
{
	const char *raw = src->buf + src->pos;
	size_t left = src->end - src->pos;
	const char *problem;
	size_t size;

	if (is_usual_at(src, src->pos)) {
		record->raw = raw;
		record->raw_size = sizeof(struct tcpfsm_event);
		record->ev = record->raw;
		note_usual(src, 1);
		return 1;
	}
	if (left < FSM_RECORD_HEAD)
		return 0;
	problem = fsm_record_problem(raw, src->swap);
	if (problem)
		return damaged(src, problem);
	size = fsm_record_size(raw, src->swap);
	if (left < size)
		return 0;

	record->raw = raw;
	record->raw_size = size;
	record->ev = fsm_record_decode(raw, src->swap, &src->scratch);
	if (record->ev->version > src->version)
		src->version = record->ev->version;
	src->records++;
	src->pos += size;
	return 1;
}

static bool is_ready(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 0) > 0;
}

static enum fsm_fill at_end(struct fsm_source *src)
{
	src->cut = src->end - src->pos;
	return FSM_FILL_END;
}

/**
 * fsm_source_fill() - read more, without waiting
 * @src: source of which fsm_source_next() has given all records
 */
enum fsm_fill fsm_source_fill(struct fsm_source *src)
{
	ssize_t n;

	/* All sizes are multiples of 8, so records stay aligned. */
	memmove(src->buf, src->buf + src->pos, src->end - src->pos);
	src->base += src->pos;
	src->end -= src->pos;
	src->pos = 0;

	if (src->may_block && !is_ready(src->fd))
		return FSM_FILL_WAIT;
	n = read(src->fd, src->buf + src->end, READ_SIZE);
	if (n > 0) {
		src->end += (size_t)n;
		return FSM_FILL_OK;
	}
	if (n == 0)
		return at_end(src);
	if (errno == EAGAIN || errno == EINTR)
		return FSM_FILL_WAIT;
	fail(src, "%s%s", strerror(errno),
	     src->live && errno == EIO ? ": was the module unloaded?" : "");
	return FSM_FILL_ERROR;
}

/**
 * fsm_source_close() - close a source
 * @src: source, even one that could not be opened
 */
void fsm_source_close(struct fsm_source *src)
{
	if (src->fd >= 0)
		close(src->fd);
	free(src->raw_header);
	free(src->buf);
	memset(src, 0, sizeof(*src));
	src->fd = -1;
}
