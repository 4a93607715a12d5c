// SPDX-License-Identifier: GPL-2.0
/*
 * expect_sink.c - fsmcat --expect: judge whether each connection went the expected way
 *
 * If there is a command, only its connections count, and the run ends when they have ended.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/clock.h"
#include "base/digits.h"
#include "command.h"
#include "model/assembly.h"
#include "model/expect.h"
#include "out/fields.h"
#include "sink.h"

/* How long connections may take to end after the command has, unless the user says otherwise. */
#define AFTER_NS 5000000000ull

/* fsm_trace.mark */
#define WANTED 1u /* the filter wants one of its events */
#define OPEN   2u /* it is counted in judge.open */
#define JUDGED 4u /* it is counted in judge.judged */

/**
 * struct judge - what is expected, and of which connections
 * @expect: the way
 * @cgroup: only connections of this cgroup are judged, 0: all are
 * @judged: connections that have been judged
 * @failed: how many of them went another way
 * @open: connections that have to be judged and cannot be yet
 * @assembly: connections under way
 */
struct judge {
	const struct fsm_expect *expect;
	uint64_t cgroup;
	uint64_t judged;
	uint64_t failed;
	uint64_t open;
	struct fsm_assembly assembly;
};

/**
 * struct trial - a run of fsmcat --expect
 * @judge: judges the connections
 * @command: the command, if there is one
 * @out: never written to, its error ends the run
 * @ended_ns: when the command ended
 * @late: the command had to be killed
 */
struct trial {
	struct judge judge;
	struct command command;
	struct fsm_output out;
	uint64_t ended_ns;
	bool late;
};

/* ---- one connection ---- */

static char *put_endpoint(char *p, const struct tcpfsm_event *ev, const __u8 *addr, uint16_t port)
{
	if (!fsm_has_address(ev, addr, port))
		return fsm_puts(p, "-");
	return fsm_put_endpoint(p, ev, addr, port);
}

/* Write the event that came instead of the expected one. */
static char *put_instead(char *p, const struct fsm_trace *trace, size_t right)
{
	const struct tcpfsm_event *ev = &trace->end.events[right];
	const char *state, *cause;

	if (right == trace->end.nr)
		return fsm_puts(p, trace->ended ? ", it was the end" : ", nothing more came");
	state = fsm_state_name(ev->new);
	cause = fsm_cause_name(ev->cause);
	p = fsm_puts(fsm_puts(p, ", "), state ? state : "-");
	p = fsm_puts(fsm_puts(p, "["), cause ? cause : "-");
	return fsm_puts(p, "] came");
}

static void say_failed(const struct judge *judge, const struct fsm_trace *trace,
		       const struct fsm_judgement *judgement)
{
	const struct tcpfsm_event *last = &trace->end.events[trace->end.nr - 1];
	char text[3 * FSM_EXPECT_TEXT_MAX];
	char *p = text;

	p = fsm_puts(fsm_put_conn(p, last), " ");
	p = fsm_puts(put_endpoint(p, last, last->laddr, last->lport), " ");
	p = put_endpoint(p, last, last->raddr, last->rport);
	p = fsm_puts(p, ": after ");
	p = fsm_put_way(p, &trace->end, judgement->right);
	p = fsm_puts(p, " expected ");
	p = fsm_put_expected(p, judge->expect, judgement->steps);
	p = put_instead(p, trace, judgement->right);
	fprintf(stderr, "fsmcat: %.*s\n", (int)(p - text), text);
}

/* The cgroup is that of the socket: it does not matter which process closes it. */
static bool is_of_cgroup(const struct judge *judge, const struct fsm_trace *trace)
{
	return trace->end.events[0].cgroup == judge->cgroup;
}

/*
 * If there is a command, judge its own connections. If the expression is about passive ends,
 * judge also the far ends of the connections that the command has opened.
 */
static bool is_of_command(const struct judge *judge, const struct fsm_trace *trace)
{
	bool passive = judge->expect->steps[0].states & 1u << TCPFSM_LISTEN;

	return !judge->cgroup || is_of_cgroup(judge, trace) ||
	       (passive && trace->peer && is_of_cgroup(judge, trace->peer));
}

static bool is_to_be_judged(const struct judge *judge, const struct fsm_trace *trace)
{
	return trace->mark & WANTED && fsm_expect_begins(judge->expect, &trace->end.events[0]) &&
	       is_of_command(judge, trace);
}

static void note_verdict(struct judge *judge, struct fsm_trace *trace, bool good,
			 const struct fsm_judgement *judgement)
{
	if (trace->mark & OPEN)
		judge->open--;
	trace->mark &= ~OPEN;
	trace->mark |= JUDGED;
	judge->judged++;
	if (good)
		return;
	judge->failed++;
	say_failed(judge, trace, judgement);
}

/* Judge a connection, if that can be done; with @last nothing more of it will come. */
static void judge_trace(struct judge *judge, struct fsm_trace *trace, bool last)
{
	struct fsm_judgement judgement;

	if (trace->mark & JUDGED || !is_to_be_judged(judge, trace))
		return;
	fsm_expect_judge(judge->expect, &trace->end, &judgement);
	if (judgement.verdict == FSM_VERDICT_TRUE) {
		note_verdict(judge, trace, true, &judgement);
	} else if (judgement.verdict == FSM_VERDICT_FALSE || trace->ended || last) {
		note_verdict(judge, trace, judgement.done, &judgement);
	} else if (!(trace->mark & OPEN)) {
		trace->mark |= OPEN;
		judge->open++;
	}
}

/* ---- all connections ---- */

/* Connections are judged whole: add also the events that the filter does not want. */
static int add_event(struct judge *judge, const struct tcpfsm_event *ev, bool wanted)
{
	struct fsm_trace *trace = fsm_assembly_add(&judge->assembly, ev);
	struct fsm_trace *peer;

	if (!trace)
		return -1;
	if (wanted)
		trace->mark |= WANTED;
	judge_trace(judge, trace, false);
	peer = trace->peer;
	if (!trace->ended || (peer && !peer->ended))
		return 0;
	/* Perhaps the peer is wanted only now that its other end is known. */
	if (peer)
		judge_trace(judge, peer, false);
	fsm_assembly_remove(&judge->assembly, trace);
	if (peer)
		fsm_assembly_remove(&judge->assembly, peer);
	return 0;
}

/* Nothing more will come: judge the open connections as they are now. */
static void judge_rest(struct judge *judge)
{
	struct fsm_trace *trace;

	for (trace = judge->assembly.oldest; trace; trace = trace->younger)
		judge_trace(judge, trace, true);
}

/* ---- the command ---- */

static int start_command(struct fsmcat *cat)
{
	struct trial *trial = cat->private;
	struct command *command = &trial->command;

	if (command_prepare(command))
		return -1;
	trial->judge.cgroup = command->cgroup_id;
	if (command_start(command, cat->opt.command))
		return -1;
	/* Any descriptor is close-on-exec; glibc before 2.36 has no function for it. */
	cat->wake_fd = (int)syscall(SYS_pidfd_open, command->pid, 0);
	return 0;
}

static void close_wake_fd(struct fsmcat *cat)
{
	if (cat->wake_fd >= 0)
		close(cat->wake_fd);
	cat->wake_fd = -1;
}

/* The command has had its time; from now on its connections have theirs. */
static void note_command_end(struct fsmcat *cat, uint64_t now_ns)
{
	struct trial *trial = cat->private;

	trial->ended_ns = now_ns;
	cat->deadline_ns = now_ns + (cat->opt.timeout_ns ? cat->opt.timeout_ns : AFTER_NS);
	close_wake_fd(cat);
	/* Look once more at what it did last. */
	cat->read_again = true;
}

/* Do what is due to the command. Return whether there is nothing more to wait for. */
static bool tick_command(struct fsmcat *cat, uint64_t now_ns, bool quiet)
{
	struct trial *trial = cat->private;

	if (trial->command.running && now_ns >= cat->deadline_ns) {
		command_kill(&trial->command);
		trial->late = true;
	}
	if (!command_reap(&trial->command))
		return false;
	if (!trial->ended_ns) {
		note_command_end(cat, now_ns);
		return false;
	}
	/* All that the command did has been read: wait only for connections that are open. */
	return now_ns >= cat->deadline_ns || (quiet && !trial->judge.open);
}

static void say_how_command_ended(const struct fsmcat *cat)
{
	const struct trial *trial = cat->private;
	const char *name = cat->opt.command[0];
	int status = trial->command.status;

	if (trial->late)
		fprintf(stderr, "fsmcat: %s had not ended and was killed\n", name);
	else if (WIFSIGNALED(status))
		fprintf(stderr, "fsmcat: %s was killed by signal %d\n", name, WTERMSIG(status));
	else if (WEXITSTATUS(status))
		fprintf(stderr, "fsmcat: %s ended with exit status %d\n", name,
			WEXITSTATUS(status));
}

/* ---- the sink ---- */

/* End the command, and leave nothing behind. */
static void abandon(struct fsmcat *cat)
{
	struct trial *trial = cat->private;

	if (cat->opt.command && trial->command.pid > 0)
		command_kill(&trial->command);
	if (cat->opt.command)
		command_clean(&trial->command);
	close_wake_fd(cat);
	fsm_assembly_free(&trial->judge.assembly);
}

static int expect_begin(struct fsmcat *cat)
{
	static struct trial trial = { .out.fd = -1 };

	cat->private = &trial;
	cat->out = &trial.out;
	trial.judge.expect = &cat->opt.expect;
	if (fsm_assembly_init(&trial.judge.assembly)) {
		fputs("fsmcat: no memory\n", stderr);
		return EXIT_ERROR;
	}
	if (cat->opt.command && start_command(cat)) {
		fprintf(stderr, "fsmcat: %s\n", trial.command.error);
		abandon(cat);
		return EXIT_ERROR;
	}
	if (cat->opt.timeout_ns)
		cat->deadline_ns = fsm_now_ns() + cat->opt.timeout_ns;
	return 0;
}

static bool expect_event(struct fsmcat *cat, const struct fsm_record *record)
{
	struct trial *trial = cat->private;

	if (add_event(&trial->judge, record->ev, sink_wants(cat, record->ev)))
		cat->out->error = ENOMEM;
	return cat->out->error;
}

static void expect_flush(struct fsmcat *cat)
{
	(void)cat;
}

static bool expect_tick(struct fsmcat *cat, uint64_t now_ns, bool quiet)
{
	const struct trial *trial = cat->private;

	if (cat->opt.command)
		return tick_command(cat, now_ns, quiet);
	if (sink_has_enough(cat, trial->judge.judged))
		return true;
	/* A recording is judged to its end; a watcher of the live stream shall not wait for it. */
	return cat->src.live && (trial->judge.failed || now_ns >= cat->deadline_ns);
}

static void say_verdict(const struct judge *judge)
{
	const char *plural = judge->judged == 1 ? "" : "s";

	if (!judge->judged)
		fputs("fsmcat: there was no connection to judge\n", stderr);
	else if (judge->failed)
		fprintf(stderr, "fsmcat: %llu of %llu connection%s not as expected\n",
			(unsigned long long)judge->failed, (unsigned long long)judge->judged,
			plural);
	else
		fprintf(stderr, "fsmcat: %llu connection%s as expected\n",
			(unsigned long long)judge->judged, plural);
}

static int expect_end(struct fsmcat *cat)
{
	struct trial *trial = cat->private;
	struct judge *judge = &trial->judge;

	judge_rest(judge);
	trial->late |= cat->opt.command && !command_reap(&trial->command);
	if (cat->opt.command)
		say_how_command_ended(cat);
	say_verdict(judge);
	abandon(cat);
	if (cat->out->error)
		return sink_error("--expect", strerror(cat->out->error));
	/* A lost event may have been of a connection that was not judged. */
	if (cat->lost || cat->lost_more) {
		sink_say_lost(cat);
		return EXIT_ERROR;
	}
	return judge->judged && !judge->failed && !trial->late ? EXIT_OK : EXIT_ERROR;
}

const struct sink expect_sink = {
	.begin = expect_begin,
	.event = expect_event,
	.flush = expect_flush,
	.tick = expect_tick,
	.end = expect_end,
};
