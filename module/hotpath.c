// SPDX-License-Identifier: GPL-2.0
/*
 * hotpath.c - the way of an event from the hook to the ring, compiled as one unit
 *
 * Each of these files has one job and knows its neighbours by their headers only.
 * An event passes through all of them in a few hundred instructions, of which calls
 * between files would be a good part; here the compiler sees the whole way.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "core/states.c"
#include "core/ring.c"
#include "record/rings.c"
#include "record/stat.c"
#include "record/selection.c"
#include "core/conntable.c"
#include "record/callsite.c"
#include "core/cause.c"
#include "core/marks.c"
#include "record/record.c"
#include "hooks/hooks.c"
