// SPDX-License-Identifier: GPL-2.0
/*
 * churn_syn.c - handshakes that nobody means to complete
 */
#include <err.h>
#include <linux/membarrier.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "churn.h"

#define HOSTS	   250
#define FIRST_PORT 1024 /* below any ephemeral port: no real connection has it */
#define PORTS	   1024

struct syn {
	struct iphdr ip;
	struct tcphdr tcp;
};

static uint32_t sum16(const void *p, size_t len)
{
	const uint8_t *b = p;
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2)
		sum += b[i] << 8 | b[i + 1];
	return sum;
}

/* RFC 9293, section 3.1: over the pseudo header and the segment. */
static uint16_t tcp_checksum(const struct syn *s)
{
	uint32_t sum = sum16(&s->ip.saddr, 8) + IPPROTO_TCP + sizeof(s->tcp);

	sum += sum16(&s->tcp, sizeof(s->tcp));
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

static int raw_socket(struct churn_path *p)
{
	if (p->raw >= 0)
		return p->raw;
	churn_enter(p->client_ns);
	p->raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (p->raw < 0)
		err(2, "raw socket");
	return p->raw;
}

/**
 * churn_syn - have a listener of the present path get a lone SYN
 * @c: the process's work
 * @answering: from an address that will answer the SYN-ACK, with a reset; else
 *	from one that never does
 *
 * No two SYNs of a path have the same ends.
 */
void churn_syn(struct churn *c, bool answering)
{
	struct churn_path *p = c->path;
	struct in6_addr to = churn_destination(c, c->syns);
	uint32_t host = 1 + c->syns % HOSTS;
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct syn s = {
		.ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP },
		.tcp = { .syn = 1, .doff = 5, .window = htons(1024) },
	};

	churn_listen_forgetfully(c, p);
	memcpy(&s.ip.daddr, &to, sizeof(s.ip.daddr));
	s.ip.saddr = htonl(answering ? p->own : p->silent + (c->worker << 8) + host);
	s.ip.tot_len = htons(sizeof(s));
	s.tcp.source = htons(FIRST_PORT + c->syns / HOSTS % PORTS);
	s.tcp.dest = htons(p->forgetful_port);
	s.tcp.seq = htonl(churn_random(c, ~0u));
	s.tcp.check = tcp_checksum(&s);
	c->syns++;
	sin.sin_addr.s_addr = s.ip.daddr;
	if (sendto(raw_socket(p), &s, sizeof(s), 0, (struct sockaddr *)&sin, sizeof(sin)) !=
	    sizeof(s))
		err(2, "sending a SYN");
}

/* Packets that wait for some CPU to take them: the twelfth number of each CPU. */
static unsigned long waiting(void)
{
	FILE *f = fopen("/proc/net/softnet_stat", "re");
	unsigned long sum = 0;
	unsigned int n;
	int got;

	if (!f)
		err(2, "softnet_stat");
	while ((got = fscanf(f, "%*x %*x %*x %*x %*x %*x %*x %*x %*x %*x %*x %x%*[^\n]", &n)) == 1)
		sum += n;
	if (!feof(f))
		errx(2, "softnet_stat: not what it was");
	fclose(f);
	return sum;
}

/**
 * churn_syns_arrived - wait until each SYN that was sent has met its listener
 *
 * What is sent over lo or veth waits for its CPU when sendto() returns. A listener that
 * is closed before would make no request of it.
 */
void churn_syns_arrived(void)
{
	while (waiting())
		usleep(1000);
	/* The last one may be at the listener this moment; the kernel works on it under RCU. */
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		err(2, "membarrier");
}
