// SPDX-License-Identifier: GPL-2.0
/*
 * baseline.c - the connections that are there already, for a model that knows events only
 *
 * The module tells of all network namespaces, inet_diag of one: so all are looked into that
 * a process or a name holds, as far as we may.
 */
#include "baseline.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag.h"
#include "owners.h"

#define NETNS_MAX 1024

/**
 * struct tour - through the namespaces
 * @states: what is looked for
 * @fn: who is told
 * @arg: for @fn
 * @seen: namespaces that were looked into
 * @nr_seen: how many
 * @error: errno of what went wrong in the first, our own
 */
struct tour {
	unsigned int states;
	fsm_diag_fn fn;
	void *arg;
	uint32_t seen[NETNS_MAX];
	size_t nr_seen;
	int error;
};

static bool is_seen(const struct tour *tour, uint32_t netns)
{
	size_t i;

	for (i = 0; i < tour->nr_seen; i++)
		if (tour->seen[i] == netns)
			return true;
	return false;
}

static void look_here(struct tour *tour, uint32_t netns)
{
	if (tour->nr_seen == NETNS_MAX)
		return;
	if (fsm_diag_dump(tour->states, netns, tour->fn, tour->arg)) {
		if (!tour->nr_seen)
			tour->error = errno;
		return;
	}
	tour->seen[tour->nr_seen++] = netns;
}

/* @own: where to come back to */
static void look_into(struct tour *tour, const char *path, int own)
{
	struct stat st;
	int fd;

	if (stat(path, &st) || is_seen(tour, (uint32_t)st.st_ino))
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (setns(fd, CLONE_NEWNET) == 0) {
		look_here(tour, (uint32_t)st.st_ino);
		/* Elsewhere everything would go wrong from now on. */
		if (setns(own, CLONE_NEWNET))
			abort();
	}
	close(fd);
}

static void look_through(struct tour *tour, const char *dir_name, const char *suffix, int own)
{
	DIR *dir = opendir(dir_name);
	struct dirent *entry;
	char path[512];

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    (suffix[0] && !isdigit((unsigned char)entry->d_name[0])))
			continue;
		snprintf(path, sizeof(path), "%s/%s%s", dir_name, entry->d_name, suffix);
		look_into(tour, path, own);
	}
	closedir(dir);
}

static int go_round(struct tour *tour)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (own < 0 || fstat(own, &st))
		return -1;
	look_here(tour, (uint32_t)st.st_ino);
	if (!tour->error) {
		look_through(tour, "/run/netns", "", own);
		look_through(tour, "/proc", "/ns/net", own);
	}
	close(own);
	errno = tour->error;
	return tour->error ? -1 : 0;
}

/* ---- all connections ---- */

struct baseline {
	struct fsm_model *model;
	struct fsm_owners owners;
	uint64_t now_ns;
};

static void note_queue(struct fsm_model *model, const struct fsm_diag *diag)
{
	struct fsm_listener *l;

	if (diag->state != TCPFSM_LISTEN)
		return;
	l = fsm_model_listener(model, diag->conn.id);
	if (!l)
		return;
	l->queue = diag->queue;
	l->backlog = diag->backlog;
	l->has_queue = true;
}

static void adopt(const struct fsm_diag *diag, void *arg)
{
	struct baseline *base = arg;
	uint32_t slot = fsm_model_adopt(base->model, &diag->conn, diag->state, base->now_ns);

	if (slot == FSM_NONE)
		return;
	note_queue(base->model, diag);
	if (diag->inode &&
	    (!base->model->conns[slot].pid || base->model->conns[slot].flags & FSM_CONN_INHERITED))
		fsm_owners_want(&base->owners, diag->inode, slot);
}

/**
 * fsm_baseline_take() - let a model know what there is
 * @model: model; must have been told of all events that can be read by now, and must not be
 *	told of others meanwhile
 * @now_ns: now
 *
 * Return: 0, or -1 with errno set.
 */
int fsm_baseline_take(struct fsm_model *model, uint64_t now_ns)
{
	struct baseline base = { .model = model, .now_ns = now_ns };
	struct tour *tour = calloc(1, sizeof(*tour));
	int status;

	if (!tour)
		return -1;
	tour->states = FSM_DIAG_ALL;
	tour->fn = adopt;
	tour->arg = &base;
	fsm_model_unmark(model);
	status = go_round(tour);
	if (status == 0) {
		fsm_model_drop_unmarked(model, tour->seen, tour->nr_seen);
		fsm_owners_find(&base.owners, model);
	}
	fsm_owners_free(&base.owners);
	free(tour);
	return status;
}

/* ---- accept queues ---- */

static void note_listener(const struct fsm_diag *diag, void *arg)
{
	note_queue(arg, diag);
}

/**
 * fsm_baseline_queues() - how many connections wait for accept() at each listening socket?
 * @model: model that is told
 *
 * Return: 0, or -1 with errno set.
 */
int fsm_baseline_queues(struct fsm_model *model)
{
	struct tour *tour = calloc(1, sizeof(*tour));
	int status;

	if (!tour)
		return -1;
	tour->states = FSM_DIAG_LISTEN;
	tour->fn = note_listener;
	tour->arg = model;
	status = go_round(tour);
	free(tour);
	return status;
}
