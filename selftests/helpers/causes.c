// SPDX-License-Identifier: GPL-2.0
/*
 * causes.c - connections whose every cause is known beforehand, and what the module says of them
 *
 * Makes connections over loopback that end in a few ways, of which some differ in nothing but
 * the kernel's reason, by turns; then reads their events and compares each with what
 * was done. Connections are known by their ports: nobody here asks for a cookie.
 */
#define _GNU_SOURCE /* accept4() */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/states.h"
#include "chains.h"
#include "rawstream.h"

#define MOST_STEPS  6
#define BATCH	    10 /* of each way, open at the same time */
#define SHOWN	    3
/* Longer than a minute: the socket itself stays in FIN_WAIT2 for a while. */
#define LONG_LINGER 119

/* One transition, and why. */
struct step {
	uint8_t old;
	uint8_t new;
	uint8_t cause;
};

#define STEP(old, new, cause)                                \
	{                                                    \
		TCPFSM_##old, TCPFSM_##new, TCPFSM_C_##cause \
	}
#define OPENED	     STEP(CLOSE, SYN_SENT, OPEN), STEP(SYN_SENT, ESTABLISHED, RCV_SYNACK)
#define ACCEPTED     STEP(LISTEN, SYN_RECV, RCV_SYN), STEP(SYN_RECV, ESTABLISHED, RCV_ACK)
#define TO_FIN_WAIT2 STEP(ESTABLISHED, FIN_WAIT1, CLOSE), STEP(FIN_WAIT1, FIN_WAIT2, RCV_ACK)

enum side {
	CLIENT,
	SERVER,
	NR_ENDS
};

/* A connection: sockets, ports, and how far its events have come. */
struct connection {
	const struct way *way;
	int fd[NR_ENDS];
	uint16_t client_port;
	uint16_t server_port;
	unsigned int done[NR_ENDS];
};

/* How a connection ends, and all that its two ends go through until then. */
struct way {
	void (*end)(struct connection *c);
	struct step steps[NR_ENDS][MOST_STEPS];
};

static struct rawstream stream;
static struct connection connections[10 * BATCH];
static unsigned int nr_connections;
static int patience_s = 30;
static bool fastopen;
/* Where we are; 0: the kernel has only one. */
static uint32_t netns;
static uint16_t birth_flag;
static unsigned int made, right, unknown, wrong, portless, missing;

/* ---- making them ---- */

static void await(int fd, short what)
{
	struct pollfd pollfd = { .fd = fd, .events = what };

	if (poll(&pollfd, 1, patience_s * 1000) != 1)
		errx(2, "the other end does not come to it");
}

static void set(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		err(2, "socket option %d.%d", level, option);
}

static void await_state(int fd, int state)
{
	struct tcp_info info;
	socklen_t len;
	int ms;

	for (ms = 0; ms < patience_s * 1000; ms += 1) {
		len = sizeof(info);
		if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
			err(2, "TCP_INFO");
		if (info.tcpi_state == state)
			return;
		poll(NULL, 0, 1);
	}
	errx(2, "a socket does not come to state %d", state);
}

static void say(int fd)
{
	if (send(fd, "x", 1, MSG_NOSIGNAL) != 1)
		err(2, "send");
}

static void await_reset(int fd)
{
	char byte;

	await(fd, POLLIN);
	while (recv(fd, &byte, 1, 0) >= 0)
		await(fd, POLLERR | POLLHUP);
}

static void reset(struct connection *c)
{
	struct linger linger = { .l_onoff = 1 };

	if (setsockopt(c->fd[SERVER], SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)))
		err(2, "SO_LINGER");
	close(c->fd[SERVER]);
	await_reset(c->fd[CLIENT]);
	close(c->fd[CLIENT]);
}

/* The client is gone and does not read what comes. */
static void data(struct connection *c)
{
	close(c->fd[CLIENT]);
	await(c->fd[SERVER], POLLIN);
	say(c->fd[SERVER]);
	await_state(c->fd[SERVER], TCP_CLOSE);
	close(c->fd[SERVER]);
}

/* Here a timewait sock in FIN_WAIT2 is certain to be all that is left of it. */
static void data_for_timewait(struct connection *c)
{
	if (shutdown(c->fd[CLIENT], SHUT_WR))
		err(2, "shutdown");
	await_state(c->fd[CLIENT], TCP_FIN_WAIT2);
	data(c);
}

/* ... and here the socket is. */
static void data_for_orphan(struct connection *c)
{
	set(c->fd[CLIENT], IPPROTO_TCP, TCP_LINGER2, LONG_LINGER);
	data_for_timewait(c);
}

static void orderly(struct connection *c)
{
	close(c->fd[CLIENT]);
	await(c->fd[SERVER], POLLIN);
	close(c->fd[SERVER]);
}

static void disconnect(struct connection *c)
{
	static const struct sockaddr unspec = { .sa_family = AF_UNSPEC };

	if (connect(c->fd[CLIENT], &unspec, sizeof(unspec)))
		err(2, "connect to nobody");
	close(c->fd[CLIENT]);
	await_reset(c->fd[SERVER]);
	close(c->fd[SERVER]);
}

/* It has ended already. */
static void refused(struct connection *c)
{
	close(c->fd[CLIENT]);
}

#define RESET                                                                  \
	{                                                                      \
		reset,                                                         \
		{                                                              \
			{ OPENED, STEP(ESTABLISHED, CLOSE, RCV_RST) },         \
				{ ACCEPTED, STEP(ESTABLISHED, CLOSE, ABORT) }, \
		}                                                              \
	}
#define DATA(how)                                                                   \
	{                                                                           \
		how,                                                                \
		{                                                                   \
			{ OPENED, TO_FIN_WAIT2, STEP(FIN_WAIT2, CLOSE, RCV_DATA) }, \
				{ ACCEPTED, STEP(ESTABLISHED, CLOSE_WAIT, RCV_FIN), \
				  STEP(CLOSE_WAIT, CLOSE, RCV_RST) },               \
		}                                                                   \
	}

/* Those that must not be taken for one another follow one another. */
static const struct way ways[] = {
	RESET,
	DATA(data),
	RESET,
	DATA(data_for_orphan),
	RESET,
	DATA(data_for_timewait),
	{ orderly,
	  { { OPENED, TO_FIN_WAIT2, STEP(FIN_WAIT2, TIME_WAIT, RCV_FIN) },
	    { ACCEPTED, STEP(ESTABLISHED, CLOSE_WAIT, RCV_FIN), STEP(CLOSE_WAIT, LAST_ACK, CLOSE),
	      STEP(LAST_ACK, CLOSE, RCV_ACK) } } },
	{ disconnect,
	  { { OPENED, STEP(ESTABLISHED, CLOSE, ABORT) },
	    { ACCEPTED, STEP(ESTABLISHED, CLOSE, RCV_RST) } } },
	{ refused, { { STEP(CLOSE, SYN_SENT, OPEN), STEP(SYN_SENT, CLOSE, RCV_RST) } } },
};

static const struct way births = RESET;

static uint16_t port_of(int fd)
{
	struct sockaddr_in in;
	socklen_t len = sizeof(in);

	if (getsockname(fd, (struct sockaddr *)&in, &len))
		err(2, "getsockname");
	return ntohs(in.sin_port);
}

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static int bound_socket(void)
{
	struct sockaddr_in in = loopback(0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&in, sizeof(in)))
		err(2, "socket");
	return fd;
}

/* Returns whether there is one. */
static bool connect_to(struct connection *c)
{
	struct sockaddr_in in = loopback(c->server_port);
	bool connected = true;

	/* One that is refused would have lost its port by the time that it can be asked for it. */
	c->fd[CLIENT] = c->way->end == refused ? bound_socket() :
						 socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd[CLIENT] < 0)
		err(2, "socket");
	if (fastopen ? sendto(c->fd[CLIENT], "x", 1, MSG_FASTOPEN, (struct sockaddr *)&in,
			      sizeof(in)) != 1 :
		       connect(c->fd[CLIENT], (struct sockaddr *)&in, sizeof(in))) {
		if (errno != ECONNREFUSED)
			err(2, "connect");
		connected = false;
	}
	c->client_port = port_of(c->fd[CLIENT]);
	return connected;
}

static void accept_from(struct connection *c, int listener)
{
	char byte;

	await(listener, POLLIN);
	c->fd[SERVER] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (c->fd[SERVER] < 0)
		err(2, "accept");
	if (fastopen && recv(c->fd[SERVER], &byte, 1, 0) != 1)
		err(2, "recv");
}

static void open_one(const struct way *way, int listener, int refuser)
{
	struct connection *c = &connections[nr_connections++];
	bool accepts = way->end != refused;

	*c = (struct connection){ .way = way };
	c->server_port = port_of(accepts ? listener : refuser);
	if (connect_to(c) != accepts)
		errx(2, "not connected as it should be");
	if (accepts)
		accept_from(c, listener);
	made++;
}

/* ---- judging them ---- */

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

static void complain(const struct tcpfsm_event *e, const char *what)
{
	static unsigned int shown;

	if (shown++ < SHOWN)
		printf("# %s > %s %s, ports %u, %u, flags %#x: %s\n", tcpfsm_state_name(e->old),
		       tcpfsm_state_name(e->new), tcpfsm_cause_name(e->cause), e->lport, e->rport,
		       e->flags, what);
}

static bool is_step(const struct step *step, const struct tcpfsm_event *e)
{
	return e->old == step->old && e->new == step->new;
}

static void judge(struct connection *c, enum side end, const struct tcpfsm_event *e)
{
	const struct step *steps = c->way->steps[end];
	unsigned int i = c->done[end];
	/* A connection by cookie is told of with the ACK. */
	bool early = birth_flag == TCPFSM_F_SYNCOOKIE && e->new == TCPFSM_SYN_RECV;

	while (i < MOST_STEPS && !is_step(&steps[i], e))
		i++;
	if (i == MOST_STEPS || i > c->done[end]) {
		complain(e, "another step is due");
		wrong++;
		/* What was left out is wrong once. */
		if (i < MOST_STEPS)
			c->done[end] = i + 1;
		return;
	}
	c->done[end]++;
	if (e->cause == TCPFSM_C_UNKNOWN) {
		unknown++;
	} else if (e->cause != steps[i].cause && !(early && e->cause == TCPFSM_C_RCV_ACK)) {
		complain(e, tcpfsm_cause_name(steps[i].cause));
		wrong++;
	} else if (end == SERVER && i < 2 && (e->flags & birth_flag) != birth_flag) {
		complain(e, "it was opened otherwise");
		wrong++;
	} else {
		right++;
	}
}

static unsigned int steps_left(const struct connection *c, enum side end)
{
	unsigned int n = c->done[end];

	while (n < MOST_STEPS && c->way->steps[end][n].old)
		n++;
	return n - c->done[end];
}

static void take(const struct tcpfsm_event *e)
{
	struct connection *c, *finished = NULL;
	enum side finished_end = CLIENT;

	if (e->type != TCPFSM_REC_EVENT)
		errx(1, "the module has lost events");
	/* Others', and those of an earlier connection, which are not waited for. */
	if ((netns && e->netns != netns) || e->old == TCPFSM_TIME_WAIT)
		return;
	for (c = connections; c < connections + nr_connections; c++) {
		enum side end;

		if (e->lport == c->client_port && e->rport == c->server_port)
			end = CLIENT;
		else if (e->rport == c->client_port && e->lport == c->server_port)
			end = SERVER;
		else
			continue;
		/* A port is free again once its connection was refused: a later one may have it. */
		if (steps_left(c, end))
			return judge(c, end, e);
		if (!finished) {
			finished = c;
			finished_end = end;
		}
	}
	if (finished)
		return judge(finished, finished_end, e);
	for (c = connections; c < connections + nr_connections; c++) {
		if (e->lport || e->rport != c->server_port || c->done[CLIENT])
			continue;
		/* Whose it is nobody knows; it is the next one's. */
		complain(e, "lacks its port");
		portless++;
		c->done[CLIENT]++;
		return;
	}
}

static unsigned int all_left(void)
{
	const struct connection *c;
	unsigned int n = 0;

	for (c = connections; c < connections + nr_connections; c++)
		n += steps_left(c, CLIENT) + steps_left(c, SERVER);
	return n;
}

/* Take the events of the batch, until there have been as many as there should be. */
static void read_all(void)
{
	struct pollfd pollfd = { .fd = stream.fd, .events = POLLIN };
	uint64_t end = now_ms() + patience_s * 1000;
	struct tcpfsm_event e;
	int ret;

	do {
		while ((ret = rawstream_next(&stream, &e)) > 0)
			take(&e);
		if (ret)
			errx(2, "reading the stream: %d", ret);
		if (!all_left())
			return;
		poll(&pollfd, 1, 100);
	} while (now_ms() < end);
	missing += all_left();
}

static void make_batch(const struct way *first, unsigned int nr, int listener, int refuser)
{
	unsigned int i;

	nr_connections = 0;
	for (i = 0; i < ARRAY_SIZE(connections) / nr * nr; i++)
		open_one(&first[i % nr], listener, refuser);
	for (i = 0; i < nr_connections; i++)
		connections[i].way->end(&connections[i]);
	read_all();
}

static const char usage[] =
	"usage: causes [-cfu] [-n CONNECTIONS]\n"
	"\n"
	"  -c  the listener answers with cookies: so must say the first events\n"
	"  -f  fast open, likewise\n"
	"  -n  so many at least (default 100)\n"
	"  -u  an unknown cause is no fault (they are counted)\n"
	"\n"
	"Exit status: 0 nothing wrong, 1 faults found, 2 could not judge.\n";

int main(int argc, char **argv)
{
	unsigned long wanted = 100;
	const char *slowness = getenv("TCPFSM_SLOWNESS");
	bool may_be_unknown = false;
	struct stat st;
	int listener, refuser, opt, ret;

	while ((opt = getopt(argc, argv, "cfn:u")) != -1) {
		if (opt == 'c')
			birth_flag = TCPFSM_F_SYNCOOKIE;
		else if (opt == 'f')
			birth_flag = TCPFSM_F_FASTOPEN;
		else if (opt == 'n')
			wanted = strtoul(optarg, NULL, 10);
		else if (opt == 'u')
			may_be_unknown = true;
		else
			return fputs(usage, stderr), 2;
	}
	if (slowness)
		patience_s *= atoi(slowness);
	fastopen = birth_flag == TCPFSM_F_FASTOPEN;
	if (!stat("/proc/self/ns/net", &st))
		netns = st.st_ino;
	ret = rawstream_open(&stream, "/proc/tcpfsm_raw");
	if (ret || lseek(stream.fd, 0, SEEK_END) < 0)
		errx(2, "/proc/tcpfsm_raw: %s", strerror(ret ? -ret : errno));
	listener = bound_socket();
	refuser = bound_socket();
	if (fastopen)
		set(listener, IPPROTO_TCP, TCP_FASTOPEN, 1024);
	if (listen(listener, 1024))
		err(2, "listen");
	while (made < wanted && !missing)
		if (birth_flag)
			make_batch(&births, 1, listener, refuser);
		else
			make_batch(ways, ARRAY_SIZE(ways), listener, refuser);
	printf("connections %u\nright %u\nunknown %u\nwrong %u\nportless %u\nmissing %u\n", made,
	       right, unknown, wrong, portless, missing);
	return wrong || portless || missing || (unknown && !may_be_unknown);
}
