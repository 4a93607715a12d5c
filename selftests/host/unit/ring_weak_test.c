// SPDX-License-Identifier: GPL-2.0
/*
 * ring_weak_test.c - the ring's ordering argument, checked on ring.c itself
 *
 * ring.c is compiled into this file with the simulated memory of weakmem.h under
 * it. A writer writes a few slots, abandoning one; then a reader is run once for
 * each way in which a weakly ordered machine may show it these stores.
 */
#include "weakmem.h"
#include "tap.h"
#include "core/ring.c"

#define WORDS	   2
#define MAX_EVENTS 3
#define NO_END	   UINT64_MAX
#define NEVER	   0xff

/**
 * struct scenario - what the writer does, and how long the reader looks on
 * @events: size of the ring
 * @writes: slots written
 * @abandon: number of the slot that is first begun in vain
 * @reads: calls of the reader before it sees all that was written
 */
struct scenario {
	u32 events;
	u8 writes;
	u8 abandon;
	u8 reads;
};

/* What was seen on the way, over all runs of a scenario. */
static struct {
	u64 runs;
	u64 got;
	u64 lost;
} seen;

static struct tcpfsm_ring ring;
static u64 slots[(MAX_EVENTS + 1) * WORDS];

static u64 word_of(u64 n, unsigned int word)
{
	return 100 + n * WORDS + word;
}

static void fill(u64 n, u64 error)
{
	u64 *slot = tcpfsm_ring_begin(&ring);
	unsigned int i;

	for (i = 0; i < WORDS; i++)
		wm_store_to(&slot[i], word_of(n, i) + error, false);
}

static void run_writer(const struct scenario *scenario)
{
	u64 n;

	wm_self = &wm_writer;
	for (n = 0; n < scenario->writes; n++) {
		if (n == scenario->abandon) {
			fill(n, 1000);
			tcpfsm_ring_abandon(&ring);
		}
		fill(n, 0);
		tcpfsm_ring_commit(&ring);
	}
}

/* One call; checks what it says against what must be. */
static bool read_checked(u64 *next, u64 *got, u64 *lost)
{
	u64 slot[WORDS] = { 0 }, n, before = *next, lost_before = *lost;
	unsigned int i;

	if (!tcpfsm_ring_read(&ring, next, NO_END, slot, lost)) {
		CHECK(*next - before == *lost - lost_before);
		return false;
	}
	n = *next - 1;
	CHECK(n - before == *lost - lost_before);
	for (i = 0; i < WORDS; i++)
		CHECK(slot[i] == word_of(n, i));
	(*got)++;
	return true;
}

static void run_reader(const struct scenario *scenario)
{
	u64 next, got = 0, lost = 0, start;
	unsigned int i;

	wm_self = &wm_reader;
	next = tcpfsm_ring_oldest(&ring);
	start = next;
	for (i = 0; i < scenario->reads; i++)
		read_checked(&next, &got, &lost);
	seen.got += got;
	seen.lost += lost;
	wm_catch_up();
	while (read_checked(&next, &got, &lost))
		;
	CHECK(start + got + lost == scenario->writes);
}

static void reset(const struct scenario *scenario)
{
	unsigned int i;

	memset(slots, 0, sizeof(slots));
	tcpfsm_ring_init(&ring, slots, scenario->events, WORDS * sizeof(u64));
	wm_reset();
	wm_add_cell(&ring.head, 0);
	wm_add_cell(&ring.base, 0);
	for (i = 0; i < (scenario->events + 1) * WORDS; i++)
		wm_add_cell(&slots[i], 0);
}

static void explore(const struct scenario *scenario)
{
	memset(&seen, 0, sizeof(seen));
	wm_search_start();
	do {
		reset(scenario);
		run_writer(scenario);
		run_reader(scenario);
		seen.runs++;
	} while (!tap_failures && wm_search_step());
	printf("# %u events, %u written: %llu ways; before the end %llu got, %llu lost\n",
	       scenario->events, scenario->writes, (unsigned long long)seen.runs,
	       (unsigned long long)seen.got, (unsigned long long)seen.lost);
	if (tap_failures)
		return;
	/* A reader that was never shown anything, or never overtaken, proves nothing. */
	CHECK(seen.got > 0);
	CHECK(seen.lost > 0 || scenario->writes <= scenario->events);
}

static void test_one_event(void)
{
	static const struct scenario scenarios[] = {
		{ 1, 3, NEVER, 4 }, { 1, 5, NEVER, 3 }, { 1, 3, 0, 3 },
		{ 1, 3, 1, 3 },	    { 1, 4, 2, 3 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(scenarios); i++)
		explore(&scenarios[i]);
}

static void test_two_events(void)
{
	static const struct scenario scenarios[] = {
		{ 2, 2, NEVER, 2 },
		{ 2, 4, NEVER, 3 },
		{ 2, 6, NEVER, 2 },
		{ 2, 4, 3, 3 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(scenarios); i++)
		explore(&scenarios[i]);
}

static void test_three_events(void)
{
	static const struct scenario scenario = { 3, 6, NEVER, 3 };

	explore(&scenario);
}

/*
 * The memory itself: the textbook cases must come out as the kernel's model has them,
 * else the tests above could pass because the memory is stronger than it should be.
 */
static u64 data, flag;

enum publish {
	RELAXED,
	WMB,
	RELEASE,
	RELEASE_OVERWRITTEN
};

enum consume {
	PLAIN,
	RMB,
	ACQUIRE
};

/* Message passing: can the flag be seen without the data? */
static bool stale_data_seen(enum publish publish, enum consume consume)
{
	bool stale = false;
	u64 first, second;

	wm_search_start();
	do {
		data = 0;
		flag = 0;
		wm_reset();
		wm_add_cell(&data, 0);
		wm_add_cell(&flag, 0);
		WRITE_ONCE(data, 1);
		if (publish == WMB)
			smp_wmb();
		if (publish == RELEASE || publish == RELEASE_OVERWRITTEN)
			smp_store_release(&flag, 1);
		else
			WRITE_ONCE(flag, 1);
		if (publish == RELEASE_OVERWRITTEN)
			WRITE_ONCE(flag, 2);
		wm_self = &wm_reader;
		first = consume == ACQUIRE ? smp_load_acquire(&flag) : READ_ONCE(flag);
		if (consume == RMB)
			smp_rmb();
		second = READ_ONCE(data);
		stale = stale || (first == (publish == RELEASE_OVERWRITTEN ? 2 : 1) && second == 0);
	} while (wm_search_step());
	return stale;
}

static void test_memory(void)
{
	CHECK(stale_data_seen(RELAXED, PLAIN));
	CHECK(stale_data_seen(RELAXED, RMB));
	CHECK(stale_data_seen(RELAXED, ACQUIRE));
	CHECK(stale_data_seen(WMB, PLAIN));
	CHECK(!stale_data_seen(WMB, RMB));
	CHECK(!stale_data_seen(WMB, ACQUIRE));
	CHECK(stale_data_seen(RELEASE, PLAIN));
	CHECK(!stale_data_seen(RELEASE, RMB));
	CHECK(!stale_data_seen(RELEASE, ACQUIRE));
	CHECK(stale_data_seen(RELEASE_OVERWRITTEN, ACQUIRE));
}

static const struct tap_test tests[] = {
	{ "the simulated memory is weak, and its barriers work", test_memory },
	{ "a ring of one", test_one_event },
	{ "a ring of two", test_two_events },
	{ "a ring of three", test_three_events },
};

int main(void)
{
	return tap_run(tests, ARRAY_SIZE(tests));
}
