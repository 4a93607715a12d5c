// SPDX-License-Identifier: GPL-2.0
/*
 * grid.c - a drawing of characters, each with a pen
 */
#include "out/grid.h"

#include <stdlib.h>
#include <string.h>

/**
 * fsm_grid_init() - an empty drawing
 * @grid: filled in
 * @width: columns, at most FSM_GRID_WIDTH_MAX
 */
void fsm_grid_init(struct fsm_grid *grid, size_t width)
{
	memset(grid, 0, sizeof(*grid));
	grid->width = width < FSM_GRID_WIDTH_MAX ? width : FSM_GRID_WIDTH_MAX;
}

void fsm_grid_free(struct fsm_grid *grid)
{
	free(grid->cells);
	memset(grid, 0, sizeof(*grid));
}

static bool make_room(struct fsm_grid *grid)
{
	size_t size = grid->size ? 2 * grid->size : 32;
	struct fsm_cell *cells;

	if (grid->nr_lines < grid->size)
		return true;
	cells = realloc(grid->cells, size * grid->width * sizeof(*cells));
	if (!cells)
		return false;
	grid->cells = cells;
	grid->size = size;
	return true;
}

/**
 * fsm_grid_line() - begin a further line, which is blank
 * @grid: drawing
 *
 * What is drawn next goes there.
 */
void fsm_grid_line(struct fsm_grid *grid)
{
	if (!make_room(grid)) {
		grid->no_memory = true;
		return;
	}
	grid->nr_lines++;
	fsm_grid_fill(grid, 0, grid->width, ' ', FSM_PEN_PLAIN);
}

/**
 * fsm_grid_fill() - the same in several columns of the last line
 * @grid: drawing
 * @from: first column
 * @to: column behind the last one
 * @glyph: printable character of ASCII, or enum fsm_glyph
 * @pen: pen
 *
 * What is beyond the last column is cut off.
 */
void fsm_grid_fill(struct fsm_grid *grid, size_t from, size_t to, unsigned int glyph,
		   enum fsm_pen pen)
{
	struct fsm_cell *cells;

	if (!grid->nr_lines)
		return;
	cells = grid->cells + (grid->nr_lines - 1) * grid->width;
	for (; from < to && from < grid->width; from++)
		cells[from] = (struct fsm_cell){ (uint8_t)glyph, (uint8_t)pen };
}

/**
 * fsm_grid_put() - text in the last line
 * @grid: drawing
 * @column: where it begins
 * @text: printable characters of ASCII; others become a question mark
 * @len: how many
 * @pen: pen
 */
void fsm_grid_put(struct fsm_grid *grid, size_t column, const char *text, size_t len,
		  enum fsm_pen pen)
{
	size_t i;

	for (i = 0; i < len; i++) {
		char c = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';

		fsm_grid_fill(grid, column + i, column + i + 1, (unsigned char)c, pen);
	}
}

static char *put_glyph(char *p, unsigned int glyph, bool utf8)
{
	static const char *const glyphs[][2] = {
		[FSM_GLYPH_BAR - FSM_GLYPH_BAR] = { "|", "\u2502" },
		[FSM_GLYPH_LINE - FSM_GLYPH_BAR] = { "-", "\u2500" },
		[FSM_GLYPH_DOUBLE - FSM_GLYPH_BAR] = { "=", "\u2550" },
		[FSM_GLYPH_RIGHT - FSM_GLYPH_BAR] = { ">", "\u25b6" },
		[FSM_GLYPH_LEFT - FSM_GLYPH_BAR] = { "<", "\u25c0" },
	};

	if (glyph < FSM_GLYPH_BAR) {
		*p++ = (char)glyph;
		return p;
	}
	return stpcpy(p, glyphs[glyph - FSM_GLYPH_BAR][utf8]);
}

/* Blanks at the end of a line are not shown. */
static size_t end_of_line(const struct fsm_grid *grid, const struct fsm_cell *cells)
{
	size_t end = grid->width;

	while (end && cells[end - 1].glyph == ' ')
		end--;
	return end;
}

/**
 * fsm_grid_run() - the next piece of a line that is of one pen
 * @grid: drawing
 * @line: line, from 0
 * @column: where the piece begins
 * @utf8: lines and arrows as Unicode has them, else as ASCII can show them
 * @text: room for FSM_GRID_RUN_MAX bytes; gets the piece and a NUL
 * @pen: its pen
 *
 * Return: its columns; 0 at the end of the line.
 */
size_t fsm_grid_run(const struct fsm_grid *grid, size_t line, size_t column, bool utf8, char *text,
		    enum fsm_pen *pen)
{
	const struct fsm_cell *cells = grid->cells + line * grid->width;
	size_t end = end_of_line(grid, cells);
	size_t i = column;

	*pen = column < end ? cells[column].pen : FSM_PEN_PLAIN;
	for (; i < end && cells[i].pen == *pen; i++)
		text = put_glyph(text, cells[i].glyph, utf8);
	*text = '\0';
	return i - column;
}
