// SPDX-License-Identifier: GPL-2.0
/*
 * text.c - events as the lines that /proc/tcpfsm has
 */
#include "out/text.h"

#include "base/digits.h"
#include "model/limits.h"
#include "out/fields.h"
#include "out/pen.h"
#include "out/when.h"

/* These are all columns but TIME, whose width varies. */
#define FULL_COLUMNS                                                     \
	"   ID OLD         NEW         CAUSE             DWELL_US LOCAL" \
	"                 REMOTE                  UID   PID COMM\n"
#define NARROW_COLUMNS                                                       \
	"   ID OLD         NEW         CAUSE       DWELL_US LOCAL          " \
	" REMOTE          COMM\n"

/* The longest line is far shorter: all fields at their longest have less than 400 bytes. */
#define LINE_MAX_LEN 512

/* Widths of the columns, as in module/export/text.c; a longer field moves the rest of its line. */
enum {
	W_SECONDS = 5,
	W_ID = 4,
	W_STATE = 11,
	W_UID = 5,
	W_PID = 5,
};

/**
 * struct layout - what differs from one form of the table to the other
 * @columns: names of the columns, without TIME
 * @cause: width of CAUSE
 * @dwell: width of DWELL_US
 * @endpoint: width of LOCAL and REMOTE
 * @owner: has UID and PID
 */
struct layout {
	const char *columns;
	size_t cause;
	size_t dwell;
	size_t endpoint;
	bool owner;
};

static const struct layout full = {
	.columns = FULL_COLUMNS,
	.cause = 15,
	.dwell = 10,
	.endpoint = 21,
	.owner = true,
};

/* With short addresses a line has 95 columns and the name, and fits a terminal of 100. */
static const struct layout narrow = {
	.columns = NARROW_COLUMNS,
	.cause = 11,
	.dwell = 8,
	.endpoint = 15,
};

/* Names are kept with blanks behind them that fill the widest column. */
#define WORD_LEN 16

struct word {
	char text[WORD_LEN];
	size_t len;
};

static struct fsm_style style;
static const struct layout *layout;

/* The last name is for the numbers that have none. */
static struct word states[TCPFSM_NR_STATES + 1];
static struct word causes[TCPFSM_NR_CAUSES + 1];

/*
 * A connection has a dozen events, so most endpoints have been written a moment ago. Each one
 * is kept as it was written, with the blanks behind it.
 */
#define NR_KEPT	     1024
#define ENDPOINT_LEN 64 /* "[", FSM_ADDRESS_MAX, "]:65535" */

struct kept {
	__u8 addr[16];
	__u16 port;
	__u8 family;
	__u8 len;
	char text[ENDPOINT_LEN];
};

static struct kept kept[NR_KEPT];

static struct word word_of(const char *name)
{
	struct word word = { .len = strlen(name) };

	memset(word.text, ' ', WORD_LEN);
	memcpy(word.text, name, word.len);
	return word;
}

static void learn_words(void)
{
	unsigned int i;

	for (i = 0; i <= TCPFSM_NR_STATES; i++)
		states[i] = word_of(tcpfsm_state_name(i));
	for (i = 0; i <= TCPFSM_NR_CAUSES; i++)
		causes[i] = word_of(tcpfsm_cause_name(i));
}

static const struct word *state_word(unsigned int state)
{
	return &states[state < TCPFSM_NR_STATES ? state : TCPFSM_NR_STATES];
}

static const struct word *cause_word(unsigned int cause)
{
	return &causes[cause < TCPFSM_NR_CAUSES ? cause : TCPFSM_NR_CAUSES];
}

static const char *time_heading(void)
{
	if (style.wall)
		return style.narrow ? "#         TIME" : "#                              TIME";
	return style.narrow ? "#       TIME" : "#          TIME";
}

static int text_begin(struct fsm_output *out, const struct fsm_style *wanted)
{
	char *p = fsm_output_reserve(out, LINE_MAX_LEN);

	style = *wanted;
	layout = style.narrow ? &narrow : &full;
	learn_words();
	memset(kept, 0, sizeof(kept));
	p = fsm_puts(p, time_heading());
	p = fsm_puts(p, layout->columns);
	fsm_output_commit(out, p);
	return 0;
}

/* Write the time. In narrow form it has microseconds, and no date. */
static char *put_time(char *p, uint64_t ns)
{
	char when[FSM_WHEN_LEN];

	if (!style.wall) {
		p = fsm_put_seconds(p, ns, W_SECONDS);
		return style.narrow ? p - 3 : p;
	}
	fsm_put_when(when, ns);
	return style.narrow ? fsm_put(p, when + 11, 15) : fsm_put(p, when, sizeof(when));
}

static char *put_id(char *p, const struct tcpfsm_event *ev)
{
	char gen[1 + FSM_DIGITS_MAX];
	char *end = gen;
	size_t len;

	if (ev->id == 0)
		return fsm_put_right(p, "-", 1, W_ID);
	if (ev->gen > 1) {
		*end++ = '/';
		end = fsm_put_u64(end, ev->gen);
	}
	len = fsm_hex_digits(ev->id) + (size_t)(end - gen);
	if (len < W_ID)
		p = fsm_blanks(p, W_ID - len);
	p = fsm_put_hex(p, ev->id);
	return ev->gen > 1 ? fsm_put(p, gen, (size_t)(end - gen)) : p;
}

/* Write blanks until a column is filled that begins at @start, as fsm_pad(), but faster. */
static char *pad(char *p, char *start, size_t width)
{
	char *end = start + width;

	return p < end ? fsm_blanks(p, (size_t)(end - p)) : p;
}

static struct kept *kept_at(const __u8 *addr, __u16 port)
{
	uint32_t tail;

	memcpy(&tail, addr + 12, sizeof(tail));
	return &kept[(port ^ addr[3] ^ tail * 0x9e3779b1u >> 16) % NR_KEPT];
}

static char *write_endpoint(char *p, const struct tcpfsm_event *ev, const __u8 *addr, __u16 port)
{
	return pad(fsm_put_endpoint(p, ev, addr, port), p, layout->endpoint);
}

static char *put_endpoint(char *p, const struct tcpfsm_event *ev, const __u8 *addr, __u16 port)
{
	struct kept *it = kept_at(addr, port);
	char *start = p;

	/* A listener has no peer: its address and port are shown as they are. */
	if (!fsm_has_family(ev)) {
		*p++ = '-';
		return pad(p, start, layout->endpoint);
	}
	if (it->family != ev->family || it->port != port ||
	    memcmp(it->addr, addr, sizeof(it->addr))) {
		it->family = ev->family;
		it->port = port;
		memcpy(it->addr, addr, sizeof(it->addr));
		it->len = (__u8)(write_endpoint(it->text, ev, addr, port) - it->text);
	}
	memcpy(p, it->text, sizeof(it->text));
	return p + it->len;
}

static char *put_left(char *p, const struct word *word, size_t width)
{
	memcpy(p, word->text, WORD_LEN);
	return p + (word->len > width ? word->len : width);
}

static char *put_number(char *p, bool known, uint64_t v, size_t width)
{
	return known ? fsm_put_u64_right(p, v, width) : fsm_put_right(p, "-", 1, width);
}

/* Write a word in its column, in its colour. */
static char *put_word(char *p, const struct word *word, size_t width, enum fsm_pen pen)
{
	if (!style.colour)
		return put_left(p, word, width);
	p = fsm_puts(p, fsm_pen_on(pen));
	p = put_left(p, word, width);
	return fsm_puts(p, fsm_pen_off(pen));
}

static char *put_owner(char *p, const struct tcpfsm_event *ev)
{
	if (layout->owner) {
		p = put_number(p, fsm_has_uid(ev), ev->uid, W_UID);
		*p++ = ' ';
		p = put_number(p, ev->pid != 0, ev->pid, W_PID);
		*p++ = ' ';
	}
	if (fsm_has_comm(ev))
		return fsm_put_comm(p, ev, true);
	*p++ = '-';
	return p;
}

static void text_event(struct fsm_output *out, const struct tcpfsm_event *ev)
{
	enum fsm_pen why = fsm_cause_is_bad(ev->cause) ? FSM_PEN_BAD : FSM_PEN_CAUSE;
	char *p = fsm_output_reserve(out, LINE_MAX_LEN);

	p = put_time(p, ev->time_ns);
	*p++ = ' ';
	p = put_id(p, ev);
	*p++ = ' ';
	p = put_word(p, state_word(ev->old), W_STATE, FSM_PEN_PLAIN);
	*p++ = ' ';
	p = put_word(p, state_word(ev->new), W_STATE, FSM_PEN_STATE);
	*p++ = ' ';
	p = put_word(p, cause_word(ev->cause), layout->cause, why);
	*p++ = ' ';
	p = put_number(p, fsm_has_dwell(ev), ev->dwell_ns / 1000, layout->dwell);
	*p++ = ' ';
	p = put_endpoint(p, ev, ev->laddr, ev->lport);
	*p++ = ' ';
	p = put_endpoint(p, ev, ev->raddr, ev->rport);
	*p++ = ' ';
	p = put_owner(p, ev);
	*p++ = '\n';
	fsm_output_commit(out, p);
}

static void text_lost(struct fsm_output *out, const struct tcpfsm_event *ev)
{
	char *p = fsm_output_reserve(out, LINE_MAX_LEN);

	if (style.colour)
		p = fsm_puts(p, fsm_pen_on(FSM_PEN_BAD));
	p = fsm_puts(p, "# ");
	if (fsm_has_lost(ev)) {
		p = fsm_put_u64(p, ev->lost);
		*p++ = ' ';
	}
	p = fsm_puts(p, "events lost");
	if (style.colour)
		p = fsm_puts(p, fsm_pen_off(FSM_PEN_BAD));
	*p++ = '\n';
	fsm_output_commit(out, p);
}

static void text_end(void)
{
}

const struct fsm_printer fsm_text_printer = {
	.begin = text_begin,
	.event = text_event,
	.lost = text_lost,
	.end = text_end,
};
