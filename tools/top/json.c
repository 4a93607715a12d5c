// SPDX-License-Identifier: GPL-2.0
/*
 * json.c - what a view shows, for programs, one object each time
 */
#include "json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/digits.h"
#include "base/utf8.h"
#include "format.h"
#include "model/conns.h"
#include "model/limits.h"
#include "out/fields.h"
#include "table.h"

#define STYLE (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

/* Bytes that go out at once. */
#define PIECE (32 * 1024)

static void add(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static void add_number(struct json_object *object, const char *key, uint64_t n)
{
	add(object, key, json_object_new_uint64(n));
}

/* Write three decimals; more would be noise. */
static void add_rate(struct json_object *object, const char *key, double rate)
{
	char text[32];

	snprintf(text, sizeof(text), "%.3f", rate);
	add(object, key, json_object_new_double_s(rate, text));
}

static void add_seconds(struct json_object *object, const char *key, uint64_t ns)
{
	char text[32];

	*fsm_put_seconds(text, ns, 1) = '\0';
	add(object, key, json_object_new_double_s((double)ns / 1e9, text));
}

static void add_endpoint(struct json_object *object, const struct fsm_conn *conn, bool local)
{
	char addr[FORMAT_ENDPOINT];

	format_address(addr, conn->family, local ? conn->laddr : conn->raddr);
	add(object, local ? "laddr" : "raddr", json_object_new_string(addr));
	add_number(object, local ? "lport" : "rport", local ? conn->lport : conn->rport);
}

static void add_owner(struct json_object *object, const struct fsm_conn *conn)
{
	char comm[3 * TCPFSM_COMM_LEN + 1];

	add(object, "pid", conn->pid ? json_object_new_int64(conn->pid) : NULL);
	*fsm_utf8_clean(comm, conn->comm, strnlen(conn->comm, sizeof(conn->comm))) = '\0';
	add(object, "comm", conn->pid ? json_object_new_string(comm) : NULL);
	add(object, "uid",
	    conn->uid == TCPFSM_UNKNOWN_UID ? NULL : json_object_new_int64(conn->uid));
	add(object, "cgroup", conn->cgroup ? json_object_new_uint64(conn->cgroup) : NULL);
	add_number(object, "netns", conn->netns);
}

static void add_id(struct json_object *object, uint64_t id)
{
	char text[17];

	*fsm_put_hex(text, id) = '\0';
	add(object, "id", json_object_new_string(text));
}

/* ---- what every object has ---- */

static struct json_object *dwell(const struct top *top, unsigned int state, unsigned int percent)
{
	uint64_t us;

	if (!fsm_rates_dwell(&top->rates, top->now_ns, state, percent, &us))
		return NULL;
	return json_object_new_uint64(us);
}

static struct json_object *states(const struct top *top)
{
	struct json_object *all = json_object_new_object();
	uint32_t stuck[TCPFSM_NR_STATES];
	unsigned int i;

	fsm_count_stuck(&top->model, top->now_ns, stuck);
	for (i = 0; i < TCPFSM_NR_STATES - 1; i++) {
		unsigned int state = format_state_order[i];
		struct json_object *one = json_object_new_object();

		add_number(one, "count", top->model.population[state]);
		add_number(one, "stuck", stuck[state]);
		add(one, "p50_us", dwell(top, state, 50));
		add(one, "p99_us", dwell(top, state, 99));
		add(all, tcpfsm_state_name(state), one);
	}
	return all;
}

static struct json_object *transition(const struct top *top, const struct fsm_second *sum,
				      unsigned int from, unsigned int to)
{
	unsigned int window = fsm_rates_window(&top->rates, top->now_ns);
	struct json_object *one = json_object_new_object();

	add(one, "old", json_object_new_string(tcpfsm_state_name(from)));
	add(one, "new", json_object_new_string(tcpfsm_state_name(to)));
	add_number(one, "total", top->rates.total[from][to]);
	add_rate(one, "per_s", (double)sum->edge[from][to] / window);
	return one;
}

static struct json_object *transitions(const struct top *top, const struct fsm_second *sum)
{
	struct json_object *all = json_object_new_array();
	unsigned int from, to;

	for (from = 0; from < TCPFSM_NR_STATES; from++)
		for (to = 0; to < TCPFSM_NR_STATES; to++)
			if (top->rates.total[from][to])
				json_object_array_add(all, transition(top, sum, from, to));
	return all;
}

static struct json_object *causes(const struct top *top, const struct fsm_second *sum)
{
	unsigned int window = fsm_rates_window(&top->rates, top->now_ns), cause;
	struct json_object *all = json_object_new_object();

	for (cause = 0; cause < TCPFSM_NR_CAUSES; cause++) {
		struct json_object *one;

		if (!top->rates.total_cause[cause])
			continue;
		one = json_object_new_object();
		add_number(one, "total", top->rates.total_cause[cause]);
		add_rate(one, "per_s", (double)sum->cause[cause] / window);
		add(all, tcpfsm_cause_name(cause), one);
	}
	return all;
}

/* ---- what only some views have ---- */

static struct json_object *connection(struct top *top, uint32_t slot)
{
	const struct fsm_model *model = &top->model;
	const struct fsm_conn *conn = &model->conns[slot];
	struct json_object *one = json_object_new_object();
	uint64_t since = model->since[slot];

	add_id(one, conn->id);
	add_number(one, "gen", conn->gen);
	add(one, "state", json_object_new_string(tcpfsm_state_name(model->state[slot])));
	add_number(one, "in_state_us", top->now_ns > since ? (top->now_ns - since) / 1000 : 0);
	add(one, "at_least", json_object_new_boolean(conn->flags & FSM_CONN_AT_LEAST));
	add(one, "stuck", json_object_new_boolean(fsm_is_stuck(&top->model, slot, top->now_ns)));
	add(one, "cause",
	    conn->cause ? json_object_new_string(tcpfsm_cause_name(conn->cause)) : NULL);
	add_endpoint(one, conn, true);
	add_endpoint(one, conn, false);
	add_owner(one, conn);
	return one;
}

static struct json_object *connections(struct top *top)
{
	struct json_object *all = json_object_new_array();
	uint32_t i;

	top->table.grouping = GROUP_NONE;
	table_fill(top, top->model.nr);
	for (i = 0; i < top->table.nr; i++)
		json_object_array_add(all, connection(top, top->table.picked[i].slot));
	return all;
}

static struct json_object *listener(struct top *top, const struct fsm_listener *l, uint32_t slot)
{
	struct json_object *one = json_object_new_object();
	struct json_object *failed = json_object_new_object();
	unsigned int cause;

	add_id(one, l->id);
	add_endpoint(one, &top->model.conns[slot], true);
	add_owner(one, &top->model.conns[slot]);
	add_number(one, "requests", l->requests);
	add_number(one, "completed", l->completed);
	add_number(one, "cookies", l->cookies);
	for (cause = 0; cause < TCPFSM_NR_CAUSES; cause++)
		if (l->failed[cause])
			add_number(failed, tcpfsm_cause_name(cause), l->failed[cause]);
	add(one, "failed", failed);
	add(one, "queue", l->has_queue ? json_object_new_uint64(l->queue) : NULL);
	add(one, "backlog", l->has_queue ? json_object_new_uint64(l->backlog) : NULL);
	return one;
}

static struct json_object *listeners(struct top *top)
{
	struct json_object *all = json_object_new_array();
	uint32_t i;

	for (i = 0; i < top->model.nr_listeners; i++) {
		const struct fsm_listener *l = &top->model.listeners[i];
		uint32_t slot = fsm_conns_find(&top->model, l->id);

		if (slot != FSM_NONE && top->model.conns[slot].flags & FSM_CONN_WANTED)
			json_object_array_add(all, listener(top, l, slot));
	}
	return all;
}

/**
 * json_frame() - write one line of JSON with what is known at this moment
 * @out: where to write
 * @top: top; the views of connections and of listeners add theirs
 *
 * Return: 0, or -1 without memory.
 */
int json_frame(struct fsm_output *out, struct top *top)
{
	struct json_object *frame = json_object_new_object();
	char host[3 * sizeof(top->host)];
	struct fsm_second sum;
	const char *text;
	size_t len;

	if (!frame)
		return -1;
	fsm_rates_sum(&top->rates, top->now_ns, FSM_RATES_WINDOW, &sum);
	add_seconds(frame, "time", top->now_ns);
	*fsm_utf8_clean(host, top->host, strlen(top->host)) = '\0';
	add(frame, "host", json_object_new_string(host));
	add_number(frame, "events", top->events);
	add(frame, "lost", top->lost_more ? NULL : json_object_new_uint64(top->lost));
	add(frame, "states", states(top));
	add(frame, "transitions", transitions(top, &sum));
	add(frame, "causes", causes(top, &sum));
	if (top->view == VIEW_CONNS)
		add(frame, "connections", connections(top));
	if (top->view == VIEW_LISTENERS)
		add(frame, "listeners", listeners(top));
	text = json_object_to_json_string_length(frame, STYLE, &len);
	for (; len > PIECE; text += PIECE, len -= PIECE)
		fsm_output_append(out, text, PIECE);
	fsm_output_append(out, text, len);
	fsm_output_append(out, "\n", 1);
	json_object_put(frame);
	return 0;
}
