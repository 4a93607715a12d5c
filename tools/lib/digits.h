/* SPDX-License-Identifier: GPL-2.0 */
/*
 * digits.h - numbers as text, for the printers' inner loop
 *
 * Every function writes at @p, without a NUL, and returns the end of what it
 * wrote. printf() does the same at a tenth of the speed, and a replay of
 * millions of events does little else.
 */
#ifndef FSM_DIGITS_H
#define FSM_DIGITS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FSM_DIGITS_MAX 20 /* of a 64-bit number */

static inline char *fsm_put(char *p, const char *s, size_t len)
{
	memcpy(p, s, len);
	return p + len;
}

static inline char *fsm_puts(char *p, const char *s)
{
	return fsm_put(p, s, strlen(s));
}

/* Blanks from @p on, until @width columns are filled that begin at @start. */
static inline char *fsm_pad(char *p, const char *start, size_t width)
{
	while ((size_t)(p - start) < width)
		*p++ = ' ';
	return p;
}

/* @len bytes at @s, right-aligned in @width columns. */
static inline char *fsm_put_right(char *p, const char *s, size_t len, size_t width)
{
	for (; width > len; width--)
		*p++ = ' ';
	return fsm_put(p, s, len);
}

static inline char *fsm_put_u64(char *p, uint64_t v)
{
	char digits[FSM_DIGITS_MAX];
	char *d = digits + sizeof(digits);

	do {
		*--d = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	return fsm_put(p, d, (size_t)(digits + sizeof(digits) - d));
}

static inline char *fsm_put_u64_right(char *p, uint64_t v, size_t width)
{
	char digits[FSM_DIGITS_MAX];
	char *end = fsm_put_u64(digits, v);

	return fsm_put_right(p, digits, (size_t)(end - digits), width);
}

static inline char *fsm_put_s64(char *p, int64_t v)
{
	if (v >= 0)
		return fsm_put_u64(p, (uint64_t)v);
	*p++ = '-';
	return fsm_put_u64(p, -(uint64_t)v);
}

static inline char *fsm_put_hex(char *p, uint64_t v)
{
	char digits[16];
	char *d = digits + sizeof(digits);

	do {
		*--d = "0123456789abcdef"[v & 15];
		v >>= 4;
	} while (v);
	return fsm_put(p, d, (size_t)(digits + sizeof(digits) - d));
}

/* The fraction of a second: always nine digits. */
static inline char *fsm_put_ns(char *p, uint32_t ns)
{
	int i;

	for (i = 8; i >= 0; i--) {
		p[i] = (char)('0' + ns % 10);
		ns /= 10;
	}
	return p + 9;
}

/* Seconds, right-aligned in @width columns, and nine decimals. */
static inline char *fsm_put_seconds(char *p, uint64_t ns, size_t width)
{
	p = fsm_put_u64_right(p, ns / 1000000000, width);
	*p++ = '.';
	return fsm_put_ns(p, (uint32_t)(ns % 1000000000));
}

#endif /* FSM_DIGITS_H */
