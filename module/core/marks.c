// SPDX-License-Identifier: GPL-2.0
/*
 * marks.c - notes that one hook leaves for the next, keyed by socket
 *
 * This is a small lock-free set of (socket, mark). It is not per CPU, because a task in
 * tcp_v4_connect() migrates. A socket is locked while its state changes. Therefore a (socket, mark)
 * is in the set at most once, and the hook that puts it and the hook that takes it never race.
 * Different sockets race for free places only, which cmpxchg() settles.
 *
 * Every call of tcp_set_state() leaves a mark for the few instructions until its tracepoint. That
 * mark is in a place of the CPU's own, if that place is free. The task may have migrated before it
 * takes the mark. It then looks in all places.
 */
#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/cpumask.h>
#include <linux/hash.h>
#include <linux/percpu.h>
#include "core/marks.h"
#include "core/callsite_names.h"

#define ROW_BITS 7
#define ROW_SIZE 4 /* half a cache line */

static_assert(TCPFSM_MARK_ENDED_BY + TCPFSM_NR_CALLSITES <= TCPFSM_MARK_LAST);

static atomic_long_t rows[1 << ROW_BITS][ROW_SIZE] ____cacheline_aligned;

/* Full sockets are aligned to cache lines (proto_register()), so the low bits can hold the mark. */
static long entry_of(const void *sk, int mark)
{
	return (long)sk | mark;
}

static atomic_long_t *row_of(const void *sk)
{
	return rows[hash_ptr(sk, ROW_BITS)];
}

/*
 * Return the place where a mark is looked for first. Marks that a socket may have at the same time
 * do not get in each other's way.
 */
static int home_of(unsigned long entry_or_mark)
{
	return entry_or_mark % ROW_SIZE;
}

/* Counts the marks that are not where they are looked for first. Nearly always there is none. */
static atomic_t strays = ATOMIC_INIT(0);

static noinline bool put_elsewhere(atomic_long_t *row, long entry)
{
	int i;

	/* Count first, so that a hook that looks for the mark knows that it may be a stray. */
	atomic_inc(&strays);
	for (i = 0; i < ROW_SIZE; i++) {
		if (i == home_of(entry) || atomic_long_read(&row[i]))
			continue;
		if (atomic_long_cmpxchg(&row[i], 0, entry) == 0)
			return true;
	}
	atomic_dec(&strays);
	return false;
}

/**
 * tcpfsm_marks_put() - leave a mark on a socket
 * @sk: the socket
 * @mark: the mark
 *
 * Context: any but NMI; the socket is locked.
 * Return: false if there is no room; the caller has to cope with that.
 */
bool tcpfsm_marks_put(const void *sk, int mark)
{
	atomic_long_t *row = row_of(sk);

	if (unlikely((long)sk & TCPFSM_MARK_LAST))
		return false;
	if (likely(atomic_long_cmpxchg(&row[home_of(mark)], 0, entry_of(sk, mark)) == 0))
		return true;
	return put_elsewhere(row, entry_of(sk, mark));
}

static noinline bool take_elsewhere(atomic_long_t *row, long entry)
{
	int i;

	for (i = 0; i < ROW_SIZE; i++) {
		if (atomic_long_read(&row[i]) != entry)
			continue;
		atomic_long_set(&row[i], 0);
		atomic_dec(&strays);
		return true;
	}
	return false;
}

/**
 * tcpfsm_marks_take() - remove a mark from a socket
 * @sk: the socket
 * @mark: the mark
 *
 * Context: any but NMI; the socket is locked.
 * Return: true if it was there.
 */
bool tcpfsm_marks_take(const void *sk, int mark)
{
	atomic_long_t *row = row_of(sk);
	long entry = entry_of(sk, mark);

	if (atomic_long_read(&row[home_of(mark)]) != entry)
		return unlikely(atomic_read(&strays)) && take_elsewhere(row, entry);
	atomic_long_set(&row[home_of(mark)], 0);
	return true;
}

/* Holds a socket that has TCPFSM_MARK_SEEN, or 0. */
static DEFINE_PER_CPU(atomic_long_t, seen_here);

/**
 * tcpfsm_marks_put_seen() - leave TCPFSM_MARK_SEEN on a socket
 * @sk: the socket
 *
 * Context: any but NMI; the socket is locked.
 * Return: false if there is no room; the caller has to cope with that.
 */
bool tcpfsm_marks_put_seen(const void *sk)
{
	if (likely(atomic_long_cmpxchg(raw_cpu_ptr(&seen_here), 0, (long)sk) == 0))
		return true;
	return tcpfsm_marks_put(sk, TCPFSM_MARK_SEEN);
}

/**
 * tcpfsm_marks_take_seen_here() - remove TCPFSM_MARK_SEEN from where it nearly always is
 * @sk: the socket
 *
 * Context: any but NMI; the socket is locked.
 * Return: true if the mark was there; false if it may be elsewhere.
 */
bool tcpfsm_marks_take_seen_here(const void *sk)
{
	atomic_long_t *here = raw_cpu_ptr(&seen_here);

	if (atomic_long_read(here) != (long)sk)
		return false;
	/* Nobody else puts or takes this socket, or uses the place while the socket is in it. */
	atomic_long_set(here, 0);
	return true;
}

/**
 * tcpfsm_marks_take_seen() - remove TCPFSM_MARK_SEEN from a socket, wherever the mark is
 * @sk: the socket
 *
 * Context: any but NMI; the socket is locked.
 * Return: true if it was there.
 */
noinline bool tcpfsm_marks_take_seen(const void *sk)
{
	int cpu;

	if (tcpfsm_marks_take(sk, TCPFSM_MARK_SEEN))
		return true;
	for_each_possible_cpu(cpu)
		if (atomic_long_cmpxchg(per_cpu_ptr(&seen_here, cpu), (long)sk, 0) == (long)sk)
			return true;
	return false;
}

/**
 * tcpfsm_marks_take_ended_by() - remove the mark that says who ends the connection
 * @sk: the socket
 *
 * Context: any but NMI; the socket is locked.
 * Return: enum tcpfsm_callsite; 0 if there was no such mark.
 */
int tcpfsm_marks_take_ended_by(const void *sk)
{
	atomic_long_t *row = row_of(sk);
	unsigned long least = entry_of(sk, TCPFSM_MARK_ENDED_BY);
	unsigned long entry;
	int i;

	for (i = 0; i < ROW_SIZE; i++) {
		entry = atomic_long_read(&row[i]);
		if (entry < least || entry > (unsigned long)entry_of(sk, TCPFSM_MARK_LAST))
			continue;
		atomic_long_set(&row[i], 0);
		if (i != home_of(entry))
			atomic_dec(&strays);
		return entry - least;
	}
	return 0;
}

/**
 * tcpfsm_marks_reset() - forget all marks
 *
 * Context: no hook is running.
 */
void tcpfsm_marks_reset(void)
{
	int i, j, cpu;

	atomic_set(&strays, 0);
	for_each_possible_cpu(cpu)
		atomic_long_set(per_cpu_ptr(&seen_here, cpu), 0);
	for (i = 0; i < 1 << ROW_BITS; i++)
		for (j = 0; j < ROW_SIZE; j++)
			atomic_long_set(&rows[i][j], 0);
}
