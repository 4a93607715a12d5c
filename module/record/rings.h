/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rings.h - the rings of all CPUs, one for each
 */
#ifndef TCPFSM_RINGS_H
#define TCPFSM_RINGS_H

#include "core/ring.h"

bool tcpfsm_rings_has(unsigned int cpu);
int tcpfsm_rings_prepare(unsigned int cpu, u32 events);
void tcpfsm_rings_free(void);

struct tcpfsm_ring *tcpfsm_rings_next(struct tcpfsm_ring *ring);
struct tcpfsm_ring *tcpfsm_ring_here(void);
void tcpfsm_rings_clear(void);
u64 tcpfsm_rings_written(void);
u64 tcpfsm_rings_overwritten(void);

#endif /* TCPFSM_RINGS_H */
