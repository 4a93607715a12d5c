/* SPDX-License-Identifier: GPL-2.0 */
/*
 * digits.h - numbers as text, for the printers' inner loop
 *
 * Every function writes at @p, without a NUL, and returns the end of what it
 * wrote. printf() does the same at a tenth of the speed, and the replay of
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

/* Write blanks from @p on, until @width columns are filled that begin at @start. */
static inline char *fsm_pad(char *p, const char *start, size_t width)
{
	while ((size_t)(p - start) < width)
		*p++ = ' ';
	return p;
}

/* Write @len bytes at @s, right-aligned in @width columns. */
static inline char *fsm_put_right(char *p, const char *s, size_t len, size_t width)
{
	for (; width > len; width--)
		*p++ = ' ';
	return fsm_put(p, s, len);
}

#define FSM_PAIRS \
	"00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"

/* Write two digits at a time: half as many divisions are needed. */
static inline void fsm_pair(char *p, unsigned int below_100)
{
	memcpy(p, &FSM_PAIRS[2 * below_100], 2);
}

/* Write a number below 256. */
static inline char *fsm_put_byte(char *p, unsigned int v)
{
	if (v >= 100) {
		*p++ = (char)('0' + v / 100);
		v %= 100;
	} else if (v < 10) {
		*p = (char)('0' + v);
		return p + 1;
	}
	fsm_pair(p, v);
	return p + 2;
}

/* Return how many digits a number has. */
static inline unsigned int fsm_digits(uint64_t v)
{
	unsigned int n = 1;

	for (; v >= 10000; v /= 10000)
		n += 4;
	return n + (v >= 10) + (v >= 100) + (v >= 1000);
}

/* Write from the last digit to the first, which ends the text at @end. */
static inline void fsm_put_u64_before(char *end, uint64_t v)
{
	for (; v >= 100; v /= 100)
		fsm_pair(end -= 2, (unsigned int)(v % 100));
	if (v >= 10)
		fsm_pair(end - 2, (unsigned int)v);
	else
		end[-1] = (char)('0' + v);
}

static inline char *fsm_put_u64(char *p, uint64_t v)
{
	char *end = p + fsm_digits(v);

	fsm_put_u64_before(end, v);
	return end;
}

/*
 * Blanks are written so many at a time: one by one, or with memset(), it takes longer. There
 * has to be room for those that are too many; the next text overwrites them.
 */
#define FSM_BLANKS 16

static inline char *fsm_blanks(char *p, size_t n)
{
	char *end = p + n;

	for (; p < end; p += FSM_BLANKS)
		memcpy(p, "                ", FSM_BLANKS);
	return end;
}

/* Write a number right-aligned. There has to be room for FSM_BLANKS more than @width. */
static inline char *fsm_put_u64_right(char *p, uint64_t v, size_t width)
{
	static const uint64_t powers[] = {
		1,	 10,	   100,	      1000,	  10000,       100000,
		1000000, 10000000, 100000000, 1000000000, 10000000000,
	};
	size_t digits;

	/* If the number fits, as nearly always, the number of its digits need not be known. */
	if (width > 1 && width < sizeof(powers) / sizeof(powers[0]) && v < powers[width]) {
		p = fsm_blanks(p, width);
		fsm_put_u64_before(p, v);
		return p;
	}
	digits = fsm_digits(v);
	if (digits < width)
		p = fsm_blanks(p, width - digits);
	return fsm_put_u64(p, v);
}

static inline char *fsm_put_s64(char *p, int64_t v)
{
	if (v >= 0)
		return fsm_put_u64(p, (uint64_t)v);
	*p++ = '-';
	return fsm_put_u64(p, -(uint64_t)v);
}

static inline unsigned int fsm_hex_digits(uint64_t v)
{
	return (67 - (unsigned int)__builtin_clzll(v | 1)) / 4;
}

static inline char *fsm_put_hex(char *p, uint64_t v)
{
	char *end = p + fsm_hex_digits(v);
	char *d;

	for (d = end; d > p; v >>= 4)
		*--d = "0123456789abcdef"[v & 15];
	return end;
}

/* Write the fraction of a second, which always has nine digits. */
static inline char *fsm_put_ns(char *p, uint32_t ns)
{
	int i;

	for (i = 7; i > 0; i -= 2) {
		fsm_pair(p + i, ns % 100);
		ns /= 100;
	}
	*p = (char)('0' + ns);
	return p + 9;
}

/* Write seconds, right-aligned in @width columns, with nine decimals. */
static inline char *fsm_put_seconds(char *p, uint64_t ns, size_t width)
{
	p = fsm_put_u64_right(p, ns / 1000000000, width);
	*p++ = '.';
	return fsm_put_ns(p, (uint32_t)(ns % 1000000000));
}

#endif /* FSM_DIGITS_H */
