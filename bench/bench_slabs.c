/*
 * bench_slabs MODEL MIB PAIRS: nanoseconds per operation of a slab allocator
 * (slub, slab or slob) on the page allocator.
 *
 * A machine of MIB megabytes, 4 CPUs, one node. Objects of ten kmalloc sizes from 32
 * bytes to a page, each as likely as the other, until slabs hold 10, 50 and 90 %
 * of its pages. Then pairs: an object drawn at random is freed by one CPU, and
 * one of the same size allocated by another. As many pairs as there are objects
 * go before the clock starts, so that slabs are as mixed as they stay. CPU
 * time of the best of five rounds of PAIRS pairs, a pair being two operations.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench_clock.h"
#include "core/snapshot.h"
#include "replay/page_machine.h"
#include "replay/slab.h"
#include "replay/slob.h"
#include "replay/slub.h"

enum {
	FRAMES_PER_MIB = 256,
	OBJECTS_PER_FRAME = 4096 / 32, /* at most */
	CPUS = 4,
	ROUNDS = 5,
	SIZES = 10,
};

static const uint32_t sizes[SIZES] = {32,  64,	96,   128,  192,
				      256, 512, 1024, 2048, 4096};

struct object {
	uint64_t handle;
	uint32_t size; /* index in sizes */
};

struct bench {
	struct page_machine *machine;
	struct slab_model *slab;
	uint32_t caches[SIZES];
	struct object *live;
	uint64_t frames, count, random;
};

static uint64_t draw(struct bench *bench, uint64_t below)
{
	bench->random ^= bench->random >> 12;
	bench->random ^= bench->random << 25;
	bench->random ^= bench->random >> 27;
	return (bench->random * 0x2545f4914f6cdd1dull >> 20) % below;
}

static int machine_make(struct bench *bench, struct err *err)
{
	static struct snapshot snapshot = {.parts = SNAPSHOT_ZONEINFO,
					   .order_count = 11,
					   .pageblock_order = 9};
	struct snapshot_zone zone = {.name = "Normal",
				     .spanned = bench->frames,
				     .present = bench->frames,
				     .managed = bench->frames};
	struct capture_info info = {.version_major = 6, .version_minor = 1};
	struct page_machine_config config = {.info = &info,
					     .snapshot = &snapshot,
					     .start = PAGE_START_COLD,
					     .cpus = CPUS,
					     .memory = memory_libc()};

	snapshot.zones = &zone;
	snapshot.zone_count = 1;
	return page_machine_create(&bench->machine, &config, err);
}

static int model_make(struct bench *bench, const char *name, struct err *err)
{
	struct page_model *pages = page_machine_model(bench->machine);
	struct slub_config slub = {
	    .env = slub_env_default(VARIANT_6_1, 4096, CPUS),
	    .nodes = 1,
	    .pages = pages,
	    .memory = memory_libc(),
	    .cpu_partial = SLUB_UNSET,
	    .min_partial = SLUB_UNSET,
	    .debug = SLUB_UNSET};
	struct slab_config slab = {
	    .env = slab_layout_env_default(VARIANT_6_1, 4096, CPUS),
	    .nodes = 1,
	    .pages = pages,
	    .memory = memory_libc()};
	struct slob_config slob = {.env = {VARIANT_6_1, 4096, 8, 8},
				   .nodes = 1,
				   .pages = pages,
				   .memory = memory_libc()};

	if (!strcmp(name, "slub"))
		return slub_create(&bench->slab, &slub, err);
	if (!strcmp(name, "slab"))
		return slab_create(&bench->slab, &slab, err);
	if (!strcmp(name, "slob"))
		return slob_create(&bench->slab, &slob, err);
	return err_set(err, ERR_USAGE, "no model '%s'", name);
}

static int bench_alloc(struct bench *bench, uint32_t size, uint64_t *handle)
{
	struct slab_request request = {.cache = bench->caches[size],
				       .bytes_req = sizes[size],
				       .cpu = (uint16_t)draw(bench, CPUS),
				       .node = -1};

	return bench->slab->ops->alloc(bench->slab, &request, handle);
}

static int bench_fill(struct bench *bench, uint32_t percent)
{
	uint64_t pages = bench->frames * percent / 100;
	int ret = 0;

	while (!ret && bench->slab->pages + bench->slab->block_pages < pages) {
		struct object *object = &bench->live[bench->count];

		object->size = (uint32_t)draw(bench, SIZES);
		ret = bench_alloc(bench, object->size, &object->handle);
		bench->count += !ret;
	}
	return ret;
}

static int bench_pairs(struct bench *bench, uint64_t pairs)
{
	int ret = 0;

	for (uint64_t i = 0; i < pairs && !ret; i++) {
		struct object *object = &bench->live[draw(bench, bench->count)];

		bench->slab->ops->free(bench->slab, bench->caches[object->size],
				       object->handle,
				       (unsigned int)draw(bench, CPUS));
		ret = bench_alloc(bench, object->size, &object->handle);
	}
	return ret;
}

/* Nanoseconds per operation at that fill. */
static int measure(const char *model, uint64_t frames, uint32_t percent,
		   uint64_t pairs, double *ns, struct err *err)
{
	struct bench bench = {.frames = frames, .random = 88172645463325252u};
	struct bench_time best = {0, 0};
	int ret = machine_make(&bench, err);

	if (!ret)
		ret = model_make(&bench, model, err);
	for (uint32_t i = 0; i < SIZES && !ret; i++) {
		struct slab_cache_spec spec = {.object_size = sizes[i],
					       .slab_size = sizes[i],
					       .kmalloc = true};

		ret = bench.slab->ops->cache_add(bench.slab, &spec,
						 &bench.caches[i]);
	}
	bench.live = malloc(frames * OBJECTS_PER_FRAME * sizeof(*bench.live));
	if (!ret && !bench.live)
		ret = err_set(err, ERR_NOMEM, "out of memory");
	if (!ret)
		ret = bench_fill(&bench, percent);
	if (!ret)
		ret = bench_pairs(&bench, bench.count);
	for (int i = 0; i < ROUNDS && !ret; i++) {
		struct bench_time start = bench_now();

		ret = bench_pairs(&bench, pairs);
		bench_keep_best(&best, bench_since(start));
	}
	*ns = best.cpu * 1e9 / (double)pairs / 2;
	slab_model_destroy(bench.slab);
	if (bench.machine)
		page_model_destroy(page_machine_model(bench.machine));
	free(bench.live);
	return ret;
}

int main(int argc, char **argv)
{
	static const uint32_t percents[] = {10, 50, 90};
	uint64_t mib = argc == 4 ? strtoull(argv[2], NULL, 10) : 0;
	uint64_t pairs = argc == 4 ? strtoull(argv[3], NULL, 10) : 0;

	if (!mib || mib > 65536 || !pairs) {
		fprintf(stderr, "usage: bench_slabs MODEL MIB PAIRS\n");
		return 2;
	}
	for (int i = 0; i < 3; i++) {
		struct err err = {0};
		double ns = 0;
		int ret = measure(argv[1], mib * FRAMES_PER_MIB, percents[i],
				  pairs, &ns, &err);

		if (ret) {
			fprintf(stderr, "bench_slabs: %s: error %d %s\n",
				argv[1], ret, err.text);
			return 1;
		}
		printf("full_%" PRIu32 " %.1f ns\n", percents[i], ns);
	}
	return 0;
}
