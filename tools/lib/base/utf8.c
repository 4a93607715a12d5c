// SPDX-License-Identifier: GPL-2.0
/*
 * utf8.c - find bytes that are not UTF-8, and terminals that do not show it
 */
#include "base/utf8.h"

#include <langinfo.h>
#include <locale.h>
#include <stdint.h>
#include <string.h>

#include "base/digits.h"

/**
 * fsm_utf8_locale() - return whether the user's locale has UTF-8
 *
 * The function sets LC_CTYPE as the environment wants it.
 */
bool fsm_utf8_locale(void)
{
	return setlocale(LC_CTYPE, "") && !strcmp(nl_langinfo(CODESET), "UTF-8");
}

/**
 * fsm_utf8_char() - return the length of the character that starts at @s, 0 if none does
 * @s: bytes
 * @len: how many there are, at least 1
 *
 * RFC 3629 knows no surrogates, no longer forms than needed and nothing above U+10FFFF.
 */
size_t fsm_utf8_char(const char *s, size_t len)
{
	static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)s[0];
	uint32_t c;
	size_t n, i;

	if (first < 0x80)
		return 1;
	if (first >= 0xc0 && first < 0xe0)
		n = 2;
	else if (first >= 0xe0 && first < 0xf0)
		n = 3;
	else if (first >= 0xf0 && first < 0xf8)
		n = 4;
	else
		return 0;
	if (n > len)
		return 0;

	c = first & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	}
	if (c < lowest[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return n;
}

/**
 * fsm_utf8_clean() - copy a text, and replace each byte that is not UTF-8
 * @p: room for 3 * @len bytes
 * @s: bytes
 * @len: how many
 *
 * Return: end of what was written.
 */
char *fsm_utf8_clean(char *p, const char *s, size_t len)
{
	size_t i = 0;

	while (i < len) {
		size_t n = fsm_utf8_char(s + i, len - i);

		p = n ? fsm_put(p, s + i, n) : fsm_puts(p, FSM_UTF8_REPLACEMENT);
		i += n ? n : 1;
	}
	return p;
}
