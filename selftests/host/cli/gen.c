// SPDX-License-Identifier: GPL-2.0
/*
 * gen.c - synthetic recordings
 *
 *	gen [--swap] [--tail N] [--cgroup N] SCENARIO [COUNT...] > FILE
 *	gen --list
 *
 * The program writes byte after byte what the documentation of the format says, without the
 * structures of the library, so that it finds a reader that misreads them. --swap writes the
 * byte order that this machine does not have. --tail adds N bytes to every record, as a newer
 * module may. Neither changes what has to be read.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/states.h"

static bool big_endian = __BYTE_ORDER == __BIG_ENDIAN;
static unsigned int tail;

/* Bytes that are not written yet: never more than the longest record and an event. */
static unsigned char buf[4096 + 160];
static size_t fill;

static void put(const void *data, size_t len)
{
	memcpy(buf + fill, data, len);
	fill += len;
}

static void write_out(size_t len)
{
	if (fwrite(buf, 1, len, stdout) != len) {
		perror("gen: write");
		exit(1);
	}
	fill = 0;
}

static void put_number(uint64_t v, int len)
{
	int i;

	for (i = 0; i < len; i++) {
		int shift = 8 * (big_endian ? len - 1 - i : i);
		unsigned char byte = (unsigned char)(v >> shift);

		put(&byte, 1);
	}
}

static void put_text(const char *s, size_t len)
{
	char text[128] = "";

	snprintf(text, sizeof(text), "%s", s);
	put(text, len);
}

static void put_filler(size_t len)
{
	static const char filler = '\xa5';

	while (len--)
		put(&filler, 1);
}

/* A test may want any of these to be wrong. */
struct head {
	const char *magic;
	uint32_t byte_order;
	uint16_t format;
	uint16_t size;
};

static const struct head good_head = {
	.magic = "tcpfsm\r\n",
	.byte_order = 0x01020304,
	.format = 1,
	.size = 184,
};

static void put_header(const struct head *head)
{
	put(head->magic, 8);
	put_number(head->byte_order, 4);
	put_number(head->format, 2);
	put_number(head->size, 2);
	put_number(1, 4);
	put_number(0, 4);
	put_number(1000000000ull, 8);
	put_number(1700000000000000000ull, 8);
	put_text("recorder.example", 72);
	put_text("6.1.0-example", 72);
	if (head->size > 184)
		put_filler(head->size - 184u);
	write_out(fill);
}

/* Write a record of @size bytes; the rest of the event is left out. */
static void put_record(const struct tcpfsm_event *ev, size_t size)
{
	put_number(size, 2);
	put_number(ev->version, 2);
	put_number(ev->type, 2);
	put_number(ev->flags, 2);
	put_number(ev->time_ns, 8);
	put_number(ev->type == TCPFSM_REC_LOST ? ev->lost : ev->id, 8);
	put_number(ev->dwell_ns, 8);
	put_number(ev->cgroup, 8);
	put_number(ev->bytes_sent, 8);
	put_number(ev->bytes_received, 8);
	put_number(ev->gen, 4);
	put_number(ev->netns, 4);
	put_number(ev->uid, 4);
	put_number(ev->pid, 4);
	put(ev->laddr, 16);
	put(ev->raddr, 16);
	put_number(ev->lport, 2);
	put_number(ev->rport, 2);
	put_number(ev->family, 1);
	put_number(ev->old, 1);
	put_number(ev->new, 1);
	put_number(ev->cause, 1);
	put_number(ev->snd_una, 4);
	put_number(ev->snd_nxt, 4);
	put_number(ev->rcv_nxt, 4);
	put_number(ev->snd_wnd, 4);
	put_number(ev->rcv_wnd, 4);
	put_number(ev->srtt_us, 4);
	put_number(ev->retrans, 4);
	put_number((uint16_t)ev->err, 2);
	put_number(ev->cpu, 2);
	put(ev->comm, 16);
	if (fill < size)
		put_filler(size - fill);
	write_out(size);
}

static void put_event(const struct tcpfsm_event *ev)
{
	put_record(ev, 160 + tail);
}

static void set_v4(struct tcpfsm_event *ev, const char *local, unsigned int lport,
		   const char *remote, unsigned int rport)
{
	ev->family = AF_INET;
	memset(ev->laddr, 0, 16);
	memset(ev->raddr, 0, 16);
	if (inet_pton(AF_INET, local, ev->laddr) != 1 || inet_pton(AF_INET, remote, ev->raddr) != 1)
		abort();
	ev->lport = (uint16_t)lport;
	ev->rport = (uint16_t)rport;
}

static void set_v6(struct tcpfsm_event *ev, const char *local, unsigned int lport,
		   const char *remote, unsigned int rport)
{
	ev->family = AF_INET6;
	if (inet_pton(AF_INET6, local, ev->laddr) != 1 ||
	    inet_pton(AF_INET6, remote, ev->raddr) != 1)
		abort();
	ev->lport = (uint16_t)lport;
	ev->rport = (uint16_t)rport;
}

static void set_task(struct tcpfsm_event *ev, uint32_t pid, const char *comm)
{
	size_t i;

	ev->pid = pid;
	memset(ev->comm, 0, sizeof(ev->comm));
	/* A name that fills its field has no NUL. */
	for (i = 0; i < sizeof(ev->comm) && comm[i]; i++)
		ev->comm[i] = comm[i];
}

/* Return a usual event; the scenarios change the fields that they are about. */
static uint64_t cgroup = 4321;

static struct tcpfsm_event usual(void)
{
	struct tcpfsm_event ev = {
		.version = 1,
		.type = TCPFSM_REC_EVENT,
		.time_ns = 12034567891ull,
		.id = 0x1a,
		.dwell_ns = 1234567,
		.cgroup = cgroup,
		.bytes_sent = 78,
		.bytes_received = 615,
		.gen = 1,
		.netns = 4026531840u,
		.uid = 1000,
		.old = TCPFSM_CLOSE,
		.new = TCPFSM_SYN_SENT,
		.cause = TCPFSM_C_OPEN,
		.snd_una = 1000001,
		.snd_nxt = 1000002,
		.rcv_nxt = 2000001,
		.snd_wnd = 65483,
		.rcv_wnd = 65495,
		.srtt_us = 37,
		.cpu = 1,
	};

	set_v4(&ev, "127.0.0.1", 43210, "127.0.0.1", 8080);
	set_task(&ev, 412, "curl");
	return ev;
}

/* Let client and server of one connection be on one machine, and the client close first. */
static void lifecycle(void)
{
	static const struct {
		uint8_t server, old, new, cause;
		uint16_t flags;
		uint32_t after_us;
	} walk[] = {
		{ 0, TCPFSM_CLOSE, TCPFSM_SYN_SENT, TCPFSM_C_OPEN, 0, 0 },
		{ 1, TCPFSM_LISTEN, TCPFSM_SYN_RECV, TCPFSM_C_RCV_SYN,
		  TCPFSM_F_REQUEST | TCPFSM_F_SOFTIRQ | TCPFSM_F_NOSTATS, 21 },
		{ 0, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED, TCPFSM_C_RCV_SYNACK, TCPFSM_F_SOFTIRQ,
		  14 },
		{ 1, TCPFSM_SYN_RECV, TCPFSM_ESTABLISHED, TCPFSM_C_RCV_ACK, TCPFSM_F_SOFTIRQ, 9 },
		{ 0, TCPFSM_ESTABLISHED, TCPFSM_FIN_WAIT1, TCPFSM_C_CLOSE, 0, 1000042 },
		{ 1, TCPFSM_ESTABLISHED, TCPFSM_CLOSE_WAIT, TCPFSM_C_RCV_FIN, TCPFSM_F_SOFTIRQ, 8 },
		{ 0, TCPFSM_FIN_WAIT1, TCPFSM_FIN_WAIT2, TCPFSM_C_RCV_ACK, TCPFSM_F_SOFTIRQ,
		  40011 },
		{ 1, TCPFSM_CLOSE_WAIT, TCPFSM_LAST_ACK, TCPFSM_C_CLOSE, 0, 250000 },
		{ 0, TCPFSM_FIN_WAIT2, TCPFSM_TIME_WAIT, TCPFSM_C_RCV_FIN,
		  TCPFSM_F_TIMEWAIT | TCPFSM_F_SOFTIRQ | TCPFSM_F_NOSTATS, 7 },
		{ 1, TCPFSM_LAST_ACK, TCPFSM_CLOSE, TCPFSM_C_RCV_ACK, TCPFSM_F_SOFTIRQ, 5 },
		{ 0, TCPFSM_TIME_WAIT, TCPFSM_CLOSE, TCPFSM_C_2MSL,
		  TCPFSM_F_TIMEWAIT | TCPFSM_F_SOFTIRQ | TCPFSM_F_NOSTATS, 60000000 },
	};
	uint64_t now = 99999999000ull, since[2] = { 0 };
	size_t i;

	for (i = 0; i < sizeof(walk) / sizeof(walk[0]); i++) {
		struct tcpfsm_event ev = usual();
		int end = walk[i].server;

		now += walk[i].after_us * 1000ull;
		ev.time_ns = now;
		ev.dwell_ns = since[end] ? now - since[end] : TCPFSM_UNKNOWN_DWELL;
		since[end] = now;
		ev.old = walk[i].old;
		ev.new = walk[i].new;
		ev.cause = walk[i].cause;
		ev.flags = walk[i].flags;
		if (end) {
			ev.id = 0x1b;
			ev.uid = 33;
			set_v4(&ev, "127.0.0.1", 8080, "127.0.0.1", 43210);
			set_task(&ev, 80, "nginx");
		}
		if (ev.flags & TCPFSM_F_SOFTIRQ)
			set_task(&ev, 0, "");
		put_event(&ev);
	}
}

static void states(void)
{
	struct tcpfsm_event ev = usual();
	unsigned int from, to;

	for (from = 0; from <= TCPFSM_NR_STATES; from++) {
		for (to = 0; to <= TCPFSM_NR_STATES; to++) {
			ev.old = (uint8_t)from;
			ev.new = (uint8_t)to;
			put_event(&ev);
		}
	}
}

static void causes(void)
{
	struct tcpfsm_event ev = usual();
	unsigned int cause;

	for (cause = 0; cause <= TCPFSM_NR_CAUSES; cause++) {
		ev.cause = (uint8_t)cause;
		put_event(&ev);
	}
	ev.cause = 255;
	put_event(&ev);
}

static void flags(void)
{
	struct tcpfsm_event ev = usual();
	unsigned int bit;

	for (bit = 0; bit < 16; bit++) {
		ev.flags = (uint16_t)(1u << bit);
		put_event(&ev);
	}
	ev.flags = 0xffff;
	put_event(&ev);
}

static void addresses(void)
{
	static const char *const v6[] = {
		"::",
		"::1",
		"1::",
		"fe80::1",
		"2001:db8::",
		"2001:db8:0:1:1:1:1:1", /* a single zero stays */
		"2001:0:0:1:0:0:0:1",	/* the longer run */
		"2001:db8:0:0:1:0:0:1", /* the first of two equal ones */
		"1:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7:0",
		"0:2:3:4:5:6:7:8",
		"0:0:3:4:5:6:0:0",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		"::ffff:192.0.2.1",
		"::192.0.2.1",
		"fe80::5efe:192.0.2.1",
		"fe80::200:5efe:192.0.2.1",
	};
	struct tcpfsm_event ev = usual();
	size_t i;

	set_v4(&ev, "0.0.0.0", 80, "0.0.0.0", 0); /* a listener */
	put_event(&ev);
	set_v4(&ev, "0.0.0.0", 0, "192.0.2.255", 65535); /* no port of its own yet */
	put_event(&ev);
	set_v4(&ev, "255.255.255.255", 65535, "1.22.133.4", 1);
	put_event(&ev);
	ev.flags = TCPFSM_F_MAPPED;
	set_v4(&ev, "127.0.0.1", 8080, "127.0.0.1", 43210);
	put_event(&ev);
	ev.flags = 0;
	set_v6(&ev, "::", 443, "::", 0);
	put_event(&ev);
	for (i = 0; i < sizeof(v6) / sizeof(v6[0]); i++) {
		set_v6(&ev, v6[i], 1024, "2001:db8::53", 53);
		put_event(&ev);
	}
	ev.family = 0;
	put_event(&ev);
	ev.family = AF_UNIX;
	put_event(&ev);
}

/* Write an event of which everything is unknown that can be. */
static void unknown(void)
{
	struct tcpfsm_event ev = {
		.version = 1,
		.type = TCPFSM_REC_EVENT,
		.flags = TCPFSM_F_NOSEQ | TCPFSM_F_NOSTATS,
		.dwell_ns = TCPFSM_UNKNOWN_DWELL,
		.uid = TCPFSM_UNKNOWN_UID,
		.snd_una = 1,
		.srtt_us = 1,
		.bytes_sent = 1,
		.comm = "nobody",
	};

	put_event(&ev);
	ev.flags = TCPFSM_F_NOSEQ;
	put_event(&ev);
	ev.flags = TCPFSM_F_NOSTATS;
	put_event(&ev);
	ev.flags = 0;
	ev.uid = 0;
	ev.dwell_ns = 0;
	ev.pid = 1;
	ev.comm[0] = '\0';
	put_event(&ev);
}

static void generations(void)
{
	static const uint32_t gens[] = { 0, 1, 2, 10, UINT32_MAX };
	struct tcpfsm_event ev = usual();
	size_t i;

	for (i = 0; i < sizeof(gens) / sizeof(gens[0]); i++) {
		ev.gen = gens[i];
		put_event(&ev);
	}
}

static void dwell(void)
{
	static const uint64_t ns[] = { 0, 1, 999, 1000, 1999, 60000000000ull, UINT64_MAX - 1 };
	struct tcpfsm_event ev = usual();
	size_t i;

	for (i = 0; i < sizeof(ns) / sizeof(ns[0]); i++) {
		ev.dwell_ns = ns[i];
		put_event(&ev);
	}
}

static void times(void)
{
	static const uint64_t ns[] = { 0, 1, 999999999, 1000000000, 99999000000001ull, UINT64_MAX };
	struct tcpfsm_event ev = usual();
	size_t i;

	for (i = 0; i < sizeof(ns) / sizeof(ns[0]); i++) {
		ev.time_ns = ns[i];
		put_event(&ev);
	}
}

static void comms(void)
{
	static const char *const names[] = {
		"a",
		"-",
		"--",
		"sixteen_bytes_!!",
		"tmux: server",
		"kworker/0:1",
		"line\nend",
		"\x1b[31mred\x07",
		"back\\slash",
		"a,b",
		"say \"hi\"",
		"\",\"",
		"'; <&> $x",
		"tab\there\x7f",
		"caf\xc3\xa9",
		"\xe6\x97\xa5\xe6\x9c\xac",
		"cut\xe6\x97",
		"\xf0\x9f\xa6\x80",
		"\xff\xfe",
		"\xc0\xaf", /* longer than needed */
		"\xe0\x80\xaf",
		"\xed\xa0\x80",	    /* a surrogate */
		"\xf4\x90\x80\x80", /* above the last character */
		"\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f",
		"\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x11\x12\x13",
		"# 3 events lost",
		"=1+1",
	};
	struct tcpfsm_event ev = usual();
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		set_task(&ev, 7, names[i]);
		put_event(&ev);
	}
}

/* Write the largest numbers, and the longest names and addresses. */
static void extremes(void)
{
	struct tcpfsm_event ev;

	memset(&ev, 0xff, sizeof(ev));
	ev.version = 1;
	ev.type = TCPFSM_REC_EVENT;
	ev.family = AF_INET6;
	ev.dwell_ns--;
	ev.uid--;
	ev.old = TCPFSM_ESTABLISHED;
	ev.new = TCPFSM_ESTABLISHED;
	ev.cause = TCPFSM_C_LISTENER_CLOSED;
	put_event(&ev);
	ev.flags = 0xffff & ~(TCPFSM_F_NOSEQ | TCPFSM_F_NOSTATS);
	put_event(&ev);
	ev.err = INT16_MIN;
	memset(ev.comm, '\x01', sizeof(ev.comm));
	put_event(&ev);
	ev.err = 110;
	memset(ev.comm, '"', sizeof(ev.comm));
	put_event(&ev);
}

static struct tcpfsm_event loss_of(uint64_t lost)
{
	struct tcpfsm_event ev;

	/* A reader may read only what the interface promises; the rest is noise. */
	memset(&ev, 0x5a, sizeof(ev));
	ev.version = 1;
	ev.type = TCPFSM_REC_LOST;
	ev.time_ns = 12034567891ull;
	ev.lost = lost;
	return ev;
}

static void lost(void)
{
	struct tcpfsm_event ev = usual();
	struct tcpfsm_event loss = loss_of(3);

	put_event(&loss);
	put_event(&ev);
	loss.lost = 1;
	put_record(&loss, 24);
	put_event(&ev);
	loss.lost = UINT64_MAX - 1;
	put_record(&loss, 160);
	loss.lost = TCPFSM_LOST_UNKNOWN;
	put_event(&loss);
}

/* Write a type of record that does not exist yet. */
static void strange(void)
{
	struct tcpfsm_event ev = usual();

	put_event(&ev);
	ev.type = 3;
	put_record(&ev, 8);
	put_record(&ev, 4096);
	ev.type = 0;
	put_event(&ev);
	ev.type = TCPFSM_REC_EVENT;
	ev.new = TCPFSM_CLOSE;
	put_event(&ev);
}

static void newer(void)
{
	struct tcpfsm_event ev = usual();

	put_event(&ev);
	ev.version = 2;
	put_record(&ev, 200);
	put_record(&ev, 200);
}

static void nothing(void)
{
}

/* Write @COUNT events of connections from begin to end, for measurements. */
static void many(unsigned long count)
{
	static const uint8_t walk[] = { TCPFSM_CLOSE,	  TCPFSM_SYN_SENT,  TCPFSM_ESTABLISHED,
					TCPFSM_FIN_WAIT1, TCPFSM_FIN_WAIT2, TCPFSM_TIME_WAIT,
					TCPFSM_CLOSE };
	static const uint8_t cause[] = { TCPFSM_C_OPEN,	   TCPFSM_C_RCV_SYNACK, TCPFSM_C_CLOSE,
					 TCPFSM_C_RCV_ACK, TCPFSM_C_RCV_FIN,	TCPFSM_C_2MSL };
	struct tcpfsm_event ev = usual();
	unsigned long i;

	for (i = 0; i < count; i++) {
		unsigned int step = i % 6;

		ev.time_ns += 12345;
		ev.id = 0x1000 + i / 6;
		ev.old = walk[step];
		ev.new = walk[step + 1];
		ev.cause = cause[step];
		ev.dwell_ns = step ? 12345 : TCPFSM_UNKNOWN_DWELL;
		ev.lport = (uint16_t)(32768 + i / 6 % 28000);
		ev.flags = step % 2 ? TCPFSM_F_SOFTIRQ : 0;
		set_task(&ev, step % 2 ? 0 : 412, step % 2 ? "" : "curl");
		put_event(&ev);
	}
}

/* ---- a machine with something to see on it, for fsmtop ---- */

#define TOWN_CONNS 400

/* A step on a way through the states: next state, cause, and milliseconds on average. */
struct leg {
	uint8_t new;
	uint8_t cause;
	uint16_t flags;
	uint32_t after_ms;
};

/* This connection is under way. */
struct walker {
	const struct leg *leg;
	struct tcpfsm_event ev;
	uint64_t due_ns;
	uint64_t since_ns;
};

#define SOFT   TCPFSM_F_SOFTIRQ
#define HALF   (TCPFSM_F_REQUEST | TCPFSM_F_SOFTIRQ | TCPFSM_F_NOSTATS)
#define WAITER (TCPFSM_F_TIMEWAIT | TCPFSM_F_SOFTIRQ | TCPFSM_F_NOSTATS)

static const struct leg served[] = {
	{ TCPFSM_SYN_RECV, TCPFSM_C_RCV_SYN, HALF, 0 },
	{ TCPFSM_ESTABLISHED, TCPFSM_C_RCV_ACK, SOFT, 30 },
	{ TCPFSM_CLOSE_WAIT, TCPFSM_C_RCV_FIN, SOFT, 2500 },
	{ TCPFSM_LAST_ACK, TCPFSM_C_CLOSE, 0, 3 },
	{ TCPFSM_CLOSE, TCPFSM_C_RCV_ACK, SOFT, 30 },
	{ 0, 0, 0, 0 },
};

/* This program forgets to close. */
static const struct leg leaked[] = {
	{ TCPFSM_SYN_RECV, TCPFSM_C_RCV_SYN, HALF, 0 },
	{ TCPFSM_ESTABLISHED, TCPFSM_C_RCV_ACK, SOFT, 20 },
	{ TCPFSM_CLOSE_WAIT, TCPFSM_C_RCV_FIN, SOFT, 900 },
	{ TCPFSM_CLOSE, TCPFSM_C_CLOSE, 0, 100000000 },
	{ 0, 0, 0, 0 },
};

static const struct leg client[] = {
	{ TCPFSM_SYN_SENT, TCPFSM_C_OPEN, 0, 0 },
	{ TCPFSM_ESTABLISHED, TCPFSM_C_RCV_SYNACK, SOFT, 25 },
	{ TCPFSM_FIN_WAIT1, TCPFSM_C_CLOSE, 0, 1200 },
	{ TCPFSM_FIN_WAIT2, TCPFSM_C_RCV_ACK, SOFT, 25 },
	{ TCPFSM_TIME_WAIT, TCPFSM_C_RCV_FIN, WAITER, 40 },
	{ TCPFSM_CLOSE, TCPFSM_C_2MSL, WAITER, 60000 },
	{ 0, 0, 0, 0 },
};

/* The FIN of the peer also acknowledges ours. */
static const struct leg brief[] = {
	{ TCPFSM_SYN_SENT, TCPFSM_C_OPEN, 0, 0 },
	{ TCPFSM_ESTABLISHED, TCPFSM_C_RCV_SYNACK, SOFT, 25 },
	{ TCPFSM_FIN_WAIT1, TCPFSM_C_CLOSE, 0, 300 },
	{ TCPFSM_FIN_WAIT2, TCPFSM_C_RCV_ACK, SOFT, 25 },
	{ TCPFSM_TIME_WAIT, TCPFSM_C_RCV_FIN, WAITER | TCPFSM_F_FINACK, 0 },
	{ TCPFSM_CLOSE, TCPFSM_C_2MSL, WAITER, 60000 },
	{ 0, 0, 0, 0 },
};

static const struct leg crossing[] = {
	{ TCPFSM_SYN_SENT, TCPFSM_C_OPEN, 0, 0 },
	{ TCPFSM_ESTABLISHED, TCPFSM_C_RCV_SYNACK, SOFT, 25 },
	{ TCPFSM_FIN_WAIT1, TCPFSM_C_CLOSE, 0, 800 },
	{ TCPFSM_CLOSING, TCPFSM_C_RCV_FIN, SOFT, 15 },
	{ TCPFSM_TIME_WAIT, TCPFSM_C_RCV_ACK, WAITER, 20 },
	{ TCPFSM_CLOSE, TCPFSM_C_2MSL, WAITER, 60000 },
	{ 0, 0, 0, 0 },
};

static const struct leg unanswered[] = {
	{ TCPFSM_SYN_SENT, TCPFSM_C_OPEN, 0, 0 },
	{ TCPFSM_CLOSE, TCPFSM_C_RTO, SOFT, 127000 },
	{ 0, 0, 0, 0 },
};

static const struct leg half_open[] = {
	{ TCPFSM_SYN_RECV, TCPFSM_C_RCV_SYN, HALF, 0 },
	{ TCPFSM_CLOSE, TCPFSM_C_SYNACK_TIMEOUT, HALF, 20000 },
	{ 0, 0, 0, 0 },
};

static const struct leg reset[] = {
	{ TCPFSM_SYN_SENT, TCPFSM_C_OPEN, 0, 0 },
	{ TCPFSM_ESTABLISHED, TCPFSM_C_RCV_SYNACK, SOFT, 25 },
	{ TCPFSM_CLOSE, TCPFSM_C_RCV_RST, SOFT, 700 },
	{ 0, 0, 0, 0 },
};

/* Twenty connections go these ways. */
static const struct leg *const ways[20] = {
	served, client, served, client, served, brief,	  served, client,     served,	 client,
	served, brief,	served, client, leaked, crossing, served, unanswered, half_open, reset,
};

static uint64_t town_random(void)
{
	static uint64_t state = 88172645463325252ull;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void town_listens(uint64_t id, const char *addr, unsigned int port, uint32_t pid,
			 const char *comm, uint64_t time_ns)
{
	struct tcpfsm_event ev = usual();

	ev.time_ns = time_ns;
	ev.id = id;
	ev.new = TCPFSM_LISTEN;
	ev.cause = TCPFSM_C_LISTEN;
	ev.dwell_ns = TCPFSM_UNKNOWN_DWELL;
	ev.cgroup = 1000 + port;
	ev.uid = port == 8080 ? 1001 : 0;
	set_v4(&ev, addr, port, "0.0.0.0", 0);
	set_task(&ev, pid, comm);
	put_event(&ev);
}

/* Begin a connection: choose who it is, where it comes from, and which way it goes. */
static void set_out(struct walker *w, uint64_t number, uint64_t time_ns)
{
	const struct leg *way = ways[number % 20];
	bool comes_in = way == served || way == leaked || way == half_open;
	unsigned int far = (unsigned int)(town_random() % 6), port = 443;
	char remote[32];

	w->ev = usual();
	w->ev.id = 0x100 + number;
	w->ev.old = comes_in ? TCPFSM_LISTEN : TCPFSM_CLOSE;
	if (way == leaked)
		port = 8080;
	snprintf(remote, sizeof(remote), "198.51.100.%u", 10 + far);
	if (comes_in) {
		set_v4(&w->ev, "192.0.2.1", port, remote, (unsigned int)(32768 + number % 28000));
		w->ev.uid = port == 8080 ? 1001 : 33;
		w->ev.cgroup = 1000 + port;
		set_task(&w->ev, 0, "");
	} else {
		snprintf(remote, sizeof(remote), "203.0.113.%u", way == unanswered ? 99 : 5 + far);
		set_v4(&w->ev, "192.0.2.1", (unsigned int)(32768 + number % 28000), remote,
		       way == unanswered ? 5432 : 6379);
		set_task(&w->ev, way == unanswered ? 977 : 412,
			 way == unanswered ? "report" : "worker");
		w->ev.cgroup = way == unanswered ? 1300 : 1412;
	}
	w->leg = way;
	w->due_ns = time_ns;
	w->since_ns = 0;
}

/* Return a time from half of the mean to one and a half of it. */
static uint64_t after(const struct leg *leg)
{
	uint64_t us = leg->after_ms * 1000ull;

	return (us / 2 + town_random() % (us + 1)) * 1000;
}

static void walk(struct walker *w)
{
	struct tcpfsm_event ev = w->ev;

	ev.time_ns = w->due_ns;
	ev.new = w->leg->new;
	ev.cause = w->leg->cause;
	ev.flags = w->leg->flags;
	ev.dwell_ns = w->since_ns ? w->due_ns - w->since_ns : TCPFSM_UNKNOWN_DWELL;
	/* The process of a server is known when it closes. */
	if (ev.old == TCPFSM_CLOSE_WAIT)
		set_task(&ev, 80, "nginx");
	if (ev.flags & TCPFSM_F_SOFTIRQ)
		set_task(&ev, 0, "");
	put_event(&ev);
	w->ev.old = ev.new;
	w->since_ns = w->due_ns;
	w->leg++;
	w->due_ns += w->leg->new ? after(w->leg) : 0;
}

static struct walker *next_walker(struct walker *walkers, size_t nr)
{
	struct walker *next = NULL;
	size_t i;

	for (i = 0; i < nr; i++)
		if (walkers[i].leg && (!next || walkers[i].due_ns < next->due_ns))
			next = &walkers[i];
	return next;
}

/* Write @seconds of servers and clients, of which some hang and others fail. */
static void town(unsigned long seconds)
{
	static struct walker walkers[TOWN_CONNS * 16];
	uint64_t start = 100000000000ull, end = start + seconds * 1000000000ull, number = 0;
	uint64_t next_ns = start + 5000000;

	town_listens(0x10, "0.0.0.0", 22, 7, "sshd", start);
	town_listens(0x11, "0.0.0.0", 443, 79, "nginx", start + 1000000);
	town_listens(0x12, "0.0.0.0", 8080, 801, "app", start + 2000000);
	for (;;) {
		size_t nr = sizeof(walkers) / sizeof(walkers[0]), i;
		struct walker *w = next_walker(walkers, nr);

		if (!w || next_ns < w->due_ns) {
			if (next_ns >= end)
				return;
			for (i = 0; i < nr && walkers[i].leg; i++)
				;
			if (i < nr)
				set_out(&walkers[i], number++, next_ns);
			next_ns += (5 + town_random() % 30) * 1000000;
			continue;
		}
		if (w->due_ns >= end)
			return;
		walk(w);
		if (!w->leg->new)
			w->leg = NULL;
	}
}

/* ---- a crowd: many connections that stay, others that come and go, for measurements ---- */

static void crowd_event(uint64_t number, uint64_t time_ns, uint8_t old, uint8_t new, uint8_t cause)
{
	static struct tcpfsm_event ev;
	uint32_t peer = (uint32_t)(number * 2654435761u);

	if (!ev.size) {
		ev = usual();
		ev.size = 160;
	}
	ev.time_ns = time_ns;
	ev.id = 0x1000 + number;
	ev.old = old;
	ev.new = new;
	ev.cause = cause;
	ev.dwell_ns = old == TCPFSM_CLOSE ? TCPFSM_UNKNOWN_DWELL : 1000 * (number % 100000);
	ev.raddr[2] = (uint8_t)(peer >> 8);
	ev.raddr[3] = (uint8_t)peer;
	ev.lport = (uint16_t)(1024 + number % 64000);
	ev.pid = (uint32_t)(400 + number % 200);
	put_event(&ev);
}

/*
 * Write @conns connections in the first second, which stay. Then the oldest ones make place for
 * new ones for @seconds, with @rate events a second: two for each that goes, and two for each
 * that comes.
 */
static void crowd(uint64_t conns, uint64_t rate, uint64_t seconds)
{
	uint64_t start = 100000000000ull, i, now, first = 0, last = 0;

	for (i = 0; i < conns; i++) {
		now = start + i * 500000000 / conns;
		crowd_event(last, now, TCPFSM_CLOSE, TCPFSM_SYN_SENT, TCPFSM_C_OPEN);
		crowd_event(last++, now, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED, TCPFSM_C_RCV_SYNACK);
	}
	for (i = 0; i < seconds * rate / 4; i++) {
		now = start + 1000000000 + i * 4000000000ull / rate;
		crowd_event(first, now, TCPFSM_ESTABLISHED, TCPFSM_FIN_WAIT1, TCPFSM_C_CLOSE);
		crowd_event(first++, now, TCPFSM_FIN_WAIT1, TCPFSM_CLOSE, TCPFSM_C_RCV_RST);
		crowd_event(last, now, TCPFSM_CLOSE, TCPFSM_SYN_SENT, TCPFSM_C_OPEN);
		crowd_event(last++, now, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED, TCPFSM_C_RCV_SYNACK);
	}
}

/* ---- what must be refused ---- */

static void impossible_size(size_t size)
{
	struct tcpfsm_event ev = usual();

	put_event(&ev);
	put_number(size, 2);
	put_number(1, 2);
	put_number(TCPFSM_REC_EVENT, 2);
	put_filler(4000);
	write_out(fill);
}

static void size_zero(void)
{
	impossible_size(0);
}

static void size_odd(void)
{
	impossible_size(161);
}

static void size_huge(void)
{
	impossible_size(65528);
}

static void size_short(void)
{
	impossible_size(152);
}

static void lost_short(void)
{
	struct tcpfsm_event loss = loss_of(3);

	put_record(&loss, 16);
}

static void version_zero(void)
{
	struct tcpfsm_event ev = usual();

	ev.version = 0;
	put_event(&ev);
}

static const struct scenario {
	const char *name;
	void (*body)(void);
	struct head head;
} scenarios[] = {
	{ .name = "lifecycle", .body = lifecycle },
	{ .name = "states", .body = states },
	{ .name = "causes", .body = causes },
	{ .name = "flags", .body = flags },
	{ .name = "addresses", .body = addresses },
	{ .name = "unknown", .body = unknown },
	{ .name = "generations", .body = generations },
	{ .name = "dwell", .body = dwell },
	{ .name = "times", .body = times },
	{ .name = "comms", .body = comms },
	{ .name = "extremes", .body = extremes },
	{ .name = "lost", .body = lost },
	{ .name = "strange", .body = strange },
	{ .name = "newer", .body = newer },
	{ .name = "nothing", .body = nothing },
	{ .name = "long-header", .body = lifecycle, .head = { .size = 256 } },
	/* The recordings from here on have to be refused. */
	{ .name = "bad-magic", .body = lifecycle, .head = { .magic = "tcpfsm\n\n" } },
	{ .name = "bad-order", .body = lifecycle, .head = { .byte_order = 0x01020403 } },
	{ .name = "bad-format", .body = lifecycle, .head = { .format = 2 } },
	{ .name = "bad-header-short", .body = lifecycle, .head = { .size = 176 } },
	{ .name = "bad-header-odd", .body = lifecycle, .head = { .size = 190 } },
	{ .name = "bad-header-huge", .body = lifecycle, .head = { .size = 4104 } },
	{ .name = "bad-size-zero", .body = size_zero },
	{ .name = "bad-size-odd", .body = size_odd },
	{ .name = "bad-size-huge", .body = size_huge },
	{ .name = "bad-size-short", .body = size_short },
	{ .name = "bad-lost-short", .body = lost_short },
	{ .name = "bad-version-zero", .body = version_zero },
};

static int list(void)
{
	size_t i;

	for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		puts(scenarios[i].name);
	return 0;
}

/* Read the numbers behind a name; missing ones are 0. */
static uint64_t number(char **args, int i)
{
	int j;

	for (j = 0; j <= i; j++)
		if (!args[j])
			return 0;
	return strtoull(args[i], NULL, 10);
}

static int generate(const char *name, char **args)
{
	struct head head = good_head;
	size_t i;

	if (args[0]) {
		put_header(&head);
		if (!strcmp(name, "many"))
			many(number(args, 0));
		else if (!strcmp(name, "town"))
			town(number(args, 0));
		else if (!strcmp(name, "crowd"))
			crowd(number(args, 0), number(args, 1), number(args, 2));
		return 0;
	}
	for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		const struct scenario *scenario = &scenarios[i];

		if (strcmp(scenario->name, name))
			continue;
		if (scenario->head.magic)
			head.magic = scenario->head.magic;
		if (scenario->head.byte_order)
			head.byte_order = scenario->head.byte_order;
		if (scenario->head.format)
			head.format = scenario->head.format;
		if (scenario->head.size)
			head.size = scenario->head.size;
		put_header(&head);
		scenario->body();
		return 0;
	}
	fprintf(stderr, "gen: no scenario %s\n", name);
	return 2;
}

int main(int argc, char **argv)
{
	int i = 1;

	if (argc > 1 && !strcmp(argv[1], "--list"))
		return list();
	if (i < argc && !strcmp(argv[i], "--swap")) {
		big_endian = !big_endian;
		i++;
	}
	if (i + 1 < argc && !strcmp(argv[i], "--tail")) {
		tail = (unsigned int)strtoul(argv[i + 1], NULL, 10);
		i += 2;
	}
	if (i + 1 < argc && !strcmp(argv[i], "--cgroup")) {
		cgroup = strtoull(argv[i + 1], NULL, 10);
		i += 2;
	}
	if (i >= argc) {
		fputs("usage: gen [--swap] [--tail N] [--cgroup N] SCENARIO [COUNT...] | --list\n",
		      stderr);
		return 2;
	}
	i = generate(argv[i], argv + i + 1);
	if (fflush(stdout)) {
		perror("gen: write");
		return 1;
	}
	return i;
}
