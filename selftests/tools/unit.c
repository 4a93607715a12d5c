// SPDX-License-Identifier: GPL-2.0
/*
 * unit.c - tests of the tools' library, piece by piece
 *
 *	unit DIR	where DIR holds the recordings that check.sh made, and may be written to
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/digits.h"
#include "base/output.h"
#include "base/utf8.h"
#include "in/source.h"
#include "out/csv.h"
#include "out/fields.h"
#include "out/json.h"
#include "out/text.h"
#include "tap.h"

#define HEADER_SIZE 184
#define EVENT_SIZE  160

/* The same numbers in every run: a failure can be repeated. */
static uint64_t random_state = 88172645463325252ull;

static uint64_t random_u64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Numbers of all lengths. */
static uint64_t random_number(void)
{
	return random_u64() >> random_u64() % 64;
}

/* ---- digits ---- */

static bool same_text(const char *start, const char *end, const char *wanted)
{
	size_t len = (size_t)(end - start);

	if (len == strlen(wanted) && !memcmp(start, wanted, len))
		return true;
	tap_note("got \"%.*s\", wanted \"%s\"", (int)len, start, wanted);
	return false;
}

static void check_number(uint64_t v)
{
	int width = (int)(v % 25);
	char got[64], wanted[64];

	snprintf(wanted, sizeof(wanted), "%" PRIu64, v);
	check(same_text(got, fsm_put_u64(got, v), wanted));
	snprintf(wanted, sizeof(wanted), "%*" PRIu64, width, v);
	check(same_text(got, fsm_put_u64_right(got, v, (size_t)width), wanted));
	snprintf(wanted, sizeof(wanted), "%" PRId64, (int64_t)v);
	check(same_text(got, fsm_put_s64(got, (int64_t)v), wanted));
	snprintf(wanted, sizeof(wanted), "%" PRIx64, v);
	check(same_text(got, fsm_put_hex(got, v), wanted));
	snprintf(wanted, sizeof(wanted), "%5" PRIu64 ".%09" PRIu64, v / 1000000000, v % 1000000000);
	check(same_text(got, fsm_put_seconds(got, v, 5), wanted));
}

static void test_numbers(void)
{
	static const uint64_t edges[] = { 0, 1, 9, 10, 99, 100, INT64_MAX, 1ull << 63, UINT64_MAX };
	size_t i;

	for (i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
		check_number(edges[i]);
	for (i = 0; i < 100000; i++)
		check_number(random_number());
}

/* ---- fields ---- */

static void test_ipv4(void)
{
	struct tcpfsm_event ev = { .family = AF_INET };
	char got[FSM_ADDRESS_MAX], wanted[64];
	int i;

	for (i = 0; i < 10000; i++) {
		uint32_t addr = (uint32_t)random_number();

		memcpy(ev.laddr, &addr, 4);
		inet_ntop(AF_INET, ev.laddr, wanted, sizeof(wanted));
		check(same_text(got, fsm_put_address(got, &ev, ev.laddr), wanted));
	}
}

/* Addresses as they are: with many zero words. */
static void random_ipv6(__u8 *addr)
{
	uint64_t zero = random_u64();
	int i;

	for (i = 0; i < 8; i++) {
		uint64_t word = zero >> i & 1 ? 0 : random_number();

		addr[2 * i] = (__u8)(word >> 8);
		addr[2 * i + 1] = (__u8)word;
	}
}

static void test_ipv6(void)
{
	struct tcpfsm_event ev = { .family = AF_INET6 };
	char got[FSM_ADDRESS_MAX + 1], wanted[64];
	struct in6_addr back;
	int compared = 0;
	char *end;
	int i;

	for (i = 0; i < 100000; i++) {
		random_ipv6(ev.raddr);
		end = fsm_put_address(got, &ev, ev.raddr);
		check(end - got < FSM_ADDRESS_MAX);
		*end = '\0';
		check(inet_pton(AF_INET6, got, &back) == 1);
		check(!memcmp(&back, ev.raddr, 16));

		/* The C library has its own view of what ends in an IPv4 address. */
		inet_ntop(AF_INET6, ev.raddr, wanted, sizeof(wanted));
		if (strchr(got, '.') || strchr(wanted, '.'))
			continue;
		check(same_text(got, end, wanted));
		compared++;
	}
	check(compared > 50000);
}

static void test_listener(void)
{
	struct tcpfsm_event ev = { .family = AF_INET6, .lport = 80 };

	check(fsm_has_local(&ev) && !fsm_has_remote(&ev));
	ev.raddr[15] = 1;
	check(fsm_has_remote(&ev));
	/* What is behind an IPv4 address is not looked at. */
	ev.family = AF_INET;
	check(!fsm_has_remote(&ev));
	ev.rport = 1;
	check(fsm_has_remote(&ev));
	ev.family = 0;
	check(!fsm_has_local(&ev) && !fsm_has_remote(&ev));
}

/* ---- utf8 ---- */

/* By another way than the code: encode every character there is, and compare. */
static size_t encode(uint32_t c, char *s)
{
	if (c < 0x80) {
		s[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		s[0] = (char)(0xc0 | c >> 6);
		s[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		s[0] = (char)(0xe0 | c >> 12);
		s[1] = (char)(0x80 | (c >> 6 & 0x3f));
		s[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	s[0] = (char)(0xf0 | c >> 18);
	s[1] = (char)(0x80 | (c >> 12 & 0x3f));
	s[2] = (char)(0x80 | (c >> 6 & 0x3f));
	s[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static void test_utf8_valid(void)
{
	char s[4];
	uint32_t c;

	for (c = 0; c < 0x1fffff; c++) {
		size_t n = encode(c, s);
		bool valid = c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);

		check(fsm_utf8_char(s, 4) == (valid ? n : 0));
		check(n == 1 || fsm_utf8_char(s, n - 1) == 0);
	}
}

static void test_utf8_clean(void)
{
	char got[64];

	check(same_text(got, fsm_utf8_clean(got, "a\xc3\xa9z", 4), "a\xc3\xa9z"));
	check(same_text(got, fsm_utf8_clean(got, "a\xc3z", 3), "a\xef\xbf\xbdz"));
	check(same_text(got, fsm_utf8_clean(got, "\xc3", 1), "\xef\xbf\xbd"));
	check(same_text(got, fsm_utf8_clean(got, "", 0), ""));
}

/* ---- out ---- */

/* Takes what comes through a pipe, slowly enough that the pipe is full again and again. */
struct drain {
	int fd;
	char *data;
	size_t len;
};

static void *drain_pipe(void *arg)
{
	struct drain *drain = arg;
	ssize_t n;

	while ((n = read(drain->fd, drain->data + drain->len, 777)) > 0)
		drain->len += (size_t)n;
	return NULL;
}

static void test_out_nonblocking(void)
{
	enum {
		LEN = 1000000
	};
	static char data[LEN], back[LEN + 777];
	struct drain drain = { .data = back };
	struct fsm_output out;
	pthread_t thread;
	int fds[2];
	size_t i;

	for (i = 0; i < LEN; i++)
		data[i] = (char)random_u64();
	if (!check(pipe2(fds, O_CLOEXEC) == 0))
		return;
	check(fcntl(fds[1], F_SETFL, O_NONBLOCK) == 0);
	drain.fd = fds[0];
	if (!check(pthread_create(&thread, NULL, drain_pipe, &drain) == 0))
		return;
	if (!check(fsm_output_init(&out, fds[1], 100000) == 0))
		return;
	for (i = 0; i < LEN; i += 1000)
		fsm_output_append(&out, data + i, 1000);
	check(fsm_output_flush(&out) == 0);
	close(fds[1]);
	pthread_join(thread, NULL);
	check(drain.len == LEN && !memcmp(data, back, LEN));
	fsm_output_free(&out);
	close(fds[0]);
}

static void test_out_error(void)
{
	struct fsm_output out;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	check(fd >= 0);
	if (!check(fsm_output_init(&out, fd, 16) == 0))
		return;
	fsm_output_append(&out, "0123456789", 10);
	check(out.error == 0);
	check(fsm_output_flush(&out) == -1 && out.error == ENOSPC && out.done == 0);
	/* From now on all is dropped, whatever there is. */
	fsm_output_append(&out, "0123456789abcdef", 16);
	fsm_output_append(&out, "0123456789abcdef", 16);
	check(fsm_output_flush(&out) == -1 && out.error == ENOSPC);
	fsm_output_free(&out);
	close(fd);
}

/* ---- text ---- */

/* An endpoint as it is written elsewhere, its address by the C library. */
static void endpoint_text(char *text, size_t size, const struct tcpfsm_event *ev, const __u8 *addr,
			  __u16 port)
{
	char number[64];

	inet_ntop(ev->family, addr, number, sizeof(number));
	snprintf(text, size, ev->family == AF_INET ? "%s:%u" : "[%s]:%u", number, port);
}

/* Few of them, in which bytes anywhere differ: what is kept of one must not be shown as another. */
static void random_endpoint(__u8 *addr, __u16 *port)
{
	memset(addr, 0, 16);
	addr[random_u64() % 4] = (__u8)(1 + random_u64() % 3);
	addr[8 + random_u64() % 8] = (__u8)(random_u64() % 3);
	*port = (__u16)(1 + random_u64() % 3 * 1024);
}

static void check_endpoints(struct fsm_output *out, struct tcpfsm_event *ev)
{
	char local[80], remote[80], wanted[200];

	ev->family = random_u64() % 2 ? AF_INET : AF_INET6;
	random_endpoint(ev->laddr, &ev->lport);
	random_endpoint(ev->raddr, &ev->rport);
	endpoint_text(local, sizeof(local), ev, ev->laddr, ev->lport);
	endpoint_text(remote, sizeof(remote), ev, ev->raddr, ev->rport);
	snprintf(wanted, sizeof(wanted), " %-21s %-21s ", local, remote);
	out->len = 0;
	fsm_text_printer.event(out, ev);
	if (!check(memmem(out->buf, out->len, wanted, strlen(wanted))))
		tap_note("wanted \"%s\" in: %.*s", wanted, (int)out->len, out->buf);
}

static void test_endpoints(void)
{
	static const struct fsm_style style;
	struct tcpfsm_event ev = { .id = 1, .old = TCPFSM_CLOSE, .new = TCPFSM_LISTEN };
	struct fsm_output out;
	int i;

	if (!check(fsm_output_init(&out, -1, 4096) == 0))
		return;
	fsm_text_printer.begin(&out, &style);
	for (i = 0; i < 100000; i++)
		check_endpoints(&out, &ev);
	fsm_output_free(&out);
}

/* ---- recordings ---- */

static const char *dir;

static const char *path_of(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

/* The whole file. Return: its length. */
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

/* Reads to the end. */
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

	/* Not time(): its clock may be behind the one that is read here. */
	mono_ns = clock_ns(CLOCK_MONOTONIC);
	real_ns = clock_ns(CLOCK_REALTIME);
	fsm_header_now(&now);
	check(now.mono_ns >= mono_ns && now.mono_ns <= clock_ns(CLOCK_MONOTONIC));
	check(now.real_ns >= real_ns && now.real_ns <= clock_ns(CLOCK_REALTIME));
	check(now.host[0] && now.release[0]);
}

/* A pipe that gives byte after byte: sizes of reads must not matter. */
static void *trickle(void *arg)
{
	struct drain *from = arg;
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
	struct drain from = { .data = data };
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

/* Writes records until it fails, then closes. Return: the errno of the failure. */
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
	/* Far more than any of the limits that are tried. */
	for (ev.id = 1; !error && ev.id < 100000; ev.id++) {
		if (fsm_recorder_put(&recorder, &ev, sizeof(ev)))
			error = errno;
	}
	fsm_recorder_close(&recorder);
	return error;
}

/*
 * A file that may not grow further is written up to its limit and not beyond, as on a
 * full disk: whatever the limit, what is left is whole.
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
	if (argc != 2) {
		fputs("usage: unit DIR\n", stderr);
		return 2;
	}
	dir = argv[1];
	tap_test(test_numbers, "numbers are written as printf writes them");
	tap_test(test_ipv4, "IPv4 addresses are written as inet_ntop writes them");
	tap_test(test_ipv6, "IPv6 addresses are written in RFC 5952's form");
	tap_test(test_listener, "a wildcard with a port is an address, without one it is none");
	tap_test(test_endpoints, "text: each endpoint is its own, whatever was written before");
	tap_test(test_utf8_valid, "UTF-8: every character, and nothing else");
	tap_test(test_utf8_clean, "UTF-8: what is not is replaced");
	tap_test(test_out_nonblocking, "a slow non-blocking output gets everything");
	tap_test(test_out_error, "after a failed write all is dropped");
	tap_test(test_header, "the header of a recording, in both byte orders");
	tap_test(test_truncated, "a recording cut at any byte gives its whole records");
	tap_test(test_pipe, "a recording read byte by byte");
	tap_test(test_full, "a recording that hits a limit ends with a whole record");
	tap_test(test_private, "a recording is not for everybody's eyes");
	return tap_failed_tests ? 1 : 0;
}
