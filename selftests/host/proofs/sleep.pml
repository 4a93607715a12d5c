/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sleep.pml - a reader that sleeps, and the wakeup that ends its sleep
 *
 * The reader enters the queue, then executes a full barrier, and then looks at every
 * ring. If nobody is writing, it takes the events that there are, and skips those that
 * it may not see. It sleeps if there was no event for it. If somebody is writing, for
 * longer than the reader wants to wait, the reader triggers the wakeup itself and
 * sleeps until then. After a writer has published, it looks at the queue, and triggers
 * the wakeup if a reader is there. The wakeup is an interrupt of its own, which wakes
 * all readers in the queue.
 * Claim: the reader gets every event that it may see, and never sleeps on.
 *
 * No barrier lies between publishing and the look at the queue. The barrier that
 * follows the odd head serves both.
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
#define QUEUED WRITERS		/* is a reader in the queue? */

typedef Ring {
	bool visible[WRITES];	/* may the reader see it? */
}

Ring ring[WRITERS];
bool wakeup;	/* the interrupt is pending */
bool asleep;
byte finished;

proctype writer(byte cpu)
{
	byte n;

	do
	:: n < WRITES ->
		if
		:: true ->
			/* A slot that is begun and abandoned triggers no wakeup. */
			store_release(cpu, HEAD(cpu), 2 * n + 1);
			smp_mb(cpu);
			store_release(cpu, HEAD(cpu), 2 * n)
		:: true
		fi;
		if
		:: ring[cpu].visible[n] = true
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
		:: atomic { memory[QUEUED] != 0 -> wakeup = true }
		:: memory[QUEUED] == 0
		fi;
		n++
	:: else -> break
	od;
	smp_mb(cpu);
	finished++
}

/* The queue is locked here, so that this sees a reader that has entered it. */
proctype interrupt()
{
end:
	do
	:: atomic {
		wakeup ->
		wakeup = false;
		asleep = false
	   }
	od
}

#define note_end(cpu) end[cpu] = memory[HEAD(cpu)] / 2

/* The real reader waits for a while before it decides that somebody is writing. */
inline look_busy(cpu)
{
	if
	:: memory[HEAD(cpu)] % 2 == 1 -> again = true
	:: memory[HEAD(cpu)] % 2 == 0
	fi
}

inline look()
{
#ifdef WRITTEN_THEN_BUSY
	note_end(0);
	note_end(1);
#endif
#ifndef NO_BUSY
	look_busy(0);
	look_busy(1);
#endif
#ifndef WRITTEN_THEN_BUSY
	note_end(0);
	note_end(1)
#endif
}

inline take(cpu)
{
	do
	:: next[cpu] < end[cpu] ->
		something = something || ring[cpu].visible[next[cpu]];
		next[cpu]++
	:: else -> break
	od
}

#define left(cpu)                                                  \
	((next[cpu] < 1 && ring[cpu].visible[0]) ||                \
	 (next[cpu] < WRITES && ring[cpu].visible[WRITES - 1]))
#define over (finished == WRITERS && !left(0) && !left(1))

proctype reader()
{
	byte next[WRITERS], end[WRITERS];
	bool something, again;

	do
	:: over -> break
	:: else ->
		/* Enter the queue. A wakeup after this cancels the sleep. */
		atomic {
			asleep = true;
			WRITE_ONCE(READER, QUEUED, 1)
		}
#ifndef NO_READER_MB
		smp_mb(READER);
#endif
		look();
		d_step {
			if
			:: again ->
				/* Take no event before the next look. */
				end[0] = next[0];
				end[1] = next[1];
#ifndef NO_AGAIN
				wakeup = true
#endif
			:: else
			fi;
			take(0);
			take(1)
		}
		if
		:: something
		:: else -> !asleep || over
		fi;
		atomic {
			asleep = false;
			WRITE_ONCE(READER, QUEUED, 0)
		}
		d_step {
			something = false;
			again = false
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
