/* SPDX-License-Identifier: GPL-2.0 */
/* Any hash will do. */
#ifndef TEST_LINUX_HASH_H
#define TEST_LINUX_HASH_H

static inline unsigned int hash_ptr(const void *p, unsigned int bits)
{
	return ((unsigned long)p >> 6) % (1u << bits);
}

#endif /* TEST_LINUX_HASH_H */
