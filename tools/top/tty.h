/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tty.h - the terminal: shows a canvas, tells which keys were pressed
 */
#ifndef TOP_TTY_H
#define TOP_TTY_H

#include "canvas.h"

/**
 * struct click - of the mouse
 * @y: line
 * @x: column
 */
struct click {
	int y;
	int x;
};

/* Besides characters and enum key_code: what tty_key() may give. */
enum tty_code {
	TTY_NOTHING = -1,
	TTY_RESIZED = -2,
	TTY_CLICKED = -3,
};

int tty_open(bool ascii, char *error, size_t size);
void tty_close(void);
void tty_size(int *width, int *height);
void tty_show(const struct canvas *canvas);
void tty_repaint(void);
int tty_key(struct click *click);

#endif /* TOP_TTY_H */
