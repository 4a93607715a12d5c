// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz_reader.c - any bytes as a recording: read, printed in every form, drawn, copied
 *
 * The sanitizers check every input, and so does this program: each event and each loss makes
 * one line, a strict parser takes the JSON, ladders have every event and no line too long, and a
 * copy has the whole records of the original, byte for byte.
 */
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "in/source.h"
#include "model/assembly.h"
#include "out/csv.h"
#include "out/json.h"
#include "out/ladder.h"
#include "out/text.h"

/* An input of the fuzzer has at most 4 KiB by default: a few dozen records. */
#define OUT_SIZE (1024 * 1024)

static const struct fsm_printer *const printers[] = {
	&fsm_text_printer,
	&fsm_json_printer,
	&fsm_csv_printer,
};

static void require(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz_reader: %s\n", what);
	abort();
}

static int memory_file(const char *name, char *path, size_t path_size)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	require(fd >= 0, "memfd_create failed");
	snprintf(path, path_size, "/proc/self/fd/%d", fd);
	return fd;
}

static size_t count_lines(const struct fsm_output *out)
{
	size_t lines = 0;
	size_t i;

	for (i = 0; i < out->len; i++)
		lines += out->buf[i] == '\n';
	return lines;
}

static void check_json(const char *line, size_t len)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, line, (int)len);
	require(json_object_is_type(object, json_type_object), "a line is no JSON object");
	json_object_put(object);
	json_tokener_free(tokener);
}

/* The lines stay in the buffer, which takes all that an input can give. */
static void print(const struct fsm_printer *printer, struct fsm_output *out,
		  const struct tcpfsm_event *ev)
{
	size_t lines = count_lines(out);
	size_t start = out->len;

	if (ev->type == TCPFSM_REC_EVENT)
		printer->event(out, ev);
	else if (ev->type == TCPFSM_REC_LOST)
		printer->lost(out, ev);
	else
		return;
	require(count_lines(out) == lines + 1, "an event is not one line");
	require(out->buf[out->len - 1] == '\n', "a line has no end");
	if (printer == &fsm_json_printer)
		check_json(out->buf + start, out->len - start);
}

static void print_all(const struct tcpfsm_event *ev)
{
	static struct fsm_output out;
	size_t i;

	if (!out.buf)
		require(fsm_output_init(&out, -1, OUT_SIZE) == 0, "no memory");
	for (i = 0; i < sizeof(printers) / sizeof(printers[0]); i++) {
		out.len = 0;
		print(printers[i], &out, ev);
	}
}

/* Return the columns of a line of a drawing, which must not be too many. */
static int check_line(const struct fsm_canvas *canvas, int y, bool ascii)
{
	char text[FSM_CANVAS_RUN_MAX];
	enum fsm_pen pen;
	int column = 0, n;

	while ((n = fsm_canvas_run(canvas, y, column, ascii, text, &pen)) > 0) {
		require(strlen(text) >= (size_t)n && strlen(text) <= 3 * (size_t)n,
			"a run has other columns");
		require(pen < FSM_NR_PENS, "no such pen");
		column += n;
	}
	require(column <= canvas->width, "a line is too long");
	return column;
}

static void draw(const struct fsm_trace *trace, unsigned int width)
{
	struct fsm_canvas canvas;
	int y;

	require(fsm_ladder_draw(&canvas, width, &trace->end, trace->peer ? &trace->peer->end : NULL,
				NULL) == 0,
		"no memory");
	/* A FIN that is also an ACK makes one line of two events. */
	require((size_t)canvas.height >= 5 + trace->end.nr / 2, "events are missing");
	for (y = 0; y < canvas.height; y++)
		require(check_line(&canvas, y, true) == check_line(&canvas, y, false),
			"ASCII has other columns");
	fsm_canvas_free(&canvas);
}

static void draw_all(struct fsm_assembly *assembly, size_t size)
{
	while (assembly->oldest) {
		draw(assembly->oldest, FSM_LADDER_WIDTH_MIN + (unsigned int)size % 300);
		fsm_assembly_remove(assembly, assembly->oldest);
	}
	require(assembly->nr == 0, "connections are miscounted");
}

static void check_copy(int copy, const uint8_t *data, size_t size)
{
	off_t len = lseek(copy, 0, SEEK_END);
	void *map;

	require(len > 0 && (size_t)len <= size, "the copy is longer than the original");
	map = mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, copy, 0);
	require(map != MAP_FAILED, "mmap failed");
	require(!memcmp(map, data, (size_t)len), "the copy differs from the original");
	munmap(map, (size_t)len);
}

static void read_all(struct fsm_source *src, const uint8_t *data, size_t size)
{
	size_t whole = src->raw_header_size;
	struct fsm_recorder recorder;
	struct fsm_record record;
	enum fsm_fill fill = FSM_FILL_OK;
	static struct fsm_assembly assembly;
	char path[64];
	int copy;
	int got = 0;

	require(assembly.by_id || fsm_assembly_init(&assembly) == 0, "no memory");

	copy = memory_file("copy", path, sizeof(path));
	require(fsm_recorder_open(&recorder, path, src->raw_header, src->raw_header_size,
				  src->swap) == 0,
		"cannot write");
	while (got >= 0 && fill == FSM_FILL_OK) {
		while ((got = fsm_source_next(src, &record)) > 0) {
			print_all(record.ev);
			if (record.ev->type == TCPFSM_REC_EVENT)
				require(fsm_assembly_add(&assembly, record.ev), "no memory");
			fsm_recorder_put(&recorder, record.raw, record.raw_size);
			whole += record.raw_size;
		}
		if (got == 0)
			fill = fsm_source_fill(src);
	}
	draw_all(&assembly, size);
	require(got == 0 || src->error[0], "an error without a message");
	require(got < 0 || whole + src->cut == size, "bytes are neither read nor cut");
	require(fsm_recorder_close(&recorder) == 0, "cannot write");
	require(lseek(copy, 0, SEEK_END) == (off_t)whole, "the copy is not whole");
	check_copy(copy, data, size);
	close(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* The form for people has more variants than those for machines. */
	const struct fsm_style style = {
		.narrow = size & 1,
		.colour = size & 2,
		.wall = size & 4,
	};
	static bool ready;
	struct fsm_source src;
	struct fsm_output none;
	char path[64];
	int fd;

	if (!ready) {
		ready = true;
		require(fsm_output_init(&none, -1, OUT_SIZE) == 0, "no memory");
		require(fsm_json_printer.begin(&none, &style) == 0, "no memory");
		fsm_output_free(&none);
	}
	require(fsm_output_init(&none, -1, 4096) == 0, "no memory");
	require(fsm_text_printer.begin(&none, &style) == 0, "no memory");
	fsm_output_free(&none);
	fd = memory_file("input", path, sizeof(path));
	require(write(fd, data, size) == (ssize_t)size, "write failed");
	if (fsm_source_open_recording(&src, path) == 0)
		read_all(&src, data, size);
	else
		require(src.error[0], "an error without a message");
	fsm_source_close(&src);
	close(fd);
	return 0;
}
