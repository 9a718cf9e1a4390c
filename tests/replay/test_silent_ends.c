/* What one object that ended without an event tells of others. */
#include "replay/silent_ends.h"

#include <string.h>

#include "tests/replay/replay_bed.h"

enum { SITE = 0x1000, OTHER = 0x2000 };

static void add(struct silent_ends *ends, uint64_t site, uint16_t cpu,
		uint32_t slot)
{
	assert_int_equal(silent_ends_add(ends, site, cpu, slot), 0);
}

static void test_queue(void **state)
{
	struct memory memory = memory_libc();
	struct silent_ends ends;

	(void)state;
	silent_ends_init(&ends, &memory);
	add(&ends, SITE, 0, 7);
	add(&ends, OTHER, 0, 5);
	add(&ends, SITE, 1, 6);
	add(&ends, SITE, 0, 3);
	add(&ends, SITE, 0, 900);
	add(&ends, SITE, 0, 4);
	expect_u64_eq(silent_ends_older(&ends, 5), SILENT_NONE);
	expect_u64_eq(silent_ends_older(&ends, 6), SILENT_NONE);
	expect_u64_eq(silent_ends_older(&ends, 900), 3);
	silent_ends_remove(&ends, 3); /* from the middle */
	expect_u64_eq(silent_ends_older(&ends, 900), 7);
	silent_ends_remove(&ends, 7); /* the oldest */
	expect_u64_eq(silent_ends_older(&ends, 900), SILENT_NONE);
	silent_ends_remove(&ends, 4); /* the newest */
	add(&ends, SITE, 0, 3);
	expect_u64_eq(silent_ends_older(&ends, 3), 900);
	silent_ends_remove(&ends, 900);
	silent_ends_remove(&ends, 3); /* the last one */
	add(&ends, SITE, 0, 4);
	expect_u64_eq(silent_ends_older(&ends, 4), SILENT_NONE);
	silent_ends_fini(&ends);
}

/* One free with an event is enough, even of an object that was taken away. */
static void test_spoke(void **state)
{
	struct memory memory = memory_libc();
	struct silent_ends ends;

	(void)state;
	silent_ends_init(&ends, &memory);
	silent_ends_spoke(&ends, 3); /* never added */
	add(&ends, SITE, 0, 1);
	add(&ends, SITE, 0, 2);
	add(&ends, SITE, 0, 3);
	add(&ends, SITE, 1, 11);
	add(&ends, SITE, 1, 12);
	silent_ends_remove(&ends, 1);
	silent_ends_spoke(&ends, 1);
	expect_u64_eq(silent_ends_older(&ends, 3), SILENT_NONE);
	silent_ends_remove(&ends, 3);
	for (uint32_t slot = 4; slot < 8; slot++) {
		add(&ends, SITE, 0, slot);
		expect_u64_eq(silent_ends_older(&ends, slot), SILENT_NONE);
		expect_true(!silent_ends_knows(&ends, slot));
	}
	expect_u64_eq(silent_ends_older(&ends, 12), 11);
	/* The slot of one that waited goes to one that does not. */
	silent_ends_remove(&ends, 12);
	add(&ends, SITE, 0, 12);
	add(&ends, SITE, 1, 13);
	expect_u64_eq(silent_ends_older(&ends, 13), 11);
	silent_ends_fini(&ends);
}

/* Call sites that no kernel has are call sites like others. */
static void test_odd_sites(void **state)
{
	static const uint64_t sites[] = {0, 1, UINT64_MAX, UINT64_MAX - 1};
	struct memory memory = memory_libc();
	struct silent_ends ends;

	(void)state;
	silent_ends_init(&ends, &memory);
	for (uint32_t round = 0; round < 3; round++)
		for (uint32_t i = 0; i < 4; i++)
			add(&ends, sites[i], 0, 4 * round + i);
	for (uint32_t i = 0; i < 4; i++)
		expect_u64_eq(silent_ends_older(&ends, 8 + i), 4 + i);
	silent_ends_fini(&ends);
}

/* ---- In a replay --------------------------------------------------------- */

static struct kmem_event object(enum event_kind kind, uint32_t slot,
				uint16_t cpu, uint32_t flags)
{
	struct kmem_event ev =
	    object_event(kind, slot + 1, slot, 1ull << slot, 64);

	ev.call_site = SITE;
	ev.cpu = cpu;
	ev.flags = flags;
	return ev;
}

struct played {
	struct replay_result result;
	struct replay_notes notes;
};

static struct played play(const char *model, struct start_rules rules,
			  const struct kmem_event *events, size_t count)
{
	struct replay_config config;
	struct trace trace;
	struct replay *replay;
	struct played played;
	struct err err = {0};

	small_trace(&trace);
	config = bed_config(&trace, model, NULL, 10);
	config.rules = rules;
	must(replay_create(&replay, &config, &err), &err);
	must(replay_feed(replay, events, count, &err), &err);
	bed_finish(replay, NULL, &played.result);
	played.notes = *replay_notes(replay);
	replay_destroy(replay);
	trace_fini(&trace);
	return played;
}

/* Each object asked for another bit: what lives is told by the sum. */
static void test_replay(void **state)
{
	static const char *const models[] = {"slub", "slab", "slob",
					     "recorded"};
	const struct start_rules usual = {0},
				 late = {.silent_until_shown = true};
	const struct kmem_event events[] = {
	    object(EV_KMALLOC, 0, 0, 0),
	    object(EV_KMALLOC, 1, 1, 0), /* on another CPU */
	    object(EV_KMALLOC, 2, 0, 0),
	    object(EV_KMALLOC, 3, 0, 0),
	    object(EV_KFREE, 2, 0, EVF_SYNTHETIC),
	    /* What was taken to be gone is: */
	    object(EV_KFREE, 0, 0, EVF_SYNTHETIC),
	    /* The slot is used again. */
	    object(EV_KMALLOC, 0, 0, 0),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(models) / sizeof(*models); i++) {
		struct played played = play(models[i], usual, events, 5);

		expect_u64_eq(played.result.bytes_req_live, 2 + 8);
		expect_u64_eq(played.notes.silent_ends, 1);
		played = play(models[i], usual, events, 7);
		expect_u64_eq(played.result.bytes_req_live, 1 + 2 + 8);
		expect_u64_eq(played.notes.silent_ends, 1);
		expect_u64_eq(played.notes.silent_ends_wrong, 0);
		played = play(models[i], late, events, 5);
		expect_u64_eq(played.result.bytes_req_live, 1 + 2 + 8);
		expect_u64_eq(played.notes.silent_ends, 0);
	}
}

/* A free with an event shows that it was not so, and ends the guessing. */
static void test_wrong(void **state)
{
	static const char *const models[] = {"slub", "recorded"};
	const struct kmem_event events[] = {
	    object(EV_KMALLOC, 0, 0, 0),	   object(EV_KMALLOC, 1, 0, 0),
	    object(EV_KFREE, 1, 0, EVF_SYNTHETIC), object(EV_KFREE, 0, 0, 0),
	    object(EV_KMALLOC, 2, 0, 0),	   object(EV_KMALLOC, 3, 0, 0),
	    object(EV_KFREE, 3, 0, EVF_SYNTHETIC),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(models) / sizeof(*models); i++) {
		struct played played =
		    play(models[i], (struct start_rules){0}, events, 7);

		expect_u64_eq(played.notes.silent_ends, 1);
		expect_u64_eq(played.notes.silent_ends_wrong, 1);
		expect_u64_eq(played.result.bytes_req_live, 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_queue),     cmocka_unit_test(test_spoke),
	    cmocka_unit_test(test_odd_sites), cmocka_unit_test(test_replay),
	    cmocka_unit_test(test_wrong),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
