/* SPDX-License-Identifier: GPL-2.0 */
/*
 * procfs.h - the fixture of the tests of the files in /proc
 *
 * Only one host is used. It listens and stops listening, which makes two events at a
 * time with a known ID. Nothing else may use TCP meanwhile.
 *
 * A program that wants the fixture defines FIXTURE_NAME before it includes this file.
 * The name is the program's without "procfs_", so that fixture and case together
 * identify a test.
 */
#ifndef TCPFSM_KSFT_PROCFS_H
#define TCPFSM_KSFT_PROCFS_H

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "lib/clock.h"
#include "lib/harness.h"
#include "lib/sock.h"
#include "lib/world.h"

#define TEXT_PATH  "/proc/tcpfsm"
#define RAW_PATH   "/proc/tcpfsm_raw"
#define STAT_PATH  "/proc/tcpfsm_stat"
#define PARAM_PATH "/sys/module/tcpfsm/parameters/"

#ifdef FIXTURE_NAME

/* The harness joins the names that it is given, so expand FIXTURE_NAME before it does. */
#define EXPAND(macro, ...) macro(__VA_ARGS__)

EXPAND(FIXTURE, FIXTURE_NAME)
{
	struct world world;
};

EXPAND(FIXTURE_SETUP, FIXTURE_NAME)
{
	static const struct family v4 = FAMILY_V4;

	if (world_missing())
		SKIP_FROM_SETUP("%s", world_missing());
	ASSERT_TRUE(world_begin(&self->world, &v4))
	{
		TH_LOG("%s", self->world.why);
	}
}

EXPAND(FIXTURE_TEARDOWN, FIXTURE_NAME)
{
	bool ended = world_end(&self->world);

	EXPECT_TRUE(ended);
	if (!ended)
		TH_LOG("after the end: %s", self->world.why);
}

#endif /* FIXTURE_NAME */

#define DO(action)                             \
	ASSERT_TRUE(action)                    \
	{                                      \
		TH_LOG("%s", self->world.why); \
	}

/* Make two events, CLOSE>LISTEN and LISTEN>CLOSE. Return their ID, or 0 if that failed. */
static inline uint64_t two_events(struct world *world)
{
	int fd = sock_listen(world, PORT, 1);
	uint64_t id = sock_id(fd);

	if (fd < 0)
		return 0;
	sock_close(world, fd);
	return id;
}

/* Make so many events. Return false if that failed. */
static inline bool many_events(struct world *world, uint64_t events)
{
	uint64_t i;

	for (i = 0; i < events; i += 2)
		if (!two_events(world))
			return false;
	return true;
}

/* Return the text from the present offset to the end, or NULL if it cannot be read. */
static inline char *read_all(int fd, size_t step)
{
	size_t len = 0, room = 1 << 16;
	char *text = malloc(room);
	ssize_t n = 1;

	while (text && n > 0) {
		if (room - len <= step) {
			room *= 2;
			text = realloc(text, room);
		}
		n = text ? read(fd, text + len, step) : -1;
		len += n > 0 ? n : 0;
	}
	if (text && n == 0) {
		text[len] = '\0';
		return text;
	}
	free(text);
	return NULL;
}

static inline char *read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = fd < 0 ? NULL : read_all(fd, 4096);

	if (fd >= 0)
		close(fd);
	return text;
}

static inline int write_file(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;
	int err;

	if (fd < 0)
		return -errno;
	n = write(fd, text, len);
	err = n == (ssize_t)len ? 0 : n < 0 ? -errno : -EIO;
	close(fd);
	return err;
}

#endif /* TCPFSM_KSFT_PROCFS_H */
