/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ring.pml - one ring, its writer and a reader that is overtaken
 *
 * Claims: a copy that the reader accepts is whole, and is a copy of the slot that it
 * asked for; got + lost = written in the end; the reader never waits in vain.
 *
 * A slot has two words, and both hold the slot's number plus one. The names A, B,
 * W1 and W2 are those of module/core/ring.c. Each macro NO_... takes an element away.
 */
#ifndef EVENTS
#define EVENTS 1
#endif
#ifndef WRITES
#define WRITES 4
#endif
#ifndef PLACES
#define PLACES (EVENTS + 1)
#endif
#ifdef TOO_OLD
#define SLACK 1
#else
#define SLACK 0
#endif

#define CPUS 1
#define ADDRESSES (1 + 2 * PLACES)
#include "memory.pml"

#define HEAD 0
#define WORD(n, w) (1 + 2 * ((n) % PLACES) + (w))
#define JUNK 99

/* Runs set these when they come to a case that has to occur; see verify.sh. */
bool overtaken, retried;

/* The two words of a slot are independent, so they go to the buffer in one step. */
inline begin_and_fill(n, what)
{
#ifndef NO_RESERVE
	store_release(0, HEAD, 2 * n + 1);
#endif
#ifndef NO_W1
	smp_wmb(0);	/* only this part of the full barrier matters here */
#endif
	WRITE_ONCE(0, WORD(n, 0), what);
	WRITE_ONCE(0, WORD(n, 1), what)
}

proctype writer()
{
	byte n;

	do
	:: n < WRITES ->
		if
		:: true
		:: n == WRITES - 1 ->
			begin_and_fill(n, JUNK);
			store_release(0, HEAD, 2 * n)
		fi;
#ifdef PUBLISH_FIRST
		store_release(0, HEAD, 2 * n + 2);
		smp_wmb(0);
		WRITE_ONCE(0, WORD(n, 0), n + 1);
		WRITE_ONCE(0, WORD(n, 1), n + 1);
#else
		begin_and_fill(n, n + 1);
#ifdef NO_W2
		WRITE_ONCE(0, HEAD, 2 * n + 2);
#else
		store_release(0, HEAD, 2 * n + 2);
#endif
#endif
		n++
	:: else -> break
	od
}

/* Move past the slots that are overwritten, by the head that A saw. */
inline skip_lost(written)
{
	if
	:: written > EVENTS && next < written - EVENTS ->
		lost = lost + (written - EVENTS - next);
		next = written - EVENTS;
		overtaken = true
	:: else
	fi
}

proctype reader()
{
	byte next, got, lost;
	byte guess;		/* the slot whose place the copy was taken from */
	byte written, again;	/* the heads that A and the second look saw */
	byte word[2];
	bool did_a, did_again, did[2];

	do
	:: next == WRITES -> break
	:: else ->
#ifndef NO_A
		/* Wait here. Looking at an unchanged head again and again is the same. */
		memory[HEAD] / 2 > next;
#endif
		guess = next;
		did_a = false;
		did_again = false;
		did[0] = false;
		did[1] = false;
		do
		:: atomic {
			!did_a ->
			written = memory[HEAD] / 2;
			did_a = true;
			skip_lost(written);
			if
			:: guess != next -> guess = next; did[0] = false; did[1] = false
			:: else
			fi
		   }
		:: atomic {
#ifdef NO_A
			!did[0] ->
#else
			did_a && !did[0] ->
#endif
			word[0] = memory[WORD(guess, 0)];
			did[0] = true
		   }
		:: atomic {
#ifdef NO_A
			!did[1] ->
#else
			did_a && !did[1] ->
#endif
			word[1] = memory[WORD(guess, 1)];
			did[1] = true
		   }
		:: atomic {
			/* Two loads of head are never reordered. */
#ifdef NO_B
			did_a && !did_again ->
#else
			did_a && did[0] && did[1] && !did_again ->
#endif
			again = memory[HEAD] / 2;
			did_again = true
		   }
		:: did_a && did_again && did[0] && did[1] -> break
		od;
		if
		:: next >= written	/* there is no slot after all */
#ifndef NO_AGAIN
		:: next < written && again > EVENTS && next + SLACK < again - EVENTS ->
			retried = true
#endif
#ifdef NO_AGAIN
		:: next < written ->
#else
		:: next < written && !(again > EVENTS && next + SLACK < again - EVENTS) ->
#endif
			assert(word[0] == next + 1);
			assert(word[1] == next + 1);
			got++;
			next++
		fi
	od;
	assert(got + lost == WRITES);
#ifdef COVER_OVERTAKEN
	assert(!(overtaken && got > 0));
#endif
#ifdef COVER_RETRIED
	assert(!(retried && got > 1));
#endif
}

init
{
	atomic {
		run drain(0);
		run writer();
		run reader()
	}
}
