// SPDX-License-Identifier: GPL-2.0
/*
 * tty.c - the terminal: shows a canvas, reads the keys
 *
 * ncurses sends the terminal only the changes since the last canvas, so that nothing flickers.
 */
#define NCURSES_WIDECHAR 1

#include "tty.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "base/utf8.h"

/* These come last, for they define words like "lines". */
#include <ncurses.h>
#include <term.h>

static struct screen *screen;
static bool in_ascii;
static attr_t looks[FSM_NR_PENS];
static short pairs[FSM_NR_PENS];

/* How a pen looks with colours (-1: the terminal's own), and without. */
static const struct {
	short colour;
	short ground;
	attr_t attr;
	attr_t mono;
} pens[FSM_NR_PENS] = {
	[FSM_PEN_PLAIN] = { -1, -1, A_NORMAL, A_NORMAL },
	[FSM_PEN_DIM] = { -1, -1, A_DIM, A_DIM },
	[FSM_PEN_TITLE] = { -1, -1, A_BOLD, A_BOLD },
	[FSM_PEN_HEAD] = { COLOR_BLACK, COLOR_GREEN, A_NORMAL, A_REVERSE },
	[FSM_PEN_SORT] = { COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_REVERSE | A_BOLD },
	[FSM_PEN_OPEN] = { COLOR_YELLOW, -1, A_NORMAL, A_NORMAL },
	[FSM_PEN_UP] = { COLOR_GREEN, -1, A_NORMAL, A_NORMAL },
	[FSM_PEN_DOWN] = { COLOR_BLUE, -1, A_BOLD, A_NORMAL },
	[FSM_PEN_PEER] = { COLOR_MAGENTA, -1, A_NORMAL, A_NORMAL },
	[FSM_PEN_CAUSE] = { COLOR_CYAN, -1, A_NORMAL, A_NORMAL },
	[FSM_PEN_BAD] = { COLOR_RED, -1, A_BOLD, A_BOLD },
	[FSM_PEN_HOT] = { COLOR_YELLOW, -1, A_BOLD, A_BOLD },
	[FSM_PEN_KEY] = { -1, -1, A_BOLD, A_BOLD },
	[FSM_PEN_LABEL] = { COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_REVERSE },
	[FSM_PEN_CHOSEN] = { COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_REVERSE },
	[FSM_PEN_NOTE] = { COLOR_YELLOW, -1, A_BOLD, A_BOLD },
	[FSM_PEN_STATE] = { -1, -1, A_BOLD, A_BOLD },
	[FSM_PEN_DATA] = { COLOR_BLUE, -1, A_BOLD, A_NORMAL },
	[FSM_PEN_SEGMENT] = { COLOR_GREEN, -1, A_NORMAL, A_NORMAL },
};

/* NO_COLOR may have any value but an empty one (no-color.org). */
static bool wants_colour(void)
{
	const char *no_color = getenv("NO_COLOR");

	return !(no_color && *no_color);
}

static void mix_pens(void)
{
	bool colour = has_colors() && wants_colour() && start_color() != ERR;
	int i;

	if (colour)
		use_default_colors();
	for (i = 0; i < FSM_NR_PENS; i++) {
		looks[i] = colour ? pens[i].attr : pens[i].mono;
		pairs[i] = 0;
		if (!colour || (pens[i].colour < 0 && pens[i].ground < 0))
			continue;
		pairs[i] = (short)(i + 1);
		init_pair(pairs[i], pens[i].colour, pens[i].ground);
	}
}

static int check(int min_width, int min_height, char *error, size_t size)
{
	const char *term = getenv("TERM");
	int status;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		snprintf(error, size, "this is no terminal: -b prints text");
		return -1;
	}
	if (!term || !*term || setupterm(NULL, STDOUT_FILENO, &status) == ERR || !cursor_address ||
	    !clear_screen) {
		snprintf(error, size, "a terminal of type '%s' shows no screen: -b prints text",
			 term ? term : "");
		return -1;
	}
	if (lines < min_height || columns < min_width) {
		snprintf(error, size, "the terminal is too small: %dx%d, at least %dx%d are needed",
			 (int)columns, (int)lines, min_width, min_height);
		return -1;
	}
	return 0;
}

/**
 * tty_open() - take the terminal
 * @ascii: it has no other characters, whatever the locale says
 * @min_width: columns that it needs
 * @min_height: lines that it needs
 * @error: set to one line that says what is wrong
 * @size: bytes at @error
 *
 * Return: 0 or -1.
 */
int tty_open(bool ascii, int min_width, int min_height, char *error, size_t size)
{
	if (check(min_width, min_height, error, size))
		return -1;
	in_ascii = ascii || !fsm_utf8_locale();
	/* setupterm() was for the check only. */
	del_curterm(cur_term);
	screen = newterm(NULL, stdout, stdin);
	if (!screen) {
		snprintf(error, size, "the terminal cannot be used");
		return -1;
	}
	mix_pens();
	cbreak();
	noecho();
	nonl();
	curs_set(0);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(25);
	mousemask(BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	mouseinterval(0);
	return 0;
}

void tty_close(void)
{
	endwin();
	delscreen(screen);
}

void tty_size(int *width, int *height)
{
	getmaxyx(stdscr, *height, *width);
}

/**
 * tty_show() - let the terminal look like a canvas
 * @canvas: canvas of the terminal's size
 */
void tty_show(const struct fsm_canvas *canvas)
{
	const struct fsm_cell *cell = canvas->cells;
	wchar_t text[2] = L"";
	cchar_t glyph;
	int y, x;

	for (y = 0; y < canvas->height; y++) {
		move(y, 0);
		for (x = 0; x < canvas->width; x++, cell++) {
			text[0] = (wchar_t)(in_ascii ? fsm_canvas_ascii(cell->glyph) : cell->glyph);
			setcchar(&glyph, text, looks[cell->pen], pairs[cell->pen], NULL);
			add_wch(&glyph);
		}
	}
	refresh();
}

void tty_repaint(void)
{
	clearok(curscr, TRUE);
}

static int mouse(struct click *click)
{
	MEVENT event;

	if (getmouse(&event) != OK)
		return TTY_NOTHING;
	if (event.bstate & BUTTON4_PRESSED)
		return TTY_UP;
	if (event.bstate & BUTTON5_PRESSED)
		return TTY_DOWN;
	click->y = event.y;
	click->x = event.x;
	return TTY_CLICKED;
}

/**
 * tty_key() - return the next key that was pressed
 * @click: set to where the mouse was, if that is TTY_CLICKED
 *
 * The function never waits.
 *
 * Return: a character or enum tty_code.
 */
int tty_key(struct click *click)
{
	static const struct {
		int curses;
		int code;
	} codes[] = {
		{ KEY_UP, TTY_UP },	     { KEY_DOWN, TTY_DOWN },
		{ KEY_LEFT, TTY_LEFT },	     { KEY_RIGHT, TTY_RIGHT },
		{ KEY_PPAGE, TTY_PAGE_UP },  { KEY_NPAGE, TTY_PAGE_DOWN },
		{ KEY_HOME, TTY_HOME },	     { KEY_END, TTY_END },
		{ KEY_F(1), TTY_F1 },	     { KEY_F(10), TTY_F10 },
		{ KEY_ENTER, TTY_ENTER },    { KEY_BACKSPACE, TTY_BACKSPACE },
		{ '\r', TTY_ENTER },	     { '\b', TTY_BACKSPACE },
		{ KEY_RESIZE, TTY_RESIZED },
	};
	int key = getch();
	size_t i;

	if (key == ERR)
		return TTY_NOTHING;
	if (key == KEY_MOUSE)
		return mouse(click);
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].curses == key)
			return codes[i].code;
	return key;
}
