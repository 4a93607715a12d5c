// SPDX-License-Identifier: GPL-2.0
/*
 * pen.c - colours of a terminal
 */
#include "pen.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/states.h"

/* ECMA-48's first eight colours: every terminal has them, and its user has chosen how they look. */
static const char *const codes[FSM_NR_PENS] = {
	[FSM_PEN_TITLE] = "\033[1m",  [FSM_PEN_DIM] = "\033[2m",      [FSM_PEN_STATE] = "\033[1m",
	[FSM_PEN_CAUSE] = "\033[36m", [FSM_PEN_SEGMENT] = "\033[32m", [FSM_PEN_DATA] = "\033[34m",
	[FSM_PEN_BAD] = "\033[31m",
};

/**
 * fsm_pen_wanted() - shall there be colour?
 * @fd: where the text goes
 *
 * On a terminal only, and not if the user has said otherwise (no-color.org).
 */
bool fsm_pen_wanted(int fd)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return isatty(fd) && !(no_color && *no_color) && term && *term && strcmp(term, "dumb");
}

/* What a terminal is sent before a text, and after it. */
const char *fsm_pen_on(enum fsm_pen pen)
{
	return codes[pen] ? codes[pen] : "";
}

const char *fsm_pen_off(enum fsm_pen pen)
{
	return codes[pen] ? "\033[0m" : "";
}

/**
 * fsm_cause_is_bad() - does nobody wish a connection to end so?
 * @cause: any number
 */
bool fsm_cause_is_bad(unsigned int cause)
{
	switch (cause) {
	case TCPFSM_C_ABORT:
	case TCPFSM_C_RCV_RST:
	case TCPFSM_C_RCV_DATA:
	case TCPFSM_C_RTO:
	case TCPFSM_C_ZERO_WINDOW:
	case TCPFSM_C_KEEPALIVE:
	case TCPFSM_C_SYNACK_TIMEOUT:
	case TCPFSM_C_ICMP:
	case TCPFSM_C_KILL:
	case TCPFSM_C_LISTENER_CLOSED:
	case TCPFSM_C_OOM:
	case TCPFSM_C_TW_OVERFLOW:
	case TCPFSM_C_ACCEPT_OVERFLOW:
	case TCPFSM_C_OPEN_FAILED:
		return true;
	default:
		return false;
	}
}
