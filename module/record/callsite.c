// SPDX-License-Identifier: GPL-2.0
/*
 * callsite.c - address -> place in the kernel, by the function's name, through a cache
 *
 * A hook sees return addresses; what it wants to know is who called. Each
 * address is looked up by name once. The cache only grows, its places are taken
 * by cmpxchg(); when it is full, addresses that are not in it are looked up each
 * time. So are addresses in text that may go away, whose place something else may
 * take: programs of BPF, modules. No address ever leaves this file, names do.
 *
 * Return hooks of others (kretprobes, the function graph tracer, fprobes, fexit programs
 * of BPF) put an address of their own in the place of the caller's. The unwinder knows
 * the right one, but for kretprobes before 5.16; behind a place that it does not see
 * through, nothing on the stack is believed.
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

/* A return address this far behind a function's beginning is that of the hook at its entry. */
#define ENTRY_BYTES 16

static const struct {
	const char *function;
	enum tcpfsm_callsite callsite;
} functions[] = {
#define TCPFSM_X(id, name) { name, TCPFSM_CALLSITE_##id },
	TCPFSM_CALLSITES(TCPFSM_X)
#undef TCPFSM_X
};

/* A place that somebody is just filling. */
#define TAKEN 1

/* @callsite counts once @address is there. */
static struct {
	atomic_long_t address;
	int callsite;
} cache[1 << CACHE_BITS];

/*
 * Functions that no rule explains, and how often each was met. By name: what was at an
 * address may have gone when somebody asks.
 */
struct unknown {
	unsigned long count;
	char name[TCPFSM_CALLSITE_NAME_LEN];
};

static struct unknown unknown[NR_UNKNOWN];
static DEFINE_RAW_SPINLOCK(unknown_lock); /* guards them */

static bool begins(const char *symbol, const char *prefix)
{
	return !strncmp(symbol, prefix, strlen(prefix));
}

/* The compiler's copies of a function (name.part.0, name.isra.0) are the function. */
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

/* Text of the kernel itself, and of the one module whose functions are asked for, stays. */
static bool is_lasting(const char *symbol)
{
	const char *module = strchr(symbol, '[');

	if (begins(symbol, "0x"))
		return false;
	return !module || begins(module, "[ipv6]");
}

/* Trampolines that stand for a return address are entered at their beginning. */
static bool is_beginning(const char *symbol)
{
	return begins(symbol + strcspn(symbol, "+"), "+0x0/");
}

static noinline enum tcpfsm_callsite __cold look_up(unsigned long address, bool *lasting)
{
	char symbol[KSYM_SYMBOL_LEN];
	enum tcpfsm_callsite callsite;

	/* A call may be a function's last instruction: step back into it. */
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
 * tcpfsm_callsite_of() - which place will a call return to?
 * @return_address: as a hook sees it
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

/* The call that a hook at the entry of @function is made from, or an interrupted entry. */
static bool is_entry_of(unsigned long address, unsigned long function)
{
	return address - function < ENTRY_BYTES;
}

/**
 * tcpfsm_callsite_beyond() - the first place up the stack that says something
 * @return_address: of the innermost call, in a function that says nothing
 * @function: the function that was called, 0: not known
 *
 * Walks the stack, which takes thousands of instructions: for rare paths. Where a
 * kprobe is an exception (arm64), the walk meets the interrupted function and
 * then its caller's caller: the return address is in a register yet.
 *
 * Context: any.
 * Return: the place, OTHER if there is none that is known, HIDDEN if the stack does not show it.
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
 * tcpfsm_callsite_caller() - who called a function, whatever stands in the return address
 * @function: a function at whose entry the caller is hooked; 0: the one that is storing a
 *	socket's state, for the backstop, which is called from the store and given no registers
 *
 * Context: any; walks the stack as tcpfsm_callsite_beyond() does.
 * Return: the return address, 0 if the stack does not show it.
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

/* What a user may see of an address: a name, never the address. */
static void name_of(unsigned long return_address, char *name)
{
	bool hidden = tcpfsm_callsite_of(return_address) == TCPFSM_CALLSITE_HIDDEN;
	char symbol[KSYM_SYMBOL_LEN];

	/* A trampoline has its beginning for a return address. */
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
 * tcpfsm_callsite_unknown() - remember a place that no rule explains
 * @return_address: as a hook saw it, 0: not known
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
 * tcpfsm_callsite_unexplained() - a call site that no rule explains
 * @number: from 0 on
 * @name: filled in, its function's name
 *
 * Context: any.
 * Return: how often it was met; 0 if there are not so many.
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
