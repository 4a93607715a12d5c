/* SPDX-License-Identifier: GPL-2.0 */
/*
 * canvas.h - a screen of characters, before anybody decides how they get to a terminal
 */
#ifndef TOP_CANVAS_H
#define TOP_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * enum ink - what a character is; in which colour is up to who shows it
 * @INK_PLAIN: nothing special
 * @INK_DIM: may be overlooked
 * @INK_TITLE: a heading
 * @INK_HEAD: head of a table
 * @INK_SORT: the column that a table is sorted by
 * @INK_OPEN: states before a connection is established
 * @INK_UP: established
 * @INK_DOWN: states of those that close first
 * @INK_PEER: states of those that close second
 * @INK_CAUSE: a cause
 * @INK_BAD: what nobody wishes
 * @INK_HOT: just now
 * @INK_KEY: a key that may be pressed
 * @INK_LABEL: what it does
 * @INK_CHOSEN: the line that the cursor is on
 * @INK_NOTE: something the user has to know
 * @INK_SEGMENT: a segment of TCP
 */
enum ink {
	INK_PLAIN,
	INK_DIM,
	INK_TITLE,
	INK_HEAD,
	INK_SORT,
	INK_OPEN,
	INK_UP,
	INK_DOWN,
	INK_PEER,
	INK_CAUSE,
	INK_BAD,
	INK_HOT,
	INK_KEY,
	INK_LABEL,
	INK_CHOSEN,
	INK_NOTE,
	INK_SEGMENT,
	NR_INKS
};

/**
 * struct cell - a character
 * @glyph: Unicode; all that are drawn here are one column wide
 * @ink: enum ink
 */
struct cell {
	uint16_t glyph;
	uint8_t ink;
};

/**
 * struct canvas - a screen
 * @width: columns
 * @height: lines
 * @cells: line after line
 */
struct canvas {
	int width;
	int height;
	struct cell *cells;
};

/* Bytes that a line may have as text, with its NUL. */
#define CANVAS_TEXT_MAX(canvas) (3 * (size_t)(canvas)->width + 1)

int canvas_resize(struct canvas *canvas, int width, int height);
void canvas_free(struct canvas *canvas);
void canvas_clear(struct canvas *canvas);
void canvas_put(struct canvas *canvas, int y, int x, unsigned int glyph, enum ink ink);
int canvas_text(struct canvas *canvas, int y, int x, enum ink ink, const char *text);
int canvas_right(struct canvas *canvas, int y, int x, int width, enum ink ink, const char *text);
__attribute__((format(printf, 5, 6))) int canvas_printf(struct canvas *canvas, int y, int x,
							enum ink ink, const char *format, ...);
void canvas_ink(struct canvas *canvas, int y, int x, int width, enum ink ink);
void canvas_bar(struct canvas *canvas, int y, int x, int width, enum ink ink, double share);
void canvas_spark(struct canvas *canvas, int y, int x, int width, enum ink ink,
		  const uint32_t *values);
unsigned int canvas_ascii(unsigned int glyph);
size_t canvas_line(const struct canvas *canvas, int y, bool ascii, char *text);

#endif /* TOP_CANVAS_H */
