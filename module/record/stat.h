/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stat.h - exact counters, which do not depend on what becomes of the rings
 */
#ifndef TCPFSM_STAT_H
#define TCPFSM_STAT_H

#include <linux/types.h>
#include "core/states.h"

/*
 * This many buckets are shown. Bucket b counts the dwell times below 2^b microseconds that bucket
 * b-1 does not count. 2^39 microseconds are 6 days.
 */
#define TCPFSM_DWELL_BUCKETS 40

/* With powers of two a counter is found by shifts. Dwell times are below 2^47 microseconds. */
#define TCPFSM_STAT_STATES 16
#define TCPFSM_STAT_CAUSES 32
#define TCPFSM_STAT_DWELLS 64

/**
 * struct tcpfsm_stat - counters, of one CPU or summed up
 * @transitions: by state before, state after and cause
 * @dwell: dwell times by the state that was left and by log2 of microseconds
 * @dwell_sum_us: sum of the dwell times by the state that was left
 * @filtered: events that were counted but that the filter kept out of the ring
 * @dwell_unknown: transitions out of a state that the connection was not seen to enter
 * @illegal: transitions that are not edges of the diagram. Those to or from a number that is not a
 *	state of TCP are counted nowhere else.
 * @gaps: transitions that do not follow from what was known of the connection
 * @repeated: dropped reports of transitions that had been recorded already
 * @handed_over: calls of tcp_set_state() that the kprobe left to the tracepoint for lack of room
 * @repaired: transitions that the tracepoint recorded because the kprobe did not
 * @requests_created: request socks that entered the table of half-open connections
 * @requests_completed: request socks whose handshake was completed
 * @requests_ended: request socks dropped
 * @timewait_created: timewait socks that took over a connection
 * @timewait_ended: timewait socks killed
 */
struct tcpfsm_stat {
	u64 transitions[TCPFSM_NR_STATES][TCPFSM_STAT_STATES][TCPFSM_STAT_CAUSES];
	u64 dwell[TCPFSM_NR_STATES][TCPFSM_STAT_DWELLS];
	u64 dwell_sum_us[TCPFSM_NR_STATES];
	u64 filtered;
	u64 dwell_unknown;
	u64 illegal;
	u64 gaps;
	u64 repeated;
	u64 handed_over;
	u64 repaired;
	u64 requests_created;
	u64 requests_completed;
	u64 requests_ended;
	u64 timewait_created;
	u64 timewait_ended;
};

int tcpfsm_stat_prepare(unsigned int cpu);
void tcpfsm_stat_exit(void);
struct tcpfsm_stat *tcpfsm_stat_this_cpu(void);
void tcpfsm_stat_count(size_t counter);
void tcpfsm_stat_event(u32 old, u32 new, u32 cause, u64 dwell);
void tcpfsm_stat_sum(struct tcpfsm_stat *sum);
u64 tcpfsm_stat_total(size_t counter);

/*
 * Count one more, with interrupts off. It is a single store, because other CPUs read the counter.
 */
static inline void tcpfsm_stat_bump(u64 *counter)
{
	WRITE_ONCE(*counter, *counter + 1);
}

/* The same, for the counter of this CPU at that offset in struct tcpfsm_stat. */
static inline void tcpfsm_stat_bump_at(size_t counter)
{
	tcpfsm_stat_bump((u64 *)((char *)tcpfsm_stat_this_cpu() + counter));
}

/* Count one more in a field of struct tcpfsm_stat; with interrupts off, and in any context. */
#define TCPFSM_COUNT(counter)	  tcpfsm_stat_bump_at(offsetof(struct tcpfsm_stat, counter))
#define TCPFSM_COUNT_ANY(counter) tcpfsm_stat_count(offsetof(struct tcpfsm_stat, counter))

#endif /* TCPFSM_STAT_H */
