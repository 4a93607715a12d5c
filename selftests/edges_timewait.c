// SPDX-License-Identifier: GPL-2.0
/*
 * edges_timewait.c - the ends of TIME_WAIT, and of FIN_WAIT2 without a socket
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIXTURE_NAME timewait
#include "edges.h"
#include "lib/module.h"

#define BARE_ACK "tcp flags & (fin|syn|rst|psh|ack) == ack "

#define TO_TIME_WAIT TO_FIN_WAIT2 ">TIME_WAIT[rcv_fin]"

/*
 * Bring the client's end to FIN_WAIT2 and the server's to CLOSE_WAIT, and then close the client.
 * If the acknowledgment came while close() holds the socket, the socket itself would stay in
 * FIN_WAIT2, without a timewait sock (tcp_rcv_state_process(), sock_owned_by_user()).
 */
#define CLOSE_CLIENT()                                       \
	do {                                                 \
		HALF_CLOSE();                                \
		sock_close(&self->world, self->ends.client); \
	} while (0)

/* Bring the client's end to TIME_WAIT, and close the server's. */
#define CLOSE_BOTH()                                                            \
	do {                                                                    \
		CLOSE_CLIENT();                                                 \
		sock_close(&self->world, self->ends.server);                    \
		CHAIN(self->ends.client_id, ">TIME_WAIT[rcv_fin]");             \
		CHAIN(self->ends.server_id, ">LAST_ACK[close]>CLOSE[rcv_ack]"); \
	} while (0)

/* The peer never closes, and its acknowledgment comes after close(). */
TEST_F(timewait, fin_wait2_timeout)
{
	DO(world_sysctl(&self->world, CLIENT, "ipv4/tcp_fin_timeout", "1"));
	ESTABLISH();
	DO(world_hold(&self->world, SERVER));
	sock_close(&self->world, self->ends.client);
	DO(world_release(&self->world, SERVER));
	CHAIN(self->ends.client_id, TO_FIN_WAIT2);
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	CHAIN(self->ends.client_id, ">CLOSE[fin_timeout]");
}

/* The socket is closed when it is already in FIN_WAIT2. */
TEST_F(timewait, fin_wait2_timeout_after_shutdown)
{
	ESTABLISH();
	ASSERT_EQ(0, sock_set(self->ends.client, IPPROTO_TCP, TCP_LINGER2, 1));
	CLOSE_CLIENT();
	CHAIN(self->ends.client_id, ">CLOSE[fin_timeout]");
}

static void stay_on(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

/* Keep a CPU awake, so that it runs its timers itself. Return the process that does this. */
static pid_t keep_awake(int cpu)
{
	pid_t pid = fork();
	int fd;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The test's sockets must close when the test closes them. */
	for (fd = STDERR_FILENO + 1; fd < sysconf(_SC_OPEN_MAX); fd++)
		close(fd);
	stay_on(cpu);
	for (;;)
		;
}

/* This is far longer than a slow machine needs. let_go() ends it. */
#define HELD_UP_US (2000000 * SLOWNESS)

static void let_go(void)
{
	int fd = open("/sys/module/slowprobe/parameters/spin_us", O_WRONLY | O_CLOEXEC);

	if (write(fd, "0", 1) != 1)
		perror("# slowprobe");
	close(fd);
}

static bool fin_meets_end(struct world *world, const struct ends *ends)
{
	stay_on(1);
	if (!chain_expect(world, ends->client_id, ">CLOSE[fin_timeout]"))
		return false;
	sock_close(world, ends->server);
	/* The FIN is acknowledged, so the timewait sock was still there. */
	return chain_expect(world, ends->server_id, ">LAST_ACK[close]>CLOSE[rcv_ack]");
}

/*
 * The peer closes after the end was recorded, while the kernel has not removed the timewait
 * sock yet, because it is delayed there. The FIN makes no further transition.
 */
TEST_F(timewait, fin_wait2_timeout_and_late_fin)
{
	char params[128];
	bool met;
	pid_t pid;
	int err;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "needs two CPUs");
	if (!access("/sys/kernel/realtime", F_OK))
		SKIP(return, "with PREEMPT_RT the CPU held up has to wake the reader");
	snprintf(params, sizeof(params),
		 "symbol=inet_twsk_kill behind_entry=1 in_softirq=1 spin_us=%u", HELD_UP_US);
	err = module_insert("kmods/slowprobe/slowprobe.ko", params);
	if (err == -ENOENT)
		SKIP(return, "needs kmods/slowprobe/slowprobe.ko");
	ASSERT_EQ(0, err);
	stay_on(0);
	DO(world_sysctl(&self->world, CLIENT, "ipv4/tcp_fin_timeout", "1"));
	ESTABLISH();
	CLOSE_CLIENT();
	pid = keep_awake(0);
	/* The process is killed below, and -1 would mean all processes. */
	ASSERT_LT(0, pid);
	met = fin_meets_end(&self->world, &self->ends);
	let_go();
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	/*
	 * Remove the kprobe on the CPU that was held up. Text must not be patched while a
	 * CPU runs it, and this CPU has left it when it comes here.
	 */
	stay_on(0);
	ASSERT_EQ(0, module_remove("slowprobe"));
	DO(met);
}

/* If the timeout is longer than a minute, the socket itself waits for the first part. */
TEST_F(timewait, fin_wait2_long_timeout)
{
	DO(world_sysctl(&self->world, CLIENT, "ipv4/tcp_fin_timeout", "61"));
	ESTABLISH();
	CLOSE_CLIENT();
	CHAIN(self->ends.client_id, ">CLOSE[fin_timeout]");
}

/* No timewait sock can be allocated when the socket is closed. */
TEST_F(timewait, overflow)
{
	DO(world_sysctl(&self->world, CLIENT, "ipv4/tcp_max_tw_buckets", "0"));
	ESTABLISH();
	CLOSE_CLIENT();
	CHAIN(self->ends.client_id, ">CLOSE[tw_overflow]");
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.server_id, ">LAST_ACK[close]>CLOSE[rcv_rst]");
}

/* No timewait sock can be allocated when the FIN comes. */
TEST_F(timewait, overflow_after_shutdown)
{
	DO(world_sysctl(&self->world, CLIENT, "ipv4/tcp_max_tw_buckets", "0"));
	ESTABLISH();
	HALF_CLOSE();
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.server_id, ">LAST_ACK[close]>CLOSE[rcv_ack]");
	CHAIN(self->ends.client_id, ">CLOSE[tw_overflow]");
}

/* No timewait sock can be allocated when a FIN acknowledges the client's FIN. */
TEST_F(timewait, overflow_with_finack)
{
	DO(world_sysctl(&self->world, CLIENT, "ipv4/tcp_max_tw_buckets", "0"));
	ESTABLISH();
	DO(world_filter(&self->world, SERVER, "output", BARE_ACK "drop"));
	sock_close(&self->world, self->ends.client);
	CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]");
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.client_id, TO_FIN_WAIT2 ">CLOSE[tw_overflow]");
	CHAIN(self->ends.server_id, ">LAST_ACK[close]>CLOSE[rcv_ack]");
}

/* No timewait sock can be allocated in CLOSING. */
TEST_F(timewait, overflow_in_closing)
{
	DO(world_sysctl(&self->world, CLIENT, "ipv4/tcp_max_tw_buckets", "0"));
	ESTABLISH();
	DO(world_hold(&self->world, CLIENT));
	DO(world_hold(&self->world, SERVER));
	sock_close(&self->world, self->ends.client);
	sock_close(&self->world, self->ends.server);
	DO(world_release(&self->world, CLIENT));
	DO(world_release(&self->world, SERVER));
	CHAIN(self->ends.client_id, ">FIN_WAIT1[close]>CLOSING[rcv_fin]>CLOSE[tw_overflow]");
	CHAIN(self->ends.server_id, ">FIN_WAIT1[close]>CLOSING[rcv_fin]>TIME_WAIT[rcv_ack]");
}

/* The last ACK is answered with RST. */
TEST_F(timewait, reset)
{
	ESTABLISH();
	CLOSE_CLIENT();
	DO(world_filter(&self->world, SERVER, "input", BARE_ACK "reject with tcp reset"));
	sock_close(&self->world, self->ends.server);
	CHAIN(self->ends.client_id, ">TIME_WAIT[rcv_fin]>CLOSE[rcv_rst]");
	/* No end is left to acknowledge the server's FIN. */
	CHAIN(self->ends.server_id, ">LAST_ACK[close]>CLOSE[rcv_rst]");
}

TEST_F(timewait, killed)
{
	bool killed;

	ESTABLISH();
	CLOSE_BOTH();
	DO(world_try_kill(&self->world, CLIENT, 1 << TCP_TIME_WAIT, &killed));
	if (!killed)
		SKIP(return, "the kernel does not destroy timewait sockets");
	CHAIN(self->ends.client_id, ">CLOSE[kill]");
}

TEST_F(timewait, killed_in_fin_wait2)
{
	bool killed;

	ESTABLISH();
	CLOSE_CLIENT();
	DO(world_try_kill(&self->world, CLIENT, 1 << TCP_FIN_WAIT2, &killed));
	if (!killed)
		SKIP(return, "the kernel does not destroy timewait sockets");
	CHAIN(self->ends.client_id, ">CLOSE[kill]");
}

/* Connect with the addresses and ports of the old connection, and replace it. */
static bool connect_again(struct world *world, int fd, uint64_t since)
{
	/* A second must have passed by the kernel's clock, which counts whole seconds. */
	clock_wait_until(since + 2 * NSEC_PER_SEC);
	return !sock_connect(world, fd, PORT) || world_fail(world, "connect: %s", strerror(errno));
}

TEST_F(timewait, reused_by_connect)
{
	struct world *world = &self->world;
	int fd;

	DO(world_sysctl(world, CLIENT, "ipv4/tcp_tw_reuse", "1"));
	DO(world_sysctl(world, CLIENT, "ipv4/ip_local_port_range", "40000 40000"));
	ESTABLISH();
	CLOSE_BOTH();
	fd = sock_open(world, CLIENT);
	DO(connect_again(world, fd, clock_now()));
	CHAIN(self->ends.client_id, ">CLOSE[reuse]");
	CHAIN(sock_id(fd), OPENED);
	ASSERT_EQ(40000, chain_of(world, sock_id(fd))->lport);
	CHAIN(sock_id(sock_accept(world, self->ends.listener)), ACCEPTED);
}

static int open_bound(struct world *world, uint16_t port)
{
	int fd = sock_open(world, CLIENT);

	if (sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1) || sock_bind(world, fd, port))
		return -1;
	return fd;
}

TEST_F(timewait, reused_by_bound_connect)
{
	struct world *world = &self->world;
	int fd;

	DO(world_sysctl(world, CLIENT, "ipv4/tcp_tw_reuse", "1"));
	self->ends.client = open_bound(world, 12345);
	self->ends.client_id = sock_id(self->ends.client);
	self->ends.listener = sock_listen(world, PORT, 8);
	CHAIN(sock_id(self->ends.listener), LISTENING);
	ASSERT_EQ(0, sock_connect(world, self->ends.client, PORT));
	CHAIN(self->ends.client_id, OPENED);
	self->ends.server = sock_accept(world, self->ends.listener);
	self->ends.server_id = sock_id(self->ends.server);
	CHAIN(self->ends.server_id, ACCEPTED);
	CLOSE_BOTH();
	fd = open_bound(world, 12345);
	DO(connect_again(world, fd, clock_now()));
	CHAIN(self->ends.client_id, ">CLOSE[reuse]");
	CHAIN(sock_id(fd), OPENED);
	CHAIN(sock_id(sock_accept(world, self->ends.listener)), ACCEPTED);
}

/* A SYN comes for the addresses and ports of the old connection. */
TEST_F(timewait, reused_by_syn)
{
	struct world *world = &self->world;
	uint16_t port;
	int fd;

	ESTABLISH();
	port = sock_port(self->ends.client);
	sock_close(world, self->ends.server);
	CHAIN(self->ends.server_id, TO_FIN_WAIT2);
	CHAIN(self->ends.client_id, ">CLOSE_WAIT[rcv_fin]");
	sock_close(world, self->ends.client);
	CHAIN(self->ends.server_id, ">TIME_WAIT[rcv_fin]");
	CHAIN(self->ends.client_id, ">LAST_ACK[close]>CLOSE[rcv_ack]");
	fd = sock_open(world, CLIENT);
	ASSERT_EQ(0, sock_bind(world, fd, port));
	ASSERT_EQ(0, sock_connect(world, fd, PORT));
	CHAIN(self->ends.server_id, ">CLOSE[reuse]");
	CHAIN(sock_id(fd), OPENED);
	CHAIN(sock_id(sock_accept(world, self->ends.listener)), ACCEPTED);
}

TEST_F(timewait, netns_exit)
{
	ESTABLISH();
	CLOSE_BOTH();
	world_leave(&self->world, CLIENT);
	CHAIN(self->ends.client_id, ">CLOSE[netns_exit]");
}

TEST_F(timewait, netns_exit_in_fin_wait2)
{
	ESTABLISH();
	/* No end would be left to acknowledge a FIN. */
	ASSERT_EQ(0, sock_reset_on_close(self->ends.server));
	CLOSE_CLIENT();
	world_leave(&self->world, CLIENT);
	CHAIN(self->ends.client_id, ">CLOSE[netns_exit]");
}

/*
 * The real 2MSL takes a minute. A separate process waits for it while the other tests
 * run, and the last test reads the result.
 */
#define MSL_NS (30 * NSEC_PER_SEC)

/* Timers this long are rounded to two seconds, and the machine may be slow. */
#define SLACK_NS (10 * NSEC_PER_SEC)

/* The kernel counts ticks for these timers. On a busy machine, the ticks are behind the clock. */
#define EARLY_NS (1 * NSEC_PER_SEC)

static int two_msl_verdict = -1;

static bool to_time_wait(struct world *world, struct ends *ends)
{
	if (!sock_establish(world, ends) || !chain_expect(world, ends->client_id, OPENED))
		return false;
	sock_close(world, ends->client);
	if (!chain_expect(world, ends->client_id, TO_FIN_WAIT2))
		return false;
	sock_close(world, ends->server);
	return chain_expect(world, ends->client_id, ">TIME_WAIT[rcv_fin]");
}

/* The same, but the client's socket stays, and makes the next connection meanwhile. */
static bool to_time_wait_and_again(struct world *world, struct ends *ends)
{
	world->timed = true;
	if (!sock_establish(world, ends) || !chain_expect(world, ends->client_id, OPENED))
		return false;
	if (shutdown(ends->client, SHUT_WR))
		return world_fail(world, "shutdown: %s", strerror(errno));
	if (!chain_expect(world, ends->client_id, TO_FIN_WAIT2))
		return false;
	sock_close(world, ends->server);
	if (!chain_expect(world, ends->client_id, ">TIME_WAIT[rcv_fin]"))
		return false;
	if (sock_disconnect(ends->client) || sock_connect(world, ends->client, PORT))
		return world_fail(world, "connect: %s", strerror(errno));
	return chain_expect(world, ends->client_id, OPENED);
}

static bool through_time_wait(struct world *world, const struct ends *ends)
{
	uint64_t since = chain_of_gen(world, ends->client_id, 1)->time, time;

	clock_wait_until(since + 2 * MSL_NS);
	if (!chain_expect_gen(world, ends->client_id, 1, ">CLOSE[2msl]"))
		return false;
	time = chain_of_gen(world, ends->client_id, 1)->time - since;
	if (time < 2 * MSL_NS - EARLY_NS || time > 2 * MSL_NS + SLACK_NS)
		return world_fail(world, "2MSL took %llu ms",
				  (unsigned long long)(time / NSEC_PER_MSEC));
	return world_end(world);
}

/* Each of these ways to TIME_WAIT takes a minute. */
static const struct {
	struct family family;
	bool (*begin)(struct world *world, struct ends *ends);
} msl_cases[] = {
	{ FAMILY_V4, to_time_wait },	       { FAMILY_V6, to_time_wait },
	{ FAMILY_MAPPED, to_time_wait },       { FAMILY_V4, to_time_wait_and_again },
	{ FAMILY_V6, to_time_wait_and_again },
};

static bool two_msl(struct world *worlds)
{
	static struct ends ends[ARRAY_SIZE(msl_cases)];
	bool fine = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(msl_cases); i++)
		if (!world_begin(&worlds[i], &msl_cases[i].family) ||
		    !msl_cases[i].begin(&worlds[i], &ends[i]))
			return false;
	for (i = 0; i < ARRAY_SIZE(msl_cases); i++)
		fine = through_time_wait(&worlds[i], &ends[i]) && fine;
	return fine;
}

__attribute__((constructor)) static void begin_two_msl(void)
{
	static struct world worlds[ARRAY_SIZE(msl_cases)];
	bool passed;
	size_t i;
	int fds[2];

	if (world_missing() || pipe2(fds, O_CLOEXEC))
		return;
	if (fork()) {
		close(fds[1]);
		two_msl_verdict = fds[0];
		return;
	}
	/* If the tests are ended early, their output must end, too. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	passed = two_msl(worlds);
	for (i = 0; i < ARRAY_SIZE(worlds) && !passed; i++)
		if (worlds[i].why[0])
			fprintf(stderr, "# 2MSL: %s\n", worlds[i].why);
	if (write(fds[1], &passed, sizeof(passed)) != sizeof(passed))
		_exit(1);
	_exit(0);
}

FIXTURE(timewait_2msl)
{
	int verdict;
};

FIXTURE_SETUP(timewait_2msl)
{
	self->verdict = two_msl_verdict;
	if (world_missing())
		SKIP_FROM_SETUP("%s", world_missing());
}

FIXTURE_TEARDOWN(timewait_2msl)
{
}

TEST_F_TIMEOUT(timewait_2msl, takes_a_minute, 180 * SLOWNESS)
{
	bool passed = false;

	ASSERT_EQ(sizeof(passed), (size_t)read(self->verdict, &passed, sizeof(passed)));
	ASSERT_TRUE(passed);
}

TEST_HARNESS_MAIN
