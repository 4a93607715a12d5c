/* SPDX-License-Identifier: GPL-2.0 */
/*
 * memory.h - large memory that is asked for in vain, but never at the cost of others
 */
#ifndef TCPFSM_MEMORY_H
#define TCPFSM_MEMORY_H

#include <linux/gfp.h>
#include <linux/types.h>

/*
 * One look for what can be reclaimed, and no more: the OOM killer is called for no request
 * with __GFP_NORETRY. Who is refused says so itself.
 */
#define TCPFSM_GFP (GFP_KERNEL | __GFP_ZERO | __GFP_NORETRY | __GFP_NOWARN)

struct page;

/**
 * struct tcpfsm_memory - pages that lie one behind the other
 * @at: where they begin; NULL: there are none
 * @pages: each of them
 * @nr_pages: how many
 */
struct tcpfsm_memory {
	void *at;
	struct page **pages;
	unsigned int nr_pages;
};

u64 tcpfsm_memory_spare(void);
int tcpfsm_memory_get(struct tcpfsm_memory *memory, size_t size, int node);
void tcpfsm_memory_put(struct tcpfsm_memory *memory);

#endif /* TCPFSM_MEMORY_H */
