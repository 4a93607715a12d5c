/* SPDX-License-Identifier: GPL-2.0 */
/*
 * json.h - events as JSON Lines
 */
#ifndef FSM_JSON_H
#define FSM_JSON_H

#include "out/printer.h"

extern const struct fsm_printer fsm_json_printer;

#endif /* FSM_JSON_H */
