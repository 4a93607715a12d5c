/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tap.h - run a table of tests and report them in the Test Anything Protocol
 *
 * A test is a function; it passes if none of its checks failed. Checks may come
 * from several threads.
 */
#ifndef TCPFSM_TAP_H
#define TCPFSM_TAP_H

#include <stdbool.h>
#include <stdio.h>

struct tap_test {
	const char *name;
	void (*run)(void);
};

static unsigned int tap_failures;

/* A loop that goes wrong says so a few times, not a million. */
#define TAP_MAX_MESSAGES 10

static inline bool tap_check(bool good, const char *file, int line, const char *what)
{
	if (good)
		return true;
	if (__atomic_fetch_add(&tap_failures, 1, __ATOMIC_RELAXED) < TAP_MAX_MESSAGES)
		printf("# %s:%d: failed: %s\n", file, line, what);
	return false;
}

#define CHECK(cond) tap_check((cond), __FILE__, __LINE__, #cond)

static inline int tap_run(const struct tap_test *tests, unsigned int count)
{
	unsigned int i, failed = 0;

	/* What was printed before a crash shall be seen. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..%u\n", count);
	for (i = 0; i < count; i++) {
		tap_failures = 0;
		tests[i].run();
		if (tap_failures)
			failed++;
		printf("%sok %u - %s\n", tap_failures ? "not " : "", i + 1, tests[i].name);
	}
	return failed ? 1 : 0;
}

#endif /* TCPFSM_TAP_H */
