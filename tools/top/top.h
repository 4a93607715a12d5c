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

enum top_view {
	VIEW_STATES,
	VIEW_CONNS,
	VIEW_DIAGRAM,
	VIEW_LADDER,
	VIEW_LISTENERS,
	NR_VIEWS
};

/* What the table of connections can be sorted by. */
enum top_sort {
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

enum top_grouping {
	GROUP_NONE,
	GROUP_PROCESS,
	GROUP_CGROUP,
	GROUP_PEER,
	NR_GROUPINGS
};

/**
 * struct top_member - what connections of one group have in common
 * @by: enum top_grouping; GROUP_NONE: nothing
 * @cgroup: with GROUP_CGROUP
 * @netns: with GROUP_CGROUP
 * @pid: with GROUP_PROCESS; 0: it is unknown, and @uid says whose it is
 * @uid: with GROUP_PROCESS
 * @comm: with GROUP_PROCESS
 * @family: with GROUP_PEER
 * @addr: with GROUP_PEER
 */
struct top_member {
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
 * struct top_picked - a line of the table: a connection
 * @key: compared first when the table is sorted
 * @slot: its slot in the model
 */
struct top_picked {
	uint64_t key;
	uint32_t slot;
};

/**
 * struct top_group - a line of the table: a group of connections
 * @member: what they have in common
 * @slot: slot of one of them
 * @total: how many there are
 * @stuck: how many of them are stuck
 * @by_state: how many of them are in each state
 * @since_ns: when the first of them entered its state
 */
struct top_group {
	struct top_member member;
	uint32_t slot;
	uint32_t total;
	uint32_t stuck;
	uint32_t by_state[TCPFSM_NR_STATES];
	uint64_t since_ns;
};

/* The largest screen has fewer lines. */
#define TABLE_IDS 512

/**
 * struct top_table - the table of connections
 * @sort: column that it is sorted by
 * @reverse: it is sorted the other way round
 * @grouping: how connections are grouped, if at all
 * @within: only connections of this group are shown
 * @picked: the connections, sorted from @first to @first + @shown
 * @nr: how many connections there are
 * @size: how many connections there is room for
 * @groups: the groups, sorted
 * @nr_groups: how many groups there are
 * @group_size: how many groups there is room for
 * @first: number of the first line that is shown
 * @cursor: number of the line that the cursor is on
 * @shown: lines that the screen has for the table; 0: it has not been drawn like that yet
 * @ids: IDs of the connections that were on the screen when it was drawn
 * @ids_first: number of the first of them
 * @nr_ids: how many there were
 */
struct top_table {
	enum top_sort sort;
	bool reverse;
	enum top_grouping grouping;
	struct top_member within;
	struct top_picked *picked;
	uint32_t nr;
	uint32_t size;
	struct top_group *groups;
	uint32_t nr_groups;
	uint32_t group_size;
	uint32_t first;
	uint32_t cursor;
	uint32_t shown;
	uint64_t ids[TABLE_IDS];
	uint32_t ids_first;
	uint32_t nr_ids;
};

/* A ladder is drawn from so many events of a connection, the last ones. */
#define TOP_LADDER_EVENTS 64

/**
 * struct top_ladder - the connection that was chosen, and its ladder
 * @id: its ID; 0: none was chosen
 * @peer: ID of its other end, 0 if there is none here
 * @events: its events, oldest first
 * @nr: how many events there are
 * @peer_events: events of the other end
 * @nr_peer: how many there are
 * @drawing: the ladder of both ends
 * @first: number of the first line of the ladder that is shown
 */
struct top_ladder {
	uint64_t id;
	uint64_t peer;
	struct tcpfsm_event events[TOP_LADDER_EVENTS];
	unsigned int nr;
	struct tcpfsm_event peer_events[TOP_LADDER_EVENTS];
	unsigned int nr_peer;
	struct fsm_canvas drawing;
	uint32_t first;
};

/**
 * struct top - everything
 * @model: the connections, as they were at @now_ns
 * @history: events
 * @rates: what happened when
 * @table: the table of connections
 * @ladder: the connection that was chosen
 * @view: the view that is looked at
 * @help: the help is shown instead
 * @typing: a filter is being typed
 * @typed: the text that was typed so far
 * @typed_at: where in it the parser stopped, with @complaint
 * @filter: the filter in use, as text
 * @complaint: what is wrong with @typed, or NULL
 * @paused: time stands still
 * @batch: the text is for a file: no keys, no cursor
 * @first_listener: number of the first listener that is shown
 * @first_help: number of the first line of the help that is shown
 * @now_ns: the time that is shown, on the recorder's clock
 * @newest_ns: the time that has been reached
 * @wall_ns: nanoseconds to add for the time of day; 0 if they are not known
 * @host: name of the machine with these connections
 * @replay: name of the recording, NULL if this is live
 * @speed: speed of the replay; 0: as fast as it can
 * @ended: the recording has ended
 * @notice: what is wrong with the source at the moment; empty if nothing is
 * @events: how many events were read
 * @lost: how many events were lost
 * @lost_more: others were lost, and it is not known how many
 * @has_queues: accept queues are known
 */
struct top {
	struct fsm_model model;
	struct fsm_history history;
	struct fsm_rates rates;
	struct top_table table;
	struct top_ladder ladder;
	enum top_view view;
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
void top_choose_conn(struct top *top, uint64_t id);
void top_scroll_back(uint32_t *first, uint32_t nr, uint32_t room);
int top_set_filter(struct top *top, const char *text);

#endif /* TOP_TOP_H */
