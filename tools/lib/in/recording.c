// SPDX-License-Identifier: GPL-2.0
/*
 * recording.c - header and writer of recordings; source.c reads them
 */
#include "in/recording.h"

#include <byteswap.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/clock.h"

_Static_assert(sizeof(struct fsm_header) == 184, "the format is fixed");
_Static_assert(sizeof(struct fsm_header) % 8 == 0, "records behind it are aligned");

#define BUFFER_SIZE FSM_RECORDER_MAX

/**
 * fsm_header_problem() - check whether this is the start of a recording
 * @start: at least FSM_HEADER_START bytes of a file
 * @swap: set to whether its numbers are in the other byte order
 *
 * Return: NULL if it is, or a text that says what is wrong.
 */
const char *fsm_header_problem(const struct fsm_header *start, bool *swap)
{
	uint16_t format, size;

	if (memcmp(start->magic, FSM_MAGIC, FSM_MAGIC_LEN))
		return "not a recording of fsmcat";
	if (start->byte_order != FSM_BYTE_ORDER && bswap_32(start->byte_order) != FSM_BYTE_ORDER)
		return "damaged: its byte order mark is wrong";

	*swap = start->byte_order != FSM_BYTE_ORDER;
	format = *swap ? bswap_16(start->format) : start->format;
	size = *swap ? bswap_16(start->header_size) : start->header_size;
	if (format != FSM_RECORDING_FORMAT)
		return "a recording of a format that this fsmcat does not know";
	if (size < sizeof(*start) || size > FSM_HEADER_MAX || size % 8)
		return "damaged: the size of its header is impossible";
	return NULL;
}

void fsm_header_swap(struct fsm_header *header)
{
	header->byte_order = bswap_32(header->byte_order);
	header->format = bswap_16(header->format);
	header->header_size = bswap_16(header->header_size);
	header->abi_version = bswap_32(header->abi_version);
	header->mono_ns = bswap_64(header->mono_ns);
	header->real_ns = bswap_64(header->real_ns);
}

/* Read both clocks a few times and keep the best: we may be kept from running in between. */
static void read_clocks(struct fsm_header *header)
{
	uint64_t before, real, after, least = UINT64_MAX;
	int i;

	for (i = 0; i < 8; i++) {
		before = fsm_clock_ns(CLOCK_MONOTONIC);
		real = fsm_clock_ns(CLOCK_REALTIME);
		after = fsm_clock_ns(CLOCK_MONOTONIC);
		if (after - before >= least)
			continue;
		least = after - before;
		header->real_ns = real;
		/* The reading in between is nearest to the middle of the other two. */
		header->mono_ns = before + least / 2;
	}
}

/**
 * fsm_header_now() - make the header of a recording that begins now, on this machine
 * @header: filled in
 */
void fsm_header_now(struct fsm_header *header)
{
	struct utsname uts;

	memset(header, 0, sizeof(*header));
	memcpy(header->magic, FSM_MAGIC, FSM_MAGIC_LEN);
	header->byte_order = FSM_BYTE_ORDER;
	header->format = FSM_RECORDING_FORMAT;
	header->header_size = sizeof(*header);
	header->abi_version = TCPFSM_ABI_VERSION;

	read_clocks(header);
	if (uname(&uts) == 0) {
		snprintf(header->host, sizeof(header->host), "%s", uts.nodename);
		snprintf(header->release, sizeof(header->release), "%s", uts.release);
	}
}

/**
 * fsm_recorder_open() - create a recording
 * @recorder: filled in
 * @name: file to write, "-" is stdout; its old content is lost
 * @header: struct fsm_header, or the header of another recording as it was read
 * @header_size: its length
 * @swap: @header and the records to come are in the other byte order
 *
 * Only owner and group may read the file, as it is with /proc/tcpfsm_raw.
 *
 * Return: 0, or -1 with errno set.
 */
int fsm_recorder_open(struct fsm_recorder *recorder, const char *name, const void *header,
		      size_t header_size, bool swap)
{
	struct stat st;
	int fd = STDOUT_FILENO;

	memset(recorder, 0, sizeof(*recorder));
	recorder->name = name;
	recorder->swap = swap;
	if (strcmp(name, "-")) {
		fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
		if (fd < 0)
			return -1;
	}
	if (fstat(fd, &st) || fsm_output_init(&recorder->out, fd, BUFFER_SIZE)) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	/* Only in a regular file, which we have emptied, do we know where the records start. */
	recorder->is_file = S_ISREG(st.st_mode) && fd != STDOUT_FILENO;

	fsm_output_append(&recorder->out, header, header_size);
	return fsm_recorder_flush(recorder);
}

/* Return how many of the @done bytes that were written are whole records. */
static size_t whole_records(const struct fsm_recorder *recorder, size_t done)
{
	const char *buf = recorder->out.buf;
	size_t pos = 0;

	/* The header was flushed on its own: if that failed, nothing is whole. */
	if (recorder->written == 0)
		return 0;
	while (pos + FSM_RECORD_HEAD <= done) {
		size_t size = fsm_record_size(buf + pos, recorder->swap);

		if (pos + size > done)
			break;
		pos += size;
	}
	return pos;
}

/**
 * fsm_recorder_flush() - write all that is buffered
 * @recorder: recorder
 *
 * If that fails, as on a full disk, the file is cut behind the last whole record.
 *
 * Return: 0, or -1 with errno set.
 */
int fsm_recorder_flush(struct fsm_recorder *recorder)
{
	size_t len = recorder->out.len;

	if (recorder->out.error) {
		errno = recorder->out.error;
		return -1;
	}
	if (fsm_output_flush(&recorder->out) == 0) {
		recorder->written += len;
		return 0;
	}

	recorder->written += whole_records(recorder, recorder->out.done);
	/* If even that fails, a reader will find the cut record and say so. */
	if (recorder->is_file && ftruncate(recorder->out.fd, (off_t)recorder->written))
		recorder->is_file = false;
	errno = recorder->out.error;
	return -1;
}

/**
 * fsm_recorder_put() - append one record, or several
 * @recorder: recorder
 * @raw: the records, in the recording's byte order
 * @size: their length, at most FSM_RECORDER_MAX
 *
 * Return: 0, or -1 with errno set.
 */
int fsm_recorder_put(struct fsm_recorder *recorder, const void *raw, size_t size)
{
	struct fsm_output *out = &recorder->out;

	if (out->size - out->len < size && fsm_recorder_flush(recorder))
		return -1;
	fsm_output_append(out, raw, size);
	return 0;
}

/**
 * fsm_recorder_close() - write the rest and close
 * @recorder: recorder
 *
 * Return: 0, or -1 with errno set.
 */
int fsm_recorder_close(struct fsm_recorder *recorder)
{
	int fd = recorder->out.fd;
	int error = 0;

	if (fsm_recorder_flush(recorder))
		error = errno;
	fsm_output_free(&recorder->out);
	/* Some file systems tell only now that the space had run out. */
	if (close(fd) && !error)
		error = errno;
	errno = error;
	return error ? -1 : 0;
}
