/* SPDX-License-Identifier: GPL-2.0 */
/*
 * life.h - what happened to the connection that was chosen, and to its other end
 */
#ifndef TOP_LIFE_H
#define TOP_LIFE_H

#include "top.h"

void life_refresh(struct top *top, int width);

#endif /* TOP_LIFE_H */
