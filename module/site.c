// SPDX-License-Identifier: GPL-2.0
/*
 * site.c - address -> place in the kernel, by the function's name, through a cache
 *
 * A hook sees return addresses; what it wants to know is who called. Each
 * address is looked up by name once. The cache only grows, its places are taken
 * by cmpxchg(); when it is full, addresses that are not in it are looked up each
 * time. No address ever leaves this file, names do.
 */
#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/kallsyms.h>
#include <linux/seq_file.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include "port.h"
#include "site.h"

#define CACHE_BITS  8
#define CACHE_TRIES 8
#define STACK_DEPTH 48
#define NR_UNKNOWN  16

static const struct {
	const char *function;
	enum tcpfsm_site site;
} functions[] = {
#define TCPFSM_X(id, name) { name, TCPFSM_SITE_##id },
	TCPFSM_SITES(TCPFSM_X)
#undef TCPFSM_X
};

/* A place that somebody is just filling. */
#define TAKEN 1

/* @site counts once @address is there. */
static struct {
	atomic_long_t address;
	int site;
} cache[1 << CACHE_BITS];

/* Places that no rule explains, and how often each was met. */
static struct {
	atomic_long_t address;
	atomic_long_t count;
} unknown[NR_UNKNOWN];

static bool begins(const char *symbol, const char *prefix)
{
	return !strncmp(symbol, prefix, strlen(prefix));
}

/* The compiler's copies of a function (name.part.0, name.isra.0) are the function. */
static enum tcpfsm_site __cold site_named(const char *symbol)
{
	size_t i, len = strcspn(symbol, ".+");

	for (i = 0; i < ARRAY_SIZE(functions); i++)
		if (strlen(functions[i].function) == len && begins(symbol, functions[i].function))
			return functions[i].site;
	if (begins(symbol, "mptcp_") || begins(symbol, "__mptcp_") || begins(symbol, "subflow_"))
		return TCPFSM_SITE_MPTCP;
	return TCPFSM_SITE_OTHER;
}

static noinline enum tcpfsm_site __cold look_up(unsigned long address)
{
	char symbol[KSYM_SYMBOL_LEN];

	/* A call may be a function's last instruction: step back into it. */
	sprint_symbol(symbol, address - 1);
	return site_named(symbol);
}

static noinline enum tcpfsm_site search_cache(unsigned long return_address)
{
	unsigned long first = hash_long(return_address, CACHE_BITS), at;
	enum tcpfsm_site site;
	long found;
	int i;

	for (i = 0; i < CACHE_TRIES; i++) {
		at = first ^ i;
		/* Pairs with the release below. */
		found = atomic_long_read_acquire(&cache[at].address);
		if (!found)
			break;
		if (found == (long)return_address)
			return cache[at].site;
	}
	site = look_up(return_address);
	if (i < CACHE_TRIES && atomic_long_cmpxchg(&cache[at].address, 0, TAKEN) == 0) {
		cache[at].site = site;
		/* Pairs with holds() and with the acquire above. */
		atomic_long_set_release(&cache[at].address, (long)return_address);
	}
	return site;
}

static bool holds(unsigned long at, unsigned long return_address)
{
	/* Pairs with the release in search_cache(). */
	return atomic_long_read_acquire(&cache[at].address) == (long)return_address;
}

/**
 * tcpfsm_site_of() - which place will a call return to?
 * @return_address: as a hook sees it
 *
 * Context: any.
 */
enum tcpfsm_site tcpfsm_site_of(unsigned long return_address)
{
	unsigned long at = hash_long(return_address, CACHE_BITS);

	if (likely(holds(at, return_address)))
		return cache[at].site;
	at ^= 1;
	return holds(at, return_address) ? cache[at].site : search_cache(return_address);
}

/* Functions that say nothing by themselves: who called them does. */
static bool is_passage(enum tcpfsm_site site)
{
	return site == TCPFSM_SITE_DONE || site == TCPFSM_SITE_REQ_DROP ||
	       site == TCPFSM_SITE_DESCHEDULE;
}

/**
 * tcpfsm_site_beyond() - the first place up the stack that says something
 * @return_address: of the innermost call, in a function that says nothing
 * @function: the function that was called, 0: not known
 *
 * Walks the stack, which takes thousands of instructions: for rare paths. Where a
 * kprobe is an exception (arm64), the walk meets the interrupted function and
 * then its caller's caller: the return address is in a register yet.
 *
 * Context: any.
 * Return: the place, OTHER if there is none that is known.
 */
noinline enum tcpfsm_site __cold tcpfsm_site_beyond(unsigned long return_address,
						    unsigned long function)
{
	unsigned long stack[STACK_DEPTH];
	unsigned int depth = stack_trace_save(stack, STACK_DEPTH, 0);
	enum tcpfsm_site site;
	unsigned int i;

	for (i = 0; i < depth && stack[i] != return_address && stack[i] != function; i++)
		;
	for (i++; i < depth; i++) {
		site = tcpfsm_site_of(stack[i]);
		if (!is_passage(site))
			return site;
	}
	return TCPFSM_SITE_OTHER;
}

/**
 * tcpfsm_site_storer() - return address of the call that stores a socket's state
 *
 * For the auditor, which is called from the store and is given no registers.
 *
 * Context: in the tracepoint inet_sock_set_state.
 * Return: the address, 0 if the stack does not show it.
 */
noinline unsigned long __cold tcpfsm_site_storer(void)
{
	unsigned long stack[STACK_DEPTH];
	unsigned int depth = stack_trace_save(stack, STACK_DEPTH, 0);
	bool in_store = false;
	unsigned int i;

	for (i = 0; i < depth; i++) {
		if (tcpfsm_site_of(stack[i]) == TCPFSM_SITE_STORE)
			in_store = true;
		else if (in_store)
			return stack[i];
	}
	return 0;
}

/**
 * tcpfsm_site_unknown() - remember a place that no rule explains
 * @return_address: as a hook saw it
 *
 * Context: any.
 */
void __cold tcpfsm_site_unknown(unsigned long return_address)
{
	int i;

	for (i = 0; i < NR_UNKNOWN; i++) {
		long found = atomic_long_read(&unknown[i].address);

		if (!found)
			found = atomic_long_cmpxchg(&unknown[i].address, 0, (long)return_address) ?:
					(long)return_address;
		if (found == (long)return_address) {
			atomic_long_inc(&unknown[i].count);
			return;
		}
	}
}

/**
 * tcpfsm_site_stat() - list the places that no rule explains
 * @m: where to write
 *
 * Context: process.
 */
void __cold tcpfsm_site_stat(struct seq_file *m)
{
	char symbol[KSYM_SYMBOL_LEN];
	int i;

	for (i = 0; i < NR_UNKNOWN && atomic_long_read(&unknown[i].address); i++) {
		sprint_symbol_no_offset(symbol, atomic_long_read(&unknown[i].address) - 1);
		seq_printf(m, "cause_unknown_site{symbol=\"%s\"} %ld\n", symbol,
			   atomic_long_read(&unknown[i].count));
	}
}
