/* SPDX-License-Identifier: GPL-2.0 */
/*
 * terminal.h - show the screen and take keys, until the user has had enough
 */
#ifndef TOP_TERMINAL_H
#define TOP_TERMINAL_H

#include "feed.h"
#include "options.h"

int terminal_run(const struct options *opt, struct feed *feed, struct top *top);

#endif /* TOP_TERMINAL_H */
