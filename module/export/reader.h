/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reader.h - one reader's way through the rings of all CPUs, in the order of time
 *
 * A lane is a reader's place in the ring of one CPU. The horizon is the time up to which the reader
 * has all events of all CPUs. A reader returns no event that is younger. From the lanes it returns
 * the oldest event first:
 *
 *	           x returned already      o returned next      y too young yet
 *
 *	lane of CPU 0  --x------x---------o------o------|---y-------->
 *	lane of CPU 1  -----x-------x-------o-----------|--------y---> time
 *	lane of CPU 2  ----------x---------------o---o--|-y----------->
 *	                                                |
 *	                                             horizon
 */
#ifndef TCPFSM_READER_H
#define TCPFSM_READER_H

#include "core/states.h"
#include "export/view.h"

struct tcpfsm_ring;

/**
 * struct tcpfsm_lane - a reader's place in one CPU's ring
 * @ring: the ring
 * @start: number of the slot at which the reader began
 * @next: number of the slot to copy next
 * @end: number of the first slot that the look for the horizon did not see
 * @full: @event holds a copy that was not returned yet
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
 * @lanes: one lane for each ring, in the order in which the rings appeared
 * @nr_lanes: number of lanes
 * @first: the lane of the event that was returned last and not consumed
 * @last: the lane of the event that was consumed last; NULL if there is none
 * @horizon: events up to this time may be returned, nanoseconds
 * @view: the events that the reader may see
 * @lost: number of events that were overwritten before they were read, not yet reported
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
