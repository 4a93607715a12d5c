// SPDX-License-Identifier: GPL-2.0
/*
 * utf8_test.c - tests of base/utf8.c
 */
#include <stdint.h>

#include "base/utf8.h"
#include "tap.h"

/* Encode every character, which is another way than that of the code. */
static size_t encode(uint32_t c, char *s)
{
	if (c < 0x80) {
		s[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		s[0] = (char)(0xc0 | c >> 6);
		s[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		s[0] = (char)(0xe0 | c >> 12);
		s[1] = (char)(0x80 | (c >> 6 & 0x3f));
		s[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	s[0] = (char)(0xf0 | c >> 18);
	s[1] = (char)(0x80 | (c >> 12 & 0x3f));
	s[2] = (char)(0x80 | (c >> 6 & 0x3f));
	s[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static void test_utf8_valid(void)
{
	char s[4];
	uint32_t c;

	for (c = 0; c < 0x1fffff; c++) {
		size_t n = encode(c, s);
		bool valid = c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);

		check(fsm_utf8_char(s, 4) == (valid ? n : 0));
		check(n == 1 || fsm_utf8_char(s, n - 1) == 0);
	}
}

static void test_utf8_clean(void)
{
	char got[64];

	check(same_text(got, fsm_utf8_clean(got, "a\xc3\xa9z", 4), "a\xc3\xa9z"));
	check(same_text(got, fsm_utf8_clean(got, "a\xc3z", 3), "a\xef\xbf\xbdz"));
	check(same_text(got, fsm_utf8_clean(got, "\xc3", 1), "\xef\xbf\xbd"));
	check(same_text(got, fsm_utf8_clean(got, "", 0), ""));
}

int main(void)
{
	tap_test(test_utf8_valid, "UTF-8: every character, and nothing else");
	tap_test(test_utf8_clean, "UTF-8: what is not is replaced");
	return tap_failed_tests ? 1 : 0;
}
