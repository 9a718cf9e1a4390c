#include "tests/support/long_run.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tests/support/test.h"

enum { CHECK_ALL = 20000, CHECK_EVERY = 997 };

static uint64_t setting(const char *name, uint64_t usual)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : usual;
}

uint64_t long_run_steps(uint64_t usual)
{
	uint64_t steps = setting("KMEM_TEST_OPS", usual);

	print_message("KMEM_TEST_SEED=%" PRIu64 " KMEM_TEST_OPS=%" PRIu64 "\n",
		      setting("KMEM_TEST_SEED", 1), steps);
	return steps;
}

uint64_t long_run_part(uint64_t steps, uint64_t parts)
{
	return (steps + parts - 1) / parts;
}

void long_run_compared(const char *what, uint64_t operations)
{
	print_message("compared: %" PRIu64 " operations of %s\n", operations,
		      what);
	expect_true(operations >= setting("KMEM_TEST_OPS", 0));
}

uint64_t long_run_seed(uint64_t salt)
{
	uint64_t seed = setting("KMEM_TEST_SEED", 1);

	/* splitmix64, so that neighbours have nothing in common. */
	seed = seed * 0x9e3779b97f4a7c15ull + salt;
	seed = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9ull;
	seed = (seed ^ seed >> 27) * 0x94d049bb133111ebull;
	seed ^= seed >> 31;
	return seed ? seed : 1;
}

bool long_run_checks(uint64_t step)
{
	return step < CHECK_ALL || step % CHECK_EVERY == 0;
}
