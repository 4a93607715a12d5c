/* SPDX-License-Identifier: GPL-2.0 */
/*
 * keys.h - what each key does, in one table for the bottom line, the help and the keys
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
 * struct top_key - a key
 * @code: character, or enum tty_code
 * @other: another key that does the same, 0: none
 * @cap: name of the key
 * @label: what it does, in a word for the bottom line; NULL: it is not there
 * @help: what it does
 * @views: a bit for each view that it does something on
 * @press: does it
 * @arg: for @press
 */
struct top_key {
	int code;
	int other;
	const char *cap;
	const char *label;
	const char *help;
	unsigned int views;
	enum key_result (*press)(struct top *top, int arg);
	int arg;
};

extern const struct top_key top_keys[];
extern const size_t top_nr_keys;

enum key_result keys_press(struct top *top, int code);
enum key_result keys_choose_line(struct top *top, uint32_t line);
enum key_result keys_sort_by(struct top *top, enum top_sort sort);

#endif /* TOP_KEYS_H */
