/*
 * Linking of real captures, against what the kernels themselves said of their
 * slabs before and after.
 */
#include "parser/capture.h"
#include "parser/link.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

/*
 * base: counted by another program, as the most frequent difference between an
 * object's page and the page block allocated just before it. growth: the
 * README of the captures, from slabinfo (SLOB: from kpageflags).
 */
struct known {
	const char *name;
	uint64_t base;
	int64_t growth;
	uint64_t unknown_max, hidden_max; /* frees, in 1000 */
};

static const struct known known[] = {
    {"mixed-slub", 0xff11000000000000ull, 3516, 1, 20},
    {"mixed-slab", 0xff11000000000000ull, 3759, 1, 20},
    {"mixed-slob", 0xff11000000000000ull, 3860, 1, 1},
    {"files-slub", 0xff11000000000000ull, 2679, 1, 30},
    {"mixed-arm64-64k", 0xfffeffffc0000000ull, 192, 1, 20},
};

struct tally {
	uint64_t kinds[EV_KIND_COUNT];
	uint64_t creates, ends, live, frees, unknown, hidden, synthetic;
	uint64_t named_right, named_wrong, unnamed;
	int64_t *growth; /* slab pages by cache name id, over the window */
	uint64_t hash;
};

/* FNV-1a over whole events. */
static uint64_t hash_events(uint64_t hash, const struct kmem_event *events,
			    size_t count)
{
	const unsigned char *bytes = (const unsigned char *)events;

	for (size_t i = 0; i < count * sizeof(*events); i += 8) {
		uint64_t word;

		memcpy(&word, bytes + i, 8);
		hash = (hash ^ word) * 1099511628211ull;
	}
	return hash;
}

static bool is_marker(const struct trace *trace, const struct kmem_event *ev,
		      const char *when)
{
	const char *text = names_get(&trace->names, ev->name);
	bool slob = trace->info.slab_kind == SLAB_KIND_SLOB;

	return ev->kind == EV_MARKER && !strncmp(text, when, strlen(when)) &&
	       !strcmp(text + strlen(when), slob ? ":kpageflags" : ":slabinfo");
}

static void tally_event(struct tally *tally, const struct kmem_event *ev,
			uint32_t *name_of_slot, bool window)
{
	int64_t pages = (int64_t)1 << ev->order;

	tally->kinds[ev->kind]++;
	tally->synthetic += (ev->flags & EVF_SYNTHETIC) != 0;
	if (event_creates(ev)) {
		expect_true(ev->object);
		tally->creates++;
		name_of_slot[ev->slot] = ev->name;
	}
	tally->ends += event_ends(ev) && ev->object;
	if (event_is_object(ev) && event_ends(ev)) {
		tally->frees++;
		tally->unknown += (ev->flags & EVF_UNKNOWN_OBJECT) != 0;
		tally->hidden += (ev->flags & EVF_HIDDEN_OBJECT) != 0;
	}
	if (ev->kind == EV_CACHE_FREE && ev->object &&
	    !(ev->flags & EVF_SYNTHETIC)) {
		uint32_t name = name_of_slot[ev->slot];

		tally->unnamed += !name;
		tally->named_right += name == ev->name;
		tally->named_wrong += name && name != ev->name;
	}
	if (window && ev->flags & EVF_BACKS_SLAB)
		tally->growth[ev->name] +=
		    ev->kind == EV_PAGE_ALLOC ? pages : -pages;
}

static void read_tally(struct source *source, const struct trace *trace,
		       struct tally *tally)
{
	static uint32_t name_of_slot[1 << 20];
	struct kmem_event events[SOURCE_BATCH];
	struct err err = {0};
	bool window = false;
	size_t count;

	*tally = (struct tally){.hash = 14695981039346656037ull};
	tally->growth =
	    calloc(names_count(&trace->names), sizeof(*tally->growth));
	assert_non_null(tally->growth);
	do {
		assert_int_equal(
		    source_read(source, events, SOURCE_BATCH, &count, &err), 0);
		tally->hash = hash_events(tally->hash, events, count);
		for (size_t i = 0; i < count; i++) {
			window |= is_marker(trace, &events[i], "before");
			window &= !is_marker(trace, &events[i], "after");
			tally_event(tally, &events[i], name_of_slot, window);
		}
	} while (count);
	tally->live = tally->creates - tally->ends;
}

static void open_linked(const char *name, struct trace *trace,
			struct source **linked)
{
	struct source *raw = NULL;
	struct err err = {0};

	assert_int_equal(capture_open(test_capture(name), trace, &raw, &err),
			 0);
	assert_int_equal(link_open(raw, trace, linked, &err), 0);
}

static int64_t growth_of(const struct trace *trace,
			 const struct snapshot_cache *cache)
{
	const struct snapshot_cache *after =
	    snapshot_cache_find(&trace->after, cache->name);

	if (!after)
		return 0;
	return (int64_t)((after->num_slabs - cache->num_slabs) << cache->order);
}

/*
 * Each cache whose slabs the trace names grew as slabinfo says; the kmalloc
 * caches, which no event names, did so together.
 */
static void expect_caches_grew(const struct trace *trace,
			       const struct tally *tally)
{
	int64_t unnamed = 0;

	for (uint32_t i = 0; i < trace->before.cache_count; i++) {
		const struct snapshot_cache *cache = &trace->before.caches[i];
		uint32_t id = names_find(&trace->names, cache->name);

		if (strstr(cache->name, "kmalloc-"))
			unnamed += growth_of(trace, cache);
		else
			test_i64_eq(id ? tally->growth[id] : 0,
				    growth_of(trace, cache), cache->name,
				    __FILE__, __LINE__);
	}
	expect_i64_eq(tally->growth[0], unnamed);
}

static void check_capture(const struct known *want)
{
	struct trace trace = {0};
	struct source *linked = NULL;
	struct tally tally, again;
	struct anomalies anomalies;
	struct err err = {0};
	int64_t growth = 0;

	open_linked(want->name, &trace, &linked);
	expect_true(trace.info.linked);
	expect_u64_eq(trace.info.direct_map_base, want->base);
	read_tally(linked, &trace, &tally);
	anomalies = trace.anomalies;
	for (uint32_t i = 0; i < names_count(&trace.names); i++)
		growth += tally.growth[i];
	test_i64_eq(growth, want->growth, want->name, __FILE__, __LINE__);
	if (trace.info.slab_kind != SLAB_KIND_SLOB)
		expect_caches_grew(&trace, &tally);
	expect_u64_eq(tally.named_wrong, 0);
	expect_true(tally.named_right > 20 * tally.unnamed);
	expect_true(tally.unknown * 1000 <= want->unknown_max * tally.frees);
	expect_true(tally.hidden * 1000 <= want->hidden_max * tally.frees);
	expect_u64_eq(trace.info.cache_allocs, tally.kinds[EV_CACHE_ALLOC]);
	expect_true(trace.info.cache_allocs_named * 100 >=
		    trace.info.cache_allocs * 97);
	expect_u64_eq(tally.synthetic, anomalies.count[ANOMALY_IMPLICIT_FREE]);

	assert_int_equal(source_rewind(linked, &err), 0);
	expect_u64_eq(trace.info.cache_allocs, 0);
	read_tally(linked, &trace, &again);
	expect_u64_eq(again.hash, tally.hash);
	assert_memory_equal(&trace.anomalies, &anomalies, sizeof(anomalies));
	free(tally.growth);
	free(again.growth);
	source_close(linked);
	trace_fini(&trace);
}

static void test_known_captures(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		check_capture(&known[i]);
}

/* 32 bits, cut short, few slabs: the base is found all the same. */
static void test_arm32_partial(void **state)
{
	struct trace trace = {0};
	struct source *linked = NULL;
	struct tally tally;

	(void)state;
	open_linked("arm32-partial", &trace, &linked);
	expect_true(trace.info.linked);
	expect_u64_eq(trace.info.direct_map_base, 0x80000000ull);
	read_tally(linked, &trace, &tally);
	expect_u64_eq(tally.named_wrong, 0);
	expect_u64_eq(tally.kinds[EV_KMALLOC], 1963);
	free(tally.growth);
	source_close(linked);
	trace_fini(&trace);
}

/* No page events: linked by address only, and says so. */
static void test_boot_kmalloc(void **state)
{
	struct trace trace = {0};
	struct source *linked = NULL;
	struct tally tally;

	(void)state;
	open_linked("debian61-boot-kmalloc", &trace, &linked);
	expect_true(!trace.info.linked);
	expect_true(strstr(trace.info.link_reason, "page allocations"));
	read_tally(linked, &trace, &tally);
	expect_u64_eq(trace.anomalies.count[ANOMALY_NO_LINKING], 1);
	expect_u64_eq(tally.creates, tally.kinds[EV_KMALLOC]);
	expect_true(tally.live > 0);
	free(tally.growth);
	source_close(linked);
	trace_fini(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_known_captures),
	    cmocka_unit_test(test_arm32_partial),
	    cmocka_unit_test(test_boot_kmalloc),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
