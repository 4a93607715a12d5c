/* SPDX-License-Identifier: GPL-2.0 */
/*
 * frame.h - a whole screen: head line, the screen that is looked at, bottom line
 */
#ifndef TOP_FRAME_H
#define TOP_FRAME_H

#include "canvas.h"
#include "top.h"

#define FRAME_WIDTH_MIN	 60
#define FRAME_HEIGHT_MIN 15

/* Lines of a frame that are not the screen's: head, screens, keys. */
#define FRAME_ABOVE 2
#define FRAME_BELOW 1

/**
 * struct zone - where a click does something
 * @y: line
 * @x: first column
 * @width: columns
 * @kind: what it stands for
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
 * struct frame - a screen
 * @canvas: what is seen
 * @zones: where a click does something
 * @nr_zones: how many
 */
struct frame {
	struct canvas canvas;
	struct zone zones[FRAME_ZONES];
	unsigned int nr_zones;
};

void frame_draw(struct frame *frame, struct top *top);
void frame_zone(struct frame *frame, int y, int x, int width, int kind, int arg);
const struct zone *frame_at(const struct frame *frame, int y, int x);
int frame_batch_height(struct top *top);

/* ---- the screens: each draws into the lines from @y to @end, the latter not included ---- */

void view_states(struct frame *frame, struct top *top, int y, int end);
void view_conns(struct frame *frame, struct top *top, int y, int end);
void view_diagram(struct frame *frame, struct top *top, int y, int end);
void view_life(struct frame *frame, struct top *top, int y, int end);
void view_listeners(struct frame *frame, struct top *top, int y, int end);
void view_help(struct frame *frame, struct top *top, int y, int end);

/* Part of the screen of states, and what a small terminal has for the diagram. */
void view_edges(struct frame *frame, struct top *top, int y, int end, int x, int width);

#endif /* TOP_FRAME_H */
