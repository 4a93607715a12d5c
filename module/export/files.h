/* SPDX-License-Identifier: GPL-2.0 */
/*
 * files.h - creates and removes /proc/tcpfsm, /proc/tcpfsm_raw and /proc/tcpfsm_stat
 */
#ifndef TCPFSM_FILES_H
#define TCPFSM_FILES_H

#include <linux/proc_fs.h>
#include <linux/uidgid.h>

int tcpfsm_files_init(kgid_t gid);
void tcpfsm_files_exit(void);

/* text_file.c, raw_file.c and stat_file.c implement one file of /proc each. */
extern const struct proc_ops tcpfsm_text_file_ops;
extern const struct proc_ops tcpfsm_raw_file_ops;
extern const struct proc_ops tcpfsm_stat_file_ops;

unsigned int tcpfsm_raw_file_readers(void);

#endif /* TCPFSM_FILES_H */
