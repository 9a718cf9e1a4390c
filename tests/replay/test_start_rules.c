/*
 * Each rule for what nothing tells of the start does what it says, and the bar
 * over them holds every end.
 */
#include "replay/start_rules.h"

#include <string.h>

#include "replay/page_endless.h"
#include "replay/page_machine.h"
#include "replay/slub.h"
#include "replay/start_slabs.h"
#include "replay/start_spread.h"
#include "tests/support/test.h"

enum { ZONE_START = 1024, ZONE_PAGES = 1024, OBJS = 16 };

/* ---- Which matter ---- */

static unsigned int matter(enum slab_kind model, enum slab_kind recorded,
			   bool pages)
{
	unsigned int count = 0;

	for (int i = 0; i < START_VARIANTS; i++)
		count += start_variant_matters(&start_variants[i], model,
					       recorded, pages);
	return count;
}

static void test_matter(void **state)
{
	(void)state;
	/*
	 * Four of slabs, three of pages, one of frees; requests are for SLOB
	 * alone.
	 */
	expect_u64_eq(matter(SLAB_KIND_SLUB, SLAB_KIND_SLUB, true), 8);
	expect_u64_eq(matter(SLAB_KIND_SLAB, SLAB_KIND_SLUB, false), 5);
	expect_u64_eq(matter(SLAB_KIND_SLOB, SLAB_KIND_SLUB, true), 8);
	expect_u64_eq(matter(SLAB_KIND_SLOB, SLAB_KIND_SLOB, true), 4);
	expect_u64_eq(matter(SLAB_KIND_SLOB, SLAB_KIND_SLOB, false), 1);
}

/* ---- Slabs ---- */

/* Objects that a start has, and the slabs that 20 allocations fill up. */
static uint64_t objects_with(struct start_rules rules, uint64_t slabs[20])
{
	struct page_endless_config endless = {
	    .memory = memory_libc(), .nodes = 1, .cpus = 1};
	struct slub_config config = {
	    .env = slub_env_default(VARIANT_6_1, 4096, 1),
	    .nodes = 1,
	    .memory = memory_libc(),
	    .use_captured_order = true,
	    .cpu_partial = SLUB_UNSET,
	    .min_partial = SLUB_UNSET,
	    .debug = SLUB_UNSET,
	};
	struct slab_cache_spec spec = {.slab_size = 4096 / OBJS};
	struct start_counts counts = {.slabs = 9,
				      .node_partial = 4,
				      .objects_partial = 4 * OBJS / 2,
				      .cpu_slabs = 1,
				      .cpu_partial = 1,
				      .objs_per_slab = OBJS,
				      .rules = rules};
	struct start_layout layout = {.cpus = 1, .nodes = 1};
	struct slab_request request = {.node = -1};
	struct start_slabs starts;
	struct slab_counts got;
	struct slab_model *slub;
	struct err err = {0};
	int ret;

	assert_int_equal(page_endless_create(&config.pages, &endless), 0);
	assert_int_equal(slub_create(&slub, &config, &err), 0);
	start_slabs_init(&starts, &config.memory);
	ret = slub->ops->cache_add(slub, &spec, &request.cache);
	assert_int_equal(ret, 0);
	ret = start_slabs_add(&starts, slub, request.cache, &counts, &layout);
	assert_int_equal(ret, 0);
	assert_int_equal(slub->ops->check(slub, &err), 0);
	slub->ops->counts(slub, request.cache, &got);
	for (int i = 0; i < 20; i++)
		assert_int_equal(slub->ops->alloc(slub, &request, &slabs[i]),
				 0);
	start_slabs_fini(&starts);
	slab_model_destroy(slub);
	page_model_destroy(config.pages);
	return got.objects;
}

/* How many allocations in a row, from the second on, one slab served. */
static int row(const uint64_t slabs[20])
{
	int count = 1;

	while (count < 19 && slabs[1 + count] == slabs[1])
		count++;
	return count;
}

static void test_kept(void **state)
{
	const uint64_t counted = 3 * OBJS + 4 * OBJS / 2;
	struct start_rules usual = {0}, least = {.kept = START_KEPT_LEAST};
	struct start_rules most = {.kept = START_KEPT_MOST};
	uint64_t slabs[20];

	(void)state;
	expect_u64_eq(objects_with(usual, slabs), counted + OBJS);
	expect_u64_eq(objects_with(least, slabs), counted + 2 * OBJS - 1);
	expect_u64_eq(objects_with(most, slabs), counted);
}

/* Behind one object of a CPU partial slab come those of the node's first. */
static void test_partial(void **state)
{
	struct start_rules even = {.kept = START_KEPT_LEAST}, fullest = even,
			   emptiest = even;
	uint64_t slabs[20];
	const uint64_t objects = 3 * OBJS + 4 * OBJS / 2 + 2 * OBJS - 1;

	(void)state;
	fullest.partial = START_PARTIAL_FULLEST;
	emptiest.partial = START_PARTIAL_EMPTIEST;
	expect_u64_eq(objects_with(even, slabs), objects);
	expect_i64_eq(row(slabs), OBJS / 2);
	expect_u64_eq(objects_with(fullest, slabs), objects);
	expect_i64_eq(row(slabs), 1);
	expect_u64_eq(objects_with(emptiest, slabs), objects);
	expect_i64_eq(row(slabs), OBJS);
}

/* ---- Pages ---- */

struct page_bed {
	struct snapshot snapshot;
	struct snapshot_zone zone;
	struct snapshot_pcp pcp;
	struct snapshot_block blocks[2];
	struct capture_info info;
};

/* movable: how many of the two blocks are, the others are unmovable. */
static struct page_machine *machine_with(struct page_bed *bed,
					 struct start_rules rules,
					 unsigned int movable)
{
	struct page_machine_config config = {.info = &bed->info,
					     .snapshot = &bed->snapshot,
					     .start = PAGE_START_WARM,
					     .cpus = 1,
					     .rules = rules,
					     .memory = memory_libc()};
	struct page_machine *machine;
	struct err err = {0};

	memset(bed, 0, sizeof(*bed));
	bed->info.version_major = 6;
	bed->info.version_minor = 1;
	bed->info.page_size = 4096;
	bed->pcp = (struct snapshot_pcp){.count = 3, .high = 60, .batch = 15};
	bed->zone = (struct snapshot_zone){.name = "Normal",
					   .start_pfn = ZONE_START,
					   .spanned = ZONE_PAGES,
					   .present = ZONE_PAGES,
					   .managed = ZONE_PAGES,
					   .pcps = &bed->pcp,
					   .pcp_count = 1};
	bed->zone.free_by_type[PAGE_UNMOVABLE][4] = 2 - movable;
	bed->zone.free_by_type[PAGE_MOVABLE][4] = movable;
	bed->blocks[0] = (struct snapshot_block){ZONE_START + 64, 4};
	bed->blocks[1] = (struct snapshot_block){ZONE_START + 576, 4};
	bed->snapshot = (struct snapshot){
	    .parts = SNAPSHOT_ZONEINFO | SNAPSHOT_KPAGEFLAGS,
	    .order_count = 11,
	    .pageblock_order = 9,
	    .migratetype_count = 3,
	    .zones = &bed->zone,
	    .zone_count = 1,
	    .blocks = bed->blocks,
	    .block_count = 2,
	};
	assert_int_equal(page_machine_create(&machine, &config, &err), 0);
	assert_int_equal(page_alloc_check(page_machine_alloc(machine), &err),
			 0);
	return machine;
}

static void machine_end(struct page_machine *machine)
{
	page_model_destroy(page_machine_model(machine));
}

static void test_types(void **state)
{
	struct page_machine *machine;
	struct page_bed bed;

	(void)state;
	for (int from_end = 0; from_end < 2; from_end++) {
		machine = machine_with(
		    &bed, (struct start_rules){.types_from_end = from_end}, 1);
		expect_i64_eq(page_block_type(page_machine_alloc(machine),
					      bed.blocks[from_end].pfn),
			      PAGE_UNMOVABLE);
		expect_i64_eq(page_block_type(page_machine_alloc(machine),
					      bed.blocks[!from_end].pfn),
			      PAGE_MOVABLE);
		machine_end(machine);
	}
}

/* Both blocks are on one list. */
static void test_lists(void **state)
{
	struct page_request request = {.order = 4,
				       .migratetype = PAGE_MOVABLE,
				       .zone = PAGE_ZONE_NORMAL,
				       .node = PAGE_NODE_LOCAL};
	struct page_machine *machine;
	struct page_bed bed;
	uint64_t pfn;

	(void)state;
	for (int from_end = 0; from_end < 2; from_end++) {
		machine = machine_with(
		    &bed, (struct start_rules){.lists_from_end = from_end}, 2);
		assert_int_equal(page_alloc_pages(page_machine_alloc(machine),
						  &request, &pfn),
				 0);
		expect_u64_eq(pfn, bed.blocks[from_end].pfn);
		machine_end(machine);
	}
}

/* Three pages of CPU lists that no event tells of. */
static void test_pcp(void **state)
{
	struct page_machine *machine;
	uint64_t revealed;
	struct page_bed bed;

	(void)state;
	for (int from_start = 0; from_start < 2; from_start++) {
		machine = machine_with(
		    &bed, (struct start_rules){.pcp_from_start = from_start},
		    1);
		assert_int_equal(page_machine_fill_pcp(machine, &bed.snapshot,
						       NULL, 0, &revealed),
				 0);
		/* Whoever claims a page finds it gone, where it is listed. */
		expect_true(page_machine_claim(machine, ZONE_START + 2, 0) !=
			    from_start);
		expect_true(page_machine_claim(machine,
					       ZONE_START + ZONE_PAGES - 3,
					       0) == from_start);
		machine_end(machine);
	}
}

/* ---- The bar ---- */

static void test_bar(void **state)
{
	struct replay_result result = {.order_count = 2,
				       .slab_pages_start = 10,
				       .slab_pages_end = 7,
				       .free_pages_end = 50};
	struct replay_sample last = {.unusable = {0, 300}};
	struct start_spread spread = {0};
	struct start_end end = start_end_of(NULL, &result, &last);

	(void)state;
	start_spread_add(&spread, &end);
	expect_i64_eq(spread.slab_pages_delta_min, -3);
	expect_i64_eq(spread.slab_pages_delta_max, -3);
	result.slab_pages_end = 15;
	result.free_pages_end = 44;
	last.unusable[0] = 10;
	last.unusable[1] = 250;
	end = start_end_of(&start_variants[0], &result, &last);
	start_spread_add(&spread, &end);
	expect_u64_eq(spread.count, 2);
	expect_i64_eq(spread.slab_pages_delta_min, -3);
	expect_i64_eq(spread.slab_pages_delta_max, 5);
	expect_u64_eq(spread.free_pages_end_min, 44);
	expect_u64_eq(spread.free_pages_end_max, 50);
	expect_u64_eq(spread.unusable_order, 1);
	expect_u64_eq(spread.unusable_min, 250);
	expect_u64_eq(spread.unusable_max, 300);
	/* Without samples there is no index to compare. */
	expect_u64_eq(start_end_of(NULL, &result, NULL).order_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_matter),  cmocka_unit_test(test_kept),
	    cmocka_unit_test(test_partial), cmocka_unit_test(test_types),
	    cmocka_unit_test(test_lists),   cmocka_unit_test(test_pcp),
	    cmocka_unit_test(test_bar),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
