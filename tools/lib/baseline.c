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

/* Of a process's or a name's namespace. */
#define PATH_SIZE 320

/**
 * struct tour - through the namespaces
 * @states: what is looked for
 * @fn: who is told
 * @arg: for @fn
 * @seen: namespaces that were looked into
 * @nr_seen: how many
 * @missing: of another one that could not be looked into, why; empty if there is none
 */
struct tour {
	unsigned int states;
	fsm_diag_fn fn;
	void *arg;
	uint32_t seen[NETNS_MAX];
	size_t nr_seen;
	char missing[FSM_BASELINE_WHY];
};

static bool is_seen(const struct tour *tour, uint32_t netns)
{
	size_t i;

	for (i = 0; i < tour->nr_seen; i++)
		if (tour->seen[i] == netns)
			return true;
	return false;
}

static void note_missing(struct tour *tour, const char *path, const char *why)
{
	if (!tour->missing[0])
		snprintf(tour->missing, sizeof(tour->missing), "%s: %s", path, why);
}

/* Return: 0 or errno. */
static int look_here(struct tour *tour, uint32_t netns)
{
	if (fsm_diag_dump(tour->states, netns, tour->fn, tour->arg))
		return errno;
	tour->seen[tour->nr_seen++] = netns;
	return 0;
}

/* Return: 0 or errno. @own: where to come back to */
static int look_from_within(struct tour *tour, const char *path, uint32_t netns, int own)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error;

	if (fd < 0)
		return errno;
	if (setns(fd, CLONE_NEWNET)) {
		error = errno;
	} else {
		error = look_here(tour, netns);
		/* Elsewhere everything would go wrong from now on. */
		if (setns(own, CLONE_NEWNET))
			abort();
	}
	close(fd);
	return error;
}

/* @holder: process or name that holds it; @suffix: where it does */
static void look_into(struct tour *tour, const char *holder, const char *suffix, int own)
{
	char path[PATH_SIZE];
	struct stat st;
	int error = 0;

	snprintf(path, sizeof(path), "%s%s", holder, suffix);
	if (stat(path, &st))
		error = errno;
	else if (is_seen(tour, (uint32_t)st.st_ino))
		return;
	else if (tour->nr_seen == NETNS_MAX)
		note_missing(tour, path, "too many network namespaces");
	else
		error = look_from_within(tour, path, (uint32_t)st.st_ino, own);
	/* It is a name of none, or its process is about to end and has left it already. */
	if (!error || error == EINVAL || error == ENOENT)
		return;
	/* Of a process that has ended, any error tells. */
	if (access(holder, F_OK) == 0)
		note_missing(tour, path, strerror(error));
}

static void look_through(struct tour *tour, const char *dir_name, const char *suffix, int own)
{
	DIR *dir = opendir(dir_name);
	struct dirent *entry;
	char holder[PATH_SIZE - 16];

	if (!dir) {
		if (errno != ENOENT)
			note_missing(tour, dir_name, strerror(errno));
		return;
	}
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    (suffix[0] && !isdigit((unsigned char)entry->d_name[0])))
			continue;
		snprintf(holder, sizeof(holder), "%s/%s", dir_name, entry->d_name);
		look_into(tour, holder, suffix, own);
	}
	closedir(dir);
}

static int go_round(struct tour *tour)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct stat st;
	int error;

	if (own < 0 || fstat(own, &st))
		return -1;
	error = look_here(tour, (uint32_t)st.st_ino);
	if (!error) {
		look_through(tour, "/run/netns", "", own);
		look_through(tour, "/proc", "/ns/net", own);
	}
	close(own);
	errno = error;
	return error ? -1 : 0;
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
 * @model: model; must have been told of all that had happened when its stream was last
 *	read, and must not be told of more meanwhile
 * @now_ns: now
 * @missing: filled in, why connections of another network namespace are not known, the first
 *	of such reasons; empty if all are
 *
 * Return: 0, or -1 with errno set.
 */
int fsm_baseline_take(struct fsm_model *model, uint64_t now_ns, char missing[FSM_BASELINE_WHY])
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
	strcpy(missing, tour->missing);
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
