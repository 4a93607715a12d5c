/* SPDX-License-Identifier: GPL-2.0 */
/*
 * source.h - where records come from: the module's stream or a recording
 */
#ifndef FSM_SOURCE_H
#define FSM_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "in/decode.h"
#include "in/recording.h"

#define FSM_LIVE_PATH "/proc/tcpfsm_raw"

/**
 * enum fsm_fill - what became of an attempt to read more
 * @FSM_FILL_OK: more was read
 * @FSM_FILL_WAIT: nothing can be read now; poll @fd for input
 * @FSM_FILL_END: there is nothing more, and never will be
 * @FSM_FILL_ERROR: reading failed; @error says why
 */
enum fsm_fill {
	FSM_FILL_OK,
	FSM_FILL_WAIT,
	FSM_FILL_END,
	FSM_FILL_ERROR,
};

/**
 * struct fsm_source - an open stream or recording
 * @fd: file descriptor, for poll()
 * @name: for messages
 * @live: it is the module's stream, not a recording
 * @may_block: it is a recording that comes through a pipe: reading it can take a while
 * @swap: records are in the other byte order
 * @header: header of a recording, in this machine's byte order
 * @raw_header: header of a recording, as it was read
 * @raw_header_size: bytes at @raw_header
 * @version: highest version of a record so far
 * @records: number of records so far
 * @cut: after FSM_FILL_END: bytes of a record that was not whole
 * @error: after an error: one line that says what happened
 * @buf: bytes that were read
 * @pos: where in @buf the next record starts
 * @end: end of the bytes in @buf
 * @base: where in the file @buf starts
 * @scratch: copy of a record that could not be used in place
 */
struct fsm_source {
	int fd;
	const char *name;
	bool live;
	bool may_block;
	bool swap;
	struct fsm_header header;
	void *raw_header;
	size_t raw_header_size;
	unsigned int version;
	uint64_t records;
	size_t cut;
	char error[512];

	char *buf;
	size_t pos;
	size_t end;
	uint64_t base;
	struct tcpfsm_event scratch;
};

int fsm_source_open_live(struct fsm_source *src, const char *path);
int fsm_source_open_recording(struct fsm_source *src, const char *path);
size_t fsm_source_next_run(struct fsm_source *src, const void **raw);
int fsm_source_next(struct fsm_source *src, struct fsm_record *record);
enum fsm_fill fsm_source_fill(struct fsm_source *src);
void fsm_source_close(struct fsm_source *src);

#endif /* FSM_SOURCE_H */
