/* SPDX-License-Identifier: GPL-2.0 */
/*
 * decode.h - one record of the stream: checked, and turned into an event
 */
#ifndef FSM_DECODE_H
#define FSM_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "uapi/tcpfsm.h"

/* Bytes of size, version, type and flags, with which every record of every version starts. */
#define FSM_RECORD_HEAD 8

/* Bytes of an event of the first release; later ones only append to it. */
#define FSM_EVENT_MIN 160

/* Bytes of a record of loss up to its count: it does not end before. */
#define FSM_LOST_MIN 24

/* No record will ever be as long, but most damaged sizes are longer. */
#define FSM_RECORD_MAX 4096

/**
 * struct fsm_record - one record, decoded
 * @ev: record in this machine's byte order, with every field that this program knows
 * @raw: record as it was read, whatever its length and byte order, for copying it
 * @raw_size: bytes at @raw
 *
 * Both pointers are good until the next call on the source that gave them.
 */
struct fsm_record {
	const struct tcpfsm_event *ev;
	const void *raw;
	size_t raw_size;
};

/* Return whether it is an event as this program knows it, as nearly every record is. */
static inline bool fsm_record_is_usual(const void *raw, bool swap)
{
	static const uint16_t head[] = {
		sizeof(struct tcpfsm_event),
		TCPFSM_ABI_VERSION,
		TCPFSM_REC_EVENT,
	};

	return !swap && !memcmp(raw, head, sizeof(head));
}

size_t fsm_record_size(const void *raw, bool swap);
const char *fsm_record_problem(const void *raw, bool swap);
const struct tcpfsm_event *fsm_record_decode(const void *raw, bool swap,
					     struct tcpfsm_event *scratch);

#endif /* FSM_DECODE_H */
