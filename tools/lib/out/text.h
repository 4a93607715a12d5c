/* SPDX-License-Identifier: GPL-2.0 */
/*
 * text.h - events as the lines that /proc/tcpfsm has
 */
#ifndef FSM_TEXT_H
#define FSM_TEXT_H

#include "out/printer.h"

extern const struct fsm_printer fsm_text_printer;

#endif /* FSM_TEXT_H */
