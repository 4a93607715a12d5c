// SPDX-License-Identifier: GPL-2.0
/*
 * hotpath.c - compiles all files between the hook and the ring as one unit
 *
 * Each of these files has one job and knows its neighbours by their headers only. An event passes
 * through all of them in a few hundred instructions. Calls between files would be a good part of
 * these. In one unit the compiler sees the whole path.
 *
 * The static names of these files share one namespace, so two files cannot both have a "find()".
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "core/states.c"
#include "core/ring.c"
#include "record/rings.c"
#include "record/wakeup.c"
#include "record/stat.c"
#include "record/selection.c"
#include "core/conntable.c"
#include "record/callsite.c"
#include "core/cause.c"
#include "core/marks.c"
#include "record/record.c"
#include "hooks/watch.c"
#include "hooks/sock.c"
#include "hooks/request.c"
#include "hooks/timewait.c"
#include "hooks/backstop.c"
#include "hooks/hooks.c"
