// SPDX-License-Identifier: GPL-2.0
/*
 * life.c - what happened to the connection that was chosen, and to its other end
 */
#include "life.h"

#include <string.h>

#include "out/ladder.h"

static bool is_other_end(const struct tcpfsm_event *own, const struct tcpfsm_event *ev)
{
	return ev->id != own->id && ev->lport == own->rport && ev->rport == own->lport &&
	       ev->family == own->family && !memcmp(ev->laddr, own->raddr, 16) &&
	       !memcmp(ev->raddr, own->laddr, 16);
}

/* The last ones that fit. */
static void add(struct tcpfsm_event *list, unsigned int *nr, const struct tcpfsm_event *ev)
{
	if (*nr == LIFE_EVENTS) {
		memmove(list, list + 1, (LIFE_EVENTS - 1) * sizeof(*list));
		--*nr;
	}
	list[(*nr)++] = *ev;
}

/* Its own events of its last generation; the other end's of the same time come after. */
static void collect_own(struct top *top, struct life *life)
{
	const struct fsm_history *h = &top->history;
	uint64_t nr;

	life->nr = 0;
	for (nr = h->tail; nr < h->at; nr++) {
		const struct tcpfsm_event *ev = &fsm_history_at(h, nr)->ev;

		if (ev->id != life->id)
			continue;
		if (life->nr && life->events[0].gen != ev->gen)
			life->nr = 0;
		add(life->events, &life->nr, ev);
	}
}

/* Whose addresses are ours swapped; not those who got the same addresses after our end. */
static void collect_peer(struct top *top, struct life *life)
{
	const struct fsm_history *h = &top->history;
	const struct tcpfsm_event *own = &life->events[life->nr - 1];
	uint32_t gen = 0;
	uint64_t nr;

	life->peer = 0;
	for (nr = h->tail; nr < h->at; nr++) {
		const struct tcpfsm_event *ev = &fsm_history_at(h, nr)->ev;

		if (!is_other_end(own, ev))
			continue;
		if (ev->id != life->peer || ev->gen != gen) {
			if (own->new == TCPFSM_CLOSE && ev->time_ns > own->time_ns)
				break;
			life->nr_peer = 0;
		}
		life->peer = ev->id;
		gen = ev->gen;
		add(life->peer_events, &life->nr_peer, ev);
	}
}

/* Nothing has happened to either of them since it was drawn. */
static bool is_drawn(const struct life *life, const struct life *before, size_t width)
{
	return life->ladder.nr_lines && life->ladder.width == width && life->nr == before->nr &&
	       life->nr_peer == before->nr_peer && life->peer == before->peer &&
	       !memcmp(life->events, before->events, life->nr * sizeof(*life->events)) &&
	       !memcmp(life->peer_events, before->peer_events,
		       life->nr_peer * sizeof(*life->events));
}

static void draw(struct life *life, size_t width)
{
	struct fsm_end own = { .events = life->events, .nr = life->nr };
	struct fsm_end peer = { .events = life->peer_events, .nr = life->nr_peer };

	fsm_grid_free(&life->ladder);
	memset(&life->ladder, 0, sizeof(life->ladder));
	if (life->nr)
		fsm_ladder_draw(&life->ladder, (unsigned int)width, &own,
				life->nr_peer ? &peer : NULL, NULL);
}

/**
 * life_refresh() - look through what has happened, and draw it
 * @top: top
 * @width: columns of the screen
 *
 * Only where it is seen: this reads all of the history.
 */
void life_refresh(struct top *top, int width)
{
	static struct life before;

	if (top->screen != SCREEN_LIFE || !top->life.id)
		return;
	if (width < FSM_LADDER_WIDTH_MIN)
		width = FSM_LADDER_WIDTH_MIN;
	before = top->life;
	collect_own(top, &top->life);
	top->life.nr_peer = 0;
	if (top->life.nr)
		collect_peer(top, &top->life);
	if (!is_drawn(&top->life, &before, (size_t)width))
		draw(&top->life, (size_t)width);
}
