// SPDX-License-Identifier: GPL-2.0
/*
 * rawstream.c - the records of /proc/tcpfsm_raw, or of a file of them
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rawstream.h"

/* What every record of every version begins with. */
struct head {
	uint16_t size;
	uint16_t version;
	uint16_t type;
	uint16_t flags;
};

/*
 * What "fsmcat -w" writes begins with "tcpfsm\r\n" and, as a 16 bit number at
 * byte 14, the place of the first record.
 */
static void skip_header(int fd)
{
	char head[16];
	uint16_t size;

	if (pread(fd, head, sizeof(head), 0) != sizeof(head) || memcmp(head, "tcpfsm\r\n", 8))
		return;
	memcpy(&size, head + 14, sizeof(size));
	lseek(fd, size, SEEK_SET);
}

/**
 * rawstream_open - open a stream or a file
 * @r: to be filled in
 * @path: /proc/tcpfsm_raw or the name of a file
 *
 * Return: 0 or a negative errno.
 */
int rawstream_open(struct rawstream *r, const char *path)
{
	struct stat st;

	r->start = 0;
	r->end = 0;
	r->offset = 0;
	r->error = NULL;
	r->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (r->fd < 0)
		return -errno;
	if (fstat(r->fd, &st)) {
		int err = -errno;

		close(r->fd);
		return err;
	}
	/* A procfs file says it is a regular one, but has no length. */
	r->live = S_ISREG(st.st_mode) && !st.st_size && !strncmp(path, "/proc/", 6);
	if (!r->live)
		skip_header(r->fd);
	return 0;
}

void rawstream_close(struct rawstream *r)
{
	close(r->fd);
}

static int broken(struct rawstream *r, const char *error)
{
	r->error = error;
	return -EPROTO;
}

/* Read more behind what is left over; a live stream leaves nothing over. */
static int refill(struct rawstream *r)
{
	ssize_t n;

	memmove(r->buf, r->buf + r->start, r->end - r->start);
	r->end -= r->start;
	r->start = 0;
	n = read(r->fd, r->buf + r->end, sizeof(r->buf) - r->end);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (!n && r->live)
		return broken(r, "end of file on a stream that has none");
	r->end += n;
	return n > 0;
}

static int check_head(struct rawstream *r, const struct head *h)
{
	if (h->version == 0)
		return broken(r, "record without a version");
	if (h->version == TCPFSM_ABI_VERSION && h->size != sizeof(struct tcpfsm_event))
		return broken(r, "size does not go with the version");
	if (h->size < sizeof(struct tcpfsm_event) || h->size % 8)
		return broken(r, "impossible size");
	if (h->type != TCPFSM_REC_EVENT && h->type != TCPFSM_REC_LOST)
		return broken(r, "unknown type");
	return 0;
}

/**
 * rawstream_next - take the next record
 * @r: an open stream
 * @e: set to the record, cut to the length that this reader knows
 *
 * Return: 1, or 0 if there is none for now (at the end of a file: for good),
 * or a negative errno; -EPROTO: @r->error says what the interface's promise
 * was, and @r->offset where it was broken.
 */
int rawstream_next(struct rawstream *r, struct tcpfsm_event *e)
{
	struct head h;
	int ret;

	while (r->end - r->start < sizeof(h)) {
		if (r->live && r->end != r->start)
			return broken(r, "a read gave a part of a record");
		ret = refill(r);
		if (ret < 0)
			return ret;
		if (!ret)
			return r->end == r->start ? 0 : broken(r, "cut off in a record");
	}
	memcpy(&h, r->buf + r->start, sizeof(h));
	ret = check_head(r, &h);
	if (ret)
		return ret;
	while (r->end - r->start < h.size) {
		if (r->live)
			return broken(r, "a read gave a part of a record");
		ret = refill(r);
		if (ret < 0)
			return ret;
		if (!ret)
			return broken(r, "cut off in a record");
	}
	memcpy(e, r->buf + r->start, sizeof(*e));
	r->start += h.size;
	r->offset += h.size;
	if (e->type == TCPFSM_REC_LOST && !e->lost)
		return broken(r, "a record of loss that lost nothing");
	return 1;
}
