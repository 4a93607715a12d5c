/* SPDX-License-Identifier: GPL-2.0 */
/*
 * callsite.h - address -> the function of the kernel that it lies in
 */
#ifndef TCPFSM_CALLSITE_H
#define TCPFSM_CALLSITE_H

#include "core/callsite_names.h"

struct seq_file;

enum tcpfsm_callsite tcpfsm_callsite_of(unsigned long return_address);
enum tcpfsm_callsite tcpfsm_callsite_beyond(unsigned long return_address, unsigned long function);
unsigned long tcpfsm_callsite_caller(unsigned long function);
void tcpfsm_callsite_unknown(unsigned long return_address);
void tcpfsm_callsite_stat(struct seq_file *m);

#endif /* TCPFSM_CALLSITE_H */
