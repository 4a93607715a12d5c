/* SPDX-License-Identifier: GPL-2.0 */
/*
 * weakmem.h - a memory as weak as C11 allows, explored exhaustively
 *
 * Real machines that reorder as much as the kernel's memory model allows are
 * rare, and a test on one would depend on luck. So this replaces the accesses
 * and barriers of the code under test, which is compiled as it is, by those of
 * a simulated memory, and runs it once for each thing that the memory may do.
 *
 * Memory is a list of stores for each address, in coherence order. A thread's
 * view says, for each address, the oldest store that it may still read; a load
 * takes any from there on. Whoever acquires a store that was released, or has
 * fences to that effect, gets the view that goes with the store. Nothing else
 * orders anything; in particular, a relaxed store that follows a release of
 * the same address releases nothing (LKMM and C++20 agree).
 *
 * One thread writes and the other reads only, so that the writer can run to
 * its end first: what its stores look like to the reader depends on their
 * views, not on when they are made. Loads are not delayed past later stores of
 * the same thread; the code under test has no such stores in the reader.
 */
#ifndef TCPFSM_WEAKMEM_H
#define TCPFSM_WEAKMEM_H

#include <stdio.h>
#include <stdlib.h>
#include "core/portable.h"

#define WM_CELLS   16
#define WM_STORES  24
#define WM_CHOICES 256

struct wm_view {
	u8 oldest[WM_CELLS];
};

struct wm_store {
	u64 value;
	struct wm_view view;
};

struct wm_cell {
	const void *address;
	unsigned int count;
	struct wm_store stores[WM_STORES];
};

/**
 * struct wm_thread - what a thread may read, and what goes with its stores
 * @now: oldest store that it may read, by cell
 * @acquirable: views of the stores that it has read; a read barrier makes them its own
 * @released: its view at its last write barrier
 */
struct wm_thread {
	struct wm_view now;
	struct wm_view acquirable;
	struct wm_view released;
};

static struct wm_cell wm_cells[WM_CELLS];
static unsigned int wm_nr_cells;
static struct wm_thread wm_writer, wm_reader, *wm_self;

/* Depth-first search over all choices, by running again with one choice changed. */
static struct {
	unsigned char taken[WM_CHOICES];
	unsigned char limit[WM_CHOICES];
	unsigned int depth;
	unsigned int next;
} wm_search;

static inline void wm_die(const char *why)
{
	fprintf(stderr, "weakmem: %s\n", why);
	abort();
}

static inline unsigned int wm_choose(unsigned int limit)
{
	unsigned int at = wm_search.next;

	if (limit == 1)
		return 0;
	if (at == WM_CHOICES)
		wm_die("too many choices");
	if (at == wm_search.depth) {
		wm_search.taken[at] = 0;
		wm_search.limit[at] = limit;
		wm_search.depth++;
	}
	wm_search.next++;
	return wm_search.taken[at];
}

/* Start from the first choices, or go on to the next ones; false if there are none. */
static inline void wm_search_start(void)
{
	wm_search.depth = 0;
	wm_search.next = 0;
}

static inline bool wm_search_step(void)
{
	wm_search.next = 0;
	while (wm_search.depth) {
		unsigned int last = wm_search.depth - 1;

		if (++wm_search.taken[last] < wm_search.limit[last])
			return true;
		wm_search.depth--;
	}
	return false;
}

static inline void wm_join(struct wm_view *view, const struct wm_view *other)
{
	unsigned int i;

	for (i = 0; i < wm_nr_cells; i++)
		if (view->oldest[i] < other->oldest[i])
			view->oldest[i] = other->oldest[i];
}

static inline unsigned int wm_cell_of(const void *address)
{
	unsigned int i;

	for (i = 0; i < wm_nr_cells; i++)
		if (wm_cells[i].address == address)
			return i;
	wm_die("access to an address that is not simulated");
	return 0;
}

static inline void wm_reset(void)
{
	wm_nr_cells = 0;
	memset(&wm_writer, 0, sizeof(wm_writer));
	memset(&wm_reader, 0, sizeof(wm_reader));
	wm_self = &wm_writer;
}

static inline void wm_add_cell(const void *address, u64 value)
{
	struct wm_cell *cell = &wm_cells[wm_nr_cells++];

	if (wm_nr_cells > WM_CELLS)
		wm_die("too many cells");
	cell->address = address;
	cell->count = 1;
	cell->stores[0].value = value;
	memset(&cell->stores[0].view, 0, sizeof(cell->stores[0].view));
}

static inline void wm_write_barrier(void)
{
	wm_self->released = wm_self->now;
}

static inline void wm_read_barrier(void)
{
	wm_join(&wm_self->now, &wm_self->acquirable);
}

static inline void wm_do_store(void *address, u64 value, bool release)
{
	unsigned int at = wm_cell_of(address);
	struct wm_cell *cell = &wm_cells[at];
	struct wm_store *store = &cell->stores[cell->count];

	if (wm_self != &wm_writer)
		wm_die("the reader stores");
	if (cell->count == WM_STORES)
		wm_die("too many stores");
	wm_self->now.oldest[at] = cell->count++;
	store->value = value;
	store->view = release ? wm_self->now : wm_self->released;
	store->view.oldest[at] = wm_self->now.oldest[at];
}

static inline u64 wm_do_load(const void *address, bool acquire)
{
	unsigned int at = wm_cell_of(address);
	struct wm_cell *cell = &wm_cells[at];
	unsigned int first = wm_self->now.oldest[at];
	unsigned int chosen = first + wm_choose(cell->count - first);

	wm_self->now.oldest[at] = chosen;
	wm_join(&wm_self->acquirable, &cell->stores[chosen].view);
	if (acquire)
		wm_join(&wm_self->now, &cell->stores[chosen].view);
	return cell->stores[chosen].value;
}

static inline void wm_do_copy(void *to, const void *from, size_t size)
{
	u64 *words = to;
	size_t i;

	for (i = 0; i < size / sizeof(u64); i++)
		words[i] = wm_do_load((const u64 *)from + i, false);
}

/* From here on the reader sees everything, as after joining the writer's thread. */
static inline void wm_catch_up(void)
{
	unsigned int i;

	for (i = 0; i < wm_nr_cells; i++)
		wm_reader.now.oldest[i] = wm_cells[i].count - 1;
}

#undef READ_ONCE
#undef WRITE_ONCE
#undef smp_load_acquire
#undef smp_store_release
#undef smp_mb
#undef smp_rmb
#undef smp_wmb
#undef data_race

/* A writer's plain look at what only itself writes needs the value in real memory too. */
#define wm_store_to(p, v, release)               \
	do {                                     \
		__auto_type __p = (p);           \
		*__p = (v);                      \
		wm_do_store(__p, *__p, release); \
	} while (0)

#define READ_ONCE(x)		((__typeof__(x))wm_do_load(&(x), false))
#define WRITE_ONCE(x, v)	wm_store_to(&(x), v, false)
#define smp_load_acquire(p)	((__typeof__(*(p)))wm_do_load(p, true))
#define smp_store_release(p, v) wm_store_to(p, v, true)
#define smp_mb()		(wm_read_barrier(), wm_write_barrier())
#define smp_rmb()		wm_read_barrier()
#define smp_wmb()		wm_write_barrier()
#define data_race(x)		(x)
#define memcpy(to, from, size)	wm_do_copy(to, from, size)

#endif /* TCPFSM_WEAKMEM_H */
