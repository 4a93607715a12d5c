// SPDX-License-Identifier: GPL-2.0
/*
 * path.c - the way of an event from the hook to the ring, compiled as one
 *
 * Each of these files has one job and knows its neighbours by their headers only.
 * An event passes through all of them in a few hundred instructions, of which calls
 * between files would be a good part; here the compiler sees the whole way.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "states.c"
#include "ring.c"
#include "rings.c"
#include "stat.c"
#include "selection.c"
#include "dwell.c"
#include "site.c"
#include "cause.c"
#include "inflight.c"
#include "record.c"
#include "probes.c"
