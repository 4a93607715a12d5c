// SPDX-License-Identifier: GPL-2.0
/*
 * rings.c - one ring a CPU, and the bell that wakes readers
 *
 * A ring appears when its CPU is about to come online for the first time, and stays
 * (cpus.c). They are in a list, to which is only ever added: a ring is complete before the
 * list has it. Its CPU is started after that, and so what stands in for a mark that a reader
 * has not seen holds for a ring that it has not seen: see reader.c.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/timekeeping.h>
#include <linux/topology.h>
#include "compat.h"
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

static DECLARE_WAIT_QUEUE_HEAD(bell_queue);

/* A reader is woken at most once in so long: at a high rate a wake-up serves many events. */
#define BELL_INTERVAL_NS (5 * NSEC_PER_MSEC)

/* The bell is being rung: whoever publishes meanwhile need not ring it too. */
static bool bell_rings;
static u64 bell_last_ns;
static struct hrtimer bell_timer;

static void wake_readers(void)
{
	bell_last_ns = ktime_get_ns();
	WRITE_ONCE(bell_rings, false);
	/*
	 * Before the readers look at the rings. Who published and saw the bell ringing had marked
	 * its ring busy before (tcpfsm_ring_begin()), so that they find it busy or written.
	 */
	smp_mb();
	wake_up_all(&bell_queue);
}

static enum hrtimer_restart bell_timeout(struct hrtimer *timer)
{
	wake_readers();
	return HRTIMER_NORESTART;
}

static void bell_work(struct irq_work *work)
{
	u64 since = ktime_get_ns() - bell_last_ns;

	if (since >= BELL_INTERVAL_NS)
		wake_readers();
	else
		hrtimer_start(&bell_timer, ns_to_ktime(BELL_INTERVAL_NS - since),
			      HRTIMER_MODE_REL_SOFT);
}

static DEFINE_IRQ_WORK(bell, bell_work);

/**
 * tcpfsm_rings_init() - make ready for rings
 *
 * Context: process, at load.
 */
void __cold tcpfsm_rings_init(void)
{
	tcpfsm_hrtimer_setup(&bell_timer, bell_timeout, HRTIMER_MODE_REL_SOFT);
}

/**
 * tcpfsm_rings_exit() - let the bell come to rest
 *
 * Context: process; no hook is left.
 */
void __cold tcpfsm_rings_exit(void)
{
	irq_work_sync(&bell);
	hrtimer_cancel(&bell_timer);
}

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

/**
 * tcpfsm_wakeup() - wake whoever waits for an event
 *
 * The wake-up itself takes locks that the interrupted code may hold, so it is
 * left to an interrupt, which puts it off if there was one just now. A waiter
 * enters the queue, then has a full barrier, then looks at the rings; this looks
 * at the queue after the full barrier in tcpfsm_ring_begin(). So either it sees
 * the waiter, or the waiter sees a ring busy or written. What is written the waiter
 * takes; for a ring that stays busy it rings the bell itself, in order to look again:
 * tcpfsm_reader_look().
 *
 * Context: after tcpfsm_ring_commit(), or in a waiter that has entered the queue; any
 * but NMI.
 */
void tcpfsm_wakeup(void)
{
	/* The barrier is in tcpfsm_ring_begin(), see above. */
	if (likely(!waitqueue_active(&bell_queue)) || READ_ONCE(bell_rings))
		return;
	WRITE_ONCE(bell_rings, true);
	irq_work_queue(&bell);
}

/**
 * tcpfsm_wakeup_queue() - the queue that the bell wakes
 *
 * Who waits on it needs a full barrier between entering it and looking at the rings.
 */
wait_queue_head_t *tcpfsm_wakeup_queue(void)
{
	return &bell_queue;
}
