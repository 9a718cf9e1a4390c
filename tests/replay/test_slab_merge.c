/*
 * Merging against real kernels: from the caches of a boot with slab_nomerge
 * comes what the same kernel merged when booted without.
 */
#include "replay/slab_merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/snapshot_read.h"
#include "replay/slub_size.h"
#include "tests/support/test.h"

static struct snapshot *snapshot_of(const char *dir, const char *name)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	struct capture_info info = {.page_size = 4096, .long_size = 8};
	struct err err = {0};
	char path[512];

	assert_non_null(dir);
	assert_non_null(snapshot);
	snprintf(path, sizeof(path), "%s%s", dir, name);
	if (snapshot_read(path, "before", true, &info, snapshot, &err))
		fail_msg("%s: %s", path, err.text);
	expect_true(snapshot->cache_count > 0);
	return snapshot;
}

static void snapshot_end(struct snapshot *snapshot)
{
	snapshot_fini(snapshot);
	free(snapshot);
}

static uint32_t *roots_of(const struct snapshot *snapshot, int major, int minor,
			  uint32_t debug)
{
	const struct capture_info info = {
	    .long_size = 8, .version_major = major, .version_minor = minor};
	uint32_t *roots = calloc(snapshot->cache_count, sizeof(*roots));

	assert_non_null(roots);
	slab_merge_roots(snapshot, &info, debug, roots);
	for (uint32_t i = 0; i < snapshot->cache_count; i++) {
		expect_true(roots[i] >= i && roots[i] < snapshot->cache_count);
		expect_u64_eq(roots[roots[i]], roots[i]);
	}
	return roots;
}

/*
 * Any two caches that both boots have are one in the model if and only if they
 * are one in the kernel.
 */
static void pair_check(const char *what, int major, int minor,
		       struct snapshot *apart, struct snapshot *merged)
{
	uint32_t *roots = roots_of(apart, major, minor, 0), names = 0,
		 groups = 0, absent = 0;

	expect_true(!slab_merge_recorded(apart) && slab_merge_recorded(merged));
	for (uint32_t i = 0; i < apart->cache_count; i++) {
		const char *name = apart->caches[i].name;
		const struct snapshot_cache *to =
		    snapshot_cache_find(merged, name);

		absent += !to;
		names += to != NULL;
		groups += to && roots[i] != i;
		for (uint32_t j = 0; to && j < i; j++) {
			const char *other = apart->caches[j].name;
			const struct snapshot_cache *also =
			    snapshot_cache_find(merged, other);

			if (also && (also == to) != (roots[i] == roots[j])) {
				print_error("%s: %s and %s are %s\n", what,
					    name, other,
					    also == to ? "one" : "two");
				fail();
			}
		}
	}
	printf("%s: of %u names %u join another cache, all as in the kernel; "
	       "%u names are not in both\n",
	       what, names, groups, absent);
	expect_true(groups > 40 && absent <= 2);
	free(roots);
	snapshot_end(apart);
	snapshot_end(merged);
}

static void test_kernels(void **state)
{
	(void)state;
	pair_check("6.1.192, no cgroups", 6, 1,
		   snapshot_of("tests/data/machines", "/mixed-slub-nomerge"),
		   snapshot_of(test_capture("mixed-slub"), ""));
	pair_check("Debian 6.1", 6, 1,
		   snapshot_of(test_capture("slub-boots"), "/61-nomerge"),
		   snapshot_of(test_capture("slub-boots"), "/61-plain"));
	pair_check("Debian 6.12", 6, 12,
		   snapshot_of(test_capture("slub-boots"), "/612-nomerge"),
		   snapshot_of(test_capture("slub-boots"), "/612-plain"));
	pair_check(
	    "Debian 6.18", 6, 18,
	    snapshot_of(test_capture("newer-boots"), "/618-2c-2n-512m-nomerge"),
	    snapshot_of(test_capture("newer-boots"), "/618-2c-1g"));
}

/* What a kernel has merged, nothing else can be merged into. */
static void test_merged_already(void **state)
{
	static const char *const boots[] = {"/61-plain", "/612-plain",
					    "/61-debug-F", "/612-orders"};
	static const int minors[] = {1, 12, 1, 12};

	(void)state;
	for (size_t b = 0; b < sizeof(boots) / sizeof(*boots); b++) {
		struct snapshot *snapshot =
		    snapshot_of(test_capture("slub-boots"), boots[b]);
		uint32_t *roots = roots_of(snapshot, 6, minors[b], 0);

		for (uint32_t i = 0; i < snapshot->cache_count; i++)
			if (roots[i] != i)
				fail_msg("%s: %s joins %s", boots[b],
					 snapshot->caches[i].name,
					 snapshot->caches[roots[i]].name);
		free(roots);
		snapshot_end(snapshot);
	}
}

/* Options that need room keep caches apart; checks alone do not. */
static void test_debug(void **state)
{
	struct snapshot *apart =
	    snapshot_of(test_capture("slub-boots"), "/61-nomerge");
	uint32_t *plain = roots_of(apart, 6, 1, 0);
	uint32_t *checks = roots_of(apart, 6, 1, SLUB_DEBUG_CHECKS);
	uint32_t *zones = roots_of(apart, 6, 1, SLUB_DEBUG_RED_ZONE);

	(void)state;
	for (uint32_t i = 0; i < apart->cache_count; i++) {
		expect_u64_eq(checks[i], plain[i]);
		expect_u64_eq(zones[i], i);
	}
	free(plain);
	free(checks);
	free(zones);
	snapshot_end(apart);
}

/* The rules one by one: each of these keeps a cache from joining the oldest. */
static void test_rules(void **state)
{
	struct snapshot_cache caches[] = {
	    {.name = "slab_size", .slab_size = 72, .align = 8},
	    {.name = "align", .slab_size = 64, .align = 128},
	    {.name = "ctor", .slab_size = 64, .align = 8, .ctor = true},
	    {.name = "rcu",
	     .slab_size = 64,
	     .align = 8,
	     .destroy_by_rcu = true},
	    {.name = "user", .slab_size = 64, .align = 8, .usersize = 8},
	    {.name = "sheaf",
	     .slab_size = 64,
	     .align = 8,
	     .sheaf_capacity = 32},
	    {.name = "dma", .slab_size = 64, .align = 8, .cache_dma = true},
	    {.name = "reclaim",
	     .slab_size = 64,
	     .align = 8,
	     .reclaim_account = true},
	    {.name = "track", .slab_size = 64, .align = 8, .store_user = true},
	    {.name = "cred", .slab_size = 64, .align = 8},
	    {.name = "joins", .slab_size = 64, .align = 64},
	    {.name = "oldest", .slab_size = 64, .align = 8},
	    {.name = "kmalloc-cg-8", .slab_size = 8, .align = 8},
	    {.name = "kmem_cache", .slab_size = 64, .align = 8},
	};
	enum { COUNT = sizeof(caches) / sizeof(*caches) };
	const struct capture_info info = {.version_major = 6};
	struct snapshot snapshot = {.caches = caches, .cache_count = COUNT};
	uint32_t roots[COUNT];

	(void)state;
	slab_merge_roots(&snapshot, &info, 0, roots);
	for (uint32_t i = 0; i < COUNT; i++) {
		bool join = !strcmp(caches[i].name, "joins");

		expect_u64_eq(roots[i], join ? i + 1 : i);
	}
}

/*
 * SLAB_NO_MERGE and SLAB_NOLEAKTRACE are in no file: who has them is known by
 * name. Each of these could join the cache before it but for that.
 */
static void test_opted_out(void **state)
{
	static const char *const names[] = {
	    "kmem_cache_node",	    "skbuff_head_cache",
	    "kmalloc_buckets",	    "kmemleak_object",
	    "kmemleak_scan_area",   "msg_msg-64",
	    "memdup_user-64",	    "kmalloc-rnd-07-64",
	    "kmalloc-no-objext-64", "",
	};
	struct snapshot_cache caches[] = {
	    {.slab_size = 64, .align = 8},
	    {.name = "oldest", .slab_size = 64, .align = 8},
	};
	const struct capture_info info = {.long_size = 8};
	struct snapshot snapshot = {.caches = caches, .cache_count = 2};
	uint32_t roots[2];

	(void)state;
	for (size_t i = 0; *names[i]; i++) {
		strcpy(caches[0].name, names[i]);
		slab_merge_roots(&snapshot, &info, 0, roots);
		if (roots[0] != 0)
			fail_msg("%s joins another", names[i]);
	}
	strcpy(caches[0].name, "kmemleak");
	slab_merge_roots(&snapshot, &info, 0, roots);
	expect_u64_eq(roots[0], 1);
}

/*
 * find_mergeable() walks slab_caches from its tail, where the oldest is: of two
 * that a cache could join (made so by sizes that no word divides) it is that.
 */
static void test_oldest_is_joined(void **state)
{
	struct snapshot_cache caches[] = {
	    {.name = "joins", .slab_size = 64, .align = 4},
	    {.name = "second", .slab_size = 68, .align = 4},
	    {.name = "oldest", .slab_size = 64, .align = 4},
	};
	const struct capture_info info = {.long_size = 8};
	struct snapshot snapshot = {.caches = caches, .cache_count = 3};
	uint32_t roots[3];

	(void)state;
	slab_merge_roots(&snapshot, &info, 0, roots);
	expect_u64_eq(roots[2], 2);
	expect_u64_eq(roots[1], 1);
	expect_u64_eq(roots[0], 2);
	/* It could join the other one. */
	caches[2].ctor = true;
	slab_merge_roots(&snapshot, &info, 0, roots);
	expect_u64_eq(roots[0], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kernels),
	    cmocka_unit_test(test_merged_already),
	    cmocka_unit_test(test_debug),
	    cmocka_unit_test(test_rules),
	    cmocka_unit_test(test_opted_out),
	    cmocka_unit_test(test_oldest_is_joined),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
