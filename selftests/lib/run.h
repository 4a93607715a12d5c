/* SPDX-License-Identifier: GPL-2.0 */
/*
 * run.h - run a command in a network namespace
 */
#ifndef TCPFSM_KSFT_RUN_H
#define TCPFSM_KSFT_RUN_H

int run_in(int netns, const char *input, const char *command);

#endif /* TCPFSM_KSFT_RUN_H */
