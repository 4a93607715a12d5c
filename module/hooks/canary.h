/* SPDX-License-Identifier: GPL-2.0 */
/*
 * canary.h - detects that somebody has switched kprobes off
 */
#ifndef TCPFSM_CANARY_H
#define TCPFSM_CANARY_H

#include <linux/types.h>

int tcpfsm_canary_start(void);
void tcpfsm_canary_stop(void);
bool tcpfsm_canary_silent(void);

#endif /* TCPFSM_CANARY_H */
