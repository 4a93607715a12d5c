/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reader.h - one reader's way through the rings of all CPUs, in the order of time
 */
#ifndef TCPFSM_READER_H
#define TCPFSM_READER_H

#include "core/states.h"
#include "export/view.h"

struct tcpfsm_ring;

/**
 * struct tcpfsm_lane - a reader's place in one CPU's ring
 * @ring: the ring
 * @start: where the reader began
 * @next: number of the slot to copy next
 * @end: slots from here on are beyond the horizon's look
 * @full: @event holds a copy that was not given yet
 * @event: the copy
 */
struct tcpfsm_lane {
	struct tcpfsm_ring *ring;
	u64 start;
	u64 next;
	u64 end;
	bool full;
	struct tcpfsm_event event;
};

/**
 * struct tcpfsm_reader - position of one reader
 * @lanes: one for each ring, in the order in which they appeared
 * @nr_lanes: how many
 * @first: the lane of the event that was given last and not consumed
 * @last: the lane of the event that was consumed last, NULL: there is no such
 * @horizon: events up to this time may be given, nanoseconds
 * @view: what it may see
 * @lost: events overwritten before they were read, not yet reported
 */
struct tcpfsm_reader {
	struct tcpfsm_lane *lanes;
	unsigned int nr_lanes;
	struct tcpfsm_lane *first;
	struct tcpfsm_lane *last;
	struct tcpfsm_view view;
	u64 horizon;
	u64 lost;
};

int tcpfsm_reader_init(struct tcpfsm_reader *reader, struct pid_namespace *pidns);
void tcpfsm_reader_exit(struct tcpfsm_reader *reader);
int tcpfsm_reader_to_oldest(struct tcpfsm_reader *reader);
int tcpfsm_reader_to_newest(struct tcpfsm_reader *reader);
void tcpfsm_reader_rewind(struct tcpfsm_reader *reader);
int tcpfsm_reader_horizon(struct tcpfsm_reader *reader);
int tcpfsm_reader_look(struct tcpfsm_reader *reader);
const struct tcpfsm_event *tcpfsm_reader_peek(struct tcpfsm_reader *reader);
void tcpfsm_reader_consume(struct tcpfsm_reader *reader);
u32 tcpfsm_reader_run(const struct tcpfsm_reader *reader, const struct tcpfsm_event **events);
bool tcpfsm_reader_take(struct tcpfsm_reader *reader, u32 n);
bool tcpfsm_reader_holds(const struct tcpfsm_reader *reader);
bool tcpfsm_reader_ready(struct tcpfsm_reader *reader);

#endif /* TCPFSM_READER_H */
