/* SPDX-License-Identifier: GPL-2.0 */
/*
 * horizon.pml - two rings merged by time while both are being written
 *
 * The reader takes the time T, then executes a full barrier, then waits until
 * nobody is writing to any ring, and then notes how much each ring holds. It
 * gives the noted events up to time T, merged.
 *
 * Claims: the events come sorted over all horizons, no event that is older than
 * a horizon comes after it, and no event is left out. An event may be as old as
 * the horizon and yet come later, if the clock did not tick in between. STRICT
 * shows this.
 *
 * The rings are large enough here. ring.pml has the reader that is overtaken. A
 * slot holds its time plus one, and 0 is an empty slot.
 */
#ifndef WRITES
#define WRITES 2
#endif
#ifndef HORIZONS
#define HORIZONS 2
#endif
#ifndef TICKS
#define TICKS 4
#endif

#define CPUS 2
#define PER_CPU (1 + WRITES)
#define ADDRESSES (CPUS * PER_CPU)
#include "memory.pml"

#define HEAD(cpu) ((cpu) * PER_CPU)
#define SLOT(cpu, n) ((cpu) * PER_CPU + 1 + (n))

byte now;	/* the clock is the same for all CPUs */
byte finished;

proctype ticker()
{
	do
	:: now < TICKS -> now++
	:: now == TICKS -> break
	od
}

proctype writer(byte cpu)
{
	byte n, time;

	do
	:: n < WRITES ->
#ifndef NO_RESERVE
		store_release(cpu, HEAD(cpu), 2 * n + 1);
#endif
#ifdef WMB_ONLY
		smp_wmb(cpu);
#else
#ifndef NO_W1
		smp_mb(cpu);
#endif
#endif
		time = now;
		WRITE_ONCE(cpu, SLOT(cpu, n), time + 1);
		store_release(cpu, HEAD(cpu), 2 * n + 2);
		n++
	:: else -> break
	od;
	smp_mb(cpu);
	finished++
}

#ifdef NO_WAIT
#define wait_idle(cpu) skip
#else
#define wait_idle(cpu) (memory[HEAD(cpu)] % 2 == 0)
#endif
#define note_end(cpu) end[cpu] = memory[HEAD(cpu)] / 2

inline take_horizon()
{
#ifdef NO_READER_MB
	/* The clock may be read after the loads that follow it in the program. */
	if
	:: horizon = now; wait_idle(0); wait_idle(1)
	:: wait_idle(0); horizon = now; wait_idle(1)
	:: wait_idle(0); wait_idle(1); horizon = now
	fi;
#else
	horizon = now;
#ifdef END_FIRST
	note_end(0);
	note_end(1);
#endif
	wait_idle(0);
	wait_idle(1);
#endif
#ifndef END_FIRST
	note_end(0);
	note_end(1)
#endif
}

#define time_of(cpu) (memory[SLOT(cpu, next[cpu])] - 1)
#ifdef NO_BOUND
#define has(cpu) (next[cpu] < end[cpu])
#else
#define has(cpu) (next[cpu] < end[cpu] && time_of(cpu) <= horizon)
#endif

inline give(cpu)
{
	assert(memory[SLOT(cpu, next[cpu])] != 0);
	assert(time_of(cpu) >= last);
	assert(time_of(cpu) >= before);
#ifdef STRICT
	assert(!again || time_of(cpu) > before);
#endif
	last = time_of(cpu);
	next[cpu]++
}

/* This is one step, because a writer only adds beyond the end that was noted. */
inline give_all()
{
	d_step {
		do
		:: has(0) && (!has(1) || time_of(0) <= time_of(1)) -> give(0)
		:: has(1) && (!has(0) || time_of(1) < time_of(0)) -> give(1)
		:: !has(0) && !has(1) -> break
		od;
		before = horizon;
		again = true;
		/* Make states equal that differ only in what is no longer used. */
		horizon = 0;
		end[0] = 0;
		end[1] = 0
	}
}

proctype reader()
{
	byte next[CPUS], end[CPUS];
	byte horizon;	/* T */
	byte before;	/* T of the horizon before this one, if there was one */
	byte last;	/* time of the event that was given last */
	byte i;
	bool again;

	do
	:: i < HORIZONS ->
		take_horizon();
		give_all();
		i++
	:: i == HORIZONS -> break
	od;
	finished == CPUS;
	take_horizon();
	give_all();
	assert(next[0] == WRITES && next[1] == WRITES);
#ifdef COVER
	assert(last != TICKS)
#endif
}

init
{
	atomic {
		run drain(0);
		run drain(1);
		run writer(0);
		run writer(1);
		run ticker();
		run reader()
	}
}
