/* SPDX-License-Identifier: GPL-2.0 */
/* The test says on which CPU it is. */
#ifndef TEST_LINUX_PERCPU_H
#define TEST_LINUX_PERCPU_H

#include <linux/cpumask.h>

static int test_cpu;

#define DEFINE_PER_CPU(type, name) __typeof__(type) name[TEST_CPUS]
#define raw_cpu_ptr(name)	   (&(*(name))[test_cpu])
#define per_cpu_ptr(name, cpu)	   (&(*(name))[cpu])

#endif /* TEST_LINUX_PERCPU_H */
