// SPDX-License-Identifier: GPL-2.0
/*
 * event.c - which fields of an event are known, and the names of its values
 */
#include "in/event.h"

#include <string.h>

static const char *const flag_names[FSM_FLAGS] = {
	"syncookie", "fastopen", "finack",  "illegal", "repaired", "mapped", "softirq", "timewait",
	"request",   "noseq",	 "nostats", "bit11",   "bit12",	   "bit13",  "bit14",	"bit15",
};

/**
 * fsm_flag_name() - return the name of one of TCPFSM_F_*
 * @bit: number of the bit, below FSM_FLAGS
 *
 * A flag that only newer modules know is not hidden: its name is that of its bit.
 */
const char *fsm_flag_name(unsigned int bit)
{
	return flag_names[bit];
}

/* Return the name as "ss -f" has it, or NULL if the family is unknown. */
const char *fsm_family_name(const struct tcpfsm_event *ev)
{
	switch (ev->family) {
	case AF_INET:
		return "inet";
	case AF_INET6:
		return "inet6";
	default:
		return NULL;
	}
}

/**
 * fsm_has_address() - return whether the event knows the address of an end
 * @ev: event
 * @addr: its laddr or raddr
 * @port: its lport or rport
 *
 * A listener has a wildcard address with a port, which is an address.
 */
bool fsm_has_address(const struct tcpfsm_event *ev, const __u8 *addr, __u16 port)
{
	static const __u8 any[16];
	size_t len = ev->family == AF_INET ? 4 : 16;

	return fsm_has_family(ev) && (port || memcmp(addr, any, len));
}
