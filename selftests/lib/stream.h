/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stream.h - the events of some network namespaces, collected from /proc/tcpfsm_raw
 */
#ifndef TCPFSM_KSFT_STREAM_H
#define TCPFSM_KSFT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uapi/tcpfsm.h"

#define STREAM_PATH	 "/proc/tcpfsm_raw"
#define STREAM_MAX_NETNS 4

/**
 * struct stream - one reader, and what it has read
 * @fd: the open file, non-blocking
 * @netns: inode numbers of the namespaces whose events are kept, 0: all events are
 * @nr_netns: how many
 * @events: the events, in the order they came
 * @nr: how many
 * @room: how many fit
 * @lost: events that this reader has lost
 * @broken: what is wrong with the stream itself, or NULL
 */
struct stream {
	int fd;
	uint32_t netns[STREAM_MAX_NETNS];
	unsigned int nr_netns;
	struct tcpfsm_event *events;
	size_t nr;
	size_t room;
	uint64_t lost;
	const char *broken;
};

bool stream_open(struct stream *stream);
void stream_close(struct stream *stream);
void stream_watch(struct stream *stream, uint32_t netns);
bool stream_more(struct stream *stream, uint64_t deadline);
int stream_describe(const struct tcpfsm_event *event, char *text, size_t size);

#endif /* TCPFSM_KSFT_STREAM_H */
