// SPDX-License-Identifier: GPL-2.0
/*
 * chains_test.c - does the chain checker see what it is there to see?
 *
 * Good histories pass; each way to spoil one is called by its name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../host/unit/tap.h"
#include "chains.h"
#include "rawstream.h"

struct step {
	uint8_t old, new;
	uint16_t flags;
};

#define STEP(old, new, flags)                     \
	{                                         \
		TCPFSM_##old, TCPFSM_##new, flags \
	}
#define REQ TCPFSM_F_REQUEST
#define TW  TCPFSM_F_TIMEWAIT

static const struct step active[] = {
	STEP(CLOSE, SYN_SENT, 0),	 STEP(SYN_SENT, ESTABLISHED, 0),
	STEP(ESTABLISHED, FIN_WAIT1, 0), STEP(FIN_WAIT1, FIN_WAIT2, 0),
	STEP(FIN_WAIT2, TIME_WAIT, TW),	 STEP(TIME_WAIT, CLOSE, TW),
};

static const struct step passive[] = {
	STEP(LISTEN, SYN_RECV, REQ),	  STEP(SYN_RECV, ESTABLISHED, 0),
	STEP(ESTABLISHED, CLOSE_WAIT, 0), STEP(CLOSE_WAIT, LAST_ACK, 0),
	STEP(LAST_ACK, CLOSE, 0),
};

#define LENGTH(a) ((int)(sizeof(a) / sizeof(*(a))))

static struct chains c;
static uint64_t clock_ns;

static struct tcpfsm_event event(uint64_t id, uint32_t gen, const struct step *s)
{
	return (struct tcpfsm_event){
		.size = sizeof(struct tcpfsm_event),
		.version = TCPFSM_ABI_VERSION,
		.type = TCPFSM_REC_EVENT,
		.flags = s->flags,
		.time_ns = clock_ns += 1000,
		.id = id,
		.gen = gen,
		.netns = 1,
		.family = AF_INET,
		.laddr = { 127, 0, 0, 1 },
		.raddr = { 127, 0, 0, 1 },
		.lport = 1,
		.rport = 2,
		.old = s->old,
		.new = s->new,
	};
}

static enum chains_fault take(const struct tcpfsm_event *e)
{
	enum chains_fault fault = CHAINS_NR_FAULTS;

	CHECK(!chains_event(&c, e, &fault));
	return fault;
}

static enum chains_fault walk(uint64_t id, uint32_t gen, const struct step *s, int n)
{
	enum chains_fault fault = CHAINS_OK;

	for (int i = 0; i < n && !fault; i++) {
		struct tcpfsm_event e = event(id, gen, &s[i]);

		fault = take(&e);
	}
	return fault;
}

static enum chains_fault step(uint64_t id, uint32_t gen, struct step s)
{
	return walk(id, gen, &s, 1);
}

static void start(void)
{
	chains_free(&c);
	CHECK(!chains_init(&c, 1000000));
}

static void good(void)
{
	start();
	CHECK(!walk(1, 1, active, LENGTH(active)));
	CHECK(!walk(2, 1, passive, LENGTH(passive)));
	CHECK(!walk(1, 2, active, LENGTH(active)));
	CHECK(!walk(3, 1, passive, 1));
	CHECK(c.events == 18 && c.ids == 3 && c.generations == 4);
	CHECK(c.closed == 3 && c.open == 1);
	CHECK(c.open_in[TCPFSM_SYN_RECV][CHAINS_REQUEST] == 1);
	CHECK(c.lengths[6] == 2 && c.lengths[5] == 1);
	CHECK(c.edges[TCPFSM_FIN_WAIT2][TCPFSM_TIME_WAIT][CHAINS_TIMEWAIT] == 2);
	CHECK(!chains_faults(&c));
}

static void many(void)
{
	start();
	for (int i = 0; i < LENGTH(active); i++)
		for (uint64_t id = 1; id <= 100000; id++)
			CHECK(!step(id, 1, active[i]));
	CHECK(c.ids == 100000 && c.closed == 100000 && !c.open);
}

static void bounded(void)
{
	struct tcpfsm_event e;
	enum chains_fault fault;

	start();
	c.max_ids = 2;
	CHECK(!step(1, 1, active[0]));
	CHECK(!step(2, 1, active[0]));
	CHECK(!step(2, 1, active[1]));
	e = event(3, 1, &active[0]);
	CHECK(chains_event(&c, &e, &fault) < 0);
}

/* Leave out each event of a history in turn. */
static void lost_one(void)
{
	for (int gap = 0; gap < LENGTH(active); gap++) {
		enum chains_fault fault = CHAINS_OK;

		start();
		for (int i = 0; i < LENGTH(active); i++)
			if (i != gap && !fault)
				fault = step(1, 1, active[i]);
		if (gap == 0)
			CHECK(fault == CHAINS_BAD_BIRTH);
		else if (gap < LENGTH(active) - 1)
			CHECK(fault == CHAINS_BROKEN);
		else
			CHECK(c.open == 1 && c.closed == 0);
	}
}

/* A loss is one fault, not one for each event after it. */
static void counted_once(void)
{
	start();
	CHECK(!step(1, 1, active[0]));
	CHECK(step(1, 1, active[2]) == CHAINS_BROKEN);
	CHECK(!step(1, 1, active[3]));
	CHECK(chains_faults(&c) == 1 && c.faults[CHAINS_BROKEN] == 1);
}

static void twice(void)
{
	struct tcpfsm_event e;

	start();
	CHECK(!walk(1, 1, active, 1));
	e = event(1, 1, &active[1]);
	CHECK(!take(&e));
	CHECK(take(&e) == CHAINS_DUPLICATE);
	/* The same edge at another time: also never right. */
	CHECK(step(1, 1, active[1]) == CHAINS_BROKEN);
}

static void after_close(void)
{
	start();
	CHECK(!walk(1, 1, active, LENGTH(active)));
	CHECK(step(1, 1, active[0]) == CHAINS_AFTER_CLOSE);
	start();
	CHECK(!walk(1, 1, active, LENGTH(active)));
	CHECK(step(1, 1, (struct step)STEP(TIME_WAIT, CLOSE, TW)) == CHAINS_AFTER_CLOSE);
}

static void generations(void)
{
	start();
	CHECK(step(1, 2, active[0]) == CHAINS_BAD_GENERATION);
	start();
	CHECK(!walk(1, 1, active, LENGTH(active)));
	CHECK(step(1, 3, active[0]) == CHAINS_BAD_GENERATION);
	start();
	CHECK(!walk(1, 1, active, 2));
	CHECK(step(1, 2, active[0]) == CHAINS_BAD_GENERATION);
	start();
	CHECK(!walk(1, 1, active, LENGTH(active)));
	CHECK(!walk(1, 2, active, LENGTH(active)));
	CHECK(step(1, 1, active[0]) == CHAINS_BAD_GENERATION);
	start();
	CHECK(!walk(1, 1, active, LENGTH(active)));
	CHECK(step(1, 2, active[1]) == CHAINS_BAD_BIRTH);
}

static void backwards(void)
{
	struct tcpfsm_event e;

	start();
	CHECK(!walk(1, 1, active, 1));
	e = event(2, 1, &active[0]);
	e.time_ns = c.last_time - 1;
	CHECK(take(&e) == CHAINS_TIME_BACKWARDS);
	e = event(3, 1, &active[0]);
	e.time_ns = c.last_time;
	CHECK(!take(&e));
}

static void edges(void)
{
	int legal = 0;

	for (int from = 1; from < TCPFSM_NR_STATES; from++) {
		for (int to = 1; to < TCPFSM_NR_STATES; to++) {
			struct step s = { .old = from, .new = to };
			struct tcpfsm_event e = event(1, 1, &s);

			if (from == TCPFSM_TIME_WAIT)
				e.flags = TW;
			if (to == TCPFSM_LISTEN || (from == TCPFSM_LISTEN && to == TCPFSM_CLOSE)) {
				e.rport = 0;
				memset(e.raddr, 0, sizeof(e.raddr));
			}
			start();
			c.allow_older = true;
			legal += take(&e) == CHAINS_OK;
		}
	}
	/* As many as successors[] lists, and no other. */
	CHECK(legal == 25);
	start();
	CHECK(step(1, 1, (struct step)STEP(CLOSE, SYN_SENT, TCPFSM_F_ILLEGAL)) ==
	      CHAINS_ILLEGAL_EDGE);
}

static void objects(void)
{
	start();
	CHECK(step(1, 1, (struct step)STEP(CLOSE, SYN_SENT, REQ)) == CHAINS_WRONG_OBJECT);
	start();
	CHECK(step(1, 1, (struct step)STEP(CLOSE, SYN_SENT, TW)) == CHAINS_WRONG_OBJECT);
	start();
	CHECK(!walk(1, 1, active, 5));
	CHECK(step(1, 1, (struct step)STEP(TIME_WAIT, CLOSE, 0)) == CHAINS_WRONG_OBJECT);
}

#define SPOILED(statement)                           \
	do {                                         \
		e = event(1, 1, active);             \
		start();                             \
		statement;                           \
		CHECK(take(&e) == CHAINS_BAD_FIELD); \
	} while (0)

static void fields(void)
{
	struct tcpfsm_event e;

	SPOILED(e.old = 0);
	SPOILED(e.new = TCPFSM_NR_STATES);
	SPOILED(e.id = 0);
	SPOILED(e.gen = 0);
	SPOILED(e.netns = 0);
	SPOILED(e.flags = 0x8000);
	SPOILED(e.flags = REQ | TW);
	SPOILED(e.family = 0);
	SPOILED(e.laddr[4] = 1);
	SPOILED(e.raddr[15] = 1);
	SPOILED(e.rport = 0);
	SPOILED(e.family = AF_INET6; e.flags = TCPFSM_F_MAPPED);
	SPOILED(memset(e.comm, 'x', sizeof(e.comm)));
	SPOILED(e.comm[0] = 'x');
	SPOILED(e.pid = 1; e.comm[0] = 'x'; e.comm[9] = 'y');
	SPOILED(e.old = TCPFSM_ESTABLISHED; e.new = TCPFSM_FIN_WAIT1; e.lport = 0);
	SPOILED(e.new = TCPFSM_LISTEN);
}

static void older(void)
{
	start();
	CHECK(step(1, 1, active[1]) == CHAINS_BAD_BIRTH);
	start();
	c.allow_older = true;
	CHECK(!walk(1, 7, &active[1], 5));
	CHECK(!walk(2, 1, active, LENGTH(active)));
	CHECK(c.older == 1 && c.closed == 2 && c.lengths[6] == 1 && !c.lengths[5]);
	CHECK(step(2, 2, active[1]) == CHAINS_BAD_BIRTH);
}

static void gap(void)
{
	uint64_t end;

	start();
	CHECK(!walk(1, 1, active, 2));
	CHECK(!walk(2, 1, active, 2));
	end = clock_ns + 5000;
	chains_gap(&c, end);
	/* Loss and what is left of that time come in any order. */
	CHECK(!step(3, 1, active[3]));
	CHECK(!step(3, 1, active[5]));
	clock_ns = end;
	CHECK(!walk(1, 1, &active[4], 2));
	CHECK(!step(2, 4, active[2]));
	/* What comes after it holds together again. */
	CHECK(step(2, 4, active[5]) == CHAINS_BROKEN);
	CHECK(step(1, 1, active[5]) == CHAINS_AFTER_CLOSE);
	/* But a beginning can be among the lost for ever. */
	CHECK(!step(4, 1, active[1]));
}

/* Records or an error, as read from a file of @bytes bytes. */
static int read_back(struct tcpfsm_event *records, size_t bytes, const char **error)
{
	static struct rawstream r;
	struct tcpfsm_event e;
	char name[] = "/tmp/chains_test.XXXXXX";
	int fd = mkstemp(name), ret, n = 0;

	CHECK(fd >= 0 && write(fd, records, bytes) == (ssize_t)bytes);
	CHECK(!rawstream_open(&r, name));
	while ((ret = rawstream_next(&r, &e)) > 0)
		n++;
	*error = r.error;
	rawstream_close(&r);
	close(fd);
	unlink(name);
	return ret < 0 ? ret : n;
}

static void bytes(void)
{
	const size_t one = sizeof(struct tcpfsm_event);
	struct tcpfsm_event e[2] = { event(1, 1, &active[0]), event(1, 1, &active[1]) };
	struct tcpfsm_event longer[3] = { e[0], e[0], e[1] };
	const char *error;

	CHECK(read_back(e, 2 * one, &error) == 2);
	CHECK(read_back(e, 0, &error) == 0);
	CHECK(read_back(e, one + 4, &error) < 0 && error);
	CHECK(read_back(e, one + 20, &error) < 0 && error);
	/* A newer module's record, longer than what this reader knows. */
	longer[0].size = 2 * one;
	longer[0].version = TCPFSM_ABI_VERSION + 1;
	CHECK(read_back(longer, 3 * one, &error) == 2);
	longer[0].version = TCPFSM_ABI_VERSION;
	CHECK(read_back(longer, 3 * one, &error) < 0 && error);
	e[1].version = 0;
	CHECK(read_back(e, 2 * one, &error) < 0 && error);
	e[1].version = TCPFSM_ABI_VERSION;
	e[1].type = 3;
	CHECK(read_back(e, 2 * one, &error) < 0 && error);
	e[1].type = TCPFSM_REC_LOST;
	e[1].lost = 0;
	CHECK(read_back(e, 2 * one, &error) < 0 && error);
	e[1].lost = 1;
	CHECK(read_back(e, 2 * one, &error) == 2);
	e[1].size = 8;
	CHECK(read_back(e, 2 * one, &error) < 0 && error);
}

static const struct tap_test tests[] = {
	{ "good histories", good },
	{ "100,000 at once", many },
	{ "bounded", bounded },
	{ "an event is missing", lost_one },
	{ "one loss is one fault", counted_once },
	{ "an event comes twice", twice },
	{ "an event after the end", after_close },
	{ "generations out of order", generations },
	{ "time goes backwards", backwards },
	{ "edges of no diagram", edges },
	{ "events of the wrong object", objects },
	{ "impossible fields", fields },
	{ "connections older than the stream", older },
	{ "a known gap", gap },
	{ "records as bytes", bytes },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
