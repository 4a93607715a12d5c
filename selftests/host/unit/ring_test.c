// SPDX-License-Identifier: GPL-2.0
/*
 * ring_test.c - what the ring promises when nothing runs at the same time
 */
#include <stdlib.h>
#include "core/ring.h"
#include "tap.h"

#define NO_END	  UINT64_MAX
#define WORDS	  4
#define ABANDONED 0xdeadULL

static const u32 sizes[] = { 1, 2, 3, 7, 8, 8192 };

static struct tcpfsm_ring *ring_new(u32 events, u32 slot_size)
{
	struct tcpfsm_ring *ring = malloc(sizeof(*ring));
	/* Of exactly the documented size, so that AddressSanitizer sees a step beyond. */
	void *slots = calloc((size_t)events + 1, slot_size);

	if (!ring || !slots)
		abort();
	tcpfsm_ring_init(ring, slots, events, slot_size);
	return ring;
}

static void ring_free(struct tcpfsm_ring *ring)
{
	free(ring->slots);
	free(ring);
}

static void fill(u64 *slot, u64 value)
{
	int i;

	for (i = 0; i < WORDS; i++)
		slot[i] = value + i;
}

static bool holds(const u64 *slot, u64 value)
{
	int i;

	for (i = 0; i < WORDS; i++)
		if (slot[i] != value + i)
			return false;
	return true;
}

static u64 value_of(u64 n)
{
	return n * 1000;
}

static void write_one(struct tcpfsm_ring *ring)
{
	u64 n = tcpfsm_ring_written(ring);

	fill(tcpfsm_ring_begin(ring), value_of(n));
	tcpfsm_ring_commit(ring);
}

static void write_many(struct tcpfsm_ring *ring, u64 count)
{
	while (count--)
		write_one(ring);
}

static struct tcpfsm_ring *ring_with(u32 events, u64 count)
{
	struct tcpfsm_ring *ring = ring_new(events, WORDS * sizeof(u64));

	write_many(ring, count);
	return ring;
}

/* Reads one slot and checks that it is slot @n. */
static void read_is(struct tcpfsm_ring *ring, u64 *next, u64 n)
{
	u64 slot[WORDS], lost = 0;

	CHECK(tcpfsm_ring_read(ring, next, NO_END, slot, &lost));
	CHECK(holds(slot, value_of(n)));
	CHECK(*next == n + 1);
	CHECK(lost == 0);
}

/* Reads one slot in vain, which must move nothing. */
static void read_fails(struct tcpfsm_ring *ring, u64 next, u64 end)
{
	u64 slot[WORDS], lost = 0, before = next;

	CHECK(!tcpfsm_ring_read(ring, &next, end, slot, &lost));
	CHECK(next == before);
	CHECK(lost == 0);
}

static void test_empty(void)
{
	struct tcpfsm_ring *ring = ring_with(8, 0);

	CHECK(tcpfsm_ring_written(ring) == 0);
	CHECK(tcpfsm_ring_oldest(ring) == 0);
	CHECK(!tcpfsm_ring_busy(ring));
	read_fails(ring, 0, NO_END);
	ring_free(ring);
}

static void test_begin_publishes_nothing(void)
{
	struct tcpfsm_ring *ring = ring_with(8, 3);

	fill(tcpfsm_ring_begin(ring), value_of(3));
	CHECK(tcpfsm_ring_busy(ring));
	CHECK(tcpfsm_ring_written(ring) == 3);
	read_fails(ring, 3, NO_END);
	tcpfsm_ring_commit(ring);
	CHECK(!tcpfsm_ring_busy(ring));
	CHECK(tcpfsm_ring_written(ring) == 4);
	ring_free(ring);
}

static void test_keeps_events(void)
{
	size_t i;
	u64 n, next;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct tcpfsm_ring *ring = ring_with(sizes[i], sizes[i]);

		CHECK(tcpfsm_ring_oldest(ring) == 0);
		for (n = 0, next = 0; n < sizes[i]; n++)
			read_is(ring, &next, n);
		read_fails(ring, next, NO_END);
		ring_free(ring);
	}
}

/* A slot that is being written takes none away from readers: there is one place more. */
static void test_keeps_events_while_writing(void)
{
	size_t i;
	u64 n, next;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct tcpfsm_ring *ring = ring_with(sizes[i], 3 * (u64)sizes[i]);

		fill(tcpfsm_ring_begin(ring), ABANDONED);
		CHECK(tcpfsm_ring_oldest(ring) == 2 * (u64)sizes[i]);
		next = tcpfsm_ring_oldest(ring);
		for (n = next; n < 3 * (u64)sizes[i]; n++)
			read_is(ring, &next, n);
		tcpfsm_ring_commit(ring);
		CHECK(tcpfsm_ring_oldest(ring) == 2 * (u64)sizes[i] + 1);
		ring_free(ring);
	}
}

static void test_overwrites_oldest(void)
{
	u64 slot[WORDS], next, lost;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct tcpfsm_ring *ring = ring_with(sizes[i], (u64)sizes[i] + 5);

		CHECK(tcpfsm_ring_oldest(ring) == 5);
		next = 2;
		lost = 100;
		CHECK(tcpfsm_ring_read(ring, &next, NO_END, slot, &lost));
		CHECK(lost == 103);
		CHECK(next == 6);
		CHECK(holds(slot, value_of(5)));
		ring_free(ring);
	}
}

static void test_abandon_loses_nothing(void)
{
	size_t i;
	u64 n, next, first;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u64 count = 2 * (u64)sizes[i] + 1;
		struct tcpfsm_ring *ring = ring_with(sizes[i], count);

		fill(tcpfsm_ring_begin(ring), ABANDONED);
		tcpfsm_ring_abandon(ring);
		CHECK(!tcpfsm_ring_busy(ring));
		CHECK(tcpfsm_ring_written(ring) == count);
		first = tcpfsm_ring_oldest(ring);
		CHECK(first == count - sizes[i]);
		for (n = first, next = first; n < count; n++)
			read_is(ring, &next, n);
		read_fails(ring, next, NO_END);

		/* The number is not used up either. */
		write_one(ring);
		read_is(ring, &next, count);
		ring_free(ring);
	}
}

static void test_end_bound(void)
{
	struct tcpfsm_ring *ring = ring_with(8, 8);
	u64 slot[WORDS], lost = 0, next = 0;

	read_fails(ring, 0, 0);
	read_is(ring, &next, 0);
	read_fails(ring, 1, 1);
	CHECK(tcpfsm_ring_read(ring, &next, 2, slot, &lost));
	CHECK(holds(slot, value_of(1)));
	read_fails(ring, 2, 2);
	read_fails(ring, 5, 2);
	ring_free(ring);
}

/* What was overwritten beyond the end belongs to a later call. */
static void test_end_bound_overtaken(void)
{
	struct tcpfsm_ring *ring = ring_with(8, 100);
	u64 slot[WORDS], lost = 0, next = 10;

	CHECK(!tcpfsm_ring_read(ring, &next, 30, slot, &lost));
	CHECK(next == 30);
	CHECK(lost == 20);
	CHECK(!tcpfsm_ring_read(ring, &next, 30, slot, &lost));
	CHECK(lost == 20);
	CHECK(tcpfsm_ring_read(ring, &next, NO_END, slot, &lost));
	CHECK(lost == 82);
	CHECK(next == 93);
	CHECK(holds(slot, value_of(92)));
	ring_free(ring);
}

/* From @next on there are @count slots one behind the other, those that read would give. */
static void span_is(struct tcpfsm_ring *ring, u64 next, u64 end, u32 count)
{
	const size_t size = WORDS * sizeof(u64);
	const void *slots = NULL;
	u32 i;

	CHECK(tcpfsm_ring_span(ring, next, end, &slots) == count);
	CHECK(!count || tcpfsm_ring_intact(ring, next));
	for (i = 0; i < count; i++)
		CHECK(holds((const u64 *)((const char *)slots + i * size), value_of(next + i)));
}

static void test_span(void)
{
	/* 9 places: slot 9 is in the first one. */
	struct tcpfsm_ring *ring = ring_with(8, 5);

	span_is(ring, 0, NO_END, 5);
	span_is(ring, 3, NO_END, 2);
	span_is(ring, 1, 3, 2);
	span_is(ring, 3, 3, 0);
	span_is(ring, 4, 3, 0);
	span_is(ring, 5, NO_END, 0);
	span_is(ring, 6, NO_END, 0);
	/* One that is being written does not count. */
	fill(tcpfsm_ring_begin(ring), value_of(5));
	span_is(ring, 3, NO_END, 2);
	tcpfsm_ring_commit(ring);
	span_is(ring, 3, NO_END, 3);
	ring_free(ring);

	ring = ring_with(8, 12);
	span_is(ring, 3, NO_END, 0);
	span_is(ring, 4, NO_END, 5);
	span_is(ring, 8, NO_END, 1);
	span_is(ring, 9, NO_END, 3);
	span_is(ring, 9, 10, 1);
	ring_free(ring);
}

static void test_intact(void)
{
	struct tcpfsm_ring *ring = ring_with(8, 8);

	CHECK(tcpfsm_ring_intact(ring, 0));
	fill(tcpfsm_ring_begin(ring), value_of(8));
	CHECK(tcpfsm_ring_intact(ring, 0));
	tcpfsm_ring_commit(ring);
	CHECK(!tcpfsm_ring_intact(ring, 0));
	CHECK(tcpfsm_ring_intact(ring, 1));
	ring_free(ring);
}

static void test_position_beyond_written(void)
{
	struct tcpfsm_ring *ring = ring_with(8, 20);

	read_fails(ring, 20, NO_END);
	read_fails(ring, 21, NO_END);
	read_fails(ring, NO_END, NO_END);
	ring_free(ring);
}

static void test_clear(void)
{
	struct tcpfsm_ring *ring = ring_with(8, 20);
	u64 next = tcpfsm_ring_oldest(ring), n;

	CHECK(next == 12);
	tcpfsm_ring_clear(ring);
	CHECK(tcpfsm_ring_oldest(ring) == 20);
	CHECK(tcpfsm_ring_written(ring) == 20);

	/* Who came before keeps its place. */
	for (n = 12; n < 20; n++)
		read_is(ring, &next, n);

	write_many(ring, 3);
	CHECK(tcpfsm_ring_oldest(ring) == 20);
	next = tcpfsm_ring_oldest(ring);
	read_is(ring, &next, 20);
	write_many(ring, 20);
	CHECK(tcpfsm_ring_oldest(ring) == 35);
	ring_free(ring);
}

static void test_clear_empty(void)
{
	struct tcpfsm_ring *ring = ring_with(8, 0);
	u64 next = 0;

	tcpfsm_ring_clear(ring);
	CHECK(tcpfsm_ring_oldest(ring) == 0);
	write_one(ring);
	read_is(ring, &next, 0);
	ring_free(ring);
}

/* The slot being written is not hidden: it will come after the clear. */
static void test_clear_while_writing(void)
{
	struct tcpfsm_ring *ring = ring_with(8, 5);
	u64 next;

	fill(tcpfsm_ring_begin(ring), value_of(5));
	tcpfsm_ring_clear(ring);
	tcpfsm_ring_commit(ring);
	next = tcpfsm_ring_oldest(ring);
	read_is(ring, &next, 5);
	ring_free(ring);
}

/* A reader that lags by every possible number of slots, over several rounds. */
static void test_every_lag(void)
{
	u32 events, lag;

	for (events = 1; events <= 9; events++) {
		for (lag = 0; lag <= events; lag++) {
			struct tcpfsm_ring *ring = ring_with(events, lag);
			u64 next = 0, n;

			for (n = 0; n < 5 * (events + 1); n++) {
				if (lag)
					read_is(ring, &next, n);
				write_one(ring);
				if (!lag)
					read_is(ring, &next, n);
			}
			ring_free(ring);
		}
	}
}

/* Any jump of the writer between two reads: got + lost is what was written. */
static void test_every_jump(void)
{
	u64 slot[WORDS];
	u32 events, jump;

	for (events = 1; events <= 9; events++) {
		for (jump = 1; jump <= 3 * (events + 1); jump++) {
			struct tcpfsm_ring *ring = ring_with(events, 0);
			u64 next = 0, got = 0, lost = 0, n;
			int round;

			for (round = 0; round < 20; round++) {
				write_many(ring, jump);
				if (!CHECK(tcpfsm_ring_read(ring, &next, NO_END, slot, &lost)))
					break;
				got++;
				n = next - 1;
				CHECK(holds(slot, value_of(n)));
				CHECK(next == got + lost);
				/* No more is given up than had to be. */
				CHECK(n <= tcpfsm_ring_oldest(ring) || lost == 0);
			}
			while (tcpfsm_ring_read(ring, &next, NO_END, slot, &lost))
				got++;
			CHECK(got + lost == tcpfsm_ring_written(ring));
			ring_free(ring);
		}
	}
}

static void test_numbers_beyond_32_bits(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct tcpfsm_ring *ring = ring_with(sizes[i], 0);
		u64 places = (u64)sizes[i] + 1;
		/* The last number before 2^32 whose place is the first. */
		u64 start = (1ULL << 32) / places * places - places, next = start, n;

		ring->head = 2 * start;
		for (n = start; n < start + 3 * places; n++) {
			write_one(ring);
			read_is(ring, &next, n);
		}
		CHECK(tcpfsm_ring_written(ring) > 1ULL << 32);
		CHECK(tcpfsm_ring_oldest(ring) == n - sizes[i]);
		ring_free(ring);
	}
}

static void test_readers_are_independent(void)
{
	struct tcpfsm_ring *ring = ring_with(8, 8);
	u64 first = 0, second = 0, n;

	for (n = 0; n < 8; n++)
		read_is(ring, &first, n);
	for (n = 0; n < 8; n++)
		read_is(ring, &second, n);
	ring_free(ring);
}

static void test_slot_sizes(void)
{
	static const u32 bytes[] = { 1, 7, 8, 24, 144 };
	unsigned char slot[144];
	size_t i, b;
	u64 n;

	for (i = 0; i < ARRAY_SIZE(bytes); i++) {
		struct tcpfsm_ring *ring = ring_new(3, bytes[i]);
		u64 next = 0, lost = 0;

		for (n = 0; n < 20; n++) {
			memset(tcpfsm_ring_begin(ring), (int)n, bytes[i]);
			tcpfsm_ring_commit(ring);
			memset(slot, 0xee, sizeof(slot));
			CHECK(tcpfsm_ring_read(ring, &next, NO_END, slot, &lost));
			for (b = 0; b < sizeof(slot); b++)
				CHECK(slot[b] == (b < bytes[i] ? n : 0xee));
		}
		CHECK(lost == 0);
		ring_free(ring);
	}
}

static const struct tap_test tests[] = {
	{ "an empty ring gives nothing", test_empty },
	{ "begin publishes nothing, commit does", test_begin_publishes_nothing },
	{ "as many slots are kept as asked for", test_keeps_events },
	{ "also while one more is being written", test_keeps_events_while_writing },
	{ "the oldest are overwritten and counted", test_overwrites_oldest },
	{ "abandon loses nothing and uses no number", test_abandon_loses_nothing },
	{ "a reader stops at its end", test_end_bound },
	{ "losses are counted up to the end only", test_end_bound_overtaken },
	{ "a span is what a reader may have at once", test_span },
	{ "a slot is intact until its place is taken", test_intact },
	{ "a position beyond the newest waits", test_position_beyond_written },
	{ "clear hides from later readers only", test_clear },
	{ "clear of an empty ring", test_clear_empty },
	{ "clear does not hide the slot being written", test_clear_while_writing },
	{ "a reader at every distance", test_every_lag },
	{ "got + lost = written for every jump", test_every_jump },
	{ "numbers beyond 32 bits", test_numbers_beyond_32_bits },
	{ "readers do not touch each other", test_readers_are_independent },
	{ "slots of any size", test_slot_sizes },
};

int main(void)
{
	return tap_run(tests, ARRAY_SIZE(tests));
}
