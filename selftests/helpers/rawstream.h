/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rawstream.h - the records of /proc/tcpfsm_raw, or of a file of them
 *
 * A reader of its own, written from the description of the interface alone,
 * that checks every byte the interface promises. The tools have another.
 */
#ifndef TCPFSM_RAWSTREAM_H
#define TCPFSM_RAWSTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uapi/tcpfsm.h"

#define RAWSTREAM_BUFFER (256 * 1024)

/**
 * struct rawstream - one open stream
 * @fd: where it comes from
 * @live: /proc/tcpfsm_raw, where each read gives whole records
 * @start: first byte in @buf that was not handed out
 * @end: end of what was read into @buf
 * @offset: bytes of the stream before @start
 * @error: what is wrong with the stream, after -EPROTO
 */
struct rawstream {
	int fd;
	bool live;
	size_t start;
	size_t end;
	uint64_t offset;
	const char *error;
	char buf[RAWSTREAM_BUFFER] __attribute__((aligned(8)));
};

int rawstream_open(struct rawstream *r, const char *path);
void rawstream_close(struct rawstream *r);
int rawstream_next(struct rawstream *r, struct tcpfsm_event *e);

#endif /* TCPFSM_RAWSTREAM_H */
