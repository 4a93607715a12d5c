// SPDX-License-Identifier: GPL-2.0
/*
 * model_test.c - tests of the connection model, of its history, its rates and its baseline
 *
 * The model is compared with one that is too simple to be wrong: an array of states. The
 * baseline is taken from the kernel of this machine, with sockets that the test makes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "model/baseline.h"
#include "model/conns.h"
#include "model/history.h"
#include "model/listeners.h"
#include "model/rates.h"
#include "random.h"
#include "tap.h"

#define SECOND 1000000000ull

static struct tcpfsm_event event(uint64_t id, unsigned int from, unsigned int to, uint64_t time_ns)
{
	struct tcpfsm_event ev = {
		.type = TCPFSM_REC_EVENT,
		.id = id,
		.old = (uint8_t)from,
		.new = (uint8_t)to,
		.cause = TCPFSM_C_RCV_ACK,
		.time_ns = time_ns,
		.dwell_ns = TCPFSM_UNKNOWN_DWELL,
		.gen = 1,
		.netns = 7,
		.uid = 1000,
		.family = AF_INET,
		.laddr = { 127, 0, 0, 1 },
		.raddr = { 192, 0, 2, 1 },
		.lport = (uint16_t)(id % 60000 + 1),
		.rport = 80,
	};

	return ev;
}

static void apply(struct fsm_model *model, const struct tcpfsm_event *ev)
{
	struct fsm_undo undo;

	fsm_model_apply(model, ev, &undo);
}

static void step(struct fsm_model *model, uint64_t id, unsigned int from, unsigned int to)
{
	struct tcpfsm_event ev = event(id, from, to, SECOND);

	apply(model, &ev);
}

static uint32_t sum(const struct fsm_model *model)
{
	uint32_t n = 0;
	unsigned int state;

	for (state = 0; state < TCPFSM_NR_STATES; state++)
		n += model->population[state];
	return n;
}

/* ---- model ---- */

static void test_a_life_from_syn_to_the_end(void)
{
	static const uint8_t walk[] = { TCPFSM_CLOSE,	  TCPFSM_SYN_SENT,  TCPFSM_ESTABLISHED,
					TCPFSM_FIN_WAIT1, TCPFSM_FIN_WAIT2, TCPFSM_TIME_WAIT };
	struct fsm_model model;
	size_t i;

	fsm_model_init(&model);
	for (i = 1; i < sizeof(walk); i++) {
		step(&model, 5, walk[i - 1], walk[i]);
		check(model.population[walk[i]] == 1 && sum(&model) == 1 && model.nr == 1);
	}
	step(&model, 5, TCPFSM_TIME_WAIT, TCPFSM_CLOSE);
	check(model.nr == 0 && sum(&model) == 0 && fsm_conns_find(&model, 5) == FSM_NONE);
	check(model.adopted == 0 && model.surprises == 0);
	fsm_model_free(&model);
}

static void test_a_connection_is_known_from_any_event_on(void)
{
	struct fsm_model model;

	fsm_model_init(&model);
	step(&model, 5, TCPFSM_ESTABLISHED, TCPFSM_CLOSE_WAIT);
	check(model.population[TCPFSM_CLOSE_WAIT] == 1 && model.adopted == 1);
	/* Lost events in between do not matter. */
	step(&model, 5, TCPFSM_FIN_WAIT2, TCPFSM_TIME_WAIT);
	check(model.population[TCPFSM_TIME_WAIT] == 1 && model.surprises == 1);
	/* The end of an unknown connection changes nothing. */
	step(&model, 6, TCPFSM_TIME_WAIT, TCPFSM_CLOSE);
	check(model.nr == 1);
	/* A state that does not exist changes nothing either. */
	step(&model, 5, TCPFSM_TIME_WAIT, 200);
	check(model.population[TCPFSM_TIME_WAIT] == 1);
	fsm_model_free(&model);
}

#define IDS   3000
#define STEPS 60000

static bool same_as(const struct fsm_model *model, const uint8_t *states, const uint64_t *since)
{
	uint32_t population[TCPFSM_NR_STATES] = { 0 };
	uint64_t id;

	for (id = 0; id < IDS; id++) {
		uint32_t slot = fsm_conns_find(model, id + 1);

		bool is_there = slot != FSM_NONE;

		if (is_there != !!states[id])
			return false;
		if (!is_there)
			continue;
		if (model->state[slot] != states[id] || model->since[slot] != since[id])
			return false;
		population[states[id]]++;
	}
	return !memcmp(population, model->population, sizeof(population));
}

/* Apply one event after the other, and undo all: at each mark the model is as it was. */
static void test_any_events_and_their_undoing(void)
{
	static struct fsm_past past[STEPS];
	static uint8_t states[STEPS / 1000][IDS], now[IDS];
	static uint64_t since[STEPS / 1000][IDS], now_since[IDS];
	struct fsm_model model;
	size_t i;

	fsm_model_init(&model);
	for (i = 0; i < STEPS; i++) {
		uint64_t id = random_u64() % IDS;
		unsigned int to = 1 + (unsigned int)(random_u64() % (TCPFSM_NR_STATES - 1));

		if (i % 1000 == 0) {
			memcpy(states[i / 1000], now, sizeof(now));
			memcpy(since[i / 1000], now_since, sizeof(now_since));
		}
		past[i].ev = event(id + 1, now[id] ? now[id] : TCPFSM_CLOSE, to, i + 1);
		fsm_model_apply(&model, &past[i].ev, &past[i].undo);
		now[id] = to == TCPFSM_CLOSE ? 0 : (uint8_t)to;
		now_since[id] = i + 1;
	}
	check(same_as(&model, now, now_since));
	check(model.surprises == 0 && model.adopted == 0);
	while (i--) {
		fsm_model_undo(&model, &past[i].ev, &past[i].undo);
		if (i % 1000 == 0)
			check(same_as(&model, states[i / 1000], since[i / 1000]));
	}
	check(model.nr == 0 && model.nr_listeners == 0);
	fsm_model_free(&model);
}

static void test_a_million_connections_take_little(void)
{
	struct fsm_model model;
	uint64_t bytes, id;

	fsm_model_init(&model);
	for (id = 1; id <= 1000000; id++)
		step(&model, id * 3, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED);
	check(model.nr == 1000000 && model.refused == 0);
	bytes = model.size * (sizeof(*model.conns) + sizeof(*model.since) + 1ull) +
		(sizeof(*model.index) << model.index_bits);
	tap_note("%.1f bytes a connection", (double)bytes / 1e6);
	check(bytes / 1000000 <= 256);
	for (id = 1; id <= 1000000; id++)
		step(&model, id * 3, TCPFSM_ESTABLISHED, TCPFSM_CLOSE);
	check(model.nr == 0);
	fsm_model_free(&model);
}

static void test_owners(void)
{
	struct tcpfsm_event ev = event(1, TCPFSM_CLOSE, TCPFSM_LISTEN, SECOND);
	struct fsm_model model;
	uint32_t slot;

	fsm_model_init(&model);
	memset(ev.laddr, 0, 16);
	memset(ev.raddr, 0, 16);
	ev.lport = 80;
	ev.rport = 0;
	ev.pid = 77;
	strcpy(ev.comm, "server");
	apply(&model, &ev);

	/* A connection that came in has the owner of its listener, until another one is seen. */
	ev = event(2, TCPFSM_LISTEN, TCPFSM_SYN_RECV, SECOND);
	ev.lport = 80;
	apply(&model, &ev);
	slot = fsm_conns_find(&model, 2);
	check(model.conns[slot].pid == 77 && !strcmp(model.conns[slot].comm, "server"));
	check(model.conns[slot].flags & FSM_CONN_INHERITED);
	ev = event(2, TCPFSM_CLOSE_WAIT, TCPFSM_LAST_ACK, 2 * SECOND);
	ev.lport = 80;
	ev.pid = 78;
	strcpy(ev.comm, "worker");
	apply(&model, &ev);
	check(model.conns[slot].pid == 78 && !strcmp(model.conns[slot].comm, "worker"));
	check(!(model.conns[slot].flags & FSM_CONN_INHERITED));
	fsm_model_free(&model);
}

static struct tcpfsm_event request(uint64_t id, unsigned int to, unsigned int port)
{
	struct tcpfsm_event ev =
		event(id, to == TCPFSM_SYN_RECV ? TCPFSM_LISTEN : TCPFSM_SYN_RECV, to, SECOND);

	ev.lport = (uint16_t)port;
	return ev;
}

static void test_listeners_and_their_requests(void)
{
	struct tcpfsm_event any = event(1, TCPFSM_CLOSE, TCPFSM_LISTEN, SECOND), one = any, ev;
	struct fsm_model model;
	struct fsm_undo undo;

	fsm_model_init(&model);
	any.lport = 80;
	memset(any.laddr, 0, 16);
	one.id = 2;
	one.lport = 80;
	apply(&model, &any);
	apply(&model, &one);
	/* The listener of just that address gets the request. */
	ev = request(10, TCPFSM_SYN_RECV, 80);
	apply(&model, &ev);
	check(fsm_listeners_find(&model, 2)->requests == 1);
	ev.laddr[3] = 9;
	ev.id = 11;
	apply(&model, &ev);
	check(fsm_listeners_find(&model, 1)->requests == 1);
	/* A listener of another port or another network does not get it. */
	ev.lport = 81;
	ev.id = 12;
	apply(&model, &ev);
	check(!fsm_listeners_find_for(&model, &model.conns[fsm_conns_find(&model, 12)]));
	ev.netns = 8;
	ev.lport = 80;
	ev.id = 13;
	apply(&model, &ev);
	check(fsm_listeners_find(&model, 1)->requests == 1);

	ev = request(10, TCPFSM_CLOSE, 80);
	ev.cause = TCPFSM_C_SYNACK_TIMEOUT;
	fsm_model_apply(&model, &ev, &undo);
	check(fsm_listeners_find(&model, 2)->failed[TCPFSM_C_SYNACK_TIMEOUT] == 1);
	fsm_model_undo(&model, &ev, &undo);
	check(fsm_listeners_find(&model, 2)->failed[TCPFSM_C_SYNACK_TIMEOUT] == 0);
	ev = request(10, TCPFSM_ESTABLISHED, 80);
	ev.flags = TCPFSM_F_SYNCOOKIE;
	apply(&model, &ev);
	check(fsm_listeners_find(&model, 2)->completed == 1);
	check(fsm_listeners_find(&model, 2)->cookies == 1);

	/* It can be found also after the one before it in the list has gone. */
	step(&model, 1, TCPFSM_LISTEN, TCPFSM_CLOSE);
	check(model.nr_listeners == 1 && fsm_listeners_find(&model, 2)->requests == 1);
	fsm_model_free(&model);
}

/* A socket of IPv6 that takes everything takes IPv4, too. */
static void test_a_listener_of_both_families(void)
{
	struct tcpfsm_event ev = event(1, TCPFSM_CLOSE, TCPFSM_LISTEN, SECOND);
	struct fsm_model model;

	fsm_model_init(&model);
	ev.family = AF_INET6;
	ev.lport = 80;
	memset(ev.laddr, 0, 16);
	apply(&model, &ev);
	ev = request(2, TCPFSM_SYN_RECV, 80);
	apply(&model, &ev);
	check(fsm_listeners_find(&model, 1)->requests == 1);
	fsm_model_free(&model);
}

static void test_a_filter_hides_and_shows(void)
{
	struct tcpfsm_filter_error error;
	struct tcpfsm_filter filter;
	struct fsm_model model;
	uint64_t id;

	fsm_model_init(&model);
	for (id = 1; id <= 100; id++)
		step(&model, id, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED);
	tcpfsm_filter_parse(&filter, "lport=11-20 state=ESTABLISHED,FIN_WAIT1", &error);
	fsm_model_set_filter(&model, &filter);
	check(model.population[TCPFSM_ESTABLISHED] == 10 && model.nr == 100);
	step(&model, 12, TCPFSM_ESTABLISHED, TCPFSM_FIN_WAIT1);
	step(&model, 50, TCPFSM_ESTABLISHED, TCPFSM_FIN_WAIT1);
	check(model.population[TCPFSM_ESTABLISHED] == 9);
	check(model.population[TCPFSM_FIN_WAIT1] == 1);
	step(&model, 12, TCPFSM_FIN_WAIT1, TCPFSM_FIN_WAIT2);
	check(sum(&model) == 9);
	step(&model, 13, TCPFSM_ESTABLISHED, TCPFSM_CLOSE);
	step(&model, 51, TCPFSM_ESTABLISHED, TCPFSM_CLOSE);
	check(sum(&model) == 8 && model.nr == 98);
	tcpfsm_filter_parse(&filter, "", &error);
	fsm_model_set_filter(&model, &filter);
	check(sum(&model) == 98);
	fsm_model_free(&model);
}

/* ---- baseline ---- */

static void test_what_was_not_found_is_not_there(void)
{
	static const uint32_t netns[] = { 7 };
	struct fsm_conn conn = { .id = 3, .netns = 7, .gen = 1, .family = AF_INET, .lport = 9 };
	struct tcpfsm_event elsewhere = event(4, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED, SECOND);
	struct fsm_model model;
	uint32_t slot;

	fsm_model_init(&model);
	step(&model, 1, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED);
	step(&model, 2, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED);
	elsewhere.netns = 8;
	apply(&model, &elsewhere);

	fsm_baseline_unmark(&model);
	slot = fsm_baseline_adopt(&model, &conn, TCPFSM_LISTEN, 5 * SECOND);
	check(model.conns[slot].flags & FSM_CONN_AT_LEAST && model.since[slot] == 5 * SECOND);
	check(model.nr_listeners == 1);
	/* Events are newer than the baseline. */
	conn.id = 2;
	check(fsm_baseline_adopt(&model, &conn, TCPFSM_SYN_SENT, 5 * SECOND) != FSM_NONE);
	check(model.population[TCPFSM_ESTABLISHED] == 3);
	fsm_baseline_drop_unmarked(&model, netns, 1);
	check(fsm_conns_find(&model, 1) == FSM_NONE);
	check(model.population[TCPFSM_ESTABLISHED] == 2 && model.nr == 3);
	/* The second baseline changes nothing. */
	fsm_baseline_unmark(&model);
	conn.id = 3;
	fsm_baseline_adopt(&model, &conn, TCPFSM_LISTEN, 6 * SECOND);
	check(model.nr_listeners == 1 && model.since[slot] == 5 * SECOND);
	fsm_model_free(&model);
}

static uint64_t cookie(int fd)
{
	uint64_t id = 0;
	socklen_t len = sizeof(id);

	check(getsockopt(fd, SOL_SOCKET, SO_COOKIE, &id, &len) == 0);
	return id;
}

static bool is_mine(const struct fsm_model *model, int fd, unsigned int state)
{
	uint32_t slot = fsm_conns_find(model, cookie(fd));

	if (slot == FSM_NONE)
		return false;
	return model->state[slot] == state && model->conns[slot].pid == (uint32_t)getpid() &&
	       !strcmp(model->conns[slot].comm, program_invocation_short_name) &&
	       model->conns[slot].uid == getuid();
}

/* Wait for a state: the ACK of the FIN may be delayed. */
static void wait_for_state(int fd, unsigned int state)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);
	int tries = 0;

	while (!getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) && info.tcpi_state != state &&
	       tries++ < 10000)
		usleep(5000);
	check(info.tcpi_state == state);
}

/* Sockets of this process, as the kernel shows them. */
static void test_the_kernel_tells_of_sockets(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(addr);
	int listener = socket(AF_INET, SOCK_STREAM, 0), client, server, waiting;
	struct pollfd queue = { .fd = listener, .events = POLLIN };
	struct fsm_model model;
	struct fsm_listener *l;
	char missing[FSM_NAMESPACES_WHY];
	uint32_t slot;

	check(bind(listener, (struct sockaddr *)&addr, len) == 0 && listen(listener, 5) == 0);
	check(getsockname(listener, (struct sockaddr *)&addr, &len) == 0);
	client = socket(AF_INET, SOCK_STREAM, 0);
	check(connect(client, (struct sockaddr *)&addr, len) == 0);
	server = accept(listener, NULL, NULL);
	waiting = socket(AF_INET, SOCK_STREAM, 0);
	check(connect(waiting, (struct sockaddr *)&addr, len) == 0);
	/* The client is connected before the listener has the other end. */
	check(poll(&queue, 1, 60000) == 1);
	check(shutdown(client, SHUT_WR) == 0);
	wait_for_state(client, TCPFSM_FIN_WAIT2);

	fsm_model_init(&model);
	if (!check(fsm_baseline_take(&model, SECOND, missing) == 0))
		tap_note("inet_diag does not answer");
	check(is_mine(&model, listener, TCPFSM_LISTEN));
	check(is_mine(&model, client, TCPFSM_FIN_WAIT2));
	check(is_mine(&model, server, TCPFSM_CLOSE_WAIT));
	check(is_mine(&model, waiting, TCPFSM_ESTABLISHED));
	slot = fsm_conns_find(&model, cookie(server));
	check(slot != FSM_NONE && model.conns[slot].lport == ntohs(addr.sin_port));
	check(slot != FSM_NONE &&
	      fsm_model_peer(&model, slot) == fsm_conns_find(&model, cookie(client)));
	l = fsm_listeners_find(&model, cookie(listener));
	check(l && l->has_queue && l->queue == 1 && l->backlog == 5);

	close(waiting);
	close(accept(listener, NULL, NULL));
	check(fsm_baseline_queues(&model) == 0 && l->queue == 0);
	close(client);
	close(server);
	check(fsm_baseline_take(&model, 2 * SECOND, missing) == 0);
	check(fsm_conns_find(&model, cookie(listener)) != FSM_NONE);
	close(listener);
	fsm_model_free(&model);
}

/* ---- history ---- */

static void test_history_goes_back_and_forth(void)
{
	struct fsm_history history;
	struct fsm_model model;
	uint64_t i;

	fsm_model_init(&model);
	fsm_history_init(&history, 64);
	for (i = 1; i <= 50; i++) {
		struct tcpfsm_event ev = event(i, TCPFSM_CLOSE, TCPFSM_SYN_SENT, i * SECOND);

		fsm_history_put(&history, &model, &ev);
	}
	check(model.nr == 0);
	fsm_history_end(&history, &model);
	check(model.nr == 50);
	fsm_history_go(&history, &model, 20 * SECOND);
	check(model.nr == 20);
	fsm_history_go(&history, &model, 21 * SECOND - 1);
	check(model.nr == 20);
	fsm_history_go(&history, &model, 0);
	check(model.nr == 0);
	fsm_history_go(&history, &model, 35 * SECOND);
	check(model.nr == 35);
	fsm_history_end(&history, &model);
	check(model.nr == 50);
	fsm_history_free(&history);
	fsm_model_free(&model);
}

/* If more events come than are kept while time stands still, the model has to follow. */
static void test_history_is_bounded(void)
{
	struct fsm_history history;
	struct fsm_model model;
	uint64_t i;

	fsm_model_init(&model);
	fsm_history_init(&history, 64);
	for (i = 1; i <= 1000; i++) {
		struct tcpfsm_event ev = event(i, TCPFSM_CLOSE, TCPFSM_SYN_SENT, i * SECOND);

		fsm_history_put(&history, &model, &ev);
	}
	check(history.head - history.tail == 64 && model.nr == 1000 - 64);
	fsm_history_go(&history, &model, 0);
	check(model.nr == 1000 - 64);
	fsm_history_end(&history, &model);
	check(model.nr == 1000);
	fsm_history_go(&history, &model, 950 * SECOND);
	check(model.nr == 950);
	fsm_history_free(&history);
	fsm_model_free(&model);
}

/* ---- rates ---- */

static void count(struct fsm_rates *rates, unsigned int from, unsigned int to, uint64_t time_ns,
		  uint64_t dwell_ns, unsigned int flags)
{
	struct tcpfsm_event ev = event(1, from, to, time_ns);

	ev.dwell_ns = dwell_ns;
	ev.flags = (uint16_t)flags;
	fsm_rates_count(rates, &ev);
}

static void test_rates_of_the_last_seconds(void)
{
	struct fsm_rates rates;
	struct fsm_second s;
	unsigned int i;

	fsm_rates_init(&rates);
	fsm_rates_start(&rates, 100 * SECOND);
	/* Second 100 + i has i events. */
	for (i = 0; i < 10; i++) {
		unsigned int n = i;

		while (n--)
			count(&rates, TCPFSM_CLOSE, TCPFSM_SYN_SENT, (100 + i) * SECOND + n,
			      TCPFSM_UNKNOWN_DWELL, 0);
	}
	/* The running second is not over, and does not count. */
	fsm_rates_sum(&rates, 109 * SECOND + SECOND / 2, 3, &s);
	check(s.events == 8 + 7 + 6 && s.edge[TCPFSM_CLOSE][TCPFSM_SYN_SENT] == 21);
	check(fsm_rates_window(&rates, 109 * SECOND) == 3);
	/* Nothing was counted before the first event. */
	fsm_rates_sum(&rates, 102 * SECOND, 3, &s);
	check(s.events == 1 && fsm_rates_window(&rates, 102 * SECOND) == 2);
	check(fsm_rates_window(&rates, 100 * SECOND) == 1);
	/* Nothing is left of them long afterwards. */
	fsm_rates_sum(&rates, 5000 * SECOND, 3, &s);
	check(s.events == 0);
	check(rates.total[TCPFSM_CLOSE][TCPFSM_SYN_SENT] == 45);
	fsm_rates_free(&rates);
}

static void test_two_steps_are_one_edge(void)
{
	struct fsm_rates rates;
	struct fsm_second s;

	fsm_rates_init(&rates);
	fsm_rates_start(&rates, SECOND);
	count(&rates, TCPFSM_FIN_WAIT1, TCPFSM_FIN_WAIT2, SECOND, 0, 0);
	count(&rates, TCPFSM_FIN_WAIT1, TCPFSM_FIN_WAIT2, SECOND, 0, 0);
	count(&rates, TCPFSM_FIN_WAIT2, TCPFSM_TIME_WAIT, SECOND, 0, TCPFSM_F_FINACK);
	fsm_rates_sum(&rates, 2 * SECOND, 1, &s);
	check(fsm_second_edge(&s, TCPFSM_FIN_WAIT1, TCPFSM_TIME_WAIT) == 1);
	check(fsm_second_edge(&s, TCPFSM_FIN_WAIT1, TCPFSM_FIN_WAIT2) == 1);
	check(fsm_second_edge(&s, TCPFSM_FIN_WAIT2, TCPFSM_TIME_WAIT) == 0);
	fsm_rates_free(&rates);
}

static int compare_numbers(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The percentile is the true one, or up to a quarter more. */
static void test_percentiles(void)
{
	static uint64_t us[5001];
	const size_t nr = sizeof(us) / sizeof(us[0]);
	struct fsm_rates rates;
	unsigned int percent;
	uint64_t told;
	size_t i;

	fsm_rates_init(&rates);
	check(!fsm_rates_dwell(&rates, SECOND, TCPFSM_LAST_ACK, 50, &told));
	for (i = 0; i < nr; i++) {
		us[i] = random_u64() >> (30 + random_u64() % 34);
		count(&rates, TCPFSM_LAST_ACK, TCPFSM_CLOSE, SECOND, us[i] * 1000, 0);
	}
	qsort(us, nr, sizeof(us[0]), compare_numbers);
	for (percent = 1; percent <= 100; percent++) {
		uint64_t truth = us[(nr * percent + 99) / 100 - 1];

		check(fsm_rates_dwell(&rates, SECOND, TCPFSM_LAST_ACK, percent, &told));
		check(told >= truth && told <= truth + truth / 4);
	}
	/* A quarter of an hour later they are forgotten. */
	check(fsm_rates_dwell(&rates, 15 * 60 * SECOND, TCPFSM_LAST_ACK, 50, &told));
	check(!fsm_rates_dwell(&rates, 17 * 60 * SECOND, TCPFSM_LAST_ACK, 50, &told));
	fsm_rates_free(&rates);
}

static void test_how_many_there_were(void)
{
	uint32_t past[5];
	struct fsm_rates rates;

	fsm_rates_init(&rates);
	fsm_rates_start(&rates, 100 * SECOND);
	count(&rates, TCPFSM_CLOSE, TCPFSM_SYN_SENT, 101 * SECOND, 0, 0);
	count(&rates, TCPFSM_CLOSE, TCPFSM_SYN_SENT, 102 * SECOND, 0, 0);
	count(&rates, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED, 103 * SECOND, 0, 0);
	fsm_rates_history(&rates, 104 * SECOND, TCPFSM_SYN_SENT, 6, past, 5);
	check(past[0] == 5 && past[1] == 6 && past[2] == 7 && past[3] == 6 && past[4] == 6);
	/* A request does not take its listener away. */
	count(&rates, TCPFSM_LISTEN, TCPFSM_SYN_RECV, 104 * SECOND, 0, 0);
	fsm_rates_history(&rates, 104 * SECOND, TCPFSM_LISTEN, 1, past, 5);
	check(past[0] == 1 && past[4] == 1);
	fsm_rates_free(&rates);
}

#define RUN(name) tap_test(test_##name, "model: " #name)

int main(void)
{
	RUN(a_life_from_syn_to_the_end);
	RUN(a_connection_is_known_from_any_event_on);
	RUN(any_events_and_their_undoing);
	RUN(a_million_connections_take_little);
	RUN(owners);
	RUN(listeners_and_their_requests);
	RUN(a_listener_of_both_families);
	RUN(a_filter_hides_and_shows);
	RUN(what_was_not_found_is_not_there);
	RUN(the_kernel_tells_of_sockets);
	RUN(history_goes_back_and_forth);
	RUN(history_is_bounded);
	RUN(rates_of_the_last_seconds);
	RUN(two_steps_are_one_edge);
	RUN(percentiles);
	RUN(how_many_there_were);
	return tap_failed_tests != 0;
}
