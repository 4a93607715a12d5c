/* SPDX-License-Identifier: GPL-2.0 */
/*
 * site.h - which function of the kernel does an address lie in?
 */
#ifndef TCPFSM_SITE_H
#define TCPFSM_SITE_H

/* Functions that are told apart. */
#define TCPFSM_SITES(X)		\
	X(tcp_conn_request)

/**
 * enum tcpfsm_site - a function that the module knows by name
 * @TCPFSM_SITE_OTHER: any that it does not
 */
enum tcpfsm_site {
	TCPFSM_SITE_OTHER,
#define TCPFSM_X(name) TCPFSM_SITE_##name,
	TCPFSM_SITES(TCPFSM_X)
#undef TCPFSM_X
	TCPFSM_NR_SITES
};

enum tcpfsm_site tcpfsm_site_of(unsigned long return_address);

#endif /* TCPFSM_SITE_H */
