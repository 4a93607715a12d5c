// SPDX-License-Identifier: GPL-2.0
/*
 * view_help.c - what the keys do
 */
#include "view.h"

#include "keys.h"

/* What fits the longest text. */
#define COLUMN 42

/**
 * view_help() - the table of keys, in as many columns as fit
 * @frame: frame
 * @top: top
 * @y: first line
 * @end: line behind the last one
 */
void view_help(struct frame *frame, struct top *top, int y, int end)
{
	static const char head[] = "KEYS; the mouse: screens, keys, lines, heads of columns";
	struct fsm_canvas *c = &frame->canvas;
	int columns = c->width > COLUMN ? c->width / COLUMN : 1;
	int all = ((int)nr_keys + columns - 1) / columns, lines = end - y - 1, first, i;

	if (top->first_help + (uint32_t)lines > (uint32_t)all)
		top->first_help = all > lines ? (uint32_t)(all - lines) : 0;
	first = (int)top->first_help;
	fsm_canvas_printf(c, y, 0, FSM_PEN_HEAD, "%-*s", c->width, head);
	for (i = 0; i < (int)nr_keys; i++) {
		int line = i % all - first, x = i / all * COLUMN;

		if (line < 0 || line >= lines)
			continue;
		fsm_canvas_right(c, y + 1 + line, x, 5, FSM_PEN_KEY, keys[i].cap);
		fsm_canvas_text(c, y + 1 + line, x + 6, FSM_PEN_PLAIN, keys[i].help);
	}
	if (first + lines < all)
		fsm_canvas_text(c, end - 1, c->width - 6, FSM_PEN_NOTE, "Down…");
}
