// SPDX-License-Identifier: GPL-2.0
/*
 * filter_match.c - decides whether an event passes a filter
 *
 * A compiled filter is flat and bounded. So the time to evaluate it is bounded too.
 */
#include "core/filter.h"
#include "core/filter_keys.h"

#ifdef __KERNEL__
#include <linux/socket.h>
#else
#include <sys/socket.h>
#endif

static bool number_matches(const struct tcpfsm_filter_value *value, u32 number)
{
	return number >= value->low && number <= value->high;
}

static bool address_matches(const struct tcpfsm_filter_value *value, u8 family, const u8 *addr)
{
	unsigned int bytes = value->prefix / 8, bits = value->prefix % 8;

	if (family != value->family || memcmp(addr, value->addr, bytes))
		return false;
	return !bits || !((addr[bytes] ^ value->addr[bytes]) >> (8 - bits));
}

static bool value_matches(u8 key, const struct tcpfsm_filter_value *value,
			  const struct tcpfsm_event *event)
{
	switch (key) {
	case TCPFSM_KEY_PORT:
		return number_matches(value, event->lport) || number_matches(value, event->rport);
	case TCPFSM_KEY_LPORT:
		return number_matches(value, event->lport);
	case TCPFSM_KEY_RPORT:
		return number_matches(value, event->rport);
	case TCPFSM_KEY_ADDR:
		return address_matches(value, event->family, event->laddr) ||
		       address_matches(value, event->family, event->raddr);
	case TCPFSM_KEY_LADDR:
		return address_matches(value, event->family, event->laddr);
	case TCPFSM_KEY_RADDR:
		return address_matches(value, event->family, event->raddr);
	case TCPFSM_KEY_NETNS:
		return number_matches(value, event->netns);
	case TCPFSM_KEY_UID:
		return number_matches(value, event->uid);
	}
	return false;
}

/* A number beyond the mask is that of a newer module. It has no name here, so no filter has it. */
static u32 bit(u8 number)
{
	return number < 32 ? 1u << number : 0;
}

static bool mask_matches(const struct tcpfsm_filter_term *term, const struct tcpfsm_event *event)
{
	switch (term->key) {
	case TCPFSM_KEY_FAMILY:
		return term->mask & (event->family == AF_INET ? 1 : 2);
	case TCPFSM_KEY_STATE:
		return term->mask & (bit(event->old) | bit(event->new));
	case TCPFSM_KEY_CAUSE:
		return term->mask & bit(event->cause);
	}
	return false;
}

static bool term_matches(const struct tcpfsm_filter *filter, const struct tcpfsm_filter_term *term,
			 const struct tcpfsm_event *event)
{
	unsigned int i;

	for (i = 0; i < term->count; i++)
		if (value_matches(term->key, &filter->values[term->first + i], event))
			return true;
	return mask_matches(term, event);
}

/**
 * tcpfsm_filter_match() - does an event pass a filter?
 * @filter: a compiled expression
 * @event: the event
 *
 * This looks at no more than 32 terms, with no more than 64 values together.
 *
 * Context: any.
 */
noinline bool tcpfsm_filter_match(const struct tcpfsm_filter *filter,
				  const struct tcpfsm_event *event)
{
	unsigned int i;

	for (i = 0; i < filter->nr_terms; i++)
		if (term_matches(filter, &filter->terms[i], event) == filter->terms[i].negate)
			return false;
	return true;
}
