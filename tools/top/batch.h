/* SPDX-License-Identifier: GPL-2.0 */
/*
 * batch.h - print the view as text or JSON, again and again
 */
#ifndef TOP_BATCH_H
#define TOP_BATCH_H

#include "feed.h"
#include "options.h"

int batch_run(const struct options *opt, struct feed *feed, struct top *top);

#endif /* TOP_BATCH_H */
