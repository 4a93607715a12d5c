// SPDX-License-Identifier: GPL-2.0
/*
 * namespaces.c - the TCP sockets of all network namespaces that can be looked into
 *
 * inet_diag shows the sockets of one network namespace. The namespaces are those that a
 * process or a name holds, as far as we may enter them.
 */
#include "in/namespaces.h"

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

/* Room for the path of a namespace that a process or a name holds. */
#define PATH_SIZE 320

/**
 * struct tour - a dump that goes through the namespaces
 * @namespaces: those that were looked into
 * @states: which sockets are dumped
 * @fn: called for each of them
 * @arg: for @fn
 */
struct tour {
	struct fsm_namespaces *namespaces;
	unsigned int states;
	fsm_diag_fn fn;
	void *arg;
};

static bool is_seen(const struct tour *tour, uint32_t netns)
{
	const struct fsm_namespaces *namespaces = tour->namespaces;
	size_t i;

	for (i = 0; i < namespaces->nr_seen; i++)
		if (namespaces->seen[i] == netns)
			return true;
	return false;
}

static void note_missing(struct tour *tour, const char *path, const char *why)
{
	char *missing = tour->namespaces->missing;

	if (!missing[0])
		snprintf(missing, FSM_NAMESPACES_WHY, "%s: %s", path, why);
}

/* Dump the sockets of the namespace that we are in. Return 0 or errno. */
static int look_here(struct tour *tour, uint32_t netns)
{
	if (fsm_diag_dump(tour->states, netns, tour->fn, tour->arg))
		return errno;
	tour->namespaces->seen[tour->namespaces->nr_seen++] = netns;
	return 0;
}

/* Enter a namespace, dump its sockets, and come back to @own. Return 0 or errno. */
static int look_from_within(struct tour *tour, const char *path, uint32_t netns, int own)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error;

	if (fd < 0)
		return errno;
	if (setns(fd, CLONE_NEWNET)) {
		error = errno;
	} else {
		error = look_here(tour, netns);
		/* In another namespace everything would go wrong from now on. */
		if (setns(own, CLONE_NEWNET))
			abort();
	}
	close(fd);
	return error;
}

/* Look into the namespace that @holder, a process or a name, holds at @suffix. */
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
	else if (tour->namespaces->nr_seen == FSM_NAMESPACES_MAX)
		note_missing(tour, path, "too many network namespaces");
	else
		error = look_from_within(tour, path, (uint32_t)st.st_ino, own);
	/* The name is of no namespace, or its process is about to end and has left it. */
	if (!error || error == EINVAL || error == ENOENT)
		return;
	/* Any error of a process that has ended is no reason to complain. */
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

/**
 * fsm_namespaces_dump() - look at all sockets of all network namespaces
 * @namespaces: set to those that were looked into
 * @states: a bit for each state that is of interest
 * @fn: called for each socket
 * @arg: for @fn
 *
 * Return: 0, or -1 with errno set if not even our own namespace could be looked into.
 */
int fsm_namespaces_dump(struct fsm_namespaces *namespaces, unsigned int states, fsm_diag_fn fn,
			void *arg)
{
	struct tour tour = { .namespaces = namespaces, .states = states, .fn = fn, .arg = arg };
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct stat st;
	int error;

	namespaces->nr_seen = 0;
	namespaces->missing[0] = '\0';
	if (own < 0 || fstat(own, &st))
		return -1;
	error = look_here(&tour, (uint32_t)st.st_ino);
	if (!error) {
		look_through(&tour, "/run/netns", "", own);
		look_through(&tour, "/proc", "/ns/net", own);
	}
	close(own);
	errno = error;
	return error ? -1 : 0;
}
