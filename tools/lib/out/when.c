// SPDX-License-Identifier: GPL-2.0
/*
 * when.c - from the monotonic clock of an event to the clock on the wall
 */
#include "out/when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/digits.h"

/**
 * fsm_when_init() - learn how the two clocks stand to each other
 * @when: filled in
 * @header: header of a recording, or one that was made now
 *
 * Both clocks were read at one moment. If the wall clock is set later, that is not noticed.
 */
void fsm_when_init(struct fsm_when *when, const struct fsm_header *header)
{
	when->offset = (int64_t)(header->real_ns - header->mono_ns);
}

/**
 * fsm_when_real() - return CLOCK_REALTIME at a time of CLOCK_MONOTONIC
 * @when: clocks
 * @mono_ns: nanoseconds
 */
uint64_t fsm_when_real(const struct fsm_when *when, uint64_t mono_ns)
{
	return mono_ns + (uint64_t)when->offset;
}

/* The local time of a second, without its fraction, and its distance from UTC. */
struct second {
	time_t at;
	char text[20];
	char zone[7];
};

static void find_second(struct second *second, time_t at)
{
	struct tm tm;

	memset(second, 0, sizeof(*second));
	second->at = at;
	/* Only damaged files have a year of more than four digits. */
	if (!localtime_r(&at, &tm) || tm.tm_year < 0 || tm.tm_year > 9999 - 1900 ||
	    strftime(second->text, sizeof(second->text), "%Y-%m-%dT%H:%M:%S", &tm) != 19) {
		memcpy(second->text, "0000-00-00T00:00:00", 20);
		memcpy(second->zone, "+00:00", 7);
		return;
	}
	snprintf(second->zone, sizeof(second->zone), "%c%02u:%02u", tm.tm_gmtoff < 0 ? '-' : '+',
		 (unsigned int)labs(tm.tm_gmtoff) / 3600 % 100,
		 (unsigned int)labs(tm.tm_gmtoff) / 60 % 60);
}

/**
 * fsm_put_when() - write local date and time as ISO 8601 has it
 * @p: room for FSM_WHEN_LEN bytes
 * @real_ns: CLOCK_REALTIME
 *
 * Return: the end, FSM_WHEN_LEN bytes on.
 */
char *fsm_put_when(char *p, uint64_t real_ns)
{
	/* A second has many events: keep its text. */
	static struct second last = { .at = -1 };
	time_t at = (time_t)(real_ns / FSM_NS_PER_SECOND);

	if (at != last.at)
		find_second(&last, at);
	p = fsm_put(p, last.text, 19);
	*p++ = '.';
	p = fsm_put_ns(p, (uint32_t)(real_ns % FSM_NS_PER_SECOND));
	return fsm_put(p, last.zone, 6);
}
