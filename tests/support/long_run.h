/*
 * long_run: how many steps a random test takes, and from which seed.
 *
 * CI takes the usual number from a fixed seed; KMEM_TEST_OPS=N and
 * KMEM_TEST_SEED=N, which "./dev test --long" sets, change both. Numbers and
 * seed are printed, so that any run can be had again.
 */
#ifndef TESTS_SUPPORT_LONG_RUN_H
#define TESTS_SUPPORT_LONG_RUN_H

#include <stdbool.h>
#include <stdint.h>

/* Steps for a test that takes usual of them in CI; prints them and the seed. */
uint64_t long_run_steps(uint64_t usual);

/* Different for each salt, which tells tests of one program apart; never 0. */
uint64_t long_run_seed(uint64_t salt);

/*
 * True at the steps at which check() should run: all of the first, when states
 * are new, then one in a thousand or so.
 */
bool long_run_checks(uint64_t step);

#endif
