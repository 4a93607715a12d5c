// SPDX-License-Identifier: GPL-2.0
/*
 * inflight_test.c - marks of sockets: what was put can be taken, once, wherever it is
 *
 * Addresses are as the kernel's: with the highest bit set. Few rows, so that marks meet.
 */
#include <stdlib.h>
#include "core/marks.c"
#include "random.h"
#include "tap.h"

#define SOCKETS 24
#define ROWS	3 /* that their addresses lead to */

static struct {
	bool marks[TCPFSM_MARK_LAST + 1];
} model[SOCKETS];

static const void *sock(unsigned int i)
{
	unsigned long row = i % ROWS, number = i / ROWS;

	return (const void *)(0xffff888000000000UL + (number << ROW_BITS << 6) + (row << 6));
}

/* Marks that the set has of the sockets of a row; not that of a CPU's own place. */
static unsigned int held(unsigned int row)
{
	unsigned int n = 0, i;

	for (i = 0; i < ROW_SIZE; i++)
		n += atomic_long_read(&rows[row][i]) != 0;
	return n;
}

static void put(unsigned int i, int mark)
{
	unsigned int before = held(i % ROWS);
	bool done;

	if (model[i].marks[mark])
		return;
	done = mark == TCPFSM_MARK_SEEN ? tcpfsm_marks_put_seen(sock(i)) :
					  tcpfsm_marks_put(sock(i), mark);
	CHECK(done || before == ROW_SIZE);
	model[i].marks[mark] = done;
}

static void take(unsigned int i, int mark)
{
	bool done = mark == TCPFSM_MARK_SEEN ? tcpfsm_marks_take_seen(sock(i)) :
					       tcpfsm_marks_take(sock(i), mark);

	CHECK(done == model[i].marks[mark]);
	model[i].marks[mark] = false;
}

/* Take one of a socket's marks of who ends it, if it has any. */
static void take_ended_by(unsigned int i)
{
	int callsite = tcpfsm_marks_take_ended_by(sock(i)), mark;

	if (callsite) {
		CHECK(model[i].marks[TCPFSM_MARK_ENDED_BY + callsite]);
		model[i].marks[TCPFSM_MARK_ENDED_BY + callsite] = false;
		return;
	}
	for (mark = TCPFSM_MARK_ENDED_BY + 1; mark <= TCPFSM_MARK_LAST; mark++)
		CHECK(!model[i].marks[mark]);
}

static int random_mark(void)
{
	unsigned int mark = random_below(TCPFSM_MARK_ENDED_BY + 4);

	/* A mark that names no call site would look like no mark at all. */
	return mark == 0 || mark == TCPFSM_MARK_ENDED_BY ? TCPFSM_MARK_SEEN : mark;
}

static void take_all(void)
{
	unsigned int i;
	int mark;

	for (i = 0; i < SOCKETS; i++)
		for (mark = 1; mark <= TCPFSM_MARK_LAST; mark++)
			take(i, mark);
}

static void test_random(void)
{
	unsigned int turn, i;

	tcpfsm_marks_reset();
	for (turn = 0; turn < 200000; turn++) {
		test_cpu = random_below(TEST_CPUS);
		i = random_below(SOCKETS);
		switch (random_below(5)) {
		case 0:
		case 1:
			put(i, random_mark());
			break;
		case 2:
		case 3:
			take(i, random_mark());
			break;
		case 4:
			take_ended_by(i);
			break;
		}
	}
	take_all();
	for (i = 0; i < ROWS; i++)
		CHECK(held(i) == 0);
	CHECK(atomic_read(&strays) == 0);
}

/* The same mark of two sockets of a row: the second one is astray, and is found. */
static void test_stray(void)
{
	tcpfsm_marks_reset();
	CHECK(tcpfsm_marks_put(sock(0), TCPFSM_MARK_OPEN));
	CHECK(tcpfsm_marks_put(sock(ROWS), TCPFSM_MARK_OPEN));
	CHECK(atomic_read(&strays) == 1);
	CHECK(tcpfsm_marks_take(sock(ROWS), TCPFSM_MARK_OPEN));
	CHECK(!tcpfsm_marks_take(sock(ROWS), TCPFSM_MARK_OPEN));
	CHECK(tcpfsm_marks_take(sock(0), TCPFSM_MARK_OPEN));
	CHECK(atomic_read(&strays) == 0);
}

static void test_migrated(void)
{
	tcpfsm_marks_reset();
	test_cpu = 0;
	CHECK(tcpfsm_marks_put_seen(sock(0)));
	test_cpu = 1;
	CHECK(!tcpfsm_marks_take_seen_here(sock(0)));
	CHECK(!tcpfsm_marks_take_seen(sock(1)));
	CHECK(tcpfsm_marks_take_seen(sock(0)));
	CHECK(!tcpfsm_marks_take_seen(sock(0)));
	/* Of a second one on the same CPU the place is taken. */
	CHECK(tcpfsm_marks_put_seen(sock(1)) && tcpfsm_marks_put_seen(sock(2)));
	CHECK(tcpfsm_marks_take_seen(sock(2)) && tcpfsm_marks_take_seen(sock(1)));
}

static const struct tap_test tests[] = {
	{ "what was put can be taken once, whatever else there is", test_random },
	{ "a mark whose place is taken is found elsewhere", test_stray },
	{ "a mark is found from another CPU", test_migrated },
};

int main(void)
{
	return tap_run(tests, ARRAY_SIZE(tests));
}
