/* SPDX-License-Identifier: GPL-2.0 */
/*
 * format.h - numbers, times and names, short enough for a column
 */
#ifndef TOP_FORMAT_H
#define TOP_FORMAT_H

#include "out/canvas.h"
#include "top.h"

#define FORMAT_MAX	16
#define FORMAT_ENDPOINT 56

void format_count(char *text, uint64_t n);
void format_rate(char *text, double per_second);
void format_time(char *text, uint64_t us);
void format_since(char *text, const struct top *top, uint32_t slot);
void format_endpoint(char *text, const struct fsm_conn *conn, bool local);
void format_address(char *text, unsigned int family, const uint8_t *addr);
void format_owner(char *text, size_t size, const struct fsm_conn *conn);
enum fsm_pen format_state_pen(unsigned int state);

/* This is the order in which a connection comes through the eleven states. */
extern const uint8_t format_state_order[TCPFSM_NR_STATES - 1];

#endif /* TOP_FORMAT_H */
