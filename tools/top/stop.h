/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stop.h - signals that end the program, at a moment when it can be ended
 */
#ifndef TOP_STOP_H
#define TOP_STOP_H

#include <poll.h>
#include <signal.h>
#include <stdint.h>

/* The signal that came, or 0. */
extern volatile sig_atomic_t stop_signal;

void stop_catch(void);
int stop_poll(struct pollfd *pfd, nfds_t nr, uint64_t timeout_ns);
void stop_die_of(int signal_nr);

#endif /* TOP_STOP_H */
