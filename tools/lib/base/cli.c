// SPDX-License-Identifier: GPL-2.0
/*
 * cli.c - what the programs' command lines have in common
 */
#include "base/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * fsm_cli_wrong() - say that the program was called wrongly
 * @what: what is wrong, and what is accepted
 * @value: what was given instead, or ""
 *
 * Return: EXIT_USAGE.
 */
int fsm_cli_wrong(const char *what, const char *value)
{
	fprintf(stderr, "%s: %s%s (%s --help shows what there is)\n", program_invocation_short_name,
		what, value, program_invocation_short_name);
	return EXIT_USAGE;
}

/**
 * fsm_cli_wrong_at() - say where an option's value is wrong
 * @option: the option
 * @at: characters of the value before what is wrong
 * @what: what is wrong, and what is accepted
 *
 * Return: EXIT_USAGE.
 */
int fsm_cli_wrong_at(const char *option, size_t at, const char *what)
{
	fprintf(stderr, "%s: %s: at character %zu: %s\n", program_invocation_short_name, option,
		at + 1, what);
	return EXIT_USAGE;
}

/**
 * fsm_cli_printed() - make sure that all that was printed has gone out
 * @status: exit status so far
 *
 * Return: @status, or EXIT_ERROR if stdout did not take all of it.
 */
int fsm_cli_printed(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	fprintf(stderr, "%s: write error: %s\n", program_invocation_short_name, strerror(errno));
	return EXIT_ERROR;
}

/**
 * fsm_cli_count() - read a number from 1 on
 * @text: the word that was given
 * @count: set to the number
 *
 * Return: whether the word is such a number, and nothing else.
 */
bool fsm_cli_count(const char *text, uint64_t *count)
{
	char *end;

	/* strtoull() would take a sign and blanks. */
	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*count = strtoull(text, &end, 10);
	return !errno && !*end && *count > 0;
}

/**
 * fsm_cli_decimal() - read a number with or without a fraction
 * @text: the word that was given
 * @min: least
 * @max: greatest
 * @value: set to the number
 *
 * Return: whether the word is a number from @min to @max, and nothing else.
 */
bool fsm_cli_decimal(const char *text, double min, double max, double *value)
{
	char *end;

	/* strtod() would take a sign, blanks, exponents, "inf" and "nan". */
	if (!*text || strspn(text, "0123456789.") != strlen(text))
		return false;
	*value = strtod(text, &end);
	return end != text && !*end && *value >= min && *value <= max;
}

/**
 * fsm_cli_file() - return the name of one of the module's files
 * @variable: variable of the environment that names another file, for tests without a module
 * @path: name of the module's file
 */
const char *fsm_cli_file(const char *variable, const char *path)
{
	const char *other = getenv(variable);

	return other && *other ? other : path;
}
