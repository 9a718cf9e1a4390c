#include "parser/link_base.h"

#include <string.h>

#include "tests/support/test.h"

static const uint64_t base_x86 = 0xff11000040000000ull;

static struct link_rules rules_of(const char *machine, uint32_t page_size,
				  uint8_t long_size)
{
	struct capture_info info = {.page_size = page_size,
				    .long_size = long_size,
				    .version_major = 6,
				    .version_minor = 1};
	struct link_rules rules;

	strcpy(info.machine, machine);
	link_rules_init(&rules, &info);
	return rules;
}

static void see(struct link_base *vote, uint8_t kind, uint64_t addr,
		uint8_t order)
{
	const struct kmem_event ev = {
	    .kind = kind, .addr = addr, .order = order};

	link_base_see(vote, &ev);
}

/* A slab of 2^order pages is born and an object in its page "page" given. */
static void see_slab(struct link_base *vote, const struct link_rules *rules,
		     uint64_t base, uint64_t pfn, uint8_t order, uint64_t page)
{
	uint64_t addr = base + ((pfn + page) << rules->page_shift) + 192;

	see(vote, EV_PAGE_ALLOC, pfn, order);
	see(vote, EV_CACHE_ALLOC, addr & rules->address_mask, 0);
}

static void expect_winner(struct link_base *vote, bool wins, uint64_t want)
{
	char reason[256] = "";
	uint64_t base = 0;

	expect_u64_eq(link_base_winner(vote, &base, reason, sizeof(reason)),
		      wins);
	expect_u64_eq(base, want);
	expect_true(reason[0]);
}

static void test_four_slabs_are_enough(void **state)
{
	struct link_rules rules = rules_of("x86_64", 4096, 8);
	struct link_base *vote = NULL;

	(void)state;
	assert_int_equal(link_base_create(&rules, &vote), 0);
	for (uint64_t i = 0; i < 4; i++) {
		expect_winner(vote, false, 0);
		see_slab(vote, &rules, base_x86, 1000 + i * 8, 3, i * 2);
	}
	expect_winner(vote, true, base_x86);
	expect_true(!link_base_settled(vote));
	for (uint64_t i = 0; i < 60; i++)
		see_slab(vote, &rules, base_x86, 2000 + i, 0, 0);
	expect_true(link_base_settled(vote));
	link_base_free(vote);
}

/* Objects elsewhere and pages for other purposes do not lead astray. */
static void test_noise(void **state)
{
	struct link_rules rules = rules_of("aarch64", 65536, 8);
	const uint64_t base = 0xfffeffffc0000000ull;
	struct link_base *vote = NULL;
	uint64_t seed = 1;

	(void)state;
	assert_int_equal(link_base_create(&rules, &vote), 0);
	for (uint64_t i = 0; i < 20000; i++) {
		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		see(vote, EV_PAGE_ALLOC, seed >> 49, (uint8_t)(seed >> 46 & 3));
		see(vote, EV_KMALLOC, base + (seed >> 20 & 0x7fffffff), 0);
		if (i % 100 == 0)
			see_slab(vote, &rules, base, 16384 + i, 0, 0);
	}
	expect_winner(vote, true, base);
	link_base_free(vote);
}

/*
 * ppc64: few slabs of 64 KiB among many user pages. Of the chance hits none
 * counts that would make it another map than the one these machines have.
 */
static void test_one_base(void **state)
{
	struct link_rules rules = rules_of("ppc64le", 65536, 8);
	const uint64_t base = 0xc000000000000000ull;
	struct link_base *vote = NULL;
	uint64_t seed = 1;

	(void)state;
	assert_int_equal(link_base_create(&rules, &vote), 0);
	for (uint64_t i = 0; i < 20000; i++) {
		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		see(vote, EV_PAGE_ALLOC, 32 * (seed >> 54), 0);
		see(vote, EV_KMALLOC, base + (seed >> 24 & 1023) * (2u << 20),
		    0);
		if (i % 1000 == 0)
			see_slab(vote, &rules, base, 1 + i, 0, 0);
	}
	expect_winner(vote, true, base);
	expect_true(link_base_settled(vote));
	link_base_free(vote);
}

/* 32 bits: the address of pfn 0 may lie below 0 and wraps. */
static void test_base_wraps_on_32_bits(void **state)
{
	struct link_rules rules = rules_of("armv7l", 4096, 4);
	struct link_base *vote = NULL;

	(void)state;
	assert_int_equal(link_base_create(&rules, &vote), 0);
	for (uint64_t i = 0; i < 8; i++)
		see_slab(vote, &rules, 0x40000000ull, 0xc0000 + i, 0, 0);
	expect_winner(vote, true, 0x40000000ull);
	link_base_free(vote);
}

/* Two bases with as many votes: neither is believed. */
static void test_no_clear_winner(void **state)
{
	struct link_rules rules = rules_of("x86_64", 4096, 8);
	struct link_base *vote = NULL;

	(void)state;
	assert_int_equal(link_base_create(&rules, &vote), 0);
	for (uint64_t i = 0; i < 30; i++) {
		see_slab(vote, &rules, base_x86, 1000 + i, 0, 0);
		see_slab(vote, &rules, base_x86 + (1ull << 40), 5000 + i, 0, 0);
	}
	expect_winner(vote, false, 0);
	link_base_free(vote);
}

/* A kernel that hashes pointers: 32 arbitrary bits (lib/vsprintf.c). */
static void test_hashed_pointers(void **state)
{
	struct link_rules rules = rules_of("x86_64", 4096, 8);
	struct link_base *vote = NULL;
	uint64_t seed = 3;

	(void)state;
	assert_int_equal(link_base_create(&rules, &vote), 0);
	for (uint64_t i = 0; i < 5000; i++) {
		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		see(vote, EV_PAGE_ALLOC, 0x100000 + i, 0);
		see(vote, EV_CACHE_ALLOC, seed >> 32, 0);
	}
	expect_winner(vote, false, 0);
	link_base_free(vote);
}

static void test_nothing_to_vote_on(void **state)
{
	struct link_rules rules = rules_of("x86_64", 4096, 8);
	struct link_base *vote = NULL;

	(void)state;
	assert_int_equal(link_base_create(&rules, &vote), 0);
	expect_winner(vote, false, 0);
	see(vote, EV_KMALLOC, base_x86, 0);
	expect_winner(vote, false, 0);
	link_base_free(vote);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_four_slabs_are_enough),
	    cmocka_unit_test(test_noise),
	    cmocka_unit_test(test_one_base),
	    cmocka_unit_test(test_base_wraps_on_32_bits),
	    cmocka_unit_test(test_no_clear_winner),
	    cmocka_unit_test(test_hashed_pointers),
	    cmocka_unit_test(test_nothing_to_vote_on),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
