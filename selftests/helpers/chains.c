// SPDX-License-Identifier: GPL-2.0
/*
 * chains.c - is every connection's history an unbroken walk on the diagram?
 *
 * The tables below say again, on purpose, what the module has tables for as
 * well: a checker that shared them would share their mistakes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/states.h"
#include "chains.h"

#define FIRST_SLOTS 4096

/**
 * struct chains_slot - the newest generation of one id
 * @id: socket cookie; 0: the slot is free, the kernel gives no such cookie
 * @time: of the last event
 * @gen: generation
 * @length: events of this generation
 * @old: the last event's old state
 * @state: the last event's new state
 * @object: what the last event was read from
 * @older: the stream joined this generation in mid-life, or lost a part of it
 */
struct chains_slot {
	uint64_t id;
	uint64_t time;
	uint32_t gen;
	uint16_t length;
	uint8_t old;
	uint8_t state;
	uint8_t object;
	bool older;
};

#define S(state) (1u << TCPFSM_##state)

/*
 * Where a connection can go. RFC 9293, section 3.3.2, less what Linux never
 * does (SYN_RECV back to LISTEN, LISTEN to SYN_SENT, FIN_WAIT1 straight to
 * TIME_WAIT), plus the ways to CLOSE that its diagram leaves out: ABORT, RST
 * and the timeouts of sections 3.8.3, 3.10.5 and 3.10.7.
 */
static const unsigned int successors[TCPFSM_NR_STATES] = {
	[TCPFSM_CLOSE] = S(LISTEN) | S(SYN_SENT),
	[TCPFSM_LISTEN] = S(SYN_RECV) | S(CLOSE),
	[TCPFSM_SYN_SENT] = S(ESTABLISHED) | S(SYN_RECV) | S(CLOSE),
	[TCPFSM_SYN_RECV] = S(ESTABLISHED) | S(FIN_WAIT1) | S(CLOSE_WAIT) | S(CLOSE),
	[TCPFSM_ESTABLISHED] = S(FIN_WAIT1) | S(CLOSE_WAIT) | S(CLOSE),
	[TCPFSM_FIN_WAIT1] = S(FIN_WAIT2) | S(CLOSING) | S(CLOSE),
	[TCPFSM_FIN_WAIT2] = S(TIME_WAIT) | S(CLOSE),
	[TCPFSM_CLOSING] = S(TIME_WAIT) | S(CLOSE),
	[TCPFSM_TIME_WAIT] = S(CLOSE),
	[TCPFSM_CLOSE_WAIT] = S(LAST_ACK) | S(CLOSE),
	[TCPFSM_LAST_ACK] = S(CLOSE),
};

#define KNOWN_FLAGS                                                                    \
	(TCPFSM_F_SYNCOOKIE | TCPFSM_F_FASTOPEN | TCPFSM_F_FINACK | TCPFSM_F_ILLEGAL | \
	 TCPFSM_F_REPAIRED | TCPFSM_F_MAPPED | TCPFSM_F_SOFTIRQ | TCPFSM_F_TIMEWAIT |  \
	 TCPFSM_F_REQUEST | TCPFSM_F_NOSEQ | TCPFSM_F_NOSTATS)

const char *chains_state_name(unsigned int state)
{
	static const char *const names[TCPFSM_NR_STATES] = {
#define NAME(id) [TCPFSM_##id] = #id,
		TCPFSM_STATES(NAME)
#undef NAME
	};

	return state < TCPFSM_NR_STATES && names[state] ? names[state] : "?";
}

const char *chains_fault_name(enum chains_fault fault)
{
	static const char *const names[CHAINS_NR_FAULTS] = { [CHAINS_OK] = "ok",
#define CHAINS_X(id, name) [CHAINS_##id] = name,
							     CHAINS_FAULTS(CHAINS_X)
#undef CHAINS_X
	};

	return names[fault];
}

const char *chains_object_name(enum chains_object object)
{
	static const char *const names[CHAINS_NR_OBJECTS] = {
		[CHAINS_SOCK] = "sock",
		[CHAINS_REQUEST] = "request",
		[CHAINS_TIMEWAIT] = "timewait",
	};

	return names[object];
}

static enum chains_object object_of(const struct tcpfsm_event *e)
{
	if (e->flags & TCPFSM_F_REQUEST)
		return CHAINS_REQUEST;
	if (e->flags & TCPFSM_F_TIMEWAIT)
		return CHAINS_TIMEWAIT;
	return CHAINS_SOCK;
}

static bool is_state(unsigned int state)
{
	return state >= TCPFSM_ESTABLISHED && state < TCPFSM_NR_STATES;
}

static bool all_zero(const void *p, size_t len)
{
	const char *c = p;

	while (len--)
		if (*c++)
			return false;
	return true;
}

static bool fields_sane(const struct tcpfsm_event *e)
{
	size_t comm_len = strnlen(e->comm, sizeof(e->comm));

	if (!is_state(e->old) || !is_state(e->new) || !e->id || !e->gen || !e->netns)
		return false;
	if ((e->flags & ~KNOWN_FLAGS) ||
	    ((e->flags & TCPFSM_F_REQUEST) && (e->flags & TCPFSM_F_TIMEWAIT)))
		return false;
	if (e->family != AF_INET && e->family != AF_INET6)
		return false;
	if (e->family == AF_INET && (!all_zero(e->laddr + 4, sizeof(e->laddr) - 4) ||
				     !all_zero(e->raddr + 4, sizeof(e->raddr) - 4)))
		return false;
	if ((e->flags & TCPFSM_F_MAPPED) && e->family != AF_INET)
		return false;
	/* Only a connect() that found no port has none; only a listener has no peer. */
	if (!e->lport && e->old != TCPFSM_SYN_SENT && e->new != TCPFSM_SYN_SENT)
		return false;
	if (e->new == TCPFSM_LISTEN || (e->old == TCPFSM_LISTEN && e->new == TCPFSM_CLOSE)) {
		if (e->rport || !all_zero(e->raddr, sizeof(e->raddr)))
			return false;
	} else if (!e->rport) {
		return false;
	}
	/* The name is that of the task that @pid belongs to, padded with NULs. */
	if (comm_len == sizeof(e->comm) || (!e->pid && comm_len))
		return false;
	return all_zero(e->comm + comm_len, sizeof(e->comm) - comm_len);
}

/* Only these edges are taken while the connection is a request or timewait sock. */
static bool object_fits(const struct tcpfsm_event *e, enum chains_object object)
{
	switch (object) {
	case CHAINS_REQUEST:
		return (e->old == TCPFSM_LISTEN && e->new == TCPFSM_SYN_RECV) ||
		       (e->old == TCPFSM_SYN_RECV && e->new == TCPFSM_CLOSE);
	case CHAINS_TIMEWAIT:
		return e->old == TCPFSM_TIME_WAIT || e->old == TCPFSM_FIN_WAIT2;
	default:
		return e->old != TCPFSM_TIME_WAIT;
	}
}

static size_t home(const struct chains *c, uint64_t id)
{
	return (id * 0x9e3779b97f4a7c15ull >> 20) & (c->nslots - 1);
}

/* The slot of @id, or the free one where it belongs: linear probing, never full. */
static struct chains_slot *find(struct chains *c, uint64_t id)
{
	size_t i = home(c, id);

	while (c->slots[i].id && c->slots[i].id != id)
		i = (i + 1) & (c->nslots - 1);
	return &c->slots[i];
}

static int grow(struct chains *c)
{
	struct chains_slot *old = c->slots;
	size_t n = c->nslots;
	struct chains_slot *bigger = calloc(n * 2, sizeof(*bigger));

	if (!bigger)
		return -ENOMEM;
	c->slots = bigger;
	c->nslots = n * 2;
	for (size_t i = 0; i < n; i++)
		if (old[i].id)
			*find(c, old[i].id) = old[i];
	free(old);
	return 0;
}

int chains_init(struct chains *c, size_t max_ids)
{
	memset(c, 0, sizeof(*c));
	c->max_ids = max_ids;
	c->nslots = FIRST_SLOTS;
	c->slots = calloc(c->nslots, sizeof(*c->slots));
	return c->slots ? 0 : -ENOMEM;
}

void chains_free(struct chains *c)
{
	free(c->slots);
	c->slots = NULL;
}

static bool is_open(const struct chains_slot *s)
{
	return s->id && s->state != TCPFSM_CLOSE;
}

/* Nothing was lost since the slot's last event. */
static bool is_fresh(const struct chains *c, const struct chains_slot *s)
{
	return s->id && s->time > c->gap_end;
}

/* A connection that begins here: may it, with this event? */
static enum chains_fault check_birth(const struct chains *c, const struct tcpfsm_event *e,
				     const struct chains_slot *s)
{
	bool fresh = is_fresh(c, s);

	/* Who knows what came before? */
	if (!fresh && (c->allow_older || c->gap_end))
		return CHAINS_OK;
	if (e->gen != (fresh ? s->gen + 1 : 1) || (fresh && is_open(s)))
		return CHAINS_BAD_GENERATION;
	if (e->old == TCPFSM_CLOSE || (e->old == TCPFSM_LISTEN && e->new == TCPFSM_SYN_RECV))
		return CHAINS_OK;
	return CHAINS_BAD_BIRTH;
}

/* A further event of a connection that has been seen. */
static enum chains_fault check_link(const struct chains *c, const struct tcpfsm_event *e,
				    const struct chains_slot *s)
{
	if (e->old == s->old && e->new == s->state && e->time_ns == s->time)
		return CHAINS_DUPLICATE;
	if (s->state == TCPFSM_CLOSE)
		return CHAINS_AFTER_CLOSE;
	if (e->old == s->state || !is_fresh(c, s))
		return CHAINS_OK;
	return CHAINS_BROKEN;
}

static enum chains_fault check(const struct chains *c, const struct tcpfsm_event *e,
			       const struct chains_slot *s)
{
	if (e->time_ns < c->last_time)
		return CHAINS_TIME_BACKWARDS;
	if (!(successors[e->old] & 1u << e->new) || (e->flags & TCPFSM_F_ILLEGAL))
		return CHAINS_ILLEGAL_EDGE;
	if (!object_fits(e, object_of(e)))
		return CHAINS_WRONG_OBJECT;
	return s->id && s->gen == e->gen ? check_link(c, e, s) : check_birth(c, e, s);
}

/* What the slot held no longer counts as open. */
static void forget(struct chains *c, const struct chains_slot *s)
{
	if (!is_open(s))
		return;
	c->open--;
	c->open_in[s->state][s->object]--;
}

static void account(struct chains *c, const struct tcpfsm_event *e, struct chains_slot *s)
{
	forget(c, s);
	if (!s->id || s->gen != e->gen) {
		c->generations++;
		s->length = 0;
		s->older = e->old != TCPFSM_CLOSE &&
			   !(e->old == TCPFSM_LISTEN && e->new == TCPFSM_SYN_RECV);
		c->older += s->older;
	} else if (!is_fresh(c, s)) {
		s->older = true;
	}
	if (!s->id)
		c->ids++;
	s->id = e->id;
	s->time = e->time_ns;
	s->gen = e->gen;
	s->length++;
	s->old = e->old;
	s->state = e->new;
	s->object = object_of(e);
	if (is_open(s)) {
		c->open++;
		c->open_in[s->state][s->object]++;
		return;
	}
	c->closed++;
	if (!s->older)
		c->lengths[s->length < CHAINS_MAX_LENGTH ? s->length : CHAINS_MAX_LENGTH]++;
}

/**
 * chains_event - take the next event of the stream
 * @c: the stream so far
 * @e: the event, of type TCPFSM_REC_EVENT
 * @fault: set to what is wrong with it, CHAINS_OK if nothing
 *
 * A faulty event is taken for true all the same, so that one loss is one fault
 * and not one for each event that follows.
 *
 * Return: 0, -ENOMEM, or -ENOSPC when @c->max_ids is reached.
 */
int chains_event(struct chains *c, const struct tcpfsm_event *e, enum chains_fault *fault)
{
	struct chains_slot *s;

	c->events++;
	if (!fields_sane(e)) {
		*fault = CHAINS_BAD_FIELD;
		c->faults[*fault]++;
		return 0;
	}
	if ((c->ids + 1) * 2 > c->nslots && grow(c))
		return -ENOMEM;
	s = find(c, e->id);
	if (!s->id && c->ids == c->max_ids)
		return -ENOSPC;
	*fault = check(c, e, s);
	c->faults[*fault]++;
	c->edges[e->old][e->new][object_of(e)]++;
	c->portless += !e->lport;
	c->causeless += e->cause == TCPFSM_C_NONE || e->cause == TCPFSM_C_UNKNOWN;
	c->repaired += !!(e->flags & TCPFSM_F_REPAIRED);
	if (e->time_ns > c->last_time)
		c->last_time = e->time_ns;
	account(c, e, s);
	return 0;
}

/**
 * chains_gap - events were lost: what follows need not fit what was
 * @c: the stream so far
 * @end: a time when all of the lost ones had happened
 */
void chains_gap(struct chains *c, uint64_t end)
{
	c->gap_end = end;
}

/**
 * chains_faults - number of faulty events
 * @c: the stream so far
 *
 * Return: the sum over all faults.
 */
uint64_t chains_faults(const struct chains *c)
{
	uint64_t sum = 0;

	for (int i = CHAINS_OK + 1; i < CHAINS_NR_FAULTS; i++)
		sum += c->faults[i];
	return sum;
}
