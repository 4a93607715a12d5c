// SPDX-License-Identifier: GPL-2.0
/*
 * states_test.c - names of states and causes, and the edges of the diagram
 */
#include <stdio.h>
#include <string.h>
#include "core/states.h"
#include "tap.h"

static void test_states(void)
{
	unsigned int i, j;

	for (i = 1; i < TCPFSM_NR_STATES; i++) {
		CHECK(strcmp(tcpfsm_state_name(i), "?") != 0);
		for (j = 1; j < i; j++)
			CHECK(strcmp(tcpfsm_state_name(i), tcpfsm_state_name(j)) != 0);
	}
	/* Numbers are the kernel's, from include/net/tcp_states.h: they are ABI. */
	CHECK(strcmp(tcpfsm_state_name(1), "ESTABLISHED") == 0);
	CHECK(strcmp(tcpfsm_state_name(2), "SYN_SENT") == 0);
	CHECK(strcmp(tcpfsm_state_name(3), "SYN_RECV") == 0);
	CHECK(strcmp(tcpfsm_state_name(4), "FIN_WAIT1") == 0);
	CHECK(strcmp(tcpfsm_state_name(5), "FIN_WAIT2") == 0);
	CHECK(strcmp(tcpfsm_state_name(6), "TIME_WAIT") == 0);
	CHECK(strcmp(tcpfsm_state_name(7), "CLOSE") == 0);
	CHECK(strcmp(tcpfsm_state_name(8), "CLOSE_WAIT") == 0);
	CHECK(strcmp(tcpfsm_state_name(9), "LAST_ACK") == 0);
	CHECK(strcmp(tcpfsm_state_name(10), "LISTEN") == 0);
	CHECK(strcmp(tcpfsm_state_name(11), "CLOSING") == 0);
	CHECK(TCPFSM_NR_STATES == 12);
}

static void test_no_states(void)
{
	CHECK(strcmp(tcpfsm_state_name(0), "?") == 0);
	CHECK(strcmp(tcpfsm_state_name(TCPFSM_NR_STATES), "?") == 0);
	CHECK(strcmp(tcpfsm_state_name(~0U), "?") == 0);
	CHECK(!tcpfsm_is_state(0) && tcpfsm_is_state(1));
	CHECK(tcpfsm_is_state(TCPFSM_NR_STATES - 1) && !tcpfsm_is_state(TCPFSM_NR_STATES));
	CHECK(!tcpfsm_is_state(255) && !tcpfsm_is_state(~0U));
}

static void test_causes(void)
{
	static const char *const contract[] = {
		"open",
		"listen",
		"close",
		"abort",
		"rcv_syn",
		"rcv_synack",
		"rcv_ack",
		"rcv_fin",
		"rcv_rst",
		"rcv_data",
		"rto",
		"zero_window",
		"keepalive",
		"fin_timeout",
		"2msl",
		"synack_timeout",
		"icmp",
		"kill",
		"oom",
		"listener_closed",
		"tw_overflow",
		"reuse",
		"netns_exit",
		"open_failed",
		"accept_overflow",
		"repair",
		"mptcp",
		"unknown",
	};
	unsigned int i, j, found;

	CHECK(TCPFSM_NR_CAUSES == 1 + sizeof(contract) / sizeof(*contract));
	for (i = 0; i < sizeof(contract) / sizeof(*contract); i++) {
		found = 0;
		for (j = 0; j < TCPFSM_NR_CAUSES; j++)
			found += strcmp(contract[i], tcpfsm_cause_name(j)) == 0;
		CHECK(found == 1);
	}
}

static void test_no_causes(void)
{
	CHECK(strcmp(tcpfsm_cause_name(TCPFSM_C_NONE), "-") == 0);
	CHECK(strcmp(tcpfsm_cause_name(TCPFSM_NR_CAUSES), "?") == 0);
	CHECK(strcmp(tcpfsm_cause_name(~0U), "?") == 0);
}

#define EDGE(old, new) ((old) << 8 | (new))

/* clang-format off */
static const unsigned int diagram[] = {
	/* RFC 9293, figure 5, from top to bottom */
	EDGE(TCPFSM_CLOSE, TCPFSM_LISTEN),
	EDGE(TCPFSM_LISTEN, TCPFSM_CLOSE),
	EDGE(TCPFSM_CLOSE, TCPFSM_SYN_SENT),
	EDGE(TCPFSM_SYN_SENT, TCPFSM_CLOSE),
	EDGE(TCPFSM_LISTEN, TCPFSM_SYN_RECV),
	EDGE(TCPFSM_SYN_RECV, TCPFSM_LISTEN),
	EDGE(TCPFSM_LISTEN, TCPFSM_SYN_SENT),
	EDGE(TCPFSM_SYN_SENT, TCPFSM_SYN_RECV),
	EDGE(TCPFSM_SYN_RECV, TCPFSM_ESTABLISHED),
	EDGE(TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED),
	EDGE(TCPFSM_SYN_RECV, TCPFSM_FIN_WAIT1),
	EDGE(TCPFSM_ESTABLISHED, TCPFSM_FIN_WAIT1),
	EDGE(TCPFSM_ESTABLISHED, TCPFSM_CLOSE_WAIT),
	EDGE(TCPFSM_FIN_WAIT1, TCPFSM_FIN_WAIT2),
	EDGE(TCPFSM_FIN_WAIT1, TCPFSM_CLOSING),
	EDGE(TCPFSM_CLOSE_WAIT, TCPFSM_LAST_ACK),
	EDGE(TCPFSM_FIN_WAIT2, TCPFSM_TIME_WAIT),
	EDGE(TCPFSM_CLOSING, TCPFSM_TIME_WAIT),
	EDGE(TCPFSM_LAST_ACK, TCPFSM_CLOSE),
	EDGE(TCPFSM_TIME_WAIT, TCPFSM_CLOSE),
	/* its note 2 */
	EDGE(TCPFSM_FIN_WAIT1, TCPFSM_TIME_WAIT),
	/* its note 3, and ABORT and USER TIMEOUT: the other states that have an end */
	EDGE(TCPFSM_SYN_RECV, TCPFSM_CLOSE),
	EDGE(TCPFSM_ESTABLISHED, TCPFSM_CLOSE),
	EDGE(TCPFSM_FIN_WAIT1, TCPFSM_CLOSE),
	EDGE(TCPFSM_FIN_WAIT2, TCPFSM_CLOSE),
	EDGE(TCPFSM_CLOSE_WAIT, TCPFSM_CLOSE),
	EDGE(TCPFSM_CLOSING, TCPFSM_CLOSE),
	/* 3.10.7.4, eighth: a FIN in SYN-RECEIVED */
	EDGE(TCPFSM_SYN_RECV, TCPFSM_CLOSE_WAIT),
};

/* clang-format on */

static bool in_diagram(unsigned int old, unsigned int new)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(diagram); i++)
		if (diagram[i] == EDGE(old, new))
			return true;
	return false;
}

static void test_edges(void)
{
	unsigned int from, to;

	for (from = 0; from <= TCPFSM_NR_STATES; from++)
		for (to = 0; to <= TCPFSM_NR_STATES; to++)
			if (!CHECK(tcpfsm_edge_legal(from, to) == in_diagram(from, to)))
				printf("# %s -> %s\n", tcpfsm_state_name(from),
				       tcpfsm_state_name(to));
}

static void test_edge_numbers(void)
{
	bool seen[TCPFSM_NR_EDGES] = { [TCPFSM_EDGE_NONE] = true };
	unsigned int from, to, number;

	for (from = 0; from < TCPFSM_NR_STATES; from++) {
		for (to = 0; to < TCPFSM_NR_STATES; to++) {
			number = tcpfsm_edge_number(from, to);
			if (number == TCPFSM_EDGE_NONE)
				continue;
			CHECK(number < TCPFSM_NR_EDGES && !seen[number]);
			seen[number] = true;
		}
	}
	for (number = 0; number < TCPFSM_NR_EDGES; number++)
		CHECK(seen[number]);
}

/* What the module takes for granted of them. */
static void test_plain_edges(void)
{
	const u32 never_left = 1u << TCPFSM_CLOSE | 1u << TCPFSM_LISTEN;
	const u32 never_entered = 1u << TCPFSM_SYN_SENT | 1u << TCPFSM_SYN_RECV |
				  1u << TCPFSM_LISTEN | 1u << TCPFSM_TIME_WAIT;
	unsigned int from, to, plain = 0;

	for (from = 0; from < TCPFSM_NR_STATES; from++) {
		for (to = 0; to < TCPFSM_NR_STATES; to++) {
			if (!tcpfsm_edge_is_common(tcpfsm_edge_number(from, to)))
				continue;
			plain++;
			CHECK(!(never_left >> from & 1) && !(never_entered >> to & 1));
		}
	}
	CHECK(plain == 11);
	CHECK(!tcpfsm_edge_is_common(TCPFSM_EDGE_NONE));
}

/* A recording may hold any bytes. */
static void test_no_edges(void)
{
	unsigned int from, to;

	for (from = 0; from < 256; from++)
		for (to = 0; to < 256; to++)
			if (from >= TCPFSM_NR_STATES || to >= TCPFSM_NR_STATES)
				CHECK(!tcpfsm_edge_legal(from, to));
	CHECK(!tcpfsm_edge_legal(~0U, ~0U));
	CHECK(tcpfsm_edge_number(~0U, ~0U) == TCPFSM_EDGE_NONE);
	CHECK(!tcpfsm_edge_legal(TCPFSM_CLOSE | 1u << 28, TCPFSM_LISTEN));
}

#define MAX_STEPS 8

static void test_lives(void)
{
	static const struct {
		const char *what;
		u8 states[MAX_STEPS];
	} lives[] = {
		{ "listener", { TCPFSM_CLOSE, TCPFSM_LISTEN, TCPFSM_CLOSE } },
		{ "active open, active close",
		  { TCPFSM_CLOSE, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED, TCPFSM_FIN_WAIT1,
		    TCPFSM_FIN_WAIT2, TCPFSM_TIME_WAIT, TCPFSM_CLOSE } },
		{ "passive open, passive close",
		  { TCPFSM_LISTEN, TCPFSM_SYN_RECV, TCPFSM_ESTABLISHED, TCPFSM_CLOSE_WAIT,
		    TCPFSM_LAST_ACK, TCPFSM_CLOSE } },
		{ "simultaneous close",
		  { TCPFSM_ESTABLISHED, TCPFSM_FIN_WAIT1, TCPFSM_CLOSING, TCPFSM_TIME_WAIT,
		    TCPFSM_CLOSE } },
		{ "FIN and ACK of FIN at once, as the diagram draws it",
		  { TCPFSM_ESTABLISHED, TCPFSM_FIN_WAIT1, TCPFSM_TIME_WAIT, TCPFSM_CLOSE } },
		{ "simultaneous open",
		  { TCPFSM_CLOSE, TCPFSM_SYN_SENT, TCPFSM_SYN_RECV, TCPFSM_ESTABLISHED } },
		{ "SYN never completed", { TCPFSM_LISTEN, TCPFSM_SYN_RECV, TCPFSM_CLOSE } },
		{ "syncookie, fast open", { TCPFSM_LISTEN, TCPFSM_SYN_RECV, TCPFSM_ESTABLISHED } },
		{ "fast open, closed before the ACK",
		  { TCPFSM_LISTEN, TCPFSM_SYN_RECV, TCPFSM_FIN_WAIT1, TCPFSM_FIN_WAIT2 } },
		{ "connect() fails", { TCPFSM_CLOSE, TCPFSM_SYN_SENT, TCPFSM_CLOSE } },
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(lives); i++)
		for (j = 1; j < MAX_STEPS && lives[i].states[j]; j++)
			if (!CHECK(tcpfsm_edge_legal(lives[i].states[j - 1], lives[i].states[j])))
				printf("# %s: step %u\n", lives[i].what, j);
}

/* ---- what the documentation says ---- */

#define DOCUMENTATION "../../../Documentation/reference/"

/* A line of Documentation/reference/edges.rst that is a row of its table. */
static bool read_row(const char *line, char *from, char *to, char *where)
{
	return sscanf(line, "%15[A-Z_12] %15[A-Z_12] %63[^\n]", from, to, where) == 3;
}

static bool is_row(const char *from, const char *to, const char *where)
{
	static const char *const rows[][3] = {
#define TCPFSM_X(arg, from, to, where) { #from, #to, where },
		TCPFSM_EDGES(TCPFSM_X, 0)
#undef TCPFSM_X
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(from, rows[i][0]) == 0 && strcmp(to, rows[i][1]) == 0)
			return strcmp(where, rows[i][2]) == 0;
	return false;
}

static void test_documented_edges(void)
{
	FILE *file = fopen(DOCUMENTATION "edges.rst", "r");
	char line[256], from[16], to[16], where[64];
	unsigned int rows = 0;

	if (!CHECK(file))
		return;
	while (fgets(line, sizeof(line), file)) {
		if (!read_row(line, from, to, where))
			continue;
		rows++;
		if (!CHECK(is_row(from, to, where)))
			printf("# %s", line);
	}
	CHECK(rows == ARRAY_SIZE(diagram));
	fclose(file);
}

/* How many lines of Documentation/reference/causes.rst begin with this name. */
static unsigned int explanations(FILE *file, const char *name)
{
	char line[256], word[32];
	unsigned int found = 0;

	rewind(file);
	while (fgets(line, sizeof(line), file))
		found += sscanf(line, "%31[a-z0-9_]  ", word) == 1 && strcmp(word, name) == 0 &&
			 strncmp(line + strlen(word), "  ", 2) == 0;
	return found;
}

static void test_documented_causes(void)
{
	FILE *file = fopen(DOCUMENTATION "causes.rst", "r");
	unsigned int i;

	if (!CHECK(file))
		return;
	for (i = 1; i < TCPFSM_NR_CAUSES; i++)
		if (!CHECK(explanations(file, tcpfsm_cause_name(i)) == 1))
			printf("# %s\n", tcpfsm_cause_name(i));
	fclose(file);
}

static const struct tap_test tests[] = {
	{ "states have the kernel's numbers and names", test_states },
	{ "other numbers are no states", test_no_states },
	{ "each cause of the contract has one number", test_causes },
	{ "other numbers are no causes", test_no_causes },
	{ "the edges are those of RFC 9293, and no other", test_edges },
	{ "numbers that are no states have no edges", test_no_edges },
	{ "each edge has a number of its own", test_edge_numbers },
	{ "plain edges neither begin a connection nor know a listener", test_plain_edges },
	{ "every life that the contract tells of is a walk on them", test_lives },
	{ "the documentation's table has each edge and its section", test_documented_edges },
	{ "the documentation explains each cause once", test_documented_causes },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
