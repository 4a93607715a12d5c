// SPDX-License-Identifier: GPL-2.0
/*
 * rings.c - the rings of all CPUs, one for each
 *
 * A ring appears when its CPU is about to come online for the first time, and it stays (cpus.c).
 * The rings are in a list that only grows. A ring is complete before the list has it, and its CPU
 * is started after that. Therefore a reader that does not find a ring in the list may conclude the
 * same as from a ring that it does not find busy: see reader.c.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/topology.h>
#include "record/memory.h"
#include "record/rings.h"
#include "uapi/tcpfsm.h"

/**
 * struct cpu_ring - the ring of one CPU
 * @ring: the ring; it is first, so that it has the address of the whole
 * @next: the ring that appeared next
 * @memory: memory of the slots
 */
struct cpu_ring {
	struct tcpfsm_ring ring;
	struct cpu_ring *next;
	struct tcpfsm_memory memory;
};

static DEFINE_PER_CPU_ALIGNED(struct cpu_ring, rings);

/*
 * The list has the rings in the order in which they appeared. The lock of CPU hotplug guards it,
 * but readers do without.
 */
static struct cpu_ring *rings_first;
static struct cpu_ring **rings_end = &rings_first;

static DEFINE_MUTEX(clear_lock);

/**
 * tcpfsm_rings_has() - does a CPU have its ring?
 * @cpu: a possible CPU
 *
 * Context: CPU hotplug is locked.
 */
bool tcpfsm_rings_has(unsigned int cpu)
{
	return per_cpu(rings, cpu).memory.at;
}

/**
 * tcpfsm_rings_prepare() - give a CPU its ring
 * @cpu: a possible CPU without a ring; either the CPU does not run yet, or no hook does
 * @events: number of events that the ring keeps
 *
 * Context: process, CPU hotplug is locked.
 * Return: 0 or -ENOMEM.
 */
int tcpfsm_rings_prepare(unsigned int cpu, u32 events)
{
	size_t size = ((size_t)events + 1) * sizeof(struct tcpfsm_event);
	struct cpu_ring *here = per_cpu_ptr(&rings, cpu);
	int err = tcpfsm_memory_get(&here->memory, size, cpu_to_node(cpu));

	if (err)
		return err;
	tcpfsm_ring_init(&here->ring, here->memory.at, events, sizeof(struct tcpfsm_event));
	/* Pairs with tcpfsm_rings_next(). */
	smp_store_release(rings_end, here);
	rings_end = &here->next;
	return 0;
}

/**
 * tcpfsm_rings_free() - free the rings
 *
 * Context: process; no hook, no reader and no call by CPU hotplug is left.
 */
void __cold tcpfsm_rings_free(void)
{
	struct cpu_ring *each;

	for (each = rings_first; each; each = each->next)
		tcpfsm_memory_put(&each->memory);
}

/**
 * tcpfsm_rings_next() - find the ring that appeared next
 * @ring: the ring before it; NULL to find the first ring
 *
 * Context: any.
 * Return: the ring; NULL if there is none yet.
 */
struct tcpfsm_ring *tcpfsm_rings_next(struct tcpfsm_ring *ring)
{
	struct cpu_ring **link = ring ? &container_of(ring, struct cpu_ring, ring)->next :
					&rings_first;
	/* Pairs with tcpfsm_rings_prepare(). */
	struct cpu_ring *next = smp_load_acquire(link);

	return next ? &next->ring : NULL;
}

/**
 * tcpfsm_ring_here() - find the ring of this CPU
 *
 * Context: preemption off.
 */
struct tcpfsm_ring *tcpfsm_ring_here(void)
{
	return this_cpu_ptr(&rings.ring);
}

/**
 * tcpfsm_rings_clear() - hide the events in the rings from readers that start later
 *
 * Context: process.
 */
void __cold tcpfsm_rings_clear(void)
{
	struct tcpfsm_ring *ring = NULL;

	/* If two tasks clear at once, the earlier look must not overwrite the later one. */
	mutex_lock(&clear_lock);
	while ((ring = tcpfsm_rings_next(ring)))
		tcpfsm_ring_clear(ring);
	mutex_unlock(&clear_lock);
}

/**
 * tcpfsm_rings_written() - count the events that were ever put into the rings
 *
 * Context: any.
 */
u64 tcpfsm_rings_written(void)
{
	struct tcpfsm_ring *ring = NULL;
	u64 sum = 0;

	while ((ring = tcpfsm_rings_next(ring)))
		sum += tcpfsm_ring_written(ring);
	return sum;
}

/**
 * tcpfsm_rings_overwritten() - count the events that the rings no longer hold
 *
 * Context: any.
 */
u64 tcpfsm_rings_overwritten(void)
{
	struct tcpfsm_ring *ring = NULL;
	u64 sum = 0, written;

	while ((ring = tcpfsm_rings_next(ring))) {
		written = tcpfsm_ring_written(ring);
		if (written > ring->events)
			sum += written - ring->events;
	}
	return sum;
}
