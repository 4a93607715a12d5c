// SPDX-License-Identifier: GPL-2.0
/*
 * digits_test.c - tests of base/digits.h
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/digits.h"
#include "random.h"
#include "tap.h"

static void check_number(uint64_t v)
{
	int width = (int)(v % 25);
	char got[64], wanted[64];

	snprintf(wanted, sizeof(wanted), "%" PRIu64, v);
	check(same_text(got, fsm_put_u64(got, v), wanted));
	snprintf(wanted, sizeof(wanted), "%*" PRIu64, width, v);
	check(same_text(got, fsm_put_u64_right(got, v, (size_t)width), wanted));
	snprintf(wanted, sizeof(wanted), "%" PRId64, (int64_t)v);
	check(same_text(got, fsm_put_s64(got, (int64_t)v), wanted));
	snprintf(wanted, sizeof(wanted), "%" PRIx64, v);
	check(same_text(got, fsm_put_hex(got, v), wanted));
	snprintf(wanted, sizeof(wanted), "%5" PRIu64 ".%09" PRIu64, v / 1000000000, v % 1000000000);
	check(same_text(got, fsm_put_seconds(got, v, 5), wanted));
}

static void test_numbers(void)
{
	static const uint64_t edges[] = { 0, 1, 9, 10, 99, 100, INT64_MAX, 1ull << 63, UINT64_MAX };
	size_t i;

	for (i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
		check_number(edges[i]);
	for (i = 0; i < 100000; i++)
		check_number(random_number());
}

int main(void)
{
	tap_test(test_numbers, "numbers are written as printf writes them");
	return tap_failed_tests ? 1 : 0;
}
