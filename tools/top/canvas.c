// SPDX-License-Identifier: GPL-2.0
/*
 * canvas.c - a screen of characters, before anybody decides how they get to a terminal
 */
#include "canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* The eighths of a block: U+2581 to U+2588 rise, U+258F to U+2588 grow to the right. */
#define RISING	0x2581
#define GROWING 0x2590

/**
 * canvas_resize() - take another size; what was drawn is gone
 * @canvas: canvas, zeroed before the first time
 * @width: columns
 * @height: lines
 *
 * Return: 0, or -1 without memory.
 */
int canvas_resize(struct canvas *canvas, int width, int height)
{
	void *p = realloc(canvas->cells, (size_t)width * (size_t)height * sizeof(*canvas->cells));

	if (!p)
		return -1;
	canvas->cells = p;
	canvas->width = width;
	canvas->height = height;
	canvas_clear(canvas);
	return 0;
}

void canvas_free(struct canvas *canvas)
{
	free(canvas->cells);
	memset(canvas, 0, sizeof(*canvas));
}

void canvas_clear(struct canvas *canvas)
{
	int i;

	for (i = 0; i < canvas->width * canvas->height; i++)
		canvas->cells[i] = (struct cell){ .glyph = ' ' };
}

static struct cell *cell_at(struct canvas *canvas, int y, int x)
{
	if (y < 0 || y >= canvas->height || x < 0 || x >= canvas->width)
		return NULL;
	return &canvas->cells[y * canvas->width + x];
}

/* What falls off the edge is not drawn. */
void canvas_put(struct canvas *canvas, int y, int x, unsigned int glyph, enum ink ink)
{
	struct cell *cell = cell_at(canvas, y, x);

	if (cell)
		*cell = (struct cell){ .glyph = (uint16_t)glyph, .ink = (uint8_t)ink };
}

/* The character at @s, of at most three bytes. */
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
 * canvas_text() - write
 * @canvas: canvas
 * @y: line
 * @x: column
 * @ink: ink
 * @text: UTF-8
 *
 * Return: the column behind it.
 */
int canvas_text(struct canvas *canvas, int y, int x, enum ink ink, const char *text)
{
	size_t len;

	while (*text) {
		canvas_put(canvas, y, x++, decode(text, &len), ink);
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

/* Ends at column @x + @width; returns that column. A longer text begins at @x all the same. */
int canvas_right(struct canvas *canvas, int y, int x, int width, enum ink ink, const char *text)
{
	int pad = width - columns(text);

	canvas_text(canvas, y, pad > 0 ? x + pad : x, ink, text);
	return x + width;
}

int canvas_printf(struct canvas *canvas, int y, int x, enum ink ink, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return canvas_text(canvas, y, x, ink, text);
}

/* What is written there already takes another ink. */
void canvas_ink(struct canvas *canvas, int y, int x, int width, enum ink ink)
{
	for (; width > 0; width--, x++) {
		struct cell *cell = cell_at(canvas, y, x);

		if (cell)
			cell->ink = (uint8_t)ink;
	}
}

/**
 * canvas_bar() - a gauge
 * @canvas: canvas
 * @y: line
 * @x: column
 * @width: columns of the whole
 * @ink: ink
 * @share: of it, from 0 to 1; anything above 0 is seen
 */
void canvas_bar(struct canvas *canvas, int y, int x, int width, enum ink ink, double share)
{
	int eighths = (int)(share * width * 8 + 0.5);
	int i;

	if (share > 0 && !eighths)
		eighths = 1;
	for (i = 0; i < width; i++, eighths -= 8) {
		if (eighths >= 8)
			canvas_put(canvas, y, x + i, GROWING - 8, ink);
		else if (eighths > 0)
			canvas_put(canvas, y, x + i, (unsigned int)(GROWING - eighths), ink);
		else
			canvas_put(canvas, y, x + i, 0xb7, INK_DIM);
	}
}

/**
 * canvas_spark() - a line of numbers as a line of blocks
 * @canvas: canvas
 * @y: line
 * @x: column
 * @width: columns, and numbers
 * @ink: ink
 * @values: numbers; the largest one fills its column, one above 0 is seen
 */
void canvas_spark(struct canvas *canvas, int y, int x, int width, enum ink ink,
		  const uint32_t *values)
{
	uint32_t max = 0;
	int i;

	for (i = 0; i < width; i++)
		if (values[i] > max)
			max = values[i];
	for (i = 0; i < width; i++) {
		unsigned int level = max ? (unsigned int)((uint64_t)values[i] * 7 / max) : 0;

		canvas_put(canvas, y, x + i, values[i] ? RISING + level : ' ', ink);
	}
}

/**
 * canvas_ascii() - what stands for a character where there are 95 only
 * @glyph: character
 */
unsigned int canvas_ascii(unsigned int glyph)
{
	static const char rising[] = "_.,-=+*#", growing[] = "#######=";
	static const struct {
		uint16_t glyph;
		char ascii;
	} others[] = {
		{ 0xb7, '.' },	 { 0x2013, '-' }, { 0x2014, '-' }, { 0x2190, '<' }, { 0x2191, '^' },
		{ 0x2192, '>' }, { 0x2193, 'v' }, { 0x25b2, '^' }, { 0x25b6, '>' }, { 0x25bc, 'v' },
		{ 0x25c0, '<' }, { 0x25cf, '*' }, { 0x2026, '~' }, { 0x2502, '|' }, { 0x2503, '|' },
		{ 0x2500, '-' }, { 0x2501, '=' }, { 0x2550, '=' }, { 0x2551, '|' }, { 0x00d7, 'x' },
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
	/* Corners and crossings of box drawing */
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

/**
 * canvas_line() - a line as text, without the blanks at its end
 * @canvas: canvas
 * @y: line
 * @ascii: in ASCII, else UTF-8
 * @text: room for CANVAS_TEXT_MAX() bytes
 *
 * Return: its length; a NUL follows.
 */
size_t canvas_line(const struct canvas *canvas, int y, bool ascii, char *text)
{
	const struct cell *cells = canvas->cells + y * canvas->width;
	int len = canvas->width;
	char *p = text;
	int x;

	while (len && cells[len - 1].glyph == ' ')
		len--;
	for (x = 0; x < len; x++)
		p = encode(p, ascii ? canvas_ascii(cells[x].glyph) : cells[x].glyph);
	*p = '\0';
	return (size_t)(p - text);
}
