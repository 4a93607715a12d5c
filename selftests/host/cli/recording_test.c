// SPDX-License-Identifier: GPL-2.0
/*
 * recording_test.c - tests of in/recording.c and in/source.c
 *
 *	recording_test DIR	DIR has the recordings that check.sh made
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "in/source.h"
#include "tap.h"

#define HEADER_SIZE 184
#define EVENT_SIZE  160

static const char *dir;

static const char *path_of(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

/* Read a whole file. Return its length. */
static size_t slurp(const char *path, char *data, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, data, size);

	if (fd >= 0)
		close(fd);
	return n < 0 ? 0 : (size_t)n;
}

static bool spit(const char *path, const char *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write(fd, data, len) == (ssize_t)len;

	if (fd >= 0)
		close(fd);
	return ok;
}

struct count {
	int open;
	int records;
	enum fsm_fill end;
	int next;
	size_t cut;
};

/* Read a recording to its end, and count. */
static struct count count_records(const char *path)
{
	struct count count = { .end = FSM_FILL_OK };
	struct fsm_source src;
	struct fsm_record record;

	count.open = fsm_source_open_recording(&src, path);
	while (count.open == 0 && count.end == FSM_FILL_OK) {
		while ((count.next = fsm_source_next(&src, &record)) > 0)
			count.records++;
		if (count.next < 0)
			break;
		count.end = fsm_source_fill(&src);
	}
	count.cut = src.cut;
	fsm_source_close(&src);
	return count;
}

static void test_truncated(void)
{
	static char data[HEADER_SIZE + 3 * EVENT_SIZE];
	char *path = strdup(path_of("truncated.tmp"));
	size_t len;

	check(slurp(path_of("lifecycle"), data, sizeof(data)) == sizeof(data));
	for (len = 0; len <= sizeof(data); len++) {
		struct count count;

		check(spit(path, data, len));
		count = count_records(path);
		if (len < HEADER_SIZE) {
			check(count.open == -1);
			continue;
		}
		check(count.open == 0 && count.next == 0 && count.end == FSM_FILL_END);
		check(count.records == (int)((len - HEADER_SIZE) / EVENT_SIZE));
		check(count.cut == (len - HEADER_SIZE) % EVENT_SIZE);
	}
	free(path);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void test_header(void)
{
	struct fsm_source src;
	struct fsm_header now;
	uint64_t mono_ns, real_ns;

	if (!check(fsm_source_open_recording(&src, path_of("lifecycle")) == 0))
		return;
	check(src.header.mono_ns == 1000000000ull && src.header.real_ns == 1700000000000000000ull);
	check(src.header.abi_version == 1 && src.header.header_size == HEADER_SIZE);
	check(!strcmp(src.header.host, "recorder.example"));
	check(!strcmp(src.header.release, "6.1.0-example"));
	check(!src.swap);
	fsm_source_close(&src);

	if (!check(fsm_source_open_recording(&src, path_of("lifecycle.swap")) == 0))
		return;
	check(src.header.mono_ns == 1000000000ull && src.header.real_ns == 1700000000000000000ull);
	check(src.header.abi_version == 1 && src.header.header_size == HEADER_SIZE);
	check(!strcmp(src.header.host, "recorder.example"));
	check(src.swap);
	fsm_source_close(&src);

	/* Do not use time(): its clock may be behind the one that is read here. */
	mono_ns = clock_ns(CLOCK_MONOTONIC);
	real_ns = clock_ns(CLOCK_REALTIME);
	fsm_header_now(&now);
	check(now.mono_ns >= mono_ns && now.mono_ns <= clock_ns(CLOCK_MONOTONIC));
	check(now.real_ns >= real_ns && now.real_ns <= clock_ns(CLOCK_REALTIME));
	check(now.host[0] && now.release[0]);
}

/* Bytes that go through a pipe. */
struct bytes {
	int fd;
	char *data;
	size_t len;
};

/* Write byte after byte: the sizes of reads must not matter. */
static void *trickle(void *arg)
{
	struct bytes *from = arg;
	size_t i;

	for (i = 0; i < from->len; i++) {
		if (write(from->fd, from->data + i, 1) != 1)
			break;
	}
	close(from->fd);
	return NULL;
}

static void test_pipe(void)
{
	static char data[HEADER_SIZE + 11 * EVENT_SIZE];
	struct bytes from = { .data = data };
	struct fsm_record record;
	struct fsm_source src;
	int fds[2], records = 0;
	enum fsm_fill fill;
	pthread_t thread;
	char path[32];

	from.len = slurp(path_of("lifecycle"), data, sizeof(data));
	check(from.len == sizeof(data));
	if (!check(pipe2(fds, O_CLOEXEC) == 0))
		return;
	from.fd = fds[1];
	if (!check(pthread_create(&thread, NULL, trickle, &from) == 0))
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
	if (!check(fsm_source_open_recording(&src, path) == 0))
		return;
	close(fds[0]);
	do {
		while (fsm_source_next(&src, &record) > 0) {
			check(record.raw_size == EVENT_SIZE);
			check(!memcmp(record.raw, data + HEADER_SIZE + records * EVENT_SIZE,
				      EVENT_SIZE));
			records++;
		}
		fill = fsm_source_fill(&src);
		if (fill == FSM_FILL_WAIT) {
			struct pollfd pfd = { .fd = src.fd, .events = POLLIN };

			check(poll(&pfd, 1, 60000) == 1);
		}
	} while (fill == FSM_FILL_OK || fill == FSM_FILL_WAIT);
	pthread_join(thread, NULL);
	check(fill == FSM_FILL_END && records == 11 && src.cut == 0);
	fsm_source_close(&src);
}

/* Write records until that fails, and close. Return the errno of the failure. */
static int fill_disk(const char *path)
{
	struct tcpfsm_event ev = { .size = EVENT_SIZE, .version = 1, .type = TCPFSM_REC_EVENT };
	struct fsm_recorder recorder;
	struct fsm_header header;
	int error = 0;

	fsm_header_now(&header);
	if (fsm_recorder_open(&recorder, path, &header, sizeof(header), false)) {
		error = errno;
		fsm_recorder_close(&recorder);
		return error;
	}
	/* This is far more than any of the limits that are tried. */
	for (ev.id = 1; !error && ev.id < 100000; ev.id++) {
		if (fsm_recorder_put(&recorder, &ev, sizeof(ev)))
			error = errno;
	}
	fsm_recorder_close(&recorder);
	return error;
}

/*
 * A file that may not grow further is written up to its limit, as on a full disk. Whatever the
 * limit is, the file has whole records only.
 */
static void test_full(void)
{
	static const size_t limits[] = {
		1,
		HEADER_SIZE - 1,
		HEADER_SIZE,
		HEADER_SIZE + 1,
		HEADER_SIZE + EVENT_SIZE - 1,
		HEADER_SIZE + EVENT_SIZE,
		262143,
		262144,
		262145,
		1000000,
	};
	char *path = strdup(path_of("full.tmp"));
	struct rlimit before;
	size_t i;

	signal(SIGXFSZ, SIG_IGN);
	check(getrlimit(RLIMIT_FSIZE, &before) == 0);
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit limit = { .rlim_cur = limits[i], .rlim_max = before.rlim_max };
		struct count count;
		struct stat st;
		int error;

		check(setrlimit(RLIMIT_FSIZE, &limit) == 0);
		error = fill_disk(path);
		check(setrlimit(RLIMIT_FSIZE, &before) == 0);
		check(error == EFBIG);
		check(stat(path, &st) == 0);
		if (limits[i] < HEADER_SIZE) {
			check(st.st_size == 0);
			continue;
		}
		count = count_records(path);
		check(count.open == 0 && count.end == FSM_FILL_END && count.cut == 0);
		check(count.records == (int)((limits[i] - HEADER_SIZE) / EVENT_SIZE));
	}
	free(path);
}

static void test_private(void)
{
	char *path = strdup(path_of("private.tmp"));
	struct fsm_recorder recorder;
	struct fsm_header header;
	struct stat st;

	umask(0);
	fsm_header_now(&header);
	check(fsm_recorder_open(&recorder, path, &header, sizeof(header), false) == 0);
	check(fsm_recorder_close(&recorder) == 0);
	check(stat(path, &st) == 0 && (st.st_mode & 07777) == 0640);
	umask(022);
	unlink(path);
	free(path);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	dir = argv[1];
	tap_test(test_header, "the header of a recording, in both byte orders");
	tap_test(test_truncated, "a recording cut at any byte gives its whole records");
	tap_test(test_pipe, "a recording read byte by byte");
	tap_test(test_full, "a recording that hits a limit ends with a whole record");
	tap_test(test_private, "a recording is not for everybody's eyes");
	return tap_failed_tests ? 1 : 0;
}
