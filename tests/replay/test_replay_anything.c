/*
 * The engine on events that were drawn by chance: it takes them all, and its
 * books agree with each other.
 */
#include "tests/replay/replay_bed.h"

struct chance {
	uint64_t seed;
	uint32_t names; /* of the trace */
};

static uint64_t draw(struct chance *chance, uint64_t below)
{
	chance->seed =
	    chance->seed * 6364136223846793005ull + 1442695040888963407ull;
	return (chance->seed >> 20) % below;
}

/* Mostly plausible, never consistent. */
static struct kmem_event any_event(struct chance *chance, uint64_t ts_ns)
{
	static const uint32_t flags[] = {0,
					 0,
					 0,
					 EVF_UNKNOWN_OBJECT,
					 EVF_HIDDEN_OBJECT,
					 EVF_BACKS_SLAB,
					 EVF_BACKS_LARGE,
					 EVF_LARGE,
					 EVF_SPLIT | EVF_BLOCK_LIVES,
					 EVF_FAILED,
					 EVF_DUPLICATE,
					 EVF_NO_OBJECT,
					 EVF_SYNTHETIC};
	struct kmem_event ev = {
	    .ts_ns = ts_ns,
	    .kind = (uint8_t)draw(chance, EV_KIND_COUNT + 2),
	    .cpu = (uint16_t)draw(chance, 2),
	    .order = (uint8_t)draw(chance, 5),
	    .slot = (uint32_t)draw(chance, 1 + ts_ns / 4),
	    .object = draw(chance, 4),
	    .name = (uint32_t)draw(chance, chance->names),
	    .bytes_req = draw(chance, 9000),
	    .bytes_alloc = 8 * draw(chance, 600),
	    .gfp_flags = (uint32_t)draw(chance, 1u << 24),
	    .migratetype = (int8_t)draw(chance, 6),
	    .node = (int16_t)((int)draw(chance, 4) - 2),
	    .flags = flags[draw(chance, sizeof(flags) / sizeof(*flags))],
	};

	if (ev.kind >= EV_PAGE_ALLOC)
		ev.addr = draw(chance, 9000) & ~((1ull << ev.order) - 1);
	else
		ev.addr = 0xffff888000000000u + 8 * draw(chance, 1u << 22);
	if (!draw(chance, 50))
		ev.addr = draw(chance, UINT64_MAX);
	if (!draw(chance, 50))
		ev.bytes_req = ev.bytes_alloc = draw(chance, UINT64_MAX);
	if (!draw(chance, 50))
		ev.order = (uint8_t)draw(chance, 256);
	return ev;
}

static void any_run(const char *model, const char *setting, uint64_t seed)
{
	struct small_machine machine;
	struct replay_config config;
	struct replay_result result;
	struct chance chance = {.seed = seed};
	struct replay *replay;
	struct err err = {0};
	uint32_t id;

	small_machine_make(&machine);
	assert_int_equal(names_intern(&machine.trace.names, "dentry", 6, &id),
			 0);
	assert_int_equal(names_intern(&machine.trace.names, "odd", 3, &id), 0);
	chance.names = names_count(&machine.trace.names);
	config = bed_config(&machine.trace, model, setting, 20);
	must(replay_create(&replay, &config, &err), &err);
	for (uint64_t ts = 0; ts < 20000; ts++) {
		struct kmem_event ev = any_event(&chance, ts);

		must(replay_feed(replay, &ev, 1, &err), &err);
		if (ts % 2000 == 0)
			must(replay_check(replay, &err), &err);
	}
	bed_finish(replay, NULL, &result);
	expect_true(result.events > 18000); /* all but the markers */
	replay_destroy(replay);
	small_machine_end(&machine);
}

static void test_anything(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		any_run("slub", NULL, seed);
		any_run("slub", "slub.debug=FZPU", seed);
		any_run("slub", "slub.merge=1", seed);
		any_run("slob", NULL, seed);
		any_run("slab", NULL, seed);
		any_run("recorded", NULL, seed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_anything),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
