/* SPDX-License-Identifier: GPL-2.0 */
/*
 * backstop.h - the tracepoint that backs up the kprobe on tcp_set_state()
 */
#ifndef TCPFSM_BACKSTOP_H
#define TCPFSM_BACKSTOP_H

#include <linux/types.h>

/* This text says what is lost without the tracepoint. */
#define TCPFSM_BACKSTOP_LOSES "LISTEN, and what the kprobe misses, are not seen"

/* True while the tracepoint is hooked. */
extern bool tcpfsm_backstop_active;

void tcpfsm_backstop_start(void);
void tcpfsm_backstop_stop(void);

#endif /* TCPFSM_BACKSTOP_H */
