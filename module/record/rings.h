/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rings.h - one ring a CPU, and the bell that wakes readers
 */
#ifndef TCPFSM_RINGS_H
#define TCPFSM_RINGS_H

#include <linux/wait.h>
#include "core/ring.h"

void tcpfsm_rings_init(void);
void tcpfsm_rings_exit(void);

bool tcpfsm_rings_has(unsigned int cpu);
int tcpfsm_rings_prepare(unsigned int cpu, u32 events);
void tcpfsm_rings_free(void);

struct tcpfsm_ring *tcpfsm_rings_next(struct tcpfsm_ring *ring);
struct tcpfsm_ring *tcpfsm_ring_here(void);
void tcpfsm_rings_clear(void);
u64 tcpfsm_rings_written(void);
u64 tcpfsm_rings_overwritten(void);

void tcpfsm_wakeup(void);
wait_queue_head_t *tcpfsm_wakeup_queue(void);

#endif /* TCPFSM_RINGS_H */
