// SPDX-License-Identifier: GPL-2.0
/*
 * callsite.c - finds the call site of an address by the function's name, through a cache
 *
 * A hook sees return addresses and wants to know who called. The name of each address is looked up
 * once. The cache only grows, and cmpxchg() takes its entries. When the cache is full, an address
 * that is not in it is looked up each time. So is an address in text that may go away and be
 * replaced by something else, such as a BPF program or a module. Only names leave this file, never
 * addresses.
 *
 * Return hooks of others put an address of their own in the place of the caller's: kretprobes, the
 * function graph tracer, fprobes, and fexit programs of BPF. The unwinder knows the right address,
 * except for kretprobes before 5.16. If the unwinder does not see through such an address, nothing
 * behind it on the stack is believed.
 */
#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/kallsyms.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include "core/portable.h"
#include "record/callsite.h"

#define CACHE_BITS  8
#define CACHE_TRIES 8
#define STACK_DEPTH 48
#define NR_UNKNOWN  16

/* A return address within this many bytes of a function's beginning belongs to the hook there. */
#define ENTRY_BYTES 16

static const struct {
	const char *function;
	enum tcpfsm_callsite callsite;
} functions[] = {
#define TCPFSM_X(id, name) { name, TCPFSM_CALLSITE_##id },
	TCPFSM_CALLSITES(TCPFSM_X)
#undef TCPFSM_X
};

/* An entry has this address while somebody is filling it. */
#define TAKEN 1

/* @callsite is valid once @address is there. */
static struct {
	atomic_long_t address;
	int callsite;
} cache[1 << CACHE_BITS];

/*
 * Count how often a function that no rule explains was met. Keep its name, not its address, because
 * the text there may have gone when somebody asks.
 */
struct unknown {
	unsigned long count;
	char name[TCPFSM_CALLSITE_NAME_LEN];
};

static struct unknown unknown[NR_UNKNOWN];
static DEFINE_RAW_SPINLOCK(unknown_lock); /* guards @unknown */

static bool begins(const char *symbol, const char *prefix)
{
	return !strncmp(symbol, prefix, strlen(prefix));
}

/* The compiler's copies of a function (name.part.0, name.isra.0) count as the function. */
static enum tcpfsm_callsite __cold callsite_named(const char *symbol)
{
	size_t i, len = strcspn(symbol, ".+");

	for (i = 0; i < ARRAY_SIZE(functions); i++)
		if (strlen(functions[i].function) == len && begins(symbol, functions[i].function))
			return functions[i].callsite;
	if (begins(symbol, "mptcp_") || begins(symbol, "__mptcp_") || begins(symbol, "subflow_"))
		return TCPFSM_CALLSITE_MPTCP;
	if (begins(symbol, "bpf_trampoline_"))
		return TCPFSM_CALLSITE_TRAMPOLINE;
	return TCPFSM_CALLSITE_OTHER;
}

/* Does the text stay? It does in the kernel, and in the one module with call sites: ipv6. */
static bool is_lasting(const char *symbol)
{
	const char *module = strchr(symbol, '[');

	if (begins(symbol, "0x"))
		return false;
	return !module || begins(module, "[ipv6]");
}

/* Is this a symbol's beginning? A trampoline in the place of a return address is entered there. */
static bool is_beginning(const char *symbol)
{
	return begins(symbol + strcspn(symbol, "+"), "+0x0/");
}

static noinline enum tcpfsm_callsite __cold look_up(unsigned long address, bool *lasting)
{
	char symbol[KSYM_SYMBOL_LEN];
	enum tcpfsm_callsite callsite;

	/* A call may be the last instruction of a function, so step back into the call. */
	sprint_symbol(symbol, address - 1);
	*lasting = is_lasting(symbol);
	callsite = callsite_named(symbol);
	if (callsite != TCPFSM_CALLSITE_OTHER)
		return callsite;
	sprint_symbol(symbol, address);
	if (!is_beginning(symbol) || callsite_named(symbol) != TCPFSM_CALLSITE_HIDDEN)
		return TCPFSM_CALLSITE_OTHER;
	*lasting = is_lasting(symbol);
	return TCPFSM_CALLSITE_HIDDEN;
}

static noinline enum tcpfsm_callsite search_cache(unsigned long return_address)
{
	unsigned long first = hash_long(return_address, CACHE_BITS), at;
	enum tcpfsm_callsite callsite;
	bool lasting;
	long found;
	int i;

	for (i = 0; i < CACHE_TRIES; i++) {
		at = first ^ i;
		/* Pairs with the release below. */
		found = atomic_long_read_acquire(&cache[at].address);
		if (!found)
			break;
		if (found == (long)return_address)
			return cache[at].callsite;
	}
	callsite = look_up(return_address, &lasting);
	if (lasting && i < CACHE_TRIES && atomic_long_cmpxchg(&cache[at].address, 0, TAKEN) == 0) {
		cache[at].callsite = callsite;
		/* Pairs with holds() and with the acquire above. */
		atomic_long_set_release(&cache[at].address, (long)return_address);
	}
	return callsite;
}

static bool holds(unsigned long at, unsigned long return_address)
{
	/* Pairs with the release in search_cache(). */
	return atomic_long_read_acquire(&cache[at].address) == (long)return_address;
}

/**
 * tcpfsm_callsite_of() - find the call site that a call will return to
 * @return_address: the address, as a hook sees it
 *
 * Context: any.
 */
enum tcpfsm_callsite tcpfsm_callsite_of(unsigned long return_address)
{
	unsigned long at = hash_long(return_address, CACHE_BITS);

	if (likely(holds(at, return_address)))
		return cache[at].callsite;
	at ^= 1;
	return holds(at, return_address) ? cache[at].callsite : search_cache(return_address);
}

/* Is @address that of the call to a hook at the entry of @function, or of an interrupted entry? */
static bool is_entry_of(unsigned long address, unsigned long function)
{
	return address - function < ENTRY_BYTES;
}

/**
 * tcpfsm_callsite_beyond() - find the first call site up the stack that says something
 * @return_address: return address of the innermost call, in a function that says nothing
 * @function: the function that was called; 0 if it is not known
 *
 * This walks the stack, which takes thousands of instructions. It is for rare paths only. If a
 * kprobe is an exception (arm64), the walk meets the interrupted function and then its caller's
 * caller, because the return address is still in a register.
 *
 * Context: any.
 * Return: the call site; OTHER if no known one is found; HIDDEN if the stack does not show it.
 */
noinline enum tcpfsm_callsite __cold tcpfsm_callsite_beyond(unsigned long return_address,
							    unsigned long function)
{
	unsigned long stack[STACK_DEPTH];
	unsigned int depth = stack_trace_save(stack, STACK_DEPTH, 0);
	enum tcpfsm_callsite callsite;
	unsigned int i;

	for (i = 0; i < depth && stack[i] != return_address && !is_entry_of(stack[i], function);
	     i++)
		;
	for (i++; i < depth; i++) {
		callsite = tcpfsm_callsite_of(stack[i]);
		if (!tcpfsm_callsite_is_passage(callsite) || callsite == TCPFSM_CALLSITE_HIDDEN)
			return callsite;
	}
	return TCPFSM_CALLSITE_OTHER;
}

/**
 * tcpfsm_callsite_caller() - find the caller of a function, even behind a foreign return hook
 * @function: the function at whose entry the calling hook is; 0 for the function that is storing a
 *	socket's state. The backstop passes 0, because it is called from the store and gets no
 *	registers.
 *
 * Context: any; walks the stack as tcpfsm_callsite_beyond() does.
 * Return: the return address; 0 if the stack does not show it.
 */
noinline unsigned long __cold tcpfsm_callsite_caller(unsigned long function)
{
	unsigned long stack[STACK_DEPTH];
	unsigned int depth = stack_trace_save(stack, STACK_DEPTH, 0);
	enum tcpfsm_callsite callsite;
	bool inside = false;
	unsigned int i;

	for (i = 0; i < depth; i++) {
		callsite = tcpfsm_callsite_of(stack[i]);
		/* An fexit program's trampoline is called from the function that it calls. */
		if (callsite == TCPFSM_CALLSITE_STORE || is_entry_of(stack[i], function))
			inside = true;
		else if (inside && callsite == TCPFSM_CALLSITE_HIDDEN)
			return 0;
		else if (inside && callsite != TCPFSM_CALLSITE_TRAMPOLINE)
			return stack[i];
	}
	return 0;
}

/* Name an address for users. They may see the name, but never the address. */
static void name_of(unsigned long return_address, char *name)
{
	bool hidden = tcpfsm_callsite_of(return_address) == TCPFSM_CALLSITE_HIDDEN;
	char symbol[KSYM_SYMBOL_LEN];

	/* The return address of a trampoline is its beginning, so do not step back there. */
	sprint_symbol_no_offset(symbol, return_address - !hidden);
	strscpy(name, begins(symbol, "0x") ? "?" : symbol, TCPFSM_CALLSITE_NAME_LEN);
}

static void count_unknown(const char *name)
{
	struct unknown *at;

	for (at = unknown; at < unknown + NR_UNKNOWN; at++) {
		if (!at->count)
			strscpy(at->name, name, TCPFSM_CALLSITE_NAME_LEN);
		if (!strcmp(at->name, name)) {
			at->count++;
			return;
		}
	}
}

/**
 * tcpfsm_callsite_unknown() - remember a call site that no rule explains
 * @return_address: the address, as a hook saw it; 0 if it is not known
 *
 * Context: any.
 */
void __cold tcpfsm_callsite_unknown(unsigned long return_address)
{
	char name[TCPFSM_CALLSITE_NAME_LEN] = "?";
	unsigned long irq;

	if (return_address)
		name_of(return_address, name);
	raw_spin_lock_irqsave(&unknown_lock, irq);
	count_unknown(name);
	raw_spin_unlock_irqrestore(&unknown_lock, irq);
}

/**
 * tcpfsm_callsite_unexplained() - report a call site that no rule explains
 * @number: number of the call site, from 0
 * @name: filled in with the name of its function
 *
 * Context: any.
 * Return: how often the call site was met; 0 if no call site has this number.
 */
unsigned long __cold tcpfsm_callsite_unexplained(unsigned int number,
						 char name[TCPFSM_CALLSITE_NAME_LEN])
{
	unsigned long irq, count;

	if (number >= NR_UNKNOWN)
		return 0;
	raw_spin_lock_irqsave(&unknown_lock, irq);
	count = unknown[number].count;
	strscpy(name, unknown[number].name, TCPFSM_CALLSITE_NAME_LEN);
	raw_spin_unlock_irqrestore(&unknown_lock, irq);
	return count;
}
