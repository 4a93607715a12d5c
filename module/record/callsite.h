/* SPDX-License-Identifier: GPL-2.0 */
/*
 * callsite.h - finds the function of the kernel that an address lies in
 */
#ifndef TCPFSM_CALLSITE_H
#define TCPFSM_CALLSITE_H

#include "core/callsite_names.h"

/* A buffer of this size holds the name of a call site. */
#define TCPFSM_CALLSITE_NAME_LEN 64

enum tcpfsm_callsite tcpfsm_callsite_of(unsigned long return_address);
enum tcpfsm_callsite tcpfsm_callsite_beyond(unsigned long return_address, unsigned long function);
unsigned long tcpfsm_callsite_caller(unsigned long function);
void tcpfsm_callsite_unknown(unsigned long return_address);
unsigned long tcpfsm_callsite_unexplained(unsigned int number, char name[TCPFSM_CALLSITE_NAME_LEN]);

#endif /* TCPFSM_CALLSITE_H */
