// SPDX-License-Identifier: GPL-2.0
/*
 * rings.c - one ring a CPU
 *
 * A ring appears when its CPU is about to come online for the first time, and stays
 * (cpus.c). They are in a list, to which is only ever added: a ring is complete before the
 * list has it. Its CPU is started after that, and so what stands in for a mark that a reader
 * has not seen holds for a ring that it has not seen: see reader.c.
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
 * struct cpu_ring - ring of one CPU
 * @ring: the ring; first, so that it is found as the whole is
 * @next: the one that appeared next
 * @memory: of its slots
 */
struct cpu_ring {
	struct tcpfsm_ring ring;
	struct cpu_ring *next;
	struct tcpfsm_memory memory;
};

static DEFINE_PER_CPU_ALIGNED(struct cpu_ring, rings);

/* In the order in which they appeared; guarded, but for readers, by CPU hotplug. */
static struct cpu_ring *rings_first;
static struct cpu_ring **rings_end = &rings_first;

static DEFINE_MUTEX(clear_lock);

/**
 * tcpfsm_rings_has() - has a CPU got its ring?
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
 * @cpu: a possible CPU that has none; it does not run yet, or no hook does
 * @events: slots it keeps
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
 * tcpfsm_rings_next() - the ring that appeared next
 * @ring: after this one; NULL: the first one
 *
 * Context: any.
 * Return: the ring; NULL: there is none yet.
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
 * tcpfsm_ring_here() - the ring of this CPU
 *
 * Context: preemption off.
 */
struct tcpfsm_ring *tcpfsm_ring_here(void)
{
	return this_cpu_ptr(&rings.ring);
}

/**
 * tcpfsm_rings_clear() - hide what is in the rings from readers that start later
 *
 * Context: process.
 */
void __cold tcpfsm_rings_clear(void)
{
	struct tcpfsm_ring *ring = NULL;

	/* Of two at once, the later look must not be overwritten by the earlier. */
	mutex_lock(&clear_lock);
	while ((ring = tcpfsm_rings_next(ring)))
		tcpfsm_ring_clear(ring);
	mutex_unlock(&clear_lock);
}

/**
 * tcpfsm_rings_written() - events that were ever put into the rings
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
 * tcpfsm_rings_overwritten() - events that the rings no longer hold
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
