// SPDX-License-Identifier: GPL-2.0
/*
 * ring_threads_test.c - the ring under real threads
 *
 * One thread writes each ring, as one CPU with interrupts off does. Readers run
 * until each of them has read enough and, where the ring is small, has been
 * overtaken often enough; so the load of the machine decides how long a test
 * takes, not what it covers. Run it under ThreadSanitizer too.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include "core/ring.h"
#include "tap.h"

#define RINGS	   2
#define READERS	   3
#define FILLER	   15
#define SPAN	   5
/* A machine on which this takes longer is stuck, not slow. */
#define PATIENCE_S 60

struct record {
	u64 number;
	u64 time;
	u64 filler[FILLER];
	u64 checksum;
};

/**
 * struct scene - rings and who works on them
 * @enough: records that each reader wants from each ring
 * @overtaken: times that each reader wants to be overtaken on each ring
 * @satisfied: readers that have had all they want
 * @finished: writers that have stopped
 */
struct scene {
	struct tcpfsm_ring rings[RINGS];
	unsigned int readers;
	u64 enough;
	u64 overtaken;
	time_t deadline;
	unsigned int satisfied;
	unsigned int finished;
};

struct worker {
	pthread_t thread;
	struct scene *scene;
	struct tcpfsm_ring *ring;
};

static u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000000000 + (u64)ts.tv_nsec;
}

static u64 mix(u64 x)
{
	x ^= x >> 31;
	x *= 0x7fb5d329728ea185ULL;
	x ^= x >> 27;
	return x;
}

static u64 checksum(const struct record *record)
{
	u64 sum = record->number;
	int i;

	for (i = 0; i < FILLER; i++)
		sum = mix(sum + record->filler[i]);
	return sum ^ record->time;
}

/* All but the time, which has to be taken after the slot was begun. */
static void prepare(struct record *record, u64 number)
{
	int i;

	record->number = number;
	record->time = 0;
	for (i = 0; i < FILLER; i++)
		record->filler[i] = mix(number * FILLER + i);
	record->checksum = checksum(record);
}

static void fill(struct record *slot, const struct record *prepared)
{
	u64 time = now_ns();

	*slot = *prepared;
	slot->time = time;
	slot->checksum ^= time;
}

static void *writer(void *arg)
{
	struct worker *self = arg;
	struct scene *scene = self->scene;
	struct record record;
	u64 n = 0;

	while (__atomic_load_n(&scene->satisfied, __ATOMIC_RELAXED) < scene->readers) {
		if (time(NULL) > scene->deadline)
			break;
		if (n % 8 == 7) {
			memset(tcpfsm_ring_begin(self->ring), 0xa5, sizeof(struct record));
			tcpfsm_ring_abandon(self->ring);
		}
		prepare(&record, n++);
		fill(tcpfsm_ring_begin(self->ring), &record);
		tcpfsm_ring_commit(self->ring);
		/* On a busy machine readers would else see one slot per time slice. */
		if (n % 64 == 0)
			sched_yield();
	}
	CHECK(tcpfsm_ring_written(self->ring) == n);
	__atomic_fetch_add(&scene->finished, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* A reader's account with one ring. */
struct account {
	u64 first;
	u64 next;
	u64 got;
	u64 lost;
	u64 overtaken;
};

static bool read_one(struct tcpfsm_ring *ring, struct account *account, u64 end,
		     struct record *record)
{
	u64 before = account->next, lost = 0;
	bool got = tcpfsm_ring_read(ring, &account->next, end, record, &lost);

	account->lost += lost;
	account->overtaken += lost > 0;
	account->got += got;
	CHECK(account->next == before + lost + got);
	CHECK(account->next <= end || before > end);
	if (!got)
		return false;
	CHECK(record->number == account->next - 1);
	CHECK(record->checksum == checksum(record));
	return true;
}

/* The same for several at once; 0 too if they were overwritten meanwhile. */
static u32 read_span(struct tcpfsm_ring *ring, struct account *account, u64 end,
		     struct record *records)
{
	const void *slots;
	u32 n = tcpfsm_ring_span(ring, account->next, end, &slots), i;

	n = n < SPAN ? n : SPAN;
	if (!n)
		return 0;
	data_race(memcpy(records, slots, n * sizeof(*records)));
	if (!tcpfsm_ring_intact(ring, account->next))
		return 0;
	for (i = 0; i < n; i++) {
		CHECK(records[i].number == account->next + i);
		CHECK(records[i].checksum == checksum(&records[i]));
	}
	account->next += n;
	account->got += n;
	return n;
}

static bool satisfied(const struct scene *scene, const struct account *accounts)
{
	int i;

	for (i = 0; i < RINGS; i++)
		if (accounts[i].got < scene->enough || accounts[i].overtaken < scene->overtaken)
			return false;
	return true;
}

static bool writers_finished(struct scene *scene)
{
	return __atomic_load_n(&scene->finished, __ATOMIC_ACQUIRE) == RINGS;
}

static void *reader(void *arg)
{
	struct scene *scene = ((struct worker *)arg)->scene;
	struct account accounts[RINGS] = { 0 };
	struct record records[SPAN];
	bool told = false, last;
	int i;

	for (i = 0; i < RINGS; i++) {
		accounts[i].first = tcpfsm_ring_oldest(&scene->rings[i]);
		accounts[i].next = accounts[i].first;
	}
	do {
		last = writers_finished(scene);
		for (i = 0; i < RINGS; i++) {
			u64 end = tcpfsm_ring_written(&scene->rings[i]);

			while (read_one(&scene->rings[i], &accounts[i], end, records))
				read_span(&scene->rings[i], &accounts[i], end, records);
		}
		/* Fall behind, for a reader that always runs is seldom overtaken. */
		sched_yield();
		if (!told && satisfied(scene, accounts)) {
			told = true;
			__atomic_fetch_add(&scene->satisfied, 1, __ATOMIC_RELAXED);
		}
	} while (!last);

	CHECK(told);
	for (i = 0; i < RINGS; i++)
		CHECK(accounts[i].first + accounts[i].got + accounts[i].lost ==
		      tcpfsm_ring_written(&scene->rings[i]));
	return NULL;
}

/* A writer here may lose its CPU in the middle of a slot, which the kernel's cannot. */
static void wait_idle(const struct tcpfsm_ring *ring)
{
	unsigned int spins = 0;

	while (tcpfsm_ring_busy(ring))
		if (++spins % 1000 == 0)
			sched_yield();
}

/*
 * Reads both rings merged by time, as the module does: what is given must come out
 * sorted over all horizons, although each writer goes on all the time.
 */
static void *merger(void *arg)
{
	struct scene *scene = ((struct worker *)arg)->scene;
	struct account accounts[RINGS] = { 0 };
	struct record staged[RINGS];
	bool have[RINGS] = { false }, told = false, last;
	u64 horizon, previous = 0, end[RINGS];
	int i, pick;

	do {
		last = writers_finished(scene);
		horizon = now_ns();
		smp_mb();
		for (i = 0; i < RINGS; i++) {
			wait_idle(&scene->rings[i]);
			end[i] = tcpfsm_ring_written(&scene->rings[i]);
		}
		for (;;) {
			pick = -1;
			for (i = 0; i < RINGS; i++) {
				if (!have[i])
					have[i] = read_one(&scene->rings[i], &accounts[i], end[i],
							   &staged[i]);
				if (have[i] && staged[i].time <= horizon &&
				    (pick < 0 || staged[i].time < staged[pick].time))
					pick = i;
			}
			if (pick < 0)
				break;
			CHECK(staged[pick].time >= previous);
			previous = staged[pick].time;
			have[pick] = false;
		}
		if (!told && satisfied(scene, accounts)) {
			told = true;
			__atomic_fetch_add(&scene->satisfied, 1, __ATOMIC_RELAXED);
		}
	} while (!last);

	CHECK(told);
	for (i = 0; i < RINGS; i++)
		CHECK(!have[i]);
	return NULL;
}

static void *clearer(void *arg)
{
	struct scene *scene = ((struct worker *)arg)->scene;
	u64 oldest[RINGS] = { 0 }, now, written;
	u64 rounds = 0;
	int i;

	while (!writers_finished(scene)) {
		for (i = 0; i < RINGS; i++) {
			written = tcpfsm_ring_written(&scene->rings[i]);
			tcpfsm_ring_clear(&scene->rings[i]);
			now = tcpfsm_ring_oldest(&scene->rings[i]);
			CHECK(now >= written);
			CHECK(now >= oldest[i]);
			CHECK(now <= tcpfsm_ring_written(&scene->rings[i]));
			oldest[i] = now;
		}
		if (++rounds == scene->enough)
			__atomic_fetch_add(&scene->satisfied, 1, __ATOMIC_RELAXED);
	}
	CHECK(rounds >= scene->enough);
	return NULL;
}

static void start(struct worker *worker, struct scene *scene, struct tcpfsm_ring *ring,
		  void *(*run)(void *))
{
	worker->scene = scene;
	worker->ring = ring;
	if (pthread_create(&worker->thread, NULL, run, worker))
		abort();
}

static void run_scene(u32 events, u64 enough, u64 overtaken, void *(*const readers[])(void *),
		      unsigned int nr_readers)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct worker workers[RINGS + READERS];
	unsigned int i;

	if (!scene)
		abort();
	scene->readers = nr_readers;
	scene->enough = enough;
	scene->overtaken = overtaken;
	scene->deadline = time(NULL) + PATIENCE_S;
	for (i = 0; i < RINGS; i++) {
		void *slots = calloc((size_t)events + 1, sizeof(struct record));

		if (!slots)
			abort();
		tcpfsm_ring_init(&scene->rings[i], slots, events, sizeof(struct record));
	}
	for (i = 0; i < RINGS; i++)
		start(&workers[i], scene, &scene->rings[i], writer);
	for (i = 0; i < nr_readers; i++)
		start(&workers[RINGS + i], scene, NULL, readers[i]);
	for (i = 0; i < RINGS + nr_readers; i++)
		pthread_join(workers[i].thread, NULL);
	for (i = 0; i < RINGS; i++)
		free(scene->rings[i].slots);
	free(scene);
}

static void *(*const three_readers[])(void *) = { reader, reader, reader };
static void *(*const reader_and_clearer[])(void *) = { reader, clearer };
static void *(*const one_merger[])(void *) = { merger };

static void test_ring_of_1(void)
{
	run_scene(1, 3000, 50, three_readers, 3);
}

static void test_ring_of_2(void)
{
	run_scene(2, 3000, 50, three_readers, 3);
}

static void test_ring_of_8(void)
{
	run_scene(8, 3000, 50, three_readers, 3);
}

static void test_ring_of_8192(void)
{
	run_scene(8192, 20000, 0, three_readers, 3);
}

static void test_clear(void)
{
	run_scene(8, 3000, 50, reader_and_clearer, 2);
}

static void test_merge_small(void)
{
	run_scene(8, 3000, 50, one_merger, 1);
}

static void test_merge_large(void)
{
	run_scene(8192, 20000, 0, one_merger, 1);
}

static const struct tap_test tests[] = {
	{ "three readers overtaken on rings of 1", test_ring_of_1 },
	{ "three readers overtaken on rings of 2", test_ring_of_2 },
	{ "three readers overtaken on rings of 8", test_ring_of_8 },
	{ "three readers on rings of 8192", test_ring_of_8192 },
	{ "clear while writing and reading", test_clear },
	{ "two rings merged by time, overtaken", test_merge_small },
	{ "two rings merged by time", test_merge_large },
};

int main(void)
{
	return tap_run(tests, ARRAY_SIZE(tests));
}
