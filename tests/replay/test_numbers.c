/*
 * Numbers of records: each is one record's, those that went are used again, and
 * what the records hold stays when the array moves.
 */
#include "replay/numbers.h"

#include <stdlib.h>

#include "tests/support/test.h"

enum { RECORDS = 500, STEPS = 20000 };

struct record {
	uint64_t value;
	uint32_t next;
};

static void test_used_again(void **state)
{
	struct memory memory = memory_libc();
	struct record *records = NULL;
	struct numbers numbers;
	uint32_t live[RECORDS], count = 0;
	uint64_t seed = 1;

	(void)state;
	numbers_init(&numbers, sizeof(*records), offsetof(struct record, next));
	for (uint64_t step = 0; step < STEPS; step++) {
		uint32_t at;

		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		at = count ? (uint32_t)((seed >> 33) % count) : 0;
		if (count < RECORDS && (seed >> 20 & 3 || !count)) {
			uint32_t number =
			    numbers_take(&numbers, &records, &memory);

			for (uint32_t i = 0; i < count; i++)
				expect_true(live[i] != number);
			records[number] = (struct record){.value = ~number};
			live[count++] = number;
		} else {
			expect_u64_eq(records[live[at]].value,
				      (uint32_t)~live[at]);
			numbers_release(&numbers, records, live[at]);
			live[at] = live[--count];
		}
		expect_true(numbers.count <= RECORDS);
	}
	memory_free(&memory, records);
}

static void *no_more(void *context, void *old, size_t bytes)
{
	(void)context;
	(void)old;
	(void)bytes;
	return NULL;
}

/* Without memory nothing is lost, and numbers that are there still serve. */
static void test_no_memory(void **state)
{
	struct memory memory = memory_libc(), none = {.resize = no_more};
	struct record *records = NULL;
	struct numbers numbers;
	uint32_t number;

	(void)state;
	numbers_init(&numbers, sizeof(*records), offsetof(struct record, next));
	expect_u64_eq(numbers_take(&numbers, &records, &none), NUMBER_NONE);
	expect_true(!records);
	number = numbers_take(&numbers, &records, &memory);
	numbers_release(&numbers, records, number);
	expect_u64_eq(numbers_take(&numbers, &records, &none), number);
	expect_u64_eq(numbers.count, 1);
	memory_free(&memory, records);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_used_again),
	    cmocka_unit_test(test_no_memory),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
