/* SPDX-License-Identifier: GPL-2.0 */
/*
 * harness.h - the kernel's harness, with the time that a test may take
 */
#ifndef TCPFSM_KSFT_HARNESS_H
#define TCPFSM_KSFT_HARNESS_H

#include "clock.h"
#include "kselftest_harness.h"

/* The harness looks at it where a test is defined, so this counts. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT (90 * SLOWNESS)

/*
 * For a fixture's setup, which the harness lets a test follow even if that is skipped: the
 * test's process ends, with what the harness takes for a skip.
 */
#define SKIP_FROM_SETUP(...) SKIP(_exit(255), __VA_ARGS__)

#endif /* TCPFSM_KSFT_HARNESS_H */
