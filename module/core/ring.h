/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ring.h - the ring of one CPU: one writer, any number of readers, no lock
 */
#ifndef TCPFSM_RING_H
#define TCPFSM_RING_H

#include "core/portable.h"

/**
 * struct tcpfsm_ring - fixed-size slots that one CPU writes, overwriting the oldest
 * @head: twice the number of slots ever written; the low bit is set while one more slot is being
 *	written
 * @base: slots before this number were cleared
 * @slots: @events + 1 slots; the slot being written is never one that a reader may use
 * @events: number of slots that a reader may find
 * @slot_size: bytes of a slot
 * @pos: place of the slot that is written next; only the writer uses it
 *
 * Slot numbers only grow. Slot n is in place n modulo (@events + 1).
 */
struct tcpfsm_ring {
	u64 head;
	u64 base;
	void *slots;
	u32 events;
	u32 slot_size;
	u32 pos;
};

void tcpfsm_ring_init(struct tcpfsm_ring *ring, void *slots, u32 events, u32 slot_size);
void *tcpfsm_ring_begin(struct tcpfsm_ring *ring);
void tcpfsm_ring_commit(struct tcpfsm_ring *ring);
void tcpfsm_ring_abandon(struct tcpfsm_ring *ring);

u64 tcpfsm_ring_written(const struct tcpfsm_ring *ring);
u64 tcpfsm_ring_oldest(const struct tcpfsm_ring *ring);
bool tcpfsm_ring_busy(const struct tcpfsm_ring *ring);
bool tcpfsm_ring_intact(const struct tcpfsm_ring *ring, u64 n);
u32 tcpfsm_ring_span(const struct tcpfsm_ring *ring, u64 next, u64 end, const void **slots);
bool tcpfsm_ring_read(const struct tcpfsm_ring *ring, u64 *next, u64 end, void *slot, u64 *lost);
void tcpfsm_ring_clear(struct tcpfsm_ring *ring);

#endif /* TCPFSM_RING_H */
