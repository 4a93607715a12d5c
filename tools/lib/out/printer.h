/* SPDX-License-Identifier: GPL-2.0 */
/*
 * printer.h - what every printer of events has: one record in, one line out
 */
#ifndef FSM_PRINTER_H
#define FSM_PRINTER_H

#include <stdbool.h>

#include "base/output.h"
#include "uapi/tcpfsm.h"

/**
 * struct fsm_style - how a person wants to see events; machines always get the same
 * @narrow: fewer columns, so that a line fits a terminal
 * @colour: with the colours of a terminal
 * @wall: times are CLOCK_REALTIME, to be shown as date and time
 */
struct fsm_style {
	bool narrow;
	bool colour;
	bool wall;
};

/**
 * struct fsm_printer - a way to write events
 * @begin: write what comes before the first line; return 0, or -1 if there is no memory. The
 *	style of the last call counts
 * @event: write an event
 * @lost: write a record of loss
 * @end: free what @begin made
 */
struct fsm_printer {
	int (*begin)(struct fsm_output *out, const struct fsm_style *style);
	void (*event)(struct fsm_output *out, const struct tcpfsm_event *ev);
	void (*lost)(struct fsm_output *out, const struct tcpfsm_event *ev);
	void (*end)(void);
};

#endif /* FSM_PRINTER_H */
