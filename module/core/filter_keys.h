/* SPDX-License-Identifier: GPL-2.0 */
/*
 * filter_keys.h - the keys of the filter language, for its parser and its evaluation
 */
#ifndef TCPFSM_FILTER_KEYS_H
#define TCPFSM_FILTER_KEYS_H

enum tcpfsm_filter_key {
	TCPFSM_KEY_PORT,
	TCPFSM_KEY_LPORT,
	TCPFSM_KEY_RPORT,
	TCPFSM_KEY_ADDR,
	TCPFSM_KEY_LADDR,
	TCPFSM_KEY_RADDR,
	TCPFSM_KEY_FAMILY,
	TCPFSM_KEY_NETNS,
	TCPFSM_KEY_UID,
	TCPFSM_KEY_STATE,
	TCPFSM_KEY_CAUSE,
	TCPFSM_NR_KEYS
};

#endif /* TCPFSM_FILTER_KEYS_H */
