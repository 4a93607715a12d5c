// SPDX-License-Identifier: GPL-2.0
/*
 * stop.c - signals that end the program, at a moment when it can be ended
 */
#include "stop.h"

#include <stddef.h>
#include <time.h>

volatile sig_atomic_t stop_signal;

static const int stoppers[] = { SIGINT, SIGTERM, SIGHUP };

#define NR_STOPPERS (sizeof(stoppers) / sizeof(stoppers[0]))

static void on_stop(int signal_nr)
{
	stop_signal = signal_nr;
}

/* SIGHUP stays ignored under nohup. A second signal kills, should the first be of no use. */
void stop_catch(void)
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
 * stop_poll() - poll() that ends when a signal comes, also one that came just before
 * @pfd: as for poll()
 * @nr: as for poll()
 * @timeout_ns: how long to wait
 *
 * Return: as poll().
 */
int stop_poll(struct pollfd *pfd, nfds_t nr, uint64_t timeout_ns)
{
	struct timespec timeout = {
		.tv_sec = (time_t)(timeout_ns / 1000000000),
		.tv_nsec = (long)(timeout_ns % 1000000000),
	};
	sigset_t blocked, before;
	size_t i;
	int n = -1;

	/* Blocked from the look at stop_signal to the wait, or a signal between them is missed. */
	sigemptyset(&blocked);
	for (i = 0; i < NR_STOPPERS; i++)
		sigaddset(&blocked, stoppers[i]);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	if (!stop_signal)
		n = ppoll(pfd, nr, &timeout, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return n;
}

/* As if nothing had been done about the signal: the caller sees what ended us. */
void stop_die_of(int signal_nr)
{
	signal(signal_nr, SIG_DFL);
	raise(signal_nr);
}
