#include "parser/snapshot_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zstd.h>

#include "parser/pageflags_read.h"
#include "parser/slab_read.h"
#include "parser/zones_read.h"
#include "tests/support/test.h"

/* What ../shared/captures/README.md says that slabs held, in pages. */
static const struct {
	const char *name;
	uint64_t before, after;
	bool slob;  /* no slabinfo: pages with KPF_SLAB */
	bool quiet; /* nothing moved while the snapshot was read */
	bool thp;   /* of its configuration */
} known[] = {
    {"mixed-slub", 2534, 6050, false, true, true},
    {"mixed-slab", 2000, 5759, false, true, true},
    {"mixed-slob", 1775, 5635, true, true, true},
    {"files-slub", 2533, 5212, false, true, true},
    {"mixed-arm64-64k", 244, 436, false, true, false},
    {"arm32-partial", 1404, 3048, false, true, false},
};

static uint64_t slabinfo_pages(const struct snapshot *snapshot)
{
	uint64_t pages = 0;

	for (uint32_t i = 0; i < snapshot->cache_count; i++)
		pages += snapshot->caches[i].num_slabs
			 << snapshot->caches[i].order;
	return pages;
}

static void expect_blocks_are_buddyinfo(const struct snapshot *snapshot)
{
	for (uint32_t z = 0; z < snapshot->zone_count; z++) {
		const struct snapshot_zone *zone = &snapshot->zones[z];
		uint64_t blocks[SNAPSHOT_ORDERS_MAX] = {0};
		uint64_t end = zone->start_pfn + zone->spanned;

		for (size_t i = 0; i < snapshot->block_count; i++)
			if (snapshot->blocks[i].pfn >= zone->start_pfn &&
			    snapshot->blocks[i].pfn < end)
				blocks[snapshot->blocks[i].order]++;
		for (uint32_t o = 0; o < snapshot->order_count; o++)
			expect_u64_eq(blocks[o], zone->free_blocks[o]);
	}
}

static void check_known(const char *dir, size_t index, const char *when,
			uint64_t pages)
{
	struct capture_info info = {0};
	struct snapshot snapshot = {0};
	struct err err = {0};

	assert_int_equal(snapshot_read(dir, when, true, &info, &snapshot, &err),
			 0);
	expect_u64_eq(known[index].slob ? snapshot.slab_pages
					: slabinfo_pages(&snapshot),
		      pages);
	if (!known[index].slob)
		expect_u64_eq(snapshot.slab_pages, pages);
	expect_true(snapshot.has_thp == known[index].thp);
	if (known[index].quiet)
		expect_blocks_are_buddyinfo(&snapshot);
	snapshot_fini(&snapshot);
}

static void test_known_slab_pages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		const char *dir = test_capture(known[i].name);

		assert_non_null(dir);
		check_known(dir, i, "before", known[i].before);
		check_known(dir, i, "after", known[i].after);
	}
}

/* Every cache of a SLUB capture has its row in all three tables. */
static void test_join_is_complete(void **state)
{
	const char *dir = test_capture("mixed-slub");
	const struct snapshot_cache *cache, *again;
	struct capture_info info = {0};
	struct snapshot snapshot = {0};
	struct err err = {0};

	(void)state;
	assert_int_equal(
	    snapshot_read(dir, "after", true, &info, &snapshot, &err), 0);
	expect_u64_eq(snapshot.cache_count, 98);
	for (uint32_t i = 0; i < snapshot.cache_count; i++) {
		expect_true(snapshot.caches[i].has_parameters);
		expect_true(snapshot.caches[i].partial != UINT64_MAX);
		expect_true(snapshot.caches[i].object_size <=
			    snapshot.caches[i].slab_size);
	}
	cache = snapshot_cache_find(&snapshot, ":0000192");
	assert_non_null(cache);
	again = snapshot_cache_find(&snapshot, "aio_kiocb");
	expect_true(cache == again);
	expect_u64_eq(cache->objects_cpu_partial, 10);
	expect_u64_eq(cache->slabs_cpu_partial, 1);
	cache = snapshot_cache_find(&snapshot, "kmalloc-64");
	assert_non_null(cache);
	expect_u64_eq(cache->num_slabs, 104);
	expect_u64_eq(cache->cpu_slabs, 3);
	snapshot_fini(&snapshot);
}

static void test_missing_parts_have_reasons(void **state)
{
	struct capture_info info = {0};
	struct snapshot snapshot = {0};
	struct err err = {0};

	(void)state;
	assert_int_equal(snapshot_read(test_capture("mixed-slob"), "after",
				       true, &info, &snapshot, &err),
			 0);
	expect_true(!(snapshot.parts & SNAPSHOT_SLABINFO));
	expect_true(!(snapshot.parts & SNAPSHOT_SLAB_TSV));
	expect_true(!(snapshot.parts & SNAPSHOT_SLAB_PARAMETERS));
	expect_true(snapshot.parts & SNAPSHOT_KPAGEFLAGS);
	assert_non_null(
	    strstr(snapshot.why_missing, "slabinfo: not in the capture"));
	snapshot_fini(&snapshot);
	assert_int_equal(snapshot_read(test_capture("debian61-boot-kmalloc"),
				       "before", true, &info, &snapshot, &err),
			 0);
	expect_u64_eq(snapshot.parts, 0);
	expect_str_eq(snapshot.why_missing, "before: not in the capture");
	snapshot_fini(&snapshot);
}

/* 6.18: promo, high_min, high_max; 5.15: none of them. */
static void test_zoneinfo_of_618(void **state)
{
	char text[] = "Node 0, zone      DMA\n"
		      "  per-node stats\n"
		      "      nr_inactive_anon 18573\n"
		      "  pages free     3840\n"
		      "        boost    7\n"
		      "        min      46\n"
		      "        low      57\n"
		      "        high     68\n"
		      "        promo    79\n"
		      "        spanned  4095\n"
		      "        present  3998\n"
		      "        managed  3840\n"
		      "        cma      0\n"
		      "        protection: (0, 3019, 5451, 5451, 5451)\n"
		      "      nr_free_pages 3840\n"
		      "  pagesets\n"
		      "    cpu: 0\n"
		      "              count:    1\n"
		      "              high:     2\n"
		      "              batch:    3\n"
		      "              high_min: 28\n"
		      "              high_max: 240\n"
		      "  vm stats threshold: 4\n"
		      "    cpu: 1\n"
		      "              count:    5\n"
		      "  node_unreclaimable:  0\n"
		      "  start_pfn:           1\n";
	struct snapshot snapshot = {0};
	const struct snapshot_zone *zone;
	struct err err = {0};

	(void)state;
	assert_int_equal(zones_read_zoneinfo(text, &snapshot, &err), 0);
	expect_u64_eq(snapshot.zone_count, 1);
	zone = &snapshot.zones[0];
	expect_str_eq(zone->name, "DMA");
	expect_u64_eq(zone->free, 3840);
	expect_u64_eq(zone->boost, 7);
	expect_u64_eq(zone->high, 68);
	expect_u64_eq(zone->start_pfn, 1);
	expect_u64_eq(zone->protection_count, 5);
	expect_u64_eq(zone->protection[2], 5451);
	expect_u64_eq(zone->pcp_count, 2);
	expect_u64_eq(zone->pcps[0].count, 1);
	expect_u64_eq(zone->pcps[0].high, 2);
	expect_u64_eq(zone->pcps[0].high_min, 28);
	expect_u64_eq(zone->pcps[0].high_max, 240);
	expect_u64_eq(zone->pcps[1].cpu, 1);
	expect_u64_eq(zone->pcps[1].count, 5);
	snapshot_fini(&snapshot);
}

static void test_pagetypeinfo(void **state)
{
	char text[] =
	    "Page block order: 9\n"
	    "Pages per block:  512\n"
	    "\n"
	    "Free pages count per migrate type at order       0      1 \n"
	    "Node    0, zone   Normal, type    Unmovable >100000      1 \n"
	    "Node    0, zone   Normal, type      Movable      5      6 \n"
	    "\n"
	    "Number of blocks type     Unmovable      Movable \n"
	    "Node 0, zone   Normal           11          242 \n";
	struct snapshot snapshot = {0};
	struct err err = {0};

	(void)state;
	assert_int_equal(zones_read_pagetypeinfo(text, &snapshot, &err), 0);
	expect_u64_eq(snapshot.pageblock_order, 9);
	expect_u64_eq(snapshot.order_count, 2);
	expect_u64_eq(snapshot.migratetype_count, 2);
	expect_u64_eq(snapshot.zones[0].free_by_type[0][0], 100000);
	expect_u64_eq(snapshot.zones[0].free_by_type[1][1], 6);
	expect_u64_eq(snapshot.zones[0].blocks_by_type[1], 242);
	snapshot_fini(&snapshot);
}

/* A row per cache in slabinfo; the other tables know it by another name. */
static void test_join_by_alias(void **state)
{
	char slabinfo[] =
	    "slabinfo - version: 2.1\n"
	    "# name            <active_objs> ...\n"
	    "pid  14 21 192 21 1 : tunables 0 0 0 : slabdata 1 1 0\n"
	    "big one  2 2 8192 4 8 : tunables 0 0 0 : slabdata 1 1 0\n";
	char tsv[] = "name\tslabs\tpartial\tslabs_cpu_partial\n"
		     ":0000192\t1 N0=1\t7 N0=4 N1=3\t12(3) C1=12(3)\n"
		     "big one\t1 N0=1\t0\t0(0)\n";
	char parameters[] = "name order object_size slab_size align ctor\n"
			    "cred 0 184 192 64 \n"
			    "pid 0 168 192 64 \n";
	char aliases[] = "cred :0000192\npid :0000192\n";
	struct slab_texts texts = {slabinfo, tsv, parameters, aliases};
	const struct snapshot_cache *cache;
	struct snapshot snapshot = {0};
	struct slab_errors errors;
	struct err err = {0};

	(void)state;
	assert_int_equal(slab_read(&texts, &snapshot, &errors, &err), 0);
	expect_u64_eq(snapshot.cache_count, 2);
	cache = snapshot_cache_find(&snapshot, "cred");
	assert_non_null(cache);
	expect_str_eq(cache->name, "pid");
	expect_u64_eq(cache->object_size, 168);
	expect_u64_eq(cache->partial, 7);
	expect_u64_eq(cache->slabs_cpu_partial, 3);
	expect_u64_eq(cache->objects_cpu_partial, 12);
	expect_true(!cache->ctor);
	cache = snapshot_cache_find(&snapshot, "big one");
	assert_non_null(cache);
	expect_u64_eq(cache->order, 3);
	expect_u64_eq(cache->partial, 0);
	expect_true(!cache->has_parameters);
	snapshot_fini(&snapshot);
}

/* Without slabinfo, sysfs alone gives one row per cache as well. */
static void test_sysfs_alone(void **state)
{
	char tsv[] = "name\tslabs\tpartial\n:0000192\t3 N0=3\t0\n";
	char parameters[] = "name order object_size slab_size ctor\n"
			    "cred 1 184 192 \n"
			    "pid 1 184 192 \n";
	char aliases[] = "cred :0000192\npid :0000192\n";
	struct slab_texts texts = {NULL, tsv, parameters, aliases};
	struct snapshot snapshot = {0};
	struct slab_errors errors;
	struct err err = {0};

	(void)state;
	assert_int_equal(slab_read(&texts, &snapshot, &errors, &err), 0);
	expect_u64_eq(snapshot.cache_count, 1);
	expect_u64_eq(snapshot.caches[0].num_slabs, 3);
	expect_u64_eq(snapshot.caches[0].order, 1);
	expect_true(snapshot_cache_find(&snapshot, "pid") ==
		    &snapshot.caches[0]);
	snapshot_fini(&snapshot);
}

static void test_nonsense_is_absent(void **state)
{
	char slabinfo[] =
	    "slabinfo - version: 2.1\n"
	    "pid 14 21 192 21 3 : tunables 0 0 0 : slabdata 1 1 0\n";
	char parameters[] = "name order slab_size\npid 77 192\n";
	char zoneinfo[] = "Node 0, zone DMA\n  pages free 99999999999999999\n";
	char buddyinfo[] = "Node 0, zone DMA 1 2 x\n";
	struct slab_texts texts = {slabinfo, NULL, parameters, NULL};
	struct snapshot snapshot = {0};
	struct slab_errors errors;
	struct err err = {0};

	(void)state;
	assert_int_equal(slab_read(&texts, &snapshot, &errors, &err), 0);
	expect_u64_eq(snapshot.cache_count, 0);
	expect_u64_eq(snapshot.parts, 0);
	expect_i64_eq(errors.slabinfo.code, ERR_FORMAT);
	expect_i64_eq(errors.parameters.code, ERR_FORMAT);
	assert_int_equal(zones_read_zoneinfo(zoneinfo, &snapshot, &err),
			 ERR_FORMAT);
	assert_int_equal(zones_read_buddyinfo(buddyinfo, &snapshot, &err),
			 ERR_FORMAT);
	snapshot_fini(&snapshot);
}

static void feed(struct pageflags *flags, uint64_t pages, uint64_t word)
{
	assert_int_equal(pageflags_add(flags, word, pages), 0);
}

static void expect_block(const struct snapshot *snapshot, size_t index,
			 uint64_t pfn, unsigned int order)
{
	expect_true(index < snapshot->block_count);
	expect_u64_eq(snapshot->blocks[index].pfn, pfn);
	expect_u64_eq(snapshot->blocks[index].order, order);
}

/* pfns 1..12 free, a zone border at 6, orders 0 to 2. */
static void test_decomposition(void **state)
{
	struct snapshot_zone zones[] = {{.start_pfn = 0, .spanned = 6},
					{.start_pfn = 6, .spanned = 100}};
	struct snapshot snapshot = {
	    .order_count = 3, .zones = zones, .zone_count = 2};
	struct pageflags flags = {.snapshot = &snapshot};

	(void)state;
	feed(&flags, 1, 1 << KPF_SLAB);
	feed(&flags, 12, 1 << KPF_BUDDY);
	feed(&flags, 3, 0);
	feed(&flags, 8, 1 << KPF_BUDDY);
	assert_int_equal(pageflags_end(&flags), 0);
	expect_u64_eq(snapshot.slab_pages, 1);
	expect_u64_eq(snapshot.kpageflags_pages, 24);
	expect_u64_eq(snapshot.block_count, 8);
	expect_block(&snapshot, 0, 1, 0);
	expect_block(&snapshot, 1, 2, 1);
	expect_block(&snapshot, 2, 4, 1); /* 4, 5: the border is at 6 */
	expect_block(&snapshot, 3, 6, 1);
	expect_block(&snapshot, 4, 8, 2);
	expect_block(&snapshot, 5, 12, 0);
	expect_block(&snapshot, 6, 16, 2); /* order 2 is the largest */
	expect_block(&snapshot, 7, 20, 2);
	/* The zones are not the snapshot's own. */
	snapshot.zones = NULL;
	snapshot.zone_count = 0;
	snapshot_fini(&snapshot);
}

/*
 * Pages on LRU lists and what hangs on them are movable; other compound pages,
 * and pages behind the tails, are not. Long runs are read in groups.
 */
static void test_movable(void **state)
{
	struct snapshot snapshot = {.order_count = 11};
	struct pageflags flags = {.snapshot = &snapshot};
	uint64_t movable = 0;

	(void)state;
	feed(&flags, 1, 1 << KPF_LRU);
	feed(&flags, 3, 1 << KPF_COMPOUND_TAIL);
	feed(&flags, 1, 0);
	feed(&flags, 3, 1 << KPF_COMPOUND_TAIL);
	feed(&flags, 1, 1 << KPF_SLAB);
	feed(&flags, 3, 1 << KPF_SLAB | 1 << KPF_COMPOUND_TAIL);
	feed(&flags, 100, 1 << KPF_LRU);
	feed(&flags, 100, 1 << KPF_BUDDY);
	assert_int_equal(pageflags_end(&flags), 0);
	for (uint64_t pfn = 0; pfn < 300; pfn++) {
		bool want = pfn < 4 || (pfn >= 12 && pfn < 112);

		expect_true(snapshot_is_movable(&snapshot, pfn) == want);
		movable += want;
	}
	expect_u64_eq(movable, 104);
	expect_u64_eq(snapshot.slab_pages, 4);
	snapshot_fini(&snapshot);
}

static void write_file(const char *dir, const char *name, const void *bytes,
		       size_t len)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "wb");
	assert_non_null(file);
	expect_u64_eq(fwrite(bytes, 1, len, file), len);
	expect_i64_eq(fclose(file), 0);
}

/* So many words compressed; then cut; then plain but cut. */
static void check_compressed(const char *dir, size_t count)
{
	uint64_t *words = calloc(count, sizeof(*words));
	size_t bound = ZSTD_compressBound(count * 8), packed;
	struct snapshot snapshot = {.order_count = 11};
	struct err err = {0};
	void *frame = malloc(bound);
	char path[128];

	for (size_t i = 0; i < count; i++)
		words[i] = i % 7 ? 1u << KPF_BUDDY : 1u << KPF_SLAB;
	packed = ZSTD_compress(frame, bound, words, count * 8, 1);
	write_file(dir, "kpageflags.zst", frame, packed);
	assert_int_equal(pageflags_read(dir, false, &snapshot, &err), 0);
	expect_u64_eq(snapshot.kpageflags_pages, count);
	expect_u64_eq(snapshot.slab_pages, (count + 6) / 7);
	snapshot_fini(&snapshot);
	snapshot.order_count = 11;
	write_file(dir, "kpageflags.zst", frame, packed / 2);
	assert_int_equal(pageflags_read(dir, false, &snapshot, &err),
			 ERR_FORMAT);
	expect_u64_eq(snapshot.block_count, 0);
	write_file(dir, "kpageflags", words, 801);
	assert_int_equal(pageflags_read(dir, false, &snapshot, &err),
			 ERR_FORMAT);
	snprintf(path, sizeof(path), "%s/kpageflags", dir);
	expect_i64_eq(unlink(path), 0);
	free(frame);
	free(words);
}

static uint64_t draw(uint64_t *seed, uint64_t below)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return (*seed >> 33) % below;
}

/* Runs of random length of the flags that matter, and noise in others. */
static void draw_words(uint64_t *words, size_t count, uint64_t *seed)
{
	static const unsigned int bits[] = {KPF_LRU, KPF_SLAB, KPF_BUDDY,
					    KPF_COMPOUND_TAIL};
	uint64_t run = 0, word = 0;

	for (size_t i = 0; i < count; i++, run--) {
		if (!run) {
			run = 1 + draw(seed, draw(seed, 2) ? 4 : 100);
			word = draw(seed, 3) ? 1ull << bits[draw(seed, 4)] : 0;
		}
		words[i] = word | draw(seed, 4) << 11 | draw(seed, 2) << 40;
	}
}

/* A file, which is read in runs of pages that are alike, as its single words. */
static void test_pageflags_in_runs(void **state)
{
	enum { WORDS = 100000 };
	struct snapshot_zone zones[] = {{.start_pfn = 5, .spanned = 40000},
					{.start_pfn = 40005, .spanned = 70000}};
	uint64_t *words = calloc(WORDS, sizeof(*words)), seed = 11;
	char dir[] = "/tmp/kmemscope-test-XXXXXX", command[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (int round = 0; round < 4; round++) {
		struct snapshot got = {
		    .order_count = 11, .zones = zones, .zone_count = 2};
		struct snapshot want = got;
		struct pageflags flags = {.snapshot = &want};
		struct err err = {0};

		draw_words(words, WORDS, &seed);
		write_file(dir, "kpageflags", words, WORDS * sizeof(*words));
		assert_int_equal(pageflags_read(dir, false, &got, &err), 0);
		for (size_t i = 0; i < WORDS; i++)
			feed(&flags, 1, words[i]);
		assert_int_equal(pageflags_end(&flags), 0);
		expect_u64_eq(got.kpageflags_pages, WORDS);
		expect_u64_eq(got.slab_pages, want.slab_pages);
		expect_u64_eq(got.block_count, want.block_count);
		for (size_t i = 0; i < want.block_count; i++)
			expect_block(&got, i, want.blocks[i].pfn,
				     want.blocks[i].order);
		for (uint64_t pfn = 0; pfn < WORDS; pfn++) {
			expect_true(snapshot_is_slab(&got, pfn) ==
				    (words[pfn] >> KPF_SLAB & 1));
			expect_true(snapshot_is_movable(&got, pfn) ==
				    snapshot_is_movable(&want, pfn));
		}
		got.zones = want.zones = NULL;
		got.zone_count = want.zone_count = 0;
		snapshot_fini(&got);
		snapshot_fini(&want);
	}
	free(words);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	expect_i64_eq(system(command), 0);
}

static void test_compressed_pageflags(void **state)
{
	char dir[] = "/tmp/kmemscope-test-XXXXXX", command[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	check_compressed(dir, 100000);
	/* The reader's piece of 256 KiB is full where the frame ends. */
	check_compressed(dir, 3 * 32768);
	check_compressed(dir, 32768);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	expect_i64_eq(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_known_slab_pages),
	    cmocka_unit_test(test_join_is_complete),
	    cmocka_unit_test(test_missing_parts_have_reasons),
	    cmocka_unit_test(test_zoneinfo_of_618),
	    cmocka_unit_test(test_pagetypeinfo),
	    cmocka_unit_test(test_join_by_alias),
	    cmocka_unit_test(test_sysfs_alone),
	    cmocka_unit_test(test_nonsense_is_absent),
	    cmocka_unit_test(test_movable),
	    cmocka_unit_test(test_decomposition),
	    cmocka_unit_test(test_pageflags_in_runs),
	    cmocka_unit_test(test_compressed_pageflags),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
