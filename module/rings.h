/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rings.h - one ring a CPU, and the bell that wakes readers
 */
#ifndef TCPFSM_RINGS_H
#define TCPFSM_RINGS_H

#include <linux/wait.h>
#include "ring.h"

#define TCPFSM_RING_EVENTS_DEFAULT 8192
#define TCPFSM_RING_EVENTS_MAX	   (4 * 1024 * 1024)

int tcpfsm_rings_init(u32 events);
void tcpfsm_rings_exit(void);

struct tcpfsm_ring *tcpfsm_ring_of(int cpu);
struct tcpfsm_ring *tcpfsm_ring_here(void);
void tcpfsm_rings_clear(void);
u64 tcpfsm_rings_written(void);
u64 tcpfsm_rings_overwritten(void);

void tcpfsm_bell_ring(void);
wait_queue_head_t *tcpfsm_bell_queue(void);

#endif /* TCPFSM_RINGS_H */
