/* SPDX-License-Identifier: GPL-2.0 */
/*
 * recording.h - the file that fsmcat -w writes and -r reads
 *
 * The file has a header, and then records as /proc/tcpfsm_raw gave them. Everything is in the
 * byte order of the machine that recorded. A reader on another machine sees that from
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

/* No header will ever be as long. */
#define FSM_HEADER_MAX 4096

/* Another file does not begin so; "\r\n" reveals a transfer as text, which damages the file. */
#define FSM_MAGIC     "tcpfsm\r\n"
#define FSM_MAGIC_LEN 8

#define FSM_NAME_LEN 72 /* the 65 of utsname, rounded up */

/**
 * struct fsm_header - how a recording begins
 * @magic: FSM_MAGIC
 * @byte_order: FSM_BYTE_ORDER
 * @format: FSM_RECORDING_FORMAT; it grows when an old reader could not read the file
 * @header_size: where the first record is, a multiple of 8; a longer header of the same
 *	format only has more fields at its end
 * @abi_version: version of struct tcpfsm_event that the writer was built with; each record
 *	has its own version, which counts
 * @reserved: 0
 * @mono_ns: CLOCK_MONOTONIC when the recording began
 * @real_ns: CLOCK_REALTIME at the same moment; both turn the time of a record into the time
 *	of a wall clock
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

/* Bytes that are written at a time. */
#define FSM_RECORDER_MAX (256 * 1024)

/* Bytes that tell how long the whole header is. */
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
	struct fsm_output out;
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
