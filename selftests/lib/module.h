/* SPDX-License-Identifier: GPL-2.0 */
/*
 * module.h - modules that help with a test
 */
#ifndef TCPFSM_KSFT_MODULE_H
#define TCPFSM_KSFT_MODULE_H

int module_insert(const char *name, const char *params);
int module_remove(const char *name);

#endif /* TCPFSM_KSFT_MODULE_H */
