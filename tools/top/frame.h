/* SPDX-License-Identifier: GPL-2.0 */
/*
 * frame.h - a canvas, and where on it a click does something
 */
#ifndef TOP_FRAME_H
#define TOP_FRAME_H

#include "out/canvas.h"

/**
 * struct zone - where a click does something
 * @y: line
 * @x: first column
 * @width: columns
 * @kind: what the zone stands for
 * @arg: key, column or line
 */
struct zone {
	int y;
	int x;
	int width;
	enum {
		ZONE_KEY,
		ZONE_SORT,
		ZONE_LINE
	} kind;
	int arg;
};

#define FRAME_ZONES 512

/**
 * struct frame - a screen that is drawn
 * @canvas: what is seen
 * @zones: where a click does something
 * @nr_zones: how many zones there are
 */
struct frame {
	struct fsm_canvas canvas;
	struct zone zones[FRAME_ZONES];
	unsigned int nr_zones;
};

void frame_zone(struct frame *frame, int y, int x, int width, int kind, int arg);
const struct zone *frame_at(const struct frame *frame, int y, int x);

#endif /* TOP_FRAME_H */
