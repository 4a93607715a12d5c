/* SPDX-License-Identifier: GPL-2.0 */
/*
 * procfs.h - /proc/tcpfsm, /proc/tcpfsm_raw, /proc/tcpfsm_stat
 */
#ifndef TCPFSM_PROCFS_H
#define TCPFSM_PROCFS_H

#include <linux/uidgid.h>

int tcpfsm_procfs_init(kgid_t gid);
void tcpfsm_procfs_exit(void);
unsigned int tcpfsm_procfs_readers(void);

#endif /* TCPFSM_PROCFS_H */
