// SPDX-License-Identifier: GPL-2.0
/*
 * stream.c - the events of some network namespaces, collected from /proc/tcpfsm_raw
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/states.h"
#include "clock.h"
#include "stream.h"

#define HEADER_SIZE 8 /* size, version, type, flags: the same in every version */

/**
 * stream_open() - start at the present end of the stream
 * @stream: to fill in
 *
 * Return: false with errno set.
 */
bool stream_open(struct stream *stream)
{
	memset(stream, 0, sizeof(*stream));
	stream->fd = open(STREAM_PATH, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (stream->fd < 0)
		return false;
	if (lseek(stream->fd, 0, SEEK_END) < 0) {
		stream_close(stream);
		return false;
	}
	return true;
}

void stream_close(struct stream *stream)
{
	if (stream->fd >= 0)
		close(stream->fd);
	stream->fd = -1;
	free(stream->events);
	stream->events = NULL;
	stream->nr = 0;
	stream->room = 0;
}

/**
 * stream_watch() - keep the events of one more namespace
 * @stream: the reader
 * @netns: inode number of the namespace
 */
void stream_watch(struct stream *stream, uint32_t netns)
{
	if (stream->nr_netns == STREAM_MAX_NETNS)
		stream->broken = "too many namespaces to watch";
	else
		stream->netns[stream->nr_netns++] = netns;
}

static bool watched(const struct stream *stream, uint32_t netns)
{
	unsigned int i;

	for (i = 0; i < stream->nr_netns; i++)
		if (stream->netns[i] == netns)
			return true;
	return stream->nr_netns == 0;
}

static void keep(struct stream *stream, const struct tcpfsm_event *event)
{
	if (stream->nr == stream->room) {
		size_t room = stream->room ? 2 * stream->room : 64;
		void *events = realloc(stream->events, room * sizeof(*event));

		if (!events) {
			stream->broken = "out of memory";
			return;
		}
		stream->events = events;
		stream->room = room;
	}
	stream->events[stream->nr++] = *event;
}

static void take(struct stream *stream, const struct tcpfsm_event *event)
{
	if (event->version != TCPFSM_ABI_VERSION)
		stream->broken = "a record of another version";
	else if (event->type == TCPFSM_REC_LOST)
		stream->lost += event->lost;
	else if (event->type != TCPFSM_REC_EVENT)
		stream->broken = "a record of unknown type";
	else if (watched(stream, event->netns))
		keep(stream, event);
}

/* Steps by the size each record gives, as the interface says. */
static void take_all(struct stream *stream, const char *buf, size_t len)
{
	struct tcpfsm_event event;

	while (len && !stream->broken) {
		memset(&event, 0, sizeof(event));
		if (len < HEADER_SIZE) {
			stream->broken = "less than a record's header";
			return;
		}
		memcpy(&event, buf, HEADER_SIZE);
		if (event.size < sizeof(event) || event.size > len) {
			stream->broken = "a record that is not whole";
			return;
		}
		memcpy(&event, buf, sizeof(event));
		buf += event.size;
		len -= event.size;
		take(stream, &event);
	}
}

/**
 * stream_more() - read what there is, wait for it if there is nothing
 * @stream: the reader
 * @deadline: when to give up
 *
 * Return: false at the deadline, or if the stream is broken.
 */
bool stream_more(struct stream *stream, uint64_t deadline)
{
	struct pollfd pollfd = { .fd = stream->fd, .events = POLLIN };
	char buf[64 * sizeof(struct tcpfsm_event)] __attribute__((aligned(8)));
	ssize_t len;

	while (!stream->broken) {
		len = read(stream->fd, buf, sizeof(buf));
		if (len > 0) {
			take_all(stream, buf, len);
			return !stream->broken;
		}
		if (len == 0 || errno != EAGAIN) {
			stream->broken = len ? strerror(errno) : "end of file";
			break;
		}
		if (!clock_left_ms(deadline))
			break;
		poll(&pollfd, 1, clock_left_ms(deadline));
	}
	return false;
}

/**
 * stream_describe() - an event in words, for a message
 * @event: the event
 * @text: where to write
 * @size: of @text
 *
 * Return: as snprintf().
 */
int stream_describe(const struct tcpfsm_event *event, char *text, size_t size)
{
	return snprintf(text, size, "id %llx/%u netns %u %s>%s[%s] flags %#x ports %u,%u",
			(unsigned long long)event->id, event->gen, event->netns,
			tcpfsm_state_name(event->old), tcpfsm_state_name(event->new),
			tcpfsm_cause_name(event->cause), event->flags, event->lport, event->rport);
}
