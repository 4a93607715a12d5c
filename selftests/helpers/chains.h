/* SPDX-License-Identifier: GPL-2.0 */
/*
 * chains.h - is every connection's history an unbroken walk on the diagram?
 *
 * Takes the transitions of a whole machine one after another and keeps, for
 * each connection (id, generation), the state it must be in. Does no I/O.
 */
#ifndef TCPFSM_CHAINS_H
#define TCPFSM_CHAINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uapi/tcpfsm.h"

/* Which kernel object an event was read from. */
enum chains_object {
	CHAINS_SOCK,
	CHAINS_REQUEST,
	CHAINS_TIMEWAIT,
	CHAINS_NR_OBJECTS
};

/* What can be wrong with an event: identifier, name in reports. */
#define CHAINS_FAULTS(X)                    \
	X(BAD_FIELD, "bad_field")           \
	X(TIME_BACKWARDS, "time_backwards") \
	X(ILLEGAL_EDGE, "illegal_edge")     \
	X(WRONG_OBJECT, "wrong_object")     \
	X(DUPLICATE, "duplicate")           \
	X(AFTER_CLOSE, "after_close")       \
	X(BROKEN, "broken")                 \
	X(BAD_BIRTH, "bad_birth")           \
	X(BAD_GENERATION, "bad_generation")

enum chains_fault {
	CHAINS_OK,
#define CHAINS_X(id, name) CHAINS_##id,
	CHAINS_FAULTS(CHAINS_X)
#undef CHAINS_X
	CHAINS_NR_FAULTS
};

#define CHAINS_MAX_LENGTH 16 /* the last bin of chains.lengths holds all longer ones */

struct chains_slot;

/**
 * struct chains - everything known about the stream so far
 * @allow_older: connections may be older than the stream: their first event may leave any
 *	state, and be of any generation
 * @slots: hash table by id; one slot holds the newest generation of its id
 * @nslots: size of @slots, a power of two
 * @ids: slots in use
 * @max_ids: @ids never exceeds it
 * @gap_end: events up to this time may have been lost, ns
 * @last_time: time of the event before, ns
 * @events: transitions taken in
 * @portless: events without a local port: connect() found none
 * @causeless: events without a cause, or of an unknown one
 * @repaired: events that the module's tracepoint handler supplied
 * @older: connections that the stream joined in mid-life
 * @generations: connections seen, all generations of all ids
 * @closed: how many of those have ended
 * @open: how many have not
 * @open_in: @open by present state and the object last seen
 * @edges: @events by old, new, object
 * @lengths: ended connections by number of events
 * @faults: events by what is wrong with them
 */
struct chains {
	bool allow_older;
	struct chains_slot *slots;
	size_t nslots;
	size_t ids;
	size_t max_ids;
	uint64_t gap_end;
	uint64_t last_time;
	uint64_t events;
	uint64_t portless;
	uint64_t causeless;
	uint64_t repaired;
	uint64_t older;
	uint64_t generations;
	uint64_t closed;
	uint64_t open;
	uint64_t open_in[TCPFSM_NR_STATES][CHAINS_NR_OBJECTS];
	uint64_t edges[TCPFSM_NR_STATES][TCPFSM_NR_STATES][CHAINS_NR_OBJECTS];
	uint64_t lengths[CHAINS_MAX_LENGTH + 1];
	uint64_t faults[CHAINS_NR_FAULTS];
};

int chains_init(struct chains *c, size_t max_ids);
void chains_free(struct chains *c);
int chains_event(struct chains *c, const struct tcpfsm_event *e, enum chains_fault *fault);
void chains_gap(struct chains *c, uint64_t end);
uint64_t chains_faults(const struct chains *c);
const char *chains_fault_name(enum chains_fault fault);
const char *chains_object_name(enum chains_object object);
const char *chains_state_name(unsigned int state);

#endif /* TCPFSM_CHAINS_H */
