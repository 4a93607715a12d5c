// SPDX-License-Identifier: GPL-2.0
/*
 * expect_sink.c - fsmcat --expect: did each connection go the way it was expected to?
 *
 * With a command only its connections count, and the run ends when they have ended.
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

/* fsm_life.mark */
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
 * @lives: connections under way
 */
struct judge {
	const struct fsm_expect *expect;
	uint64_t cgroup;
	uint64_t judged;
	uint64_t failed;
	uint64_t open;
	struct fsm_lives lives;
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
	struct fsm_out out;
	uint64_t ended_ns;
	bool late;
};

/* ---- one connection ---- */

static char *put_name(char *p, const struct tcpfsm_event *ev)
{
	p = fsm_put_hex(p, ev->id);
	if (ev->gen > 1) {
		*p++ = '/';
		p = fsm_put_u64(p, ev->gen);
	}
	return p;
}

static char *put_endpoint(char *p, const struct tcpfsm_event *ev, const __u8 *addr, uint16_t port)
{
	if (!fsm_has_address(ev, addr, port))
		return fsm_puts(p, "-");
	if (ev->family == AF_INET6)
		*p++ = '[';
	p = fsm_put_address(p, ev, addr);
	if (ev->family == AF_INET6)
		*p++ = ']';
	*p++ = ':';
	return fsm_put_u64(p, port);
}

/* Write the event that came instead of the expected one. */
static char *put_instead(char *p, const struct fsm_life *life, size_t right)
{
	const struct tcpfsm_event *ev = &life->end.events[right];
	const char *state, *cause;

	if (right == life->end.nr)
		return fsm_puts(p, life->ended ? ", it was the end" : ", nothing more came");
	state = fsm_state_name(ev->new);
	cause = fsm_cause_name(ev->cause);
	p = fsm_puts(fsm_puts(p, ", "), state ? state : "-");
	p = fsm_puts(fsm_puts(p, "["), cause ? cause : "-");
	return fsm_puts(p, "] came");
}

static void say_failed(const struct judge *judge, const struct fsm_life *life,
		       const struct fsm_judgement *judgement)
{
	const struct tcpfsm_event *last = &life->end.events[life->end.nr - 1];
	char text[3 * FSM_EXPECT_TEXT_MAX];
	char *p = text;

	p = fsm_puts(put_name(p, last), " ");
	p = fsm_puts(put_endpoint(p, last, last->laddr, last->lport), " ");
	p = put_endpoint(p, last, last->raddr, last->rport);
	p = fsm_puts(p, ": after ");
	p = fsm_put_walk(p, &life->end, judgement->right);
	p = fsm_puts(p, " expected ");
	p = fsm_put_expected(p, judge->expect, judgement->steps);
	p = put_instead(p, life, judgement->right);
	fprintf(stderr, "fsmcat: %.*s\n", (int)(p - text), text);
}

/* The cgroup is that of the socket: it does not matter which process closes it. */
static bool is_of_cgroup(const struct judge *judge, const struct fsm_life *life)
{
	return life->end.events[0].cgroup == judge->cgroup;
}

/*
 * If there is a command, judge its own connections. If the expression is about passive ends,
 * judge also the far ends of the connections that the command has opened.
 */
static bool is_of_command(const struct judge *judge, const struct fsm_life *life)
{
	bool passive = judge->expect->steps[0].states & 1u << TCPFSM_LISTEN;

	return !judge->cgroup || is_of_cgroup(judge, life) ||
	       (passive && life->peer && is_of_cgroup(judge, life->peer));
}

static bool is_to_be_judged(const struct judge *judge, const struct fsm_life *life)
{
	return life->mark & WANTED && fsm_expect_begins(judge->expect, &life->end.events[0]) &&
	       is_of_command(judge, life);
}

static void note_verdict(struct judge *judge, struct fsm_life *life, bool good,
			 const struct fsm_judgement *judgement)
{
	if (life->mark & OPEN)
		judge->open--;
	life->mark &= ~OPEN;
	life->mark |= JUDGED;
	judge->judged++;
	if (good)
		return;
	judge->failed++;
	say_failed(judge, life, judgement);
}

/* Judge a connection, if that can be done; with @last nothing more of it will come. */
static void judge_life(struct judge *judge, struct fsm_life *life, bool last)
{
	struct fsm_judgement judgement;

	if (life->mark & JUDGED || !is_to_be_judged(judge, life))
		return;
	fsm_expect_judge(judge->expect, &life->end, &judgement);
	if (judgement.verdict == FSM_VERDICT_TRUE) {
		note_verdict(judge, life, true, &judgement);
	} else if (judgement.verdict == FSM_VERDICT_FALSE || life->ended || last) {
		note_verdict(judge, life, judgement.done, &judgement);
	} else if (!(life->mark & OPEN)) {
		life->mark |= OPEN;
		judge->open++;
	}
}

/* ---- all connections ---- */

/* Add an event; connections are judged whole, so one that the filter does not want, too. */
static int add_event(struct judge *judge, const struct tcpfsm_event *ev, bool wanted)
{
	struct fsm_life *life = fsm_lives_add(&judge->lives, ev);
	struct fsm_life *peer;

	if (!life)
		return -1;
	if (wanted)
		life->mark |= WANTED;
	judge_life(judge, life, false);
	peer = life->peer;
	if (!life->ended || (peer && !peer->ended))
		return 0;
	/* A peer may be wanted only since it is known who the other end is. */
	if (peer)
		judge_life(judge, peer, false);
	fsm_lives_remove(&judge->lives, life);
	if (peer)
		fsm_lives_remove(&judge->lives, peer);
	return 0;
}

/* Nothing more will come: judge the open connections as they are now. */
static void judge_rest(struct judge *judge)
{
	struct fsm_life *life;

	for (life = judge->lives.oldest; life; life = life->younger)
		judge_life(judge, life, true);
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

static bool is_command_over(struct fsmcat *cat, uint64_t now_ns, bool quiet)
{
	struct trial *trial = cat->private;

	if (trial->command.running && now_ns >= cat->deadline_ns) {
		command_kill(&trial->command);
		trial->late = true;
	}
	if (!command_has_ended(&trial->command))
		return false;
	if (!trial->ended_ns) {
		note_command_end(cat, now_ns);
		return false;
	}
	/* All that it did has been read: is there anything left to wait for? */
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
	fsm_lives_free(&trial->judge.lives);
}

static int expect_begin(struct fsmcat *cat)
{
	static struct trial trial = { .out.fd = -1 };

	cat->private = &trial;
	cat->out = &trial.out;
	trial.judge.expect = &cat->opt.expect;
	if (fsm_lives_init(&trial.judge.lives)) {
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

static bool expect_is_over(struct fsmcat *cat, uint64_t now_ns, bool quiet)
{
	const struct trial *trial = cat->private;

	if (cat->opt.command)
		return is_command_over(cat, now_ns, quiet);
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
	trial->late |= cat->opt.command && !command_has_ended(&trial->command);
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
	.is_over = expect_is_over,
	.end = expect_end,
};
