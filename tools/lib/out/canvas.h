/* SPDX-License-Identifier: GPL-2.0 */
/*
 * canvas.h - a drawing of characters, each with a pen
 *
 * A terminal, curses or a file shows it, line by line or in runs of one pen. The glyphs are
 * Unicode, and become UTF-8 or ASCII only then.
 */
#ifndef FSM_CANVAS_H
#define FSM_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "out/pen.h"

/**
 * struct fsm_cell - a character
 * @glyph: Unicode, one column wide
 * @pen: enum fsm_pen
 */
struct fsm_cell {
	uint16_t glyph;
	uint8_t pen;
};

/**
 * struct fsm_canvas - a drawing
 * @width: columns
 * @height: lines
 * @cells: line after line
 * @size: lines that there is room for
 * @no_memory: a line could not be added
 */
struct fsm_canvas {
	int width;
	int height;
	struct fsm_cell *cells;
	int size;
	bool no_memory;
};

#define FSM_CANVAS_WIDTH_MAX 300

/* Glyphs that drawings are made of. */
enum fsm_glyph {
	FSM_GLYPH_BAR = 0x2502,
	FSM_GLYPH_LINE = 0x2500,
	FSM_GLYPH_DOUBLE = 0x2550,
	FSM_GLYPH_RIGHT = 0x25b6, /* arrow heads */
	FSM_GLYPH_LEFT = 0x25c0,
};

/* Bytes that a line may have as text, with its NUL; a glyph has three at most. */
#define FSM_CANVAS_TEXT_MAX(canvas) (3 * (size_t)(canvas)->width + 1)

/* Bytes that a run of one pen may have, with its NUL. */
#define FSM_CANVAS_RUN_MAX (3 * FSM_CANVAS_WIDTH_MAX + 1)

int fsm_canvas_resize(struct fsm_canvas *canvas, int width, int height);
void fsm_canvas_begin(struct fsm_canvas *canvas, int width);
void fsm_canvas_add_line(struct fsm_canvas *canvas);
void fsm_canvas_free(struct fsm_canvas *canvas);
void fsm_canvas_clear(struct fsm_canvas *canvas);
void fsm_canvas_put(struct fsm_canvas *canvas, int y, int x, unsigned int glyph, enum fsm_pen pen);
void fsm_canvas_fill(struct fsm_canvas *canvas, int y, int from, int to, unsigned int glyph,
		     enum fsm_pen pen);
void fsm_canvas_put_text(struct fsm_canvas *canvas, int y, int x, const char *text, size_t len,
			 enum fsm_pen pen);
int fsm_canvas_text(struct fsm_canvas *canvas, int y, int x, enum fsm_pen pen, const char *text);
int fsm_canvas_right(struct fsm_canvas *canvas, int y, int x, int width, enum fsm_pen pen,
		     const char *text);
__attribute__((format(printf, 5, 6))) int fsm_canvas_printf(struct fsm_canvas *canvas, int y, int x,
							    enum fsm_pen pen, const char *format,
							    ...);
void fsm_canvas_repen(struct fsm_canvas *canvas, int y, int x, int width, enum fsm_pen pen);
void fsm_canvas_bar(struct fsm_canvas *canvas, int y, int x, int width, enum fsm_pen pen,
		    double share);
void fsm_canvas_spark(struct fsm_canvas *canvas, int y, int x, int width, enum fsm_pen pen,
		      const uint32_t *values);
unsigned int fsm_canvas_ascii(unsigned int glyph);
int fsm_canvas_run(const struct fsm_canvas *canvas, int y, int x, bool ascii, char *text,
		   enum fsm_pen *pen);
size_t fsm_canvas_line(const struct fsm_canvas *canvas, int y, bool ascii, char *text);

#endif /* FSM_CANVAS_H */
