/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat.h - all that differs between kernels, named by what it does
 *
 * compat.kbuild looks into the kernel's headers, and defines TCPFSM_HAS_* for what it finds there.
 */
#ifndef TCPFSM_COMPAT_H
#define TCPFSM_COMPAT_H

#include <linux/ftrace.h>
#include <linux/inetdevice.h>
#include <linux/kprobes.h>
#include <linux/sched.h>
#include <net/inet_timewait_sock.h>
#include <net/tcp.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

#ifndef CONFIG_64BIT
#error "tcpfsm needs a 64-bit kernel: its ring publishes with 64-bit loads and stores"
#endif
#ifndef CONFIG_HAVE_FUNCTION_ARG_ACCESS_API
#error "tcpfsm needs an architecture with regs_get_kernel_argument()"
#endif

/* __flatten makes all that a function calls a part of it. Kernels before 5.16 lack the name. */
#ifndef __flatten
#define __flatten __attribute__((flatten))
#endif

/* ---- probes ---- */

/* Does ftrace pass on arguments, either with all registers or by themselves? */
#ifdef TCPFSM_HAS_FTRACE_ARGUMENTS
#define TCPFSM_HAVE_FTRACE \
	(IS_ENABLED(CONFIG_DYNAMIC_FTRACE_WITH_REGS) || IS_ENABLED(CONFIG_DYNAMIC_FTRACE_WITH_ARGS))
#else
#define TCPFSM_HAVE_FTRACE IS_ENABLED(CONFIG_DYNAMIC_FTRACE_WITH_REGS)
#endif

#if TCPFSM_HAVE_FTRACE
#ifdef TCPFSM_HAS_FTRACE_REGS
typedef struct ftrace_regs tcpfsm_fregs;
/* ftrace passes on arguments here without the cost of saving every register. */
#define TCPFSM_FTRACE_FLAGS \
	(IS_ENABLED(CONFIG_HAVE_DYNAMIC_FTRACE_WITH_ARGS) ? 0 : FTRACE_OPS_FL_SAVE_REGS)
#else
typedef struct pt_regs tcpfsm_fregs;
#define TCPFSM_FTRACE_FLAGS FTRACE_OPS_FL_SAVE_REGS
#endif

static __always_inline unsigned long tcpfsm_fregs_arg(tcpfsm_fregs *fregs, unsigned int n)
{
#if defined(TCPFSM_HAS_FTRACE_ARGUMENTS)
	return ftrace_regs_get_argument(fregs, n);
#elif defined(TCPFSM_HAS_FTRACE_REGS)
	return regs_get_kernel_argument(&fregs->regs, n);
#else
	return regs_get_kernel_argument(fregs, n);
#endif
}
#endif /* TCPFSM_HAVE_FTRACE */

/* Get the return address of a function that a kprobe interrupted at its first instruction. */
static __always_inline unsigned long tcpfsm_caller(struct pt_regs *regs)
{
#if defined(CONFIG_X86_64)
	return *(unsigned long *)kernel_stack_pointer(regs);
#elif defined(CONFIG_ARM64)
	return procedure_link_pointer(regs);
#else
	return 0;
#endif
}

#define TCPFSM_HAVE_JUMPS (IS_ENABLED(CONFIG_OPTPROBES) && IS_ENABLED(CONFIG_X86_64))

/*
 * Return the size of ftrace's call at a function's first instruction. The call itself may be there,
 * or the no-operation that holds its place. Return 0 if something else is there.
 */
static inline size_t tcpfsm_ftrace_call_size(const void *addr)
{
#if TCPFSM_HAVE_FTRACE && TCPFSM_HAVE_JUMPS
	static const u8 nop[] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };
	const u8 *text = addr;

	return text[0] == 0xe8 || !memcmp(text, nop, sizeof(nop)) ? sizeof(nop) : 0;
#else
	return 0;
#endif
}

/* Has the kernel made a jump of the kprobe there? */
static inline bool tcpfsm_is_jump(const void *addr)
{
	return TCPFSM_HAVE_JUMPS && READ_ONCE(*(const u8 *)addr) == 0xe9;
}

static inline struct kretprobe *tcpfsm_kretprobe_of(struct kretprobe_instance *ri)
{
#ifdef TCPFSM_HAS_GET_KRETPROBE
	return get_kretprobe(ri);
#else
	return ri->rp;
#endif
}

/* ---- tasks ---- */

/*
 * Is this task in execve()? The kernel closes files with close-on-exec on the way back to the new
 * program, when the task already has the new program's name. By then the number of the call is, on
 * x86, the number that the new program's ABI has for execve(). Elsewhere it is the number by which
 * the task made the call.
 */
static inline bool tcpfsm_in_execve(void)
{
	switch (syscall_get_nr(current, current_pt_regs())) {
	case __NR_execve:
	case __NR_execveat:
		return true;
#if defined(CONFIG_X86_64)
	case __NR_ia32_execve:
		/* In other ABIs this number is munmap(), which may close a socket too. */
		return in_ia32_syscall();
	case __X32_SYSCALL_BIT | __NR_x32_execve:
		return true;
#elif defined(CONFIG_ARM64) && defined(CONFIG_COMPAT)
	/* 32-bit programs have execve() and execveat() here. To others the first is listxattr(). */
	case 11:
	case 387:
		return true;
#endif
	}
	return false;
}

/* ---- timers ---- */

static inline void tcpfsm_hrtimer_setup(struct hrtimer *timer,
					enum hrtimer_restart (*function)(struct hrtimer *),
					enum hrtimer_mode mode)
{
#ifdef TCPFSM_HAS_HRTIMER_SETUP
	hrtimer_setup(timer, function, CLOCK_MONOTONIC, mode);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, mode);
	timer->function = function;
#endif
}

/* ---- sockets ---- */

enum skb_drop_reason;

/*
 * These are the signatures that each hooked function has had. The first arguments, which the hook
 * takes, are the same in all of them.
 */
#define TCPFSM_IS_LISTEN_START(function)              \
	(__same_type(function, int(struct sock *)) || \
	 __same_type(function, int(struct sock *, int)))

#define TCPFSM_IS_HASH_ADD(function)                                                         \
	(__same_type(function, bool(struct sock *, struct request_sock *)) ||                \
	 __same_type(function, bool(struct sock *, struct request_sock *, unsigned long)) || \
	 __same_type(function, void(struct sock *, struct request_sock *, unsigned long)))

#ifdef TCPFSM_HAS_DONE_WITH_ERROR
#define TCPFSM_IS_DONE_WITH_ERROR __same_type(tcp_done_with_error, void(struct sock *, int))
#else
#define TCPFSM_IS_DONE_WITH_ERROR 1
#endif

/* Kernels have this function under one of two names. */
#ifdef TCPFSM_HAS_HASHDANCE_SCHEDULE
#define TCPFSM_IS_HASHDANCE                       \
	__same_type(inet_twsk_hashdance_schedule, \
		    void(struct inet_timewait_sock *, struct sock *, struct inet_hashinfo *, int))
#else
#define TCPFSM_IS_HASHDANCE              \
	__same_type(inet_twsk_hashdance, \
		    void(struct inet_timewait_sock *, struct sock *, struct inet_hashinfo *))
#endif

#define TCPFSM_IS_TIMEWAIT_STATE_PROCESS(function)                                               \
	(__same_type(function, enum tcp_tw_status(struct inet_timewait_sock *, struct sk_buff *, \
						  const struct tcphdr *)) ||                     \
	 __same_type(function, enum tcp_tw_status(struct inet_timewait_sock *, struct sk_buff *, \
						  const struct tcphdr *, u32 *)) ||              \
	 __same_type(function,                                                                   \
		     enum tcp_tw_status(struct inet_timewait_sock *, struct sk_buff *,           \
					const struct tcphdr *, u32 *, enum skb_drop_reason *)))

static inline bool tcpfsm_tw_is_tcp(const struct inet_timewait_sock *tw)
{
	/* DCCP has timewait socks too (up to 6.15), in a death row of its own. */
	return tw->tw_dr == &twsk_net(tw)->ipv4.tcp_death_row;
}

/* Count the timewait socks of all network namespaces by the kernel's own counters. */
static inline long tcpfsm_timewaits_alive(void)
{
	const struct net *net;
	long n = 0;

	rcu_read_lock();
	for_each_net_rcu(net) {
#ifdef TCPFSM_HAS_TW_REFCOUNT
		/* One reference is the namespace's own. */
		n += refcount_read(&net->ipv4.tcp_death_row.tw_refcount) - 1;
#else
		n += atomic_read(&net->ipv4.tcp_death_row.tw_count);
#endif
	}
	rcu_read_unlock();
	return n;
}

static inline u64 tcpfsm_sk_cgroup(const struct sock *sk)
{
#ifdef CONFIG_SOCK_CGROUP_DATA
	struct cgroup *cgroup = sock_cgroup_ptr((struct sock_cgroup_data *)&sk->sk_cgrp_data);

	return cgroup ? cgroup_id(cgroup) : 0;
#else
	return 0;
#endif
}

static inline u32 tcpfsm_sk_uid(const struct sock *sk)
{
	/* Users see ids of the initial user namespace. In that namespace this is from_kuid(). */
	return __kuid_val(READ_ONCE(((struct sock *)sk)->sk_uid));
}

#endif /* TCPFSM_COMPAT_H */
