// SPDX-License-Identifier: GPL-2.0
/*
 * spec.c - what a test expects of a connection, written as text
 *
 * tools/lib/model/expect.c parses nearly the same language for users. This parser shares no code
 * with it on purpose: the tests judge module and tools by something that neither contains.
 */
#include <stddef.h>
#include <string.h>

#include "core/states.h"
#include "spec.h"

static const struct {
	const char *name;
	uint16_t bit;
} flags[] = {
	{ "syncookie", TCPFSM_F_SYNCOOKIE },
	{ "fastopen", TCPFSM_F_FASTOPEN },
	{ "finack", TCPFSM_F_FINACK },
};

#define NR_FLAGS (sizeof(flags) / sizeof(flags[0]))

static bool is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && !strncmp(text, word, len);
}

/* Returns 0, which is no state, for what is none. */
static uint8_t parse_state(const char *text, size_t len)
{
	uint8_t state;

	for (state = 1; state < TCPFSM_NR_STATES; state++)
		if (is_word(text, len, tcpfsm_state_name(state)))
			return state;
	return 0;
}

static bool parse_attribute(const char *text, size_t len, struct spec_edge *edge)
{
	unsigned int i;

	for (i = 0; i < NR_FLAGS; i++) {
		if (is_word(text, len, flags[i].name)) {
			edge->flags |= flags[i].bit;
			return true;
		}
	}
	for (i = 1; i < TCPFSM_NR_CAUSES; i++) {
		if (is_word(text, len, tcpfsm_cause_name(i))) {
			edge->causes |= 1ULL << i;
			return true;
		}
	}
	return false;
}

/* From the bracket that opens; returns what follows the one that closes, or NULL. */
static const char *parse_attributes(const char *text, struct spec_edge *edge)
{
	size_t len;

	while (*text != ']') {
		len = strcspn(++text, ",|]");
		if (!text[len] || !parse_attribute(text, len, edge))
			return NULL;
		text += len;
	}
	return text + 1;
}

/**
 * spec_parse() - turn a text into edges
 * @text: see spec.h
 * @from: the state in which the connection is, for a text that goes on
 * @edges: SPEC_MAX_EDGES of them, to fill in
 *
 * Return: how many there are, -1 if the text makes no sense.
 */
int spec_parse(const char *text, uint8_t from, struct spec_edge *edges)
{
	size_t len = strcspn(text, ">");
	int nr = 0;

	if (len)
		from = parse_state(text, len);
	for (text += len; *text == '>' && from && nr < SPEC_MAX_EDGES; nr++) {
		struct spec_edge *edge = &edges[nr];

		memset(edge, 0, sizeof(*edge));
		len = strcspn(++text, ">[");
		edge->old = from;
		edge->new = parse_state(text, len);
		from = edge->new;
		text += len;
		if (*text == '[')
			text = parse_attributes(text, edge);
		if (!text)
			return -1;
	}
	return *text || !from ? -1 : nr;
}
