// SPDX-License-Identifier: GPL-2.0
/*
 * json.c - events as JSON Lines, one object an event, unknown values null
 */
#include "out/json.h"

#include <json-c/json.h>
#include <json-c/printbuf.h>

#include "base/digits.h"
#include "base/utf8.h"
#include "out/fields.h"

#define STYLE (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

/* The longest value is an array of all flags, of less than 200 bytes. */
#define TEXT_MAX_LEN 256

struct text {
	char text[TEXT_MAX_LEN];
	size_t len;
};

/*
 * There is one object as long as the program runs. An event only changes the values in it, so
 * that nothing is allocated for an event. json-c escapes all keys of an object each time, which
 * took more than half of the time of a replay. So the keys are escaped once, and the object
 * has a serializer of its own.
 */
static struct {
	struct json_object *event;
	struct json_object *comm;
	struct json_object *lost;
	struct json_object *lost_count;
	struct json_object *lost_unknown;
	struct text prefixes[FSM_NR_KEYS];
	struct text values[FSM_NR_KEYS];
} json;

static void append(struct printbuf *buf, const struct text *text)
{
	printbuf_memappend_fast(buf, text->text, (int)text->len);
}

static int event_to_json(struct json_object *event, struct printbuf *buf, int level, int flags)
{
	int i;

	(void)event;
	(void)level;
	(void)flags;
	for (i = 0; i < FSM_NR_KEYS; i++) {
		append(buf, &json.prefixes[i]);
		append(buf, &json.values[i]);
	}
	return printbuf_memappend(buf, "}", 1);
}

static void set_end(enum fsm_key key, const char *end)
{
	json.values[key].len = (size_t)(end - json.values[key].text);
}

static void set_null(enum fsm_key key)
{
	set_end(key, fsm_puts(json.values[key].text, "null"));
}

static void set_number(enum fsm_key key, bool known, uint64_t v)
{
	if (known)
		set_end(key, fsm_put_u64(json.values[key].text, v));
	else
		set_null(key);
}

/* Set a name that holds nothing that JSON would have to escape. */
static void set_name(enum fsm_key key, const char *name)
{
	char *p = json.values[key].text;

	if (!name) {
		set_null(key);
		return;
	}
	*p++ = '"';
	p = fsm_puts(p, name);
	*p++ = '"';
	set_end(key, p);
}

static void set_id(const struct tcpfsm_event *ev)
{
	char *p = json.values[FSM_KEY_id].text;

	if (!ev->id) {
		set_null(FSM_KEY_id);
		return;
	}
	*p++ = '"';
	p = fsm_put_hex(p, ev->id);
	*p++ = '"';
	set_end(FSM_KEY_id, p);
}

static void set_address(enum fsm_key key, bool known, const struct tcpfsm_event *ev,
			const __u8 *addr)
{
	char *p = json.values[key].text;

	if (!known) {
		set_null(key);
		return;
	}
	*p++ = '"';
	p = fsm_put_address(p, ev, addr);
	*p++ = '"';
	set_end(key, p);
}

/* Set the name of a task, which may be any bytes; json-c escapes them. */
static void set_comm(const struct tcpfsm_event *ev)
{
	char name[3 * TCPFSM_COMM_LEN];
	const char *text;
	size_t len;
	char *end;

	if (!fsm_has_comm(ev)) {
		set_null(FSM_KEY_comm);
		return;
	}
	end = fsm_utf8_clean(name, ev->comm, strnlen(ev->comm, sizeof(ev->comm)));
	if (!json_object_set_string_len(json.comm, name, (int)(end - name))) {
		set_null(FSM_KEY_comm);
		return;
	}
	text = json_object_to_json_string_length(json.comm, STYLE, &len);
	set_end(FSM_KEY_comm, fsm_put(json.values[FSM_KEY_comm].text, text, len));
}

static void set_flags(const struct tcpfsm_event *ev)
{
	char *p = json.values[FSM_KEY_flags].text;
	const char *separator = "\"";
	unsigned int bit;

	*p++ = '[';
	for (bit = 0; bit < FSM_FLAGS; bit++) {
		if (!(ev->flags & 1u << bit))
			continue;
		p = fsm_puts(p, separator);
		p = fsm_puts(p, fsm_flag_name(bit));
		*p++ = '"';
		separator = ",\"";
	}
	*p++ = ']';
	set_end(FSM_KEY_flags, p);
}

static void set_values(const struct tcpfsm_event *ev)
{
	bool stats = fsm_has_stats(ev);
	bool seq = fsm_has_seq(ev);

	set_end(FSM_KEY_time, fsm_put_seconds(json.values[FSM_KEY_time].text, ev->time_ns, 0));
	set_id(ev);
	set_number(FSM_KEY_gen, ev->gen != 0, ev->gen);
	set_number(FSM_KEY_netns, ev->netns != 0, ev->netns);
	set_name(FSM_KEY_family, fsm_family_name(ev));
	set_address(FSM_KEY_laddr, fsm_has_local(ev), ev, ev->laddr);
	set_number(FSM_KEY_lport, ev->lport != 0, ev->lport);
	set_address(FSM_KEY_raddr, fsm_has_remote(ev), ev, ev->raddr);
	set_number(FSM_KEY_rport, ev->rport != 0, ev->rport);
	set_name(FSM_KEY_old, fsm_state_name(ev->old));
	set_name(FSM_KEY_new, fsm_state_name(ev->new));
	set_name(FSM_KEY_cause, fsm_cause_name(ev->cause));
	set_number(FSM_KEY_dwell_us, fsm_has_dwell(ev), ev->dwell_ns / 1000);
	set_number(FSM_KEY_cpu, true, ev->cpu);
	set_name(FSM_KEY_ctx, fsm_ctx_name(ev));
	set_number(FSM_KEY_pid, ev->pid != 0, ev->pid);
	set_comm(ev);
	set_number(FSM_KEY_uid, fsm_has_uid(ev), ev->uid);
	set_number(FSM_KEY_cgroup, ev->cgroup != 0, ev->cgroup);
	set_end(FSM_KEY_err, fsm_put_s64(json.values[FSM_KEY_err].text, ev->err));
	set_flags(ev);
	set_number(FSM_KEY_snd_una, seq, ev->snd_una);
	set_number(FSM_KEY_snd_nxt, seq, ev->snd_nxt);
	set_number(FSM_KEY_rcv_nxt, seq, ev->rcv_nxt);
	set_number(FSM_KEY_snd_wnd, seq, ev->snd_wnd);
	set_number(FSM_KEY_rcv_wnd, seq, ev->rcv_wnd);
	set_number(FSM_KEY_srtt_us, stats, ev->srtt_us);
	set_number(FSM_KEY_retrans, stats, ev->retrans);
	set_number(FSM_KEY_bytes_sent, stats, ev->bytes_sent);
	set_number(FSM_KEY_bytes_received, stats, ev->bytes_received);
}

static void put_line(struct fsm_output *out, struct json_object *object)
{
	size_t len;
	const char *text = json_object_to_json_string_length(object, STYLE, &len);

	fsm_output_append(out, text, len);
	fsm_output_append(out, "\n", 1);
}

static void json_event(struct fsm_output *out, const struct tcpfsm_event *ev)
{
	set_values(ev);
	put_line(out, json.event);
}

static void json_lost(struct fsm_output *out, const struct tcpfsm_event *ev)
{
	if (fsm_has_lost(ev)) {
		json_object_set_uint64(json.lost_count, ev->lost);
		put_line(out, json.lost);
	} else {
		put_line(out, json.lost_unknown);
	}
}

static void json_end(void)
{
	json_object_put(json.event);
	json_object_put(json.comm);
	json_object_put(json.lost);
	json_object_put(json.lost_count);
	json_object_put(json.lost_unknown);
	memset(&json, 0, sizeof(json));
}

/* Make the text before a value: the opening brace or a comma, and the key. */
static int make_prefix(struct text *prefix, const char *key, bool first)
{
	struct json_object *string = json_object_new_string(key);
	char *p = prefix->text;

	if (!string)
		return -1;
	*p++ = first ? '{' : ',';
	p = fsm_puts(p, json_object_to_json_string_ext(string, STYLE));
	*p++ = ':';
	prefix->len = (size_t)(p - prefix->text);
	json_object_put(string);
	return 0;
}

static int json_begin(struct fsm_output *out, const struct fsm_style *style)
{
	static const char *const keys[] = {
#define FSM_X(name) #name,
		FSM_KEYS(FSM_X)
#undef FSM_X
	};
	bool ok;
	int i;

	(void)out;
	(void)style;
	json.event = json_object_new_object();
	json.comm = json_object_new_string("");
	json.lost = json_object_new_object();
	json.lost_count = json_object_new_uint64(0);
	json.lost_unknown = json_object_new_object();
	ok = json.event && json.comm && json.lost && json.lost_count && json.lost_unknown;
	for (i = 0; ok && i < FSM_NR_KEYS; i++)
		ok = make_prefix(&json.prefixes[i], keys[i], i == 0) == 0;
	/* In json-c the null value is the null pointer. */
	if (!ok || json_object_object_add(json.lost_unknown, "lost", NULL) ||
	    json_object_object_add(json.lost, "lost", json_object_get(json.lost_count))) {
		json_end();
		return -1;
	}
	json_object_set_serializer(json.event, event_to_json, NULL, NULL);
	return 0;
}

const struct fsm_printer fsm_json_printer = {
	.begin = json_begin,
	.event = json_event,
	.lost = json_lost,
	.end = json_end,
};
