// SPDX-License-Identifier: GPL-2.0
/*
 * inflight.c - small lock-free set of (socket, mark)
 *
 * Not per CPU: a task in tcp_v4_connect() migrates. A socket is locked while
 * its state changes, so a (socket, mark) is in the set at most once, and who
 * puts it and who takes it never race for the same one. Different sockets race
 * for free places only, which cmpxchg() settles.
 */
#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/hash.h>
#include "inflight.h"
#include "site.h"

#define ROW_BITS 7
#define ROW_SIZE 4 /* half a cache line */

static_assert(TCPFSM_MARK_BLAME + TCPFSM_NR_SITES <= TCPFSM_MARK_LAST);

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
static atomic_long_t *place_of(atomic_long_t *row, int mark)
{
	return &row[mark % ROW_SIZE];
}

static noinline bool put_elsewhere(atomic_long_t *row, long entry)
{
	int i;

	for (i = 0; i < ROW_SIZE; i++) {
		if (atomic_long_read(&row[i]))
			continue;
		if (atomic_long_cmpxchg(&row[i], 0, entry) == 0)
			return true;
	}
	return false;
}

/**
 * tcpfsm_inflight_put() - leave a mark on a socket
 * @sk: the socket
 * @mark: the mark
 *
 * Context: any but NMI; the socket is locked.
 * Return: false if there is no room, which the caller has to cope with.
 */
bool tcpfsm_inflight_put(const void *sk, int mark)
{
	atomic_long_t *row = row_of(sk);

	if (unlikely((long)sk & TCPFSM_MARK_LAST))
		return false;
	if (likely(atomic_long_cmpxchg(place_of(row, mark), 0, entry_of(sk, mark)) == 0))
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
		return true;
	}
	return false;
}

/**
 * tcpfsm_inflight_take() - remove a mark from a socket
 * @sk: the socket
 * @mark: the mark
 *
 * Context: any but NMI; the socket is locked.
 * Return: true if it was there.
 */
bool tcpfsm_inflight_take(const void *sk, int mark)
{
	atomic_long_t *row = row_of(sk);
	long entry = entry_of(sk, mark);

	if (unlikely(atomic_long_read(place_of(row, mark)) != entry))
		return take_elsewhere(row, entry);
	atomic_long_set(place_of(row, mark), 0);
	return true;
}

/**
 * tcpfsm_inflight_take_blame() - remove the mark that says who ends the connection
 * @sk: the socket
 *
 * Context: any but NMI; the socket is locked.
 * Return: enum tcpfsm_site, 0 if there was no such mark.
 */
int tcpfsm_inflight_take_blame(const void *sk)
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
		return entry - least;
	}
	return 0;
}

/**
 * tcpfsm_inflight_reset() - forget all marks
 *
 * Context: no hook is running.
 */
void tcpfsm_inflight_reset(void)
{
	int i, j;

	for (i = 0; i < 1 << ROW_BITS; i++)
		for (j = 0; j < ROW_SIZE; j++)
			atomic_long_set(&rows[i][j], 0);
}
