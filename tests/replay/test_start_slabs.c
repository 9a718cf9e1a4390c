/*
 * Slabs of the start, and the table of caches that they belong to.
 */
#include "replay/start_slabs.h"

#include <string.h>

#include "replay/cache_table.h"
#include "replay/page_endless.h"
#include "replay/slub.h"
#include "tests/support/test.h"

struct bed {
	struct page_model *pages;
	struct slab_model *slub;
	struct memory memory;
};

static void bed_make(struct bed *bed)
{
	struct page_endless_config pages = {
	    .memory = memory_libc(), .nodes = 1, .cpus = 2};
	struct slub_config config = {
	    .env = slub_env_default(VARIANT_6_1, 4096, 2),
	    .nodes = 1,
	    .memory = memory_libc(),
	    .use_captured_order = true,
	    .cpu_partial = SLUB_UNSET,
	    .min_partial = SLUB_UNSET,
	    .debug = SLUB_UNSET,
	};
	struct err err = {0};

	bed->memory = memory_libc();
	assert_int_equal(page_endless_create(&bed->pages, &pages), 0);
	config.pages = bed->pages;
	assert_int_equal(slub_create(&bed->slub, &config, &err), 0);
}

static void bed_end(struct bed *bed)
{
	slab_model_destroy(bed->slub);
	page_model_destroy(bed->pages);
}

static const struct start_layout layout = {.cpus = 2, .nodes = 1};

static void test_places(void **state)
{
	struct slab_cache_spec spec = {.slab_size = 256}; /* 16 in a slab */
	struct start_counts counts = {.slabs = 10,
				      .node_partial = 3,
				      .objects_partial = 31,
				      .cpu_slabs = 2,
				      .cpu_partial = 1,
				      .objs_per_slab = 16};
	struct start_slabs starts;
	struct slab_counts got;
	struct err err = {0};
	struct bed bed;
	uint64_t handle, freed = 0;
	uint32_t cache, slab;

	(void)state;
	bed_make(&bed);
	start_slabs_init(&starts, &bed.memory);
	assert_int_equal(bed.slub->ops->cache_add(bed.slub, &spec, &cache), 0);
	assert_int_equal(
	    start_slabs_add(&starts, bed.slub, cache, &counts, &layout), 0);
	assert_int_equal(bed.slub->ops->check(bed.slub, &err), 0);
	bed.slub->ops->counts(bed.slub, cache, &got);
	expect_u64_eq(got.slabs, 10);
	/* Four full, two half full, one as full as the three with 31. */
	expect_u64_eq(got.objects, 4 * 16 + 2 * 8 + 10 + 31);
	/* A free binds a full slab, an allocation one with free objects. */
	slab = start_slabs_bind(&starts, cache, true);
	expect_u64_eq(slab, 0);
	expect_true(start_slabs_holds(&starts, slab, &handle));
	expect_u64_eq(start_slabs_bind(&starts, cache, false), 9);
	/* Every object of the start can be freed once, and no more. */
	while (start_slabs_take(&starts, cache, slab, &handle)) {
		bed.slub->ops->free(bed.slub, cache, handle, freed % 2);
		freed++;
	}
	expect_u64_eq(freed, got.objects);
	bed.slub->ops->counts(bed.slub, cache, &got);
	expect_u64_eq(got.objects, 0);
	assert_int_equal(bed.slub->ops->check(bed.slub, &err), 0);
	expect_true(!start_slabs_take(&starts, 77, START_SLAB_NONE, &handle));
	expect_u64_eq(start_slabs_bind(&starts, 77, true), START_SLAB_NONE);
	start_slabs_fini(&starts);
	bed_end(&bed);
}

/* Files that contradict each other are cut to the number of slabs. */
static void test_contradictions(void **state)
{
	struct slab_cache_spec spec = {.slab_size = 256};
	struct start_counts counts = {.slabs = 3,
				      .node_partial = 50,
				      .objects_partial = 1000000,
				      .cpu_slabs = 90,
				      .cpu_partial = 90,
				      .objs_per_slab = 16};
	struct start_slabs starts;
	struct slab_counts got;
	struct err err = {0};
	struct bed bed;
	uint32_t cache;

	(void)state;
	bed_make(&bed);
	start_slabs_init(&starts, &bed.memory);
	assert_int_equal(bed.slub->ops->cache_add(bed.slub, &spec, &cache), 0);
	assert_int_equal(
	    start_slabs_add(&starts, bed.slub, cache, &counts, &layout), 0);
	bed.slub->ops->counts(bed.slub, cache, &got);
	expect_u64_eq(got.slabs, 3);
	expect_true(got.objects <= 3 * 16);
	assert_int_equal(bed.slub->ops->check(bed.slub, &err), 0);
	start_slabs_fini(&starts);
	bed_end(&bed);
}

/*
 * Known slabs take the places that the counts have, in the order of their turn:
 * each CPU's own slab, CPU partial lists, the node's list; the rest is full.
 */
static void test_known(void **state)
{
	struct slab_cache_spec spec = {.slab_size = 256};
	struct start_counts counts = {.slabs = 8,
				      .node_partial = 2,
				      .objects_partial = 14,
				      .cpu_slabs = 2,
				      .cpu_partial = 1,
				      .objs_per_slab = 16};
	struct start_known known[6] = {
	    {.pfn = 1, .inuse = 10, .given = true, .cpu = 1},
	    {.pfn = 2, .inuse = 12, .given = true, .cpu = 1},
	    {.pfn = 3, .inuse = 13, .given = true, .cpu = 1},
	    {.pfn = 4, .inuse = 9, .given = true, .cpu = 0},
	    {.pfn = 5, .inuse = 16},
	    {.pfn = 6, .inuse = 16},
	};
	struct start_layout found = {.cpus = 2,
				     .nodes = 1,
				     .known = known,
				     .known_count = 6,
				     .searched = true};
	struct slab_request request = {.cpu = 1, .node = -1};
	struct start_slabs starts;
	struct slab_counts got;
	struct err err = {0};
	struct bed bed;
	uint64_t handle;
	uint32_t cache;

	(void)state;
	bed_make(&bed);
	start_slabs_init(&starts, &bed.memory);
	assert_int_equal(bed.slub->ops->cache_add(bed.slub, &spec, &cache), 0);
	assert_int_equal(
	    start_slabs_add(&starts, bed.slub, cache, &counts, &found), 0);
	assert_int_equal(bed.slub->ops->check(bed.slub, &err), 0);
	bed.slub->ops->counts(bed.slub, cache, &got);
	expect_u64_eq(got.slabs, 8);
	/* One partial slab is left, with one object; the last one is full. */
	expect_u64_eq(got.objects, 10 + 12 + 13 + 9 + 16 + 16 + 1 + 16);
	expect_u64_eq(starts.shares.slabs_known, 6);
	expect_u64_eq(starts.shares.slots_revealed, 6 + 4 + 3 + 7);
	expect_u64_eq(starts.shares.slots_counted, 15);
	expect_u64_eq(starts.shares.slots_guessed, 0);
	/* CPU 1 gets its six, then four of its partial slab, then three. */
	request.cache = cache;
	for (int i = 0; i < 13; i++) {
		uint32_t slab = known[i < 6 ? 0 : i < 10 ? 1 : 2].slab;
		uint64_t wanted;

		expect_true(start_slabs_holds(&starts, slab, &wanted));
		assert_int_equal(
		    bed.slub->ops->alloc(bed.slub, &request, &handle), 0);
		expect_u64_eq(handle, wanted);
	}
	start_slabs_fini(&starts);
	bed_end(&bed);
}

static uint32_t name_of(struct trace *trace, const char *text)
{
	uint32_t id;

	assert_int_equal(names_intern(&trace->names, text, strlen(text), &id),
			 0);
	return id;
}

static void test_cache_table(void **state)
{
	struct snapshot_cache caches[3] = {
	    {.name = "kmalloc-64",
	     .object_size = 64,
	     .slab_size = 64,
	     .objs_per_slab = 64},
	    {.name = "skbuff",
	     .object_size = 232,
	     .slab_size = 256,
	     .objs_per_slab = 16},
	    {.name = "other",
	     .object_size = 64,
	     .slab_size = 64,
	     .objs_per_slab = 64},
	};
	struct snapshot_alias alias = {.name = "bio", .cache = 1};
	struct snapshot snapshot = {.caches = caches,
				    .cache_count = 3,
				    .aliases = &alias,
				    .alias_count = 1};
	struct trace trace = {.info = {.page_size = 4096}};
	struct kmalloc_choice choice;
	struct kmalloc_rules rules;
	struct cache_table table;
	uint32_t skbuff, bio, entry, again;
	struct bed bed;

	(void)state;
	bed_make(&bed);
	assert_int_equal(kmalloc_rules_init(&rules, &trace.info, &snapshot), 0);
	cache_table_init(&table, &trace, &snapshot, &rules, bed.slub,
			 &bed.memory);
	assert_int_equal(
	    cache_table_named(&table, name_of(&trace, "bio"), 0, &bio), 0);
	assert_int_equal(
	    cache_table_named(&table, name_of(&trace, "skbuff"), 0, &skbuff),
	    0);
	expect_u64_eq(bio, skbuff);
	expect_str_eq(names_get(&trace.names, table.entries[bio].name),
		      "skbuff");
	choice = kmalloc_choose(&rules, 33, 0, 0);
	assert_int_equal(cache_table_kmalloc(&table, &choice, &entry), 0);
	expect_true(table.entries[entry].captured == &caches[0]);
	/* One cache has 232 in 256; two have 64. */
	assert_int_equal(cache_table_by_size(&table, 232, 256, &entry), 0);
	expect_u64_eq(entry, skbuff);
	assert_int_equal(cache_table_by_size(&table, 64, 64, &entry), 0);
	expect_str_eq(names_get(&trace.names, table.entries[entry].name),
		      "(unknown, 64 bytes)");
	assert_int_equal(cache_table_by_size(&table, 64, 64, &again), 0);
	expect_u64_eq(again, entry);
	/* Sizes that no slab can have, and none at all. */
	assert_int_equal(cache_table_by_size(&table, 8, 1u << 31, &entry), 0);
	expect_u64_eq(entry, CACHE_NONE);
	assert_int_equal(
	    cache_table_named(&table, name_of(&trace, "new"), 0, &entry), 0);
	expect_u64_eq(entry, CACHE_NONE);
	assert_int_equal(
	    cache_table_named(&table, name_of(&trace, "new"), 96, &entry), 0);
	expect_u64_eq(table.entries[entry].spec.slab_size, 96);
	cache_table_fini(&table);
	trace_fini(&trace);
	bed_end(&bed);
}

/* Of another allocator's list the kmalloc names stand for its own classes. */
static void test_cache_table_other_kernel(void **state)
{
	struct snapshot_cache cache = {.name = "kmalloc-96",
				       .object_size = 128,
				       .slab_size = 128,
				       .objs_per_slab = 32};
	struct snapshot snapshot = {.caches = &cache, .cache_count = 1};
	struct trace trace = {
	    .info = {.page_size = 4096, .slab_kind = SLAB_KIND_SLUB}};
	struct kmalloc_rules rules;
	struct cache_table table;
	struct bed bed;
	uint32_t entry;

	(void)state;
	bed_make(&bed);
	assert_int_equal(kmalloc_rules_init(&rules, &trace.info, NULL), 0);
	cache_table_init(&table, &trace, &snapshot, &rules, bed.slub,
			 &bed.memory);
	assert_int_equal(cache_table_captured(&table, &cache, &entry), 0);
	expect_u64_eq(table.entries[entry].spec.slab_size, 96);
	cache_table_fini(&table);
	trace_fini(&trace);
	bed_end(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_places),
	    cmocka_unit_test(test_known),
	    cmocka_unit_test(test_contradictions),
	    cmocka_unit_test(test_cache_table),
	    cmocka_unit_test(test_cache_table_other_kernel),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
