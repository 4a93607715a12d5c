/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hooks.h - where the kernel changes a connection's state
 */
#ifndef TCPFSM_PROBES_H
#define TCPFSM_PROBES_H

struct seq_file;
struct tcpfsm_stat;

int tcpfsm_probes_start(void);
void tcpfsm_probes_stop(void);
void tcpfsm_probes_stat(struct seq_file *m, const struct tcpfsm_stat *stat);

#endif /* TCPFSM_PROBES_H */
