// SPDX-License-Identifier: GPL-2.0
/*
 * site.c - address -> function, by name, through a cache
 *
 * A hook sees return addresses; what it wants to know is who called. Each
 * address is looked up by name once. The cache only grows, in places taken by
 * cmpxchg(); when it is full, addresses that are not in it are looked up each time.
 */
#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/kallsyms.h>
#include <linux/string.h>
#include "port.h"
#include "site.h"

#define CACHE_BITS 8
#define CACHE_TRIES 8

static const char * const site_names[] = {
#define TCPFSM_X(name) [TCPFSM_SITE_##name] = #name,
	TCPFSM_SITES(TCPFSM_X)
#undef TCPFSM_X
};

/* The address, and site + 1 once it is known. */
static struct {
	atomic_long_t address;
	int site;
} cache[1 << CACHE_BITS];

/* The compiler's copies of a function (name.part.0, name.isra.0) are the function. */
static enum tcpfsm_site site_named(const char *symbol)
{
	size_t len = strcspn(symbol, ".+");
	int site;

	for (site = TCPFSM_SITE_OTHER + 1; site < TCPFSM_NR_SITES; site++)
		if (strlen(site_names[site]) == len && !strncmp(symbol, site_names[site], len))
			return site;
	return TCPFSM_SITE_OTHER;
}

static noinline enum tcpfsm_site look_up(unsigned long address)
{
	char symbol[KSYM_SYMBOL_LEN];

	/* A call may be a function's last instruction: step back into it. */
	sprint_symbol(symbol, address - 1);
	return site_named(symbol);
}

/**
 * tcpfsm_site_of() - which function will a call return to?
 * @return_address: as a hook sees it
 *
 * Context: any.
 */
enum tcpfsm_site tcpfsm_site_of(unsigned long return_address)
{
	unsigned long at = hash_long(return_address, CACHE_BITS);
	enum tcpfsm_site site;
	long found;
	int i;

	for (i = 0; i < CACHE_TRIES; i++, at = (at + 1) % ARRAY_SIZE(cache)) {
		found = atomic_long_read(&cache[at].address);
		if (!found)
			break;
		if (found == (long)return_address) {
			site = READ_ONCE(cache[at].site);
			/* Whoever takes the place fills it a moment later. */
			return site ? site - 1 : look_up(return_address);
		}
	}
	site = look_up(return_address);
	if (i < CACHE_TRIES &&
	    atomic_long_cmpxchg(&cache[at].address, 0, (long)return_address) == 0)
		WRITE_ONCE(cache[at].site, site + 1);
	return site;
}
