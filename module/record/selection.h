/* SPDX-License-Identifier: GPL-2.0 */
/*
 * selection.h - the active filter, which selects the events that enter the rings
 */
#ifndef TCPFSM_SELECTION_H
#define TCPFSM_SELECTION_H

#include "core/filter.h"

int tcpfsm_selection_set(const char *text);
int tcpfsm_selection_get(char *buffer);
void tcpfsm_selection_exit(void);
bool tcpfsm_selected(const struct tcpfsm_event *event);

#endif /* TCPFSM_SELECTION_H */
