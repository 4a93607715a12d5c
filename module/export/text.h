/* SPDX-License-Identifier: GPL-2.0 */
/*
 * text.h - writes the text of /proc/tcpfsm and /proc/tcpfsm_stat
 */
#ifndef TCPFSM_TEXT_H
#define TCPFSM_TEXT_H

#include <linux/seq_file.h>
#include "core/states.h"

void tcpfsm_text_header(struct seq_file *m);
void tcpfsm_text_lost(struct seq_file *m, u64 lost);
void tcpfsm_text_event(struct seq_file *m, const struct tcpfsm_event *event);
int tcpfsm_text_stat(struct seq_file *m, unsigned int readers);

#endif /* TCPFSM_TEXT_H */
