/* SPDX-License-Identifier: GPL-2.0 */
/*
 * wakeup.h - wakes the readers that wait for an event
 */
#ifndef TCPFSM_WAKEUP_H
#define TCPFSM_WAKEUP_H

#include <linux/wait.h>

void tcpfsm_wakeup_init(void);
void tcpfsm_wakeup_exit(void);

void tcpfsm_wakeup(void);
wait_queue_head_t *tcpfsm_wakeup_queue(void);

#endif /* TCPFSM_WAKEUP_H */
