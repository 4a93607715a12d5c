// SPDX-License-Identifier: GPL-2.0
/*
 * reader.c - merges the rings of all CPUs by time, for one reader
 *
 * The horizon makes the merge exact. A writer marks its ring busy, then reads the clock, then
 * publishes (ring.c). A reader reads the clock (T), and then looks at each ring until the ring is
 * not busy. A writer that read its clock before T had marked its ring by then. So either the reader
 * waits for that writer, or the writer has published already. The reader returns only events that
 * were published before that look and are not younger than T. Hence no event that is older than a
 * returned one can show up later.
 *
 * A CPU that comes online for the first time brings a ring with it. The list has the ring before
 * the CPU is started, and so before the full barrier and the clock of any writer there. The same
 * is true of the busy mark of a ring. So a reader that reads T, and does not find the ring when it
 * then looks at the list, has missed nothing: the ring will have no event that is older than T.
 *
 * The same holds for wake-ups: a reader that does not find the ring is in the queue before the
 * writer looks at the queue. Therefore it is enough to look for rings each time that T is read,
 * before the looks at the rings. A new ring is read from its first event.
 */
#include <linux/mm.h>
#include <linux/processor.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include "export/reader.h"
#include "record/rings.h"
#include "record/wakeup.h"

/* Give up after so many looks at a busy ring: its CPU may be a virtual one that is not running. */
#define BUSY_LOOKS 10000

static struct tcpfsm_ring *last_ring(const struct tcpfsm_reader *reader)
{
	return reader->nr_lanes ? reader->lanes[reader->nr_lanes - 1].ring : NULL;
}

static unsigned int count_rings_after(struct tcpfsm_ring *ring)
{
	unsigned int n = 0;

	while ((ring = tcpfsm_rings_next(ring)))
		n++;
	return n;
}

/* Add a lane for each ring that has none yet. A new lane stands at the ring's first event. */
static int widen(struct tcpfsm_reader *reader)
{
	struct tcpfsm_ring *ring = last_ring(reader);
	unsigned int more = count_rings_after(ring);
	struct tcpfsm_lane *lanes;

	if (likely(!more))
		return 0;
	lanes = kvcalloc(reader->nr_lanes + more, sizeof(*lanes), GFP_KERNEL_ACCOUNT);
	if (!lanes)
		return -ENOMEM;
	memcpy(lanes, reader->lanes, reader->nr_lanes * sizeof(*lanes));
	kvfree(reader->lanes);
	reader->lanes = lanes;
	/* They pointed to the old lanes. The first event stays first: a full lane stays full. */
	reader->first = NULL;
	reader->last = NULL;
	while (more--) {
		ring = tcpfsm_rings_next(ring);
		lanes[reader->nr_lanes++].ring = ring;
	}
	return 0;
}

/**
 * tcpfsm_reader_init() - prepare a reader that stands at the oldest events, for the current task
 * @reader: to fill in
 * @pidns: pid namespace in which the PIDs that the reader returns are valid
 *
 * Context: process.
 * Return: 0; -EUSERS if the network namespace has as many readers as it may have; or -ENOMEM.
 */
int tcpfsm_reader_init(struct tcpfsm_reader *reader, struct pid_namespace *pidns)
{
	int err = tcpfsm_view_open(&reader->view, pidns);

	if (err)
		return err;
	reader->lanes = NULL;
	reader->nr_lanes = 0;
	err = tcpfsm_reader_to_oldest(reader);
	if (err)
		tcpfsm_view_close(&reader->view);
	return err;
}

/**
 * tcpfsm_reader_exit() - free what a reader holds
 * @reader: the reader
 *
 * Context: process.
 */
void tcpfsm_reader_exit(struct tcpfsm_reader *reader)
{
	kvfree(reader->lanes);
	tcpfsm_view_close(&reader->view);
}

static void move(struct tcpfsm_lane *lane, u64 to)
{
	lane->start = to;
	lane->next = to;
	lane->end = to;
	lane->full = false;
}

/**
 * tcpfsm_reader_to_oldest() - go to the oldest events that are kept
 * @reader: the reader
 *
 * Context: process.
 * Return: 0, or -ENOMEM and the reader is where it was.
 */
int tcpfsm_reader_to_oldest(struct tcpfsm_reader *reader)
{
	int err = widen(reader);
	unsigned int i;

	if (err)
		return err;
	for (i = 0; i < reader->nr_lanes; i++)
		move(&reader->lanes[i], tcpfsm_ring_oldest(reader->lanes[i].ring));
	reader->first = NULL;
	reader->last = NULL;
	reader->horizon = 0;
	reader->lost = 0;
	return 0;
}

/**
 * tcpfsm_reader_to_newest() - go behind the newest events
 * @reader: the reader
 *
 * Context: process.
 * Return: 0, or -ENOMEM and the reader is where it was.
 */
int tcpfsm_reader_to_newest(struct tcpfsm_reader *reader)
{
	int err = widen(reader);
	unsigned int i;

	if (err)
		return err;
	for (i = 0; i < reader->nr_lanes; i++)
		move(&reader->lanes[i], tcpfsm_ring_written(reader->lanes[i].ring));
	reader->first = NULL;
	reader->last = NULL;
	reader->horizon = 0;
	reader->lost = 0;
	return 0;
}

/**
 * tcpfsm_reader_rewind() - go back to the events that were returned since the horizon was taken
 * @reader: the reader, whose horizon was taken once since the reader was moved
 *
 * Context: process.
 */
void tcpfsm_reader_rewind(struct tcpfsm_reader *reader)
{
	unsigned int i;

	for (i = 0; i < reader->nr_lanes; i++) {
		reader->lanes[i].next = reader->lanes[i].start;
		reader->lanes[i].full = false;
	}
	reader->first = NULL;
	reader->last = NULL;
	reader->lost = 0;
}

static bool wait_published(const struct tcpfsm_ring *ring)
{
	int looks;

	for (looks = 0; looks < BUSY_LOOKS; looks++) {
		if (!tcpfsm_ring_busy(ring))
			return true;
		cpu_relax();
	}
	return false;
}

/**
 * tcpfsm_reader_horizon() - move the reader's horizon to the present
 * @reader: the reader
 *
 * Context: process; waits for writers on other CPUs, which take microseconds, but not for long.
 * Return: 0; -EAGAIN if a writer did not get ready; -ENOMEM if there is no memory for a lane in a
 * new ring. After an error the horizon is as it was.
 */
int tcpfsm_reader_horizon(struct tcpfsm_reader *reader)
{
	u64 now = ktime_get_ns();
	unsigned int i;
	int err;

	/* Pairs with W1 in tcpfsm_ring_begin(). */
	smp_mb();
	err = widen(reader);
	if (err)
		return err;
	for (i = 0; i < reader->nr_lanes; i++)
		if (!wait_published(reader->lanes[i].ring))
			return -EAGAIN;
	for (i = 0; i < reader->nr_lanes; i++)
		reader->lanes[i].end = tcpfsm_ring_written(reader->lanes[i].ring);
	/*
	 * The lanes are now out of date. Look at all of them again, before one is taken for the
	 * first and its ring is read on.
	 */
	reader->first = NULL;
	reader->last = NULL;
	reader->horizon = now;
	return 0;
}

/**
 * tcpfsm_reader_look() - move the horizon of a reader that sleeps if there is no event
 * @reader: the reader; if it is going to sleep, it is in tcpfsm_wakeup_queue() already
 *
 * An event that is published after this look wakes the reader. Its writer marked the ring busy
 * after this function found the ring idle. The writer has a full barrier before it looks at the
 * queue, and this function has one after the reader entered the queue.
 *
 * A writer that does not get ready may have looked at the queue before that. Or it wakes nobody,
 * because it abandons the slot. So this function asks for a wake-up, which leads to another look in
 * some milliseconds.
 *
 * Context: process.
 * Return: as tcpfsm_reader_horizon().
 */
int tcpfsm_reader_look(struct tcpfsm_reader *reader)
{
	int err = tcpfsm_reader_horizon(reader);

	if (err == -EAGAIN)
		tcpfsm_wakeup();
	return err;
}

static bool fill(struct tcpfsm_reader *reader, struct tcpfsm_lane *lane)
{
	while (!lane->full &&
	       tcpfsm_ring_read(lane->ring, &lane->next, lane->end, &lane->event, &reader->lost)) {
		lane->full = tcpfsm_view_has(&reader->view, &lane->event);
		/* A whole ring may be full of events that this reader does not see. */
		if (!lane->full)
			cond_resched();
	}
	return lane->full && lane->event.time_ns <= reader->horizon;
}

static struct tcpfsm_lane *first_lane(struct tcpfsm_reader *reader)
{
	struct tcpfsm_lane *lane, *first = NULL;
	unsigned int i;

	for (i = 0; i < reader->nr_lanes; i++) {
		lane = &reader->lanes[i];
		if (fill(reader, lane) && (!first || lane->event.time_ns < first->event.time_ns))
			first = lane;
	}
	return first;
}

/**
 * tcpfsm_reader_peek() - find the next event within the horizon
 * @reader: the reader
 *
 * Look at reader->lost after the call. The events that it counts came before the returned one.
 *
 * Context: process.
 * Return: the event, which stays the next one until it is consumed; or NULL.
 */
const struct tcpfsm_event *tcpfsm_reader_peek(struct tcpfsm_reader *reader)
{
	if (!reader->first)
		reader->first = first_lane(reader);
	return reader->first ? &reader->first->event : NULL;
}

/**
 * tcpfsm_reader_consume() - go past the event that tcpfsm_reader_peek() returned
 * @reader: the reader
 *
 * Context: process.
 */
void tcpfsm_reader_consume(struct tcpfsm_reader *reader)
{
	reader->first->full = false;
	reader->last = reader->first;
	reader->first = NULL;
}

/*
 * Return the time until which events of @lane come before all events that the other lanes hold.
 * Each other lane holds an event if it can.
 */
static u64 limit_of(const struct tcpfsm_reader *reader, const struct tcpfsm_lane *lane)
{
	u64 limit = reader->horizon + 1;
	unsigned int i;

	for (i = 0; i < reader->nr_lanes; i++) {
		const struct tcpfsm_lane *other = &reader->lanes[i];

		if (other != lane && other->full && other->event.time_ns < limit)
			limit = other->event.time_ns;
	}
	return limit;
}

/* Count the events older than @limit. The writer may overwrite them, as it may all of a run. */
static u32 older_than(const struct tcpfsm_event *events, u32 n, u64 limit)
{
	/* An overwritten time is younger. That makes the run shorter, or the run is void. */
	while (n && data_race(events[n - 1].time_ns) >= limit)
		n--;
	return n;
}

/**
 * tcpfsm_reader_run() - find the events that follow the one consumed last, in the same ring
 * @reader: the reader, all of whose losses have been reported
 * @events: filled in with the address of the first event in the ring: see tcpfsm_ring_span()
 *
 * This lets a stretch of events of one CPU be copied once, and at once. There is none for a reader
 * that does not get all events as they are.
 *
 * Context: process.
 * Return: number of events. They are the next ones within the horizon, but maybe not all of these.
 */
u32 tcpfsm_reader_run(const struct tcpfsm_reader *reader, const struct tcpfsm_event **events)
{
	const struct tcpfsm_lane *lane = reader->last;
	const void *slots;
	u32 n;

	if (!lane || reader->first || !tcpfsm_view_is_whole(&reader->view))
		return 0;
	n = tcpfsm_ring_span(lane->ring, lane->next, lane->end, &slots);
	*events = slots;
	return older_than(slots, n, limit_of(reader, lane));
}

/**
 * tcpfsm_reader_take() - go past events of a run that have been copied
 * @reader: the reader
 * @n: number of events, at least 1 and at most the number that tcpfsm_reader_run() returned
 *
 * Context: process.
 * Return: false if the events were overwritten meanwhile. The copies are then void, and the reader
 * has not moved.
 */
bool tcpfsm_reader_take(struct tcpfsm_reader *reader, u32 n)
{
	struct tcpfsm_lane *lane = reader->last;

	if (!tcpfsm_ring_intact(lane->ring, lane->next))
		return false;
	lane->next += n;
	return true;
}

/**
 * tcpfsm_reader_holds() - is there an event for this reader, now or within the next horizon?
 * @reader: the reader, after tcpfsm_reader_peek()
 *
 * An event that was published after the horizon was taken, and before the rings were looked at, may
 * have woken the queue before this reader was in it.
 *
 * Context: process.
 */
bool tcpfsm_reader_holds(const struct tcpfsm_reader *reader)
{
	unsigned int i;

	for (i = 0; i < reader->nr_lanes; i++)
		if (reader->lanes[i].full)
			return true;
	return false;
}

/**
 * tcpfsm_reader_ready() - would a read return something?
 * @reader: the reader
 *
 * This goes past events that the reader may not see. It goes past them once and up to one look, so
 * they are at most the events that the rings held then. If the answer is false, a wake-up comes for
 * all that could change it: see tcpfsm_reader_look(). Therefore events of others never make the
 * reader ready.
 *
 * Context: process.
 */
bool tcpfsm_reader_ready(struct tcpfsm_reader *reader)
{
	int err;

	if (reader->lost || tcpfsm_reader_holds(reader))
		return true;
	err = tcpfsm_reader_look(reader);
	/* The read reports any other error. */
	if (err)
		return err != -EAGAIN;
	tcpfsm_reader_peek(reader);
	return reader->lost || tcpfsm_reader_holds(reader);
}
