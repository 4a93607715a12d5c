// SPDX-License-Identifier: GPL-2.0
/*
 * nohttp.c - takes the place of http.c if there is no libmicrohttpd
 */
#include <stdio.h>

#include "http.h"

int fsm_http_serve(const char *where, const char *stat_path)
{
	(void)where;
	(void)stat_path;
	fprintf(stderr, "fsmstat: built without libmicrohttpd: no --listen\n");
	return 1;
}
