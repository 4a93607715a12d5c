/* SPDX-License-Identifier: GPL-2.0 */
/*
 * views.h - the whole screen: head line, the view that is looked at, bottom line
 */
#ifndef TOP_VIEWS_H
#define TOP_VIEWS_H

#include "frame.h"
#include "top.h"

#define VIEWS_WIDTH_MIN	 60
#define VIEWS_HEIGHT_MIN 15

void views_update(const struct frame *frame, struct top *top);
void views_draw(struct frame *frame, struct top *top);
int views_batch_height(const struct top *top);

#endif /* TOP_VIEWS_H */
