/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tap.h - results in the Test Anything Protocol, without a plan: the script that runs
 * the programs numbers and counts them
 */
#ifndef FSM_TAP_H
#define FSM_TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A test that fails in a loop has said enough by then. */
#define TAP_NOTES_MAX 10

static int tap_failed_tests;
static int tap_failed_checks;

#define tap_note(...)                \
	do {                         \
		printf("# ");        \
		printf(__VA_ARGS__); \
		putchar('\n');       \
	} while (0)

static inline bool tap_check(bool ok, const char *what, const char *file, int line)
{
	if (!ok && tap_failed_checks++ < TAP_NOTES_MAX)
		tap_note("%s:%d: %s", file, line, what);
	return ok;
}

/* Return whether the condition holds; if not, the test that it is in has failed. */
#define check(condition) tap_check((condition), #condition, __FILE__, __LINE__)

/* Return whether a text, which ends at @end without a NUL, is the wanted one. */
static inline bool same_text(const char *start, const char *end, const char *wanted)
{
	size_t len = (size_t)(end - start);

	if (len == strlen(wanted) && !memcmp(start, wanted, len))
		return true;
	tap_note("got \"%.*s\", wanted \"%s\"", (int)len, start, wanted);
	return false;
}

static inline void tap_test(void (*test)(void), const char *name)
{
	tap_failed_checks = 0;
	test();
	printf("%s - %s\n", tap_failed_checks ? "not ok" : "ok", name);
	/* A crash in the next test must not take this result along. */
	fflush(stdout);
	tap_failed_tests += tap_failed_checks != 0;
}

#endif /* FSM_TAP_H */
