// SPDX-License-Identifier: GPL-2.0
/*
 * grow.c - lists that grow when elements are added
 */
#include "base/grow.h"

#include <stdlib.h>

/**
 * fsm_grow() - make room in a list
 * @list: list, NULL at first
 * @size: number of elements that it has room for
 * @wanted: number of elements that it has to have room for
 * @each: bytes of one element
 *
 * The room at least doubles, so that adding elements one by one costs little.
 *
 * Return: the list, moved or not; NULL if there is no memory, and the list is as it was.
 */
void *fsm_grow(void *list, uint32_t *size, uint32_t wanted, size_t each)
{
	void *p;

	if (wanted <= *size)
		return list;
	if (wanted < 2 * *size)
		wanted = 2 * *size;
	p = realloc(list, wanted * each);
	if (p)
		*size = wanted;
	return p;
}
