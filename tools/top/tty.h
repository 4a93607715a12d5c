/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tty.h - the terminal: shows a canvas, reads the keys
 */
#ifndef TOP_TTY_H
#define TOP_TTY_H

#include "out/canvas.h"

/**
 * struct click - a click of the mouse
 * @y: line
 * @x: column
 */
struct click {
	int y;
	int x;
};

/* What tty_key() may return besides characters. */
enum tty_code {
	TTY_NOTHING = -1,
	TTY_RESIZED = -2,
	TTY_CLICKED = -3,
	TTY_UP = 0x10000,
	TTY_DOWN,
	TTY_LEFT,
	TTY_RIGHT,
	TTY_PAGE_UP,
	TTY_PAGE_DOWN,
	TTY_HOME,
	TTY_END,
	TTY_F1,
	TTY_F10,
	TTY_BACKSPACE = 0x7f,
	TTY_ENTER = '\n',
	TTY_ESC = 0x1b,
	TTY_REDRAW = 'L' & 0x1f,
	TTY_ERASE_LINE = 'U' & 0x1f,
};

int tty_open(bool ascii, int min_width, int min_height, char *error, size_t size);
void tty_close(void);
void tty_size(int *width, int *height);
void tty_show(const struct fsm_canvas *canvas);
void tty_repaint(void);
int tty_key(struct click *click);

#endif /* TOP_TTY_H */
