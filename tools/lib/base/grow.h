/* SPDX-License-Identifier: GPL-2.0 */
/*
 * grow.h - lists that grow when elements are added
 */
#ifndef FSM_GROW_H
#define FSM_GROW_H

#include <stddef.h>
#include <stdint.h>

void *fsm_grow(void *list, uint32_t *size, uint32_t wanted, size_t each);

#endif /* FSM_GROW_H */
