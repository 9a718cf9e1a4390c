#include "replay/kmalloc.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/test.h"

static struct capture_info info_of(const char *machine, int major, int minor,
				   uint32_t page_size, enum slab_kind kind)
{
	struct capture_info info = {.version_major = major,
				    .version_minor = minor,
				    .page_size = page_size,
				    .slab_kind = kind};

	strcpy(info.machine, machine);
	info.gfp.dma = 1;
	info.gfp.reclaimable = 0x10;
	info.gfp.account = 0x400000;
	return info;
}

static uint64_t predict(const struct kmalloc_rules *rules, uint64_t bytes_req)
{
	return kmalloc_choose(rules, bytes_req, 0, 0).bytes_alloc;
}

static void test_x86(void **state)
{
	struct capture_info info =
	    info_of("x86_64", 6, 1, 4096, SLAB_KIND_SLUB);
	struct kmalloc_rules rules;

	(void)state;
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	expect_u64_eq(predict(&rules, 0), 0);
	expect_u64_eq(predict(&rules, 1), 8);
	expect_u64_eq(predict(&rules, 64), 64);
	expect_u64_eq(predict(&rules, 65), 96);
	expect_u64_eq(predict(&rules, 97), 128);
	expect_u64_eq(predict(&rules, 129), 192);
	expect_u64_eq(predict(&rules, 193), 256);
	expect_u64_eq(predict(&rules, 4097), 8192);
	expect_u64_eq(predict(&rules, 8193), 16384);
	expect_u64_eq(predict(&rules, 12289), 16384);
	expect_u64_eq(predict(&rules, 16385), 32768);
	expect_u64_eq(predict(&rules, 4u << 20), 4u << 20);
	expect_u64_eq(predict(&rules, (4u << 20) + 1), 0);
	expect_u64_eq(predict(&rules, UINT64_MAX), 0);
	expect_true(kmalloc_choose(&rules, 8193, 0, 0).large);
	expect_u64_eq(kmalloc_choose(&rules, 8193, 0, 0).order, 2);
}

static void test_types(void **state)
{
	struct capture_info info =
	    info_of("x86_64", 6, 1, 4096, SLAB_KIND_SLUB);
	struct kmalloc_rules rules;
	struct kmalloc_choice c;

	(void)state;
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	c = kmalloc_choose(&rules, 100, 0x400000, 0);
	expect_str_eq(rules.classes[c.type][c.index].name, "kmalloc-cg-128");
	c = kmalloc_choose(&rules, 1025, 0x400010, 0);
	expect_str_eq(rules.classes[c.type][c.index].name, "kmalloc-rcl-2k");
	c = kmalloc_choose(&rules, 8192, 0x400011, 0);
	expect_str_eq(rules.classes[c.type][c.index].name, "dma-kmalloc-8k");
}

/* linuxrc-1: bytes_req=29 bytes_alloc=64, least class 64, 32-bit. */
/* Every kmalloc cache that Ubuntu's 5.15 lists, and no others. */
static void test_5_15(void **state)
{
	struct capture_info info =
	    info_of("x86_64", 5, 15, 4096, SLAB_KIND_SLUB);
	FILE *file = fopen("tests/data/machines/ubuntu515/caches.txt", "r");
	struct kmalloc_rules rules;
	unsigned int size, listed = 0, made = 0;
	char line[256], name[64];

	(void)state;
	expect_true(file != NULL);
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	while (fgets(line, sizeof(line), file)) {
		bool found = false;

		if (sscanf(line, "%63s %u", name, &size) != 2 ||
		    !strstr(name, "kmalloc-"))
			continue;
		for (int type = 0; type < KMALLOC_TYPES; type++) {
			for (uint32_t i = 0; i < rules.count[type]; i++) {
				const struct kmalloc_class *class =
				    &rules.classes[type][i];

				found |= !strcmp(class->name, name) &&
					 class->slab_size == size;
			}
		}
		if (!found)
			fail_msg("%s of %u bytes is not made", name, size);
		listed++;
	}
	fclose(file);
	for (int type = 0; type < KMALLOC_TYPES; type++)
		made += rules.count[type];
	expect_u64_eq(listed, made);
}

static void test_arm(void **state)
{
	struct capture_info info =
	    info_of("armv7l", 6, 1, 4096, SLAB_KIND_SLUB);
	struct kmalloc_rules rules;

	(void)state;
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	expect_u64_eq(predict(&rules, 29), 64);
	expect_u64_eq(predict(&rules, 65), 128);
	expect_u64_eq(predict(&rules, 129), 192);
	info = info_of("aarch64", 6, 1, 65536, SLAB_KIND_SLUB);
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	expect_u64_eq(predict(&rules, 1), 128);
	expect_u64_eq(predict(&rules, 129), 256);
	expect_u64_eq(predict(&rules, 70000), 131072);
	expect_true(!kmalloc_choose(&rules, 131072, 0, 0).large);
	expect_true(kmalloc_choose(&rules, 131073, 0, 0).large);
	expect_u64_eq(predict(&rules, 131073), 262144);
	info = info_of("aarch64", 6, 12, 4096, SLAB_KIND_SLUB);
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	expect_u64_eq(predict(&rules, 29), 32);
}

static void test_slab(void **state)
{
	struct capture_info info =
	    info_of("x86_64", 6, 1, 4096, SLAB_KIND_SLAB);
	struct kmalloc_rules rules;

	(void)state;
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	expect_u64_eq(predict(&rules, 1), 32);
	expect_u64_eq(predict(&rules, 65), 128);
	expect_u64_eq(predict(&rules, 129), 192);
	expect_u64_eq(predict(&rules, 8193), 16384);
	expect_true(kmalloc_choose(&rules, 8193, 0, 0).large);
	info = info_of("x86_64", 5, 15, 4096, SLAB_KIND_SLAB);
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	expect_true(!kmalloc_choose(&rules, 1u << 20, 0, 0).large);
}

/* The recorded kernel's own list decides where it is known. */
static void test_captured(void **state)
{
	struct capture_info info =
	    info_of("x86_64", 6, 1, 4096, SLAB_KIND_SLUB);
	struct snapshot_cache caches[3] = {
	    {.name = "kmalloc-64", .slab_size = 64},
	    {.name = "kmalloc-1k", .slab_size = 1024},
	    {.name = "other", .slab_size = 256},
	};
	struct snapshot_alias alias = {.name = "kmalloc-192", .cache = 2};
	struct snapshot snapshot = {.caches = caches,
				    .cache_count = 3,
				    .aliases = &alias,
				    .alias_count = 1};
	struct kmalloc_rules rules;

	(void)state;
	assert_int_equal(kmalloc_rules_init(&rules, &info, &snapshot), 0);
	expect_true(rules.captured);
	expect_u64_eq(predict(&rules, 8), 64);
	expect_u64_eq(predict(&rules, 65), 256);
	expect_u64_eq(predict(&rules, 193), 1024);
	expect_u64_eq(predict(&rules, 1025), 4096);
	expect_true(kmalloc_choose(&rules, 1025, 0, 0).large);
	/* The kernel has no accounted classes: the normal ones serve. */
	expect_i64_eq(kmalloc_choose(&rules, 8, 0x400000, 0).type,
		      KMALLOC_NORMAL);
}

/* Types that the kernel was not built with leave their flags without effect. */
static void test_missing_types(void **state)
{
	struct capture_info info =
	    info_of("x86_64", 6, 1, 4096, SLAB_KIND_SLUB);
	struct snapshot_cache caches[] = {
	    {.name = "kmalloc-64", .slab_size = 64},
	    {.name = "kmalloc-rcl-64", .slab_size = 64},
	};
	struct snapshot snapshot = {.caches = caches, .cache_count = 2};
	struct kmalloc_rules rules;

	(void)state;
	assert_int_equal(kmalloc_rules_init(&rules, &info, &snapshot), 0);
	expect_i64_eq(kmalloc_choose(&rules, 8, 0x1, 0).type, KMALLOC_NORMAL);
	expect_i64_eq(kmalloc_choose(&rules, 8, 0x11, 0).type, KMALLOC_RECLAIM);
	expect_i64_eq(kmalloc_choose(&rules, 8, 0x400000, 0).type,
		      KMALLOC_NORMAL);
	info = info_of("x86_64", 5, 13, 4096, SLAB_KIND_SLUB);
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	expect_i64_eq(kmalloc_choose(&rules, 8, 0x400000, 0).type,
		      KMALLOC_NORMAL);
}

/* Another allocator's rules for a kernel that lacks some types. */
static void test_limited_types(void **state)
{
	struct capture_info info =
	    info_of("x86_64", 6, 1, 4096, SLAB_KIND_SLAB);
	struct snapshot_cache caches[] = {
	    {.name = "kmalloc-64", .slab_size = 64},
	    {.name = "kmalloc-rcl-64", .slab_size = 64},
	};
	struct snapshot snapshot = {.caches = caches, .cache_count = 2};
	struct kmalloc_rules recorded, rules;

	(void)state;
	assert_int_equal(kmalloc_rules_init(&recorded, &info, &snapshot), 0);
	info.slab_kind = SLAB_KIND_SLUB;
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	expect_i64_eq(kmalloc_choose(&rules, 8, 0x400000, 0).type,
		      KMALLOC_CGROUP);
	kmalloc_rules_limit(&rules, &recorded);
	expect_i64_eq(kmalloc_choose(&rules, 8, 0x400000, 0).type,
		      KMALLOC_NORMAL);
	expect_u64_eq(kmalloc_choose(&rules, 8, 0x400001, 0).bytes_alloc, 8);
	expect_i64_eq(kmalloc_choose(&rules, 8, 0x400010, 0).type,
		      KMALLOC_RECLAIM);
}

static void sites_known(struct kmalloc_rules *rules)
{
	struct symbols symbols = {0};

	assert_int_equal(symbols_add(&symbols, 0x1000, "alloc_msg", NULL), 0);
	assert_int_equal(symbols_add(&symbols, 0x1100, "other", NULL), 0);
	assert_int_equal(symbols_add(&symbols, 0x2000, "vmemdup_user", NULL),
			 0);
	assert_int_equal(
	    symbols_add(&symbols, 0x2100, "__kvmalloc_node_noprof", NULL), 0);
	assert_int_equal(symbols_add(&symbols, 0x2200, "last", NULL), 0);
	symbols_sort(&symbols);
	kmalloc_rules_sites(rules, &symbols);
	symbols_fini(&symbols);
}

static void test_buckets(void **state)
{
	struct capture_info info =
	    info_of("x86_64", 6, 12, 4096, SLAB_KIND_SLUB);
	struct snapshot_cache caches[] = {
	    {.name = "kmalloc-64", .slab_size = 64},
	    {.name = "kmalloc-cg-64", .slab_size = 64},
	    {.name = "msg_msg-64", .slab_size = 64},
	    {.name = "memdup_user-64", .slab_size = 64},
	};
	struct snapshot snapshot = {.caches = caches, .cache_count = 4};
	struct kmalloc_rules rules;

	(void)state;
	assert_int_equal(kmalloc_rules_init(&rules, &info, &snapshot), 0);
	/* Without symbols nobody is known. */
	expect_i64_eq(kmalloc_choose(&rules, 8, 0, 0x1080).type,
		      KMALLOC_NORMAL);
	expect_true(!kmalloc_is_kv(&rules, 0x2180));
	expect_true(!kmalloc_is_kv(&rules, 0));
	sites_known(&rules);
	/* A bucket is asked for by name: accounted or not. */
	expect_i64_eq(kmalloc_choose(&rules, 8, 0x400000, 0x1080).type,
		      KMALLOC_MSG);
	expect_i64_eq(kmalloc_choose(&rules, 8, 0x400000, 0x1100).type,
		      KMALLOC_CGROUP);
	expect_i64_eq(kmalloc_choose(&rules, 8, 0, 0x20ff).type,
		      KMALLOC_MEMDUP);
	expect_true(kmalloc_is_kv(&rules, 0x2100));
	expect_true(!kmalloc_is_kv(&rules, 0x2200));
	/* A kernel without buckets takes the usual caches. */
	snapshot.cache_count = 2;
	assert_int_equal(kmalloc_rules_init(&rules, &info, &snapshot), 0);
	sites_known(&rules);
	expect_i64_eq(kmalloc_choose(&rules, 8, 0, 0x1080).type,
		      KMALLOC_NORMAL);
}

/*
 * Vectors of slab extensions have caches of their own where the kernel keeps
 * any: before every type that a flag means, but after a bucket.
 */
static void test_no_objext(void **state)
{
	struct capture_info info =
	    info_of("x86_64", 6, 12, 4096, SLAB_KIND_SLUB);
	struct snapshot_cache caches[] = {
	    {.name = "kmalloc-64", .slab_size = 64},
	    {.name = "kmalloc-cg-64", .slab_size = 64},
	    {.name = "kmalloc-rcl-64", .slab_size = 64},
	    {.name = "dma-kmalloc-64", .slab_size = 64},
	    {.name = "msg_msg-64", .slab_size = 64},
	    {.name = "kmalloc-no-objext-64", .slab_size = 64},
	};
	struct snapshot snapshot = {.caches = caches, .cache_count = 6};
	struct kmalloc_rules rules;
	struct kmalloc_choice c;

	(void)state;
	info.gfp.no_obj_ext = 1u << 24;
	assert_int_equal(kmalloc_rules_init(&rules, &info, &snapshot), 0);
	sites_known(&rules);
	c = kmalloc_choose(&rules, 8, 0x1000000, 0);
	expect_str_eq(rules.classes[c.type][c.index].name,
		      "kmalloc-no-objext-64");
	expect_i64_eq(kmalloc_choose(&rules, 8, 0x1400011, 0).type,
		      KMALLOC_NO_OBJ_EXT);
	expect_i64_eq(kmalloc_choose(&rules, 8, 0x1000000, 0x1080).type,
		      KMALLOC_MSG);
	expect_i64_eq(kmalloc_choose(&rules, 8, 0x400000, 0).type,
		      KMALLOC_CGROUP);
	/* A kernel without them heeds the other flags only. */
	snapshot.cache_count = 5;
	assert_int_equal(kmalloc_rules_init(&rules, &info, &snapshot), 0);
	expect_i64_eq(kmalloc_choose(&rules, 8, 0x1000000, 0).type,
		      KMALLOC_NORMAL);
	expect_i64_eq(kmalloc_choose(&rules, 8, 0x1400000, 0).type,
		      KMALLOC_CGROUP);
	/* Nor does one whose flag is not known. */
	snapshot.cache_count = 6;
	info.gfp.no_obj_ext = 0;
	assert_int_equal(kmalloc_rules_init(&rules, &info, &snapshot), 0);
	expect_i64_eq(kmalloc_choose(&rules, 8, 0x1000000, 0).type,
		      KMALLOC_NORMAL);
}

/* SLAB_KMALLOC: every cache that create_kmalloc_cache() makes, no bucket. */
static void test_flagged(void **state)
{
	(void)state;
	expect_true(kmalloc_is_flagged("kmalloc-96"));
	expect_true(kmalloc_is_flagged("dma-kmalloc-8k"));
	expect_true(kmalloc_is_flagged("kmalloc-rcl-1k"));
	expect_true(kmalloc_is_flagged("kmalloc-cg-8"));
	expect_true(kmalloc_is_flagged("kmalloc-rnd-15-2k"));
	expect_true(kmalloc_is_flagged("kmalloc-no-objext-2k"));
	expect_true(!kmalloc_is_flagged("msg_msg-64"));
	expect_true(!kmalloc_is_flagged("memdup_user-4k"));
	expect_true(!kmalloc_is_flagged("kmalloc_buckets"));
	expect_true(!kmalloc_is_flagged("kmalloc-rnd-16-2k"));
	expect_true(!kmalloc_is_flagged("kmalloc-"));
	expect_true(!kmalloc_is_flagged("kmalloc-96x"));
}

/* Each call site has one of 16 copies, flags have none. */
static void test_copies(void **state)
{
	struct capture_info info =
	    info_of("x86_64", 6, 6, 4096, SLAB_KIND_SLUB);
	struct snapshot_cache caches[17] = {
	    {.name = "kmalloc-64", .slab_size = 64},
	    {.name = "kmalloc-rcl-64", .slab_size = 64},
	};
	struct snapshot snapshot = {.caches = caches, .cache_count = 17};
	uint32_t sites[KMALLOC_TYPES] = {0};
	struct kmalloc_rules rules;

	(void)state;
	for (int i = 1; i <= 15; i++) {
		caches[i + 1].slab_size = 64;
		snprintf(caches[i + 1].name, sizeof(caches->name),
			 "kmalloc-rnd-%02d-64", i);
	}
	assert_int_equal(kmalloc_rules_init(&rules, &info, &snapshot), 0);
	for (uint64_t site = 0; site < 16000; site++) {
		uint64_t at = 0xffffffff81000000 + site * 5;
		struct kmalloc_choice c = kmalloc_choose(&rules, 8, 0, at);

		sites[c.type]++;
		expect_u64_eq(c.bytes_alloc, 64);
		expect_i64_eq(kmalloc_choose(&rules, 8, 0x10, at).type,
			      KMALLOC_RECLAIM);
	}
	expect_true(sites[KMALLOC_NORMAL] > 900 &&
		    sites[KMALLOC_NORMAL] < 1100);
	for (int t = KMALLOC_COPY; t < KMALLOC_TYPES; t++)
		expect_true(sites[t] > 900 && sites[t] < 1100);
}

/* The largest request is the largest block; SLAB of 5.15 ends at 32 MiB. */
static void test_limits(void **state)
{
	struct snapshot snapshot = {.order_count = 12};
	struct capture_info info =
	    info_of("aarch64", 6, 1, 65536, SLAB_KIND_SLUB);
	struct kmalloc_rules rules;

	(void)state;
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	expect_u64_eq(predict(&rules, 65536u << 13), 65536u << 13);
	expect_u64_eq(predict(&rules, (65536u << 13) + 1), 0);
	assert_int_equal(kmalloc_rules_init(&rules, &info, &snapshot), 0);
	expect_u64_eq(predict(&rules, 65536u << 11), 65536u << 11);
	expect_u64_eq(predict(&rules, 65536u << 12), 0);
	info = info_of("aarch64", 6, 1, 16384, SLAB_KIND_SLUB);
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	expect_u64_eq(predict(&rules, 16384u << 11), 16384u << 11);
	expect_u64_eq(predict(&rules, (16384u << 11) + 1), 0);
	/* SLOB's heap: size < PAGE_SIZE - minalign. */
	info = info_of("x86_64", 6, 1, 4096, SLAB_KIND_SLOB);
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	expect_true(!kmalloc_choose(&rules, 4087, 0, 0).large);
	expect_true(kmalloc_choose(&rules, 4088, 0, 0).large);
	info = info_of("aarch64", 5, 15, 65536, SLAB_KIND_SLAB);
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	expect_u64_eq(predict(&rules, 32u << 20), 32u << 20);
	expect_true(!kmalloc_choose(&rules, 32u << 20, 0, 0).large);
	expect_u64_eq(predict(&rules, (32u << 20) + 1), 0);
}

/* KMALLOC_MIN_SIZE of each architecture before and after it became 8. */
static void test_least(void **state)
{
	static const struct {
		const char *machine;
		int major, minor;
		enum slab_kind kind;
		uint64_t least;
	} known[] = {
	    {"x86_64", 5, 15, SLAB_KIND_SLUB, 8},
	    {"i686", 6, 1, SLAB_KIND_SLUB, 8},
	    {"x86_64", 6, 1, SLAB_KIND_SLAB, 32},
	    {"aarch64", 6, 4, SLAB_KIND_SLUB, 128},
	    {"aarch64", 6, 5, SLAB_KIND_SLUB, 8},
	    {"aarch64", 6, 18, SLAB_KIND_SLUB, 8},
	    {"riscv64", 5, 15, SLAB_KIND_SLUB, 8},
	    {"riscv64", 6, 1, SLAB_KIND_SLUB, 64},
	    {"riscv64", 6, 12, SLAB_KIND_SLUB, 8},
	    {"armv7l", 6, 12, SLAB_KIND_SLUB, 64},
	    {"armv6l", 6, 1, SLAB_KIND_SLUB, 32},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct capture_info info =
		    info_of(known[i].machine, known[i].major, known[i].minor,
			    4096, known[i].kind);
		struct kmalloc_rules rules;

		assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
		expect_u64_eq(predict(&rules, 1), known[i].least);
	}
}

/* A page size that no machine has is an error, not a table without end. */
static void test_bad_page_size(void **state)
{
	struct capture_info info =
	    info_of("x86_64", 6, 1, 1u << 30, SLAB_KIND_SLUB);
	struct kmalloc_rules rules;

	(void)state;
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), ERR_FORMAT);
}

/* Added classes serve what fits; without them the choice is the kernel's. */
static void test_added(void **state)
{
	static const uint32_t sizes[] = {1536, 72}, odd[] = {76}, old[] = {96};
	static const uint32_t small[] = {8}, large[] = {8192};
	struct capture_info info =
	    info_of("x86_64", 6, 1, 4096, SLAB_KIND_SLUB);
	struct kmalloc_rules plain, rules;
	struct err err = {0};

	(void)state;
	assert_int_equal(kmalloc_rules_init(&plain, &info, NULL), 0);
	rules = plain;
	assert_int_equal(kmalloc_rules_add(&rules, &info, sizes, 2, &err), 0);
	expect_u64_eq(predict(&rules, 64), 64);
	expect_u64_eq(predict(&rules, 65), 72);
	expect_u64_eq(predict(&rules, 73), 96);
	expect_u64_eq(predict(&rules, 1025), 1536);
	expect_u64_eq(predict(&rules, 1537), 2048);
	for (uint64_t bytes = 0; bytes < 20000; bytes++) {
		uint32_t gfp = bytes % 3 ? 0x400000 : 0;
		struct kmalloc_choice was =
					  kmalloc_choose(&plain, bytes, gfp, 0),
				      now = kmalloc_without_added(
					  &rules, kmalloc_choose(&rules, bytes,
								 gfp, 0));

		expect_u64_eq(now.bytes_alloc, was.bytes_alloc);
		if (!bytes || was.large)
			continue;
		expect_str_eq(rules.classes[now.type][now.index].name,
			      plain.classes[was.type][was.index].name);
	}
	rules = plain;
	assert_int_equal(kmalloc_rules_add(&rules, &info, odd, 1, &err),
			 ERR_USAGE);
	expect_true(strstr(err.text, "multiple of 8") != NULL);
	assert_int_equal(kmalloc_rules_add(&rules, &info, old, 1, &err),
			 ERR_USAGE);
	assert_int_equal(kmalloc_rules_add(&rules, &info, small, 1, &err),
			 ERR_USAGE);
	assert_int_equal(kmalloc_rules_add(&rules, &info, large, 1, &err),
			 ERR_USAGE);
	info.slab_kind = SLAB_KIND_SLAB; /* whose classes are cache lines */
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	assert_int_equal(kmalloc_rules_add(&rules, &info, sizes, 2, &err),
			 ERR_USAGE);
	expect_true(strstr(err.text, "multiple of 64") != NULL);
	info.slab_kind = SLAB_KIND_SLOB;
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	assert_int_equal(kmalloc_rules_add(&rules, &info, sizes, 2, &err),
			 ERR_USAGE);
}

/* ksize(), which SLAB's slab_size is not, and krealloc() around it. */
static void test_room(void **state)
{
	static const struct {
		enum slab_kind kind;
		uint32_t page_size;
		uint64_t bytes, room;
	} known[] = {
	    {SLAB_KIND_SLUB, 4096, 40, 64},	 {SLAB_KIND_SLUB, 4096, 64, 64},
	    {SLAB_KIND_SLUB, 4096, 65, 96},	 {SLAB_KIND_SLAB, 4096, 65, 96},
	    {SLAB_KIND_SLUB, 4096, 9000, 16384}, {SLAB_KIND_SLOB, 4096, 41, 42},
	    {SLAB_KIND_SLOB, 65536, 41, 44},	 {SLAB_KIND_SLOB, 4096, 40, 40},
	    {SLAB_KIND_SLOB, 4096, 5000, 8192},	 {SLAB_KIND_SLUB, 4096, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct capture_info info =
		    info_of("x86_64", 6, 1, known[i].page_size, known[i].kind);
		struct kmalloc_rules rules;
		struct kmalloc_choice c;
		uint64_t room = known[i].room;

		assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
		c = kmalloc_choose(&rules, known[i].bytes, 0, 0);
		expect_u64_eq(kmalloc_room(&rules, c), room);
		expect_i64_eq(kmalloc_resize(&rules, c, 0),
			      KMALLOC_RESIZE_FREE);
		expect_i64_eq(kmalloc_resize(&rules, c, room + 1),
			      KMALLOC_RESIZE_MOVE);
		if (room)
			expect_i64_eq(kmalloc_resize(&rules, c, room),
				      KMALLOC_RESIZE_STAY);
		expect_i64_eq(kmalloc_resize(&rules, c, 1),
			      room ? KMALLOC_RESIZE_STAY : KMALLOC_RESIZE_MOVE);
	}
}

enum {
	GFP_KERNEL = 0xcc0,
	GFP_DIRECT = 0x400,
	GFP_NOWARN = 0x2000,
	GFP_MAYFAIL = 0x4000,
	GFP_NOFAIL = 0x8000,
	GFP_NORETRY = 0x10000,
};

static struct kmalloc_rules kv_rules(int major, int minor)
{
	struct capture_info info =
	    info_of("x86_64", major, minor, 4096, SLAB_KIND_SLUB);
	struct kmalloc_rules rules;

#define X(field, name, value) info.gfp.field = value;
	GFP_TABLE(X)
#undef X
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	return rules;
}

/* kmalloc_gfp_adjust() of each version. */
static void test_kvmalloc_gfp(void **state)
{
	struct kmalloc_rules v515 = kv_rules(5, 15), v61 = kv_rules(6, 1),
			     v618 = kv_rules(6, 18);
	const uint32_t all = GFP_KERNEL | GFP_NOFAIL;

	(void)state;
	expect_u64_eq(kvmalloc_gfp(&v61, 4096, all), all);
	expect_u64_eq(kvmalloc_gfp(&v61, 4097, all),
		      GFP_KERNEL | GFP_NOWARN | GFP_NORETRY);
	expect_u64_eq(kvmalloc_gfp(&v61, 4097, GFP_KERNEL | GFP_MAYFAIL),
		      GFP_KERNEL | GFP_NOWARN | GFP_MAYFAIL);
	expect_u64_eq(kvmalloc_gfp(&v61, 4097, 0xc40),
		      0xc40 | GFP_NOWARN | GFP_NORETRY);
	expect_u64_eq(kvmalloc_gfp(&v515, 4097, all),
		      all | GFP_NOWARN | GFP_NORETRY);
	expect_u64_eq(kvmalloc_gfp(&v515, 4097, 0xc40), 0xc40);
	expect_u64_eq(kvmalloc_gfp(&v618, 4096, all), all);
	expect_u64_eq(kvmalloc_gfp(&v618, 4097, all),
		      (GFP_KERNEL & ~GFP_DIRECT) | GFP_NOWARN);
	expect_u64_eq(kvmalloc_gfp(&v618, 4097, all | GFP_MAYFAIL),
		      GFP_KERNEL | GFP_NOWARN | GFP_MAYFAIL);
	/* And back, as traced. */
	expect_u64_eq(kvmalloc_caller_gfp(&v61, 4097, GFP_KERNEL | GFP_NORETRY),
		      GFP_KERNEL);
	expect_u64_eq(kvmalloc_caller_gfp(&v61, 4096, GFP_KERNEL | GFP_NORETRY),
		      GFP_KERNEL | GFP_NORETRY);
}

static void test_kvmalloc_falls_back(void **state)
{
	struct kmalloc_rules v515 = kv_rules(5, 15), v61 = kv_rules(6, 1),
			     v618 = kv_rules(6, 18);

	(void)state;
	expect_true(!kvmalloc_falls_back(&v61, 4096, GFP_KERNEL));
	expect_true(kvmalloc_falls_back(&v61, 4097, GFP_KERNEL));
	expect_true(kvmalloc_falls_back(&v61, INT32_MAX, GFP_KERNEL));
	expect_true(!kvmalloc_falls_back(&v61, 1u << 31, GFP_KERNEL));
	expect_true(!kvmalloc_falls_back(&v61, 4097, 0x820));
	expect_true(kvmalloc_falls_back(&v61, 4097, 0xc40)); /* GFP_NOFS */
	expect_true(!kvmalloc_falls_back(&v515, 4097, 0xc40));
	expect_true(kvmalloc_falls_back(&v515, 4097, GFP_KERNEL));
	expect_true(kvmalloc_falls_back(&v618, 4097, GFP_KERNEL));
	expect_true(!kvmalloc_falls_back(&v618, 4097, 0x820));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_x86),
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_5_15),
	    cmocka_unit_test(test_arm),
	    cmocka_unit_test(test_slab),
	    cmocka_unit_test(test_captured),
	    cmocka_unit_test(test_missing_types),
	    cmocka_unit_test(test_limited_types),
	    cmocka_unit_test(test_buckets),
	    cmocka_unit_test(test_no_objext),
	    cmocka_unit_test(test_flagged),
	    cmocka_unit_test(test_copies),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_least),
	    cmocka_unit_test(test_bad_page_size),
	    cmocka_unit_test(test_added),
	    cmocka_unit_test(test_room),
	    cmocka_unit_test(test_kvmalloc_gfp),
	    cmocka_unit_test(test_kvmalloc_falls_back),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
