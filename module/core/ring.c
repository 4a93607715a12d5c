// SPDX-License-Identifier: GPL-2.0
/*
 * ring.c - per-CPU ring of fixed-size slots, overwriting, lock-free
 *
 * The ring knows neither TCP nor procfs. One word orders everything: @head. The value 2n says that
 * slots 0 .. n-1 are complete, and 2n+1 says that slot n is being written.
 *
 *	writer					reader
 *	store_release(head, 2n+1)		A: load_acquire(head)
 *	W1: smp_mb()				   copy slot p < head/2
 *	    read the clock, fill slot n		B: smp_rmb()
 *	W2: store_release(head, 2n+2)		   head again: was p overwritten?
 *
 * W2 pairs with A: a reader that sees 2n+2 sees slot n whole. The reader may see 2n+3 of the next
 * slot instead. The store of 2n+3 is a release for that reason.
 *
 * W1 pairs with B: if a reader's copy saw anything of slot n, the reader sees at least 2n+1 when it
 * looks at @head again. Slot n takes the place of slot n - events - 1. A reader rejects its copy of
 * p when p < head/2 - events, hence before the place of p can have been touched.
 *
 * W1 pairs with the barrier in tcpfsm_reader_horizon() too: see reader.c.
 *
 * The writer runs with interrupts off. So the event of an interrupt never comes between the clock
 * and the slot number of another event. Within one ring, the order of slot numbers is the order of
 * time.
 */
#include "core/ring.h"

/**
 * tcpfsm_ring_init() - make an empty ring from given memory
 * @ring: to fill in
 * @slots: (@events + 1) * @slot_size bytes, zeroed
 * @events: number of slots to keep, at least 1
 * @slot_size: bytes of one slot
 *
 * Context: any, before the ring is shared.
 */
void tcpfsm_ring_init(struct tcpfsm_ring *ring, void *slots, u32 events, u32 slot_size)
{
	ring->head = 0;
	ring->base = 0;
	ring->slots = slots;
	ring->events = events;
	ring->slot_size = slot_size;
	ring->pos = 0;
}

static void *slot_at(const struct tcpfsm_ring *ring, u32 pos)
{
	return (char *)ring->slots + (size_t)pos * ring->slot_size;
}

/**
 * tcpfsm_ring_begin() - start to write a slot
 * @ring: this CPU's ring
 *
 * The caller reads the clock after this call, fills the slot, and commits or abandons it.
 *
 * Context: the ring's own CPU, interrupts off until the slot is committed or abandoned.
 * Return: the slot, whose content is stale.
 */
void *tcpfsm_ring_begin(struct tcpfsm_ring *ring)
{
	/* Release: a reader that sees this value but never W2's sees slot n - 1 whole too. */
	smp_store_release(&ring->head, ring->head + 1);
	/* W1, pairs with B in tcpfsm_ring_read() and with tcpfsm_reader_horizon(). */
	smp_mb();
	return slot_at(ring, ring->pos);
}

/**
 * tcpfsm_ring_commit() - publish the slot that was begun
 * @ring: this CPU's ring
 *
 * Context: as tcpfsm_ring_begin().
 */
void tcpfsm_ring_commit(struct tcpfsm_ring *ring)
{
	ring->pos = ring->pos == ring->events ? 0 : ring->pos + 1;
	/* W2, pairs with A in tcpfsm_ring_read(). */
	smp_store_release(&ring->head, ring->head + 1);
}

/**
 * tcpfsm_ring_abandon() - take back the slot that was begun
 * @ring: this CPU's ring
 *
 * Nothing is lost, because no reader can use the slot's place.
 *
 * Context: as tcpfsm_ring_begin().
 */
void tcpfsm_ring_abandon(struct tcpfsm_ring *ring)
{
	/* This pairs with A, as W2 does. */
	smp_store_release(&ring->head, ring->head - 1);
}

/**
 * tcpfsm_ring_written() - count the slots that were ever published
 * @ring: the ring of any CPU
 *
 * Context: any.
 */
u64 tcpfsm_ring_written(const struct tcpfsm_ring *ring)
{
	/* This pairs with W2, as A does. */
	return smp_load_acquire(&ring->head) >> 1;
}

/**
 * tcpfsm_ring_oldest() - get the number of the oldest slot that is kept and not cleared
 * @ring: the ring of any CPU
 *
 * Context: any. The slot may be overwritten before it is read.
 */
u64 tcpfsm_ring_oldest(const struct tcpfsm_ring *ring)
{
	u64 written = tcpfsm_ring_written(ring);
	u64 oldest = written > ring->events ? written - ring->events : 0;
	u64 base = READ_ONCE(ring->base);

	return base > oldest ? base : oldest;
}

/**
 * tcpfsm_ring_busy() - is a slot being written just now?
 * @ring: the ring of any CPU
 *
 * Context: any.
 */
bool tcpfsm_ring_busy(const struct tcpfsm_ring *ring)
{
	/* Pairs with W2: if the ring is not busy, all that its writer had written is there. */
	return smp_load_acquire(&ring->head) & 1;
}

/**
 * tcpfsm_ring_intact() - has a slot not been overwritten up to now?
 * @ring: the ring of any CPU
 * @n: number of the slot, which was there before
 *
 * Call this after a copy of the slot was made. If the slot is intact, the copy is good, and so are
 * copies of all younger slots.
 *
 * Context: any.
 */
bool tcpfsm_ring_intact(const struct tcpfsm_ring *ring, u64 n)
{
	u64 written;

	/* B, pairs with W1 in tcpfsm_ring_begin(). */
	smp_rmb();
	written = READ_ONCE(ring->head) >> 1;
	return written <= ring->events || n >= written - ring->events;
}

/**
 * tcpfsm_ring_span() - find the slots that lie one behind the other from a reader's position on
 * @ring: the ring of any CPU
 * @next: the reader's position
 * @end: number to stop at
 * @slots: filled in with the address of the first slot
 *
 * This is for copying many slots at once. The writer may overwrite them meanwhile. So mark the copy
 * with data_race(), and ask tcpfsm_ring_intact() about @next after it.
 *
 * Context: any; never waits for a writer.
 * Return: number of slots; 0 if there are none, or if @next has been overwritten.
 */
u32 tcpfsm_ring_span(const struct tcpfsm_ring *ring, u64 next, u64 end, const void **slots)
{
	/* A, pairs with W2 in tcpfsm_ring_commit(). */
	u64 written = smp_load_acquire(&ring->head) >> 1;
	u32 pos = next % (ring->events + 1);
	u32 to_wrap = ring->events + 1 - pos;

	if (end > written)
		end = written;
	if (next >= end || (written > ring->events && next < written - ring->events))
		return 0;
	*slots = slot_at(ring, pos);
	return end - next < to_wrap ? end - next : to_wrap;
}

/**
 * tcpfsm_ring_read() - copy the next slot of a reader
 * @ring: the ring of any CPU
 * @next: the reader's position; moved past the slot, and past slots that were overwritten
 * @end: number to stop at
 * @slot: slot_size bytes for the copy
 * @lost: raised by the number of slots that were overwritten before they were read
 *
 * Context: any; never waits for a writer.
 * Return: true if @slot was filled, false if there is nothing before @end.
 */
bool tcpfsm_ring_read(const struct tcpfsm_ring *ring, u64 *next, u64 end, void *slot, u64 *lost)
{
	for (;;) {
		/* A, pairs with W2 in tcpfsm_ring_commit(). */
		u64 written = smp_load_acquire(&ring->head) >> 1;
		u64 oldest = written > ring->events ? written - ring->events : 0;
		u64 n = *next;

		if (n < oldest) {
			u64 to = oldest < end ? oldest : end;

			if (n < to) {
				*lost += to - n;
				*next = to;
				n = to;
			}
		}
		if (n >= end || n >= written)
			return false;

		/*
		 * The writer may overwrite the slot meanwhile. The look after the copy shows that.
		 */
		data_race(memcpy(slot, slot_at(ring, n % (ring->events + 1)), ring->slot_size));
		if (!tcpfsm_ring_intact(ring, n))
			continue;
		*next = n + 1;
		return true;
	}
}

/**
 * tcpfsm_ring_clear() - hide the slots in the ring from readers that start later
 * @ring: the ring of any CPU
 *
 * Readers that have started keep their place and lose nothing.
 *
 * Context: any.
 */
void tcpfsm_ring_clear(struct tcpfsm_ring *ring)
{
	WRITE_ONCE(ring->base, tcpfsm_ring_written(ring));
}
