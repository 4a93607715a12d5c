// SPDX-License-Identifier: GPL-2.0
/*
 * states_test.c - names of states and causes
 */
#include <string.h>
#include "states.h"
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

static const struct tap_test tests[] = {
	{ "states have the kernel's numbers and names", test_states },
	{ "other numbers are no states", test_no_states },
	{ "each cause of the contract has one number", test_causes },
	{ "other numbers are no causes", test_no_causes },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
