// SPDX-License-Identifier: GPL-2.0
/*
 * keys.c - what each key does, in one table for the bottom line, the help and the keys
 */
#include "keys.h"

#include <string.h>

#include "table.h"
#include "tty.h"

#define ALL	 ((1u << NR_VIEWS) - 1)
#define ON(name) (1u << VIEW_##name)

static enum key_result show(struct top *top, int view)
{
	top->help = false;
	top->view = (enum top_view)view;
	return KEY_CHANGED;
}

static enum key_result next_view(struct top *top, int by)
{
	return show(top, ((int)top->view + by + NR_VIEWS) % NR_VIEWS);
}

static enum key_result toggle_help(struct top *top, int arg)
{
	(void)arg;
	top->help = !top->help;
	top->first_help = 0;
	return KEY_CHANGED;
}

static enum key_result quit(struct top *top, int arg)
{
	(void)top;
	(void)arg;
	return KEY_QUIT;
}

static enum key_result toggle_pause(struct top *top, int arg)
{
	(void)arg;
	top_pause(top, !top->paused);
	return KEY_CHANGED;
}

static enum key_result step(struct top *top, int seconds)
{
	top_step(top, seconds);
	return KEY_CHANGED;
}

static enum key_result type_filter(struct top *top, int arg)
{
	(void)arg;
	top->typing = true;
	top->complaint = NULL;
	strcpy(top->typed, top->filter);
	return KEY_CHANGED;
}

static enum key_result next_sort(struct top *top, int by)
{
	top->table.sort = (enum top_sort)(((int)top->table.sort + by + NR_SORTS) % NR_SORTS);
	table_rewind(&top->table);
	return KEY_CHANGED;
}

static enum key_result reverse(struct top *top, int arg)
{
	(void)arg;
	top->table.reverse = !top->table.reverse;
	table_rewind(&top->table);
	return KEY_CHANGED;
}

static enum key_result next_grouping(struct top *top, int arg)
{
	struct top_table *table = &top->table;

	(void)arg;
	memset(&table->within, 0, sizeof(table->within));
	table->grouping = (enum top_grouping)((table->grouping + 1) % NR_GROUPINGS);
	table_rewind(table);
	return KEY_CHANGED;
}

/* Return the lines of a page, of which one stays. */
static int64_t page(const struct top *top)
{
	return top->table.shown > 1 ? (int64_t)top->table.shown - 1 : 1;
}

static void move_first(uint32_t *first, int64_t by)
{
	int64_t line = (int64_t)*first + by;

	*first = line < 0 ? 0 : line > UINT32_MAX ? UINT32_MAX : (uint32_t)line;
}

static enum key_result move_by(struct top *top, int64_t by)
{
	if (top->help)
		move_first(&top->first_help, by);
	else if (top->view == VIEW_CONNS)
		table_move(&top->table, by);
	else if (top->view == VIEW_LADDER)
		move_first(&top->ladder.first, by);
	else
		move_first(&top->first_listener, by);
	return KEY_CHANGED;
}

static enum key_result move(struct top *top, int by)
{
	return move_by(top, by);
}

static enum key_result move_page(struct top *top, int by)
{
	return move_by(top, by * page(top));
}

static enum key_result move_end(struct top *top, int by)
{
	return move_by(top, by * (int64_t)UINT32_MAX);
}

static enum key_result enter(struct top *top, int arg)
{
	uint64_t id;

	(void)arg;
	switch (table_enter(top, &id)) {
	case TABLE_CONN:
		top_choose_conn(top, id);
		top->view = VIEW_LADDER;
		return KEY_CHANGED;
	case TABLE_GROUP:
		return KEY_CHANGED;
	default:
		return KEY_IGNORED;
	}
}

static enum key_result leave(struct top *top, int arg)
{
	(void)arg;
	if (top->help) {
		top->help = false;
		return KEY_CHANGED;
	}
	if (top->view == VIEW_LADDER)
		return show(top, VIEW_CONNS);
	if (top->view == VIEW_CONNS && table_leave(&top->table))
		return KEY_CHANGED;
	return KEY_IGNORED;
}

static enum key_result repaint(struct top *top, int arg)
{
	(void)top;
	(void)arg;
	return KEY_REPAINT;
}

/* The bottom line of a narrow terminal has room for the first keys only. */
const struct top_key top_keys[] = {
	{ '?', TTY_F1, "?", "Help", "this text", ALL, toggle_help, 0 },
	{ 'q', TTY_F10, "q", "Quit", "end", ALL, quit, 0 },
	{ '1', 0, "1", NULL, "states: how many, how long", ALL, show, VIEW_STATES },
	{ '2', 0, "2", NULL, "connections, stuck ones first", ALL, show, VIEW_CONNS },
	{ '3', 0, "3", NULL, "the state diagram", ALL, show, VIEW_DIAGRAM },
	{ '4', 0, "4", NULL, "the life of the chosen connection", ALL, show, VIEW_LADDER },
	{ '5', 0, "5", NULL, "who listens, what fails", ALL, show, VIEW_LISTENERS },
	{ '\t', 0, "Tab", NULL, "next screen", ALL, next_view, 1 },
	{ TTY_ENTER, '\r', "Enter", "Look", "look into it", ON(CONNS), enter, 0 },
	{ TTY_ESC, TTY_BACKSPACE, "Esc", NULL, "back", ALL, leave, 0 },
	{ 'f', '/', "f", "Filter", "only some: port=443 state=LAST_ACK", ALL, type_filter, 0 },
	{ 's', '>', "s", "Sort", "sort by the next column", ON(CONNS), next_sort, 1 },
	{ 'S', '<', "S", NULL, "sort by the one before", ON(CONNS), next_sort, -1 },
	{ 'r', 0, "r", "Reverse", "sort the other way round", ON(CONNS), reverse, 0 },
	{ 'g', 0, "g", "Group", "by process, cgroup, peer, or not", ON(CONNS), next_grouping, 0 },
	{ ' ', 'p', "Space", "Pause", "let time stand still; go on", ALL, toggle_pause, 0 },
	{ TTY_LEFT, '[', "Left", "Back", "a second earlier", ALL, step, -1 },
	{ TTY_RIGHT, ']', "Right", NULL, "a second later", ALL, step, 1 },
	{ '{', 'b', "{", NULL, "half a minute earlier", ALL, step, -30 },
	{ '}', 'n', "}", NULL, "half a minute later", ALL, step, 30 },
	{ TTY_UP, 'k', "Up", NULL, "a line up", ALL, move, -1 },
	{ TTY_DOWN, 'j', "Down", NULL, "a line down", ALL, move, 1 },
	{ TTY_PAGE_UP, 0, "PgUp", NULL, "a page up", ALL, move_page, -1 },
	{ TTY_PAGE_DOWN, 0, "PgDn", NULL, "a page down", ALL, move_page, 1 },
	{ TTY_HOME, 0, "Home", NULL, "to the first line", ALL, move_end, -1 },
	{ TTY_END, 'G', "End", NULL, "to the last line", ALL, move_end, 1 },
	{ TTY_REDRAW, 0, "^L", NULL, "paint the screen anew", ALL, repaint, 0 },
};

const size_t top_nr_keys = sizeof(top_keys) / sizeof(top_keys[0]);

/* Take a key as a character of the filter that is being typed. */
static enum key_result type(struct top *top, int code)
{
	size_t len = strlen(top->typed);

	switch (code) {
	case TTY_ESC:
		top->typing = false;
		top->complaint = NULL;
		break;
	case TTY_ENTER:
	case '\r':
		top->typing = top_set_filter(top, top->typed) != 0;
		break;
	case TTY_BACKSPACE:
		if (len)
			top->typed[len - 1] = '\0';
		top->complaint = NULL;
		break;
	case TTY_ERASE_LINE:
		top->typed[0] = '\0';
		top->complaint = NULL;
		break;
	default:
		if (code < ' ' || code > '~' || len >= TCPFSM_FILTER_LEN)
			return KEY_IGNORED;
		top->typed[len] = (char)code;
		top->typed[len + 1] = '\0';
		top->complaint = NULL;
	}
	return KEY_CHANGED;
}

/**
 * keys_press() - do what a key does
 * @top: top
 * @code: the key
 */
enum key_result keys_press(struct top *top, int code)
{
	size_t i;

	if (top->typing)
		return type(top, code);
	for (i = 0; i < top_nr_keys; i++)
		if ((top_keys[i].code == code ||
		     (top_keys[i].other && top_keys[i].other == code)) &&
		    top_keys[i].views & 1u << top->view)
			return top_keys[i].press(top, top_keys[i].arg);
	return KEY_IGNORED;
}

/* Choose the line of the table that was clicked, or look into it if it is chosen already. */
enum key_result keys_choose_line(struct top *top, uint32_t line)
{
	struct top_table *table = &top->table;

	if (table->first + line >= table_lines(table))
		return KEY_IGNORED;
	if (table->cursor == table->first + line)
		return enter(top, 0);
	table->cursor = table->first + line;
	return KEY_CHANGED;
}

/* Sort by the column that was clicked, or the other way round if it is sorted by it already. */
enum key_result keys_sort_by(struct top *top, enum top_sort sort)
{
	top->table.reverse = top->table.sort == sort && !top->table.reverse;
	top->table.sort = sort;
	return KEY_CHANGED;
}
