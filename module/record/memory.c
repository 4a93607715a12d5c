// SPDX-License-Identifier: GPL-2.0
/*
 * memory.c - allocates large memory, and fails rather than harm others
 *
 * vzalloc_node() calls the OOM killer rather than fail. __vmalloc() takes the flags that forbid
 * this, but takes no node. kvmalloc_node() rounds up to a power of two. Therefore this file
 * allocates the pages one by one.
 */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "record/memory.h"

/**
 * tcpfsm_memory_spare() - report how much memory may be taken at once
 *
 * An eighth of the available memory stays, so that others do not run short next.
 *
 * Context: any.
 * Return: number of bytes.
 */
u64 tcpfsm_memory_spare(void)
{
	long available = si_mem_available();

	return available > 0 ? ((u64)available << PAGE_SHIFT) / 8 * 7 : 0;
}

static void free_pages_of(struct tcpfsm_memory *memory)
{
	while (memory->nr_pages)
		__free_page(memory->pages[--memory->nr_pages]);
	kvfree(memory->pages);
	memory->pages = NULL;
}

/**
 * tcpfsm_memory_get() - allocate zeroed pages that can be used as one area
 * @memory: to fill in
 * @size: number of bytes
 * @node: node on which the pages are best
 *
 * Context: process.
 * Return: 0; or -ENOMEM, and @memory is then empty.
 */
int tcpfsm_memory_get(struct tcpfsm_memory *memory, size_t size, int node)
{
	unsigned int n = DIV_ROUND_UP(size, PAGE_SIZE);
	struct page *page;

	memset(memory, 0, sizeof(*memory));
	if (size > tcpfsm_memory_spare())
		return -ENOMEM;
	memory->pages = kvmalloc_array(n, sizeof(*memory->pages), TCPFSM_GFP);
	if (!memory->pages)
		return -ENOMEM;
	while (memory->nr_pages < n) {
		page = alloc_pages_node(node, TCPFSM_GFP, 0);
		if (!page)
			goto err_pages;
		memory->pages[memory->nr_pages++] = page;
		cond_resched();
	}
	memory->at = vmap(memory->pages, n, VM_MAP, PAGE_KERNEL);
	if (!memory->at)
		goto err_pages;
	return 0;

err_pages:
	free_pages_of(memory);
	return -ENOMEM;
}

/**
 * tcpfsm_memory_put() - free the pages of tcpfsm_memory_get()
 * @memory: the pages; may be empty, and is empty afterwards
 *
 * Context: process.
 */
void tcpfsm_memory_put(struct tcpfsm_memory *memory)
{
	vunmap(memory->at);
	memory->at = NULL;
	free_pages_of(memory);
}
