/* SPDX-License-Identifier: GPL-2.0 */
/*
 * top.h - the state of fsmtop: what is known and what of it is looked at
 *
 * The feed fills it, the keys change what is looked at, the views draw it on a canvas, and
 * the terminal or a batch of text shows the canvas. None of them calls back.
 */
#ifndef TOP_TOP_H
#define TOP_TOP_H

#include "model/history.h"
#include "model/model.h"
#include "model/rates.h"
#include "out/canvas.h"

enum top_screen {
	SCREEN_STATES,
	SCREEN_CONNS,
	SCREEN_DIAGRAM,
	SCREEN_LIFE,
	SCREEN_LISTENERS,
	NR_SCREENS
};

/* What the table of connections can be sorted by. */
enum sort {
	SORT_STUCK,
	SORT_STATE,
	SORT_TIME,
	SORT_CAUSE,
	SORT_OWNER,
	SORT_LOCAL,
	SORT_REMOTE,
	SORT_ID,
	NR_SORTS
};

enum grouping {
	GROUP_NONE,
	GROUP_PROCESS,
	GROUP_CGROUP,
	GROUP_PEER,
	NR_GROUPINGS
};

/**
 * struct member - what connections of one group have in common
 * @by: enum grouping; GROUP_NONE: nothing
 * @cgroup: with GROUP_CGROUP
 * @netns: likewise
 * @pid: with GROUP_PROCESS; 0: unknown, then @uid says whose
 * @uid: likewise
 * @comm: likewise
 * @family: with GROUP_PEER
 * @addr: likewise
 */
struct member {
	uint64_t cgroup;
	uint32_t netns;
	uint32_t pid;
	uint32_t uid;
	uint8_t by;
	uint8_t family;
	char comm[TCPFSM_COMM_LEN];
	uint8_t addr[16];
};

/**
 * struct picked - a line of the table: a connection
 * @key: what is compared first
 * @slot: of the model
 */
struct picked {
	uint64_t key;
	uint32_t slot;
};

/**
 * struct group - a line of the table: a group of connections
 * @member: what they have in common
 * @slot: one of them
 * @total: how many
 * @stuck: how many of them are stuck
 * @by_state: how many of them are in each state
 * @since_ns: since when the one that is longest in its state is
 */
struct group {
	struct member member;
	uint32_t slot;
	uint32_t total;
	uint32_t stuck;
	uint32_t by_state[TCPFSM_NR_STATES];
	uint64_t since_ns;
};

/* Lines of the largest screen, and more. */
#define TABLE_IDS 512

/**
 * struct table - the table of connections
 * @sort: column
 * @reverse: the other way round
 * @grouping: connections, or groups of them
 * @within: only those of this group
 * @picked: the connections, sorted from @first to @first + @shown
 * @nr: how many
 * @size: how many there is room for
 * @groups: the groups, likewise
 * @nr_groups: how many
 * @group_size: how many there is room for
 * @first: the first one that is shown
 * @cursor: the one that the cursor is on
 * @shown: lines that the screen has for them; 0: it has not been drawn like that yet
 * @ids: the connections that were on the screen when it was drawn
 * @ids_first: number of the first of them
 * @nr_ids: how many
 */
struct table {
	enum sort sort;
	bool reverse;
	enum grouping grouping;
	struct member within;
	struct picked *picked;
	uint32_t nr;
	uint32_t size;
	struct group *groups;
	uint32_t nr_groups;
	uint32_t group_size;
	uint32_t first;
	uint32_t cursor;
	uint32_t shown;
	uint64_t ids[TABLE_IDS];
	uint32_t ids_first;
	uint32_t nr_ids;
};

/* Events of a connection that its ladder is drawn from: the last ones. */
#define LIFE_EVENTS 64

/**
 * struct life - one connection
 * @id: of it; 0: none was chosen
 * @peer: ID of its other end, 0 if there is none here
 * @events: what happened to it, oldest first
 * @nr: how many
 * @peer_events: to the other end
 * @nr_peer: how many
 * @ladder: drawing of both
 * @first: line of it that is the first one shown
 */
struct life {
	uint64_t id;
	uint64_t peer;
	struct tcpfsm_event events[LIFE_EVENTS];
	unsigned int nr;
	struct tcpfsm_event peer_events[LIFE_EVENTS];
	unsigned int nr_peer;
	struct fsm_canvas ladder;
	uint32_t first;
};

/**
 * struct top - everything
 * @model: the connections, as they were at @now_ns
 * @history: events
 * @rates: what happened when
 * @table: the table of connections
 * @life: the connection that was chosen
 * @screen: what is looked at
 * @help: the help screen is shown over it
 * @typing: a filter is being typed
 * @typed: what was typed so far
 * @typed_at: where in it the parser stopped, with @complaint
 * @filter: the filter in use, as text
 * @complaint: what is wrong with @typed, or NULL
 * @paused: time stands still
 * @batch: the text is for a file: no keys, no cursor
 * @first_listener: line of the listeners that is the first one shown
 * @first_help: likewise of the keys
 * @now_ns: the time that is shown, on the recorder's clock
 * @newest_ns: the time that has been reached
 * @wall_ns: what to add for the time of day; 0 if that is not known
 * @host: whose connections these are
 * @replay: name of the recording, NULL if this is live
 * @speed: of the replay; 0: as fast as it can
 * @ended: the recording has ended
 * @notice: what is wrong with the source at the moment; empty if nothing is
 * @events: how many were read
 * @lost: how many were lost
 * @lost_more: and others, of which nobody said how many
 * @has_queues: accept queues are known
 */
struct top {
	struct fsm_model model;
	struct fsm_history history;
	struct fsm_rates rates;
	struct table table;
	struct life life;
	enum top_screen screen;
	bool help;
	bool typing;
	char typed[TCPFSM_FILTER_LEN + 2];
	size_t typed_at;
	char filter[TCPFSM_FILTER_LEN + 1];
	const char *complaint;
	bool paused;
	bool batch;
	uint32_t first_listener;
	uint32_t first_help;
	uint64_t now_ns;
	uint64_t newest_ns;
	uint64_t wall_ns;
	char host[72];
	const char *replay;
	double speed;
	bool ended;
	char notice[512];
	uint64_t events;
	uint64_t lost;
	bool lost_more;
	bool has_queues;
};

int top_init(struct top *top);
void top_free(struct top *top);
void top_reset(struct top *top);
void top_event(struct top *top, const struct tcpfsm_event *ev);
void top_advance(struct top *top, uint64_t time_ns);
void top_step(struct top *top, double seconds);
void top_pause(struct top *top, bool paused);
void top_show_life(struct top *top, uint64_t id);
int top_set_filter(struct top *top, const char *text);

#endif /* TOP_TOP_H */
