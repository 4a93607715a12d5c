// SPDX-License-Identifier: GPL-2.0
/*
 * filter_errors_test.c - filter expressions that are wrong, or as large as they may be
 */
#include <stdio.h>
#include <string.h>
#include "core/filter.h"
#include "tap.h"

static const struct tcpfsm_event event = {
	.lport = 43210,
	.rport = 443,
	.uid = 1000,
	.old = TCPFSM_SYN_SENT,
	.new = TCPFSM_ESTABLISHED,
	.cause = TCPFSM_C_RTO,
};

static struct tcpfsm_filter filter;
static struct tcpfsm_filter_error error;

static bool parses(const char *text)
{
	/* What was there before must not matter. */
	memset(&filter, 0xa5, sizeof(filter));
	memset(&error, 0, sizeof(error));
	return tcpfsm_filter_parse(&filter, text, &error) == 0;
}

/* ---- what is wrong ---- */

static void test_errors(void)
{
	static const struct {
		const char *text;
		size_t at;
	} wrong[] = {
		/* keys */
		{ "foo=1", 0 },
		{ "PORT=1", 0 },
		{ "ports=1", 0 },
		{ "por=1", 0 },
		{ "=80", 0 },
		{ ",", 0 },
		{ "80", 0 },
		{ "port:80", 0 },
		{ "  foo=1", 2 },
		{ "port=80 foo=1", 8 },
		{ "!", 1 },
		{ "! port=1", 1 },
		{ "!!port=1", 1 },
		{ "port!=1", 0 },
		{ "port", 4 },
		{ "port =80", 4 },
		{ "port,lport=80", 4 },
		{ "port=80 lport", 13 },
		/* values */
		{ "port=", 5 },
		{ "port= 80", 5 },
		{ "port=,80", 5 },
		{ "port=80,", 8 },
		{ "port=80,,81", 8 },
		{ "port=80, 81", 8 },
		{ "port==80", 5 },
		{ "port=80=81", 7 },
		{ "cause=", 6 },
		{ "addr=", 5 },
		/* numbers */
		{ "port=http", 5 },
		{ "port=-1", 5 },
		{ "port=+80", 5 },
		{ "port=65536", 5 },
		{ "port=4294967376", 5 },
		{ "port=18446744073709551696", 5 },
		{ "port=99999999999999999999999999", 5 },
		{ "port=0x50", 6 },
		{ "port=80x", 7 },
		{ "port=80;port=81", 7 },
		{ "port=80\r", 7 },
		{ "port=80,81x", 10 },
		{ "port=80-", 5 },
		{ "port=80-79", 5 },
		{ "port=80-x", 5 },
		{ "port=1-65536", 5 },
		{ "port=1-2-3", 8 },
		{ "uid=4294967296", 4 },
		{ "uid=-1", 4 },
		{ "uid=root", 4 },
		{ "netns=net:[1]", 6 },
		/* addresses */
		{ "addr=localhost", 5 },
		{ "addr=*", 5 },
		{ "addr=/8", 5 },
		{ "addr=1.2.3", 5 },
		{ "addr=1.2.3.", 5 },
		{ "addr=1..2.3", 5 },
		{ "addr=.1.2.3", 5 },
		{ "addr=1.2.3.256", 5 },
		{ "addr=1.2.3.4.5", 12 },
		{ "addr=1.2.3.4:80", 12 },
		{ "addr=1.2.3.4/", 13 },
		{ "addr=1.2.3.4/x", 13 },
		{ "addr=1.2.3.4/33", 13 },
		{ "addr=1.2.3.4/-1", 13 },
		{ "addr=1.2.3.4/8x", 14 },
		{ "addr=1.2.3.4/8/8", 14 },
		{ "addr=:", 5 },
		{ "addr=:::", 5 },
		{ "addr=::1::", 5 },
		{ "addr=1:2:3:4:5:6:7", 5 },
		{ "addr=1:2:3:4:5:6:7:", 5 },
		{ "addr=1:2:3:4:5:6:7:8::", 5 },
		{ "addr=[::1]", 5 },
		{ "addr=fe80::1%eth0", 12 },
		{ "addr=::12345", 11 },
		{ "addr=::1/129", 9 },
		{ "addr=::1/", 9 },
		{ "addr=10.1.2.3,10.1.2", 14 },
		/* names */
		{ "family=ipv4", 7 },
		{ "family=inet,inet7", 12 },
		{ "family=2", 7 },
		{ "state=CLOSED", 6 },
		{ "state=close", 6 },
		{ "state=TCP_CLOSE", 6 },
		{ "state=CLOSE_", 6 },
		{ "state=?", 6 },
		{ "state=CLOSE,BUSY", 12 },
		{ "state=!CLOSE", 6 },
		{ "cause=-", 6 },
		{ "cause=?", 6 },
		{ "cause=RST", 6 },
		{ "cause=rcv", 6 },
		{ "cause=open,closed", 11 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		if (!CHECK(!parses(wrong[i].text))) {
			printf("# accepted: '%s'\n", wrong[i].text);
			continue;
		}
		if (!CHECK(error.at == wrong[i].at) || !CHECK(error.what && *error.what))
			printf("# '%s': %zu instead of %zu: %s\n", wrong[i].text, error.at,
			       wrong[i].at, error.what ? error.what : "(no message)");
	}
}

static void test_messages(void)
{
	static const char *const keys[] = { "port",   "lport", "rport", "addr",	 "laddr", "raddr",
					    "family", "netns", "uid",	"state", "cause" };
	unsigned int i;

	CHECK(!parses("foo=1"));
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		CHECK(strstr(error.what, keys[i]));
	CHECK(!parses("port=65536") && strstr(error.what, "65535"));
	CHECK(!parses("uid=4294967296") && strstr(error.what, "4294967295"));
	CHECK(!parses("addr=::1/129") && strstr(error.what, "128"));
	CHECK(!parses("addr=1.2.3.4/33") && strstr(error.what, "32"));
	CHECK(!parses("port=") && strstr(error.what, "value"));
	CHECK(!parses("port=80=81") && strstr(error.what, "blank"));
	CHECK(!parses("family=x") && strstr(error.what, "inet6"));
}

/* ---- limits ---- */

/* @first and then as many of @further as make it @count in all. */
static char *repeat(char *buffer, const char *first, const char *further, unsigned int count)
{
	strcpy(buffer, first);
	while (--count)
		strcat(buffer, further);
	return buffer;
}

static void test_most_terms(void)
{
	char text[TCPFSM_FILTER_LEN * 2];

	CHECK(parses(repeat(text, "uid=1000", " uid=1000", 32)));
	CHECK(filter.nr_terms == 32);
	CHECK(tcpfsm_filter_match(&filter, &event));
	/* The last one counts. */
	strcpy(strrchr(text, '='), "=1001");
	CHECK(parses(text));
	CHECK(!tcpfsm_filter_match(&filter, &event));

	CHECK(!parses(repeat(text, "uid=1000", " uid=1000", 33)));
	CHECK(error.at == 32 * strlen("uid=1000 "));
	CHECK(strstr(error.what, "32"));
	CHECK(!parses(repeat(text, "state=CLOSE", " state=CLOSE", 33)));
	CHECK(error.at == 32 * strlen("state=CLOSE "));
}

static void test_most_values(void)
{
	char text[TCPFSM_FILTER_LEN * 2];

	CHECK(parses(repeat(text, "port=1", ",1", 64)));
	CHECK(filter.nr_values == 64);
	CHECK(!tcpfsm_filter_match(&filter, &event));
	/* The last one counts. */
	strcpy(strrchr(text, ','), ",443");
	CHECK(parses(text));
	CHECK(tcpfsm_filter_match(&filter, &event));

	CHECK(!parses(repeat(text, "port=1", ",1", 65)));
	CHECK(error.at == strlen("port=") + 64 * strlen("1,"));
	CHECK(strstr(error.what, "64"));

	/* In several terms, of all kinds. */
	CHECK(parses(repeat(text, "addr=::1,::2", " uid=1,2", 32)));
	CHECK(filter.nr_values == 64);
	strcat(text, ",3");
	CHECK(!parses(text));
	CHECK(error.at == strlen(text) - 1);

	/* Names take no place. */
	strcat(repeat(text, "port=443", ",1", 64), " state=SYN_SENT,CLOSE,CLOSE");
	CHECK(parses(text));
	CHECK(tcpfsm_filter_match(&filter, &event));
}

static void test_longest(void)
{
	char text[TCPFSM_FILTER_LEN * 2];

	strcat(repeat(text, "cause=open", ",open", 203), ",rto");
	CHECK(strlen(text) == 1024);
	CHECK(parses(text));
	/* The last one counts. */
	CHECK(tcpfsm_filter_match(&filter, &event));

	strcat(text, " ");
	CHECK(!parses(text));
	CHECK(error.at == 1024);
	CHECK(strstr(error.what, "1024"));

	memset(text, ' ', sizeof(text));
	text[1024] = '\0';
	CHECK(parses(text));
	text[1024] = ' ';
	text[sizeof(text) - 1] = '\0';
	CHECK(!parses(text));
	CHECK(error.at == 1024);
}

static const struct tap_test tests[] = {
	{ "what is wrong is refused at the right place, with a message", test_errors },
	{ "the messages say what would be right", test_messages },
	{ "32 terms, not 33", test_most_terms },
	{ "64 numbers and addresses, not 65", test_most_values },
	{ "1024 characters, not 1025", test_longest },
};

int main(void)
{
	return tap_run(tests, ARRAY_SIZE(tests));
}
