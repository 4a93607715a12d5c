/* SPDX-License-Identifier: GPL-2.0 */
/*
 * view.h - the views: each draws into the lines from @y to @end, the latter not included
 *
 * Drawing changes nothing of what is known. If a view shows what has to be worked out first,
 * its update() does that, for a screen of @width columns with @lines lines for the view.
 */
#ifndef TOP_VIEW_H
#define TOP_VIEW_H

#include "frame.h"
#include "top.h"

void view_states(struct frame *frame, struct top *top, int y, int end);
void view_conns(struct frame *frame, struct top *top, int y, int end);
void view_diagram(struct frame *frame, struct top *top, int y, int end);
void view_ladder(struct frame *frame, struct top *top, int y, int end);
void view_listeners(struct frame *frame, struct top *top, int y, int end);
void view_help(struct frame *frame, struct top *top, int y, int end);

void view_conns_update(struct top *top, int width, int lines);
void view_ladder_update(struct top *top, int width, int lines);
void view_listeners_update(struct top *top, int width, int lines);
void view_help_update(struct top *top, int width, int lines);

/* The edges are part of the view of states; a small terminal shows them instead of the diagram. */
void view_edges(struct frame *frame, struct top *top, int y, int end, int x, int width);

#endif /* TOP_VIEW_H */
