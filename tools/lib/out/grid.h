/* SPDX-License-Identifier: GPL-2.0 */
/*
 * grid.h - a drawing of characters, each with a pen
 *
 * Whoever shows it takes it line by line, in runs of one pen: a terminal, curses, a
 * file. Lines and arrow heads are glyphs, which become UTF-8 or ASCII only then.
 */
#ifndef FSM_GRID_H
#define FSM_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "out/pen.h"

#define FSM_GRID_WIDTH_MAX 300

/* Bytes of the longest run, with its NUL: a glyph has three at most. */
#define FSM_GRID_RUN_MAX (3 * FSM_GRID_WIDTH_MAX + 1)

/* Glyphs besides the printable characters of ASCII, which are their own. */
enum fsm_glyph {
	FSM_GLYPH_BAR = 128, /* vertical line */
	FSM_GLYPH_LINE,	     /* horizontal line */
	FSM_GLYPH_DOUBLE,    /* double horizontal line */
	FSM_GLYPH_RIGHT,     /* arrow heads */
	FSM_GLYPH_LEFT,
	FSM_GLYPH_END
};

struct fsm_cell {
	uint8_t glyph;
	uint8_t pen;
};

/**
 * struct fsm_grid - a drawing
 * @width: columns
 * @nr_lines: lines
 * @cells: @nr_lines * @width of them
 * @size: lines that there is room for
 * @no_memory: there was none for all of it
 */
struct fsm_grid {
	size_t width;
	size_t nr_lines;
	struct fsm_cell *cells;
	size_t size;
	bool no_memory;
};

void fsm_grid_init(struct fsm_grid *grid, size_t width);
void fsm_grid_free(struct fsm_grid *grid);
void fsm_grid_line(struct fsm_grid *grid);
void fsm_grid_fill(struct fsm_grid *grid, size_t from, size_t to, unsigned int glyph,
		   enum fsm_pen pen);
void fsm_grid_put(struct fsm_grid *grid, size_t column, const char *text, size_t len,
		  enum fsm_pen pen);
size_t fsm_grid_run(const struct fsm_grid *grid, size_t line, size_t column, bool utf8, char *text,
		    enum fsm_pen *pen);

#endif /* FSM_GRID_H */
