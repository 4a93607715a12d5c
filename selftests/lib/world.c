// SPDX-License-Identifier: GPL-2.0
/*
 * world.c - two hosts of a test's own: namespaces, the wire, its faults
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "diag.h"
#include "netlink.h"
#include "run.h"
#include "sock.h"
#include "world.h"

bool world_fail(struct world *world, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(world->why, sizeof(world->why), format, args);
	va_end(args);
	return false;
}

static bool in_path(const char *program)
{
	char path[256];
	const char *dir = getenv("PATH");
	size_t len;

	for (; dir && *dir; dir += len + (dir[len] == ':')) {
		len = strcspn(dir, ":");
		snprintf(path, sizeof(path), "%.*s/%s", (int)len, dir, program);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

/**
 * world_missing() - can there be hosts here?
 *
 * Return: what is missing, or NULL.
 */
const char *world_missing(void)
{
	if (geteuid())
		return "needs root";
	if (access("/proc/self/ns/net", F_OK))
		return "needs network namespaces (CONFIG_NET_NS)";
	return in_path("nft") ? NULL : "needs the program nft";
}

/**
 * world_kernel_has() - does the running kernel have a function?
 * @function: its name
 *
 * For what a kernel cannot do though it has the sysctl for it.
 */
bool world_kernel_has(const char *function)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	char line[256], name[128];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "%*s %*s %127s", name) == 1 && !strcmp(name, function);
	if (file)
		fclose(file);
	return found;
}

/**
 * world_enter() - be on a host
 * @world: the hosts
 * @side: which
 *
 * Only for the few calls that depend on where they are made; see world_return().
 */
bool world_enter(struct world *world, enum side side)
{
	if (setns(world->netns[side], CLONE_NEWNET))
		return world_fail(world, "setns: %s", strerror(errno));
	return true;
}

bool world_return(struct world *world)
{
	if (setns(world->home, CLONE_NEWNET))
		return world_fail(world, "setns back: %s", strerror(errno));
	return true;
}

static int present_netns(void)
{
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

static bool new_netns(struct world *world, enum side side)
{
	struct stat st;

	if (unshare(CLONE_NEWNET))
		return world_fail(world, "unshare: %s", strerror(errno));
	world->netns[side] = present_netns();
	if (world->netns[side] < 0 || fstat(world->netns[side], &st))
		return world_fail(world, "no namespace: %s", strerror(errno));
	world->inode[side] = st.st_ino;
	stream_watch(&world->stream, world->inode[side]);
	return world_return(world);
}

static bool command(struct world *world, enum side side, const char *input, const char *line)
{
	int status = run_in(world->netns[side], input, line);

	return status ? world_fail(world, "%s: exit status %d", line, status) : true;
}

static const struct end ends[NR_SIDES] = {
	{ "veth", { 2, 0, 0, 0, 0, 1 } },
	{ "veth", { 2, 0, 0, 0, 0, 2 } },
};

static const struct {
	int family;
	int prefix;
	const char *address[NR_SIDES];
} addresses[] = {
	{ AF_INET, 24, { "10.9.0.1", "10.9.0.2" } },
	{ AF_INET6, 64, { "fd09::1", "fd09::2" } },
};

/* With fixed neighbours nothing but TCP is on the wire. */
static int set_up(int fd, enum side side)
{
	enum side other = 1 - side;
	int ifindex = if_nametoindex("veth"), err;
	size_t i;

	err = netlink_up(fd, if_nametoindex("lo"));
	if (!err)
		err = netlink_up(fd, ifindex);
	for (i = 0; !err && i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		err = netlink_address(fd, ifindex, addresses[i].family, addresses[i].address[side],
				      addresses[i].prefix);
		if (!err)
			err = netlink_neighbour(fd, ifindex, addresses[i].family,
						addresses[i].address[other], ends[other].mac);
	}
	return err;
}

static bool plug_in(struct world *world, enum side side)
{
	int fd, err = 0;

	if (!world_enter(world, side))
		return false;
	fd = netlink_open(NETLINK_ROUTE);
	if (side == CLIENT)
		err = netlink_wire(fd, &ends[CLIENT], &ends[SERVER], world->netns[SERVER]);
	if (!err)
		err = set_up(fd, side);
	close(fd);
	if (!world_return(world))
		return false;
	return err ? world_fail(world, "no link: %s", strerror(-err)) : true;
}

/* Returns 1, 0 for not yet, or a negative errno. */
static int is_ready(int fd, enum side side)
{
	int ready = 1;
	size_t i;

	/* The end that came up last found the other one there. */
	if (side == CLIENT)
		ready = netlink_works(fd, if_nametoindex("veth"));
	for (i = 0; ready == 1 && i < sizeof(addresses) / sizeof(addresses[0]); i++)
		ready = netlink_is_local(fd, addresses[i].family, addresses[i].address[side]);
	return ready;
}

static bool wait_ready(struct world *world, enum side side)
{
	uint64_t deadline = clock_patience();
	int fd, ready;

	if (!world_enter(world, side))
		return false;
	fd = netlink_open(NETLINK_ROUTE);
	do {
		ready = is_ready(fd, side);
	} while (!ready && clock_left_ms(deadline) && !poll(NULL, 0, 1));
	close(fd);
	if (!world_return(world))
		return false;
	return ready == 1 || world_fail(world, "the link does not come up: %d", ready);
}

/**
 * world_begin() - make the hosts
 * @world: to fill in
 * @family: how they are addressed
 *
 * The stream is opened first: nothing that ever happens on the hosts is missed.
 *
 * Return: false if it could not be; then call world_end() all the same.
 */
bool world_begin(struct world *world, const struct family *family)
{
	const char *causes = getenv("TCPFSM_CAUSES");
	enum side side;

	memset(world, 0, sizeof(*world));
	world->family = family;
	world->netns[CLIENT] = -1;
	world->netns[SERVER] = -1;
	world->peer[CLIENT] = SERVER;
	world->peer[SERVER] = CLIENT;
	world->foreign = causes && !strcmp(causes, "foreign");
	world->causes = world->foreign || (causes && !strcmp(causes, "require"));
	world->home = present_netns();
	world->born = clock_now();
	if (!stream_open(&world->stream))
		return world_fail(world, STREAM_PATH ": %s", strerror(errno));
	if (!new_netns(world, CLIENT) || !new_netns(world, SERVER))
		return false;
	for (side = CLIENT; side < NR_SIDES; side++)
		if (!plug_in(world, side))
			return false;
	return wait_ready(world, CLIENT) && wait_ready(world, SERVER);
}

/**
 * world_sysctl() - set one of a host's own network settings
 * @world: the hosts
 * @side: which
 * @name: path below /proc/sys/net
 * @value: what to write
 */
bool world_sysctl(struct world *world, enum side side, const char *name, const char *value)
{
	char path[128];
	ssize_t n = -1;
	int fd, err;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	if (!world_enter(world, side))
		return false;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0)
		n = write(fd, value, strlen(value));
	err = errno;
	if (fd >= 0)
		close(fd);
	if (!world_return(world))
		return false;
	return n > 0 ? true : world_fail(world, "%s: %s", path, strerror(err));
}

/**
 * world_filter() - have a host's firewall do something with segments
 * @world: the hosts
 * @side: which
 * @hook: "input" or "output"
 * @rule: in nft's language
 */
bool world_filter(struct world *world, enum side side, const char *hook, const char *rule)
{
	char script[512];

	snprintf(script, sizeof(script),
		 "add table inet t\n"
		 "add chain inet t %s { type filter hook %s priority 0; }\n"
		 "add rule inet t %s %s\n",
		 hook, hook, hook, rule);
	world->filtered[side] = true;
	return command(world, side, script, "nft -f -");
}

bool world_unfilter(struct world *world, enum side side)
{
	world->filtered[side] = false;
	return command(world, side, "", "nft flush ruleset");
}

static bool on_wire(struct world *world, enum side side, int (*what)(int fd, int ifindex))
{
	int fd, err;

	if (!world_enter(world, side))
		return false;
	fd = netlink_open(NETLINK_ROUTE);
	err = what(fd, if_nametoindex("veth"));
	close(fd);
	if (!world_return(world))
		return false;
	return err ? world_fail(world, "segments cannot be held: %s", strerror(-err)) : true;
}

/**
 * world_hold() - keep all that a host sends, until world_release()
 * @world: the hosts
 * @side: which
 *
 * Segments are on their way for as long as it takes to do what is to be done meanwhile,
 * however slow the machine is. Once for each host.
 */
bool world_hold(struct world *world, enum side side)
{
	world->held[side] = true;
	return on_wire(world, side, netlink_hold);
}

/**
 * world_release() - let go what was held, in the order in which it was sent
 * @world: the hosts
 * @side: which
 *
 * What one CPU has let go, another may overtake: before the other side is released as well,
 * wait for what this one's segments do there.
 */
bool world_release(struct world *world, enum side side)
{
	world->held[side] = false;
	return on_wire(world, side, netlink_release);
}

/* As many sockets as a host has in one state, in these tests. */
#define MOST_SOCKETS 16

/* A transition is told before the kernel has put the socket in its new place: wait for it. */
static int await_sockets(int fd, unsigned int states, struct inet_diag_msg *sockets)
{
	uint64_t deadline = clock_patience();
	int n;

	do {
		n = diag_find(fd, states, sockets, MOST_SOCKETS);
	} while (!n && clock_left_ms(deadline));
	return n ?: -ENOENT;
}

/* Returns 0 if all are destroyed, or a negative errno. */
static int destroy(unsigned int states)
{
	struct inet_diag_msg sockets[MOST_SOCKETS];
	int fd = netlink_open(NETLINK_SOCK_DIAG), n, i, err = 0;

	if (fd < 0)
		return fd;
	n = await_sockets(fd, states, sockets);
	for (i = 0; i < n && !err; i++)
		err = diag_destroy(fd, &sockets[i]);
	close(fd);
	return n < 0 ? n : err;
}

/**
 * world_try_kill() - destroy sockets from outside, if this kernel does that to such ones
 * @world: the hosts
 * @side: which
 * @states: which sockets: those in a state of this set of 1 << TCP_...
 * @killed: did it?
 *
 * Return: false if there are no such sockets.
 */
bool world_try_kill(struct world *world, enum side side, unsigned int states, bool *killed)
{
	int err;

	if (!world_enter(world, side))
		return false;
	err = destroy(states);
	if (!world_return(world))
		return false;
	*killed = !err;
	if (err && err != -EOPNOTSUPP)
		return world_fail(world, "sockets cannot be destroyed: %s", strerror(-err));
	return true;
}

/**
 * world_kill() - destroy sockets from outside
 * @world: the hosts
 * @side: which
 * @states: which sockets: those in a state of this set of 1 << TCP_...
 *
 * Return: false if there are no such sockets, or they are not destroyed.
 */
bool world_kill(struct world *world, enum side side, unsigned int states)
{
	bool killed;

	return world_try_kill(world, side, states, &killed) &&
	       (killed || world_fail(world, "the kernel does not destroy such sockets"));
}

/**
 * world_leave() - switch a host off: its namespace goes with all that is in it
 * @world: the hosts
 * @side: which
 */
void world_leave(struct world *world, enum side side)
{
	sock_close_all(world, side);
	if (world->netns[side] >= 0)
		close(world->netns[side]);
	world->netns[side] = -1;
}

/* A segment that is dropped or held for ever would keep its sender waiting. */
static void mend(struct world *world)
{
	enum side side;

	for (side = CLIENT; side < NR_SIDES; side++) {
		if (world->netns[side] < 0)
			continue;
		if (world->filtered[side])
			world_unfilter(world, side);
		if (world->held[side])
			world_release(world, side);
	}
}

/**
 * world_end() - switch both hosts off
 * @world: the hosts
 *
 * Sockets are given the time to come to rest first: one that still has something to
 * send would keep its namespace, and not be seen to end.
 *
 * Return: false if not every connection there ever was has ended, and ended once.
 */
bool world_end(struct world *world)
{
	bool fine;

	sock_close_all(world, CLIENT);
	sock_close_all(world, SERVER);
	if (!chain_are_idle(world))
		mend(world);
	fine = chain_all_idle(world);
	world_leave(world, CLIENT);
	world_leave(world, SERVER);
	fine = fine && chain_all_closed(world);
	stream_close(&world->stream);
	close(world->home);
	return fine;
}
