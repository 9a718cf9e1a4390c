/*
 * long_run: how many operations a random test takes, and from which seed.
 *
 * CI takes the usual number from a fixed seed; KMEM_TEST_OPS=N and
 * KMEM_TEST_SEED=N, which "./dev test --long" sets, change both. N is what each
 * version of each allocator does beside its reference, however many parts the
 * test has. Numbers and seed are printed, so that any run can be had again, and
 * at the end what was really compared.
 */
#ifndef TESTS_SUPPORT_LONG_RUN_H
#define TESTS_SUPPORT_LONG_RUN_H

#include <stdbool.h>
#include <stdint.h>

/* For a test that takes usual of them in CI; prints number and seed. */
uint64_t long_run_steps(uint64_t usual);

/* So many for each of the parts, which together have no less than steps. */
uint64_t long_run_part(uint64_t steps, uint64_t parts);

/*
 * Says of what how many operations were held against the reference. Fails if
 * they are fewer than KMEM_TEST_OPS.
 */
void long_run_compared(const char *what, uint64_t operations);

/* Different for each salt, which tells tests of one program apart; never 0. */
uint64_t long_run_seed(uint64_t salt);

/*
 * True at the steps at which check() should run: all of the first, when states
 * are new, then one in a thousand or so.
 */
bool long_run_checks(uint64_t step);

#endif
