/*
 * The state before the first event: merged caches, counts that cannot be, and
 * files that contradict each other.
 */
#include <string.h>

#include "tests/replay/replay_bed.h"

struct merge_rows {
	const struct trace *trace;
	uint32_t caches;
};

static int merge_row(void *context, const struct replay_cache_result *cache)
{
	struct merge_rows *rows = context;
	const char *name = names_get(&rows->trace->names, cache->cache);
	bool old = strcmp(name, "old") == 0;

	rows->caches++;
	expect_true(old || strcmp(name, "dentry") == 0);
	expect_u64_eq(cache->slabs_start, old ? 20 : 10);
	expect_u64_eq(cache->allocs, old ? 1 : 0);
	return 0;
}

/* Two caches of one size are one; the older has the slabs of both. */
static void test_merge(void **state)
{
	struct small_machine machine;
	struct merge_rows rows = {.trace = &machine.trace};
	struct replay_sink sink = {.cache = merge_row, .context = &rows};
	struct replay_config config =
	    bed_config(&machine.trace, "slub", "slub.merge=1", 2);
	struct snapshot_alias alias = {.name = ":0000192", .cache = 1};
	struct kmem_event ev = object_event(EV_CACHE_ALLOC, 1, 0, 64, 64);
	struct replay_result result;
	struct replay *replay;
	struct err err = {0};

	(void)state;
	small_machine_make(&machine);
	strcpy(machine.caches[0].name, "young");
	machine.caches[2] = machine.caches[0];
	strcpy(machine.caches[2].name, "old");
	assert_int_equal(
	    names_intern(&machine.trace.names, "young", 5, &ev.name), 0);
	must(replay_create(&replay, &config, &err), &err);
	must(replay_feed(replay, &ev, 1, &err), &err);
	bed_finish(replay, &sink, &result);
	expect_u64_eq(rows.caches, 2);
	replay_destroy(replay);
	/* What was merged cannot be told apart, and that is said. */
	config.settings.slub_merge = 0;
	machine.trace.before.aliases = &alias;
	machine.trace.before.alias_count = 1;
	assert_int_equal(replay_create(&replay, &config, &err),
			 ERR_UNSUPPORTED);
	expect_true(strstr(err.text, "slab_nomerge") != NULL);
	small_machine_end(&machine);
}

/* Counts that cannot be are refused before memory is made for them. */
static void test_impossible_counts(void **state)
{
	struct small_machine machine;
	struct replay_config config =
	    bed_config(&machine.trace, "slub", NULL, 20);
	struct kmem_event event = object_event(EV_KMALLOC, 1, 7, 8, 8);
	struct replay *replay;
	struct err err = {0};

	(void)state;
	small_machine_make(&machine);
	machine.caches[1].num_slabs = 1ull << 40;
	machine.trace.before.parts &= ~(uint32_t)SNAPSHOT_KPAGEFLAGS;
	assert_int_equal(replay_create(&replay, &config, &err), ERR_FORMAT);
	machine.caches[1].num_slabs = 10;
	machine.caches[2].order = 200;
	assert_int_equal(replay_create(&replay, &config, &err), ERR_FORMAT);
	machine.caches[2].order = 3;
	must(replay_create(&replay, &config, &err), &err);
	assert_int_equal(replay_feed(replay, &event, 1, &err), ERR_FORMAT);
	event.slot = 0;
	event.name = 1u << 30;
	assert_int_equal(replay_feed(replay, &event, 1, &err), ERR_FORMAT);
	replay_destroy(replay);
	small_machine_end(&machine);
}

/* Files that contradict each other are not believed, not one of them. */
static void test_contradiction(void **state)
{
	struct small_machine machine;
	struct replay_config config =
	    bed_config(&machine.trace, "slub", NULL, 20);
	struct replay_result result;
	struct replay *replay;
	struct err err = {0};

	(void)state;
	small_machine_make(&machine);
	machine.trace.before.slab_pages = 1ull << 30;
	must(replay_create(&replay, &config, &err), &err);
	must(replay_finish(replay, NULL, &result, &err), &err);
	expect_str_eq(result.start, "cold: before/ contradicts itself");
	expect_u64_eq(result.slab_pages_start, 0);
	replay_destroy(replay);
	small_machine_end(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_merge),
	    cmocka_unit_test(test_impossible_counts),
	    cmocka_unit_test(test_contradiction),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
