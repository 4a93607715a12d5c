/* SPDX-License-Identifier: GPL-2.0 */
/*
 * csv.h - events as comma-separated values
 */
#ifndef FSM_CSV_H
#define FSM_CSV_H

#include "out/printer.h"

extern const struct fsm_printer fsm_csv_printer;

#endif /* FSM_CSV_H */
