/* SPDX-License-Identifier: GPL-2.0 */
/*
 * memory.h - allocates large memory, and fails rather than harm others
 */
#ifndef TCPFSM_MEMORY_H
#define TCPFSM_MEMORY_H

#include <linux/gfp.h>
#include <linux/types.h>

/*
 * The kernel looks once for memory that it can reclaim, and no more. It never calls the OOM killer
 * for a request with __GFP_NORETRY. A caller that gets no memory says so itself.
 */
#define TCPFSM_GFP (GFP_KERNEL | __GFP_ZERO | __GFP_NORETRY | __GFP_NOWARN)

struct page;

/**
 * struct tcpfsm_memory - pages that lie one behind the other
 * @at: address of the first page; NULL if there are no pages
 * @pages: the pages
 * @nr_pages: number of pages
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
