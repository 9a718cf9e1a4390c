/* What flags mean is the same whether it was asked before or not. */
#include "replay/replay_gfp.h"

#include <stdlib.h>

#include "replay/replay_state.h"
#include "tests/support/test.h"

/* Every flag that the page model knows reaches a new slab of a model. */
static void test_each(void **state)
{
	const struct {
		uint32_t gfp, means;
	} known[] = {
	    {0x20, PAGE_REQ_HIGH},	  {0x4000, PAGE_REQ_RETRY_MAYFAIL},
	    {0x8000, PAGE_REQ_NOFAIL},	  {0x10000, PAGE_REQ_NORETRY},
	    {0x20000, PAGE_REQ_MEMALLOC}, {0x80000, PAGE_REQ_NOMEMALLOC},
	    {0x200000, PAGE_REQ_THISNODE}};
	struct replay *replay = calloc(1, sizeof(*replay));
	struct trace trace = {
#define X(field, name, value) .info.gfp.field = value,
	    GFP_TABLE(X)
#undef X
	};

	(void)state;
	assert_non_null(replay);
	replay->trace = &trace;
	expect_u64_eq(replay_gfp(replay, 0xcc0)->slab_flags, 0);
	expect_u64_eq(replay_gfp(replay, 0xc80)->slab_flags, PAGE_REQ_NOIO);
	expect_u64_eq(replay_gfp(replay, 0x4c0)->slab_flags, PAGE_REQ_NOKSWAPD);
	expect_u64_eq(replay_gfp(replay, 0x8c0)->slab_flags, PAGE_REQ_NONBLOCK);
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		expect_u64_eq(
		    replay_gfp(replay, 0xcc0 | known[i].gfp)->slab_flags,
		    known[i].means);
	free(replay);
}

/* Each alone and with all of the others: more than are kept at once. */
static void test_kept(void **state)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	struct trace trace = {.info.gfp = {.direct_reclaim = 1u << 3,
					   .high = 1u << 5,
					   .memalloc = 1u << 9,
					   .nomemalloc = 1u << 14,
					   .kswapd_reclaim = 1u << 22,
					   .io = 1u << 23,
					   .thisnode = 1u << 20,
					   .atomic = 1u << 21}};
	const uint32_t bits[] = {1u << 5, 1u << 9, 1u << 14, 1u << 20};
	const uint32_t means[] = {PAGE_REQ_HIGH, PAGE_REQ_MEMALLOC,
				  PAGE_REQ_NOMEMALLOC, PAGE_REQ_THISNODE};

	(void)state;
	assert_non_null(replay);
	replay->trace = &trace;
	for (uint32_t round = 0; round < 2; round++)
		for (uint32_t other = 0; other < 64; other++)
			for (uint32_t set = 0; set < 16; set++) {
				uint32_t gfp = other << 24 | 3u << 22;
				uint32_t want = 0;

				for (uint32_t i = 0; i < 4; i++) {
					gfp |= set >> i & 1 ? bits[i] : 0;
					want |= set >> i & 1 ? means[i] : 0;
				}
				expect_u64_eq(
				    replay_gfp(replay, gfp)->slab_flags,
				    want | PAGE_REQ_NONBLOCK);
				expect_u64_eq(replay_gfp(replay, gfp | 1u << 3)
						  ->slab_flags,
					      want);
				/* Urgent only if it may not reclaim either. */
				expect_u64_eq(replay_gfp(replay, gfp | 1u << 21)
						  ->slab_flags,
					      want | PAGE_REQ_NONBLOCK |
						  PAGE_REQ_HARDER);
				expect_u64_eq(
				    replay_gfp(replay, gfp | 1u << 3 | 1u << 21)
					->slab_flags,
				    want);
			}
	free(replay);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each),
	    cmocka_unit_test(test_kept),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
