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

#endif /* TCPFSM_KSFT_HARNESS_H */
