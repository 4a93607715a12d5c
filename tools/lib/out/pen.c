// SPDX-License-Identifier: GPL-2.0
/*
 * pen.c - colours of a terminal
 */
#include "out/pen.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Every terminal has the first eight colours of ECMA-48, and its user chose how they look. */
static const char *const codes[FSM_NR_PENS] = {
	[FSM_PEN_TITLE] = "\033[1m",  [FSM_PEN_DIM] = "\033[2m",      [FSM_PEN_STATE] = "\033[1m",
	[FSM_PEN_CAUSE] = "\033[36m", [FSM_PEN_SEGMENT] = "\033[32m", [FSM_PEN_DATA] = "\033[34m",
	[FSM_PEN_BAD] = "\033[31m",
};

/**
 * fsm_pen_wanted() - return whether to use colours
 * @fd: where the text goes
 *
 * Colours are for terminals only, and not if the user does not want them (no-color.org).
 */
bool fsm_pen_wanted(int fd)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return isatty(fd) && !(no_color && *no_color) && term && *term && strcmp(term, "dumb");
}

/* Return the bytes for a terminal before a text; fsm_pen_off() has those after it. */
const char *fsm_pen_on(enum fsm_pen pen)
{
	return codes[pen] ? codes[pen] : "";
}

const char *fsm_pen_off(enum fsm_pen pen)
{
	return codes[pen] ? "\033[0m" : "";
}
