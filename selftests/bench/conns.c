// SPDX-License-Identifier: GPL-2.0
/*
 * conns.c - connections over loopback, and what each of them costs
 *
 * usage: conns [-r] [-n CONNECTIONS] [-k ROUNDS] [-p PORT]
 *        conns -s SECONDS [-r] [-p PORT]
 *
 * Meant for a machine with one CPU whose clock counts instructions (see run --icount). A
 * round makes connections one after the other, the client closing first, or with -r
 * resetting; then it waits until the last TIME_WAIT is over. Prints the nanoseconds of
 * each round for each connection: what the round took, and what was taken from this process
 * afterwards by interrupts and by others, such as a reader that still has work to do.
 *
 * With -s it makes connections for so long and prints how many there were in a second.
 */
#include <err.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NSEC_PER_SEC 1000000000ull

/* Long enough for what is left behind by a round: readers are woken within five milliseconds. */
#define DRAIN_NS (40 * 1000000ull)

/* TIME_WAIT takes 60 seconds, and its timer may be late but never early. */
#define TIME_WAIT_NS (60 * NSEC_PER_SEC)
#define MARGIN_NS    (100 * 1000000ull)

/* Timers fire now and then; among so many short measurements one is undisturbed. */
#define CALIBRATIONS 50

static struct sockaddr_in server = {
	.sin_family = AF_INET,
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

static int listen_at(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&server, sizeof(server)) || listen(fd, 16))
		err(1, "cannot listen at port %u", ntohs(server.sin_port));
	return fd;
}

static void connection(int listener, bool reset)
{
	static const struct linger at_once = { .l_onoff = 1 };
	int client = socket(AF_INET, SOCK_STREAM, 0), accepted;
	char byte;

	if (client < 0 || connect(client, (struct sockaddr *)&server, sizeof(server)))
		err(1, "connect");
	accepted = accept(listener, NULL, NULL);
	if (accepted < 0)
		err(1, "accept");
	if (reset && setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)))
		err(1, "SO_LINGER");
	if (close(client) || (!reset && read(accepted, &byte, 1) != 0) || close(accepted))
		err(1, "close");
}

/* ---- idle time, spent so that we notice who takes some of it ---- */

/* Instructions that do nothing, which an emulator runs fast. */
static void spin_once(void)
{
	asm volatile(".rept 500\n\tnop\n\t.endr");
}

static uint64_t spin(unsigned long times)
{
	uint64_t start = now_ns();

	while (times--)
		spin_once();
	return now_ns() - start;
}

#define SPINS 2000ul

static uint64_t undisturbed(void)
{
	uint64_t least = UINT64_MAX, ns;
	int i;

	for (i = 0; i < CALIBRATIONS; i++) {
		ns = spin(SPINS);
		if (ns < least)
			least = ns;
	}
	return least;
}

/* Spin for about @ns. Return: how much of that time went elsewhere. */
static uint64_t taken_in(uint64_t ns, uint64_t least)
{
	uint64_t taken = 0, i;

	for (i = 0; i < ns / least + 1; i++)
		taken += spin(SPINS) - least;
	return taken;
}

static unsigned int timewaits(void)
{
	FILE *f = fopen("/proc/net/sockstat", "r");
	unsigned int n = 0;
	char line[256];

	if (!f)
		err(1, "/proc/net/sockstat");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "TCP: inuse %*u orphan %*u tw %u", &n) == 1)
			break;
	fclose(f);
	return n;
}

static void sleep_until(uint64_t ns)
{
	uint64_t now = now_ns();
	struct timespec left;

	if (now >= ns)
		return;
	left.tv_sec = (ns - now) / NSEC_PER_SEC;
	left.tv_nsec = (ns - now) % NSEC_PER_SEC;
	nanosleep(&left, NULL);
}

static uint64_t taken_by_timewaits(uint64_t begin, uint64_t least)
{
	uint64_t taken = 0;

	if (!timewaits())
		return 0;
	sleep_until(begin + TIME_WAIT_NS - MARGIN_NS);
	while (timewaits())
		taken += taken_in(DRAIN_NS, least);
	return taken + taken_in(DRAIN_NS, least);
}

static void measure(int listener, bool reset, unsigned int n, unsigned int rounds)
{
	uint64_t least = undisturbed(), begin, made, taken;
	unsigned int round, i;

	/* The first one is for the caches of kernel and tools. */
	for (round = 0; round <= rounds; round++) {
		begin = now_ns();
		for (i = 0; i < n; i++)
			connection(listener, reset);
		made = now_ns() - begin;
		taken = taken_in(DRAIN_NS, least);
		taken += taken_by_timewaits(begin, least);
		if (round)
			printf("%.1f %.1f\n", (double)made / n, (double)taken / n);
	}
}

static void count(int listener, bool reset, unsigned int seconds)
{
	uint64_t begin = now_ns(), end = begin + seconds * NSEC_PER_SEC;
	unsigned long n = 0;

	while (now_ns() < end) {
		connection(listener, reset);
		n++;
	}
	printf("%.1f\n", (double)n * NSEC_PER_SEC / (double)(now_ns() - begin));
}

static unsigned int number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (!n || *end || n > UINT32_MAX)
		errx(2, "not a number from 1 on: %s", text);
	return n;
}

int main(int argc, char **argv)
{
	unsigned int n = 1000, rounds = 3, port = 7000, seconds = 0;
	bool reset = false;
	int c, listener;

	while ((c = getopt(argc, argv, "rn:k:p:s:")) != -1) {
		switch (c) {
		case 'r':
			reset = true;
			break;
		case 'n':
			n = number(optarg);
			break;
		case 'k':
			rounds = number(optarg);
			break;
		case 'p':
			port = number(optarg);
			break;
		case 's':
			seconds = number(optarg);
			break;
		default:
			return 2;
		}
	}
	server.sin_port = htons(port);
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = listen_at();
	if (seconds)
		count(listener, reset, seconds);
	else
		measure(listener, reset, n, rounds);
	return 0;
}
