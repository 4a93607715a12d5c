/* SPDX-License-Identifier: GPL-2.0 */
/*
 * http.h - serve the counters to scrapers
 */
#ifndef FSM_HTTP_H
#define FSM_HTTP_H

int fsm_http_serve(const char *where, const char *stat_path);

#endif /* FSM_HTTP_H */
