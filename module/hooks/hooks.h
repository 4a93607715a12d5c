/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hooks.h - where the kernel changes a connection's state
 */
#ifndef TCPFSM_HOOKS_H
#define TCPFSM_HOOKS_H

struct seq_file;
struct tcpfsm_stat;

int tcpfsm_hooks_start(void);
void tcpfsm_hooks_stop(void);
void tcpfsm_hooks_stat(struct seq_file *m, const struct tcpfsm_stat *stat);

#endif /* TCPFSM_HOOKS_H */
