// SPDX-License-Identifier: GPL-2.0
/*
 * cpus.c - gives each CPU its ring and counters before it comes online
 *
 * CPUs that are online get a ring and counters at load. Any other CPU gets them when it is about to
 * come online. The kernel calls prepare_cpu() before it starts the CPU, in process context.
 * Therefore no hook runs on a CPU without them, and no hook ever allocates. They stay when the CPU
 * goes offline: the events in the ring can still be read, and the CPU continues there if it comes
 * back.
 *
 * All of this runs under the lock of CPU hotplug, which is held while a CPU comes or goes.
 * cpuhp_remove_state_nocalls() waits for that lock. When it returns, no CPU is in the callback and
 * none will be. The rings and the module may then go.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include "record/cpus.h"
#include "record/memory.h"
#include "record/rings.h"
#include "record/stat.h"
#include "uapi/tcpfsm.h"

/* By default the rings of the CPUs that are online at load take at most this much. */
#define RINGS_BYTES (64 * (u64)SZ_1M)

/* By default the rings and counters of all possible CPUs share this much. */
#define ALL_BYTES (88 * (u64)SZ_1M)

static enum cpuhp_state state;
static u32 events;
static bool by_default;

/* These count the CPUs that have been online, and the bytes of their rings and counters. */
static unsigned int seen;
static u64 seen_bytes;

static u64 ring_bytes(u32 n)
{
	return PAGE_ALIGN(((u64)n + 1) * sizeof(struct tcpfsm_event));
}

static u64 cpu_bytes(u32 n)
{
	return ring_bytes(n) + sizeof(struct tcpfsm_stat);
}

/*
 * Return the default number of events in a ring, or as many as fit into @bytes if these are fewer.
 */
static u32 fitting(u64 bytes)
{
	u64 slots = div_u64(bytes & PAGE_MASK, sizeof(struct tcpfsm_event));

	return clamp_t(u64, slots, 2, TCPFSM_RING_EVENTS_DEFAULT + 1) - 1;
}

/*
 * Return how many events the ring of one more CPU gets. It gets as many as the others until the
 * machine has grown large. After that it gets no more than can be left for each CPU that may still
 * come.
 */
static u32 events_for_another(void)
{
	u64 share;

	if (seen_bytes + cpu_bytes(events) <= RINGS_BYTES)
		return events;
	share = div_u64(ALL_BYTES - min(ALL_BYTES, seen_bytes), num_possible_cpus() - seen);

	return min(events, fitting(share - min_t(u64, share, sizeof(struct tcpfsm_stat))));
}

static int get_ready(unsigned int cpu, u32 n)
{
	int err = tcpfsm_stat_prepare(cpu);

	if (!err)
		err = tcpfsm_rings_prepare(cpu, n);
	if (err)
		return err;
	seen++;
	seen_bytes += cpu_bytes(n);
	return 0;
}

static int prepare_cpu(unsigned int cpu)
{
	u32 n = events;
	int err;

	if (tcpfsm_rings_has(cpu))
		return 0;
	if (by_default)
		n = events_for_another();
	err = get_ready(cpu, n);
	if (err)
		pr_err("CPU %u stays offline: %llu KiB for its ring and counters cannot be had\n",
		       cpu, cpu_bytes(n) / SZ_1K);
	else if (n < events)
		pr_info("ring_events: %u on CPU %u, for all CPUs together are to stay within %llu MiB\n",
			n, cpu, ALL_BYTES / SZ_1M);
	return err;
}

static u32 __cold events_by_default(void)
{
	unsigned int cpus = num_online_cpus();
	u32 n = fitting(div_u64(RINGS_BYTES, cpus));

	if (n < TCPFSM_RING_EVENTS_DEFAULT)
		pr_info("ring_events: %u, not %u, by default: %u CPUs, and %llu MiB for their rings\n",
			n, TCPFSM_RING_EVENTS_DEFAULT, cpus, RINGS_BYTES / SZ_1M);
	return n;
}

static int __cold get_all_ready(void)
{
	unsigned int cpu;
	int err;

	for_each_online_cpu(cpu) {
		err = get_ready(cpu, events);
		if (err)
			return err;
	}
	/* The loop above does what its calls would do: 5.10 makes none for a state of this kind. */
	err = cpuhp_setup_state_nocalls_cpuslocked(CPUHP_BP_PREPARE_DYN, "net/tcpfsm:prepare",
						   prepare_cpu, NULL);
	if (err < 0)
		return err;
	state = err;
	return 0;
}

static int __cold try_all(void)
{
	u64 spare = tcpfsm_memory_spare(), bytes = num_online_cpus() * ring_bytes(events);
	int err;

	if (bytes > spare) {
		pr_err("ring_events: %u for each of %u CPUs take %llu MiB, this machine has %llu to spare\n",
		       events, num_online_cpus(), bytes / SZ_1M, spare / SZ_1M);
		return -ENOMEM;
	}
	err = get_all_ready();
	if (err)
		pr_err("ring_events: %u for each of %u CPUs cannot be had: error %d\n", events,
		       num_online_cpus(), err);
	return err;
}

/**
 * tcpfsm_cpus_init() - allocate the rings and counters of the CPUs that are online
 * @ring_events: number of events that a ring keeps; 0 becomes the default for this machine
 *
 * Context: process, at load.
 * Return: 0, or an error such as -ENOMEM after the log has said why.
 */
int __cold tcpfsm_cpus_init(unsigned int *ring_events)
{
	int err;

	/* No CPU may come online between being counted and getting its ring. */
	cpus_read_lock();
	by_default = !*ring_events;
	events = *ring_events ?: events_by_default();
	err = try_all();
	cpus_read_unlock();
	if (err) {
		tcpfsm_rings_free();
		tcpfsm_stat_exit();
		return err;
	}
	*ring_events = events;
	return 0;
}

/**
 * tcpfsm_cpus_exit() - free the rings and counters
 *
 * Context: process; no hook and no reader is left.
 */
void __cold tcpfsm_cpus_exit(void)
{
	cpuhp_remove_state_nocalls(state);
	tcpfsm_rings_free();
	tcpfsm_stat_exit();
}
