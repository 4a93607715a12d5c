/* SPDX-License-Identifier: GPL-2.0 */
/*
 * portable.h - the few primitives that the files without kernel API need
 *
 * In the kernel these are the kernel's own. In user space they are the compiler's atomics, of at
 * least the same strength. There the same files are unit-tested, fuzzed and run under the
 * sanitizers.
 */
#ifndef TCPFSM_PORTABLE_H
#define TCPFSM_PORTABLE_H

#ifdef __KERNEL__

#include <asm/barrier.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/types.h>

/*
 * These locks are for callers that have interrupts off already. They have nothing to do for the
 * preemption count. Where they call no function, the caller keeps its values in registers. A kernel
 * that checks locks sees the usual calls.
 */
#define TCPFSM_LOCKS_CHECKED \
	(IS_ENABLED(CONFIG_DEBUG_SPINLOCK) || IS_ENABLED(CONFIG_DEBUG_LOCK_ALLOC))

static inline void tcpfsm_lock(raw_spinlock_t *lock)
{
	if (TCPFSM_LOCKS_CHECKED)
		raw_spin_lock(lock);
	else
		arch_spin_lock(&lock->raw_lock);
}

static inline void tcpfsm_unlock(raw_spinlock_t *lock)
{
	if (TCPFSM_LOCKS_CHECKED)
		raw_spin_unlock(lock);
	else
		arch_spin_unlock(&lock->raw_lock);
}

#else

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <linux/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v)	__atomic_store_n(&(x), (v), __ATOMIC_RELAXED)
#define smp_load_acquire(p)	__atomic_load_n((p), __ATOMIC_ACQUIRE)
#define smp_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define smp_mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb()		__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb()		__atomic_thread_fence(__ATOMIC_RELEASE)

/*
 * In the kernel, KCSAN ignores such an expression. Here ThreadSanitizer ignores the reads and
 * writes of the expression itself, and nothing else.
 */
#ifdef __SANITIZE_THREAD__
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);

#define data_race(x)                                          \
	({                                                    \
		AnnotateIgnoreReadsBegin(__FILE__, __LINE__); \
		__auto_type __value = (x);                    \
		AnnotateIgnoreReadsEnd(__FILE__, __LINE__);   \
		__value;                                      \
	})
#else
#define data_race(x) (x)
#endif

#define noinline      __attribute__((noinline))
#define __cold	      __attribute__((cold))
#define likely(x)     __builtin_expect(!!(x), 1)
#define unlikely(x)   __builtin_expect(!!(x), 0)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The tests can contend on this lock. The kernel's raw_spinlock_t is the real one. */
typedef struct {
	char held;
} raw_spinlock_t;

static inline void raw_spin_lock_init(raw_spinlock_t *lock)
{
	lock->held = 0;
}

static inline void tcpfsm_lock(raw_spinlock_t *lock)
{
	while (__atomic_test_and_set(&lock->held, __ATOMIC_ACQUIRE))
		;
}

static inline void tcpfsm_unlock(raw_spinlock_t *lock)
{
	__atomic_clear(&lock->held, __ATOMIC_RELEASE);
}

#endif /* __KERNEL__ */

#endif /* TCPFSM_PORTABLE_H */
