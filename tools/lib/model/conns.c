// SPDX-License-Identifier: GPL-2.0
/*
 * conns.c - the slots of a model's connections, and their index by ID
 */
#include "model/conns.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define FIRST_BITS 12

_Static_assert(sizeof(struct fsm_conn) + sizeof(uint64_t) + 1 + 2 * sizeof(uint32_t) <= 256,
	       "a connection takes no more than that, its share of a sparse index included");

static uint32_t hash(const struct fsm_model *model, uint64_t id)
{
	return (uint32_t)fsm_hash(id, model->index_bits);
}

static uint32_t mask(const struct fsm_model *model)
{
	return (1u << model->index_bits) - 1;
}

/* Return where an ID is in the index, or would be. */
static uint32_t place_of(const struct fsm_model *model, uint64_t id)
{
	uint32_t i = hash(model, id);

	while (model->index[i] != FSM_NONE && model->conns[model->index[i]].id != id)
		i = (i + 1) & mask(model);
	return i;
}

/**
 * fsm_conns_find() - return the slot of a connection, FSM_NONE if there is none
 * @model: model
 * @id: its ID
 */
uint32_t fsm_conns_find(const struct fsm_model *model, uint64_t id)
{
	return model->index[place_of(model, id)];
}

static int make_index(struct fsm_model *model, unsigned int bits)
{
	uint32_t *index = malloc(sizeof(*index) << bits);
	uint32_t slot;

	if (!index)
		return -1;
	memset(index, 0xff, sizeof(*index) << bits);
	free(model->index);
	model->index = index;
	model->index_bits = bits;
	for (slot = 0; slot < model->used; slot++)
		if (model->state[slot])
			index[place_of(model, model->conns[slot].id)] = slot;
	return 0;
}

static int grow_slots(struct fsm_model *model)
{
	uint32_t size = model->size ? 2 * model->size : 1u << FIRST_BITS;
	void *p;

	if (size > FSM_MODEL_MAX)
		return -1;
	p = realloc(model->conns, size * sizeof(*model->conns));
	if (!p)
		return -1;
	model->conns = p;
	p = realloc(model->since, size * sizeof(*model->since));
	if (!p)
		return -1;
	model->since = p;
	p = realloc(model->state, size);
	if (!p)
		return -1;
	model->state = p;
	model->size = size;
	return 0;
}

/* At most three quarters of the index are used: a search for an unknown ID soon ends. */
static int make_room(struct fsm_model *model)
{
	if (model->free == FSM_NONE && model->used == model->size && grow_slots(model))
		return -1;
	if ((uint64_t)model->nr + 1 > 3ull << model->index_bits >> 2)
		return make_index(model, model->index_bits + 1);
	return 0;
}

/**
 * fsm_conns_create() - take a slot for a connection that has none
 * @model: model
 * @id: its ID
 *
 * Return: slot, in no state yet, or FSM_NONE if there is no room.
 */
uint32_t fsm_conns_create(struct fsm_model *model, uint64_t id)
{
	uint32_t slot;

	if (make_room(model)) {
		model->refused++;
		return FSM_NONE;
	}
	slot = model->free;
	if (slot != FSM_NONE)
		model->free = model->conns[slot].next;
	else
		slot = model->used++;
	memset(&model->conns[slot], 0, sizeof(model->conns[slot]));
	model->conns[slot].id = id;
	model->conns[slot].uid = TCPFSM_UNKNOWN_UID;
	model->state[slot] = 0;
	model->index[place_of(model, id)] = slot;
	model->nr++;
	return slot;
}

/*
 * A search ends at the first empty place, so none may be left between an entry and where its
 * hash would have it: move up the entries behind the gap.
 */
static void close_gap(struct fsm_model *model, uint32_t gap)
{
	uint32_t i = gap;

	for (;;) {
		uint32_t home;

		i = (i + 1) & mask(model);
		if (model->index[i] == FSM_NONE)
			break;
		home = hash(model, model->conns[model->index[i]].id);
		if (((i - home) & mask(model)) < ((i - gap) & mask(model)))
			continue;
		model->index[gap] = model->index[i];
		gap = i;
	}
	model->index[gap] = FSM_NONE;
}

/**
 * fsm_conns_remove() - free the slot of a connection
 * @model: model
 * @slot: slot
 */
void fsm_conns_remove(struct fsm_model *model, uint32_t slot)
{
	struct fsm_conn *conn = &model->conns[slot];

	close_gap(model, place_of(model, conn->id));
	model->state[slot] = 0;
	conn->flags = 0;
	conn->next = model->free;
	model->free = slot;
	model->nr--;
}

/**
 * fsm_conns_clear() - free all slots
 * @model: model
 */
void fsm_conns_clear(struct fsm_model *model)
{
	model->used = 0;
	model->nr = 0;
	model->free = FSM_NONE;
	memset(model->index, 0xff, sizeof(*model->index) << model->index_bits);
}

/**
 * fsm_conns_init() - get memory for the first slots
 * @model: model, all of it 0
 *
 * Return: 0, or -1 without memory; then fsm_conns_free() has to be called, too.
 */
int fsm_conns_init(struct fsm_model *model)
{
	return grow_slots(model) || make_index(model, FIRST_BITS) ? -1 : 0;
}

void fsm_conns_free(struct fsm_model *model)
{
	free(model->conns);
	free(model->since);
	free(model->state);
	free(model->index);
}
