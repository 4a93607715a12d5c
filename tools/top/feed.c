// SPDX-License-Identifier: GPL-2.0
/*
 * feed.c - where the events come from, and how fast
 */
#include "feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cli.h"
#include "base/clock.h"
#include "model/baseline.h"
#include "names.h"

/* Look at the keys in between, however many events there are: this is some milliseconds' work. */
#define EVENTS_AT_ONCE 20000

#define RETRY_NS    (FSM_NS_PER_SECOND / 4)
#define BASELINE_NS (5 * FSM_NS_PER_SECOND)

/* ---- begin ---- */

static int open_live(struct feed *feed)
{
	if (fsm_source_open_live(&feed->src, feed->path))
		return -1;
	feed->is_open = true;
	feed->is_behind = true;
	feed->until_ns = fsm_now_ns();
	feed->want_baseline = feed->is_own;
	feed->baseline_ns = 0;
	return 0;
}

static void describe_live(struct top *top)
{
	struct utsname uts;

	top->wall_ns = fsm_clock_ns(CLOCK_REALTIME) - fsm_now_ns();
	if (uname(&uts) == 0)
		snprintf(top->host, sizeof(top->host), "%.*s", (int)sizeof(top->host) - 1,
			 uts.nodename);
}

static void describe_recording(const struct feed *feed, struct top *top)
{
	const struct fsm_header *header = &feed->src.header;

	top->wall_ns = header->real_ns - header->mono_ns;
	snprintf(top->host, sizeof(top->host), "%.*s", (int)sizeof(header->host) - 1, header->host);
}

/**
 * feed_open() - open the source
 * @feed: feed
 * @top: learns what it is
 * @recording: file, or NULL for the module's stream
 *
 * Return: 0, or -1 with @feed->src.error set.
 */
int feed_open(struct feed *feed, struct top *top, const char *recording)
{
	memset(feed, 0, sizeof(*feed));
	feed->clock_ns = fsm_now_ns();
	names_use(!recording);
	top->replay = recording;
	if (recording) {
		if (fsm_source_open_recording(&feed->src, recording))
			return -1;
		feed->is_open = true;
		describe_recording(feed, top);
		return 0;
	}
	feed->path = fsm_cli_file("TCPFSM_RAW", FSM_LIVE_PATH);
	feed->is_own = !strcmp(feed->path, FSM_LIVE_PATH);
	describe_live(top);
	return open_live(feed);
}

void feed_close(struct feed *feed)
{
	fsm_source_close(&feed->src);
	feed->is_open = false;
	feed->is_behind = false;
}

/* ---- live ---- */

static void say_gone(struct feed *feed, struct top *top)
{
	snprintf(top->notice, sizeof(top->notice),
		 "%s: gone; waiting until the module is loaded (make load)", feed->path);
	feed_close(feed);
	feed->retry_ns = fsm_now_ns() + RETRY_NS;
}

/* Open the stream of a module that was loaded anew; nothing that was known before holds. */
static void come_back(struct feed *feed, struct top *top)
{
	if (fsm_now_ns() < feed->retry_ns)
		return;
	feed->retry_ns = fsm_now_ns() + RETRY_NS;
	if (open_live(feed)) {
		fsm_source_close(&feed->src);
		return;
	}
	top_reset(top);
	top->notice[0] = '\0';
}

static void take_baseline(struct feed *feed, struct top *top)
{
	uint64_t now = fsm_now_ns();
	char missing[FSM_NAMESPACES_WHY];

	if (!feed->want_baseline || (feed->baseline_ns && now - feed->baseline_ns < BASELINE_NS))
		return;
	feed->want_baseline = false;
	feed->baseline_ns = now;
	/* The baseline shows the present, so stop looking at the past. */
	if (top->paused)
		top_pause(top, false);
	if (fsm_baseline_take(&top->model, now, missing) == 0)
		top->has_queues = true;
	else
		snprintf(top->notice, sizeof(top->notice),
			 "connections of before are not known: inet_diag: %s", strerror(errno));
	if (missing[0])
		snprintf(top->notice, sizeof(top->notice),
			 "not all connections of before are known: %s", missing);
}

static void take_event(struct feed *feed, struct top *top, const struct tcpfsm_event *ev)
{
	if (ev->type == TCPFSM_REC_LOST)
		feed->want_baseline = feed->is_own;
	/* The stream is in the order of time: nothing older will come. */
	else if (ev->type == TCPFSM_REC_EVENT && ev->time_ns >= feed->until_ns)
		feed->is_behind = false;
	top_event(top, ev);
}

/*
 * Read up to the events from before we began, and hardly further: on a busy machine events may
 * come as fast as we can read them. Return -1 if the stream has gone.
 */
static int read_live(struct feed *feed, struct top *top)
{
	struct fsm_record record;
	unsigned int n = 0;
	int got;

	if (!feed->is_behind)
		feed->until_ns = fsm_now_ns();
	feed->is_behind = true;
	for (;;) {
		while ((got = fsm_source_next(&feed->src, &record)) > 0) {
			take_event(feed, top, record.ev);
			n++;
		}
		if (got < 0)
			return -1;
		if (!feed->is_behind || n > EVENTS_AT_ONCE)
			return 0;
		switch (fsm_source_fill(&feed->src)) {
		case FSM_FILL_OK:
			break;
		case FSM_FILL_WAIT:
			feed->is_behind = false;
			return 0;
		default:
			return -1;
		}
	}
}

static int run_live(struct feed *feed, struct top *top)
{
	if (!feed->is_open)
		come_back(feed, top);
	if (feed->is_open && read_live(feed, top))
		say_gone(feed, top);
	/* All events have to be known before the kernel can be asked for older connections. */
	if (feed->is_open && !feed->is_behind)
		take_baseline(feed, top);
	top_advance(top, fsm_now_ns());
	return feed->is_behind;
}

/**
 * feed_ask_queues() - ask the kernel how full the accept queues of the listeners are
 * @feed: feed
 * @top: top; only its view of listeners shows them
 */
void feed_ask_queues(struct feed *feed, struct top *top)
{
	if (feed->is_own && feed->is_open && top->view == VIEW_LISTENERS)
		fsm_baseline_queues(&top->model);
}

/* ---- replay ---- */

static void end(struct feed *feed, struct top *top)
{
	top->ended = true;
	if (feed->src.cut)
		snprintf(top->notice, sizeof(top->notice),
			 "%s: the last record is cut: %zu bytes of it are left out", feed->src.name,
			 feed->src.cut);
}

/* Hold the next event. Return 1 if there is one, 0 if there is none now, -1 after an error. */
static int hold(struct feed *feed, struct top *top)
{
	struct fsm_record record;
	int got;

	while (!feed->has_held && !top->ended) {
		got = fsm_source_next(&feed->src, &record);
		if (got < 0)
			return -1;
		if (got > 0) {
			feed->held = *record.ev;
			feed->has_held = true;
			break;
		}
		switch (fsm_source_fill(&feed->src)) {
		case FSM_FILL_OK:
			break;
		case FSM_FILL_WAIT:
			return 0;
		case FSM_FILL_END:
			end(feed, top);
			break;
		case FSM_FILL_ERROR:
			return -1;
		}
	}
	return feed->has_held;
}

static void note_start(struct feed *feed)
{
	if (feed->started || feed->held.type != TCPFSM_REC_EVENT)
		return;
	feed->started = true;
	feed->start_ns = feed->held.time_ns;
	feed->at_ns = feed->start_ns;
}

/**
 * feed_run_to() - replay up to some time
 * @feed: feed of a recording
 * @top: learns all that happened up to then, and what time it is
 * @time_ns: the time
 *
 * Return: 1 if there is more, 0 if not, -1 with @feed->src.error set.
 */
int feed_run_to(struct feed *feed, struct top *top, uint64_t time_ns)
{
	unsigned int n = 0;
	int got = 0;

	while (n++ < EVENTS_AT_ONCE && (got = hold(feed, top)) > 0) {
		note_start(feed);
		if (feed->held.type == TCPFSM_REC_EVENT && feed->held.time_ns > time_ns)
			break;
		if (feed->held.type == TCPFSM_REC_EVENT && feed->held.time_ns > feed->at_ns)
			feed->at_ns = feed->held.time_ns;
		top_event(top, &feed->held);
		feed->has_held = false;
	}
	if (got < 0)
		return -1;
	/* There is no time behind the last event, and none before the first one. */
	if (feed->has_held && feed->held.time_ns > time_ns && feed->started &&
	    time_ns > feed->at_ns)
		feed->at_ns = time_ns;
	top_advance(top, feed->at_ns);
	return feed->has_held && feed->held.time_ns <= time_ns;
}

static int run_replay(struct feed *feed, struct top *top)
{
	uint64_t now = fsm_now_ns(), passed = now - feed->clock_ns, ahead;
	int got;

	feed->clock_ns = now;
	if (top->paused || top->ended)
		return 0;
	/* The clock of a replay starts with its first event. */
	got = hold(feed, top);
	if (got > 0)
		note_start(feed);
	if (got < 0 || !feed->started)
		return got;
	ahead = UINT64_MAX - feed->at_ns;
	if (top->speed > 0 && (double)passed * top->speed < (double)ahead)
		ahead = (uint64_t)((double)passed * top->speed);
	return feed_run_to(feed, top, feed->at_ns + ahead);
}

/**
 * feed_run() - read all events up to now, or a part of them if they are many
 * @feed: feed
 * @top: learns what happened, and what time it is
 *
 * Return: 1 if there is more, 0 if not, -1 with @feed->src.error set if a recording is damaged.
 */
int feed_run(struct feed *feed, struct top *top)
{
	return top->replay ? run_replay(feed, top) : run_live(feed, top);
}
