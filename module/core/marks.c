// SPDX-License-Identifier: GPL-2.0
/*
 * marks.c - small lock-free set of (socket, mark)
 *
 * Not per CPU: a task in tcp_v4_connect() migrates. A socket is locked while
 * its state changes, so a (socket, mark) is in the set at most once, and who
 * puts it and who takes it never race for the same one. Different sockets race
 * for free places only, which cmpxchg() settles.
 *
 * The mark that every call of tcp_set_state() leaves, for the few instructions until its
 * tracepoint, is in a place of the CPU's own, if that is free. Who takes it may have migrated
 * meanwhile, and looks everywhere if need be.
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

static_assert(TCPFSM_MARK_BLAME + TCPFSM_NR_CALLSITES <= TCPFSM_MARK_LAST);

static atomic_long_t rows[1 << ROW_BITS][ROW_SIZE] ____cacheline_aligned;

/* Full sockets are aligned to cache lines (proto_register()): the low bits hold the mark. */
static long entry_of(const void *sk, int mark)
{
	return (long)sk | mark;
}

static atomic_long_t *row_of(const void *sk)
{
	return rows[hash_ptr(sk, ROW_BITS)];
}

/*
 * Where a mark is looked for first: the marks that a socket may have at the same time do not
 * get in each other's way.
 */
static int home_of(unsigned long entry_or_mark)
{
	return entry_or_mark % ROW_SIZE;
}

/* Marks that are not where they are looked for first: nearly always there is none. */
static atomic_t strays = ATOMIC_INIT(0);

static noinline bool put_elsewhere(atomic_long_t *row, long entry)
{
	int i;

	/* First: whoever looks for the mark shall know that it may be a stray. */
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
 * Return: false if there is no room, which the caller has to cope with.
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

/* A socket, or 0. */
static DEFINE_PER_CPU(atomic_long_t, seen_here);

/**
 * tcpfsm_marks_put_seen() - tcpfsm_marks_put() of TCPFSM_MARK_SEEN
 * @sk: the socket
 *
 * Context: any but NMI; the socket is locked.
 * Return: false if there is no room, which the caller has to cope with.
 */
bool tcpfsm_marks_put_seen(const void *sk)
{
	if (likely(atomic_long_cmpxchg(raw_cpu_ptr(&seen_here), 0, (long)sk) == 0))
		return true;
	return tcpfsm_marks_put(sk, TCPFSM_MARK_SEEN);
}

/**
 * tcpfsm_marks_take_seen_here() - tcpfsm_marks_take_seen(), where it nearly always is
 * @sk: the socket
 *
 * Context: any but NMI; the socket is locked.
 * Return: true if it was there; false: it may be elsewhere.
 */
bool tcpfsm_marks_take_seen_here(const void *sk)
{
	atomic_long_t *here = raw_cpu_ptr(&seen_here);

	if (atomic_long_read(here) != (long)sk)
		return false;
	/* Nobody else puts or takes this socket, and the place is free only without it. */
	atomic_long_set(here, 0);
	return true;
}

/**
 * tcpfsm_marks_take_seen() - tcpfsm_marks_take() of TCPFSM_MARK_SEEN
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
 * tcpfsm_marks_take_blame() - remove the mark that says who ends the connection
 * @sk: the socket
 *
 * Context: any but NMI; the socket is locked.
 * Return: enum tcpfsm_callsite, 0 if there was no such mark.
 */
int tcpfsm_marks_take_blame(const void *sk)
{
	atomic_long_t *row = row_of(sk);
	unsigned long least = entry_of(sk, TCPFSM_MARK_BLAME);
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
