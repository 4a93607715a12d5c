/* SPDX-License-Identifier: GPL-2.0 */
/*
 * recording.h - the file that fsmcat -w writes and -r reads
 *
 * A header, then records as /proc/tcpfsm_raw gave them. Everything is in the
 * byte order of the machine that recorded; a reader elsewhere sees that from
 * @byte_order and swaps.
 */
#ifndef FSM_RECORDING_H
#define FSM_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/output.h"
#include "in/decode.h"

#define FSM_RECORDING_FORMAT 1
#define FSM_BYTE_ORDER	     0x01020304u

/* Far above any header to come. */
#define FSM_HEADER_MAX 4096

/* What a file of another kind is told by; "\r\n" finds transfers as text, which damage it. */
#define FSM_MAGIC     "tcpfsm\r\n"
#define FSM_MAGIC_LEN 8

#define FSM_NAME_LEN 72 /* utsname's 65, rounded up */

/**
 * struct fsm_header - how a recording begins
 * @magic: FSM_MAGIC
 * @byte_order: FSM_BYTE_ORDER
 * @format: FSM_RECORDING_FORMAT; grows when an old reader could not read the file
 * @header_size: where the first record is, a multiple of 8; a longer header of the same
 *	format only has more at its end
 * @abi_version: version of struct tcpfsm_event that the writer was built with; what counts
 *	for a record is the version in it
 * @reserved: 0
 * @mono_ns: CLOCK_MONOTONIC when the recording began, and
 * @real_ns: CLOCK_REALTIME at the same moment: what turns the time of a record into a wall
 *	clock's
 * @host: uname -n, NUL padded
 * @release: uname -r, NUL padded
 */
struct fsm_header {
	char magic[FSM_MAGIC_LEN];
	uint32_t byte_order;
	uint16_t format;
	uint16_t header_size;
	uint32_t abi_version;
	uint32_t reserved;
	uint64_t mono_ns;
	uint64_t real_ns;
	char host[FSM_NAME_LEN];
	char release[FSM_NAME_LEN];
};

/* So much is written at a time. */
#define FSM_RECORDER_MAX (256 * 1024)

/* What has to be read to know how long the whole header is. */
#define FSM_HEADER_START 16

const char *fsm_header_problem(const struct fsm_header *start, bool *swap);
void fsm_header_swap(struct fsm_header *header);
void fsm_header_now(struct fsm_header *header);

/**
 * struct fsm_recorder - a recording that is being written
 * @out: the file
 * @name: its name, for messages
 * @swap: records are in the other byte order (a copy of such a recording)
 * @written: bytes in the file, all of whole records
 * @is_file: it can be cut, so that a failed write leaves whole records only
 */
struct fsm_recorder {
	struct fsm_out out;
	const char *name;
	bool swap;
	uint64_t written;
	bool is_file;
};

int fsm_recorder_open(struct fsm_recorder *recorder, const char *name, const void *header,
		      size_t header_size, bool swap);
int fsm_recorder_put(struct fsm_recorder *recorder, const void *raw, size_t size);
int fsm_recorder_flush(struct fsm_recorder *recorder);
int fsm_recorder_close(struct fsm_recorder *recorder);

#endif /* FSM_RECORDING_H */
