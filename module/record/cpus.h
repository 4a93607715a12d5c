/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cpus.h - gives each CPU its ring and counters before it comes online
 */
#ifndef TCPFSM_CPUS_H
#define TCPFSM_CPUS_H

#define TCPFSM_RING_EVENTS_DEFAULT 8192
#define TCPFSM_RING_EVENTS_MAX	   (4 * 1024 * 1024)

int tcpfsm_cpus_init(unsigned int *ring_events);
void tcpfsm_cpus_exit(void);

#endif /* TCPFSM_CPUS_H */
