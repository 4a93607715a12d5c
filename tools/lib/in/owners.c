// SPDX-License-Identifier: GPL-2.0
/*
 * owners.c - which process has which socket open, from /proc
 */
#include "in/owners.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "uapi/tcpfsm.h"

/**
 * fsm_owners_want() - ask for the owner of a socket
 * @owners: list
 * @inode: of a socket
 * @slot: the caller's number for it
 *
 * Without memory the question is dropped.
 */
void fsm_owners_want(struct fsm_owners *owners, uint32_t inode, uint32_t slot)
{
	if (owners->nr == owners->size) {
		size_t size = owners->size ? 2 * owners->size : 256;
		void *p = realloc(owners->list, size * sizeof(*owners->list));

		if (!p)
			return;
		owners->list = p;
		owners->size = size;
	}
	owners->list[owners->nr++] = (struct fsm_owned){ .inode = inode, .slot = slot };
}

void fsm_owners_free(struct fsm_owners *owners)
{
	free(owners->list);
	memset(owners, 0, sizeof(*owners));
}

static int compare(const void *a, const void *b)
{
	const struct fsm_owned *x = a, *y = b;

	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

static void read_comm(int proc, const char *pid, char *comm)
{
	char path[64];
	ssize_t n = 0;
	int fd;

	memset(comm, 0, TCPFSM_COMM_LEN);
	snprintf(path, sizeof(path), "%.20s/comm", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, comm, TCPFSM_COMM_LEN);
		close(fd);
	}
	if (n > 0 && comm[n - 1] == '\n')
		comm[n - 1] = '\0';
}

/* Look through the open files of one process. */
static void look_at(const struct fsm_owners *owners, int proc, const char *pid, fsm_owner_fn fn,
		    void *arg)
{
	char comm[TCPFSM_COMM_LEN] = "", path[64], link[64];
	struct dirent *entry;
	DIR *dir;
	int fd;

	snprintf(path, sizeof(path), "%.20s/fd", pid);
	fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		struct fsm_owned wanted, *found;
		ssize_t n = readlinkat(fd, entry->d_name, link, sizeof(link) - 1);

		if (n < 0)
			continue;
		link[n] = '\0';
		if (sscanf(link, "socket:[%u]", &wanted.inode) != 1)
			continue;
		found = bsearch(&wanted, owners->list, owners->nr, sizeof(wanted), compare);
		if (!found)
			continue;
		if (!comm[0])
			read_comm(proc, pid, comm);
		fn(found->slot, (uint32_t)strtoul(pid, NULL, 10), comm, arg);
	}
	closedir(dir);
}

/**
 * fsm_owners_find() - look through all processes
 * @owners: sockets
 * @fn: called for each socket that was found
 * @arg: for @fn
 *
 * If several processes share a socket, the last one found is its owner.
 */
void fsm_owners_find(struct fsm_owners *owners, fsm_owner_fn fn, void *arg)
{
	struct dirent *entry;
	DIR *proc;

	if (!owners->nr)
		return;
	qsort(owners->list, owners->nr, sizeof(*owners->list), compare);
	proc = opendir("/proc");
	if (!proc)
		return;
	while ((entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]))
			look_at(owners, dirfd(proc), entry->d_name, fn, arg);
	closedir(proc);
}
