// SPDX-License-Identifier: GPL-2.0
/*
 * record_sink.c - fsmcat -w: record the events to a file
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cli.h"
#include "sink.h"

/**
 * struct recording - a recording that is being made
 * @recorder: the file
 * @events: how many were recorded
 */
struct recording {
	struct fsm_recorder recorder;
	uint64_t events;
};

/* Return whether the target is the recording that is being read, and would be destroyed. */
static bool is_source(const struct fsmcat *cat, const char *name)
{
	struct stat source, target;

	if (!cat->opt.read || fstat(cat->src.fd, &source))
		return false;
	if (strcmp(name, "-") ? stat(name, &target) : fstat(STDOUT_FILENO, &target))
		return false;
	return S_ISREG(target.st_mode) && source.st_dev == target.st_dev &&
	       source.st_ino == target.st_ino;
}

static int record_begin(struct fsmcat *cat)
{
	static struct recording recording;
	const char *name = cat->opt.write;
	struct fsm_header now;
	const void *header = &now;
	size_t size = sizeof(now);

	cat->private = &recording;
	cat->out = &recording.recorder.out;
	if (is_source(cat, name))
		return sink_error(name, "is what is being read");
	/* A copy has the header of the original: its times are on that machine's clock. */
	if (cat->opt.read) {
		header = cat->src.raw_header;
		size = cat->src.raw_header_size;
	} else {
		fsm_header_now(&now);
	}
	if (fsm_recorder_open(&recording.recorder, name, header, size, cat->src.swap))
		return sink_error(name, strerror(errno));
	return 0;
}

static void record_any(struct fsmcat *cat, const struct fsm_record *record)
{
	struct recording *recording = cat->private;

	fsm_recorder_put(&recording->recorder, record->raw, record->raw_size);
}

static bool record_event(struct fsmcat *cat, const struct fsm_record *record)
{
	struct recording *recording = cat->private;

	if (!sink_wants(cat, record->ev))
		return false;
	record_any(cat, record);
	return sink_has_enough(cat, ++recording->events);
}

/* If each event goes into the recording, copy many at once without looking at them. */
static void record_run(struct fsmcat *cat)
{
	struct recording *recording = cat->private;
	const void *raw;
	size_t n;

	if (cat->opt.filter.nr_terms || cat->opt.count || cat->until_ns != UINT64_MAX)
		return;
	n = fsm_source_next_run(&cat->src, &raw);
	fsm_recorder_put(&recording->recorder, raw, n * sizeof(struct tcpfsm_event));
	recording->events += n;
}

static void record_flush(struct fsmcat *cat)
{
	struct recording *recording = cat->private;

	fsm_recorder_flush(&recording->recorder);
}

static int record_end(struct fsmcat *cat)
{
	struct recording *recording = cat->private;
	int error;

	record_flush(cat);
	error = cat->out->error;
	if (fsm_recorder_close(&recording->recorder) && !error)
		error = errno;
	if (!error)
		return EXIT_OK;
	if (sink_die_if_unread(error))
		return EXIT_ERROR;
	fprintf(stderr, "fsmcat: %s: %s: what was recorded before is kept\n", cat->opt.write,
		strerror(error));
	return EXIT_ERROR;
}

static void record_report(const struct fsmcat *cat)
{
	const struct recording *recording = cat->private;

	fprintf(stderr, "fsmcat: %s: %llu events recorded, %llu lost%s\n", cat->opt.write,
		(unsigned long long)recording->events, (unsigned long long)cat->lost,
		cat->lost_more ? " and more, nobody said how many" : "");
}

const struct sink record_sink = {
	.begin = record_begin,
	.event = record_event,
	.lost = record_any,
	.strange = record_any,
	.take_run = record_run,
	.flush = record_flush,
	.end = record_end,
	.report = record_report,
};
