// SPDX-License-Identifier: GPL-2.0
/*
 * text.c - writes all text that users get from the module
 */
#include <linux/ctype.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/time64.h>
#include "hooks/hooks.h"
#include "record/record.h"
#include "record/rings.h"
#include "record/callsite.h"
#include "record/stat.h"
#include "export/text.h"

/* The longest text is [v6 address]:port. */
#define ADDRESS_LEN sizeof("[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535")

/**
 * tcpfsm_text_header() - write the names of the columns
 * @m: where to write
 *
 * Context: process.
 */
void tcpfsm_text_header(struct seq_file *m)
{
	seq_printf(m, "#%14s %4s %-11s %-11s %-15s %10s %-21s %-21s %5s %5s %s\n", "TIME", "ID",
		   "OLD", "NEW", "CAUSE", "DWELL_US", "LOCAL", "REMOTE", "UID", "PID", "COMM");
}

/**
 * tcpfsm_text_lost() - write that events are missing here
 * @m: where to write
 * @lost: number of events, or TCPFSM_LOST_UNKNOWN
 *
 * Context: process.
 */
void tcpfsm_text_lost(struct seq_file *m, u64 lost)
{
	if (lost == TCPFSM_LOST_UNKNOWN)
		seq_puts(m, "# events lost\n");
	else
		seq_printf(m, "# %llu events lost\n", lost);
}

static void text_id(struct seq_file *m, const struct tcpfsm_event *event)
{
	char id[32];

	if (event->gen > 1)
		snprintf(id, sizeof(id), "%llx/%u", event->id, event->gen);
	else
		snprintf(id, sizeof(id), "%llx", event->id);
	seq_printf(m, " %4s", id);
}

static void text_address(struct seq_file *m, u8 family, const u8 *addr, u16 port)
{
	char text[ADDRESS_LEN];

	if (family == AF_INET)
		snprintf(text, sizeof(text), "%pI4:%u", addr, port);
	else
		snprintf(text, sizeof(text), "[%pI6c]:%u", addr, port);
	seq_printf(m, " %-21s", text);
}

static void text_known(struct seq_file *m, int width, bool known, u64 number)
{
	if (known)
		seq_printf(m, " %*llu", width, number);
	else
		seq_printf(m, " %*s", width, "-");
}

/* A task may give itself any name, but it must not break the columns. */
static void text_comm(struct seq_file *m, const char *comm)
{
	if (!strcmp(comm, "-")) {
		seq_puts(m, "\\x2d");
		return;
	}
	for (; *comm; comm++) {
		if (isascii(*comm) && isgraph(*comm) && *comm != '\\')
			seq_putc(m, *comm);
		else
			seq_printf(m, "\\x%02x", (unsigned char)*comm);
	}
}

/**
 * tcpfsm_text_event() - write one event as one line
 * @m: where to write
 * @event: the event
 *
 * Context: process.
 */
void tcpfsm_text_event(struct seq_file *m, const struct tcpfsm_event *event)
{
	bool dwell_known = event->dwell_ns != TCPFSM_UNKNOWN_DWELL;
	u32 ns;
	u64 s = div_u64_rem(event->time_ns, NSEC_PER_SEC, &ns);

	seq_printf(m, "%5llu.%09u", s, ns);
	text_id(m, event);
	seq_printf(m, " %-11s %-11s %-15s", tcpfsm_state_name(event->old),
		   tcpfsm_state_name(event->new), tcpfsm_cause_name(event->cause));
	text_known(m, 10, dwell_known, div_u64(event->dwell_ns, NSEC_PER_USEC));
	text_address(m, event->family, event->laddr, event->lport);
	text_address(m, event->family, event->raddr, event->rport);
	text_known(m, 5, event->uid != TCPFSM_UNKNOWN_UID, event->uid);
	text_known(m, 5, event->pid, event->pid);
	seq_putc(m, ' ');
	if (event->pid && *event->comm)
		text_comm(m, event->comm);
	else
		seq_putc(m, '-');
	seq_putc(m, '\n');
}

static void stat_edge(struct seq_file *m, int from, int to, const u64 *by_cause)
{
	int cause;

	for (cause = 0; cause < TCPFSM_NR_CAUSES; cause++)
		if (by_cause[cause])
			seq_printf(m, "transitions{old=\"%s\",new=\"%s\",cause=\"%s\"} %llu\n",
				   tcpfsm_state_name(from), tcpfsm_state_name(to),
				   tcpfsm_cause_name(cause), by_cause[cause]);
}

static void stat_transitions(struct seq_file *m, const struct tcpfsm_stat *stat)
{
	int from, to;

	for (from = 1; from < TCPFSM_NR_STATES; from++)
		for (to = 1; to < TCPFSM_NR_STATES; to++)
			stat_edge(m, from, to, stat->transitions[from][to]);
}

/* Write cumulative counts, as in an OpenMetrics histogram. Skip states that nobody has left. */
static void stat_dwell(struct seq_file *m, const struct tcpfsm_stat *stat)
{
	u64 count, last;
	int state, b;

	for (state = 1; state < TCPFSM_NR_STATES; state++) {
		const char *name = tcpfsm_state_name(state);

		for (count = 0, b = 0; b < TCPFSM_STAT_DWELLS; b++)
			count += stat->dwell[state][b];
		if (!count)
			continue;
		for (last = 0, b = 0; b < TCPFSM_DWELL_BUCKETS - 1; b++) {
			last += stat->dwell[state][b];
			seq_printf(m, "dwell_us_bucket{state=\"%s\",le=\"%llu\"} %llu\n", name,
				   (1ULL << b) - 1, last);
		}
		seq_printf(m, "dwell_us_bucket{state=\"%s\",le=\"+Inf\"} %llu\n", name, count);
		seq_printf(m, "dwell_us_sum{state=\"%s\"} %llu\n", name, stat->dwell_sum_us[state]);
		seq_printf(m, "dwell_us_count{state=\"%s\"} %llu\n", name, count);
	}
}

static u64 count_cause(const struct tcpfsm_stat *stat, enum tcpfsm_cause cause)
{
	int from, to;
	u64 sum = 0;

	for (from = 1; from < TCPFSM_NR_STATES; from++)
		for (to = 1; to < TCPFSM_NR_STATES; to++)
			sum += stat->transitions[from][to][cause];
	return sum;
}

static void stat_conns(struct seq_file *m)
{
	u32 conns, used;
	u64 refused;

	tcpfsm_record_usage(&conns, &used, &refused);
	seq_printf(m, "conns %u\nconns_used %u\nconns_refused %llu\n", conns, used, refused);
}

static void stat_missed(struct seq_file *m, const struct tcpfsm_stat *stat)
{
	u64 repaired = stat->repaired - stat->handed_over;
	struct tcpfsm_hook_report hook;
	const char *set_state = NULL;
	unsigned int i;

	for (i = 0; tcpfsm_hooks_report(i, stat, &hook); i++) {
		if (!hook.placed_on)
			continue;
		if (i == 0) {
			/* The kernel counts calls. The tracepoint knows which were transitions. */
			set_state = hook.symbol;
			seq_printf(m, "kprobe_missed{hook=\"%s\"} %llu\n", hook.placed_on,
				   hook.missed);
			if (tcpfsm_hooks_have_backstop())
				hook.missed = repaired;
			seq_printf(m, "repaired{hook=\"%s\"} %llu\n", set_state, repaired);
		}
		seq_printf(m, "missed{hook=\"%s\"} %llu\n", hook.placed_on, hook.missed);
	}
	seq_printf(m, "handed_over{hook=\"%s\"} %llu\n", set_state, stat->handed_over);
}

static void stat_absent(struct seq_file *m, const struct tcpfsm_stat *stat)
{
	struct tcpfsm_hook_report hook;
	unsigned int i;

	for (i = 0; tcpfsm_hooks_report(i, stat, &hook); i++)
		if (hook.loses)
			seq_printf(m, "hook_absent{hook=\"%s\",blind=\"%s\"} 1\n", hook.symbol,
				   hook.loses);
	seq_printf(m, "kprobes_silent %d\n", tcpfsm_hooks_silent());
}

static void stat_unexplained(struct seq_file *m)
{
	char name[TCPFSM_CALLSITE_NAME_LEN];
	unsigned long count;
	unsigned int i;

	for (i = 0; (count = tcpfsm_callsite_unexplained(i, name)); i++)
		seq_printf(m, "cause_unknown_site{symbol=\"%s\"} %lu\n", name, count);
}

/**
 * tcpfsm_text_stat() - write all counters
 * @m: where to write
 * @readers: number of raw streams that are open
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int tcpfsm_text_stat(struct seq_file *m, unsigned int readers)
{
	struct tcpfsm_stat *stat = kvmalloc(sizeof(*stat), GFP_KERNEL_ACCOUNT);

	if (!stat)
		return -ENOMEM;
	tcpfsm_stat_sum(stat);
	seq_printf(m, "version %u\n", TCPFSM_ABI_VERSION);
	seq_printf(m, "recorded %llu\n", tcpfsm_rings_written());
	seq_printf(m, "overwritten %llu\n", tcpfsm_rings_overwritten());
	seq_printf(m, "filtered %llu\n", stat->filtered);
	stat_missed(m, stat);
	stat_absent(m, stat);
	seq_printf(m, "illegal %llu\n", stat->illegal);
	seq_printf(m, "gaps %llu\nrepeated %llu\n", stat->gaps, stat->repeated);
	seq_printf(m, "dwell_unknown %llu\n", stat->dwell_unknown);
	seq_printf(m, "cause_unknown %llu\n", count_cause(stat, TCPFSM_C_UNKNOWN));
	stat_unexplained(m);
	seq_printf(m, "readers %u\n", readers);
	stat_conns(m);
	seq_printf(m, "requests_created %llu\nrequests_completed %llu\nrequests_ended %llu\n",
		   stat->requests_created, stat->requests_completed, stat->requests_ended);
	seq_printf(m, "timewait_created %llu\ntimewait_ended %llu\n", stat->timewait_created,
		   stat->timewait_ended);
	stat_transitions(m, stat);
	stat_dwell(m, stat);
	kvfree(stat);
	return 0;
}
