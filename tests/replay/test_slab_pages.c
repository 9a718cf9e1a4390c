/*
 * Which slab a page is of, when slabs come over each other.
 */
#include "replay/slab_pages.h"

#include "tests/support/test.h"

static void test_slab_pages(void **state)
{
	struct memory memory = memory_libc();
	struct slab_pages pages;
	struct slab_page *slab;

	(void)state;
	slab_pages_init(&pages, &memory);
	expect_true(!slab_pages_find(&pages, 5));
	assert_int_equal(slab_pages_add(&pages, 8, 2, false, &slab), 0);
	slab->cache = 3;
	expect_true(slab_pages_find(&pages, 11) == slab_pages_find(&pages, 8));
	expect_true(!slab_pages_find(&pages, 12));
	/* A new slab on a part of it ends the old one. */
	assert_int_equal(slab_pages_add(&pages, 10, 0, true, &slab), 0);
	expect_true(!slab_pages_find(&pages, 8));
	expect_u64_eq(slab_pages_find(&pages, 10)->cache, SLAB_PAGES_NONE);
	assert_int_equal(slab_pages_remove(&pages, slab), 0);
	expect_true(!slab_pages_find(&pages, 10));
	assert_int_equal(slab_pages_add(&pages, 1ull << 50, 0, true, &slab),
			 ERR_LIMIT);
	slab_pages_fini(&pages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_slab_pages),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
