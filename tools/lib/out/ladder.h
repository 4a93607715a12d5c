/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ladder.h - a connection as a ladder: its ends left and right, the segments between them as
 * rungs
 */
#ifndef FSM_LADDER_H
#define FSM_LADDER_H

#include "model/segment.h"
#include "out/canvas.h"

#define FSM_LADDER_WIDTH_MIN 80
#define FSM_LADDER_WIDTH     100 /* the default */

int fsm_ladder_draw(struct fsm_canvas *canvas, unsigned int width, const struct fsm_end *own,
		    const struct fsm_end *peer, const char *began);

#endif /* FSM_LADDER_H */
