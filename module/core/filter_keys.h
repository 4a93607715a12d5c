/* SPDX-License-Identifier: GPL-2.0 */
/*
 * filter_keys.h - the keys of the filter language, for its parser and its evaluation
 */
#ifndef TCPFSM_FILTER_KEYS_H
#define TCPFSM_FILTER_KEYS_H

enum filter_key {
	KEY_PORT,
	KEY_LPORT,
	KEY_RPORT,
	KEY_ADDR,
	KEY_LADDR,
	KEY_RADDR,
	KEY_FAMILY,
	KEY_NETNS,
	KEY_UID,
	KEY_STATE,
	KEY_CAUSE,
	NR_KEYS
};

#endif /* TCPFSM_FILTER_KEYS_H */
