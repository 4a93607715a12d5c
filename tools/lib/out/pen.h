/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pen.h - what a piece of text is; a terminal may show it in colour
 */
#ifndef FSM_PEN_H
#define FSM_PEN_H

#include <stdbool.h>

/**
 * enum fsm_pen - what a piece of text is
 * @FSM_PEN_PLAIN: nothing special
 * @FSM_PEN_DIM: may be overlooked: times, the frame
 * @FSM_PEN_TITLE: a heading
 * @FSM_PEN_HEAD: head of a table
 * @FSM_PEN_SORT: the column that a table is sorted by
 * @FSM_PEN_STATE: a state, if its kind does not matter
 * @FSM_PEN_OPEN: a state before a connection is established
 * @FSM_PEN_UP: established
 * @FSM_PEN_DOWN: a state of the end that closes first
 * @FSM_PEN_PEER: a state of the end that closes second
 * @FSM_PEN_CAUSE: a cause
 * @FSM_PEN_SEGMENT: a segment of TCP
 * @FSM_PEN_DATA: payload
 * @FSM_PEN_BAD: an end that nobody wished, loss
 * @FSM_PEN_HOT: just now
 * @FSM_PEN_KEY: a key that may be pressed
 * @FSM_PEN_LABEL: a word for what a key does
 * @FSM_PEN_CHOSEN: the line that the cursor is on
 * @FSM_PEN_NOTE: something that the user has to know
 * @FSM_NR_PENS: how many there are
 */
enum fsm_pen {
	FSM_PEN_PLAIN,
	FSM_PEN_DIM,
	FSM_PEN_TITLE,
	FSM_PEN_HEAD,
	FSM_PEN_SORT,
	FSM_PEN_STATE,
	FSM_PEN_OPEN,
	FSM_PEN_UP,
	FSM_PEN_DOWN,
	FSM_PEN_PEER,
	FSM_PEN_CAUSE,
	FSM_PEN_SEGMENT,
	FSM_PEN_DATA,
	FSM_PEN_BAD,
	FSM_PEN_HOT,
	FSM_PEN_KEY,
	FSM_PEN_LABEL,
	FSM_PEN_CHOSEN,
	FSM_PEN_NOTE,
	FSM_NR_PENS
};

bool fsm_pen_wanted(int fd);
const char *fsm_pen_on(enum fsm_pen pen);
const char *fsm_pen_off(enum fsm_pen pen);

/* Bytes of fsm_pen_on() and fsm_pen_off() together, at most. */
#define FSM_PEN_MAX 16

#endif /* FSM_PEN_H */
