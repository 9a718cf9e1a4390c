/*
 * Areas against the rules of mm/vmalloc.c, and in random sequences against
 * books kept by the test.
 */
#include "replay/vmalloc.h"

#include <stdlib.h>
#include <string.h>

#include "replay/page_endless.h"
#include "tests/replay/slab_bed.h"
#include "tests/support/long_run.h"
#include "tests/support/test.h"

enum { PAGE = 4096 };

struct fixture {
	struct page_model *pages;
	struct vmalloc *vmalloc;
};

static const struct page_request request = {.order = 3, .cpu = 0};

static void fixture_init(struct fixture *f, uint64_t limit_pages,
			 uint64_t lazy_max_pages)
{
	const struct page_endless_config pages = {.memory = memory_libc(),
						  .nodes = 1,
						  .cpus = 1,
						  .limit_pages = limit_pages};
	struct vmalloc_config config = {.page_size = PAGE,
					.lazy_max_pages = lazy_max_pages,
					.memory = memory_libc()};

	assert_int_equal(page_endless_create(&f->pages, &pages), 0);
	config.pages = f->pages;
	assert_int_equal(vmalloc_create(&f->vmalloc, &config), 0);
}

static void fixture_fini(struct fixture *f)
{
	vmalloc_destroy(f->vmalloc);
	page_model_destroy(f->pages);
}

static struct vmalloc_counts counts_of(const struct fixture *f)
{
	struct vmalloc_counts counts;
	struct err err = {0};

	if (vmalloc_check(f->vmalloc, &err)) {
		print_error("%s\n", err.text);
		fail();
	}
	vmalloc_counts(f->vmalloc, &counts);
	expect_u64_eq(page_endless_in_use(f->pages), counts.pages);
	return counts;
}

/* fls(CPUs) times 32 MiB. */
static void test_lazy_max(void **state)
{
	(void)state;
	expect_u64_eq(vmalloc_lazy_max(1, 4096), 8192);
	expect_u64_eq(vmalloc_lazy_max(2, 4096), 2 * 8192);
	expect_u64_eq(vmalloc_lazy_max(3, 4096), 2 * 8192);
	expect_u64_eq(vmalloc_lazy_max(4, 4096), 3 * 8192);
	expect_u64_eq(vmalloc_lazy_max(64, 65536), 7 * 512);
	expect_u64_eq(vmalloc_lazy_max(0, 4096), 0);
	expect_u64_eq(vmalloc_lazy_max(4, 0), 0);
}

/* One page more of space than of memory; freed pages go at once. */
static void test_one(void **state)
{
	struct vmalloc_counts counts;
	uint32_t area, map;
	struct fixture f;

	(void)state;
	fixture_init(&f, 0, VMALLOC_NO_LIMIT);
	assert_int_equal(
	    vmalloc_alloc(f.vmalloc, 3 * PAGE + 1, &request, &area), 0);
	counts = counts_of(&f);
	expect_u64_eq(counts.pages, 4);
	expect_u64_eq(counts.space, 5);
	/* ioremap(): space with its guard, no memory. */
	assert_int_equal(vmalloc_map(f.vmalloc, 2 * PAGE, &map), 0);
	counts = counts_of(&f);
	expect_u64_eq(counts.areas, 2);
	expect_u64_eq(counts.pages, 4);
	expect_u64_eq(counts.space, 7);
	expect_true(vmalloc_free(f.vmalloc, area, 0));
	expect_true(!vmalloc_free(f.vmalloc, area, 0));
	expect_true(vmalloc_free(f.vmalloc, map, 0));
	expect_true(!vmalloc_free(f.vmalloc, 99, 0));
	counts = counts_of(&f);
	expect_u64_eq(counts.areas + counts.pages + counts.space, 0);
	expect_u64_eq(counts.areas_peak, 2);
	expect_u64_eq(counts.pages_peak, 4);
	expect_u64_eq(counts.space_peak, 7);
	expect_u64_eq(counts.lazy, 7);
	fixture_fini(&f);
}

/* Lazy space may reach the limit; one page more and all of it is purged. */
static void test_purge(void **state)
{
	struct vmalloc_counts counts;
	struct fixture f;
	uint32_t area;

	(void)state;
	fixture_init(&f, 0, 4);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
		    vmalloc_alloc(f.vmalloc, PAGE, &request, &area), 0);
		expect_true(vmalloc_free(f.vmalloc, area, 0));
		counts = counts_of(&f);
		expect_u64_eq(counts.lazy,
			      i < 2 ? 2u * ((unsigned int)i + 1) : 0);
		expect_u64_eq(counts.purges, i < 2 ? 0 : 1);
	}
	expect_u64_eq(counts.lazy_peak, 6);
	/* A purge that finds nothing is none. */
	vmalloc_purge(f.vmalloc);
	expect_u64_eq(counts_of(&f).purges, 1);
	vmalloc_set_lazy(f.vmalloc, 3);
	vmalloc_purge(f.vmalloc);
	counts = counts_of(&f);
	expect_u64_eq(counts.purges, 2);
	expect_u64_eq(counts.lazy, 0);
	fixture_fini(&f);
}

/* All pages or none. */
static void test_no_memory(void **state)
{
	struct fixture f;
	uint32_t a, b;

	(void)state;
	fixture_init(&f, 10, VMALLOC_NO_LIMIT);
	assert_int_equal(vmalloc_alloc(f.vmalloc, 6 * PAGE, &request, &a), 0);
	expect_i64_eq(vmalloc_alloc(f.vmalloc, 5 * PAGE, &request, &b),
		      ERR_NOMEM);
	expect_u64_eq(counts_of(&f).pages, 6);
	expect_u64_eq(counts_of(&f).failed, 1);
	expect_u64_eq(counts_of(&f).lazy, 0);
	assert_int_equal(vmalloc_alloc(f.vmalloc, 4 * PAGE, &request, &b), 0);
	expect_true(vmalloc_free(f.vmalloc, a, 0));
	assert_int_equal(vmalloc_alloc(f.vmalloc, 6 * PAGE, &request, &a), 0);
	fixture_fini(&f);
}

/* The books' own memory: fails at the n-th request for some. */
struct scarce {
	uint32_t left;
};

static void *scarce_resize(void *context, void *old, size_t bytes)
{
	struct scarce *scarce = context;

	if (!bytes) {
		free(old);
		return NULL;
	}
	return scarce->left && scarce->left-- ? realloc(old, bytes) : NULL;
}

/* Whatever fails, nothing is half done. */
static void test_no_books(void **state)
{
	const struct page_endless_config pages = {
	    .memory = memory_libc(), .nodes = 1, .cpus = 1};
	struct scarce scarce;
	struct fixture f = {0};
	struct vmalloc_config config = {
	    .page_size = PAGE,
	    .lazy_max_pages = VMALLOC_NO_LIMIT,
	    .memory = {.resize = scarce_resize, .context = &scarce}};
	uint32_t area;

	(void)state;
	assert_int_equal(page_endless_create(&f.pages, &pages), 0);
	config.pages = f.pages;
	for (uint32_t least = 0; least <= 3; least++) {
		scarce.left = least;
		if (vmalloc_create(&f.vmalloc, &config)) {
			expect_u64_eq(least, 0);
			continue;
		}
		/* The handle, the array of areas, the area's pages. */
		expect_i64_eq(vmalloc_alloc(f.vmalloc, PAGE, &request, &area),
			      least < 3 ? ERR_NOMEM : 0);
		expect_u64_eq(counts_of(&f).areas, least == 3);
		expect_i64_eq(vmalloc_map(f.vmalloc, PAGE, &area),
			      least < 2 ? ERR_NOMEM : 0);
		if (least == 3)
			expect_true(vmalloc_free(f.vmalloc, 0, 0));
		expect_u64_eq(counts_of(&f).areas, least >= 2);
		vmalloc_destroy(f.vmalloc);
	}
	page_model_destroy(f.pages);
}

static void test_bad_parameters(void **state)
{
	struct vmalloc_config config = {.page_size = 3000,
					.memory = memory_libc()};
	struct vmalloc *vmalloc = NULL;
	struct fixture f;
	uint32_t area;

	(void)state;
	expect_i64_eq(vmalloc_create(&vmalloc, &config), ERR_USAGE);
	config.page_size = 0;
	expect_i64_eq(vmalloc_create(&vmalloc, &config), ERR_USAGE);
	expect_true(!vmalloc);
	vmalloc_destroy(NULL);
	fixture_init(&f, 100, 0);
	expect_i64_eq(vmalloc_alloc(f.vmalloc, 0, &request, &area), ERR_USAGE);
	expect_i64_eq(vmalloc_map(f.vmalloc, 0, &area), ERR_USAGE);
	expect_i64_eq(vmalloc_alloc(f.vmalloc, UINT64_MAX, &request, &area),
		      ERR_NOMEM);
	/* With a limit of 0 nothing stays lazy. */
	assert_int_equal(vmalloc_map(f.vmalloc, PAGE, &area), 0);
	expect_true(vmalloc_free(f.vmalloc, area, 0));
	expect_u64_eq(counts_of(&f).purges, 1);
	fixture_fini(&f);
}

/* ---- Random sequences -------------------------------------------------------- */

enum { AREAS = 64, LAZY_MAX = 200, PAGES = 300 };

struct known {
	uint64_t space, pages;
	uint32_t area;
	bool live;
};

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void begin(struct fixture *f, struct known *k, uint64_t *seed)
{
	uint64_t bytes = next_random(seed) % (20 * PAGE) + 1;
	bool mapped = next_random(seed) % 3 == 0;
	struct vmalloc_counts before;

	vmalloc_counts(f->vmalloc, &before);
	*k = (struct known){.space = (bytes + PAGE - 1) / PAGE};
	if (mapped) {
		assert_int_equal(vmalloc_map(f->vmalloc, bytes, &k->area), 0);
		k->live = true;
		return;
	}
	k->pages = k->space++;
	k->live = !vmalloc_alloc(f->vmalloc, bytes, &request, &k->area);
	expect_true(k->live == (before.pages + k->pages <= PAGES));
}

/* Adds up anew what is held, and compares. */
static struct vmalloc_counts recount(const struct fixture *f,
				     const struct known *known)
{
	uint64_t areas = 0, space = 0, pages = 0;
	struct vmalloc_counts counts;

	for (int a = 0; a < AREAS; a++) {
		areas += known[a].live;
		space += known[a].live ? known[a].space : 0;
		pages += known[a].live ? known[a].pages : 0;
	}
	vmalloc_counts(f->vmalloc, &counts);
	expect_u64_eq(counts.areas, areas);
	expect_u64_eq(counts.space, space);
	expect_u64_eq(counts.pages, pages);
	return counts;
}

/* Returns the sum of what was seen. */
static uint64_t random_run(uint64_t seed, uint64_t operations)
{
	uint64_t lazy = 0, purges = 0, seen = 0;
	struct known known[AREAS] = {{0}};
	struct fixture f;

	fixture_init(&f, PAGES, LAZY_MAX);
	for (uint64_t i = 0; i < operations; i++) {
		struct known *k = &known[next_random(&seed) % AREAS];
		struct vmalloc_counts counts;

		if (!k->live) {
			begin(&f, k, &seed);
		} else {
			expect_true(vmalloc_free(f.vmalloc, k->area, 0));
			k->live = false;
			lazy += k->space;
			purges += lazy > LAZY_MAX;
			lazy = lazy > LAZY_MAX ? 0 : lazy;
		}
		counts = recount(&f, known);
		expect_u64_eq(counts.lazy, lazy);
		expect_u64_eq(counts.purges, purges);
		seen = seen * 31 + k->area;
		seen = seen * 31 + counts.space;
		if (long_run_checks(i))
			counts_of(&f);
	}
	expect_true(purges > 10);
	for (int a = 0; a < AREAS; a++) {
		if (known[a].live)
			expect_true(vmalloc_free(f.vmalloc, known[a].area, 0));
	}
	expect_u64_eq(counts_of(&f).space, 0);
	expect_u64_eq(page_endless_in_use(f.pages), 0);
	fixture_fini(&f);
	return seen;
}

static void test_random(void **state)
{
	uint64_t operations = long_run_steps(100000);

	(void)state;
	random_run(long_run_seed(1), operations);
	long_run_compared("vmalloc with a list of areas", operations);
}

static void test_same_seed(void **state)
{
	uint64_t once = random_run(5, 20000);

	(void)state;
	expect_u64_eq(random_run(5, 20000), once);
	expect_true(random_run(6, 20000) != once);
}

/* ---- The check ------------------------------------------------------------- */

/* The C library's memory, and where the first piece of it is: the books. */
struct watched {
	uint64_t *words;
	size_t count;
};

static void *watched_resize(void *context, void *old, size_t bytes)
{
	struct watched *watched = context;
	struct memory libc = memory_libc();
	void *got = libc.resize(libc.context, old, bytes);

	if (!watched->words) {
		watched->words = got;
		watched->count = bytes / sizeof(uint64_t);
	}
	return got;
}

/* The one word of the books that has this value. */
static uint64_t *word_of(const struct watched *watched, uint64_t value)
{
	uint64_t *found = NULL;

	for (size_t i = 0; i < watched->count; i++) {
		if (watched->words[i] != value)
			continue;
		expect_true(!found);
		found = &watched->words[i];
	}
	assert_non_null(found);
	return found;
}

static int check_of(const struct fixture *f)
{
	struct err err = {0};
	int ret = vmalloc_check(f->vmalloc, &err);

	expect_true(!ret == !err.text[0]);
	return ret;
}

/* Each counter that is wrong is found; its peak differs from it, so it is one. */
static void test_check_fails(void **state)
{
	const struct page_endless_config endless = {
	    .memory = memory_libc(), .nodes = 1, .cpus = 1};
	struct watched watched = {0};
	struct vmalloc_config config = {
	    .page_size = PAGE,
	    .lazy_max_pages = VMALLOC_NO_LIMIT,
	    .memory = {.resize = watched_resize, .context = &watched}};
	struct vmalloc_counts counts;
	uint64_t *areas, *pages, *space;
	uint32_t area, gone;
	struct fixture f;

	(void)state;
	assert_int_equal(page_endless_create(&f.pages, &endless), 0);
	config.pages = f.pages;
	assert_int_equal(vmalloc_create(&f.vmalloc, &config), 0);
	for (int i = 0; i < 40; i++)
		assert_int_equal(
		    vmalloc_alloc(f.vmalloc, 25 * PAGE, &request, &area), 0);
	assert_int_equal(vmalloc_map(f.vmalloc, PAGE, &gone), 0);
	assert_int_equal(vmalloc_alloc(f.vmalloc, PAGE, &request, &area), 0);
	expect_true(vmalloc_free(f.vmalloc, gone, 0));
	expect_true(vmalloc_free(f.vmalloc, area, 0));
	counts = counts_of(&f);
	expect_u64_eq(counts.areas, 40);
	expect_u64_eq(counts.pages, 1000);
	expect_u64_eq(counts.space, 1040);
	areas = word_of(&watched, 40);
	pages = word_of(&watched, 1000);
	space = word_of(&watched, 1040);
	expect_found(check_of(&f), *areas, right + 1);
	expect_found(check_of(&f), *pages, right - 1);
	expect_found(check_of(&f), *space, right + 1);
	assert_int_equal(check_of(&f), 0);
	fixture_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lazy_max),
	    cmocka_unit_test(test_one),
	    cmocka_unit_test(test_purge),
	    cmocka_unit_test(test_no_memory),
	    cmocka_unit_test(test_no_books),
	    cmocka_unit_test(test_bad_parameters),
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_same_seed),
	    cmocka_unit_test(test_check_fails),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
