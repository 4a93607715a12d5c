/* SPDX-License-Identifier: GPL-2.0 */
/*
 * utf8.h - JSON is UTF-8, the names of tasks are any bytes, and terminals differ
 */
#ifndef FSM_UTF8_H
#define FSM_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* U+FFFD stands for one byte that is not UTF-8. */
#define FSM_UTF8_REPLACEMENT "\xef\xbf\xbd"

bool fsm_utf8_locale(void);
size_t fsm_utf8_char(const char *s, size_t len);
char *fsm_utf8_clean(char *p, const char *s, size_t len);

#endif /* FSM_UTF8_H */
