/*
 * The scores of replays made by hand: right, wrong, and not to be had.
 */
#include "replay/fidelity.h"

#include <math.h>
#include <string.h>

#include "tests/support/test.h"

enum { PAGES = 65536 };

struct bed {
	struct trace trace;
	struct snapshot_zone zones[2];
	struct snapshot_cache caches[2][3];
	struct snapshot_alias alias;
	struct replay_result result;
	struct replay_notes notes;
	struct replay_cache_result rows[2];
	struct replay_zone moments[2];
	struct fidelity_input input;
};

static struct snapshot_cache cache(const char *name, uint64_t slabs,
				   uint32_t order)
{
	struct snapshot_cache cache = {.num_slabs = slabs,
				       .active_objs = slabs * 10,
				       .num_objs = slabs * 16,
				       .order = order};

	strcpy(cache.name, name);
	return cache;
}

static uint32_t name(struct bed *bed, const char *text)
{
	uint32_t id;

	assert_int_equal(
	    names_intern(&bed->trace.names, text, strlen(text), &id), 0);
	return id;
}

/*
 * "a" (order 1) grows by 5 slabs in the kernel and by 6 in the replay, "b" by
 * 2 in both, "c" by none; 3 blocks of order 0 and 3 of order 2 are free, the
 * replay has one of order 0 less.
 */
static void bed_make(struct bed *bed)
{
	struct snapshot *before = &bed->trace.before,
			*after = &bed->trace.after;

	memset(bed, 0, sizeof(*bed));
	for (int i = 0; i < 2; i++) {
		struct snapshot *snapshot = i ? after : before;

		bed->caches[i][0] = cache("a", i ? 25 : 20, 1);
		bed->caches[i][1] = cache("b", i ? 9 : 7, 0);
		bed->caches[i][2] = cache("c", 3, 0);
		bed->zones[i] = (struct snapshot_zone){.name = "Normal",
						       .spanned = PAGES,
						       .managed = PAGES,
						       .free = 15};
		bed->zones[i].free_blocks[0] = 3;
		bed->zones[i].free_blocks[2] = i ? 3 : 4;
		bed->zones[i].free_by_type[1][0] = 3;
		bed->zones[i].free_by_type[0][2] = i ? 3 : 4;
		*snapshot = (struct snapshot){
		    .parts = SNAPSHOT_SLABINFO | SNAPSHOT_ZONEINFO |
			     SNAPSHOT_BUDDYINFO | SNAPSHOT_PAGETYPEINFO,
		    .order_count = 3,
		    .migratetype_count = 2,
		    .migratetypes = {"Unmovable", "Movable"},
		    .zones = &bed->zones[i],
		    .zone_count = 1,
		    .caches = bed->caches[i],
		    .cache_count = 3,
		};
	}
	bed->result.slab_pages_start = 50;
	bed->result.slab_pages_end = 64;
	bed->rows[0] = (struct replay_cache_result){.cache = name(bed, "a"),
						    .order = 1,
						    .slabs_start = 20,
						    .slabs_end = 26,
						    .objects_start = 200,
						    .objects_end = 255};
	bed->rows[1] = (struct replay_cache_result){
	    .cache = name(bed, "b"), .slabs_start = 7, .slabs_end = 9};
	for (int i = 0; i < 2; i++) {
		bed->moments[i] = (struct replay_zone){
		    .part = i ? SNAPSHOT_PAGETYPEINFO : SNAPSHOT_BUDDYINFO,
		    .name = "Normal"};
		bed->moments[i].free_blocks[1][0] = 2;
		bed->moments[i].free_blocks[0][2] = 3;
	}
	bed->notes.coverage = (struct replay_coverage){.allocs = 200,
						       .allocs_known = 190,
						       .frees = 100,
						       .frees_unknown = 10,
						       .frees_hidden = 4,
						       .frees_implicit = 2,
						       .duplicates = 7};
	bed->input = (struct fidelity_input){.trace = &bed->trace,
					     .result = &bed->result,
					     .notes = &bed->notes,
					     .caches = bed->rows,
					     .cache_count = 2,
					     .zones = bed->moments,
					     .zone_count = 2};
}

static void bed_end(struct bed *bed)
{
	names_fini(&bed->trace.names);
}

static void expect_near(double got, double want)
{
	if (fabs(got - want) > 1e-9) {
		print_error("%g, wanted %g\n", got, want);
		fail();
	}
}

static void test_slabs(void **state)
{
	struct fidelity f;
	struct err err = {0};
	struct bed bed;

	(void)state;
	bed_make(&bed);
	assert_int_equal(fidelity_possible(&bed.trace, &err), 0);
	assert_int_equal(fidelity_compute(&f, &bed.input, &err), 0);
	expect_i64_eq(f.slab_pages_recorded_delta, 12);
	expect_i64_eq(f.slab_pages_delta, 14);
	expect_u64_eq(f.slab_pages_recorded_end, 62);
	expect_u64_eq(f.cache_count, 3);
	expect_u64_eq(f.caches_touched, 2);
	expect_u64_eq(f.caches_exact, 1);
	expect_u64_eq(f.caches_error, 2);
	expect_str_eq(f.caches[0].name, "a"); /* the largest error first */
	expect_i64_eq(f.caches[0].pages_error, 2);
	expect_i64_eq(f.caches[0].objects_kernel, 50);
	expect_i64_eq(f.caches[0].objects_replay, 55);
	expect_str_eq(f.caches[2].name, "c");
	expect_true(!f.caches[2].touched);
	fidelity_fini(&f);
	bed_end(&bed);
}

/* A row under a merged cache's other name is the same cache. */
static void test_alias(void **state)
{
	struct fidelity f;
	struct err err = {0};
	struct bed bed;

	(void)state;
	bed_make(&bed);
	strcpy(bed.alias.name, "alias_of_b");
	bed.alias.cache = 1;
	bed.trace.after.aliases = bed.trace.before.aliases = &bed.alias;
	bed.trace.after.alias_count = bed.trace.before.alias_count = 1;
	bed.rows[1].cache = name(&bed, "alias_of_b");
	assert_int_equal(fidelity_compute(&f, &bed.input, &err), 0);
	expect_u64_eq(f.cache_count, 3);
	expect_u64_eq(f.caches_exact, 1);
	fidelity_fini(&f);
	bed_end(&bed);
}

static void test_free_memory(void **state)
{
	struct fidelity f;
	struct err err = {0};
	struct bed bed;

	(void)state;
	bed_make(&bed);
	assert_int_equal(fidelity_compute(&f, &bed.input, &err), 0);
	expect_u64_eq(f.free_kernel, 15);
	expect_u64_eq(f.free_replay, 14);
	expect_near(f.free_pages_error, 1 / 15.0);
	expect_near(f.free_blocks_error, 1 / 15.0);
	expect_near(f.free_blocks_unchanged, 4 / 15.0);
	/* (15 - 12) / 15, (14 - 12) / 14, (19 - 16) / 19 in thousandths. */
	expect_i64_eq(f.orders[2].unusable_kernel, 200);
	expect_i64_eq(f.orders[2].unusable_replay, 142);
	expect_i64_eq(f.orders[2].unusable_before, 157);
	expect_near(f.unusable_index_max_error, 0.058);
	expect_near(f.unusable_index_max_unchanged, 0.043);
	expect_u64_eq(f.type_count, 2);
	expect_u64_eq(f.types[0].kernel, 12);
	expect_u64_eq(f.types[0].replay, 12);
	expect_u64_eq(f.types[1].kernel, 3);
	expect_u64_eq(f.types[1].replay, 2);
	fidelity_fini(&f);
	bed_end(&bed);
}

static void test_coverage(void **state)
{
	struct fidelity f;
	struct err err = {0};
	struct bed bed;

	(void)state;
	bed_make(&bed);
	assert_int_equal(fidelity_compute(&f, &bed.input, &err), 0);
	expect_near(f.coverage, 0.95);
	expect_near(f.unknown_frees, 0.10);
	expect_near(f.hidden_allocs, 0.04);
	expect_near(f.implicit_frees, 0.02);
	expect_u64_eq(f.duplicates, 7);
	expect_str_eq(f.missing, "");
	fidelity_fini(&f);
	bed_end(&bed);
}

static void test_not_possible(void **state)
{
	struct fidelity f;
	struct err err = {0};
	struct bed bed;

	(void)state;
	bed_make(&bed);
	bed.trace.after.parts = 0;
	assert_int_equal(fidelity_possible(&bed.trace, &err), ERR_MISSING);
	bed_end(&bed);
	bed_make(&bed);
	bed.zones[1].spanned++;
	assert_int_equal(fidelity_possible(&bed.trace, &err), ERR_FORMAT);
	bed_end(&bed);
	bed_make(&bed);
	bed.trace.after.parts = SNAPSHOT_SLABINFO;
	bed.trace.before.parts = SNAPSHOT_BUDDYINFO;
	assert_int_equal(fidelity_possible(&bed.trace, &err), ERR_MISSING);
	/* A part alone: that is compared, the rest is named. */
	bed.trace.before.parts = SNAPSHOT_SLABINFO;
	assert_int_equal(fidelity_possible(&bed.trace, &err), 0);
	assert_int_equal(fidelity_compute(&f, &bed.input, &err), 0);
	expect_true(f.has_slabs && !f.has_free && !f.has_types);
	expect_str_eq(f.missing,
		      "free blocks: no buddyinfo in both snapshots; "
		      "migratetypes: no pagetypeinfo in both snapshots");
	fidelity_fini(&f);
	bed_end(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_slabs),
	    cmocka_unit_test(test_alias),
	    cmocka_unit_test(test_free_memory),
	    cmocka_unit_test(test_coverage),
	    cmocka_unit_test(test_not_possible),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
