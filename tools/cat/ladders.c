// SPDX-License-Identifier: GPL-2.0
/*
 * ladders.c - fsmcat --ladder: each connection is drawn when it has ended
 */
#include "ladders.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out/ladder.h"

/* fsm_life.mark: the filter wanted one of its events. */
#define WANTED 1u

/* Longest line: a pen of its own for each cell. */
#define LINE_MAX_LEN (FSM_GRID_RUN_MAX + FSM_GRID_WIDTH_MAX * FSM_PEN_MAX)

static bool parse_number(const char **text, int base, uint64_t max, uint64_t *v)
{
	const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
	size_t len = strspn(*text, digits);
	char *end;

	/* strtoull() would take blanks, a sign and 0x. */
	if (!len)
		return false;
	errno = 0;
	*v = strtoull(*text, &end, base);
	if (errno || end != *text + len || *v > max)
		return false;
	*text = end;
	return true;
}

/**
 * ladders_parse_id() - which connection
 * @ladders: gets it
 * @text: as the column ID has it: 1a, or 1a/2 for a generation beyond the first
 *
 * Return: was it one?
 */
bool ladders_parse_id(struct ladders *ladders, const char *text)
{
	uint64_t gen = 1;

	if (!parse_number(&text, 16, UINT64_MAX, &ladders->id))
		return false;
	if (*text == '/') {
		text++;
		if (!parse_number(&text, 10, UINT32_MAX, &gen) || !gen)
			return false;
	}
	ladders->gen = (uint32_t)gen;
	ladders->one = true;
	return !*text;
}

static void put_line(const struct ladders *ladders, const struct fsm_grid *grid, size_t line)
{
	char text[FSM_GRID_RUN_MAX];
	enum fsm_pen pen;
	size_t column = 0, n;
	char *p = fsm_out_reserve(ladders->out, LINE_MAX_LEN);

	while ((n = fsm_grid_run(grid, line, column, ladders->utf8, text, &pen)) > 0) {
		if (ladders->colour)
			p = stpcpy(p, fsm_pen_on(pen));
		p = stpcpy(p, text);
		if (ladders->colour)
			p = stpcpy(p, fsm_pen_off(pen));
		column += n;
	}
	*p++ = '\n';
	fsm_out_commit(ladders->out, p);
}

static int draw(struct ladders *ladders, const struct fsm_life *life)
{
	const struct fsm_life *peer = life->peer;
	uint64_t first_ns = life->end.events[0].time_ns;
	char began[FSM_WHEN_LEN + 1];
	struct fsm_grid grid;
	size_t line;
	int err;

	if (peer && peer->end.events[0].time_ns < first_ns)
		first_ns = peer->end.events[0].time_ns;
	*fsm_put_when(began, fsm_when_real(&ladders->when, first_ns)) = '\0';
	err = fsm_ladder_draw(&grid, ladders->width, &life->end, peer ? &peer->end : NULL,
			      ladders->wall ? began : NULL);
	if (!err) {
		if (ladders->drawn++)
			fsm_out_append(ladders->out, "\n", 1);
		for (line = 0; line < grid.nr_lines; line++)
			put_line(ladders, &grid, line);
	}
	fsm_grid_free(&grid);
	return err;
}

static bool has_name(const struct ladders *ladders, const struct fsm_life *life)
{
	return life->id == ladders->id && (life->gen == ladders->gen || !life->gen);
}

static bool is_wanted(const struct ladders *ladders, const struct fsm_life *life)
{
	const struct fsm_life *peer = life->peer;

	if (ladders->one)
		return has_name(ladders, life) || (peer && has_name(ladders, peer));
	/* A listener's life has no rungs. */
	return !fsm_life_is_listener(life) &&
	       (life->mark & WANTED || (peer && peer->mark & WANTED));
}

/* Draw, unless nobody wants it, and forget both ends. */
static int finish(struct ladders *ladders, struct fsm_life *life)
{
	struct fsm_life *peer = life->peer;
	int err = is_wanted(ladders, life) ? draw(ladders, life) : 0;

	fsm_lives_remove(&ladders->lives, life);
	if (peer)
		fsm_lives_remove(&ladders->lives, peer);
	return err;
}

/**
 * ladders_event() - one event more
 * @ladders: ladders
 * @ev: event
 * @wanted: the filter wants it, and so the whole connection
 *
 * Return: 0, or -1 if there is no memory.
 */
int ladders_event(struct ladders *ladders, const struct tcpfsm_event *ev, bool wanted)
{
	struct fsm_life *life = fsm_lives_add(&ladders->lives, ev);

	if (!life)
		return -1;
	if (wanted)
		life->mark |= WANTED;
	if (!life->ended || (life->peer && !life->peer->ended))
		return 0;
	return finish(ladders, life);
}

/**
 * ladders_unfinished() - draw what has not ended
 * @ladders: ladders, empty afterwards
 *
 * Return: 0, or -1 if there is no memory.
 */
int ladders_unfinished(struct ladders *ladders)
{
	while (ladders->lives.oldest)
		if (finish(ladders, ladders->lives.oldest))
			return -1;
	return 0;
}
