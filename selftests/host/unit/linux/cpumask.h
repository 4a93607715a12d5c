/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TEST_LINUX_CPUMASK_H
#define TEST_LINUX_CPUMASK_H

#define TEST_CPUS 3

#define for_each_possible_cpu(cpu) for ((cpu) = 0; (cpu) < TEST_CPUS; (cpu)++)

#endif /* TEST_LINUX_CPUMASK_H */
