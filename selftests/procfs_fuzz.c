// SPDX-License-Identifier: GPL-2.0
/*
 * procfs_fuzz.c - any system call, with any arguments, on the three files
 *
 * Several processes do this at once while events come. Some of them have a network
 * namespace of their own, and each is killed in the middle. They must still read whole
 * records, and at the end everything must be as before. The kernel reports all other
 * errors, best with KASAN and lockdep.
 *
 * TCPFSM_FUZZ: the time in seconds (5). TCPFSM_SEED: repeat the choices of the run that
 * printed this seed.
 */
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "procfs.h"

#define RECORD	    sizeof(struct tcpfsm_event)
#define NR_FUZZERS  6
#define NR_FDS	    12
#define NR_EPOLLS   3
#define BUFFER_SIZE (4 * 4096)

/* A fuzzer that found an error exits with this plus the number that it gives to wrong(). */
#define EXIT_WRONG 100

/**
 * struct fuzzer - a process that makes system calls at random
 * @random: state of its generator of random numbers
 * @fds: descriptors; -1 is none
 * @raw: whether each of them is a stream, from which records are read
 * @epolls: epoll descriptors
 * @pages: a buffer with an unmapped page behind it
 */
struct fuzzer {
	uint64_t random;
	int fds[NR_FDS];
	bool raw[NR_FDS];
	int epolls[NR_EPOLLS];
	char *pages;
};

static const char *const paths[] = { RAW_PATH, RAW_PATH, TEXT_PATH, STAT_PATH };

static uint32_t chance(struct fuzzer *f, uint32_t below)
{
	f->random ^= f->random << 13;
	f->random ^= f->random >> 7;
	f->random ^= f->random << 17;
	return (f->random >> 32) % below;
}

static bool once_in(struct fuzzer *f, uint32_t times)
{
	return chance(f, times) == 0;
}

/* Return a number that is mostly small, and sometimes at a limit. */
static int64_t any_number(struct fuzzer *f)
{
	static const int64_t limits[] = { -1, INT_MIN, INT_MAX, UINT_MAX, INT64_MIN, INT64_MAX };

	return once_in(f, 4) ? limits[chance(f, ARRAY_SIZE(limits))] : chance(f, 8 * RECORD);
}

static size_t any_size(struct fuzzer *f)
{
	static const size_t sizes[] = { 0, 1, RECORD - 1, RECORD, RECORD + 1, BUFFER_SIZE };

	return once_in(f, 2) ? sizes[chance(f, ARRAY_SIZE(sizes))] : chance(f, BUFFER_SIZE);
}

static char *any_buffer(struct fuzzer *f)
{
	switch (chance(f, 8)) {
	case 0:
		return NULL;
	case 1:
		return (char *)~0UL;
	case 2: /* partly mapped */
		return f->pages + BUFFER_SIZE - chance(f, 4 * RECORD);
	default:
		return f->pages;
	}
}

static int any_slot(struct fuzzer *f)
{
	return chance(f, NR_FDS);
}

static int any_fd(struct fuzzer *f)
{
	return f->fds[any_slot(f)];
}

static int any_epoll(struct fuzzer *f)
{
	return f->epolls[chance(f, NR_EPOLLS)];
}

static void put(struct fuzzer *f, int slot, int fd, bool raw)
{
	if (f->fds[slot] >= 0)
		close(f->fds[slot]);
	f->fds[slot] = fd;
	f->raw[slot] = raw;
}

static void wrong(int what)
{
	_exit(EXIT_WRONG + what);
}

/* Check that these are whole records of a known type. */
static void check_records(const char *buf, ssize_t n)
{
	struct tcpfsm_event event;

	if (n % RECORD)
		wrong(1);
	for (; n > 0; n -= RECORD, buf += RECORD) {
		memcpy(&event, buf, sizeof(event));
		if (event.size != RECORD || event.version != TCPFSM_ABI_VERSION)
			wrong(2);
		if (event.type != TCPFSM_REC_EVENT && event.type != TCPFSM_REC_LOST)
			wrong(3);
	}
}

static void do_open(struct fuzzer *f)
{
	static const int modes[] = { O_RDONLY, O_RDONLY, O_RDWR, O_WRONLY };
	static const int flags[] = { 0,	     O_NONBLOCK, O_TRUNC, O_APPEND,
				     O_PATH, O_DIRECT,	 O_SYNC,  O_CREAT };
	const char *path = paths[chance(f, ARRAY_SIZE(paths))];
	int slot = any_slot(f);
	int flag = once_in(f, 2) ? O_NONBLOCK : flags[chance(f, ARRAY_SIZE(flags))];

	put(f, slot, open(path, modes[chance(f, ARRAY_SIZE(modes))] | flag, 0600),
	    !strcmp(path, RAW_PATH));
}

static void do_read(struct fuzzer *f)
{
	size_t size = any_size(f);
	char *buf = any_buffer(f);
	int slot = any_slot(f);
	ssize_t n;

	n = once_in(f, 4) ? pread(f->fds[slot], buf, size, any_number(f)) :
			    read(f->fds[slot], buf, size);
	if (n <= 0)
		return;
	if ((size_t)n > size)
		wrong(0);
	/* A buffer that is partly mapped may begin at any address. */
	if (f->raw[slot])
		check_records(buf, n);
}

static void do_readv(struct fuzzer *f)
{
	struct iovec parts[3];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		parts[i] = (struct iovec){ any_buffer(f), any_size(f) };
	if (readv(any_fd(f), parts, chance(f, 5)) < 0)
		return;
}

static void do_write(struct fuzzer *f)
{
	static const char *const words[] = { "clear", "clear\n", "clea", "clear\n\n", "", "x" };
	const char *word = words[chance(f, ARRAY_SIZE(words))];
	ssize_t n;

	n = once_in(f, 2) ? write(any_fd(f), word, strlen(word)) :
			    write(any_fd(f), any_buffer(f), any_size(f));
	if (n > (ssize_t)BUFFER_SIZE)
		wrong(0);
}

static void do_seek(struct fuzzer *f)
{
	static const int whences[] = { SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE, 77 };

	lseek(any_fd(f), once_in(f, 2) ? 0 : any_number(f),
	      whences[chance(f, ARRAY_SIZE(whences))]);
}

static void do_ioctl(struct fuzzer *f)
{
	static const unsigned long requests[] = { FIONREAD, FIONBIO, FIOASYNC, FIOCLEX, 0, ~0UL };
	int on = chance(f, 2);

	ioctl(any_fd(f), requests[chance(f, ARRAY_SIZE(requests))],
	      once_in(f, 2) ? (void *)&on : any_buffer(f));
}

static void do_poll(struct fuzzer *f)
{
	struct pollfd fds[4];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = (struct pollfd){ any_fd(f), chance(f, 1 << 15), 0 };
	poll(fds, chance(f, ARRAY_SIZE(fds) + 1), chance(f, 4));
}

static void do_select(struct fuzzer *f)
{
	struct timeval soon = { 0, chance(f, 3000) };
	int fd = any_fd(f);
	fd_set set;

	if (fd < 0 || fd >= FD_SETSIZE)
		return;
	FD_ZERO(&set);
	FD_SET(fd, &set);
	select(fd + 1, &set, once_in(f, 2) ? &set : NULL, NULL, &soon);
}

static void do_epoll(struct fuzzer *f)
{
	struct epoll_event event = { .events = chance(f, 1 << 15) };
	int epoll = any_epoll(f);

	if (once_in(f, 8))
		event.events |= EPOLLET;
	if (once_in(f, 8))
		event.events |= EPOLLONESHOT;
	/* One epoll descriptor may wait for another. */
	epoll_ctl(epoll, 1 + chance(f, 3), once_in(f, 8) ? any_epoll(f) : any_fd(f), &event);
	epoll_wait(epoll, (struct epoll_event *)f->pages, 8, chance(f, 3));
}

static void do_dup(struct fuzzer *f)
{
	int from = any_slot(f), to = any_slot(f);

	if (from != to)
		put(f, to, dup(f->fds[from]), f->raw[from]);
}

static void do_fcntl(struct fuzzer *f)
{
	static const int flags[] = { 0, O_NONBLOCK, O_NONBLOCK, O_APPEND, O_ASYNC, O_DIRECT };
	struct flock lock = { .l_type = chance(f, 3), .l_len = any_number(f) };
	int fd = any_fd(f);

	fcntl(fd, F_SETFL, flags[chance(f, ARRAY_SIZE(flags))]);
	fcntl(fd, F_SETOWN, getpid());
	fcntl(fd, once_in(f, 2) ? F_SETLK : F_GETLK, &lock);
}

/* Make calls that work on regular files, and that these files must refuse. */
static void do_file(struct fuzzer *f)
{
	struct stat st;
	int fd = any_fd(f);
	void *map;

	switch (chance(f, 7)) {
	case 0:
		map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
		if (map != MAP_FAILED)
			munmap(map, 4096);
		break;
	case 1:
		fstat(fd, &st);
		break;
	case 2:
		ftruncate(fd, any_number(f));
		break;
	case 3:
		fsync(fd);
		break;
	case 4:
		fallocate(fd, chance(f, 4), any_number(f), any_number(f));
		break;
	case 5:
		posix_fadvise(fd, any_number(f), any_number(f), chance(f, 6));
		break;
	case 6:
		readahead(fd, any_number(f), any_size(f));
		break;
	}
}

static void do_splice(struct fuzzer *f)
{
	int fds[2];

	if (pipe2(fds, O_NONBLOCK))
		return;
	if (once_in(f, 2))
		splice(any_fd(f), NULL, fds[1], NULL, any_size(f), SPLICE_F_NONBLOCK);
	else
		sendfile(fds[1], any_fd(f), NULL, any_size(f));
	close(fds[0]);
	close(fds[1]);
}

static void do_filter(struct fuzzer *f)
{
	static const char *const filters[] = { "port=80", "!cause=2msl uid=0", "port=x", "\n" };
	const char *filter = filters[chance(f, ARRAY_SIZE(filters))];

	write_file(PARAM_PATH "filter", filter, strlen(filter));
}

static void do_close(struct fuzzer *f)
{
	put(f, any_slot(f), -1, false);
}

static void on_signal(int sig)
{
	(void)sig;
}

/* Have signals interrupt a read that waits for ever, and have the process end with its parent. */
static void begin_process(void)
{
	static const struct itimerval often = { { 0, 5000 }, { 0, 5000 } };
	static const struct sigaction act = { .sa_handler = on_signal };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigaction(SIGALRM, &act, NULL);
	sigaction(SIGIO, &act, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

static void do_any(struct fuzzer *f);

/* Start a child that shares the open files. It ends by itself, or is killed. */
static void do_fork(struct fuzzer *f)
{
	int i, n = chance(f, 20);
	pid_t pid = fork();

	if (pid == 0) {
		begin_process();
		f->random ^= getpid() * 0x9e3779b97f4a7c15ULL;
		for (i = 0; i < n; i++)
			do_any(f);
		_exit(0);
	}
	if (pid > 0 && once_in(f, 2))
		kill(pid, SIGKILL);
	/* A signal may end the wait. The kernel then ends the child with its parent. */
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static const struct {
	void (*act)(struct fuzzer *f);
	unsigned int weight;
} acts[] = {
	{ do_open, 12 },  { do_read, 20 }, { do_readv, 3 }, { do_write, 4 },
	{ do_seek, 6 },	  { do_ioctl, 3 }, { do_poll, 6 },  { do_select, 2 },
	{ do_epoll, 6 },  { do_dup, 4 },   { do_fcntl, 4 }, { do_file, 3 },
	{ do_splice, 3 }, { do_close, 6 }, { do_fork, 1 },  { do_filter, 1 },
};

static void do_any(struct fuzzer *f)
{
	unsigned int i, sum = 0, at;

	for (i = 0; i < ARRAY_SIZE(acts); i++)
		sum += acts[i].weight;
	at = chance(f, sum);
	for (i = 0; at >= acts[i].weight; i++)
		at -= acts[i].weight;
	acts[i].act(f);
}

static void fuzz(uint64_t seed, bool own_netns)
{
	struct fuzzer f = { .random = seed };
	int i;

	begin_process();
	/* EINVAL means that the kernel has no namespaces. */
	if (own_netns && unshare(CLONE_NEWNET) && errno != EINVAL)
		_exit(1);
	f.pages = mmap(NULL, BUFFER_SIZE + 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (f.pages == MAP_FAILED || mprotect(f.pages + BUFFER_SIZE, 4096, PROT_NONE))
		_exit(1);
	for (i = 0; i < NR_FDS; i++)
		f.fds[i] = -1;
	for (i = 0; i < NR_EPOLLS; i++)
		f.epolls[i] = epoll_create1(EPOLL_CLOEXEC);
	for (;;)
		do_any(&f);
}

static pid_t start_fuzzer(uint64_t seed, unsigned int n)
{
	pid_t pid = fork();

	if (pid == 0)
		/* The generator would stay at 0, so the seed must not be 0. */
		fuzz((seed + n + 1) * 0x9e3779b97f4a7c15ULL | 1, n % 3 == 2);
	return pid;
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static unsigned int stat_value(const char *name)
{
	char *text = read_file(STAT_PATH), *line = text ? strstr(text, name) : NULL;
	unsigned int value = line ? strtoul(line + strlen(name), NULL, 10) : ~0U;

	free(text);
	return value;
}

/* End a fuzzer. Return false if it had ended by itself, because it found an error. */
static bool stop_fuzzer(pid_t pid, int *status)
{
	kill(pid, SIGKILL);
	return waitpid(pid, status, 0) == pid && WIFSIGNALED(*status);
}

/* Wait until there are as many readers as before the fuzzers. */
static bool readers_are(unsigned int readers)
{
	uint64_t patience = clock_patience();

	/* The children of a killed fuzzer may close their files later. */
	while (stat_value("\nreaders ") != readers) {
		if (!clock_left_ms(patience))
			return false;
		clock_wait_until(clock_now() + 10 * NSEC_PER_MSEC);
	}
	return true;
}

/* Make two events so many times, in this namespace. */
static bool listen_often(unsigned int times)
{
	unsigned int i;
	int fd;

	for (i = 0; i < times; i++) {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0 || listen(fd, 1))
			return false;
		close(fd);
	}
	return true;
}

/* This fixture has no hosts. All events are in the initial namespace. */
FIXTURE(fuzz)
{
	unsigned int readers;
};

FIXTURE_SETUP(fuzz)
{
	self->readers = stat_value("\nreaders ");
}

FIXTURE_TEARDOWN(fuzz)
{
}

TEST_F_TIMEOUT(fuzz, any_system_call, 900 * SLOWNESS)
{
	uint64_t seed = number_from("TCPFSM_SEED", clock_now());
	uint64_t end = clock_now() + number_from("TCPFSM_FUZZ", 5) * NSEC_PER_SEC;
	unsigned int started = 0;
	pid_t pids[NR_FUZZERS];
	struct fuzzer f = { .random = seed | 1 };
	uint64_t count = 0;
	int i, status;
	char *text;

	TH_LOG("TCPFSM_SEED=%llu", (unsigned long long)seed);
	for (i = 0; i < NR_FUZZERS; i++)
		pids[i] = start_fuzzer(seed, started++);
	while (clock_now() < end) {
		ASSERT_TRUE(listen_often(50));
		count += 100;
		i = chance(&f, NR_FUZZERS);
		EXPECT_TRUE(stop_fuzzer(pids[i], &status))
		{
			TH_LOG("fuzzer ended with %#x", status);
		}
		pids[i] = start_fuzzer(seed, started++);
	}
	for (i = 0; i < NR_FUZZERS; i++) {
		EXPECT_TRUE(stop_fuzzer(pids[i], &status))
		{
			TH_LOG("fuzzer ended with %#x", status);
		}
	}
	TH_LOG("%u fuzzers were started and killed, among %llu events", started,
	       (unsigned long long)count);

	EXPECT_TRUE(readers_are(self->readers));
	ASSERT_EQ(0, write_file(PARAM_PATH "filter", "\n", 1));
	ASSERT_EQ(0, write_file(TEXT_PATH, "clear", 5));
	ASSERT_TRUE(listen_often(1));
	text = read_file(TEXT_PATH);
	ASSERT_NE(NULL, text);
	EXPECT_EQ('#', text[0]);
	EXPECT_NE(NULL, strstr(text, "LISTEN"));
	free(text);
}

TEST_HARNESS_MAIN
