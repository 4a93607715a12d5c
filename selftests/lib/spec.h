/* SPDX-License-Identifier: GPL-2.0 */
/*
 * spec.h - what a test expects of a connection, written as text
 *
 *	LISTEN>SYN_RECV[rcv_syn]>ESTABLISHED[rcv_ack]>CLOSE_WAIT[rcv_fin]
 *
 * States by their names; in brackets, separated by commas, what is to be said of the
 * edge that leads there: its cause (with | between several that will do) and the flags
 * that it has. A text that begins with > goes on where an earlier one ended.
 */
#ifndef TCPFSM_KSFT_SPEC_H
#define TCPFSM_KSFT_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#define SPEC_MAX_EDGES 16

/**
 * struct spec_edge - one edge that is expected
 * @old: state before
 * @new: state after
 * @causes: bit mask of the causes that will do, 0: any
 * @flags: TCPFSM_F_* that it has to have
 */
struct spec_edge {
	uint8_t old;
	uint8_t new;
	uint64_t causes;
	uint16_t flags;
};

int spec_parse(const char *text, uint8_t from, struct spec_edge *edges);

#endif /* TCPFSM_KSFT_SPEC_H */
