/* SPDX-License-Identifier: GPL-2.0 */
/*
 * keys.h - what each key does: one table, for the bottom line, the help screen and the keys
 */
#ifndef TOP_KEYS_H
#define TOP_KEYS_H

#include <stddef.h>

#include "top.h"

enum key_result {
	KEY_IGNORED,
	KEY_CHANGED,
	KEY_REPAINT,
	KEY_QUIT
};

/**
 * struct key - a key
 * @code: character, or enum tty_code
 * @other: another one that does the same, 0: none
 * @cap: what is printed on it
 * @label: what it does, in a word for the bottom line; NULL: not there
 * @help: what it does
 * @screens: a bit for each screen that it does something on
 * @press: do it
 * @arg: for @press
 */
struct key {
	int code;
	int other;
	const char *cap;
	const char *label;
	const char *help;
	unsigned int screens;
	enum key_result (*press)(struct top *top, int arg);
	int arg;
};

extern const struct key keys[];
extern const size_t nr_keys;

enum key_result key_press(struct top *top, int code);
enum key_result key_choose_line(struct top *top, uint32_t line);
enum key_result key_sort_by(struct top *top, enum sort sort);

#endif /* TOP_KEYS_H */
