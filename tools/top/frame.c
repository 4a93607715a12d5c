// SPDX-License-Identifier: GPL-2.0
/*
 * frame.c - a canvas, and where on it a click does something
 */
#include "frame.h"

/**
 * frame_zone() - let a click do something
 * @frame: frame
 * @y: line
 * @x: first column
 * @width: columns
 * @kind: what the zone stands for
 * @arg: key, column or line
 */
void frame_zone(struct frame *frame, int y, int x, int width, int kind, int arg)
{
	if (frame->nr_zones < FRAME_ZONES)
		frame->zones[frame->nr_zones++] =
			(struct zone){ .y = y, .x = x, .width = width, .kind = kind, .arg = arg };
}

/* Return the zone at a place, NULL if there is none. */
const struct zone *frame_at(const struct frame *frame, int y, int x)
{
	unsigned int i;

	for (i = 0; i < frame->nr_zones; i++) {
		const struct zone *z = &frame->zones[i];

		if (z->y == y && x >= z->x && x < z->x + z->width)
			return z;
	}
	return NULL;
}
