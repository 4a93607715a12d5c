// SPDX-License-Identifier: GPL-2.0
/*
 * decode.c - check and decode one record by the size and version in its head
 */
#include "in/decode.h"

#include <byteswap.h>
#include <string.h>

_Static_assert(sizeof(struct tcpfsm_event) >= FSM_EVENT_MIN, "records only grow");

struct head {
	uint16_t size;
	uint16_t version;
	uint16_t type;
};

static struct head read_head(const void *raw, bool swap)
{
	struct head head;

	memcpy(&head, raw, sizeof(head));
	if (swap) {
		head.size = bswap_16(head.size);
		head.version = bswap_16(head.version);
		head.type = bswap_16(head.type);
	}
	return head;
}

/**
 * fsm_record_size() - return the length of the record that starts here
 * @raw: at least FSM_RECORD_HEAD bytes
 * @swap: they are in the other byte order
 */
size_t fsm_record_size(const void *raw, bool swap)
{
	return read_head(raw, swap).size;
}

/**
 * fsm_record_problem() - check whether this can be a record
 * @raw: at least FSM_RECORD_HEAD bytes
 * @swap: they are in the other byte order
 *
 * A longer record, a newer version and an unknown type are no problem: a newer
 * module may write them.
 *
 * Return: NULL if it can, or a few words on what is wrong.
 */
const char *fsm_record_problem(const void *raw, bool swap)
{
	struct head head = read_head(raw, swap);

	/* The record holds 64-bit numbers, so the compiler makes its size a multiple of 8. */
	if (head.size < FSM_RECORD_HEAD || head.size > FSM_RECORD_MAX || head.size % 8)
		return "its size is impossible";
	if (head.version == 0)
		return "there is no such version";
	if (head.type == TCPFSM_REC_EVENT && head.size < FSM_EVENT_MIN)
		return "it is shorter than an event";
	if (head.type == TCPFSM_REC_LOST && head.size < FSM_LOST_MIN)
		return "it is shorter than a record of loss";
	return NULL;
}

static void swap_event(struct tcpfsm_event *ev)
{
	ev->size = bswap_16(ev->size);
	ev->version = bswap_16(ev->version);
	ev->type = bswap_16(ev->type);
	ev->flags = bswap_16(ev->flags);
	ev->time_ns = bswap_64(ev->time_ns);
	ev->id = bswap_64(ev->id);
	ev->dwell_ns = bswap_64(ev->dwell_ns);
	ev->cgroup = bswap_64(ev->cgroup);
	ev->bytes_sent = bswap_64(ev->bytes_sent);
	ev->bytes_received = bswap_64(ev->bytes_received);
	ev->gen = bswap_32(ev->gen);
	ev->netns = bswap_32(ev->netns);
	ev->uid = bswap_32(ev->uid);
	ev->pid = bswap_32(ev->pid);
	ev->lport = bswap_16(ev->lport);
	ev->rport = bswap_16(ev->rport);
	ev->snd_una = bswap_32(ev->snd_una);
	ev->snd_nxt = bswap_32(ev->snd_nxt);
	ev->rcv_nxt = bswap_32(ev->rcv_nxt);
	ev->snd_wnd = bswap_32(ev->snd_wnd);
	ev->rcv_wnd = bswap_32(ev->rcv_wnd);
	ev->srtt_us = bswap_32(ev->srtt_us);
	ev->retrans = bswap_32(ev->retrans);
	ev->err = (int16_t)bswap_16((uint16_t)ev->err);
	ev->cpu = bswap_16(ev->cpu);
}

/**
 * fsm_record_decode() - get a record in a form that can be used
 * @raw: a whole record without a problem, aligned to 8 bytes
 * @swap: it is in the other byte order
 * @scratch: used if the record cannot be used in place
 *
 * The usual record is not copied: it has this machine's byte order, and at least the fields
 * that this program knows.
 *
 * Return: the record, at @raw or at @scratch.
 */
const struct tcpfsm_event *fsm_record_decode(const void *raw, bool swap,
					     struct tcpfsm_event *scratch)
{
	size_t size = fsm_record_size(raw, swap);

	if (!swap && size >= sizeof(*scratch))
		return raw;

	if (size > sizeof(*scratch))
		size = sizeof(*scratch);
	memset(scratch, 0, sizeof(*scratch));
	memcpy(scratch, raw, size);
	if (swap)
		swap_event(scratch);
	return scratch;
}
