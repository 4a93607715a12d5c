/* SPDX-License-Identifier: GPL-2.0 */
/*
 * screen.h - the terminal's screen, until the user has had enough
 */
#ifndef TOP_SCREEN_H
#define TOP_SCREEN_H

#include "feed.h"
#include "options.h"

int screen_run(const struct options *opt, struct feed *feed, struct top *top);

#endif /* TOP_SCREEN_H */
