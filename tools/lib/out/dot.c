// SPDX-License-Identifier: GPL-2.0
/*
 * dot.c - the state diagram with its counts, for Graphviz
 */
#include "out/dot.h"

#include <inttypes.h>

static void put_time(FILE *out, uint64_t us)
{
	if (us == UINT64_MAX)
		fputs("> 6 d", out);
	else if (us < 1000)
		fprintf(out, "< %" PRIu64 " us", us);
	else if (us < 1000000)
		fprintf(out, "< %" PRIu64 " ms", us / 1000);
	else
		fprintf(out, "< %" PRIu64 " s", us / 1000000);
}

static void put_state(FILE *out, const struct fsm_counters *stat, unsigned int state)
{
	const char *name = tcpfsm_state_name(state);
	uint64_t entered = fsm_counters_edge(stat, 0, state);
	uint64_t below;

	fprintf(out, "\t%s [label=\"%s\\n%" PRIu64, name, name, entered);
	if (fsm_counters_median_us(stat, state, &below)) {
		fputs("\\nmedian ", out);
		put_time(out, below);
	}
	fprintf(out, "\"%s];\n", entered ? ", style=filled" : "");
}

/* Return the cause that most of the transitions had. */
static unsigned int main_cause(const struct fsm_counters *stat, unsigned int old, unsigned int new)
{
	unsigned int cause, best = 0;

	for (cause = 0; cause < TCPFSM_NR_CAUSES; cause++)
		if (stat->transitions[old][new][cause] > stat->transitions[old][new][best])
			best = cause;
	return best;
}

/* Return the width of a line, which grows by one with each factor of sixteen. */
static int pen_width(uint64_t count)
{
	int width = 1;

	while (count >= 16) {
		count /= 16;
		width++;
	}
	return width;
}

static void put_edge(FILE *out, const struct fsm_counters *stat, unsigned int old, unsigned int new)
{
	uint64_t count = fsm_counters_edge(stat, old, new);

	fprintf(out, "\t%s -> %s ", tcpfsm_state_name(old), tcpfsm_state_name(new));
	if (!count) {
		fputs("[style=dotted, color=gray];\n", out);
		return;
	}
	fprintf(out, "[label=\"%" PRIu64 "\\n%s\", penwidth=%d%s];\n", count,
		tcpfsm_cause_name(main_cause(stat, old, new)), pen_width(count),
		tcpfsm_edge_legal(old, new) ? "" : ", color=red");
}

/**
 * fsm_dot() - write a graph of all possible edges, and of any other that was taken
 * @out: where
 * @stat: counters
 */
void fsm_dot(FILE *out, const struct fsm_counters *stat)
{
	unsigned int from, to;

	fputs("digraph tcp {\n"
	      "\tlabel=\"TCP connections since the module was loaded\";\n"
	      "\tnode [shape=box, fillcolor=lightyellow];\n",
	      out);
	for (from = 1; from < TCPFSM_NR_STATES; from++)
		put_state(out, stat, from);
	for (from = 1; from < TCPFSM_NR_STATES; from++)
		for (to = 1; to < TCPFSM_NR_STATES; to++)
			if (tcpfsm_edge_legal(from, to) || fsm_counters_edge(stat, from, to))
				put_edge(out, stat, from, to);
	fputs("}\n", out);
}
