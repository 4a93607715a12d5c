// SPDX-License-Identifier: GPL-2.0
/*
 * counters.c - read /proc/tcpfsm_stat
 *
 * Names that this program does not know are kept: a newer module counts more.
 */
#include "in/counters.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The longest line has less than 200 bytes; the whole file is far below this. */
#define TEXT_MAX (4 * 1024 * 1024)

/* Return the state of that name, 0 if there is none. */
static unsigned int state_number(const char *name)
{
	unsigned int state;

	for (state = 1; state < TCPFSM_NR_STATES; state++)
		if (!strcmp(name, tcpfsm_state_name(state)))
			return state;
	return 0;
}

/* Return the cause of that name, TCPFSM_C_NONE if there is none. */
static unsigned int cause_number(const char *name)
{
	unsigned int cause;

	for (cause = 1; cause < TCPFSM_NR_CAUSES; cause++)
		if (!strcmp(name, tcpfsm_cause_name(cause)))
			return cause;
	return TCPFSM_C_NONE;
}

static char *read_text(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t len = 0, n;
	char *text;

	if (!file)
		return NULL;
	text = malloc(TEXT_MAX + 1);
	if (text) {
		while ((n = fread(text + len, 1, TEXT_MAX - len, file)) > 0)
			len += n;
		text[len] = '\0';
		/* The module never writes an empty file, or one with a NUL in it. */
		if (ferror(file) || len == TEXT_MAX || strlen(text) != len) {
			errno = ferror(file) ? errno : EINVAL;
			free(text);
			text = NULL;
		}
	}
	n = (size_t)errno;
	fclose(file);
	errno = (int)n;
	return text;
}

static bool is_name(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isalpha((unsigned char)s[i]) && s[i] != '_' &&
		    (!i || !isdigit((unsigned char)s[i])))
			return false;
	return len > 0;
}

/* Skip key="value",... up to the closing brace. Return the brace, or NULL. */
static char *skip_labels(char *p)
{
	for (;;) {
		char *equals = strchr(p, '=');

		if (!equals || !is_name(p, (size_t)(equals - p)) || equals[1] != '"')
			return NULL;
		for (p = equals + 2; *p && *p != '"'; p++)
			if (*p == '\\' && p[1])
				p++;
		if (*p++ != '"')
			return NULL;
		if (*p == '}')
			return p;
		if (*p++ != ',')
			return NULL;
	}
}

static bool parse_line(char *line, struct fsm_sample *sample)
{
	size_t len = strcspn(line, "{ ");
	char *p = line + len;
	char *end;

	if (!is_name(line, len))
		return false;
	sample->name = line;
	sample->labels = "";
	if (*p == '{') {
		char *brace = skip_labels(p + 1);

		if (!brace)
			return false;
		*p = '\0';
		sample->labels = p + 1;
		*brace = '\0';
		p = brace + 1;
	}
	if (*p != ' ')
		return false;
	*p++ = '\0';
	if (*p < '0' || *p > '9')
		return false;
	errno = 0;
	sample->value = strtoull(p, &end, 10);
	return !errno && !*end;
}

/**
 * fsm_counters_label() - find the value of one label
 * @sample: sample
 * @key: name of the label
 * @value: where to put it, cut to @size bytes with a NUL
 * @size: at least 1
 *
 * Return: whether there is such a label.
 */
bool fsm_counters_label(const struct fsm_sample *sample, const char *key, char *value, size_t size)
{
	size_t key_len = strlen(key), n = 0;
	const char *p = sample->labels;

	while (*p) {
		bool found = !strncmp(p, key, key_len) && p[key_len] == '=';

		for (p = strchr(p, '"') + 1; *p != '"'; p++) {
			if (*p == '\\')
				p++;
			if (found && n + 1 < size)
				value[n++] = *p;
		}
		value[n] = '\0';
		if (found)
			return true;
		p += p[1] == ',' ? 2 : 1;
	}
	return false;
}

static void note_transitions(struct fsm_counters *stat, const struct fsm_sample *sample)
{
	char old[32], new[32], cause[32];
	unsigned int from, to;

	if (strcmp(sample->name, "transitions") ||
	    !fsm_counters_label(sample, "old", old, sizeof(old)) ||
	    !fsm_counters_label(sample, "new", new, sizeof(new)) ||
	    !fsm_counters_label(sample, "cause", cause, sizeof(cause)))
		return;
	from = state_number(old);
	to = state_number(new);
	if (from && to)
		stat->transitions[from][to][cause_number(cause)] += sample->value;
}

static int parse_text(struct fsm_counters *stat)
{
	char *line, *next;
	int number = 0;

	for (line = stat->text; *line; line = next) {
		next = strchr(line, '\n');
		number++;
		if (!next)
			return number;
		*next++ = '\0';
		if (stat->nr_samples == FSM_COUNTERS_MAX_SAMPLES ||
		    !parse_line(line, &stat->samples[stat->nr_samples]))
			return number;
		note_transitions(stat, &stat->samples[stat->nr_samples++]);
	}
	/* The version comes first, whatever else changes. */
	if (!stat->nr_samples || strcmp(stat->samples[0].name, "version"))
		return 1;
	return 0;
}

static const char *why_not(int err)
{
	switch (err) {
	case ENOENT:
		return "no such file: is the module loaded? (make load)";
	case EPERM:
		return "only for the initial network namespace";
	case EACCES:
		return "permission denied: only for root and the group of the parameter gid";
	default:
		return strerror(err);
	}
}

/**
 * fsm_counters_read() - read all counters
 * @stat: filled in
 * @path: FSM_STAT_PATH
 * @error: one line that says what went wrong
 * @size: bytes at @error
 *
 * Return: 0; -ENOENT if there is no module, or another negative errno, with @error set.
 */
int fsm_counters_read(struct fsm_counters *stat, const char *path, char *error, size_t size)
{
	int line;

	memset(stat, 0, sizeof(*stat));
	stat->text = read_text(path);
	if (!stat->text) {
		int err = errno;

		snprintf(error, size, "%s: %s", path, why_not(err));
		return -err;
	}
	stat->samples = calloc(FSM_COUNTERS_MAX_SAMPLES, sizeof(*stat->samples));
	if (!stat->samples) {
		snprintf(error, size, "no memory");
		fsm_counters_free(stat);
		return -ENOMEM;
	}
	line = parse_text(stat);
	if (line) {
		snprintf(error, size, "%s: line %d is not what tcpfsm writes", path, line);
		fsm_counters_free(stat);
		return -EINVAL;
	}
	return 0;
}

void fsm_counters_free(struct fsm_counters *stat)
{
	free(stat->samples);
	free(stat->text);
	memset(stat, 0, sizeof(*stat));
}

/**
 * fsm_counters_sum() - return the sum of all values of one name, whatever their labels
 * @stat: counters
 * @name: name
 */
uint64_t fsm_counters_sum(const struct fsm_counters *stat, const char *name)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < stat->nr_samples; i++)
		if (!strcmp(stat->samples[i].name, name))
			sum += stat->samples[i].value;
	return sum;
}

/* Return the number of transitions of a cause; a state of 0 stands for all states. */
uint64_t fsm_counters_cause(const struct fsm_counters *stat, unsigned int old, unsigned int new,
			    unsigned int cause)
{
	unsigned int from, to;
	uint64_t sum = 0;

	for (from = 1; from < TCPFSM_NR_STATES; from++)
		for (to = 1; to < TCPFSM_NR_STATES; to++)
			if ((!old || old == from) && (!new || new == to))
				sum += stat->transitions[from][to][cause];
	return sum;
}

/* Return the number of transitions, whatever their cause; a state of 0 stands for all states. */
uint64_t fsm_counters_edge(const struct fsm_counters *stat, unsigned int old, unsigned int new)
{
	unsigned int cause;
	uint64_t sum = 0;

	for (cause = 0; cause < TCPFSM_NR_CAUSES; cause++)
		sum += fsm_counters_cause(stat, old, new, cause);
	return sum;
}

/**
 * fsm_counters_median_us() - find the bound that half of the dwell times stayed below
 * @stat: counters
 * @state: state that was left
 * @below: set to microseconds, or UINT64_MAX if that is beyond the last bucket
 *
 * Return: whether there is a dwell time of that state at all.
 */
bool fsm_counters_median_us(const struct fsm_counters *stat, unsigned int state, uint64_t *below)
{
	const char *name = tcpfsm_state_name(state);
	uint64_t count = 0;
	char value[32];
	size_t i;

	for (i = 0; i < stat->nr_samples; i++) {
		const struct fsm_sample *s = &stat->samples[i];

		if (!strcmp(s->name, "dwell_us_count") &&
		    fsm_counters_label(s, "state", value, sizeof(value)) && !strcmp(value, name))
			count = s->value;
	}
	for (i = 0; count && i < stat->nr_samples; i++) {
		const struct fsm_sample *s = &stat->samples[i];

		if (strcmp(s->name, "dwell_us_bucket") ||
		    !fsm_counters_label(s, "state", value, sizeof(value)) || strcmp(value, name) ||
		    s->value < count - count / 2)
			continue;
		fsm_counters_label(s, "le", value, sizeof(value));
		/* Dwell times are rounded down to microseconds, so "le" goes up to the next one. */
		*below = value[0] == '+' ? UINT64_MAX : strtoull(value, NULL, 10) + 1;
		return true;
	}
	return false;
}
