// SPDX-License-Identifier: GPL-2.0
/*
 * dwell_threads_test.c - the table of connections under real threads
 *
 * Each thread is a CPU: transitions of one connection are serialized by its
 * socket's lock, those of different connections are not.
 */
#include <pthread.h>
#include <stdlib.h>
#include "core/conntable.h"
#include "tap.h"

#define THREADS 4
#define CONNS	400
#define MINE	(CONNS / THREADS)

struct worker {
	pthread_t thread;
	unsigned int number;
	struct tcpfsm_conntable *table;
	struct shared *shared;
	u32 rounds;
};

/* What threads share besides the table. */
struct shared {
	pthread_barrier_t barrier;
	unsigned int ended;
};

static struct tcpfsm_step step_of(u64 id, u64 now, u8 old, u8 new)
{
	return (struct tcpfsm_step){
		.id = id,
		.now = now,
		.old = old,
		.new = new,
		.uid = TCPFSM_UNKNOWN_UID,
	};
}

static void goes_on(struct tcpfsm_conntable *table, struct tcpfsm_step step, u64 dwell)
{
	CHECK(tcpfsm_conntable_step(table, &step) == TCPFSM_STEP_OK);
	CHECK(step.dwell == dwell);
}

/*
 * Holds its share of connections all the time, so that all threads together hold
 * exactly as many as fit; ends the oldest, opens another.
 */
static void *churner(void *arg)
{
	struct worker *self = arg;
	struct tcpfsm_step end;
	u64 first = 0, next = 0, id, now = 1, opened[MINE];
	u32 round;

	for (round = 0; round < self->rounds; round++) {
		if (next - first == MINE) {
			id = first * THREADS + self->number + 1;
			CHECK(tcpfsm_conntable_is_in(self->table, id, NULL, TCPFSM_ESTABLISHED));
			end = step_of(id, now, TCPFSM_ESTABLISHED, TCPFSM_CLOSE);
			end.keep = first % 3 == 0;
			goes_on(self->table, end, now - opened[first % MINE]);
			first++;
		}
		id = next * THREADS + self->number + 1;
		goes_on(self->table, step_of(id, now, TCPFSM_CLOSE, TCPFSM_SYN_SENT),
			TCPFSM_UNKNOWN_DWELL);
		goes_on(self->table, step_of(id, now + 3, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED), 3);
		opened[next % MINE] = now + 3;
		next++;
		now += 10;
	}
	return NULL;
}

/* All threads end the same connection at the same time. */
static void *ender(void *arg)
{
	struct worker *self = arg;
	u32 round;

	for (round = 1; round <= self->rounds; round++) {
		struct tcpfsm_step step = step_of(round, 20, TCPFSM_ESTABLISHED, TCPFSM_CLOSE);
		enum tcpfsm_verdict verdict;

		step.keep = round % 2;
		if (self->number == 0) {
			goes_on(self->table, step_of(round, 5, TCPFSM_CLOSE, TCPFSM_SYN_SENT),
				TCPFSM_UNKNOWN_DWELL);
			goes_on(self->table,
				step_of(round, 10, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED), 5);
			__atomic_store_n(&self->shared->ended, 0, __ATOMIC_RELAXED);
		}
		pthread_barrier_wait(&self->shared->barrier);
		verdict = tcpfsm_conntable_step(self->table, &step);
		if (verdict == TCPFSM_STEP_OK) {
			CHECK(step.dwell == 10);
			__atomic_fetch_add(&self->shared->ended, 1, __ATOMIC_RELAXED);
		} else {
			CHECK(verdict == TCPFSM_STEP_UNKNOWN || verdict == TCPFSM_STEP_REPEATED);
			CHECK(step.dwell == TCPFSM_UNKNOWN_DWELL);
		}
		pthread_barrier_wait(&self->shared->barrier);
		CHECK(__atomic_load_n(&self->shared->ended, __ATOMIC_RELAXED) == 1);
		pthread_barrier_wait(&self->shared->barrier);
	}
	return NULL;
}

/* A socket that is connected again and again, passed on from thread to thread. */
static void *reopener(void *arg)
{
	struct worker *self = arg;
	u32 round;

	for (round = 0; round < self->rounds; round++) {
		if (round % THREADS == self->number) {
			struct tcpfsm_step step = step_of(1, 10, TCPFSM_CLOSE, TCPFSM_SYN_SENT);

			CHECK(tcpfsm_conntable_step(self->table, &step) == TCPFSM_STEP_OK);
			CHECK(step.gen == round + 1);
			step = step_of(1, 30, TCPFSM_SYN_SENT, TCPFSM_CLOSE);
			step.keep = true;
			CHECK(tcpfsm_conntable_step(self->table, &step) == TCPFSM_STEP_OK);
			CHECK(step.gen == round + 1);
			CHECK(step.dwell == 20);
		} else {
			/* Meanwhile others make the queue of closed sockets move, not too far. */
			u64 id = 1000 + (u64)round * THREADS + self->number;
			struct tcpfsm_step step = step_of(id, 10, TCPFSM_CLOSE, TCPFSM_SYN_SENT);

			goes_on(self->table, step, TCPFSM_UNKNOWN_DWELL);
			step = step_of(id, 11, TCPFSM_SYN_SENT, TCPFSM_CLOSE);
			step.keep = true;
			goes_on(self->table, step, 1);
		}
		pthread_barrier_wait(&self->shared->barrier);
	}
	return NULL;
}

static void run(void *(*work)(void *), u32 rounds)
{
	struct worker workers[THREADS];
	struct shared shared = { 0 };
	struct tcpfsm_conntable table;
	unsigned int i;

	tcpfsm_conntable_init(&table, CONNS, calloc(1, tcpfsm_conntable_nodes_size(CONNS)),
			      calloc(1, tcpfsm_conntable_buckets_size(CONNS)),
			      calloc(1, tcpfsm_conntable_closed_size(CONNS)));
	pthread_barrier_init(&shared.barrier, NULL, THREADS);
	for (i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){
			.number = i, .table = &table, .shared = &shared, .rounds = rounds
		};
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			abort();
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	CHECK(table.refused == 0);
	pthread_barrier_destroy(&shared.barrier);
	free(table.nodes);
	free(table.buckets);
	free(table.closed);
}

static void test_churn(void)
{
	run(churner, 30000);
}

static void test_end(void)
{
	run(ender, 3000);
}

static void test_reopen(void)
{
	run(reopener, 3000);
}

static const struct tap_test tests[] = {
	{ "four threads hold exactly as many connections as fit", test_churn },
	{ "of four threads that end a connection one does", test_end },
	{ "a socket connected again by four threads in turn", test_reopen },
};

int main(void)
{
	return tap_run(tests, ARRAY_SIZE(tests));
}
