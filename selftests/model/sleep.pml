/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sleep.pml - a reader that sleeps, and the bell that wakes it
 *
 * The reader enters the queue, then a full barrier, then looks at every ring:
 * it sleeps only if none holds anything new and nobody is writing. A writer
 * looks at the queue after it has published, and rings the bell if somebody is
 * there; the bell is an interrupt of its own that wakes whoever is queued.
 * Claim: the reader gets everything; it never sleeps on.
 *
 * No barrier lies between publishing and the look at the queue: the one that
 * follows the odd head does for both.
 */
#ifndef WRITES
#define WRITES 2
#endif

#define WRITERS 2
#define READER WRITERS		/* the reader's own CPU */
#define CPUS (WRITERS + 1)
#define ADDRESSES (WRITERS + 1)
#include "memory.pml"

#define HEAD(cpu) (cpu)
#define QUEUED WRITERS		/* is somebody in the queue? */

bool bell;	/* the interrupt is pending */
bool asleep;

proctype writer(byte cpu)
{
	byte n;

	do
	:: n < WRITES ->
		if
		:: true ->
			/* A slot that is begun and abandoned rings no bell. */
			store_release(cpu, HEAD(cpu), 2 * n + 1);
			smp_mb(cpu);
			store_release(cpu, HEAD(cpu), 2 * n)
		:: true
		fi;
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
		store_release(cpu, HEAD(cpu), 2 * n + 2);
		if
		:: atomic { memory[QUEUED] != 0 -> bell = true }
		:: memory[QUEUED] == 0
		fi;
		n++
	:: else -> break
	od
}

/* The queue is locked here, so that this sees a reader that has entered it. */
proctype interrupt()
{
end:
	do
	:: atomic {
		bell ->
		bell = false;
		asleep = false
	   }
	od
}

#define written(cpu) (memory[HEAD(cpu)] / 2 > next[cpu])
#define busy(cpu) (memory[HEAD(cpu)] % 2 == 1)
#define pending(cpu) (memory[HEAD(cpu)] > 2 * next[cpu])

/* Is there anything new in the ring, or in a moment? */
inline look(cpu)
{
#ifdef WRITTEN_THEN_BUSY
	something = something || written(cpu);
	something = something || busy(cpu)
#else
#ifdef BUSY_THEN_WRITTEN
	something = something || busy(cpu);
	something = something || written(cpu)
#else
#ifdef NO_BUSY
	something = something || written(cpu)
#else
	something = something || pending(cpu)
#endif
#endif
#endif
}

proctype reader()
{
	byte next[WRITERS];
	bool something;

	do
	:: next[0] == WRITES && next[1] == WRITES -> break
	:: else ->
		/* Entering the queue: who wakes from here on cancels the sleep. */
		atomic {
			asleep = true;
			WRITE_ONCE(READER, QUEUED, 1)
		}
#ifndef NO_READER_MB
		smp_mb(READER);
#endif
		something = false;
		look(0);
		look(1);
		if
		:: something
		:: else -> !asleep
		fi;
		atomic {
			asleep = false;
			WRITE_ONCE(READER, QUEUED, 0)
		}
		d_step {
			next[0] = memory[HEAD(0)] / 2;
			next[1] = memory[HEAD(1)] / 2
		}
	od
#ifdef COVER
	;
	assert(false)
#endif
}

init
{
	atomic {
		run drain(0);
		run drain(1);
		run drain(READER);
		run writer(0);
		run writer(1);
		run interrupt();
		run reader()
	}
}
