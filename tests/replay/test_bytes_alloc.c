/*
 * bytes_alloc of the allocations of real kernels, predicted: of a kmalloc from
 * bytes_req, gfp flags, version, architecture and allocator, with no list of
 * caches; of a cache object from the size of the cache that its slab, or the
 * objects of its call site and request, belong to (with SLOB from its request
 * by the kernel's rule). What is not known is counted, never a match. All
 * captures in tests/data, and those in KMEMSCOPE_CAPTURES where that is set.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/kmalloc.h"
#include "replay/rcu_caches.h"
#include "replay/slob.h"
#include "tests/replay/replay_bed.h"

struct tally {
	uint64_t kmalloc, cache; /* checked */
	uint64_t unknown, mismatch;
};

/* bytes_alloc of an object of a cache, 0 if that is not known. */
static uint64_t cache_bytes(const struct trace *trace,
			    const struct kmem_event *ev)
{
	const char *name = names_get(&trace->names, ev->name);
	struct slob_env env = slob_env_of(&trace->info);
	const struct snapshot_cache *cache;

	if (!ev->name)
		return 0;
	if (trace->info.slab_kind == SLAB_KIND_SLOB)
		return slob_cache_bytes(&env, (uint32_t)ev->bytes_req,
					rcu_cache_named(name));
	cache = snapshot_cache_find(&trace->before, name);
	if (!cache)
		cache = snapshot_cache_find(&trace->after, name);
	return cache ? cache->slab_size : 0;
}

static void tally_event(struct tally *tally, const struct trace *trace,
			const struct kmalloc_rules *rules,
			const struct kmem_event *ev)
{
	uint64_t predicted;

	if ((ev->kind != EV_KMALLOC && ev->kind != EV_CACHE_ALLOC) ||
	    ev->flags & EVF_FAILED)
		return;
	predicted = ev->kind == EV_KMALLOC
			? kmalloc_choose(rules, ev->bytes_req, ev->gfp_flags,
					 ev->call_site)
			      .bytes_alloc
			: cache_bytes(trace, ev);
	if (!predicted) {
		tally->unknown++;
		return;
	}
	tally->kmalloc += ev->kind == EV_KMALLOC;
	tally->cache += ev->kind == EV_CACHE_ALLOC;
	if (predicted == ev->bytes_alloc)
		return;
	if (!tally->mismatch++)
		print_error("%s of %" PRIu64 " bytes has %" PRIu64
			    ", not %" PRIu64 "\n",
			    event_kind_word(ev->kind), ev->bytes_req,
			    ev->bytes_alloc, predicted);
}

struct tallied {
	const struct trace *trace;
	struct kmalloc_rules rules;
	struct tally *tally;
};

static void look(void *context, const struct replay *replay,
		 const struct kmem_event *events, size_t count)
{
	const struct tallied *tallied = context;

	(void)replay;
	for (size_t i = 0; i < count; i++)
		tally_event(tallied->tally, tallied->trace, &tallied->rules,
			    &events[i]);
}

/* Every event of the capture, and the same through the engine's window. */
static void capture_tally(const char *dir, struct tally *tally,
			  struct replay_result *result)
{
	struct tallied *tallied = malloc(sizeof(*tallied));
	struct replay_config config;
	struct capture_bed bed;
	struct replay *replay;
	struct err err = {0};

	*tally = (struct tally){0};
	assert_non_null(tallied);
	capture_bed_open(&bed, dir, 0);
	tallied->trace = &bed.trace;
	tallied->tally = tally;
	must(kmalloc_rules_init(&tallied->rules, &bed.trace.info, NULL), &err);
	kmalloc_rules_sites(&tallied->rules, &bed.trace.symbols);
	config = bed_config(&bed.trace, "recorded", NULL, 2);
	must(replay_create(&replay, &config, &err), &err);
	bed_feed(replay, bed.source, look, tallied);
	bed_finish(replay, NULL, result);
	replay_destroy(replay);
	capture_bed_close(&bed);
	free(tallied);
}

static void capture_check(const char *dir, const char *name,
			  struct tally *tally)
{
	struct replay_result result;

	capture_tally(dir, tally, &result);
	printf("%-22s %7" PRIu64 " kmalloc %7" PRIu64 " cache %5" PRIu64
	       " unknown %5.2f %% known, %" PRIu64
	       " mismatch; in the window %7" PRIu64 " checked %5" PRIu64
	       " unknown %" PRIu64 " mismatch\n",
	       name, tally->kmalloc, tally->cache, tally->unknown,
	       100.0 * (double)(tally->kmalloc + tally->cache) /
		   (double)(tally->kmalloc + tally->cache + tally->unknown),
	       tally->mismatch, result.bytes_alloc_checked,
	       result.bytes_alloc_unknown, result.bytes_alloc_mismatch);
	expect_u64_eq(tally->mismatch, 0);
	expect_u64_eq(result.bytes_alloc_mismatch, 0);
	expect_true(result.bytes_alloc_checked > 0);
	expect_true(result.bytes_alloc_checked <=
		    tally->kmalloc + tally->cache);
	expect_true(result.bytes_alloc_unknown <= tally->unknown);
}

/* Coverage may rise, not fall: unknown ones in thousandths of all. */
static void test_captures(void **state)
{
	static const struct {
		const char *name;
		uint64_t unknown_most;
	} known[] = {
	    {"mixed-slub", 0},
	    {"mixed-slab", 0},
	    {"mixed-slob", 23},
	    {"files-slub", 0},
	    {"arm32-partial", 10},
	    {"mixed-arm64-64k", 0},
	    {"debian61-boot-kmalloc", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		const char *dir = test_capture(known[i].name);
		struct tally tally;

		assert_non_null(dir);
		capture_check(dir, known[i].name, &tally);
		expect_true(tally.unknown * 1000 <=
			    known[i].unknown_most *
				(tally.kmalloc + tally.cache + tally.unknown));
	}
}

static void test_more_captures(void **state)
{
	const char *root = getenv("KMEMSCOPE_CAPTURES");
	struct dirent *entry;
	DIR *dir;

	(void)state;
	if (!root) {
		skip();
		return;
	}
	dir = opendir(root);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		char path[512];
		struct tally tally;

		snprintf(path, sizeof(path), "%s/%.255s", root, entry->d_name);
		if (entry->d_name[0] != '.')
			capture_check(path, entry->d_name, &tally);
	}
	closedir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_captures),
	    cmocka_unit_test(test_more_captures),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
