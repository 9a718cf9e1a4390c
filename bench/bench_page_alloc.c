/*
 * bench_page_alloc: nanoseconds per operation of the page allocator.
 *
 * 4 GiB of 4 KiB frames in one zone, filled with single pages of random places
 * to 10, 50 and 90 %. Then pairs: the pages in use are freed in random order,
 * and after each free one page is allocated. With per-CPU lists, as the kernel
 * has them, and without. CPU time, the best of five rounds. For comparison, what
 * this machine's memory is worth at that moment: a walk of dependent reads in
 * random order over as many bytes as the allocator's metadata has.
 *
 *     bench_page_alloc [MILLION_PAIRS]
 *
 * Prints nanoseconds per pair: areas_10 without and lists_10 with per-CPU lists,
 * at 10 %, and so on; read, per read; metadata, per frame.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "replay/page_alloc.h"

enum { FRAMES = 1 << 20, ROUNDS = 5 };

struct bench {
	struct page_alloc *pa;
	void *mem;
	size_t size;
	uint64_t *live; /* pfns in use */
	uint32_t count;
	uint64_t random;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static uint64_t next_random(struct bench *bench)
{
	bench->random ^= bench->random >> 12;
	bench->random ^= bench->random << 25;
	bench->random ^= bench->random >> 27;
	return bench->random * 0x2545f4914f6cdd1dull >> 20;
}

static int bench_init(struct bench *bench, bool pcp)
{
	struct page_zone_config zone = {.kind = PAGE_ZONE_NORMAL,
					.spanned = FRAMES,
					.managed = FRAMES,
					.pcp_batch = pcp ? 63 : 0,
					.pcp_high_min = 3740,
					.pcp_high_max = 3740};
	struct page_alloc_config config = {.version = PAGE_VERSION_6_1,
					   .max_order = 10,
					   .pageblock_order = 9,
					   .cpu_count = 1,
					   .group_by_mobility = true,
					   .zones = &zone,
					   .zone_count = 1};
	struct err err = {0};

	memset(bench, 0, sizeof(*bench));
	bench->random = 88172645463325252u;
	bench->size = page_alloc_meta_size(&config);
	bench->mem = malloc(bench->size);
	bench->live = malloc(FRAMES * sizeof(*bench->live));
	if (!bench->mem || !bench->live)
		return 1;
	if (page_alloc_init(&bench->pa, &config, bench->mem, bench->size,
			    &err)) {
		fprintf(stderr, "bench_page_alloc: %s\n", err.text);
		return 1;
	}
	return 0;
}

static void bench_fini(struct bench *bench)
{
	free(bench->mem);
	free(bench->live);
}

/* Frees random pages until percent of all frames are in use. */
static int bench_fill(struct bench *bench, uint32_t percent)
{
	uint32_t want = (uint32_t)((uint64_t)FRAMES * percent / 100);

	for (uint32_t i = 0; i < FRAMES; i++) {
		uint32_t at = (uint32_t)(next_random(bench) % (i + 1));

		bench->live[i] = bench->live[at];
		bench->live[at] = i;
	}
	for (bench->count = FRAMES; bench->count > want; bench->count--) {
		if (page_free(bench->pa, bench->live[bench->count - 1], 0, 0))
			return 1;
	}
	return 0;
}

/* The live pages lie in random order, so a walk over them is random. */
static int bench_round(struct bench *bench, uint64_t pairs, double *ns)
{
	struct page_request req = {.migratetype = PAGE_MOVABLE,
				   .zone = PAGE_ZONE_NORMAL,
				   .node = PAGE_NODE_LOCAL};
	uint64_t start = now_ns();
	uint32_t at = 0;

	for (uint64_t i = 0; i < pairs; i++) {
		if (page_free(bench->pa, bench->live[at], 0, 0) ||
		    page_alloc_pages(bench->pa, &req, &bench->live[at]))
			return 1;
		if (++at == bench->count)
			at = 0;
	}
	*ns = (double)(now_ns() - start) / (double)pairs;
	return 0;
}

/* The least disturbed of some rounds. */
static int bench_pairs(struct bench *bench, uint64_t pairs, double *ns)
{
	double round = 0;

	*ns = 0;
	for (int i = 0; i < ROUNDS; i++) {
		if (bench_round(bench, pairs / ROUNDS, &round))
			return 1;
		if (!i || round < *ns)
			*ns = round;
	}
	return 0;
}

/* Nanoseconds per dependent read of another cache line in size bytes. */
static int read_time(size_t size, double *ns)
{
	enum { LINE = 16, READS = 2000000 };
	uint32_t count = (uint32_t)(size / (LINE * sizeof(uint32_t)));
	uint32_t *next = calloc(count, LINE * sizeof(uint32_t)), at = 0;
	struct bench bench = {.random = 88172645463325252u};

	if (!next)
		return 1;
	/* Sattolo's shuffle: one cycle through all lines. */
	for (uint32_t i = 0; i < count; i++)
		next[i * LINE] = i;
	for (uint32_t i = count - 1; i; i--) {
		uint32_t j = (uint32_t)(next_random(&bench) % i);
		uint32_t swap = next[i * LINE];

		next[i * LINE] = next[j * LINE];
		next[j * LINE] = swap;
	}
	*ns = 0;
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = now_ns();
		double time;

		for (uint32_t i = 0; i < READS; i++)
			at = next[at * LINE];
		time = (double)(now_ns() - start) / READS;
		if (!round || time < *ns)
			*ns = time;
	}
	free(next);
	/* at is a line; to say so keeps the reads in the program. */
	return at >= count;
}

int main(int argc, char **argv)
{
	static const uint32_t fills[] = {10, 50, 90};
	static const char *const names[] = {"areas", "lists"};
	uint64_t millions = argc > 1 ? strtoull(argv[1], NULL, 10) : 4;
	double ns = 0;
	size_t size = 0;

	for (int pcp = 0; pcp < 2; pcp++) {
		for (int i = 0; i < 3; i++) {
			struct bench bench;
			int rc = bench_init(&bench, pcp) ||
				 bench_fill(&bench, fills[i]) ||
				 bench_pairs(&bench, millions * 1000000, &ns);

			size = bench.size;
			bench_fini(&bench);
			if (rc)
				return 1;
			printf("%s_%" PRIu32 " %.1f ns\n", names[pcp], fills[i],
			       ns);
		}
	}
	if (read_time(size, &ns))
		return 1;
	printf("read %.1f ns\nmetadata %.2f bytes\n", ns,
	       (double)size / FRAMES);
	return 0;
}
