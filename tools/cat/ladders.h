/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ladders.h - fsmcat --ladder: each connection is drawn when it has ended
 */
#ifndef FSMCAT_LADDERS_H
#define FSMCAT_LADDERS_H

#include "base/output.h"
#include "model/assembly.h"
#include "out/when.h"

/**
 * struct ladders - what is drawn, and how
 * @out: where
 * @one: only the connection with @id and @gen
 * @id: its id
 * @gen: which one of the socket
 * @width: columns
 * @utf8: with the lines of Unicode
 * @colour: with the colours of a terminal
 * @wall: times are those of a wall clock
 * @when: what turns one into the other
 * @drawn: how many were
 * @lives: connections under way
 */
struct ladders {
	struct fsm_out *out;
	bool one;
	uint64_t id;
	uint32_t gen;
	unsigned int width;
	bool utf8;
	bool colour;
	bool wall;
	struct fsm_when when;
	uint64_t drawn;
	struct fsm_lives lives;
};

bool ladders_parse_id(struct ladders *ladders, const char *text);
int ladders_event(struct ladders *ladders, const struct tcpfsm_event *ev, bool wanted);
int ladders_unfinished(struct ladders *ladders);

#endif /* FSMCAT_LADDERS_H */
