// SPDX-License-Identifier: GPL-2.0
/*
 * procfs_raw.c - /proc/tcpfsm_raw, a stream of records with a cursor for each open
 */
#include <sched.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/wait.h>

#define FIXTURE_NAME raw
#include "procfs.h"

#define RECORD sizeof(struct tcpfsm_event)

static int open_new(int flags)
{
	int fd = open(RAW_PATH, O_RDONLY | O_CLOEXEC | flags);

	return fd < 0 || lseek(fd, 0, SEEK_END) < 0 ? -1 : fd;
}

/* Read the next event of this ID, and skip events of other IDs. */
static bool read_one(int fd, uint64_t id, struct tcpfsm_event *event)
{
	do {
		if (read(fd, event, sizeof(*event)) != sizeof(*event))
			return false;
	} while (event->id != id);
	return true;
}

static uint64_t stat_value(const char *name)
{
	char *text = read_file(STAT_PATH), *line = text ? strstr(text, name) : NULL;
	uint64_t value = line ? strtoull(line + strlen(name), NULL, 10) : 0;

	free(text);
	return value;
}

TEST_F(raw, whole_records)
{
	char buf[3 * RECORD + RECORD / 2];
	struct tcpfsm_event *event = (void *)buf;
	int fd = open_new(O_NONBLOCK);
	size_t done = 0;
	ssize_t len;

	ASSERT_LE(0, fd);
	ASSERT_TRUE(many_events(&self->world, 10));
	while ((len = read(fd, buf, sizeof(buf))) > 0) {
		ASSERT_EQ(0, len % RECORD);
		ASSERT_LE(len, (ssize_t)(3 * RECORD));
		ASSERT_EQ(RECORD, event->size);
		ASSERT_EQ(TCPFSM_ABI_VERSION, event->version);
		ASSERT_EQ(TCPFSM_REC_EVENT, event->type);
		done += len / RECORD;
	}
	ASSERT_EQ(EAGAIN, errno);
	ASSERT_EQ(10, done);
	close(fd);
}

/* A read that is refused does not consume an event. */
TEST_F(raw, short_buffer)
{
	static const size_t sizes[] = { 0, 1, 8, RECORD - 1 };
	int fd = open_new(O_NONBLOCK);
	struct tcpfsm_event event;
	uint64_t id;
	size_t i;

	ASSERT_LE(0, fd);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		EXPECT_EQ(-1, read(fd, &event, sizes[i]));
		EXPECT_EQ(EINVAL, errno);
	}
	id = two_events(&self->world);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		EXPECT_EQ(-1, read(fd, &event, sizes[i]));
		EXPECT_EQ(EINVAL, errno);
	}
	ASSERT_EQ((ssize_t)RECORD, read(fd, &event, sizeof(event)));
	ASSERT_EQ(id, event.id);
	ASSERT_EQ(TCPFSM_LISTEN, event.new);
	ASSERT_EQ((ssize_t)RECORD, read(fd, &event, sizeof(event)));
	ASSERT_EQ(id, event.id);
	ASSERT_EQ(TCPFSM_CLOSE, event.new);
	close(fd);
}

/* A read into a buffer that is not mapped fails, and keeps the events. */
TEST_F(raw, bad_buffer)
{
	char *pages =
		mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *edge = pages + 4096 - RECORD;
	int fd = open_new(O_NONBLOCK);
	struct tcpfsm_event event;
	uint64_t id;

	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_EQ(0, mprotect(pages + 4096, 4096, PROT_NONE));
	ASSERT_LE(0, fd);
	id = two_events(&self->world);
	ASSERT_EQ(-1, read(fd, pages + 4096, 10 * RECORD));
	ASSERT_EQ(EFAULT, errno);
	/* There is room only for the first event. */
	ASSERT_EQ((ssize_t)RECORD, read(fd, edge, 10 * RECORD));
	memcpy(&event, edge, sizeof(event));
	ASSERT_EQ(id, event.id);
	ASSERT_EQ(TCPFSM_LISTEN, event.new);
	ASSERT_TRUE(read_one(fd, id, &event));
	ASSERT_EQ(TCPFSM_CLOSE, event.new);
	close(fd);
}

TEST_F(raw, nonblocking)
{
	int fd = open_new(O_NONBLOCK);
	struct tcpfsm_event event;
	uint64_t id;

	ASSERT_LE(0, fd);
	ASSERT_EQ(-1, read(fd, &event, sizeof(event)));
	ASSERT_EQ(EAGAIN, errno);
	id = two_events(&self->world);
	ASSERT_TRUE(read_one(fd, id, &event));
	ASSERT_TRUE(read_one(fd, id, &event));
	ASSERT_EQ(-1, read(fd, &event, sizeof(event)));
	ASSERT_EQ(EAGAIN, errno);
	close(fd);
}

/* Wait until another process sleeps. */
static bool sleeps(pid_t pid)
{
	uint64_t deadline = clock_patience();
	char path[64], *text, state = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	do {
		text = read_file(path);
		if (text && strrchr(text, ')'))
			state = strrchr(text, ')')[2];
		free(text);
	} while (state != 'S' && clock_left_ms(deadline) && !poll(NULL, 0, 5));
	return state == 'S';
}

/* Start a process that waits for one record, and exits with 0 if it has this ID. */
static pid_t reader(int fd, const uint64_t *id)
{
	struct tcpfsm_event event;
	pid_t pid = fork();

	if (pid)
		return pid;
	if (read(fd, &event, sizeof(event)) != sizeof(event))
		_exit(errno == EINTR ? 2 : 1);
	/* The parent knows the ID only afterwards, and writes it before it waits. */
	while (!__atomic_load_n(id, __ATOMIC_ACQUIRE))
		sched_yield();
	_exit(event.id == *id ? 0 : 3);
}

TEST_F(raw, blocking)
{
	uint64_t *id =
		mmap(NULL, sizeof(*id), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = open_new(0), status;
	pid_t pid;

	ASSERT_NE(MAP_FAILED, id);
	ASSERT_LE(0, fd);
	pid = reader(fd, id);
	ASSERT_TRUE(sleeps(pid));
	__atomic_store_n(id, two_events(&self->world), __ATOMIC_RELEASE);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
	close(fd);
}

static void interrupted(int sig)
{
	(void)sig;
}

TEST_F(raw, interrupted)
{
	struct sigaction action = { .sa_handler = interrupted };
	uint64_t id = 1;
	int fd = open_new(0), status;
	pid_t pid;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	pid = reader(fd, &id);
	ASSERT_TRUE(sleeps(pid));
	ASSERT_EQ(0, kill(pid, SIGUSR1));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(2, WEXITSTATUS(status));
	/* A reader that waits can be killed. */
	pid = reader(fd, &id);
	ASSERT_TRUE(sleeps(pid));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFSIGNALED(status));
	close(fd);
}

static int ready_by_poll(int fd, int ms)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	return poll(&pollfd, 1, ms) == 1 ? pollfd.revents : 0;
}

static int ready_by_select(int fd, int ms)
{
	struct timeval timeout = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	return select(fd + 1, &set, NULL, NULL, &timeout) == 1 && FD_ISSET(fd, &set);
}

static int ready_by_epoll(int epoll, int ms)
{
	struct epoll_event event;

	return epoll_wait(epoll, &event, 1, ms) == 1 ? (int)event.events : 0;
}

static int new_epoll(int fd, uint32_t events)
{
	struct epoll_event event = { .events = events };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) ? -1 : epoll;
}

static void drain(int fd)
{
	char buf[64 * RECORD];

	while (read(fd, buf, sizeof(buf)) > 0)
		;
}

TEST_F(raw, poll_and_select)
{
	int fd = open_new(O_NONBLOCK);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ready_by_poll(fd, 0));
	ASSERT_EQ(0, ready_by_select(fd, 0));
	ASSERT_NE(0, two_events(&self->world));
	ASSERT_EQ(POLLIN, ready_by_poll(fd, 10000));
	ASSERT_EQ(1, ready_by_select(fd, 10000));
	/* The file stays ready. */
	ASSERT_EQ(POLLIN, ready_by_poll(fd, 10000));
	drain(fd);
	ASSERT_EQ(0, ready_by_poll(fd, 0));
	ASSERT_EQ(0, ready_by_select(fd, 0));
	close(fd);
}

TEST_F(raw, epoll_level)
{
	int fd = open_new(O_NONBLOCK);
	int epoll = new_epoll(fd, EPOLLIN);

	ASSERT_LE(0, epoll);
	ASSERT_EQ(0, ready_by_epoll(epoll, 0));
	ASSERT_NE(0, two_events(&self->world));
	ASSERT_EQ(EPOLLIN, ready_by_epoll(epoll, 10000));
	ASSERT_EQ(EPOLLIN, ready_by_epoll(epoll, 10000));
	drain(fd);
	ASSERT_EQ(0, ready_by_epoll(epoll, 0));
	close(epoll);
	close(fd);
}

TEST_F(raw, epoll_edge)
{
	int fd = open_new(O_NONBLOCK), i;
	int epoll = new_epoll(fd, EPOLLIN | EPOLLET);

	ASSERT_LE(0, epoll);
	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, ready_by_epoll(epoll, 0));
		ASSERT_NE(0, two_events(&self->world));
		ASSERT_EQ(EPOLLIN, ready_by_epoll(epoll, 10000));
		drain(fd);
		/* Both events may have made the file ready. Use up the second edge. */
		ready_by_epoll(epoll, 0);
	}
	close(epoll);
	close(fd);
}

/* A process that waits before an event is woken by it, whichever call it waits in. */
TEST_F(raw, woken)
{
	int (*const ready[])(int fd, int ms) = { ready_by_poll, ready_by_select, ready_by_epoll };
	size_t i;
	int status;

	for (i = 0; i < ARRAY_SIZE(ready); i++) {
		int fd = open_new(O_NONBLOCK);
		int what = i == 2 ? new_epoll(fd, EPOLLIN) : fd;
		pid_t pid = fork();

		if (pid == 0)
			_exit(ready[i](what, 20000) ? 0 : 1);
		ASSERT_TRUE(sleeps(pid));
		ASSERT_NE(0, two_events(&self->world));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_EQ(0, status);
		close(fd);
	}
}

TEST_F(raw, seek)
{
	uint64_t before = two_events(&self->world), after;
	int fd = open(RAW_PATH, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct tcpfsm_event event;

	/* The stream begins with the oldest event, which is older than the open. */
	ASSERT_LE(0, fd);
	ASSERT_TRUE(read_one(fd, before, &event));
	ASSERT_EQ(TCPFSM_LISTEN, event.new);
	/* The stream goes on with new events only. */
	ASSERT_LE(0, lseek(fd, 0, SEEK_END));
	ASSERT_EQ(-1, read(fd, &event, sizeof(event)));
	ASSERT_EQ(EAGAIN, errno);
	after = two_events(&self->world);
	ASSERT_EQ((ssize_t)RECORD, read(fd, &event, sizeof(event)));
	ASSERT_EQ(after, event.id);
	/* The stream begins again. */
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	ASSERT_TRUE(read_one(fd, before, &event));
	ASSERT_TRUE(read_one(fd, before, &event));
	ASSERT_EQ(TCPFSM_CLOSE, event.new);
	ASSERT_TRUE(read_one(fd, after, &event));
	close(fd);
}

/* A seek goes to the beginning or to the end. Any other seek fails and keeps the cursor. */
TEST_F(raw, bad_seek)
{
	static const struct {
		off_t offset;
		int whence;
	} bad[] = {
		{ 1, SEEK_SET },  { -1, SEEK_SET }, { 1LL << 40, SEEK_SET },
		{ 1, SEEK_END },  { -1, SEEK_END }, { 1LL << 40, SEEK_END },
		{ 17, SEEK_CUR }, { 0, SEEK_DATA }, { 0, 99 },
	};
	int fd = open_new(O_NONBLOCK);
	struct tcpfsm_event event;
	uint64_t id;
	size_t i;

	ASSERT_LE(0, fd);
	id = two_events(&self->world);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-1, lseek(fd, bad[i].offset, bad[i].whence))
		{
			TH_LOG("offset %lld whence %d", (long long)bad[i].offset, bad[i].whence);
		}
	}
	ASSERT_EQ((ssize_t)RECORD, read(fd, &event, sizeof(event)));
	ASSERT_EQ(id, event.id);
	ASSERT_EQ(TCPFSM_LISTEN, event.new);
	close(fd);
}

/* Each open has a cursor of its own, and a duplicate of the descriptor shares it. */
TEST_F(raw, independent_readers)
{
	int fd[3], copy, i;
	struct tcpfsm_event event;
	uint64_t id;

	for (i = 0; i < 3; i++) {
		fd[i] = open_new(O_NONBLOCK);
		ASSERT_LE(0, fd[i]);
	}
	copy = dup(fd[0]);
	id = two_events(&self->world);
	ASSERT_TRUE(read_one(fd[0], id, &event));
	ASSERT_EQ(TCPFSM_LISTEN, event.new);
	ASSERT_TRUE(read_one(copy, id, &event));
	ASSERT_EQ(TCPFSM_CLOSE, event.new);
	ASSERT_EQ(-1, read(fd[0], &event, sizeof(event)));
	close(fd[0]);
	close(copy);
	for (i = 1; i < 3; i++) {
		ASSERT_TRUE(read_one(fd[i], id, &event));
		ASSERT_EQ(TCPFSM_LISTEN, event.new);
		ASSERT_TRUE(read_one(fd[i], id, &event));
		ASSERT_EQ(TCPFSM_CLOSE, event.new);
		close(fd[i]);
	}
}

static bool on_one_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	return !sched_setaffinity(0, sizeof(set), &set);
}

/* The reader is behind by more events than the ring keeps. */
TEST_F(raw, overtaken)
{
	char *param = read_file(PARAM_PATH "ring_events");
	uint64_t ring = param ? strtoull(param, NULL, 10) : 0;
	uint64_t before, made, got = 0, lost = 0, lost_records = 0;
	struct tcpfsm_event event;
	int fd;

	ASSERT_LT(0, ring);
	if (ring > 100000)
		SKIP(return, "a ring of %s events takes too long to fill", param);
	ASSERT_TRUE(on_one_cpu());
	fd = open_new(O_NONBLOCK);
	ASSERT_LE(0, fd);
	before = stat_value("\nrecorded ");
	ASSERT_TRUE(many_events(&self->world, ring + ring / 2));
	made = stat_value("\nrecorded ") - before;
	ASSERT_LE(ring + ring / 2, made);
	while (read(fd, &event, sizeof(event)) == (ssize_t)sizeof(event)) {
		if (event.type == TCPFSM_REC_LOST) {
			/* The record about the lost events comes first. */
			ASSERT_EQ(0, got);
			lost += event.lost;
			lost_records++;
		} else {
			got++;
		}
	}
	ASSERT_EQ(EAGAIN, errno);
	ASSERT_EQ(1, lost_records);
	ASSERT_EQ(made, got + lost);
	ASSERT_EQ(ring, got);
	/* The stream goes on after that. */
	event.id = two_events(&self->world);
	ASSERT_TRUE(read_one(fd, event.id, &event));
	ASSERT_EQ(TCPFSM_REC_EVENT, event.type);
	close(fd);
	free(param);
	/* The fixture's own reader was not asked to keep up. */
	while (stream_more(&self->world.stream, 0))
		;
	self->world.stream.nr = 0;
}

/* A reader that is behind by fewer events than the ring keeps loses none. */
TEST_F(raw, not_overtaken)
{
	char *param = read_file(PARAM_PATH "ring_events");
	uint64_t ring = param ? strtoull(param, NULL, 10) : 0;
	uint64_t events = ring < 4000 ? ring & ~1ULL : 4000, got = 0;
	struct tcpfsm_event event;
	int fd = open_new(O_NONBLOCK);

	ASSERT_LT(0, ring);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(many_events(&self->world, events));
	while (read(fd, &event, sizeof(event)) == (ssize_t)sizeof(event)) {
		ASSERT_EQ(TCPFSM_REC_EVENT, event.type);
		got++;
	}
	ASSERT_EQ(events, got);
	close(fd);
	free(param);
	while (stream_more(&self->world.stream, 0))
		;
	self->world.stream.nr = 0;
}

/*
 * A new host has no old events, even if its namespace has the number of one that is gone.
 * Several tests before this one had such a namespace.
 */
TEST_F(raw, new_namespace)
{
	struct tcpfsm_event event;
	int fd;

	DO(world_enter(&self->world, CLIENT));
	fd = open(RAW_PATH, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	DO(world_return(&self->world));
	ASSERT_LE(0, fd);
	ASSERT_EQ(-1, read(fd, &event, sizeof(event)));
	ASSERT_EQ(EAGAIN, errno);
	close(fd);
}

/* A reader on a host gets the events of this host, and no others. */
TEST_F(raw, other_namespace)
{
	struct tcpfsm_event event;
	int fd, listener;
	uint64_t id;

	DO(world_enter(&self->world, CLIENT));
	fd = open_new(O_NONBLOCK);
	DO(world_return(&self->world));
	ASSERT_LE(0, fd);
	/* The other host has events. */
	ASSERT_NE(0, two_events(&self->world));
	EXPECT_EQ(0, ready_by_poll(fd, 0));
	ASSERT_EQ(-1, read(fd, &event, sizeof(event)));
	ASSERT_EQ(EAGAIN, errno);
	/* The reader's own host has events. */
	listener = sock_open(&self->world, CLIENT);
	id = sock_id(listener);
	ASSERT_EQ(0, sock_bind(&self->world, listener, PORT));
	ASSERT_EQ(0, listen(listener, 1));
	ASSERT_EQ(POLLIN, ready_by_poll(fd, 10000));
	ASSERT_EQ((ssize_t)RECORD, read(fd, &event, sizeof(event)));
	ASSERT_EQ(id, event.id);
	ASSERT_EQ(-1, read(fd, &event, sizeof(event)));
	ASSERT_EQ(EAGAIN, errno);
	close(fd);
}

TEST_F(raw, not_writable)
{
	ASSERT_NE(0, write_file(RAW_PATH, "clear", 5));
}

TEST_HARNESS_MAIN
