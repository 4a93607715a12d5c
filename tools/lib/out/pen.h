/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pen.h - what a piece of text is, for those who can show it in colour
 */
#ifndef FSM_PEN_H
#define FSM_PEN_H

#include <stdbool.h>

/**
 * enum fsm_pen - what a piece of text is
 * @FSM_PEN_PLAIN: nothing special
 * @FSM_PEN_TITLE: a heading
 * @FSM_PEN_DIM: may be overlooked: times, the frame
 * @FSM_PEN_STATE: a state
 * @FSM_PEN_CAUSE: a cause
 * @FSM_PEN_SEGMENT: a segment
 * @FSM_PEN_DATA: payload
 * @FSM_PEN_BAD: an end that nobody wished, loss
 */
enum fsm_pen {
	FSM_PEN_PLAIN,
	FSM_PEN_TITLE,
	FSM_PEN_DIM,
	FSM_PEN_STATE,
	FSM_PEN_CAUSE,
	FSM_PEN_SEGMENT,
	FSM_PEN_DATA,
	FSM_PEN_BAD,
	FSM_NR_PENS
};

bool fsm_pen_wanted(int fd);
const char *fsm_pen_on(enum fsm_pen pen);
const char *fsm_pen_off(enum fsm_pen pen);

/* How long fsm_pen_on() and fsm_pen_off() together are at most. */
#define FSM_PEN_MAX 16

#endif /* FSM_PEN_H */
