// SPDX-License-Identifier: GPL-2.0
/*
 * stat.c - exact counters, one set for each CPU
 *
 * Only the CPU itself writes its set, with interrupts off, so that no atomics are needed. Readers
 * sum up the sets and load each counter once.
 */
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/irqflags.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/time64.h>
#include <linux/topology.h>
#include "record/memory.h"
#include "record/stat.h"

/*
 * A set is too large for the per-CPU allocator, so only the pointers are per CPU. A CPU that has
 * not been online has no set (cpus.c).
 */
static DEFINE_PER_CPU(struct tcpfsm_stat *, stats);

/**
 * tcpfsm_stat_prepare() - give a CPU its counters, unless it has them
 * @cpu: a possible CPU; either the CPU does not run yet, or no hook does
 *
 * Context: process, CPU hotplug is locked.
 * Return: 0 or -ENOMEM.
 */
int tcpfsm_stat_prepare(unsigned int cpu)
{
	struct tcpfsm_stat *stat = per_cpu(stats, cpu);

	if (stat)
		return 0;
	stat = kvmalloc_node(sizeof(*stat), TCPFSM_GFP, cpu_to_node(cpu));
	if (!stat)
		return -ENOMEM;
	/* Pairs with tcpfsm_stat_sum(). */
	smp_store_release(per_cpu_ptr(&stats, cpu), stat);
	return 0;
}

/**
 * tcpfsm_stat_exit() - free the counters
 *
 * Context: process; no hook, no reader and no call by CPU hotplug is left.
 */
void __cold tcpfsm_stat_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		kvfree(per_cpu(stats, cpu));
		per_cpu(stats, cpu) = NULL;
	}
}

/**
 * tcpfsm_stat_this_cpu() - get this CPU's counters, which it got before it ran
 *
 * Context: interrupts off.
 */
struct tcpfsm_stat *tcpfsm_stat_this_cpu(void)
{
	return __this_cpu_read(stats);
}

/**
 * tcpfsm_stat_count() - do tcpfsm_stat_bump_at() for callers with interrupts enabled
 * @counter: offset of the counter in struct tcpfsm_stat
 *
 * Context: any.
 */
void tcpfsm_stat_count(size_t counter)
{
	unsigned long irq;

	local_irq_save(irq);
	tcpfsm_stat_bump_at(counter);
	local_irq_restore(irq);
}

static_assert(TCPFSM_NR_STATES <= TCPFSM_STAT_STATES);
static_assert(TCPFSM_NR_CAUSES <= TCPFSM_STAT_CAUSES);

/**
 * tcpfsm_stat_event() - count a transition
 * @old: state before
 * @new: state after
 * @cause: enum tcpfsm_cause
 * @dwell: nanoseconds in @old, or TCPFSM_UNKNOWN_DWELL
 *
 * Context: interrupts off.
 */
void tcpfsm_stat_event(u32 old, u32 new, u32 cause, u64 dwell)
{
	struct tcpfsm_stat *stat = tcpfsm_stat_this_cpu();
	u64 us;

	tcpfsm_stat_bump(&stat->transitions[old][new][cause]);
	if (dwell == TCPFSM_UNKNOWN_DWELL) {
		/* A connection that begins has not waited in CLOSE or LISTEN. */
		if (old != TCPFSM_CLOSE && new != TCPFSM_SYN_RECV)
			tcpfsm_stat_bump(&stat->dwell_unknown);
		return;
	}
	us = div_u64(dwell, NSEC_PER_USEC);
	tcpfsm_stat_bump(&stat->dwell[old][(u32)fls64(us)]);
	stat->dwell_sum_us[old] += us;
}

/**
 * tcpfsm_stat_sum() - add up the counters of all CPUs that have been online
 * @sum: filled in
 *
 * Context: any.
 */
void __cold tcpfsm_stat_sum(struct tcpfsm_stat *sum)
{
	size_t i, n = sizeof(*sum) / sizeof(u64);
	u64 *to = (u64 *)sum, *from;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		/* Pairs with tcpfsm_stat_prepare(). */
		from = (u64 *)smp_load_acquire(per_cpu_ptr(&stats, cpu));
		for (i = 0; from && i < n; i++)
			to[i] += READ_ONCE(from[i]);
	}
}

/**
 * tcpfsm_stat_total() - add up one counter of all CPUs
 * @counter: offset of the counter in struct tcpfsm_stat
 *
 * Context: any.
 */
u64 __cold tcpfsm_stat_total(size_t counter)
{
	u64 sum = 0;
	char *from;
	int cpu;

	for_each_possible_cpu(cpu) {
		/* Pairs with tcpfsm_stat_prepare(). */
		from = (char *)smp_load_acquire(per_cpu_ptr(&stats, cpu));
		if (from)
			sum += READ_ONCE(*(u64 *)(from + counter));
	}
	return sum;
}
