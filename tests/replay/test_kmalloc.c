#include "replay/kmalloc.h"

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
	return kmalloc_choose(rules, bytes_req, 0).bytes_alloc;
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
	expect_true(kmalloc_choose(&rules, 8193, 0).large);
	expect_u64_eq(kmalloc_choose(&rules, 8193, 0).order, 2);
}

static void test_types(void **state)
{
	struct capture_info info =
	    info_of("x86_64", 6, 1, 4096, SLAB_KIND_SLUB);
	struct kmalloc_rules rules;
	struct kmalloc_choice c;

	(void)state;
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	c = kmalloc_choose(&rules, 100, 0x400000);
	expect_str_eq(rules.classes[c.type][c.index].name, "kmalloc-cg-128");
	c = kmalloc_choose(&rules, 1025, 0x400010);
	expect_str_eq(rules.classes[c.type][c.index].name, "kmalloc-rcl-2k");
	c = kmalloc_choose(&rules, 8192, 0x400011);
	expect_str_eq(rules.classes[c.type][c.index].name, "dma-kmalloc-8k");
}

/* linuxrc-1: bytes_req=29 bytes_alloc=64, least class 64, 32-bit. */
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
	expect_true(!kmalloc_choose(&rules, 131072, 0).large);
	expect_true(kmalloc_choose(&rules, 131073, 0).large);
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
	expect_true(kmalloc_choose(&rules, 8193, 0).large);
	info = info_of("x86_64", 5, 15, 4096, SLAB_KIND_SLAB);
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	expect_true(!kmalloc_choose(&rules, 1u << 20, 0).large);
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
	expect_true(kmalloc_choose(&rules, 1025, 0).large);
	/* The kernel has no accounted classes: the normal ones serve. */
	expect_i64_eq(kmalloc_choose(&rules, 8, 0x400000).type, KMALLOC_NORMAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_x86),	     cmocka_unit_test(test_types),
	    cmocka_unit_test(test_arm),	     cmocka_unit_test(test_slab),
	    cmocka_unit_test(test_captured),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
