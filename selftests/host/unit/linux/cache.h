/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TEST_LINUX_CACHE_H
#define TEST_LINUX_CACHE_H

#define ____cacheline_aligned __attribute__((aligned(64)))

#endif /* TEST_LINUX_CACHE_H */
