// SPDX-License-Identifier: GPL-2.0
/*
 * hooks.c - the table of hooks: where the kernel changes a connection's state
 *
 * One connection lives in up to three objects. Each kind of object has its own hooks:
 *
 *	struct sock		tcp_set_state() by kprobe (sock.c), and the tracepoint
 *				sock:inet_sock_set_state (backstop.c)
 *	request_sock		birth, end and the rare failed birth (request.c)
 *	inet_timewait_sock	birth, FIN_WAIT2 -> TIME_WAIT and end (timewait.c)
 */
#include "core/marks.h"
#include "core/states.h"
#include "hooks/backstop.h"
#include "hooks/canary.h"
#include "hooks/hooks.h"
#include "hooks/watch.h"
#include "record/rings.h"
#include "record/stat.h"

/* The interface uses the kernel's numbers for the states. */
static_assert(TCPFSM_ESTABLISHED == (int)TCP_ESTABLISHED);
static_assert(TCPFSM_SYN_SENT == (int)TCP_SYN_SENT);
static_assert(TCPFSM_SYN_RECV == (int)TCP_SYN_RECV);
static_assert(TCPFSM_FIN_WAIT1 == (int)TCP_FIN_WAIT1);
static_assert(TCPFSM_FIN_WAIT2 == (int)TCP_FIN_WAIT2);
static_assert(TCPFSM_TIME_WAIT == (int)TCP_TIME_WAIT);
static_assert(TCPFSM_CLOSE == (int)TCP_CLOSE);
static_assert(TCPFSM_CLOSE_WAIT == (int)TCP_CLOSE_WAIT);
static_assert(TCPFSM_LAST_ACK == (int)TCP_LAST_ACK);
static_assert(TCPFSM_LISTEN == (int)TCP_LISTEN);
static_assert(TCPFSM_CLOSING == (int)TCP_CLOSING);

/* The handlers rely on these signatures. Not every hooked function has a declaration to check. */
static_assert(__same_type(tcp_set_state, void(struct sock *, int)));
static_assert(TCPFSM_IS_LISTEN_START(inet_csk_listen_start));
static_assert(__same_type(tcp_fastopen_defer_connect, bool(struct sock *, int *)));
static_assert(TCPFSM_IS_DONE_WITH_ERROR);
static_assert(TCPFSM_IS_HASH_ADD(inet_csk_reqsk_queue_hash_add));
static_assert(__same_type(inet_csk_reqsk_queue_add,
			  struct sock *(struct sock *, struct request_sock *, struct sock *)));
static_assert(TCPFSM_IS_HASHDANCE);
static_assert(__same_type(tcp_time_wait, void(struct sock *, int, int)));
static_assert(__same_type(inet_twsk_deschedule_put, void(struct inet_timewait_sock *)));
static_assert(TCPFSM_IS_TIMEWAIT_STATE_PROCESS(tcp_timewait_state_process));
static_assert(__same_type(__inet_twsk_schedule, void(struct inet_timewait_sock *, int, bool)));

struct tcpfsm_hook tcpfsm_hooks[TCPFSM_NR_HOOKS] = {
	[TCPFSM_ON_SET_STATE] = {
		.symbol = "tcp_set_state",
		.kind = TCPFSM_HOOK_KPROBE,
		.handler = tcpfsm_on_set_state,
	},
	[TCPFSM_ON_LISTEN] = {
		.symbol = "inet_csk_listen_start",
		.kind = TCPFSM_HOOK_RETURN,
		.ret = tcpfsm_on_listen_return,
		.loses = "listen() is shown before it is known to succeed",
	},
	[TCPFSM_ON_OPEN] = {
		.symbol = "tcp_fastopen_defer_connect",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = tcpfsm_on_open,
		.loses = "CLOSE -> SYN_SENT lacks the local port of an unbound socket",
	},
	[TCPFSM_ON_ERROR] = {
		.symbol = "tcp_done_with_error",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = tcpfsm_on_error,
		/* Without this hook the module walks the stack. */
	},
	[TCPFSM_ON_REQUEST_BIRTH] = {
		.symbol = "inet_csk_reqsk_queue_hash_add",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = tcpfsm_on_request_birth,
		.loses = "LISTEN -> SYN_RECV of half-open connections is not seen",
	},
	[TCPFSM_ON_REQUEST_DROP] = {
		.symbol = "__inet_csk_reqsk_queue_drop",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = tcpfsm_on_request_drop,
		.loses = "SYN_RECV -> CLOSE of half-open connections is not seen",
	},
	[TCPFSM_ON_REQUEST_FREE_V4] = {
		.symbol = "tcp_v4_reqsk_destructor",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = tcpfsm_on_request_free,
		.loses = "SYN_RECV -> CLOSE of a SYN that two CPUs took at once is not seen (IPv4)",
	},
#if IS_ENABLED(CONFIG_IPV6)
	[TCPFSM_ON_REQUEST_FREE_V6] = {
		.symbol = "tcp_v6_reqsk_destructor",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = tcpfsm_on_request_free,
		.loses = "SYN_RECV -> CLOSE of a SYN that two CPUs took at once is not seen (IPv6)",
	},
#endif
	[TCPFSM_ON_CHILD] = {
		.symbol = "inet_csk_reqsk_queue_add",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = tcpfsm_on_child_queued,
		.loses = "LISTEN -> SYN_RECV of syncookies and fast open is seen late",
	},
	[TCPFSM_ON_TIMEWAIT_BIRTH] = {
		.symbol = "inet_twsk_hashdance_schedule",
		.or_symbol = "inet_twsk_hashdance",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = tcpfsm_on_timewait_birth,
		.loses = "FIN_WAIT2 or CLOSING -> TIME_WAIT is not seen",
	},
	[TCPFSM_ON_TIMEWAIT_WANTED] = {
		.symbol = "tcp_time_wait",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = tcpfsm_on_timewait_wanted,
		.loses = "cause tw_overflow is not told from others",
	},
	[TCPFSM_ON_TIMEWAIT_EARLY] = {
		.symbol = "inet_twsk_deschedule_put",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = tcpfsm_on_timewait_early,
		/* Without this hook the module walks the stack. */
	},
	[TCPFSM_ON_TIMEWAIT_SEGMENT] = {
		.symbol = "tcp_timewait_state_process",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = tcpfsm_on_timewait_segment,
		.loses = "FIN_WAIT2 -> TIME_WAIT of timewait socks beyond `conns` is not seen",
	},
	[TCPFSM_ON_TIMEWAIT_REARM] = {
		.symbol = "__inet_twsk_schedule",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = tcpfsm_on_timewait_rearm,
		.loses = "FIN_WAIT2 -> TIME_WAIT of timewait socks is not seen",
	},
	[TCPFSM_ON_TIMEWAIT_KILL] = {
		.symbol = "inet_twsk_kill",
		.kind = TCPFSM_HOOK_FTRACE,
		.entry = tcpfsm_on_timewait_kill,
		.loses = "TIME_WAIT -> CLOSE is not seen",
	},
};

#define CANARY_LOSES  "whether kprobes have been switched off is not seen"
#define KPROBES_LOSES "LISTEN is seen late, and see Documentation/guide/interference.rst"

/* True while the canary has its kprobe. */
static bool canary_placed;

static void __cold canary_start(void)
{
	int err = tcpfsm_canary_start();

	canary_placed = !err;
	if (err)
		pr_warn("cannot hook tcpfsm_canary (%d): %s\n", err, CANARY_LOSES);
	else if (tcpfsm_canary_silent())
		pr_warn("kprobes are switched off: %s\n", KPROBES_LOSES);
}

/* Holds what tcpfsm_timewaits_unseen() returned when the hooks were placed. */
static long timewaits_before;

/**
 * tcpfsm_hooks_start() - place the hooks and begin to watch
 *
 * Context: process.
 * Return: 0, -ENOMEM, or the error that keeps tcp_set_state() from being hooked.
 */
int __cold tcpfsm_hooks_start(void)
{
	int err;

	tcpfsm_marks_reset();
	tcpfsm_watch_reset();
	tcpfsm_backstop_start();
	err = tcpfsm_hooks_place(tcpfsm_hooks, TCPFSM_NR_HOOKS);
	if (err) {
		tcpfsm_backstop_stop();
		return err;
	}
	canary_start();
	timewaits_before = tcpfsm_timewaits_unseen();
	tcpfsm_armed_since_us = tcp_clock_us();
	WRITE_ONCE(tcpfsm_armed, true);
	return 0;
}

/**
 * tcpfsm_hooks_stop() - stop watching and remove the hooks
 *
 * When this returns, no hook is running and none will run.
 *
 * Context: process.
 */
void __cold tcpfsm_hooks_stop(void)
{
	WRITE_ONCE(tcpfsm_armed, false);
	tcpfsm_canary_stop();
	canary_placed = false;
	tcpfsm_hooks_remove();
	tcpfsm_backstop_stop();
}

/*
 * A hook counts as unheard if more of its calls are missing than this number plus this share of all
 * events. Single missing calls are recorded by other means, or they were under way when the hooks
 * were placed.
 */
#define UNHEARD_LEAST 16
#define UNHEARD_SHARE 1024

static bool __cold is_unheard(const struct tcpfsm_hook *hook, const struct tcpfsm_stat *stat)
{
	long most = UNHEARD_LEAST + tcpfsm_rings_written() / UNHEARD_SHARE;
	long n = tcpfsm_hook_unheard_count(hook - tcpfsm_hooks);

	if (!hook->placed || !hook->via_ftrace)
		return false;
	/*
	 * Compare with the kernel's own count. Much may happen between a look at that count and a
	 * look at the module's counters.
	 */
	if (hook == &tcpfsm_hooks[TCPFSM_ON_TIMEWAIT_KILL] && tcpfsm_watching()) {
		n = tcpfsm_timewaits_unseen() - timewaits_before;
		most += stat->timewait_created / 64;
	}
	/* If the birth of a timewait sock was not seen, its rearming counts as not seen either. */
	if (hook == &tcpfsm_hooks[TCPFSM_ON_TIMEWAIT_REARM])
		n -= tcpfsm_hook_unheard_count(TCPFSM_ON_TIMEWAIT_BIRTH);
	return n > most;
}

static void __cold report_hook(struct tcpfsm_hook_report *report, const struct tcpfsm_hook *hook,
			       const struct tcpfsm_stat *stat)
{
	report->symbol = hook->symbol;
	report->placed_on = hook->name ?: hook->symbol;
	report->missed = tcpfsm_hook_missed(hook);
	if (!hook->placed || is_unheard(hook, stat))
		report->loses = hook->loses;
}

/**
 * tcpfsm_hooks_report() - report on a hook
 * @number: number of the hook, from 0; 0 is the hook on tcp_set_state(), and the tracepoint and the
 *	canary come after the hooks
 * @stat: the counters
 * @report: filled in
 *
 * Context: process.
 * Return: false if no hook has this number.
 */
bool __cold tcpfsm_hooks_report(unsigned int number, const struct tcpfsm_stat *stat,
				struct tcpfsm_hook_report *report)
{
	memset(report, 0, sizeof(*report));
	switch (number) {
	case 0 ... TCPFSM_NR_HOOKS - 1:
		report_hook(report, &tcpfsm_hooks[number], stat);
		return true;
	case TCPFSM_NR_HOOKS:
		report->symbol = "inet_sock_set_state";
		report->loses = tcpfsm_backstop_active ? NULL : TCPFSM_BACKSTOP_LOSES;
		return true;
	case TCPFSM_NR_HOOKS + 1:
		report->symbol = "tcpfsm_canary";
		report->loses = canary_placed ? NULL : CANARY_LOSES;
		return true;
	default:
		return false;
	}
}

/**
 * tcpfsm_hooks_have_backstop() - does the tracepoint record the transitions that the kprobe misses?
 *
 * Context: any.
 */
bool tcpfsm_hooks_have_backstop(void)
{
	return tcpfsm_backstop_active;
}

/**
 * tcpfsm_hooks_silent() - has somebody switched kprobes off?
 *
 * Context: process.
 */
bool tcpfsm_hooks_silent(void)
{
	return tcpfsm_canary_silent();
}
