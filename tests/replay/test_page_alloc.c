#include "tests/replay/page_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Every alloc_ and free_ here is followed by fixture_check(). */

static void alloc_splits_and_free_merges(void **state)
{
	struct page_request req = fixture_request(0);
	struct page_fixture fix;
	struct page_zone_info info;
	uint64_t pfn = 77;

	(void)state;
	fixture_init(&fix, 4096);
	fixture_make(&fix);
	fixture_check(&fix);
	/* All is in use at the start. */
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	expect_u64_eq(pfn, 77);
	expect_u64_eq(page_alloc_counters(fix.pa)->failures, 1);
	fixture_seed_all(&fix);
	fixture_check(&fix);
	expect_u64_eq(page_alloc_counters(fix.pa)->merges, 0);
	expect_u64_eq(fixture_alloc(&fix, req), 0);
	fixture_check(&fix);
	expect_u64_eq(page_alloc_counters(fix.pa)->splits, 10);
	info = fixture_zone(&fix, 0);
	for (int order = 0; order < 10; order++)
		expect_u64_eq(info.free_blocks[PAGE_MOVABLE][order], 1);
	expect_u64_eq(info.free_blocks_any[10], 3);
	expect_u64_eq(info.free_pages, 4095);
	expect_u64_eq(page_free_total(fix.pa), 4095);
	expect_i64_eq(page_free(fix.pa, 0, 0, 0), 0);
	fixture_check(&fix);
	expect_u64_eq(page_alloc_counters(fix.pa)->merges, 10);
	expect_u64_eq(fixture_zone(&fix, 0).free_blocks_any[10], 4);
	fixture_free(&fix);
}

static void every_order(void **state)
{
	struct page_fixture fix;

	(void)state;
	fixture_init(&fix, 4096);
	fixture_make(&fix);
	fixture_seed_all(&fix);
	for (uint32_t order = 0; order <= 10; order++) {
		uint64_t pfns[4];

		for (int i = 0; i < 4; i++) {
			pfns[i] = fixture_alloc(&fix, fixture_request(order));
			expect_u64_eq(pfns[i] & ((1u << order) - 1), 0);
			for (int j = 0; j < i; j++)
				expect_true(pfns[i] >> order !=
					    pfns[j] >> order);
			fixture_check(&fix);
		}
		for (int i = 0; i < 4; i++)
			expect_i64_eq(page_free(fix.pa, pfns[i], order, 0), 0);
		fixture_check(&fix);
		expect_u64_eq(fixture_zone(&fix, 0).free_blocks_any[10], 4);
	}
	fixture_free(&fix);
}

static void exhaustion_and_recovery(void **state)
{
	struct page_request req = fixture_request(3);
	struct page_fixture fix;
	uint64_t pfns[128], pfn;

	(void)state;
	fixture_init(&fix, 1024);
	fix.config.cpu_count = 2;
	fix.zones[0].pcp_batch = 7;
	fix.zones[0].pcp_high_min = fix.zones[0].pcp_high_max = 64;
	fix.zones[0].wmark_min = 100;
	fix.zones[0].wmark_low = fix.zones[0].wmark_high = 200;
	fixture_make(&fix);
	fixture_seed_all(&fix);
	/* Watermarks or not, and although CPU 1's lists hold some, all is had.
	 */
	for (int i = 0; i < 128; i++) {
		req.cpu = i & 1;
		pfns[i] = fixture_alloc(&fix, req);
	}
	fixture_check(&fix);
	expect_true(page_alloc_counters(fix.pa)->below_min > 0);
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	req.order = 0;
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	expect_u64_eq(page_alloc_counters(fix.pa)->failures, 2);
	for (int i = 0; i < 128; i++)
		expect_i64_eq(page_free(fix.pa, pfns[i], 3, 0), 0);
	req.order = 10;
	expect_u64_eq(fixture_alloc(&fix, req), 0);
	fixture_check(&fix);
	expect_true(page_alloc_counters(fix.pa)->drain_alls > 0);
	fixture_free(&fix);
}

static void frees_of_parts(void **state)
{
	struct page_fixture fix;
	uint64_t head;
	uint32_t order;

	(void)state;
	fixture_init(&fix, 1024);
	fixture_make(&fix);
	fixture_seed_all(&fix);
	expect_u64_eq(fixture_alloc(&fix, fixture_request(4)), 0);
	expect_i64_eq(page_free(fix.pa, 6, 1, 0), 0);
	fixture_check(&fix);
	expect_i64_eq(page_lookup(fix.pa, 7, &head, &order), PAGE_USE_FREE);
	expect_u64_eq(head, 6);
	expect_u64_eq(order, 1);
	expect_i64_eq(page_lookup(fix.pa, 15, &head, &order), PAGE_USE_IN_USE);
	expect_u64_eq(head, 8);
	expect_u64_eq(order, 3);
	/* Parts of it are free: not as a whole. */
	expect_i64_eq(page_free(fix.pa, 0, 4, 0), ERR_USAGE);
	expect_i64_eq(page_free(fix.pa, 4, 2, 0), ERR_USAGE);
	expect_i64_eq(page_free(fix.pa, 7, 0, 0), ERR_USAGE);
	fixture_check(&fix);
	for (uint64_t pfn = 0; pfn < 6; pfn++)
		expect_i64_eq(page_free(fix.pa, pfn, 0, 0), 0);
	expect_i64_eq(page_free(fix.pa, 8, 3, 0), 0);
	expect_u64_eq(fixture_zone(&fix, 0).free_blocks_any[10], 1);
	/* Several blocks as one. */
	for (int i = 0; i < 8; i++)
		expect_u64_eq(fixture_alloc(&fix, fixture_request(0)),
			      (uint64_t)i);
	expect_i64_eq(page_free(fix.pa, 0, 3, 0), 0);
	fixture_check(&fix);
	expect_u64_eq(fixture_zone(&fix, 0).free_blocks_any[10], 1);
	expect_u64_eq(page_alloc_counters(fix.pa)->bad_frees, 3);
	fixture_free(&fix);
}

static void bad_frees_are_refused(void **state)
{
	struct page_fixture fix;

	(void)state;
	fixture_init(&fix, 1000);
	fix.zones[0].start_pfn = 24;
	fix.config.cpu_count = 1;
	fixture_make(&fix);
	expect_i64_eq(page_free(fix.pa, 23, 0, 0), ERR_USAGE);
	expect_i64_eq(page_free(fix.pa, 1024, 0, 0), ERR_USAGE);
	expect_i64_eq(page_free(fix.pa, UINT64_MAX, 0, 0), ERR_USAGE);
	expect_i64_eq(page_free(fix.pa, 0, 5, 0), ERR_USAGE);
	expect_i64_eq(page_free(fix.pa, 25, 1, 0), ERR_USAGE);
	expect_i64_eq(page_free(fix.pa, 0, 10, 0), ERR_USAGE);
	expect_i64_eq(page_free(fix.pa, 24, 11, 0), ERR_USAGE);
	expect_i64_eq(page_free(fix.pa, 24, UINT32_MAX, 0), ERR_USAGE);
	expect_i64_eq(page_free(fix.pa, 24, 0, 1), ERR_USAGE);
	expect_u64_eq(page_alloc_counters(fix.pa)->bad_frees, 9);
	expect_u64_eq(page_free_total(fix.pa), 0);
	expect_i64_eq(page_free(fix.pa, 24, 3, 0), 0);
	fixture_check(&fix);
	fixture_free(&fix);
}

static void bad_requests_are_refused(void **state)
{
	struct page_request good = fixture_request(0), req;
	struct page_fixture fix;
	uint64_t pfn = 5;

	(void)state;
	fixture_init(&fix, 1024);
	fix.config.cpu_count = 1;
	fixture_make(&fix);
	fixture_seed_all(&fix);
	req = good;
	req.order = 11;
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_USAGE);
	req.order = UINT32_MAX;
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_USAGE);
	req = good;
	req.migratetype = PAGE_HIGHATOMIC;
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_USAGE);
	req = good;
	req.zone = PAGE_ZONE_KINDS;
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_USAGE);
	req = good;
	req.cpu = 1;
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_USAGE);
	req = good;
	req.node = 1;
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_USAGE);
	req.node = -2;
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_USAGE);
	expect_u64_eq(page_alloc_counters(fix.pa)->bad_requests, 7);
	/* Possible, but no memory is allowed. */
	req = good;
	req.nodemask = 2;
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	req = good;
	req.zone = PAGE_ZONE_DMA32;
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	expect_u64_eq(page_alloc_counters(fix.pa)->failures, 2);
	expect_u64_eq(pfn, 5);
	fixture_check(&fix);
	fixture_free(&fix);
}

/* Fails unless the configuration is refused with that code and word. */
static void expect_refused(const struct page_alloc_config *config, int code,
			   const char *word)
{
	static _Alignas(64) char mem[1 << 16];
	struct page_alloc *pa = NULL;
	struct err err = {0};

	expect_u64_eq(page_alloc_meta_size(config), 0);
	expect_i64_eq(page_alloc_init(&pa, config, mem, sizeof(mem), &err),
		      code);
	if (!strstr(err.text, word))
		fail_msg("\"%s\" does not speak of %s", err.text, word);
	expect_true(!pa);
}

static void bad_configurations_are_refused(void **state)
{
	struct page_fixture fix;
	struct page_alloc_config *config = &fix.config;

	(void)state;
	fixture_init(&fix, 1024);
	config->max_order = 16;
	expect_refused(config, ERR_LIMIT, "max_order 16");
	config->max_order = 8;
	expect_refused(config, ERR_USAGE, "pageblock_order 9");
	config->max_order = 10;
	config->thp_order = 2;
	expect_refused(config, ERR_USAGE, "thp_order 2");
	config->thp_order = 11;
	expect_refused(config, ERR_USAGE, "thp_order 11");
	config->thp_order = 0;
	config->version = PAGE_VERSIONS;
	expect_refused(config, ERR_USAGE, "version");
	config->version = PAGE_VERSION_6_18;
	config->cpu_count = PAGE_CPUS_MAX + 1;
	expect_refused(config, ERR_LIMIT, "CPUs");
	config->cpu_count = 1;
	fix.cpu_node[0] = 64;
	expect_refused(config, ERR_LIMIT, "node 64");
	fix.cpu_node[0] = 0;
	config->zone_count = 0;
	expect_refused(config, ERR_USAGE, "0 zones");
	config->zone_count = PAGE_ZONES_MAX + 1;
	expect_refused(config, ERR_USAGE, "257 zones");
	config->zone_count = 1;
	config->zones = NULL;
	expect_refused(config, ERR_USAGE, "zones");
	config->zones = fix.zones;
	fix.zones[0].spanned = 0;
	expect_refused(config, ERR_USAGE, "memory");
	fix.zones[0].spanned = UINT64_MAX;
	expect_refused(config, ERR_LIMIT, "2^52");
	fix.zones[0].spanned = UINT64_C(1) << 33;
	expect_refused(config, ERR_LIMIT, "2^32");
	fix.zones[0].spanned = 1024;
	fix.zones[0].node = 64;
	expect_refused(config, ERR_LIMIT, "node 64");
	fix.zones[0].node = 0;
	fix.zones[0].pcp_high_min = UINT32_MAX;
	expect_refused(config, ERR_LIMIT, "high 4294967295 to 0");
	fix.zones[0].pcp_high_min = 0;
	fix.zones[0].wmark_low = UINT64_MAX;
	expect_refused(config, ERR_LIMIT, "watermark");
	fix.zones[0].wmark_low = 0;
	fix.zones[0].lowmem_reserve[4] = UINT64_MAX;
	expect_refused(config, ERR_LIMIT, "lowmem_reserve");
	fix.zones[0].lowmem_reserve[4] = 0;
	fix.zones[0].kind = PAGE_ZONE_KINDS;
	expect_refused(config, ERR_USAGE, "kind");
	fix.zones[0].kind = PAGE_ZONE_NORMAL;
	config->zone_count = 2;
	fix.zones[1] = fix.zones[0];
	expect_refused(config, ERR_USAGE, "one kind");
	fix.zones[1].kind = PAGE_ZONE_MOVABLE;
	fix.zones[1].start_pfn = 1023;
	expect_refused(config, ERR_USAGE, "overlap");
	fix.zones[1].start_pfn = 1024;
	fixture_make(&fix);
	fixture_check(&fix);
	fixture_free(&fix);
}

static void too_little_memory(void **state)
{
	struct page_alloc *pa = NULL;
	struct page_fixture fix;
	struct err err = {0};
	size_t size;
	char *mem;

	(void)state;
	fixture_init(&fix, 1 << 20);
	size = page_alloc_meta_size(&fix.config);
	/* 10 bytes per frame, a byte per pageblock and what is there once. */
	expect_true(size > 10 << 20 && size < (10 << 20) + (8 << 10));
	mem = malloc(size);
	expect_true(mem);
	expect_i64_eq(page_alloc_init(&pa, &fix.config, mem, size - 1, &err),
		      ERR_LIMIT);
	expect_true(strstr(err.text, "metadata"));
	expect_i64_eq(page_alloc_init(&pa, &fix.config, NULL, size, &err),
		      ERR_LIMIT);
	expect_i64_eq(
	    page_alloc_init(&pa, &fix.config, mem + 1, size + 1, &err),
	    ERR_USAGE);
	expect_true(!pa);
	free(mem);
}

/* The most memory that this process ever had in use, in bytes. */
static uint64_t memory_used(void)
{
	struct rusage usage;

	expect_i64_eq(getrusage(RUSAGE_SELF, &usage), 0);
	return (uint64_t)usage.ru_maxrss << 10;
}

/*
 * 1 TiB of 4 KiB frames in four nodes: at most 12 bytes of metadata per frame,
 * and less than 4 GiB in use while it is worked with.
 */
static void terabyte_machine(void **state)
{
	const uint64_t node_frames = UINT64_C(1) << 26,
		       frames = 4 * node_frames;
	static uint64_t pfns[1 << 16];
	struct page_fixture fix;
	uint64_t random = 3, live = 0, size;

	(void)state;
	fixture_init(&fix, node_frames);
	for (uint32_t node = 1; node < 4; node++) {
		fix.zones[node] = fix.zones[0];
		fix.zones[node].node = node;
		fix.zones[node].start_pfn = node * node_frames;
	}
	fix.config.zone_count = 4;
	fix.config.version = PAGE_VERSION_6_18;
	fix.config.cpu_count = 4;
	for (uint16_t cpu = 0; cpu < 4; cpu++)
		fix.cpu_node[cpu] = cpu;
	size = page_alloc_meta_size(&fix.config);
	expect_true(size && size <= 12 * frames && size < UINT64_C(4) << 30);
	fix.mem = malloc(size);
	if (!fix.mem) {
		print_message("no %u MiB for its metadata\n",
			      (unsigned int)(size >> 20));
		skip();
	}
	expect_i64_eq(
	    page_alloc_init(&fix.pa, &fix.config, fix.mem, size, NULL), 0);
	fixture_seed_all(&fix);
	expect_u64_eq(page_free_total(fix.pa), frames);
	for (uint32_t i = 0; i < 1u << 16; i++) {
		uint64_t r = fixture_random(&random);
		struct page_request req = fixture_request((uint32_t)r & 7);

		req.cpu = (uint32_t)(r >> 8) & 3;
		pfns[i] = fixture_alloc(&fix, req) << 3 | req.order;
		live += 1ull << req.order;
	}
	expect_u64_eq(page_free_total(fix.pa), frames - live);
	for (uint32_t i = 0; i < 1u << 16; i++)
		expect_i64_eq(
		    page_free(fix.pa, pfns[i] >> 3, (uint32_t)pfns[i] & 7, 0),
		    0);
	for (uint32_t zone = 0; zone < 4; zone++)
		expect_u64_eq(fixture_zone(&fix, zone).free_blocks_any[10],
			      node_frames >> 10);
	fixture_check(&fix);
	print_message("1 TiB: %u MiB of metadata, %u MiB in use\n",
		      (unsigned int)(size >> 20),
		      (unsigned int)(memory_used() >> 20));
	expect_true(memory_used() < UINT64_C(4) << 30);
	fixture_free(&fix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(alloc_splits_and_free_merges),
	    cmocka_unit_test(every_order),
	    cmocka_unit_test(exhaustion_and_recovery),
	    cmocka_unit_test(frees_of_parts),
	    cmocka_unit_test(bad_frees_are_refused),
	    cmocka_unit_test(bad_requests_are_refused),
	    cmocka_unit_test(bad_configurations_are_refused),
	    cmocka_unit_test(too_little_memory),
	    cmocka_unit_test(terabyte_machine),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
