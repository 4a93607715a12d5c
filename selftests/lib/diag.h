/* SPDX-License-Identifier: GPL-2.0 */
/*
 * diag.h - sockets as inet_diag shows them, and their end from outside
 *
 * What "ss" and "ss -K" would do; but ss does not tell a socket that the kernel does not
 * destroy from one that is not there.
 */
#ifndef TCPFSM_KSFT_DIAG_H
#define TCPFSM_KSFT_DIAG_H

#include <linux/inet_diag.h>

int diag_find(int fd, unsigned int states, struct inet_diag_msg *sockets, int max);
int diag_destroy(int fd, const struct inet_diag_msg *which);

#endif /* TCPFSM_KSFT_DIAG_H */
