/* SPDX-License-Identifier: GPL-2.0 */
/*
 * screen.h - the whole screen: head line, the view that is looked at, bottom line
 */
#ifndef TOP_SCREEN_H
#define TOP_SCREEN_H

#include "frame.h"
#include "top.h"

#define SCREEN_WIDTH_MIN  60
#define SCREEN_HEIGHT_MIN 15

void screen_update(const struct frame *frame, struct top *top);
void screen_draw(struct frame *frame, struct top *top);
int screen_batch_height(const struct top *top);

#endif /* TOP_SCREEN_H */
