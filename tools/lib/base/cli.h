/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cli.h - what the programs' command lines have in common
 */
#ifndef FSM_CLI_H
#define FSM_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	EXIT_OK = 0,
	EXIT_ERROR = 1,
	EXIT_USAGE = 2
};

int fsm_cli_wrong(const char *what, const char *value);
int fsm_cli_wrong_at(const char *option, size_t at, const char *what);
int fsm_cli_printed(int status);
bool fsm_cli_count(const char *text, uint64_t *count);
bool fsm_cli_decimal(const char *text, double min, double max, double *value);
const char *fsm_cli_file(const char *variable, const char *path);

#endif /* FSM_CLI_H */
