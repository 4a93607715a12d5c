// SPDX-License-Identifier: GPL-2.0
/*
 * canvas.c - a drawing of characters, each with a pen
 */
#include "out/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* Blocks have eighths: U+2581 to U+2588 rise, U+258F to U+2588 grow to the right. */
#define RISING	0x2581
#define GROWING 0x2590

/**
 * fsm_canvas_resize() - take another size, and clear the canvas
 * @canvas: canvas, zeroed before the first time
 * @width: columns
 * @height: lines
 *
 * Return: 0, or -1 without memory.
 */
int fsm_canvas_resize(struct fsm_canvas *canvas, int width, int height)
{
	void *p = realloc(canvas->cells, (size_t)width * (size_t)height * sizeof(*canvas->cells));

	if (!p)
		return -1;
	canvas->cells = p;
	canvas->width = width;
	canvas->height = height;
	canvas->size = height;
	fsm_canvas_clear(canvas);
	return 0;
}

/**
 * fsm_canvas_begin() - begin a drawing that has no lines yet
 * @canvas: set up; fsm_canvas_free() afterwards
 * @width: columns, at most FSM_CANVAS_WIDTH_MAX
 */
void fsm_canvas_begin(struct fsm_canvas *canvas, int width)
{
	memset(canvas, 0, sizeof(*canvas));
	canvas->width = width < FSM_CANVAS_WIDTH_MAX ? width : FSM_CANVAS_WIDTH_MAX;
}

static bool make_room(struct fsm_canvas *canvas)
{
	int size = canvas->size ? 2 * canvas->size : 32;
	void *p;

	if (canvas->height < canvas->size)
		return true;
	p = realloc(canvas->cells, (size_t)size * (size_t)canvas->width * sizeof(*canvas->cells));
	if (!p)
		return false;
	canvas->cells = p;
	canvas->size = size;
	return true;
}

/**
 * fsm_canvas_add_line() - add a blank line
 * @canvas: canvas
 *
 * If there is no memory, @canvas->no_memory is set instead.
 */
void fsm_canvas_add_line(struct fsm_canvas *canvas)
{
	if (!make_room(canvas)) {
		canvas->no_memory = true;
		return;
	}
	canvas->height++;
	fsm_canvas_fill(canvas, canvas->height - 1, 0, canvas->width, ' ', FSM_PEN_PLAIN);
}

void fsm_canvas_free(struct fsm_canvas *canvas)
{
	free(canvas->cells);
	memset(canvas, 0, sizeof(*canvas));
}

void fsm_canvas_clear(struct fsm_canvas *canvas)
{
	int i;

	for (i = 0; i < canvas->width * canvas->height; i++)
		canvas->cells[i] = (struct fsm_cell){ .glyph = ' ' };
}

static struct fsm_cell *cell_at(struct fsm_canvas *canvas, int y, int x)
{
	if (y < 0 || y >= canvas->height || x < 0 || x >= canvas->width)
		return NULL;
	return &canvas->cells[y * canvas->width + x];
}

/* Draw one glyph, unless it falls off the edge. */
void fsm_canvas_put(struct fsm_canvas *canvas, int y, int x, unsigned int glyph, enum fsm_pen pen)
{
	struct fsm_cell *cell = cell_at(canvas, y, x);

	if (cell)
		*cell = (struct fsm_cell){ .glyph = (uint16_t)glyph, .pen = (uint8_t)pen };
}

/**
 * fsm_canvas_fill() - draw the same glyph in several columns
 * @canvas: canvas
 * @y: line
 * @from: first column
 * @to: column behind the last one
 * @glyph: glyph
 * @pen: pen
 */
void fsm_canvas_fill(struct fsm_canvas *canvas, int y, int from, int to, unsigned int glyph,
		     enum fsm_pen pen)
{
	struct fsm_cell cell = { .glyph = (uint16_t)glyph, .pen = (uint8_t)pen };
	struct fsm_cell *p, *end;

	if (y < 0 || y >= canvas->height)
		return;
	from = from < 0 ? 0 : from;
	to = to < canvas->width ? to : canvas->width;
	p = canvas->cells + y * canvas->width + from;
	end = p + (to > from ? to - from : 0);
	while (p < end)
		*p++ = cell;
}

/**
 * fsm_canvas_put_text() - write printable characters of ASCII; others become a question mark
 * @canvas: canvas
 * @y: line
 * @x: first column
 * @text: the characters
 * @len: how many there are
 * @pen: pen
 */
void fsm_canvas_put_text(struct fsm_canvas *canvas, int y, int x, const char *text, size_t len,
			 enum fsm_pen pen)
{
	struct fsm_cell *cells;
	size_t i;

	if (y < 0 || y >= canvas->height || x < 0 || x >= canvas->width)
		return;
	cells = canvas->cells + y * canvas->width + x;
	if (len > (size_t)(canvas->width - x))
		len = (size_t)(canvas->width - x);
	for (i = 0; i < len; i++) {
		char c = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';

		cells[i] = (struct fsm_cell){ .glyph = (uint8_t)c, .pen = (uint8_t)pen };
	}
}

/* Return the character at @s, of at most three bytes. */
static unsigned int decode(const char *s, size_t *len)
{
	const unsigned char *u = (const unsigned char *)s;

	*len = fsm_utf8_char(s, strlen(s));
	switch (*len) {
	case 1:
		return u[0] < ' ' || u[0] == 0x7f ? '?' : u[0];
	case 2:
		return (u[0] & 0x1fu) << 6 | (u[1] & 0x3fu);
	case 3:
		return (u[0] & 0x0fu) << 12 | (u[1] & 0x3fu) << 6 | (u[2] & 0x3fu);
	default:
		*len = *len ? *len : 1;
		return '?';
	}
}

/**
 * fsm_canvas_text() - write a text
 * @canvas: canvas
 * @y: line
 * @x: column
 * @pen: pen
 * @text: UTF-8
 *
 * Return: the column behind it.
 */
int fsm_canvas_text(struct fsm_canvas *canvas, int y, int x, enum fsm_pen pen, const char *text)
{
	size_t len;

	while (*text) {
		fsm_canvas_put(canvas, y, x++, decode(text, &len), pen);
		text += len;
	}
	return x;
}

static int columns(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

/* Write up to column @x + @width, and return that column. A longer text begins at @x, too. */
int fsm_canvas_right(struct fsm_canvas *canvas, int y, int x, int width, enum fsm_pen pen,
		     const char *text)
{
	int pad = width - columns(text);

	fsm_canvas_text(canvas, y, pad > 0 ? x + pad : x, pen, text);
	return x + width;
}

int fsm_canvas_printf(struct fsm_canvas *canvas, int y, int x, enum fsm_pen pen, const char *format,
		      ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return fsm_canvas_text(canvas, y, x, pen, text);
}

/* Give another pen to what is drawn there. */
void fsm_canvas_repen(struct fsm_canvas *canvas, int y, int x, int width, enum fsm_pen pen)
{
	for (; width > 0; width--, x++) {
		struct fsm_cell *cell = cell_at(canvas, y, x);

		if (cell)
			cell->pen = (uint8_t)pen;
	}
}

/**
 * fsm_canvas_bar() - draw a gauge
 * @canvas: canvas
 * @y: line
 * @x: column
 * @width: columns of the whole
 * @pen: pen
 * @share: share of the whole, from 0 to 1; anything above 0 can be seen
 */
void fsm_canvas_bar(struct fsm_canvas *canvas, int y, int x, int width, enum fsm_pen pen,
		    double share)
{
	int eighths = (int)(share * width * 8 + 0.5);
	int i;

	if (share > 0 && !eighths)
		eighths = 1;
	for (i = 0; i < width; i++, eighths -= 8) {
		if (eighths >= 8)
			fsm_canvas_put(canvas, y, x + i, GROWING - 8, pen);
		else if (eighths > 0)
			fsm_canvas_put(canvas, y, x + i, (unsigned int)(GROWING - eighths), pen);
		else
			fsm_canvas_put(canvas, y, x + i, 0xb7, FSM_PEN_DIM);
	}
}

/**
 * fsm_canvas_spark() - draw a line of numbers as a line of blocks
 * @canvas: canvas
 * @y: line
 * @x: column
 * @width: columns, and numbers
 * @pen: pen
 * @values: numbers; the largest one fills its column, and any above 0 can be seen
 */
void fsm_canvas_spark(struct fsm_canvas *canvas, int y, int x, int width, enum fsm_pen pen,
		      const uint32_t *values)
{
	uint32_t max = 0;
	int i;

	for (i = 0; i < width; i++)
		if (values[i] > max)
			max = values[i];
	for (i = 0; i < width; i++) {
		unsigned int level = max ? (unsigned int)((uint64_t)values[i] * 7 / max) : 0;

		fsm_canvas_put(canvas, y, x + i, values[i] ? RISING + level : ' ', pen);
	}
}

/**
 * fsm_canvas_ascii() - return the character of ASCII that stands for a glyph
 * @glyph: character
 */
unsigned int fsm_canvas_ascii(unsigned int glyph)
{
	static const char rising[] = "_.,-=+*#", growing[] = "#######=";
	/* The glyphs of ladders come first: there are many of them. */
	static const struct {
		uint16_t glyph;
		char ascii;
	} others[] = {
		{ 0x2502, '|' }, { 0x2500, '-' }, { 0x2550, '=' }, { 0x25b6, '>' }, { 0x25c0, '<' },
		{ 0xb7, '.' },	 { 0x2013, '-' }, { 0x2014, '-' }, { 0x2190, '<' }, { 0x2191, '^' },
		{ 0x2192, '>' }, { 0x2193, 'v' }, { 0x25b2, '^' }, { 0x25bc, 'v' }, { 0x25cf, '*' },
		{ 0x2026, '~' }, { 0x2503, '|' }, { 0x2501, '=' }, { 0x2551, '|' }, { 0x00d7, 'x' },
		{ 0x2016, '|' }, { 0x25b8, '>' }, { 0x256d, '+' }, { 0x23f8, '|' },
	};
	size_t i;

	if (glyph < 0x7f)
		return glyph;
	if (glyph >= RISING && glyph < RISING + 8)
		return (unsigned char)rising[glyph - RISING];
	if (glyph > GROWING - 8 && glyph < GROWING)
		return (unsigned char)growing[glyph - (GROWING - 8)];
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].glyph == glyph)
			return (unsigned char)others[i].ascii;
	/* The other glyphs of box drawing are corners and crossings. */
	return glyph >= 0x2500 && glyph < 0x2580 ? '+' : '?';
}

static char *encode(char *p, unsigned int glyph)
{
	if (glyph < 0x80) {
		*p++ = (char)glyph;
	} else if (glyph < 0x800) {
		*p++ = (char)(0xc0 | glyph >> 6);
		*p++ = (char)(0x80 | (glyph & 0x3f));
	} else {
		*p++ = (char)(0xe0 | glyph >> 12);
		*p++ = (char)(0x80 | (glyph >> 6 & 0x3f));
		*p++ = (char)(0x80 | (glyph & 0x3f));
	}
	return p;
}

/* Return the number of columns without the blanks at the end of a line. */
static int end_of_line(const struct fsm_canvas *canvas, int y)
{
	const struct fsm_cell *cells = canvas->cells + y * canvas->width;
	int end = canvas->width;

	while (end && cells[end - 1].glyph == ' ')
		end--;
	return end;
}

/* Write some columns of a line, and a NUL. Return the end of the text. */
static char *put_cells(char *p, const struct fsm_canvas *canvas, int y, int from, int to,
		       bool ascii)
{
	const struct fsm_cell *cells = canvas->cells + y * canvas->width;

	for (; from < to; from++) {
		unsigned int glyph = cells[from].glyph;

		if (glyph < 0x7f)
			*p++ = (char)glyph;
		else
			p = encode(p, ascii ? fsm_canvas_ascii(glyph) : glyph);
	}
	*p = '\0';
	return p;
}

/**
 * fsm_canvas_run() - write the next piece of a line that is of one pen
 * @canvas: canvas
 * @y: line
 * @x: column where the piece begins
 * @ascii: in ASCII, else UTF-8
 * @text: room for FSM_CANVAS_RUN_MAX bytes; gets the piece and a NUL
 * @pen: set to its pen
 *
 * Return: its columns; 0 at the end of the line, where blanks are left out.
 */
int fsm_canvas_run(const struct fsm_canvas *canvas, int y, int x, bool ascii, char *text,
		   enum fsm_pen *pen)
{
	const struct fsm_cell *cells = canvas->cells + y * canvas->width;
	int end = end_of_line(canvas, y), i = x;

	*pen = x < end ? cells[x].pen : FSM_PEN_PLAIN;
	while (i < end && cells[i].pen == *pen)
		i++;
	put_cells(text, canvas, y, x, i, ascii);
	return i - x;
}

/**
 * fsm_canvas_line() - write a line as text, without the blanks at its end
 * @canvas: canvas
 * @y: line
 * @ascii: in ASCII, else UTF-8
 * @text: room for FSM_CANVAS_TEXT_MAX() bytes
 *
 * Return: its length; a NUL follows.
 */
size_t fsm_canvas_line(const struct fsm_canvas *canvas, int y, bool ascii, char *text)
{
	return (size_t)(put_cells(text, canvas, y, 0, end_of_line(canvas, y), ascii) - text);
}
