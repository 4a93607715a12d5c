// SPDX-License-Identifier: GPL-2.0
/*
 * verify.c - read JSON or CSV back and compare every value with the recording
 *
 *	verify json|csv RECORDING < OUTPUT
 *
 * The expected values are made with printf() and the C library, not with the code that the
 * printers use. The exit status is 0 if every line is as expected.
 */
#include <arpa/inet.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/states.h"
#include "in/source.h"

enum kind {
	NUMBER,
	STRING,
	ARRAY
};

static const struct {
	const char *name;
	enum kind kind;
} keys[] = {
	{ "time", NUMBER },	{ "id", STRING },	  { "gen", NUMBER },
	{ "netns", NUMBER },	{ "family", STRING },	  { "laddr", STRING },
	{ "lport", NUMBER },	{ "raddr", STRING },	  { "rport", NUMBER },
	{ "old", STRING },	{ "new", STRING },	  { "cause", STRING },
	{ "dwell_us", NUMBER }, { "cpu", NUMBER },	  { "ctx", STRING },
	{ "pid", NUMBER },	{ "comm", STRING },	  { "uid", NUMBER },
	{ "cgroup", NUMBER },	{ "err", NUMBER },	  { "flags", ARRAY },
	{ "snd_una", NUMBER },	{ "snd_nxt", NUMBER },	  { "rcv_nxt", NUMBER },
	{ "snd_wnd", NUMBER },	{ "rcv_wnd", NUMBER },	  { "srtt_us", NUMBER },
	{ "retrans", NUMBER },	{ "bytes_sent", NUMBER }, { "bytes_received", NUMBER },
};

#define NR_KEYS (sizeof(keys) / sizeof(keys[0]))

#define UNKNOWN	 "?" /* no value looks like that */
#define ANYTHING "*" /* known, but how it is escaped is up to the golden files */

/* The expected values, in the order of keys[]. */
struct expected {
	char value[NR_KEYS][256];
	size_t n;
};

__attribute__((format(printf, 3, 4))) static void expect(struct expected *e, bool known,
							 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(e->value[e->n], sizeof(e->value[0]), format, args);
	va_end(args);
	if (!known)
		memcpy(e->value[e->n], UNKNOWN, sizeof(UNKNOWN));
	e->n++;
}

static bool is_zero(const __u8 *data, size_t len)
{
	while (len--) {
		if (*data++)
			return false;
	}
	return true;
}

static void expect_address(struct expected *e, const struct tcpfsm_event *ev, const __u8 *addr,
			   unsigned int port)
{
	bool v4 = ev->family == AF_INET;
	bool known = (v4 || ev->family == AF_INET6) && (port || !is_zero(addr, v4 ? 4 : 16));
	char text[INET6_ADDRSTRLEN] = "";

	if (known)
		inet_ntop(ev->family, addr, text, sizeof(text));
	expect(e, known, "%s", text);
	expect(e, port, "%u", port);
}

static const char *state(unsigned int state)
{
	return state >= 1 && state < TCPFSM_NR_STATES ? tcpfsm_state_name(state) : UNKNOWN;
}

static const char *cause(unsigned int cause)
{
	return cause >= 1 && cause < TCPFSM_NR_CAUSES ? tcpfsm_cause_name(cause) : UNKNOWN;
}

static void expect_comm(struct expected *e, const struct tcpfsm_event *ev)
{
	char comm[17] = "";
	bool plain;

	memcpy(comm, ev->comm, 16);
	plain = strspn(comm, "abcdefghijklmnopqrstuvwxyz0123456789_!:/,\"#=+' ") == strlen(comm);
	expect(e, ev->pid && comm[0], "%s", plain ? comm : ANYTHING);
}

static void expect_flags(struct expected *e, const struct tcpfsm_event *ev)
{
	static const char *const names[16] = {
		"syncookie", "fastopen", "finack",  "illegal", "repaired", "mapped",
		"softirq",   "timewait", "request", "noseq",   "nostats",  "bit11",
		"bit12",     "bit13",	 "bit14",   "bit15",
	};
	char text[256] = "";
	int i;

	for (i = 0; i < 16; i++) {
		if (ev->flags >> i & 1) {
			strcat(text, text[0] ? "|" : "");
			strcat(text, names[i]);
		}
	}
	expect(e, true, "%s", text);
}

static struct expected expected_of(const struct tcpfsm_event *ev)
{
	bool seq = !(ev->flags & TCPFSM_F_NOSEQ);
	bool stats = !(ev->flags & TCPFSM_F_NOSTATS);
	bool family = ev->family == AF_INET || ev->family == AF_INET6;
	struct expected e = { .n = 0 };

	expect(&e, true, "%llu.%09llu", ev->time_ns / 1000000000, ev->time_ns % 1000000000);
	expect(&e, ev->id, "%llx", ev->id);
	expect(&e, ev->gen, "%u", ev->gen);
	expect(&e, ev->netns, "%u", ev->netns);
	expect(&e, family, "%s", ev->family == AF_INET ? "inet" : "inet6");
	expect_address(&e, ev, ev->laddr, ev->lport);
	expect_address(&e, ev, ev->raddr, ev->rport);
	expect(&e, true, "%s", state(ev->old));
	expect(&e, true, "%s", state(ev->new));
	expect(&e, true, "%s", cause(ev->cause));
	expect(&e, ev->dwell_ns != TCPFSM_UNKNOWN_DWELL, "%llu", ev->dwell_ns / 1000);
	expect(&e, true, "%u", ev->cpu);
	expect(&e, true, "%s", ev->flags & TCPFSM_F_SOFTIRQ ? "softirq" : "task");
	expect(&e, ev->pid, "%u", ev->pid);
	expect_comm(&e, ev);
	expect(&e, ev->uid != TCPFSM_UNKNOWN_UID, "%u", ev->uid);
	expect(&e, ev->cgroup, "%llu", ev->cgroup);
	expect(&e, true, "%d", ev->err);
	expect_flags(&e, ev);
	expect(&e, seq, "%u", ev->snd_una);
	expect(&e, seq, "%u", ev->snd_nxt);
	expect(&e, seq, "%u", ev->rcv_nxt);
	expect(&e, seq, "%u", ev->snd_wnd);
	expect(&e, seq, "%u", ev->rcv_wnd);
	expect(&e, stats, "%u", ev->srtt_us);
	expect(&e, stats, "%u", ev->retrans);
	expect(&e, stats, "%llu", ev->bytes_sent);
	expect(&e, stats, "%llu", ev->bytes_received);
	return e;
}

static bool complain(const char *key, const char *got, const char *wanted)
{
	printf("# %s: got %s, wanted %s\n", key, got, wanted);
	return false;
}

/* Another spelling of the same address is not an error: the golden files decide on that. */
static bool same_address(const char *a, const char *b)
{
	struct in6_addr x, y;

	return inet_pton(AF_INET6, a, &x) == 1 && inet_pton(AF_INET6, b, &y) == 1 &&
	       !memcmp(&x, &y, sizeof(x));
}

static bool same(const char *got, const char *wanted)
{
	if (!strcmp(wanted, ANYTHING))
		return strcmp(got, UNKNOWN) != 0;
	return !strcmp(got, wanted) || same_address(got, wanted);
}

static bool compare_values(char got[][256], const struct expected *e)
{
	size_t i;

	for (i = 0; i < NR_KEYS; i++) {
		if (!same(got[i], e->value[i]))
			return complain(keys[i].name, got[i], e->value[i]);
	}
	return true;
}

/* ---- JSON ---- */

static bool is_kind(struct json_object *value, enum kind kind)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return kind != ARRAY;
	case json_type_int:
	case json_type_double:
		return kind == NUMBER;
	case json_type_string:
		return kind == STRING;
	case json_type_array:
		return kind == ARRAY;
	default:
		return false;
	}
}

static void text_of(struct json_object *value, char *text)
{
	size_t i;

	text[0] = '\0';
	switch (json_object_get_type(value)) {
	case json_type_null:
		memcpy(text, UNKNOWN, sizeof(UNKNOWN));
		break;
	case json_type_array:
		for (i = 0; i < json_object_array_length(value); i++) {
			strcat(text, i ? "|" : "");
			strcat(text, json_object_get_string(json_object_array_get_idx(value, i)));
		}
		break;
	case json_type_int:
		snprintf(text, 256, json_object_get_int64(value) < 0 ? "%jd" : "%ju",
			 (uintmax_t)(json_object_get_int64(value) < 0 ?
					     (uint64_t)json_object_get_int64(value) :
					     json_object_get_uint64(value)));
		break;
	default:
		snprintf(text, 256, "%s", json_object_get_string(value));
	}
}

static bool compare_object(struct json_object *object, const struct expected *e)
{
	char got[NR_KEYS][256];
	size_t i = 0;

	json_object_object_foreach(object, key, value)
	{
		if (i == NR_KEYS)
			return complain("key", key, "no more keys");
		if (strcmp(key, keys[i].name))
			return complain("key", key, keys[i].name);
		if (!is_kind(value, keys[i].kind))
			return complain(key, json_object_get_string(value), "another type");
		text_of(value, got[i++]);
	}
	if (i < NR_KEYS)
		return complain("key", "end", keys[i].name);
	return compare_values(got, e);
}

static bool compare_lost(struct json_object *object, const struct tcpfsm_event *ev)
{
	struct json_object *lost;

	if (json_object_object_length(object) != 1 ||
	    !json_object_object_get_ex(object, "lost", &lost))
		return complain("lost", json_object_get_string(object), "nothing but lost");
	if (ev->lost == TCPFSM_LOST_UNKNOWN)
		return !lost || complain("lost", json_object_get_string(lost), "null");
	return (json_object_is_type(lost, json_type_int) &&
		json_object_get_uint64(lost) == ev->lost) ||
	       complain("lost", json_object_get_string(lost), "another number");
}

static bool compare_json(const char *line, const struct tcpfsm_event *ev)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object;
	struct expected e;
	bool ok;

	/* Strict: exactly one value of valid UTF-8, nothing before or behind it. */
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, line, (int)strlen(line) + 1);
	json_tokener_free(tokener);
	if (!json_object_is_type(object, json_type_object)) {
		json_object_put(object);
		return complain("line", line, "an object");
	}
	if (ev->type == TCPFSM_REC_LOST) {
		ok = compare_lost(object, ev);
	} else {
		e = expected_of(ev);
		ok = compare_object(object, &e);
	}
	json_object_put(object);
	return ok;
}

/* ---- CSV ---- */

/* Copy the next field of @s, unquoted. Return the text behind it, or NULL if it is malformed. */
static const char *next_field(const char *s, char *text)
{
	bool quoted = *s == '"';

	if (quoted)
		s++;
	while (*s && (quoted || *s != ',')) {
		if (*s == '"') {
			if (!quoted)
				return NULL;
			s++;
			if (*s != '"')
				break;
		}
		*text++ = *s++;
	}
	*text = '\0';
	return !*s || *s == ',' ? s : NULL;
}

/* Return the number of fields, 0 if the line is malformed. */
static size_t split(const char *line, char fields[][256], size_t max)
{
	size_t n = 0;

	while (n < max) {
		line = next_field(line, fields[n++]);
		if (!line)
			return 0;
		if (!*line)
			return n;
		line++;
	}
	return max + 1;
}

static bool compare_csv(const char *line, const struct tcpfsm_event *ev)
{
	char fields[NR_KEYS + 1][256];
	char wanted[32];
	struct expected e;
	size_t i;

	if (split(line, fields, NR_KEYS + 1) != NR_KEYS + 1)
		return complain("row", line, "as many fields as the header");
	if (ev->type == TCPFSM_REC_LOST) {
		snprintf(wanted, sizeof(wanted), ev->lost == TCPFSM_LOST_UNKNOWN ? "?" : "%llu",
			 ev->lost);
		return !strcmp(fields[NR_KEYS], wanted) ||
		       complain("lost", fields[NR_KEYS], wanted);
	}
	if (fields[NR_KEYS][0])
		return complain("lost", fields[NR_KEYS], "nothing");
	e = expected_of(ev);
	/* An empty field is unknown, but a list may just be empty. */
	for (i = 0; i < NR_KEYS; i++) {
		if (!fields[i][0] && keys[i].kind != ARRAY)
			memcpy(fields[i], UNKNOWN, sizeof(UNKNOWN));
	}
	return compare_values(fields, &e);
}

static bool compare_header(const char *line)
{
	char fields[NR_KEYS + 1][256];
	size_t i;

	if (split(line, fields, NR_KEYS + 1) != NR_KEYS + 1)
		return complain("header", line, "all keys and lost");
	for (i = 0; i < NR_KEYS; i++) {
		if (strcmp(fields[i], keys[i].name))
			return complain("header", fields[i], keys[i].name);
	}
	return !strcmp(fields[NR_KEYS], "lost") || complain("header", fields[NR_KEYS], "lost");
}

/* ---- both ---- */

static bool read_line(char **line, size_t *size)
{
	ssize_t n = getline(line, size, stdin);

	if (n <= 0)
		return false;
	if ((*line)[n - 1] != '\n')
		return complain("line", *line, "a line end");
	(*line)[n - 1] = '\0';
	return true;
}

int main(int argc, char **argv)
{
	bool (*compare)(const char *line, const struct tcpfsm_event *ev);
	struct fsm_source src;
	struct fsm_record record;
	char *line = NULL;
	size_t size = 0;
	bool ok = true;
	bool csv;

	if (argc != 3)
		return 2;
	csv = !strcmp(argv[1], "csv");
	compare = csv ? compare_csv : compare_json;
	if (fsm_source_open_recording(&src, argv[2])) {
		printf("# %s\n", src.error);
		return 1;
	}
	if (csv)
		ok = read_line(&line, &size) && compare_header(line);
	do {
		while (ok && fsm_source_next(&src, &record) > 0) {
			if (record.ev->type == TCPFSM_REC_EVENT ||
			    record.ev->type == TCPFSM_REC_LOST)
				ok = read_line(&line, &size) && compare(line, record.ev);
		}
	} while (ok && fsm_source_fill(&src) == FSM_FILL_OK);
	if (ok && read_line(&line, &size))
		ok = complain("line", line, "the end");
	free(line);
	fsm_source_close(&src);
	return ok ? 0 : 1;
}
