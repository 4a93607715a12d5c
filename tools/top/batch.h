/* SPDX-License-Identifier: GPL-2.0 */
/*
 * batch.h - pictures as text or JSON, one after the other
 */
#ifndef TOP_BATCH_H
#define TOP_BATCH_H

#include "feed.h"
#include "options.h"

int batch_run(const struct options *opt, struct feed *feed, struct top *top);

#endif /* TOP_BATCH_H */
