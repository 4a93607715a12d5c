// SPDX-License-Identifier: GPL-2.0
/*
 * openmetrics.c - the counters as OpenMetrics text
 *
 * The family of a counter is "name" in OpenMetrics, and "name_total" in Prometheus's older
 * format. Its samples are "name_total" in both. promtool reads the older format only, and so
 * do many scrapers. A scraper that asks for OpenMetrics by its content type gets that to the
 * letter.
 */
#include "out/openmetrics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum kind {
	COUNTER,
	GAUGE,
	DWELL
};

/* OpenMetrics keeps the ending _created for itself, so these have other names. */
static const struct family {
	const char *name; /* in /proc/tcpfsm_stat */
	const char *metric;
	enum kind kind;
	const char *help;
} families[] = {
	{ "version", "abi_version", GAUGE, "Version of the module's records." },
	{ "recorded", "recorded", COUNTER, "Events put into the rings." },
	{ "overwritten", "overwritten", COUNTER, "Events that are no longer in the rings." },
	{ "filtered", "filtered", COUNTER, "Transitions that the filter kept out of the rings." },
	{ "missed", "missed", COUNTER, "Calls that a hook did not see." },
	{ "repaired", "repaired", COUNTER, "Missed transitions that the tracepoint supplied." },
	{ "kprobe_missed", "kprobe_missed", COUNTER, "Hits of a kprobe that the kernel dropped." },
	{ "handed_over", "handed_over", COUNTER, "Calls that the kprobe left to the tracepoint." },
	{ "hook_absent", "hook_absent", GAUGE, "Hooks that could not be placed." },
	{ "kprobes_silent", "kprobes_silent", GAUGE, "1: kprobes have been switched off." },
	{ "illegal", "illegal", COUNTER, "Transitions that are no edge of the diagram." },
	{ "gaps", "gaps", COUNTER, "Transitions that do not continue their connection." },
	{ "repeated", "repeated", COUNTER, "Second reports of a transition, dropped." },
	{ "dwell_unknown", "dwell_unknown", COUNTER, "Transitions whose dwell time is unknown." },
	{ "cause_unknown", "cause_unknown", COUNTER, "Transitions that no rule explains." },
	{ "cause_unknown_site", "cause_unknown_site", COUNTER,
	  "Unexplained transitions by the kernel's function they came from." },
	{ "readers", "readers", GAUGE, "Open streams." },
	{ "conns", "connections_max", GAUGE, "Connections that the module can keep in mind." },
	{ "conns_used", "connections", GAUGE, "Connections that the module keeps in mind." },
	{ "conns_refused", "connections_refused", COUNTER, "Connections there was no room for." },
	{ "requests_created", "requests", COUNTER, "Request socks created." },
	{ "requests_completed", "requests_completed", COUNTER,
	  "Request socks whose handshake was completed." },
	{ "requests_ended", "requests_ended", COUNTER, "Request socks dropped." },
	{ "timewait_created", "timewaits", COUNTER, "Timewait socks created." },
	{ "timewait_ended", "timewait_ended", COUNTER, "Timewait socks ended." },
	{ "transitions", "transitions", COUNTER, "Transitions of TCP connections." },
	{ "dwell_us", "dwell_seconds", DWELL, "Time in a state, of those who left it." },
};

#define NR_FAMILIES (sizeof(families) / sizeof(families[0]))

static void put_head(FILE *out, const struct family *f, bool strict)
{
	static const char *const types[] = {
		[COUNTER] = "counter", [GAUGE] = "gauge", [DWELL] = "histogram"
	};
	const char *suffix = f->kind == COUNTER && !strict ? "_total" : "";

	fprintf(out, "# TYPE tcpfsm_%s%s %s\n", f->metric, suffix, types[f->kind]);
	if (f->kind == DWELL)
		fprintf(out, "# UNIT tcpfsm_%s%s seconds\n", f->metric, suffix);
	fprintf(out, "# HELP tcpfsm_%s%s %s\n", f->metric, suffix, f->help);
}

static void put_value(FILE *out, const struct fsm_sample *s, const char *metric, const char *suffix)
{
	fprintf(out, "tcpfsm_%s%s", metric, suffix);
	if (*s->labels)
		fprintf(out, "{%s}", s->labels);
	fprintf(out, " %" PRIu64 "\n", s->value);
}

/* Write microseconds as seconds, exactly: a double would round a long sum. */
static void put_seconds(FILE *out, uint64_t us)
{
	int digits = 6;
	uint64_t fraction = us % 1000000;

	while (digits > 1 && fraction % 10 == 0) {
		fraction /= 10;
		digits--;
	}
	fprintf(out, "%" PRIu64 ".%0*" PRIu64, us / 1000000, digits, fraction);
}

/* The module rounds dwell times down to microseconds: its le="7" means below 8. */
static void put_bucket(FILE *out, const struct fsm_sample *s)
{
	char state[32] = "", le[32] = "";

	fsm_counters_label(s, "state", state, sizeof(state));
	fsm_counters_label(s, "le", le, sizeof(le));
	fprintf(out, "tcpfsm_dwell_seconds_bucket{state=\"%s\",le=\"", state);
	if (le[0] == '+')
		fputs(le, out);
	else
		put_seconds(out, strtoull(le, NULL, 10) + 1);
	fprintf(out, "\"} %" PRIu64 "\n", s->value);
}

static void put_dwell(FILE *out, const struct fsm_counters *stat)
{
	size_t i;

	for (i = 0; i < stat->nr_samples; i++) {
		const struct fsm_sample *s = &stat->samples[i];

		if (!strcmp(s->name, "dwell_us_bucket")) {
			put_bucket(out, s);
		} else if (!strcmp(s->name, "dwell_us_count")) {
			put_value(out, s, "dwell_seconds", "_count");
		} else if (!strcmp(s->name, "dwell_us_sum")) {
			fprintf(out, "tcpfsm_dwell_seconds_sum{%s} ", s->labels);
			put_seconds(out, s->value);
			fputc('\n', out);
		}
	}
}

static void put_family(FILE *out, const struct fsm_counters *stat, const struct family *f,
		       bool strict)
{
	size_t i;

	put_head(out, f, strict);
	if (f->kind == DWELL) {
		put_dwell(out, stat);
		return;
	}
	for (i = 0; i < stat->nr_samples; i++)
		if (!strcmp(stat->samples[i].name, f->name))
			put_value(out, &stat->samples[i], f->metric,
				  f->kind == COUNTER ? "_total" : "");
}

/**
 * fsm_openmetrics() - write all counters
 * @out: where
 * @stat: counters
 * @strict: OpenMetrics to the letter; else a text that is also in Prometheus's older format
 */
void fsm_openmetrics(FILE *out, const struct fsm_counters *stat, bool strict)
{
	size_t i;

	for (i = 0; i < NR_FAMILIES; i++)
		put_family(out, stat, &families[i], strict);
	fputs("# EOF\n", out);
}
