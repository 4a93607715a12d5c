// SPDX-License-Identifier: GPL-2.0
/*
 * stop.c - signals that end the program, at a moment when it can be ended
 */
#include "base/stop.h"

#include <stddef.h>
#include <time.h>

#include "base/clock.h"

volatile sig_atomic_t fsm_stop_signal;

static const int stoppers[] = { SIGINT, SIGTERM, SIGHUP };

#define NR_STOPPERS (sizeof(stoppers) / sizeof(stoppers[0]))

static void on_stop(int signal_nr)
{
	fsm_stop_signal = signal_nr;
}

/**
 * fsm_stop_catch() - note in fsm_stop_signal that a signal came, instead of dying of it
 *
 * SIGHUP stays ignored under nohup. SIGINT does not, although shells ignore it for what
 * scripts start in the background: "kill -INT" is how a script ends a recording. A second
 * signal kills, should the program be stuck and never look at the first one.
 */
void fsm_stop_catch(void)
{
	struct sigaction action = { .sa_handler = on_stop, .sa_flags = (int)SA_RESETHAND };
	struct sigaction old;
	size_t i;

	for (i = 0; i < NR_STOPPERS; i++) {
		sigaction(stoppers[i], NULL, &old);
		if (stoppers[i] != SIGHUP || old.sa_handler != SIG_IGN)
			sigaction(stoppers[i], &action, NULL);
	}
}

/**
 * fsm_stop_poll() - wait as poll() does, until a signal comes or has come before
 * @pfd: as for poll()
 * @nr: as for poll()
 * @timeout_ns: how long to wait, or FSM_STOP_FOREVER
 *
 * Return: as poll(); -1 also if there was no wait because of a signal.
 */
int fsm_stop_poll(struct pollfd *pfd, nfds_t nr, uint64_t timeout_ns)
{
	struct timespec timeout = {
		.tv_sec = (time_t)(timeout_ns / FSM_NS_PER_SECOND),
		.tv_nsec = (long)(timeout_ns % FSM_NS_PER_SECOND),
	};
	sigset_t blocked, before;
	size_t i;
	int n = -1;

	/* Block the signals before the look at fsm_stop_signal, or one could come in between. */
	sigemptyset(&blocked);
	for (i = 0; i < NR_STOPPERS; i++)
		sigaddset(&blocked, stoppers[i]);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	if (!fsm_stop_signal)
		n = ppoll(pfd, nr, timeout_ns == FSM_STOP_FOREVER ? NULL : &timeout, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return n;
}

/**
 * fsm_stop_die_of() - die of a signal as if it had not been caught
 * @signal_nr: signal
 *
 * The caller of the program sees from its exit status which signal has ended it.
 */
void fsm_stop_die_of(int signal_nr)
{
	signal(signal_nr, SIG_DFL);
	raise(signal_nr);
}
