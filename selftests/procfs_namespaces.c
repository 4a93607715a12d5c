// SPDX-License-Identifier: GPL-2.0
/*
 * procfs_namespaces.c - the events that readers in a container get, and their limits
 *
 * The container is a network namespace. In it is a process with a pid namespace and a /proc
 * of its own. The test sends orders to this process, and gets answers with what it saw.
 */
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "procfs.h"

#define RECORD	    sizeof(struct tcpfsm_event)
#define MAX_READERS 1024 /* TCPFSM_MAX_READERS of module/export/view.h */

/* ---- the container ---- */

/**
 * struct seen - the process of an event, as a reader sees it
 * @pid: PID in the record
 * @comm: name in the record
 * @pid_word: PID in the line of text
 * @comm_word: name in the line of text
 */
struct seen {
	uint32_t pid;
	char comm[TCPFSM_COMM_LEN];
	char pid_word[16];
	char comm_word[80];
};

struct answer;

/**
 * struct order - a function for the process in the container, which is a fork and has it too
 * @action: the function
 * @id: ID of an event
 * @pid: PID of a process in the initial pid namespace
 * @netns: another network namespace
 */
struct order {
	void (*action)(const struct order *order, struct answer *answer);
	uint64_t id;
	pid_t pid;
	int netns;
};

/**
 * struct answer - the result of an order
 * @err: errno, or 0 for success
 * @id: ID of an event
 * @pid: PID of a process in the container
 * @seen: the process of an event that was read
 */
struct answer {
	int err;
	uint64_t id;
	pid_t pid;
	struct seen seen;
};

FIXTURE(namespaces)
{
	int home;
	int netns;
	int talk;
	pid_t init;
};

static int present_netns(void)
{
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

static int new_netns(int home)
{
	int netns;

	if (unshare(CLONE_NEWNET))
		return -1;
	netns = present_netns();
	return setns(home, CLONE_NEWNET) ? -1 : netns;
}

static void obey(int talk)
{
	struct answer answer;
	struct order order;

	/* If a test hangs, the harness kills its process group, including this process. */
	while (read(talk, &order, sizeof(order)) == sizeof(order)) {
		memset(&answer, 0, sizeof(answer));
		order.action(&order, &answer);
		if (write(talk, &answer, sizeof(answer)) != sizeof(answer))
			break;
	}
	_exit(0);
}

/* Start the first process of a new pid namespace. */
static pid_t begin_container(int netns, int *talk)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) || unshare(CLONE_NEWPID))
		return -1;
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		if (setns(netns, CLONE_NEWNET) || unshare(CLONE_NEWNS) ||
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		    mount("proc", "/proc", "proc", 0, NULL))
			_exit(1);
		obey(pair[1]);
	}
	close(pair[1]);
	*talk = pair[0];
	return pid;
}

FIXTURE_SETUP(namespaces)
{
	if (geteuid())
		SKIP(return, "needs root");
	self->home = present_netns();
	ASSERT_LE(0, self->home);
	self->netns = new_netns(self->home);
	ASSERT_LE(0, self->netns);
	self->init = begin_container(self->netns, &self->talk);
	ASSERT_LT(0, self->init);
}

FIXTURE_TEARDOWN(namespaces)
{
	close(self->talk);
	EXPECT_EQ(self->init, waitpid(self->init, NULL, 0));
}

static struct answer order(int talk, const struct order *order)
{
	struct answer answer = { .err = EPIPE };

	if (write(talk, order, sizeof(*order)) != sizeof(*order) ||
	    read(talk, &answer, sizeof(answer)) != sizeof(answer))
		answer.err = EPIPE;
	return answer;
}

#define ORDER(talk, ...) order(talk, &(struct order){ __VA_ARGS__ })

/* Make two events in this process, CLOSE>LISTEN and LISTEN>CLOSE. Return their ID or 0. */
static uint64_t act(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint64_t id = sock_id(fd);

	if (listen(fd, 1))
		id = 0;
	close(fd);
	return id;
}

/* Do the same in this process on a socket of the container. */
static uint64_t act_on(int netns, int home)
{
	uint64_t id = 0;
	int fd;

	if (setns(netns, CLONE_NEWNET))
		return 0;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (setns(home, CLONE_NEWNET))
		return 0;
	id = sock_id(fd);
	if (listen(fd, 1))
		id = 0;
	close(fd);
	return id;
}

static int open_in(int netns, int home, const char *path, int flags)
{
	int fd, err;

	if (setns(netns, CLONE_NEWNET))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	err = errno;
	if (setns(home, CLONE_NEWNET))
		return -1;
	errno = err;
	return fd;
}

/* ---- who did it ---- */

static bool see_record(uint64_t id, struct seen *seen)
{
	struct tcpfsm_event event = { 0 };
	int fd = open(RAW_PATH, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	while (read(fd, &event, sizeof(event)) == sizeof(event) && event.id != id)
		;
	close(fd);
	seen->pid = event.pid;
	memcpy(seen->comm, event.comm, sizeof(seen->comm));
	return event.id == id;
}

static bool see_line(uint64_t id, struct seen *seen)
{
	char *text = read_file(TEXT_PATH), *rest = text, *line;
	unsigned long long found = 0;

	while (found != id && (line = strsep(&rest, "\n"))) {
		if (sscanf(line, "%*s %llx %*s %*s %*s %*s %*s %*s %*s %15s %79s", &found,
			   seen->pid_word, seen->comm_word) != 3)
			found = 0;
	}
	free(text);
	return found == id;
}

static struct seen see(uint64_t id)
{
	struct seen seen = { 0 };

	if (!see_record(id, &seen) || !see_line(id, &seen))
		seen.pid = -1;
	return seen;
}

static void do_see(const struct order *order, struct answer *answer)
{
	answer->seen = see(order->id);
}

static struct seen seen_in(int talk, uint64_t id)
{
	return ORDER(talk, .action = do_see, .id = id).seen;
}

#define EXPECT_SEEN(seen_, pid_, comm_)                                   \
	do {                                                              \
		struct seen is = seen_;                                   \
		char word[16];                                            \
		snprintf(word, sizeof(word), "%u", (unsigned int)(pid_)); \
		EXPECT_EQ((uint32_t)(pid_), is.pid);                      \
		EXPECT_STREQ((pid_) ? (comm_) : "", is.comm);             \
		EXPECT_STREQ((pid_) ? word : "-", is.pid_word);           \
		EXPECT_STREQ((pid_) ? (comm_) : "-", is.comm_word);       \
	} while (0)

/* Send the ID to the parent through a pipe. */
static void tell(int fd, uint64_t id)
{
	if (write(fd, &id, sizeof(id)) != sizeof(id))
		_exit(1);
}

static void child_acts(int pipe_end, bool stays)
{
	prctl(PR_SET_NAME, "inner");
	tell(pipe_end, act());
	if (stays)
		pause();
	_exit(0);
}

/* Start a child that runs the function. Fill in its PID and the ID that it sent. */
static void with_child(struct answer *answer, void (*child)(int pipe_end, bool stays), bool stays)
{
	int ends[2];

	if (pipe(ends)) {
		answer->err = errno;
		return;
	}
	answer->pid = fork();
	if (answer->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		child(ends[1], stays);
	}
	close(ends[1]);
	if (read(ends[0], &answer->id, sizeof(answer->id)) != sizeof(answer->id))
		answer->err = EPIPE;
	close(ends[0]);
	if (!stays && waitpid(answer->pid, NULL, 0) != answer->pid)
		answer->err = ECHILD;
}

static void do_act_and_stay(const struct order *order, struct answer *answer)
{
	(void)order;
	with_child(answer, child_acts, true);
}

static void do_act_and_go(const struct order *order, struct answer *answer)
{
	(void)order;
	with_child(answer, child_acts, false);
}

static void do_end_child(const struct order *order, struct answer *answer)
{
	kill(order->pid, SIGKILL);
	if (waitpid(order->pid, NULL, 0) != order->pid)
		answer->err = errno;
}

/* A process of the host has no PID in the container. The host sees its PID. */
TEST_F(namespaces, host_acts)
{
	uint64_t id;

	ASSERT_EQ(0, prctl(PR_SET_NAME, "outer"));
	id = act_on(self->netns, self->home);
	ASSERT_NE(0, id);
	EXPECT_SEEN(seen_in(self->talk, id), 0, "");
	EXPECT_SEEN(see(id), getpid(), "outer");
	/* A network namespace alone does not hide processes. */
	ASSERT_EQ(0, setns(self->netns, CLONE_NEWNET));
	EXPECT_SEEN(see(id), getpid(), "outer");
	ASSERT_EQ(0, setns(self->home, CLONE_NEWNET));
}

TEST_F(namespaces, container_acts)
{
	struct answer did = ORDER(self->talk, .action = do_act_and_stay);
	struct seen outside;

	ASSERT_EQ(0, did.err);
	ASSERT_LT(1, did.pid);
	EXPECT_SEEN(seen_in(self->talk, did.id), did.pid, "inner");
	outside = see(did.id);
	EXPECT_NE((uint32_t)did.pid, outside.pid);
	EXPECT_EQ(0, kill(outside.pid, 0));
	EXPECT_SEEN(outside, outside.pid, "inner");
}

/* After its end, the container cannot tell whether the process was one of its own. */
TEST_F(namespaces, process_gone)
{
	struct answer did = ORDER(self->talk, .action = do_act_and_go);
	struct seen outside;

	ASSERT_EQ(0, did.err);
	EXPECT_SEEN(seen_in(self->talk, did.id), 0, "");
	outside = see(did.id);
	EXPECT_LT(0, (int)outside.pid);
	EXPECT_SEEN(outside, outside.pid, "inner");
}

/* Start a child with a PID that another process had, in the initial namespace. */
static void do_recycle(const struct order *order, struct answer *answer)
{
	pid_t pids[] = { 1000, order->pid };
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)pids,
		.set_tid_size = 2,
	};
	int ends[2];
	pid_t pid;

	if (pipe(ends)) {
		answer->err = errno;
		return;
	}
	pid = syscall(__NR_clone3, &args, sizeof(args));
	if (pid == 0)
		child_acts(ends[1], true);
	if (pid < 0)
		answer->err = errno;
	answer->pid = pid;
	close(ends[1]);
	if (pid > 0 && read(ends[0], &answer->id, sizeof(answer->id)) != sizeof(answer->id))
		answer->err = EPIPE;
	close(ends[0]);
}

TEST_F(namespaces, pid_recycled)
{
	uint64_t deadline = clock_patience();
	struct answer did, other;

	did = ORDER(self->talk, .action = do_act_and_go);
	ASSERT_EQ(0, did.err);
	/* Another process may have the number just now. */
	do {
		other = ORDER(self->talk, .action = do_recycle, .pid = see(did.id).pid);
	} while (other.err == EEXIST && clock_left_ms(deadline));
	ASSERT_EQ(0, other.err);
	ASSERT_EQ(see(did.id).pid, see(other.id).pid);
	EXPECT_SEEN(seen_in(self->talk, other.id), 1000, "inner");
	EXPECT_SEEN(seen_in(self->talk, did.id), 0, "");
}

static void *thread_acts(void *arg)
{
	const int *pipe_end = arg;
	char path[64], *text = NULL, state = 0;

	/* Wait until only the number of the leader is left. */
	snprintf(path, sizeof(path), "/proc/%d/stat", getpid());
	while (state != 'Z') {
		text = read_file(path);
		state = text && strrchr(text, ')') ? strrchr(text, ')')[2] : 'Z';
		free(text);
	}
	prctl(PR_SET_NAME, "inner");
	tell(*pipe_end, act());
	pause();
	return NULL;
}

static void leader_exits(int pipe_end, bool stays)
{
	pthread_t thread;

	(void)stays;
	if (pthread_create(&thread, NULL, thread_acts, &pipe_end))
		_exit(1);
	pthread_exit(NULL);
}

static void do_leader_exits(const struct order *order, struct answer *answer)
{
	(void)order;
	with_child(answer, leader_exits, true);
}

TEST_F(namespaces, leader_has_exited)
{
	struct answer did = ORDER(self->talk, .action = do_leader_exits);

	ASSERT_EQ(0, did.err);
	EXPECT_SEEN(seen_in(self->talk, did.id), did.pid, "inner");
	ASSERT_EQ(0, ORDER(self->talk, .action = do_end_child, .pid = did.pid).err);
	EXPECT_SEEN(seen_in(self->talk, did.id), 0, "");
}

static void *thread_execs(void *arg)
{
	const int *pipe_end = arg;

	prctl(PR_SET_NAME, "inner");
	tell(*pipe_end, act());
	execlp("sleep", "sleep", "1000", NULL);
	_exit(1);
}

static void thread_takes_over(int pipe_end, bool stays)
{
	pthread_t thread;

	(void)stays;
	if (pthread_create(&thread, NULL, thread_execs, &pipe_end))
		_exit(1);
	pause();
}

static void do_thread_execs(const struct order *order, struct answer *answer)
{
	uint64_t deadline = clock_patience();
	char path[64], *text;
	bool sleeps;

	(void)order;
	with_child(answer, thread_takes_over, true);
	snprintf(path, sizeof(path), "/proc/%d/comm", answer->pid);
	do {
		text = read_file(path);
		sleeps = text && !strcmp(text, "sleep\n");
		free(text);
	} while (!sleeps && clock_left_ms(deadline) && !poll(NULL, 0, 1));
	if (!sleeps)
		answer->err = ETIMEDOUT;
}

/* Another task of the same process has the number now. The event keeps its name. */
TEST_F(namespaces, thread_has_execed)
{
	struct answer did = ORDER(self->talk, .action = do_thread_execs);

	ASSERT_EQ(0, did.err);
	EXPECT_SEEN(seen_in(self->talk, did.id), did.pid, "inner");
}

static void do_see_none(const struct order *order, struct answer *answer)
{
	static struct tcpfsm_event events[512];
	ssize_t n, i;
	int fd;

	if (setns(order->netns, CLONE_NEWNET)) {
		answer->err = errno;
		return;
	}
	fd = open(RAW_PATH, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	while ((n = read(fd, events, sizeof(events))) > 0)
		for (i = 0; i < n / (ssize_t)RECORD; i++) {
			answer->id++;
			answer->err |= events[i].pid || events[i].comm[0];
		}
	close(fd);
}

/* In the host's network namespace, another pid namespace gets all events without processes. */
TEST_F(namespaces, only_pid_namespace)
{
	struct answer saw;
	int i;

	ASSERT_EQ(0, write_file(TEXT_PATH, "clear", 5));
	for (i = 0; i < 500; i++)
		ASSERT_NE(0, act());
	saw = ORDER(self->talk, .action = do_see_none, .netns = self->home);
	EXPECT_LE(1000, saw.id);
	EXPECT_EQ(0, saw.err);
}

/* ---- waiting ---- */

static bool wait_by_poll(int fd, int epoll)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	(void)epoll;
	return poll(&pollfd, 1, -1) == 1;
}

static bool wait_by_select(int fd, int epoll)
{
	fd_set set;

	(void)epoll;
	FD_ZERO(&set);
	FD_SET(fd, &set);
	return select(fd + 1, &set, NULL, NULL, NULL) == 1;
}

static bool wait_by_epoll(int fd, int epoll)
{
	struct epoll_event event;

	(void)fd;
	return epoll_wait(epoll, &event, 1, -1) == 1;
}

/* Have the read itself wait. */
static bool wait_by_read(int fd, int epoll)
{
	(void)epoll;
	return !fcntl(fd, F_SETFL, 0);
}

static const struct way {
	const char *name;
	bool (*wait)(int fd, int epoll);
	uint32_t events;
} ways[] = {
	/* clang-format off */
	{ "poll",	  wait_by_poll,   0 },
	{ "select",	  wait_by_select, 0 },
	{ "epoll",	  wait_by_epoll,  EPOLLIN },
	{ "epoll, edges", wait_by_epoll,  EPOLLIN | EPOLLET },
	{ "read",	  wait_by_read,   0 },
	/* clang-format on */
};

/**
 * struct news - a message of a watcher
 * @way: the way in which it waits
 * @id: ID of an event that came; 0 if it was woken without an event
 */
struct news {
	size_t way;
	uint64_t id;
};

static int new_epoll(int fd, uint32_t events)
{
	struct epoll_event event = { .events = events };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) ? -1 : epoll;
}

/* Send the first event of each ID, and a message each time there is no event after a wake. */
static void watch(int fd, size_t way, int pipe_end)
{
	int epoll = ways[way].events ? new_epoll(fd, ways[way].events) : -1;
	struct news news = { .way = way };
	struct tcpfsm_event event;
	bool some;

	while (ways[way].wait(fd, epoll)) {
		some = false;
		while (read(fd, &event, sizeof(event)) == sizeof(event)) {
			some = true;
			news.id = event.id;
			if (event.new == TCPFSM_LISTEN &&
			    write(pipe_end, &news, sizeof(news)) != sizeof(news))
				_exit(1);
		}
		news.id = 0;
		if (!some && write(pipe_end, &news, sizeof(news)) != sizeof(news))
			_exit(1);
	}
	_exit(1);
}

/* Start a child that ends with the test. */
static pid_t begin_child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

static pid_t begin_watcher(int fd, size_t way, int pipe_end)
{
	pid_t pid = begin_child();

	if (pid == 0)
		watch(fd, way, pipe_end);
	return pid;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Start a process that makes events without end, in the present namespace. */
static pid_t begin_traffic(void)
{
	pid_t pid = begin_child();

	while (pid == 0)
		act();
	return pid;
}

static uint64_t recorded(void)
{
	char *text = read_file(STAT_PATH), *line = text ? strstr(text, "\nrecorded ") : NULL;
	uint64_t value = line ? strtoull(line + strlen("\nrecorded "), NULL, 10) : 0;

	free(text);
	return value;
}

static bool next_news(int fd, uint64_t deadline, struct news *news)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	return poll(&pollfd, 1, clock_left_ms(deadline)) == 1 &&
	       read(fd, news, sizeof(*news)) == sizeof(*news);
}

#define IDLE_SECONDS 3

/* Events elsewhere wake no watcher. Events here wake each of them, with and without traffic. */
TEST_F_TIMEOUT(namespaces, wakes_for_own_events_only, 120 * SLOWNESS)
{
	pid_t watchers[ARRAY_SIZE(ways)], traffic[2];
	unsigned int woken[ARRAY_SIZE(ways)] = { 0 };
	uint64_t before, deadline, id;
	struct news news;
	int ends[2], fd, i;
	size_t way, got;

	ASSERT_EQ(0, pipe2(ends, O_CLOEXEC));
	for (way = 0; way < ARRAY_SIZE(ways); way++) {
		fd = open_in(self->netns, self->home, RAW_PATH, O_NONBLOCK);
		ASSERT_LE(0, fd);
		watchers[way] = begin_watcher(fd, way, ends[1]);
		close(fd);
	}
	before = recorded();
	for (i = 0; i < 2; i++)
		traffic[i] = begin_traffic();
	deadline = clock_now() + IDLE_SECONDS * NSEC_PER_SEC;
	while (next_news(ends[0], deadline, &news))
		woken[news.way]++;
	EXPECT_LE(1000, recorded() - before);
	for (way = 0; way < ARRAY_SIZE(ways); way++) {
		EXPECT_EQ(0, woken[way])
		{
			TH_LOG("%s: woken for nothing", ways[way].name);
		}
	}
	for (i = 0; i < 200; i++) {
		/* Without traffic, no other wake-up makes up for one that is missed. */
		if (i == 100) {
			end_child(traffic[0]);
			end_child(traffic[1]);
		}
		id = act_on(self->netns, self->home);
		ASSERT_NE(0, id);
		for (got = 0; got < ARRAY_SIZE(ways); got += news.id != 0) {
			ASSERT_TRUE(next_news(ends[0], clock_patience(), &news))
			{
				TH_LOG("event %d: %zu of %zu watchers", i, got, ARRAY_SIZE(ways));
			}
			/* ID 0 stands for the second event of the pair before. */
			if (news.id)
				ASSERT_EQ(id, news.id);
		}
	}
	for (way = 0; way < ARRAY_SIZE(ways); way++)
		end_child(watchers[way]);
}

/* If two processes wait for the same open file, each event comes to one of them. */
TEST_F(namespaces, two_watchers_of_one_file)
{
	int fd = open_in(self->netns, self->home, RAW_PATH, O_NONBLOCK), ends[2], i;
	pid_t watchers[2], traffic;
	struct news news;
	uint64_t id;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pipe2(ends, O_CLOEXEC));
	watchers[0] = begin_watcher(fd, 0, ends[1]);
	watchers[1] = begin_watcher(fd, 3, ends[1]);
	traffic = begin_traffic();
	for (i = 0; i < 50; i++) {
		id = act_on(self->netns, self->home);
		ASSERT_NE(0, id);
		do {
			ASSERT_TRUE(next_news(ends[0], clock_patience(), &news));
		} while (!news.id);
		ASSERT_EQ(id, news.id);
	}
	end_child(traffic);
	end_child(watchers[0]);
	end_child(watchers[1]);
}

/* ---- using up ---- */

static bool many_files(void)
{
	struct rlimit limit = { 32768, 32768 };

	return !setrlimit(RLIMIT_NOFILE, &limit);
}

/* Open the two files in turn, as often as possible and @max times at most. Return how often. */
static int open_many(int *fds, int max)
{
	static const char *const paths[] = { RAW_PATH, TEXT_PATH };
	int n;

	for (n = 0; n < max; n++) {
		fds[n] = open(paths[n % 2], O_RDONLY | O_CLOEXEC);
		if (fds[n] < 0)
			break;
	}
	return n;
}

static void close_many(const int *fds, int n)
{
	while (n--)
		close(fds[n]);
}

TEST_F(namespaces, limit_of_readers)
{
	static int fds[2 * MAX_READERS];
	int round, fd, n;

	ASSERT_TRUE(many_files());
	for (round = 0; round < 3; round++) {
		ASSERT_EQ(0, setns(self->netns, CLONE_NEWNET));
		n = open_many(fds, ARRAY_SIZE(fds));
		EXPECT_EQ(MAX_READERS, n);
		EXPECT_EQ(EUSERS, errno);
		/* A place that becomes free can be used again. */
		close(fds[0]);
		fds[0] = open(TEXT_PATH, O_RDONLY | O_CLOEXEC);
		EXPECT_LE(0, fds[0]);
		EXPECT_EQ(-1, open(RAW_PATH, O_RDONLY | O_CLOEXEC));
		EXPECT_EQ(EUSERS, errno);
		/* Readers outside of the namespace are not limited. */
		ASSERT_EQ(0, setns(self->home, CLONE_NEWNET));
		fd = open(RAW_PATH, O_RDONLY | O_CLOEXEC);
		EXPECT_LE(0, fd);
		close(fd);
		close_many(fds, n);
	}
}

/* Count how many readers get a place in all. They keep it until the pipe is closed. */
TEST_F(namespaces, limit_of_readers_at_once)
{
	static int fds[MAX_READERS];
	int told[2], over[2], n, i, sum = 0;
	pid_t pids[8];
	char c;

	ASSERT_EQ(0, setns(self->netns, CLONE_NEWNET));
	ASSERT_EQ(0, pipe(told));
	ASSERT_EQ(0, pipe(over));
	for (i = 0; i < 8; i++) {
		pids[i] = begin_child();
		if (pids[i])
			continue;
		close(over[1]);
		many_files();
		n = open_many(fds, MAX_READERS / 4);
		if (write(told[1], &n, sizeof(n)) == sizeof(n) && read(over[0], &c, 1))
			_exit(1);
		_exit(0);
	}
	for (i = 0; i < 8; i++) {
		ASSERT_EQ((ssize_t)sizeof(n), read(told[0], &n, sizeof(n)));
		sum += n;
	}
	EXPECT_EQ(MAX_READERS, sum);
	close(over[1]);
	for (i = 0; i < 8; i++)
		ASSERT_EQ(pids[i], waitpid(pids[i], NULL, 0));
	ASSERT_TRUE(many_files());
	EXPECT_EQ(MAX_READERS, open_many(fds, ARRAY_SIZE(fds)));
	close_many(fds, MAX_READERS);
	ASSERT_EQ(0, setns(self->home, CLONE_NEWNET));
}

/* A file stays readable after its namespace has ended. */
TEST_F(namespaces, open_beyond_the_end)
{
	struct tcpfsm_event event;
	struct stat st;
	int netns, fd[2], i;
	char path[64], c;

	netns = new_netns(self->home);
	ASSERT_LE(0, netns);
	fd[0] = open_in(netns, self->home, RAW_PATH, O_NONBLOCK);
	fd[1] = open_in(netns, self->home, TEXT_PATH, 0);
	ASSERT_EQ(0, lseek(fd[0], 0, SEEK_END));
	ASSERT_EQ(0, fstat(netns, &st));
	ASSERT_NE(0, act_on(netns, self->home));
	close(netns);
	for (i = 0; i < 2; i++) {
		ASSERT_LE(0, fd[i]);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd[i]);
		EXPECT_EQ(0, access(path, F_OK));
	}
	EXPECT_EQ((ssize_t)RECORD, read(fd[0], &event, sizeof(event)));
	EXPECT_EQ((uint32_t)st.st_ino, event.netns);
	EXPECT_EQ(1, read(fd[1], &c, 1));
	close(fd[0]);
	close(fd[1]);
}

/* ---- memory ---- */

#define CGROUP_ROOT "/sys/fs/cgroup/"
#define CGROUP	    CGROUP_ROOT "tcpfsm-readers/"
#define OPENS	    1000

/* Make a cgroup that accounts for memory. Return why that is not possible, or NULL. */
static const char *begin_cgroup(const char *max)
{
	if (access(CGROUP_ROOT "cgroup.controllers", F_OK))
		return "no cgroup v2 at " CGROUP_ROOT;
	write_file(CGROUP_ROOT "cgroup.subtree_control", "+memory", 7);
	if (mkdir(CGROUP, 0755) && errno != EEXIST)
		return "no cgroup can be made";
	if (write_file(CGROUP "memory.max", max, strlen(max)))
		return "cgroup v2 does not account for memory here";
	return NULL;
}

/* Remove the cgroup. Its process may still be in it for a moment after the wait. */
static bool end_cgroup(void)
{
	uint64_t deadline = clock_patience();
	int err;

	do {
		err = rmdir(CGROUP) ? errno : 0;
	} while (err == EBUSY && clock_left_ms(deadline) && !poll(NULL, 0, 10));
	return !err || err == ENOENT;
}

/* Return how many bytes the kernel has allocated for the cgroup. */
static long charged(void)
{
	static const char *const names[] = { "\nkernel ", "\nslab " };
	char *text = read_file(CGROUP "memory.stat"), *line = NULL;
	long bytes;
	size_t i;

	for (i = 0; text && !line && i < ARRAY_SIZE(names); i++) {
		line = strstr(text, names[i]);
		if (line)
			line += strlen(names[i]);
	}
	bytes = line ? strtol(line, NULL, 10) : -1;
	free(text);
	return bytes;
}

static long charged_for(const char *path)
{
	static int fds[OPENS];
	long before = charged();
	int i;

	for (i = 0; i < OPENS; i++) {
		fds[i] = open(path, O_RDONLY | O_CLOEXEC);
		if (fds[i] < 0)
			return -1;
	}
	before = charged() - before;
	close_many(fds, OPENS);
	return before;
}

/* In a child in the cgroup, check that a reader is charged for more than an open file. */
static int check_charged(void)
{
	long plain, raw, text;

	if (write_file(CGROUP "cgroup.procs", "0", 1) || !many_files())
		return 2;
	/* /proc/kmsg has no memory of its own for an open file. */
	plain = charged_for("/proc/kmsg");
	raw = charged_for(RAW_PATH);
	text = charged_for(TEXT_PATH);
	printf("# charged for %d opens: kmsg %ld, tcpfsm_raw %ld, tcpfsm %ld bytes\n", OPENS, plain,
	       raw, text);
	fflush(stdout);
	if (plain < 0 || raw < 0 || text < 0)
		return 3;
	/* A reader has at least a place in one ring, which holds an event. */
	if (raw - plain < (long)(OPENS * RECORD) || text - plain < (long)(OPENS * RECORD))
		return 4;
	return 0;
}

TEST_F_TIMEOUT(namespaces, memory_is_charged, 60 * SLOWNESS)
{
	const char *missing = begin_cgroup("max");
	int status;
	pid_t pid;

	if (missing)
		SKIP(return, "%s", missing);
	pid = begin_child();
	if (pid == 0)
		_exit(setns(self->netns, CLONE_NEWNET) ? 1 : check_charged());
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_TRUE(end_cgroup());
}

static int check_bounded(void)
{
	static int fds[20000];
	int n;

	if (write_file(CGROUP "cgroup.procs", "0", 1) || !many_files())
		return 2;
	n = open_many(fds, ARRAY_SIZE(fds));
	printf("# %d opens, %s; charged: %ld bytes\n", n, strerror(errno), charged());
	fflush(stdout);
	return n < (int)ARRAY_SIZE(fds) && (errno == EUSERS || errno == ENOMEM) ? 0 : 3;
}

/* 20,000 opens are not possible, and no process is killed for trying. */
TEST_F_TIMEOUT(namespaces, memory_is_bounded, 60 * SLOWNESS)
{
	const char *missing = begin_cgroup("20M");
	int status;
	pid_t pid;

	if (missing)
		SKIP(return, "%s", missing);
	pid = begin_child();
	if (pid == 0)
		_exit(setns(self->netns, CLONE_NEWNET) ? 1 : check_bounded());
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_TRUE(end_cgroup());
}

TEST_HARNESS_MAIN
