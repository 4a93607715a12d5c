// SPDX-License-Identifier: GPL-2.0
/*
 * names.c - what users and cgroups are called on this machine
 */
#include "names.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/states.h"

#define NR_KNOWN     256 /* names that are kept, a power of two */
#define NAME_MAX_LEN 128

#define CGROUP_ROOT "/sys/fs/cgroup"

struct known {
	uint64_t key;
	bool used;
	char name[NAME_MAX_LEN];
};

static bool is_live;
static struct known users[NR_KNOWN];
static struct known cgroups[NR_KNOWN];

void names_use(bool live)
{
	is_live = live;
}

/* Return whether the name is known; if not, the caller has to fill it in. */
static bool look_up(struct known *table, uint64_t key, struct known **known)
{
	*known = &table[key % NR_KNOWN];
	if ((*known)->used && (*known)->key == key)
		return true;
	(*known)->used = true;
	(*known)->key = key;
	return false;
}

const char *names_user(uint32_t uid)
{
	struct known *known;
	struct passwd *pw;

	if (uid == TCPFSM_UNKNOWN_UID)
		return "-";
	if (look_up(users, uid, &known))
		return known->name;
	pw = is_live ? getpwuid(uid) : NULL;
	if (pw)
		snprintf(known->name, sizeof(known->name), "%s", pw->pw_name);
	else
		snprintf(known->name, sizeof(known->name), "uid %u", uid);
	return known->name;
}

/* Find the name of a cgroup by its ID, which is what a file handle of its file system holds. */
static bool find_cgroup(uint64_t cgroup, char *name, size_t size)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(uint64_t)];
	} h = { 0 };
	int root = open(CGROUP_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char link[64];
	ssize_t n;
	int fd;

	if (root < 0)
		return false;
	h.handle.handle_bytes = sizeof(cgroup);
	h.handle.handle_type = 0xfe; /* FILEID_KERNFS */
	memcpy(h.handle.f_handle, &cgroup, sizeof(cgroup));
	fd = open_by_handle_at(root, &h.handle, O_PATH);
	close(root);
	if (fd < 0)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, name, size - 1);
	close(fd);
	if (n < 0)
		return false;
	name[n] = '\0';
	if (!strncmp(name, CGROUP_ROOT, strlen(CGROUP_ROOT)))
		memmove(name, name + strlen(CGROUP_ROOT), strlen(name + strlen(CGROUP_ROOT)) + 1);
	if (!name[0])
		strcpy(name, "/");
	return true;
}

const char *names_cgroup(uint64_t cgroup)
{
	struct known *known;

	if (!cgroup)
		return "-";
	if (look_up(cgroups, cgroup, &known))
		return known->name;
	if (!is_live || !find_cgroup(cgroup, known->name, sizeof(known->name)))
		snprintf(known->name, sizeof(known->name), "cgroup %llu",
			 (unsigned long long)cgroup);
	return known->name;
}
