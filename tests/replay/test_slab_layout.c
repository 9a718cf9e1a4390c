/*
 * SLAB's formulas against every cache of mixed-slab's slabinfo. Sizes, alignment
 * and flags, which slabinfo does not have, come from the same kernel with SLUB
 * (slub_nomerge): tests/data/machines/mixed-slub-nomerge/slab/parameters.txt.
 */
#include "replay/slab_layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

struct slabinfo_row {
	char name[64];
	uint32_t size, objs_per_slab, pages_per_slab;
	uint32_t limit, batchcount, shared;
};

static bool slabinfo_row_read(const char *line, struct slabinfo_row *row)
{
	return sscanf(line, "%63s %*u %*u %u %u %u : tunables %u %u %u",
		      row->name, &row->size, &row->objs_per_slab,
		      &row->pages_per_slab, &row->limit, &row->batchcount,
		      &row->shared) == 7;
}

/* Looks a cache up in the list of the kernel with SLUB. */
static bool spec_find(const char *name, struct slab_layout_spec *spec)
{
	FILE *in = fopen(
	    "tests/data/machines/mixed-slub-nomerge/slab/parameters.txt", "r");
	char line[512];

	if (!in)
		return false;
	while (fgets(line, sizeof(line), in)) {
		uint32_t hwcache, reclaim, rcu;
		char found[64], ctor[64] = "";

		if (sscanf(line,
			   "%63s %*u %u %*u %*u %*u %*u %u %u %u %u %*u %*u "
			   "%*u %*u %*u %63s",
			   found, &spec->object_size, &spec->align, &hwcache,
			   &reclaim, &rcu, ctor) < 6 ||
		    strcmp(found, name) != 0)
			continue;
		spec->reclaimable = reclaim;
		spec->rcu = rcu;
		spec->ctor = *ctor;
		fclose(in);
		return true;
	}
	fclose(in);
	return false;
}

/* "kmalloc-rcl-2k" -> 2048; 0 for other names. */
static uint32_t kmalloc_bytes(const char *name)
{
	char *end;
	unsigned long bytes;

	if (strncmp(name, "kmalloc-", 8) != 0)
		return 0;
	name += strncmp(name, "kmalloc-rcl-", 12) ? 8 : 12;
	bytes = strtoul(name, &end, 10);
	return (uint32_t)(*end == 'k' ? bytes << 10 : bytes);
}

static void row_check(const struct slab_layout_env *env,
		      const struct slabinfo_row *row)
{
	struct slab_layout_spec spec = {0};
	uint32_t bytes = kmalloc_bytes(row->name);
	struct slab_layout got;

	if (bytes) {
		spec.object_size = slab_layout_kmalloc(env, bytes);
	} else if (!strcmp(row->name, "kmem_cache")) {
		spec.object_size = row->size; /* not the struct of SLUB */
	} else if (!spec_find(row->name, &spec)) {
		fail_msg("%s is not in the list of caches", row->name);
	}
	assert_int_equal(slab_layout_compute(env, &spec, &got), 0);
	if (got.objs_per_slab != row->objs_per_slab)
		print_message("%s:\n", row->name);
	expect_u64_eq(got.size, row->size);
	expect_u64_eq(got.objs_per_slab, row->objs_per_slab);
	expect_u64_eq(1u << got.order, row->pages_per_slab);
	expect_u64_eq(got.limit, row->limit);
	expect_u64_eq(got.batchcount, row->batchcount);
	expect_u64_eq(got.shared, row->shared);
}

static void slabinfo_check(const char *when)
{
	struct slab_layout_env env =
	    slab_layout_env_default(VARIANT_6_1, 4096, 1);
	const char *dir = test_capture("mixed-slab");
	char path[512], line[512];
	uint32_t rows = 0;
	FILE *in;

	assert_non_null(dir);
	snprintf(path, sizeof(path), "%s/%s/slabinfo", dir, when);
	in = fopen(path, "r");
	assert_non_null(in);
	while (fgets(line, sizeof(line), in)) {
		struct slabinfo_row row;

		if (!slabinfo_row_read(line, &row))
			continue;
		row_check(&env, &row);
		rows++;
	}
	fclose(in);
	expect_u64_eq(rows, 95);
}

static void test_slabinfo(void **state)
{
	(void)state;
	slabinfo_check("before");
	slabinfo_check("after");
}

static struct slab_layout layout_of(const struct slab_layout_env *env,
				    const struct slab_layout_spec *spec)
{
	struct slab_layout layout;

	assert_int_equal(slab_layout_compute(env, spec, &layout), 0);
	return layout;
}

/* The three places of a freelist, worked out by hand from the source. */
static void test_freelist(void **state)
{
	struct slab_layout_env env =
	    slab_layout_env_default(VARIANT_6_1, 4096, 4);
	struct slab_layout_spec spec = {.object_size = 192, .align = 8};
	struct slab_layout got = layout_of(&env, &spec);

	(void)state;
	expect_u64_eq(got.freelist, SLAB_FREELIST_IN_OBJECT);
	expect_u64_eq(got.objs_per_slab, 21);
	expect_u64_eq(got.colours, 1); /* 64 bytes left over */
	expect_u64_eq(got.shared, 8);
	/* 21 indices fit into the 64 bytes left over. */
	spec.ctor = true;
	expect_u64_eq(layout_of(&env, &spec).freelist, SLAB_FREELIST_ON_SLAB);
	/* Nothing is left over of four times 1024. */
	spec.object_size = 1024;
	got = layout_of(&env, &spec);
	expect_u64_eq(got.freelist, SLAB_FREELIST_OFF_SLAB);
	expect_u64_eq(got.objs_per_slab, 4);
	expect_u64_eq(got.freelist_class, 32);
	expect_u64_eq(got.colours, 0);
	/* Without kmalloc the freelist costs an object. */
	spec.noleaktrace = true;
	got = layout_of(&env, &spec);
	expect_u64_eq(got.freelist, SLAB_FREELIST_ON_SLAB);
	expect_u64_eq(got.objs_per_slab, 7); /* order 1: 1021 of 8192 left */
	expect_u64_eq(got.order, 1);
	/* Reclaimable caches never leave the first order that fits. */
	spec.reclaimable = true;
	expect_u64_eq(layout_of(&env, &spec).order, 0);
}

static void test_sizes(void **state)
{
	struct slab_layout_env env =
	    slab_layout_env_default(VARIANT_5_15, 4096, 1);
	struct slab_layout_spec spec = {.object_size = 3, .align = 1};
	struct slab_layout got = layout_of(&env, &spec);

	(void)state;
	expect_u64_eq(got.size, 16); /* indices of a byte: 255 objects */
	expect_u64_eq(got.objs_per_slab, 240);
	expect_u64_eq(slab_layout_kmalloc(&env, 1), 32);
	expect_u64_eq(slab_layout_kmalloc(&env, 96), 128);
	expect_u64_eq(slab_layout_kmalloc(&env, 129), 192);
	expect_u64_eq(slab_layout_kmalloc(&env, 4u << 20), 4u << 20);
	expect_u64_eq(slab_layout_kmalloc(&env, (4u << 20) + 1), 0);
	env.variant = VARIANT_6_1;
	expect_u64_eq(slab_layout_kmalloc(&env, 8192), 8192);
	expect_u64_eq(slab_layout_kmalloc(&env, 8193), 0);
	env.kmalloc_min = 0;
	expect_u64_eq(slab_layout_kmalloc(&env, 8192), 0);
	env.kmalloc_min = 32;
	/* 64 KiB pages have indices of two bytes. */
	env.page_size = 65536;
	got = layout_of(&env, &spec);
	expect_u64_eq(got.size, 8);
	/* 8192 objects, 16 KiB of freelist on the slab. */
	expect_u64_eq(got.objs_per_slab, 65536 / 10);
	spec = (struct slab_layout_spec){.object_size = 200000, .align = 8};
	expect_u64_eq(layout_of(&env, &spec).limit, 1);
}

static void test_bad(void **state)
{
	struct slab_layout_env env =
	    slab_layout_env_default(VARIANT_6_1, 4096, 1);
	struct slab_layout_spec spec = {.object_size = 64, .align = 24};
	struct slab_layout got;

	(void)state;
	expect_i64_eq(slab_layout_compute(&env, &spec, &got), ERR_LIMIT);
	spec.align = 8;
	spec.object_size = 0;
	expect_i64_eq(slab_layout_compute(&env, &spec, &got), ERR_LIMIT);
	spec.object_size = (4u << 20) + 1; /* above the largest order */
	expect_i64_eq(slab_layout_compute(&env, &spec, &got), ERR_LIMIT);
	spec.object_size = 4u << 20;
	expect_i64_eq(slab_layout_compute(&env, &spec, &got), 0);
	expect_u64_eq(got.order, 10);
	env.order_count = 10;
	expect_i64_eq(slab_layout_compute(&env, &spec, &got), ERR_LIMIT);
	env.page_size = 4095;
	expect_i64_eq(slab_layout_compute(&env, &spec, &got), ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_slabinfo),
	    cmocka_unit_test(test_freelist),
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_bad),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
