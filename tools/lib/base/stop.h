/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stop.h - signals that end the program, at a moment when it can be ended
 */
#ifndef FSM_STOP_H
#define FSM_STOP_H

#include <poll.h>
#include <signal.h>
#include <stdint.h>

/* A wait that has no limit. */
#define FSM_STOP_FOREVER UINT64_MAX

/* The signal that came, or 0. */
extern volatile sig_atomic_t fsm_stop_signal;

void fsm_stop_catch(void);
int fsm_stop_poll(struct pollfd *pfd, nfds_t nr, uint64_t timeout_ns);
void fsm_stop_die_of(int signal_nr);

#endif /* FSM_STOP_H */
