// SPDX-License-Identifier: GPL-2.0
/*
 * dwell_test.c - the table of connections: exact within its bounds, never wrong beyond
 */
#include <stdlib.h>
/* Included, to look at the length of its chains. */
#include "core/conntable.c"
#include "tap.h"

struct table {
	struct tcpfsm_conntable dwell;
	u32 conns;
};

static struct table *table_new(u32 conns)
{
	struct table *table = malloc(sizeof(*table));
	/* Of exactly the sizes that are asked for, so that AddressSanitizer sees a step beyond. */
	void *nodes = calloc(1, tcpfsm_conntable_nodes_size(conns));
	void *buckets = calloc(1, tcpfsm_conntable_buckets_size(conns));
	void *queue = calloc(1, tcpfsm_conntable_closed_size(conns));

	if (!table || !nodes || !buckets || !queue)
		abort();
	table->conns = conns;
	tcpfsm_conntable_init(&table->dwell, conns, nodes, buckets, queue);
	return table;
}

static void table_free(struct table *table)
{
	free(table->dwell.nodes);
	free(table->dwell.buckets);
	free(table->dwell.closed);
	free(table);
}

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

static enum tcpfsm_verdict take(struct table *table, struct tcpfsm_step *step)
{
	return tcpfsm_conntable_step(&table->dwell, step);
}

/* One transition that must be known, after this long in the old state. */
static void goes_on(struct table *table, u64 id, u64 now, u8 old, u8 new, u64 dwell)
{
	struct tcpfsm_step step = step_of(id, now, old, new);

	CHECK(take(table, &step) == TCPFSM_STEP_OK);
	CHECK(step.dwell == dwell);
}

static enum tcpfsm_verdict verdict(struct table *table, u64 id, u64 now, u8 old, u8 new)
{
	struct tcpfsm_step step = step_of(id, now, old, new);

	return take(table, &step);
}

static void test_life(void)
{
	struct table *table = table_new(16);

	goes_on(table, 7, 1000, TCPFSM_CLOSE, TCPFSM_SYN_SENT, TCPFSM_UNKNOWN_DWELL);
	goes_on(table, 7, 1010, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED, 10);
	goes_on(table, 7, 1130, TCPFSM_ESTABLISHED, TCPFSM_FIN_WAIT1, 120);
	goes_on(table, 7, 1130, TCPFSM_FIN_WAIT1, TCPFSM_FIN_WAIT2, 0);
	goes_on(table, 7, 1200, TCPFSM_FIN_WAIT2, TCPFSM_TIME_WAIT, 70);
	CHECK(table->dwell.used == 1);
	goes_on(table, 7, 60000001200, TCPFSM_TIME_WAIT, TCPFSM_CLOSE, 60000000000);
	CHECK(table->dwell.used == 0);
	table_free(table);
}

static void test_passive_life(void)
{
	struct table *table = table_new(16);

	goes_on(table, 7, 1000, TCPFSM_LISTEN, TCPFSM_SYN_RECV, TCPFSM_UNKNOWN_DWELL);
	goes_on(table, 7, 1010, TCPFSM_SYN_RECV, TCPFSM_ESTABLISHED, 10);
	goes_on(table, 7, 1020, TCPFSM_ESTABLISHED, TCPFSM_CLOSE_WAIT, 10);
	goes_on(table, 7, 1050, TCPFSM_CLOSE_WAIT, TCPFSM_LAST_ACK, 30);
	goes_on(table, 7, 1051, TCPFSM_LAST_ACK, TCPFSM_CLOSE, 1);
	CHECK(table->dwell.used == 0);
	table_free(table);
}

/* A connection older than the table is unknown once, and exact from then on. */
static void test_older_than_table(void)
{
	struct table *table = table_new(16);
	struct tcpfsm_step step = step_of(9, 500, TCPFSM_ESTABLISHED, TCPFSM_CLOSE_WAIT);

	CHECK(take(table, &step) == TCPFSM_STEP_UNKNOWN);
	CHECK(step.dwell == TCPFSM_UNKNOWN_DWELL);
	CHECK(step.uid == TCPFSM_UNKNOWN_UID);
	goes_on(table, 9, 510, TCPFSM_CLOSE_WAIT, TCPFSM_LAST_ACK, 10);
	goes_on(table, 9, 530, TCPFSM_LAST_ACK, TCPFSM_CLOSE, 20);

	/* One that is only seen to end takes no room. */
	CHECK(verdict(table, 10, 500, TCPFSM_LAST_ACK, TCPFSM_CLOSE) == TCPFSM_STEP_UNKNOWN);
	CHECK(table->dwell.used == 0);
	table_free(table);
}

static void test_repeated(void)
{
	struct table *table = table_new(16);

	goes_on(table, 7, 100, TCPFSM_CLOSE, TCPFSM_SYN_SENT, TCPFSM_UNKNOWN_DWELL);
	CHECK(verdict(table, 7, 105, TCPFSM_CLOSE, TCPFSM_SYN_SENT) == TCPFSM_STEP_REPEATED);
	goes_on(table, 7, 110, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED, 10);
	CHECK(verdict(table, 7, 115, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED) == TCPFSM_STEP_REPEATED);
	/* It changed nothing, least of all the time. */
	goes_on(table, 7, 120, TCPFSM_ESTABLISHED, TCPFSM_CLOSE, 10);
	CHECK(verdict(table, 7, 125, TCPFSM_ESTABLISHED, TCPFSM_CLOSE) == TCPFSM_STEP_UNKNOWN);
	table_free(table);
}

static void test_gap(void)
{
	struct table *table = table_new(16);
	struct tcpfsm_step step = step_of(7, 130, TCPFSM_FIN_WAIT1, TCPFSM_FIN_WAIT2);

	goes_on(table, 7, 100, TCPFSM_CLOSE, TCPFSM_SYN_SENT, TCPFSM_UNKNOWN_DWELL);
	goes_on(table, 7, 110, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED, 10);
	CHECK(take(table, &step) == TCPFSM_STEP_GAP);
	CHECK(step.dwell == TCPFSM_UNKNOWN_DWELL);
	goes_on(table, 7, 150, TCPFSM_FIN_WAIT2, TCPFSM_TIME_WAIT, 20);
	CHECK(verdict(table, 7, 160, TCPFSM_LAST_ACK, TCPFSM_CLOSE) == TCPFSM_STEP_GAP);
	CHECK(table->dwell.used == 0);
	table_free(table);
}

static void test_owner(void)
{
	struct table *table = table_new(16);
	struct tcpfsm_step step = step_of(7, 100, TCPFSM_CLOSE, TCPFSM_SYN_SENT);

	step.known = true;
	step.uid = 1000;
	step.cgroup = 0xabcdef012345;
	CHECK(take(table, &step) == TCPFSM_STEP_OK);
	CHECK(step.uid == 1000 && step.cgroup == 0xabcdef012345);

	step = step_of(7, 110, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED);
	CHECK(take(table, &step) == TCPFSM_STEP_OK);
	CHECK(step.uid == 1000 && step.cgroup == 0xabcdef012345);

	step = step_of(7, 120, TCPFSM_ESTABLISHED, TCPFSM_FIN_WAIT1);
	step.known = true;
	step.uid = 1001;
	step.cgroup = 5;
	CHECK(take(table, &step) == TCPFSM_STEP_OK);
	CHECK(step.uid == 1001 && step.cgroup == 5);

	/* The last event of its life still has an owner. */
	step = step_of(7, 130, TCPFSM_FIN_WAIT1, TCPFSM_CLOSE);
	CHECK(take(table, &step) == TCPFSM_STEP_OK);
	CHECK(step.uid == 1001 && step.cgroup == 5);

	/* Which whoever takes its place does not inherit. */
	goes_on(table, 8, 200, TCPFSM_CLOSE, TCPFSM_SYN_SENT, TCPFSM_UNKNOWN_DWELL);
	step = step_of(8, 210, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED);
	CHECK(take(table, &step) == TCPFSM_STEP_OK);
	CHECK(step.uid == TCPFSM_UNKNOWN_UID && step.cgroup == 0);
	table_free(table);
}

static void test_flags(void)
{
	struct table *table = table_new(16);
	struct tcpfsm_step step = step_of(7, 100, TCPFSM_LISTEN, TCPFSM_SYN_RECV);

	step.flags = TCPFSM_CONN_SYNCOOKIE;
	CHECK(take(table, &step) == TCPFSM_STEP_OK);
	CHECK(step.flags == TCPFSM_CONN_SYNCOOKIE);
	step = step_of(7, 110, TCPFSM_SYN_RECV, TCPFSM_ESTABLISHED);
	step.flags = TCPFSM_CONN_FASTOPEN;
	CHECK(take(table, &step) == TCPFSM_STEP_OK);
	CHECK(step.flags == (TCPFSM_CONN_SYNCOOKIE | TCPFSM_CONN_FASTOPEN));

	/* The next connection of the socket begins without. */
	step = step_of(7, 120, TCPFSM_ESTABLISHED, TCPFSM_CLOSE);
	step.keep = true;
	CHECK(take(table, &step) == TCPFSM_STEP_OK);
	CHECK(step.flags == (TCPFSM_CONN_SYNCOOKIE | TCPFSM_CONN_FASTOPEN));
	step = step_of(7, 130, TCPFSM_CLOSE, TCPFSM_SYN_SENT);
	CHECK(take(table, &step) == TCPFSM_STEP_OK);
	CHECK(step.flags == 0);
	table_free(table);
}

static u32 open_and_close(struct table *table, u64 id, u64 now, bool keep)
{
	struct tcpfsm_step step = step_of(id, now, TCPFSM_CLOSE, TCPFSM_SYN_SENT);
	u32 gen;

	CHECK(take(table, &step) == TCPFSM_STEP_OK);
	gen = step.gen;
	step = step_of(id, now + 1, TCPFSM_SYN_SENT, TCPFSM_CLOSE);
	step.keep = keep;
	CHECK(take(table, &step) == TCPFSM_STEP_OK);
	CHECK(step.gen == gen);
	CHECK(step.dwell == 1);
	return gen;
}

static void test_generations(void)
{
	struct table *table = table_new(16);
	u32 i;

	for (i = 1; i <= 1000; i++)
		CHECK(open_and_close(table, 7, 10 * i, true) == i);
	/* It is remembered, but it is not alive. */
	CHECK(table->dwell.used == 0);
	goes_on(table, 7, 99990, TCPFSM_CLOSE, TCPFSM_LISTEN, TCPFSM_UNKNOWN_DWELL);
	CHECK(table->dwell.used == 1);
	goes_on(table, 7, 99995, TCPFSM_LISTEN, TCPFSM_CLOSE, 5);
	CHECK(table->dwell.used == 0);
	table_free(table);

	table = table_new(16);
	for (i = 1; i <= 1000; i++)
		CHECK(open_and_close(table, 7, 10 * i, true) == i);
	CHECK(open_and_close(table, 7, 99999, false) == 1001);
	CHECK(table->dwell.used == 0);
	/* A socket that ended takes its count with it. */
	CHECK(open_and_close(table, 7, 199999, false) == 1);
	table_free(table);
}

static void test_generation_is_never_0(void)
{
	struct table *table = table_new(16);
	u32 i, last = 0;

	for (i = 1; i <= 0x10010; i++) {
		last = open_and_close(table, 7, 10 * i, true);
		CHECK(last != 0);
	}
	CHECK(last == i - 1 - 0xffff);
	table_free(table);
}

/* Closed sockets are remembered for a while, however many there are. */
static void test_closed_is_bounded(void)
{
	struct table *table = table_new(64);
	u32 most = closed_count(64), i;

	for (i = 1; i <= 10 * most; i++) {
		open_and_close(table, i, i, true);
		CHECK(table->dwell.used == 0);
	}
	/* First in, first out. */
	CHECK(open_and_close(table, 9 * most + 1, 1, false) == 2);
	CHECK(open_and_close(table, 10 * most, 1, false) == 2);
	CHECK(open_and_close(table, 9 * most, 1, false) == 1);
	CHECK(table->dwell.refused == 0);
	table_free(table);
}

/* One that is open again when its turn to be forgotten comes is not forgotten. */
static void test_closed_spares_the_living(void)
{
	struct table *table = table_new(64);
	u32 most = closed_count(64), i;

	open_and_close(table, 1000000, 1, true);
	goes_on(table, 1000000, 5, TCPFSM_CLOSE, TCPFSM_SYN_SENT, TCPFSM_UNKNOWN_DWELL);
	for (i = 1; i <= 3 * most; i++)
		open_and_close(table, i, i, true);
	goes_on(table, 1000000, 105, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED, 100);
	table_free(table);
}

/* Nor is one that was open again in between forgotten when its first turn comes. */
static void test_closed_counts_from_the_last_close(void)
{
	struct table *table = table_new(64);
	u32 most = closed_count(64), i;

	open_and_close(table, 1000000, 1, true);
	open_and_close(table, 1000000, 2, true);
	for (i = 1; i < most; i++)
		open_and_close(table, i, i, true);
	CHECK(open_and_close(table, 1000000, 3, true) == 3);
	for (i = 1; i <= most; i++)
		open_and_close(table, 1000 + i, i, true);
	CHECK(open_and_close(table, 1000000, 4, true) == 1);
	table_free(table);
}

static void test_is_in(void)
{
	struct table *table = table_new(16);

	CHECK(!tcpfsm_conntable_is_in(&table->dwell, 7, NULL, TCPFSM_SYN_SENT));
	goes_on(table, 7, 1234, TCPFSM_CLOSE, TCPFSM_SYN_SENT, TCPFSM_UNKNOWN_DWELL);
	CHECK(tcpfsm_conntable_is_in(&table->dwell, 7, NULL, TCPFSM_SYN_SENT));
	CHECK(!tcpfsm_conntable_is_in(&table->dwell, 7, NULL, TCPFSM_ESTABLISHED));
	CHECK(!tcpfsm_conntable_is_in(&table->dwell, 8, NULL, TCPFSM_SYN_SENT));
	table_free(table);
}

/* ---- a socket that goes on beside its timewait socks ---- */

static const char timewaits[4];

static struct tcpfsm_step timewait_step(u64 id, int tw, u64 now, u8 old, u8 new)
{
	struct tcpfsm_step step = step_of(id, now, old, new);

	step.timewait = &timewaits[tw];
	return step;
}

/* Connects, and has its connection in FIN_WAIT2 when a timewait sock takes it over. */
static void take_over(struct table *table, u64 id, int tw, u64 now, u32 gen, bool keep)
{
	struct tcpfsm_step step = step_of(id, now, TCPFSM_CLOSE, TCPFSM_SYN_SENT);

	step.known = true;
	step.uid = 100 + gen;
	CHECK(take(table, &step) == TCPFSM_STEP_OK && step.gen == gen);
	goes_on(table, id, now + 1, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED, 1);
	goes_on(table, id, now + 3, TCPFSM_ESTABLISHED, TCPFSM_FIN_WAIT1, 2);
	goes_on(table, id, now + 6, TCPFSM_FIN_WAIT1, TCPFSM_FIN_WAIT2, 3);
	tcpfsm_conntable_part(&table->dwell, id, &timewaits[tw], keep);
}

static void timewait_goes_on(struct table *table, u64 id, int tw, u64 now, u8 old, u8 new,
			     u64 dwell, u32 gen)
{
	struct tcpfsm_step step = timewait_step(id, tw, now, old, new);

	CHECK(take(table, &step) == TCPFSM_STEP_OK);
	CHECK(step.dwell == dwell && step.gen == gen);
	CHECK(step.uid == 100 + gen);
}

static void test_timewait_takes_over(void)
{
	struct table *table = table_new(16);

	/* Mostly the socket is being destroyed: the timewait sock just goes on. */
	take_over(table, 7, 0, 10, 1, false);
	CHECK(!tcpfsm_conntable_any_apart(&table->dwell));
	timewait_goes_on(table, 7, 0, 20, TCPFSM_FIN_WAIT2, TCPFSM_TIME_WAIT, 4, 1);
	CHECK(table->dwell.used == 1);
	timewait_goes_on(table, 7, 0, 50, TCPFSM_TIME_WAIT, TCPFSM_CLOSE, 30, 1);
	CHECK(table->dwell.used == 0);
	table_free(table);
}

static void test_timewait_parts(void)
{
	struct table *table = table_new(16);
	int round;

	/* Over and over, for what is forgotten of it would add up. */
	for (round = 0; round < 300; round++) {
		u64 id = 7 + round;

		take_over(table, id, 0, 10, 1, true);
		CHECK(table->dwell.used == 1);
		take_over(table, id, 1, 100, 2, true);
		CHECK(table->dwell.used == 2);
		/* Three of one cookie, in the same state: each is where it was. */
		take_over(table, id, 2, 200, 3, false);
		CHECK(table->dwell.used == 3);
		timewait_goes_on(table, id, 1, 1106, TCPFSM_FIN_WAIT2, TCPFSM_TIME_WAIT, 1000, 2);
		timewait_goes_on(table, id, 0, 2016, TCPFSM_FIN_WAIT2, TCPFSM_TIME_WAIT, 2000, 1);
		timewait_goes_on(table, id, 2, 3206, TCPFSM_FIN_WAIT2, TCPFSM_TIME_WAIT, 3000, 3);
		CHECK(tcpfsm_conntable_is_in(&table->dwell, id, &timewaits[1], TCPFSM_TIME_WAIT));
		timewait_goes_on(table, id, 0, 9016, TCPFSM_TIME_WAIT, TCPFSM_CLOSE, 7000, 1);
		timewait_goes_on(table, id, 2, 9206, TCPFSM_TIME_WAIT, TCPFSM_CLOSE, 6000, 3);
		timewait_goes_on(table, id, 1, 9106, TCPFSM_TIME_WAIT, TCPFSM_CLOSE, 8000, 2);
		CHECK(table->dwell.used == 0);
		CHECK(!tcpfsm_conntable_any_apart(&table->dwell));
	}
	table_free(table);
}

/* The timewait sock ends first, or last: the next connection is the second one. */
static void test_socket_goes_on(void)
{
	struct table *table = table_new(16);

	take_over(table, 7, 0, 10, 1, true);
	timewait_goes_on(table, 7, 0, 20, TCPFSM_FIN_WAIT2, TCPFSM_CLOSE, 4, 1);
	CHECK(table->dwell.used == 0);
	CHECK(open_and_close(table, 7, 100, false) == 2);
	CHECK(!tcpfsm_conntable_any_apart(&table->dwell));

	take_over(table, 8, 0, 10, 1, true);
	CHECK(open_and_close(table, 8, 100, true) == 2);
	CHECK(open_and_close(table, 8, 110, false) == 3);
	CHECK(table->dwell.used == 1);
	timewait_goes_on(table, 8, 0, 216, TCPFSM_FIN_WAIT2, TCPFSM_CLOSE, 200, 1);
	CHECK(table->dwell.used == 0);
	CHECK(!tcpfsm_conntable_any_apart(&table->dwell));
	table_free(table);
}

/* What the table does not know of the one it does not take from the other. */
static void test_timewait_older_than_table(void)
{
	struct table *table = table_new(16);
	struct tcpfsm_step step;

	/* Its connection was older, the parting was seen. */
	tcpfsm_conntable_part(&table->dwell, 7, &timewaits[0], true);
	step = step_of(7, 100, TCPFSM_CLOSE, TCPFSM_SYN_SENT);
	CHECK(take(table, &step) == TCPFSM_STEP_OK && step.gen == 2);
	goes_on(table, 7, 110, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED, 10);
	step = timewait_step(7, 0, 120, TCPFSM_FIN_WAIT2, TCPFSM_TIME_WAIT);
	CHECK(take(table, &step) == TCPFSM_STEP_UNKNOWN);
	CHECK(step.gen == 1 && step.dwell == TCPFSM_UNKNOWN_DWELL);
	step = timewait_step(7, 0, 150, TCPFSM_TIME_WAIT, TCPFSM_CLOSE);
	CHECK(take(table, &step) == TCPFSM_STEP_OK && step.gen == 1 && step.dwell == 30);
	goes_on(table, 7, 200, TCPFSM_ESTABLISHED, TCPFSM_CLOSE, 90);

	/* The timewait sock itself was older. */
	step = timewait_step(8, 1, 120, TCPFSM_FIN_WAIT2, TCPFSM_TIME_WAIT);
	CHECK(take(table, &step) == TCPFSM_STEP_UNKNOWN);
	goes_on(table, 8, 130, TCPFSM_CLOSE, TCPFSM_SYN_SENT, TCPFSM_UNKNOWN_DWELL);
	step = timewait_step(8, 1, 150, TCPFSM_TIME_WAIT, TCPFSM_CLOSE);
	CHECK(take(table, &step) == TCPFSM_STEP_OK && step.dwell == 30);
	goes_on(table, 8, 200, TCPFSM_SYN_SENT, TCPFSM_CLOSE, 70);
	CHECK(table->dwell.used == 0);
	CHECK(!tcpfsm_conntable_any_apart(&table->dwell));
	table_free(table);
}

/* A closed socket whose birth was missed counts as alive, and once. */
static void test_gap_after_close(void)
{
	struct table *table = table_new(16);

	open_and_close(table, 7, 1, true);
	CHECK(verdict(table, 7, 9, TCPFSM_ESTABLISHED, TCPFSM_FIN_WAIT1) == TCPFSM_STEP_GAP);
	CHECK(table->dwell.used == 1);
	goes_on(table, 7, 10, TCPFSM_FIN_WAIT1, TCPFSM_CLOSE, 1);
	CHECK(table->dwell.used == 0);
	table_free(table);
}

static void test_clock_beyond_56_bits(void)
{
	struct table *table = table_new(16);
	u64 start = (1ULL << 56) - 5;

	goes_on(table, 7, start, TCPFSM_CLOSE, TCPFSM_SYN_SENT, TCPFSM_UNKNOWN_DWELL);
	goes_on(table, 7, start + 20, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED, 20);
	goes_on(table, 7, start + 50, TCPFSM_ESTABLISHED, TCPFSM_CLOSE, 30);
	table_free(table);
}

static void test_init_again(void)
{
	struct table *table = table_new(16);
	u32 i;

	for (i = 1; i <= 16; i++)
		goes_on(table, i, 1, TCPFSM_CLOSE, TCPFSM_SYN_SENT, TCPFSM_UNKNOWN_DWELL);
	tcpfsm_conntable_init(&table->dwell, 16, table->dwell.nodes, table->dwell.buckets,
			      table->dwell.closed);
	CHECK(table->dwell.used == 0);
	for (i = 1; i <= 16; i++)
		CHECK(verdict(table, i, 2, TCPFSM_SYN_SENT, TCPFSM_CLOSE) == TCPFSM_STEP_UNKNOWN);
	table_free(table);
}

/* ---- as many live connections as were asked for, whatever their ids ---- */

static u64 random_state;

static u64 random_u64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static u64 id_sequential(u64 n)
{
	return n + 1;
}

static u64 id_stride_64(u64 n)
{
	return (n + 1) * 64;
}

static u64 id_stride_4096(u64 n)
{
	return (n + 1) * 4096;
}

/* Distinct for distinct n: each step can be undone. */
static u64 id_random(u64 n)
{
	u64 x = n + 1;

	x *= 0xd1342543de82ef95ULL;
	x ^= x >> 32;
	x *= 0xaf251af3b0f025b5ULL;
	x ^= x >> 29;
	return x;
}

/* As the kernel does: each of 4 CPUs takes batches of 4096 and counts within them. */
static u64 id_batches(u64 n)
{
	u64 cpu = n % 4, i = n / 4;

	return (i / 4096 * 4 + cpu) * 4096 + i % 4096 + 1;
}

/* And where an interrupt nests, downwards from the largest number. */
static u64 id_both_ends(u64 n)
{
	return n % 2 ? 0 - (n / 2 + 1) : n / 2 + 1;
}

static const struct pattern {
	const char *name;
	u64 (*id)(u64 n);
} patterns[] = {
	{ "sequential", id_sequential },   { "stride 64", id_stride_64 },
	{ "stride 4096", id_stride_4096 }, { "random", id_random },
	{ "batches", id_batches },	   { "both ends", id_both_ends },
};

/* What the test knows of a connection; the table has to say the same. */
struct twin {
	u64 id;
	u64 since;
	u32 uid;
	u32 gen;
	u8 state;
};

static const u8 after[TCPFSM_NR_STATES] = {
	[TCPFSM_SYN_SENT] = TCPFSM_ESTABLISHED,	 [TCPFSM_SYN_RECV] = TCPFSM_ESTABLISHED,
	[TCPFSM_ESTABLISHED] = TCPFSM_FIN_WAIT1, [TCPFSM_FIN_WAIT1] = TCPFSM_FIN_WAIT2,
	[TCPFSM_FIN_WAIT2] = TCPFSM_TIME_WAIT,	 [TCPFSM_TIME_WAIT] = TCPFSM_CLOSE,
};

static void twin_open(struct table *table, struct twin *twin, u64 id, u64 now)
{
	struct tcpfsm_step step = step_of(id, now, TCPFSM_CLOSE, TCPFSM_SYN_SENT);

	step.known = true;
	step.uid = (u32)id ^ 0x5555;
	step.cgroup = 1;
	CHECK(take(table, &step) == TCPFSM_STEP_OK);
	*twin = (struct twin){ id, now, step.uid, step.gen, TCPFSM_SYN_SENT };
}

static void twin_step(struct table *table, struct twin *twin, u64 now, u8 new, bool keep)
{
	struct tcpfsm_step step = step_of(twin->id, now, twin->state, new);

	step.keep = keep;
	CHECK(take(table, &step) == TCPFSM_STEP_OK);
	CHECK(step.dwell == now - twin->since);
	CHECK(step.uid == twin->uid);
	CHECK(step.gen == twin->gen);
	twin->since = now;
	twin->state = new;
}

static u32 longest_chain(const struct tcpfsm_conntable *dwell)
{
	u32 bucket, node, length, longest = 0;

	for (bucket = 0; bucket < dwell->nr_buckets; bucket++) {
		length = 0;
		for (node = dwell->buckets[bucket].first; node != NIL;
		     node = dwell->nodes[node].next)
			length++;
		if (length > longest)
			longest = length;
	}
	return longest;
}

/* Always exactly conns live ones; they go on, end (some of them linger) and are replaced. */
static void churn(const struct pattern *pattern, u32 conns, u32 steps)
{
	struct table *table = table_new(conns);
	struct twin *twins = calloc(conns, sizeof(*twins));
	u64 next = 0, now = 1, i;
	u32 longest;

	if (!twins)
		abort();
	random_state = 88172645463325252ULL;
	for (i = 0; i < conns; i++)
		twin_open(table, &twins[i], pattern->id(next++), now++);
	longest = longest_chain(&table->dwell);
	for (i = 0; i < steps; i++) {
		struct twin *twin = &twins[random_u64() % conns];
		u64 dice = random_u64() % 8;

		now += random_u64() % 1000;
		if (dice && after[twin->state] != TCPFSM_CLOSE) {
			twin_step(table, twin, now, after[twin->state], false);
			continue;
		}
		twin_step(table, twin, now, TCPFSM_CLOSE, dice % 2);
		twin_open(table, twin, pattern->id(next++), now);
	}
	CHECK(table->dwell.refused == 0);
	for (i = 0; i < conns; i++)
		twin_step(table, &twins[i], now + 1, TCPFSM_CLOSE, false);
	CHECK(table->dwell.used == 0);
	printf("# %s, %u connections: longest chain %u\n", pattern->name, conns, longest);
	/* Two a bucket on average; interrupts are off while one is searched. */
	CHECK(longest <= 24);
	free(twins);
	table_free(table);
}

static void test_exact_small(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(patterns); i++) {
		churn(&patterns[i], 1, 1000);
		churn(&patterns[i], 2, 1000);
		churn(&patterns[i], 100, 20000);
	}
}

static void test_exact_default(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(patterns); i++)
		churn(&patterns[i], 65536, 200000);
}

/* All ids in one bucket: slow, but not wrong. */
static void test_exact_worst_ids(void)
{
	struct table *table = table_new(200);
	struct twin twins[200];
	/* The multiplier of bucket_of(), inverted modulo 2^64. */
	u64 inverse = 1, i;

	for (i = 0; i < 6; i++)
		inverse *= 2 - 0x9e3779b97f4a7c15ULL * inverse;
	for (i = 0; i < 200; i++)
		twin_open(table, &twins[i], inverse * (i + 1), i);
	CHECK(longest_chain(&table->dwell) == 200);
	for (i = 0; i < 200; i++)
		twin_step(table, &twins[(i * 37) % 200], 1000 + i, TCPFSM_ESTABLISHED, false);
	for (i = 0; i < 200; i++)
		twin_step(table, &twins[(i * 73) % 200], 2000 + i, TCPFSM_CLOSE, i % 2);
	CHECK(table->dwell.refused == 0);
	table_free(table);
}

/* Live ones and closed ones do not take each other's room. */
static void test_exact_with_closed_full(void)
{
	struct table *table = table_new(1000);
	struct twin twins[1000];
	u64 i, round;

	for (i = 1; i <= 3 * closed_count(1000); i++)
		open_and_close(table, 1000000 + i, i, true);
	for (i = 0; i < 1000; i++)
		twin_open(table, &twins[i], i + 1, i);
	for (round = 1; round <= 20; round++) {
		for (i = 0; i < 1000; i++) {
			twin_step(table, &twins[i], 10000 * round + i, TCPFSM_CLOSE, true);
			twin_open(table, &twins[i], (round % 3) * 1000 + i + 1, 10000 * round + i);
		}
	}
	CHECK(table->dwell.refused == 0);
	table_free(table);
}

/* ---- beyond the bound ---- */

/* Twice as many as fit: what the table does not know it does not make up. */
static void test_never_wrong(void)
{
	enum {
		CONNS = 500,
		LIVE = 1000
	};
	struct table *table = table_new(CONNS);
	struct twin twins[LIVE];
	u64 known = 0, unknown = 0, next = 1, now = 1, i;

	random_state = 362436069362436069ULL;
	for (i = 0; i < LIVE; i++)
		twins[i].state = TCPFSM_CLOSE;
	for (i = 0; i < 300000; i++) {
		struct twin *twin = &twins[random_u64() % LIVE];
		u8 new = twin->state == TCPFSM_CLOSE ? TCPFSM_SYN_SENT : after[twin->state];
		struct tcpfsm_step step;
		enum tcpfsm_verdict said;

		if (twin->state == TCPFSM_CLOSE)
			twin->id = next++;
		now += random_u64() % 100;
		step = step_of(twin->id, now, twin->state, new);
		said = take(table, &step);
		if (twin->state == TCPFSM_CLOSE) {
			CHECK(said == TCPFSM_STEP_OK);
			CHECK(step.dwell == TCPFSM_UNKNOWN_DWELL);
		} else if (said == TCPFSM_STEP_OK) {
			CHECK(step.dwell == now - twin->since);
			known++;
		} else {
			CHECK(said == TCPFSM_STEP_UNKNOWN);
			CHECK(step.dwell == TCPFSM_UNKNOWN_DWELL);
			unknown++;
		}
		twin->since = now;
		twin->state = new;
		CHECK(table->dwell.used <= table->dwell.nr_nodes);
	}
	/* Both must have happened a lot for this to say anything. */
	CHECK(known > 10000);
	CHECK(unknown > 10000);
	CHECK(table->dwell.refused > 0);

	/* And when there is room again, everything is exact again. */
	for (i = 0; i < LIVE; i++)
		if (twins[i].state != TCPFSM_CLOSE)
			verdict(table, twins[i].id, now, twins[i].state, TCPFSM_CLOSE);
	CHECK(table->dwell.used == 0);
	for (i = 0; i < CONNS; i++)
		twin_open(table, &twins[i], next++, now);
	for (i = 0; i < CONNS; i++)
		twin_step(table, &twins[i], now + i, TCPFSM_CLOSE, false);
	CHECK(table->dwell.used == 0);
	table_free(table);
}

static const struct tap_test tests[] = {
	{ "from connect to the end of TIME_WAIT", test_life },
	{ "from the SYN to the last ACK", test_passive_life },
	{ "a connection older than the table", test_older_than_table },
	{ "a transition reported twice", test_repeated },
	{ "a transition missed", test_gap },
	{ "the owner is remembered", test_owner },
	{ "flags are remembered until the end", test_flags },
	{ "connections of one socket are counted", test_generations },
	{ "the count starts again at 1, not at 0", test_generation_is_never_0 },
	{ "closed sockets are remembered, the oldest forgotten", test_closed_is_bounded },
	{ "a socket connected again is not forgotten", test_closed_spares_the_living },
	{ "its turn counts from when it closed last", test_closed_counts_from_the_last_close },
	{ "in which state", test_is_in },
	{ "a timewait sock takes over", test_timewait_takes_over },
	{ "timewait socks of one socket, side by side", test_timewait_parts },
	{ "a socket goes on beside its timewait sock", test_socket_goes_on },
	{ "a timewait sock older than the table", test_timewait_older_than_table },
	{ "a birth missed on a closed socket", test_gap_after_close },
	{ "a clock beyond 56 bits", test_clock_beyond_56_bits },
	{ "emptied by another init", test_init_again },
	{ "exact for all kinds of ids, small tables", test_exact_small },
	{ "exact for all kinds of ids, default size", test_exact_default },
	{ "exact when all ids meet in one bucket", test_exact_worst_ids },
	{ "exact when the queue of closed sockets is full", test_exact_with_closed_full },
	{ "twice as many connections as fit: unknown, never wrong", test_never_wrong },
};

int main(void)
{
	return tap_run(tests, ARRAY_SIZE(tests));
}
