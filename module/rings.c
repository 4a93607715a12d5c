// SPDX-License-Identifier: GPL-2.0
/*
 * rings.c - one ring a CPU, and the bell that wakes readers
 *
 * A ring for every possible CPU is allocated at load, so that neither a probe
 * nor a CPU that comes online later ever allocates.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/timekeeping.h>
#include <linux/topology.h>
#include <linux/vmalloc.h>
#include "compat.h"
#include "rings.h"
#include "uapi/tcpfsm.h"

static DEFINE_PER_CPU_ALIGNED(struct tcpfsm_ring, rings);

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

static int __cold no_memory(size_t size)
{
	pr_err("ring_events: no memory for %u x %zu KiB\n", num_possible_cpus(), size / 1024);
	tcpfsm_rings_exit();
	return -ENOMEM;
}

/**
 * tcpfsm_rings_init() - allocate the rings
 * @events: slots a CPU keeps
 *
 * Context: process, at load.
 * Return: 0 or -ENOMEM.
 */
int __cold tcpfsm_rings_init(u32 events)
{
	size_t size = ((size_t)events + 1) * sizeof(struct tcpfsm_event);
	void *slots;
	int cpu;

	tcpfsm_hrtimer_setup(&bell_timer, bell_timeout, HRTIMER_MODE_REL_SOFT);
	for_each_possible_cpu(cpu) {
		slots = vzalloc_node(size, cpu_to_node(cpu));
		if (!slots)
			return no_memory(size);
		tcpfsm_ring_init(tcpfsm_ring_of(cpu), slots, events, sizeof(struct tcpfsm_event));
	}
	return 0;
}

/**
 * tcpfsm_rings_exit() - free the rings
 *
 * Context: process; no hook and no reader is left.
 */
void __cold tcpfsm_rings_exit(void)
{
	int cpu;

	irq_work_sync(&bell);
	hrtimer_cancel(&bell_timer);
	for_each_possible_cpu(cpu) {
		vfree(tcpfsm_ring_of(cpu)->slots);
		tcpfsm_ring_of(cpu)->slots = NULL;
	}
}

/**
 * tcpfsm_ring_of() - the ring of a CPU
 * @cpu: a possible CPU
 *
 * Context: any.
 */
struct tcpfsm_ring *tcpfsm_ring_of(int cpu)
{
	return per_cpu_ptr(&rings, cpu);
}

/**
 * tcpfsm_ring_here() - the ring of this CPU
 *
 * Context: preemption off.
 */
struct tcpfsm_ring *tcpfsm_ring_here(void)
{
	return this_cpu_ptr(&rings);
}

/**
 * tcpfsm_rings_clear() - hide what is in the rings from readers that start later
 *
 * Context: process.
 */
void __cold tcpfsm_rings_clear(void)
{
	int cpu;

	/* Of two at once, the later look must not be overwritten by the earlier. */
	mutex_lock(&clear_lock);
	for_each_possible_cpu(cpu)
		tcpfsm_ring_clear(tcpfsm_ring_of(cpu));
	mutex_unlock(&clear_lock);
}

/**
 * tcpfsm_rings_written() - events that were ever put into the rings
 *
 * Context: any.
 */
u64 tcpfsm_rings_written(void)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += tcpfsm_ring_written(tcpfsm_ring_of(cpu));
	return sum;
}

/**
 * tcpfsm_rings_overwritten() - events that the rings no longer hold
 *
 * Context: any.
 */
u64 tcpfsm_rings_overwritten(void)
{
	u64 sum = 0, written;
	int cpu;

	for_each_possible_cpu(cpu) {
		written = tcpfsm_ring_written(tcpfsm_ring_of(cpu));
		if (written > tcpfsm_ring_of(cpu)->events)
			sum += written - tcpfsm_ring_of(cpu)->events;
	}
	return sum;
}

/**
 * tcpfsm_bell_ring() - wake whoever waits for an event
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
void tcpfsm_bell_ring(void)
{
	/* The barrier is in tcpfsm_ring_begin(), see above. */
	if (likely(!waitqueue_active(&bell_queue)) || READ_ONCE(bell_rings))
		return;
	WRITE_ONCE(bell_rings, true);
	irq_work_queue(&bell);
}

/**
 * tcpfsm_bell_queue() - the queue that the bell wakes
 *
 * Who waits on it needs a full barrier between entering it and looking at the rings.
 */
wait_queue_head_t *tcpfsm_bell_queue(void)
{
	return &bell_queue;
}
