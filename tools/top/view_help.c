// SPDX-License-Identifier: GPL-2.0
/*
 * view_help.c - what the keys do
 */
#include "view.h"

#include "keys.h"

/* Columns for a key and the longest text. */
#define COLUMN 42

/* Lines above the keys. */
#define HEAD_LINES 1

/* Return how many lines the keys take, in as many columns as fit. */
static int lines_of_keys(int width)
{
	int columns = width > COLUMN ? width / COLUMN : 1;

	return ((int)top_nr_keys + columns - 1) / columns;
}

/**
 * view_help_update() - do not scroll beyond the last key
 * @top: top
 * @width: columns of the screen
 * @lines: lines of the view
 */
void view_help_update(struct top *top, int width, int lines)
{
	top_scroll_back(&top->first_help, (uint32_t)lines_of_keys(width),
			(uint32_t)(lines - HEAD_LINES));
}

/**
 * view_help() - draw the table of keys, in as many columns as fit
 * @frame: frame
 * @top: top
 * @y: first line
 * @end: line behind the last one
 */
void view_help(struct frame *frame, struct top *top, int y, int end)
{
	static const char head[] = "KEYS; the mouse: screens, keys, lines, heads of columns";
	struct fsm_canvas *c = &frame->canvas;
	int all = lines_of_keys(c->width), lines = end - y - HEAD_LINES;
	int first = (int)top->first_help, i;

	fsm_canvas_printf(c, y, 0, FSM_PEN_HEAD, "%-*s", c->width, head);
	for (i = 0; i < (int)top_nr_keys; i++) {
		int line = i % all - first, x = i / all * COLUMN;

		if (line < 0 || line >= lines)
			continue;
		fsm_canvas_right(c, y + 1 + line, x, 5, FSM_PEN_KEY, top_keys[i].cap);
		fsm_canvas_text(c, y + 1 + line, x + 6, FSM_PEN_PLAIN, top_keys[i].help);
	}
	if (first + lines < all)
		fsm_canvas_text(c, end - 1, c->width - 6, FSM_PEN_NOTE, "Down…");
}
