/*
 * stat: every kind of event in a small trace, and random traces against a
 * plain recount of their objects.
 */
#include "analysis/stat.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

enum { PAGE = 4096 };

static struct stat_sink *open_sink(const struct stat_options *options)
{
	struct stat_sink *sink = NULL;

	expect_i64_eq(stat_open(&sink, options, NULL), 0);
	return sink;
}

static struct stat_sink *open_plain(void)
{
	return open_sink(
	    &(struct stat_options){.page_size = PAGE, .to_ns = UINT64_MAX});
}

static void feed(struct stat_sink *sink, struct kmem_event ev)
{
	expect_i64_eq(stat_feed(sink, &ev, 1, NULL), 0);
}

static struct kmem_event kmalloc_at(uint64_t site, uint32_t number,
				    uint64_t req, uint64_t alloc)
{
	return (struct kmem_event){.kind = EV_KMALLOC,
				   .call_site = site,
				   .addr = 0xc0000000u + number * 64u,
				   .object = number + 1,
				   .slot = number,
				   .bytes_req = req,
				   .bytes_alloc = alloc,
				   .ts_ns = 100 + number};
}

/* The free of what kmalloc_at() made, on another CPU if asked. */
static struct kmem_event kfree_of(struct kmem_event made, uint16_t cpu)
{
	made.kind = made.kind == EV_PAGE_ALLOC ? EV_PAGE_FREE : EV_KFREE;
	made.alloc_ts_ns = made.ts_ns;
	made.alloc_site = made.call_site;
	made.alloc_cpu = made.cpu;
	made.call_site = 0xf4ee;
	made.cpu = cpu;
	made.ts_ns += 1000;
	return made;
}

static const struct site_summary *only_row(struct stat_sink *sink)
{
	size_t count;
	const struct site_summary *rows = stat_sites(sink, &count);

	expect_u64_eq(count, 1);
	return rows;
}

/* linuxrc-1: kmalloc: call_site=c00a1198 bytes_req=29 bytes_alloc=64 */
static void test_classic_example(void **state)
{
	struct stat_sink *sink = open_plain();
	const struct site_summary *row;

	(void)state;
	feed(sink, kmalloc_at(0xc00a1198, 0, 29, 64));
	row = only_row(sink);
	expect_u64_eq(row->bytes_alloc - row->bytes_req, 35);
	expect_u64_eq(row->call_site, 0xc00a1198);
	expect_u64_eq(row->bytes_each, 64);
	stat_close(sink);
}

static void test_free_goes_to_its_row(void **state)
{
	struct kmem_event a = kmalloc_at(1, 0, 10, 16);
	struct kmem_event b = kmalloc_at(1, 1, 20, 32);
	struct stat_sink *sink = open_plain();
	const struct site_summary *rows;
	size_t count;

	(void)state;
	feed(sink, a);
	feed(sink, b);
	feed(sink, kfree_of(b, 3));
	rows = stat_sites(sink, &count);
	expect_u64_eq(count, 2); /* two classes of one call site */
	expect_u64_eq(rows[0].frees, 0);
	expect_u64_eq(rows[1].frees, 1);
	expect_u64_eq(rows[1].bytes_req_freed, 20);
	expect_u64_eq(rows[1].bytes_alloc_freed, 32);
	expect_u64_eq(rows[1].cross_cpu_frees, 1);
	/* The peak is the call site's, in both rows. */
	expect_u64_eq(rows[0].live_bytes_alloc_peak, 48);
	expect_u64_eq(rows[1].live_bytes_alloc_peak, 48);
	expect_u64_eq(rows[1].live_bytes_req_peak, 30);
	expect_true(stat_check(sink));
	stat_close(sink);
}

/* Two nodes, CPU 1 on the second; of CPU 2 nothing is known. */
static void test_cross_nodes(void **state)
{
	int16_t nodes[] = {0, 1, -1};
	struct topology topology = {TOPOLOGY_RECORDED, 3, nodes};
	struct stat_options options = {.page_size = PAGE,
				       .to_ns = UINT64_MAX,
				       .objects = true,
				       .topology = &topology};
	struct stat_sink *sink = open_sink(&options);
	const struct site_summary *rows;
	const struct stat_row *addresses;
	size_t count;

	(void)state;
	for (uint32_t i = 0; i < 9; i++) {
		struct kmem_event ev = kmalloc_at(1, i, 10, 16);

		ev.cpu = (uint16_t)(i % 3);
		ev.node = (int16_t)((int)(i / 3) - 1);
		feed(sink, ev); /* nodes -1, 0 and 1 from each CPU */
	}
	rows = stat_sites(sink, &count);
	expect_u64_eq(count, 1);
	expect_u64_eq(rows[0].cross_node_allocs, 2);
	addresses = stat_addresses(sink, &count);
	for (size_t i = 0; i < count; i++)
		expect_u64_eq(addresses[i].sum.cross_node_allocs,
			      i == 4 || i == 6);
	stat_close(sink);
}

/* The second trace of a large kmalloc takes the object to its caller. */
static void test_cross_node_duplicate(void **state)
{
	int16_t nodes[] = {0};
	struct topology topology = {TOPOLOGY_RECORDED, 1, nodes};
	struct stat_sink *sink = open_sink(&(struct stat_options){
	    .page_size = PAGE, .to_ns = UINT64_MAX, .topology = &topology});
	struct kmem_event ev = kmalloc_at(1, 0, 9000, 12288);
	const struct site_summary *rows;
	size_t count;

	(void)state;
	ev.node = 1;
	feed(sink, ev);
	ev.call_site = 2;
	ev.flags = EVF_DUPLICATE;
	feed(sink, ev);
	rows = stat_sites(sink, &count);
	expect_u64_eq(count, 2);
	expect_u64_eq(rows[0].cross_node_allocs, 0);
	expect_u64_eq(rows[1].cross_node_allocs, 1);
	stat_close(sink);
}

static void test_what_is_no_object(void **state)
{
	struct kmem_event failed = kmalloc_at(1, 0, 10, 16);
	struct kmem_event twice = kmalloc_at(1, 1, 9000, 12288);
	struct kmem_event null = {
	    .kind = EV_KFREE, .call_site = 2, .flags = EVF_NO_OBJECT};
	struct kmem_event unknown = {.kind = EV_KFREE,
				     .call_site = 2,
				     .addr = 0xc1,
				     .flags = EVF_UNKNOWN_OBJECT};
	struct stat_sink *sink = open_plain();
	const struct site_summary *rows;
	size_t count;

	(void)state;
	failed.flags = EVF_FAILED;
	failed.object = 0;
	twice.flags = EVF_DUPLICATE;
	twice.object = 0;
	feed(sink, failed);
	feed(sink, twice);
	feed(sink, null);
	feed(sink, unknown);
	rows = stat_sites(sink, &count);
	expect_u64_eq(count, 3);
	expect_u64_eq(rows[0].failed, 1);
	expect_u64_eq(rows[0].allocs + rows[0].bytes_alloc, 0);
	expect_u64_eq(rows[1].duplicates, 1);
	expect_u64_eq(rows[1].allocs + rows[1].bytes_alloc, 0);
	expect_u64_eq(rows[2].kind, EV_KFREE);
	expect_u64_eq(rows[2].null_frees, 1);
	expect_u64_eq(rows[2].frees, 1);
	expect_true(stat_check(sink));
	stat_close(sink);
}

/* 6.12 on: __kmalloc_large_node_noprof() first, then its caller. */
static void test_large_kmalloc_is_the_callers(void **state)
{
	struct kmem_event first = kmalloc_at(1, 0, 9000, 12288);
	struct kmem_event second = kmalloc_at(2, 0, 9000, 12288);
	struct stat_sink *sink = open_plain();
	const struct site_summary *rows;
	size_t count;

	(void)state;
	second.flags = EVF_DUPLICATE;
	feed(sink, first);
	feed(sink, second);
	rows = stat_sites(sink, &count);
	expect_u64_eq(count, 2);
	expect_u64_eq(rows[0].allocs + rows[0].bytes_alloc, 0);
	expect_u64_eq(rows[0].duplicates, 1);
	expect_u64_eq(rows[1].allocs, 1);
	expect_u64_eq(rows[1].bytes_req, 9000);
	expect_true(stat_check(sink));
	feed(sink, kfree_of(first, 0));
	rows = stat_sites(sink, &count);
	expect_u64_eq(rows[1].frees, 1);
	expect_true(stat_check(sink));
	stat_close(sink);
}

static void test_implicit_free(void **state)
{
	struct kmem_event a = kmalloc_at(1, 0, 10, 16);
	struct kmem_event gone = kfree_of(a, 7);
	struct stat_sink *sink = open_plain();
	const struct site_summary *row;

	(void)state;
	gone.flags = EVF_SYNTHETIC;
	feed(sink, a);
	feed(sink, gone);
	row = only_row(sink);
	expect_u64_eq(row->frees, 1);
	expect_u64_eq(row->implicit_frees, 1);
	expect_u64_eq(row->free_events, 0);
	expect_u64_eq(row->cross_cpu_frees, 0); /* nobody knows the CPU */
	stat_close(sink);
}

static void test_self_stands_apart(void **state)
{
	struct kmem_event a = kmalloc_at(1, 0, 10, 16);
	struct kmem_event mine = kmalloc_at(1, 1, 10, 16);
	struct stat_sink *sink = open_plain();
	const struct site_summary *rows;
	size_t count;

	(void)state;
	mine.flags = EVF_SELF;
	feed(sink, a);
	feed(sink, mine);
	mine.flags = 0; /* freed by somebody else: still the recorder's */
	feed(sink, kfree_of(mine, 0));
	rows = stat_sites(sink, &count);
	expect_u64_eq(count, 2);
	expect_u64_eq(rows[0].self + rows[0].frees, 0);
	expect_true(rows[1].self);
	expect_u64_eq(rows[1].self_allocs, 1);
	expect_u64_eq(rows[1].frees, 1);
	expect_u64_eq(rows[1].live_bytes_alloc_peak, 16);
	stat_close(sink);
}

static void test_split_block(void **state)
{
	struct kmem_event block = {.kind = EV_PAGE_ALLOC,
				   .addr = 512,
				   .order = 2,
				   .object = 1,
				   .migratetype = 1,
				   .gfp_flags = 0xcc0};
	struct stat_sink *sink = open_plain();
	struct kmem_event piece;
	const struct site_summary *row;

	(void)state;
	feed(sink, block);
	piece = kfree_of(block, 0);
	piece.flags = EVF_SPLIT | EVF_BLOCK_LIVES;
	piece.order = 1;
	feed(sink, piece);
	row = only_row(sink);
	expect_u64_eq(row->frees, 0);
	expect_u64_eq(row->bytes_alloc_freed, 2 * PAGE);
	piece.order = 0;
	feed(sink, piece);
	piece.flags = EVF_SPLIT;
	feed(sink, piece);
	row = only_row(sink);
	expect_u64_eq(row->frees, 1);
	expect_u64_eq(row->free_events, 3);
	expect_u64_eq(row->bytes_alloc, 4 * PAGE);
	expect_u64_eq(row->bytes_alloc_freed, 4 * PAGE);
	expect_true(stat_check(sink));
	stat_close(sink);
}

static void test_impossible_order(void **state)
{
	struct kmem_event block = {.kind = EV_PAGE_ALLOC, .order = 200};
	struct stat_sink *sink = open_plain();
	size_t count;

	(void)state;
	feed(sink, block);
	block.kind = EV_PAGE_FREE;
	feed(sink, block);
	(void)stat_sites(sink, &count);
	expect_u64_eq(count, 0);
	stat_close(sink);
}

static void test_window(void **state)
{
	struct stat_sink *sink = open_sink(&(struct stat_options){
	    .page_size = PAGE, .from_ns = 101, .to_ns = 1101});
	struct kmem_event before = kmalloc_at(1, 0, 10, 16); /* at 100 */
	struct kmem_event in = kmalloc_at(1, 1, 10, 16);     /* at 101 */
	struct kmem_event after = kmalloc_at(1, 2, 10, 16);
	const struct site_summary *rows;
	size_t count;

	(void)state;
	after.ts_ns = 1102;
	feed(sink, before);
	feed(sink, in);
	before.ts_ns = 101; /* its free falls into the window */
	feed(sink, kfree_of(before, 0));
	feed(sink, kfree_of(in, 0)); /* at 1101, the last instant */
	feed(sink, after);
	rows = stat_sites(sink, &count);
	expect_u64_eq(count, 2);
	expect_u64_eq(rows[0].allocs, 1);
	expect_u64_eq(rows[0].frees, 1);
	expect_u64_eq(rows[1].kind, EV_KFREE);
	expect_u64_eq(rows[1].frees, 1);
	expect_u64_eq(stat_skipped(sink), 2);
	stat_close(sink);
}

static void test_addresses(void **state)
{
	struct stat_sink *sink =
	    open_sink(&(struct stat_options){.page_size = PAGE,
					     .to_ns = UINT64_MAX,
					     .objects = true,
					     .pages = true});
	struct kmem_event a = kmalloc_at(1, 0, 10, 16);
	struct kmem_event b = kmalloc_at(2, 0, 30, 32);
	struct kmem_event page = {
	    .kind = EV_PAGE_ALLOC, .addr = a.addr, .object = 9, .slot = 9};
	const struct stat_row *rows;
	size_t count;

	(void)state;
	feed(sink, a);
	feed(sink, kfree_of(a, 1));
	feed(sink, b); /* the same pointer for somebody else */
	feed(sink, page);
	page.order = 3;
	page.object = page.slot = 10;
	feed(sink, page); /* perf's rows differ by order, too */
	rows = stat_addresses(sink, &count);
	expect_u64_eq(count, 3);
	expect_u64_eq(rows[0].addr, a.addr);
	expect_u64_eq(rows[0].sum.allocs, 2);
	expect_u64_eq(rows[0].sum.call_site, 2);
	expect_u64_eq(rows[0].sum.bytes_alloc, 48);
	expect_u64_eq(rows[0].sum.frees, 1);
	expect_u64_eq(rows[0].sum.cross_cpu_frees, 1);
	expect_u64_eq(rows[1].sum.kind, EV_PAGE_ALLOC);
	expect_u64_eq(rows[2].sum.order, 3);
	stat_close(sink);
}

static void test_bad_page_size(void **state)
{
	struct stat_options options = {.page_size = 4095};
	struct stat_sink *sink = NULL;
	struct err err = {0};

	(void)state;
	expect_i64_eq(stat_open(&sink, &options, &err), ERR_USAGE);
	expect_true(!sink && strstr(err.text, "4095"));
}

enum { OBJECTS = 500, SITES = 40 };

/* Objects come and go at random; the rows must equal a recount of them. */
static void run_random(unsigned int seed)
{
	struct stat_sink *sink = open_plain();
	struct kmem_event live[OBJECTS];
	bool used[OBJECTS] = {false};
	uint64_t allocs = 0, frees = 0, req = 0, freed = 0, object = 0;
	uint64_t got[4] = {0};
	const struct site_summary *rows;
	size_t count;

	for (unsigned int i = 0; i < 20000; i++) {
		uint32_t slot = (uint32_t)rand_r(&seed) % OBJECTS;

		if (used[slot]) {
			feed(sink, kfree_of(live[slot], 0));
			frees++;
			freed += live[slot].bytes_alloc;
			used[slot] = false;
			continue;
		}
		live[slot] = kmalloc_at((uint64_t)rand_r(&seed) % SITES, slot,
					(uint64_t)rand_r(&seed) % 64 + 1, 0);
		live[slot].bytes_alloc = (live[slot].bytes_req + 7) & ~7ull;
		live[slot].object = ++object;
		feed(sink, live[slot]);
		used[slot] = true;
		allocs++;
		req += live[slot].bytes_req;
	}
	rows = stat_sites(sink, &count);
	expect_u64_eq(count, SITES * 8);
	for (size_t i = 0; i < count; i++) {
		got[0] += rows[i].allocs;
		got[1] += rows[i].frees;
		got[2] += rows[i].bytes_req;
		got[3] += rows[i].bytes_alloc_freed;
	}
	expect_u64_eq(got[0], allocs);
	expect_u64_eq(got[1], frees);
	expect_u64_eq(got[2], req);
	expect_u64_eq(got[3], freed);
	expect_true(stat_check(sink));
	stat_close(sink);
}

static void test_random(void **state)
{
	(void)state;
	for (unsigned int seed = 1; seed <= 5; seed++)
		run_random(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_classic_example),
	    cmocka_unit_test(test_free_goes_to_its_row),
	    cmocka_unit_test(test_cross_nodes),
	    cmocka_unit_test(test_cross_node_duplicate),
	    cmocka_unit_test(test_what_is_no_object),
	    cmocka_unit_test(test_large_kmalloc_is_the_callers),
	    cmocka_unit_test(test_implicit_free),
	    cmocka_unit_test(test_self_stands_apart),
	    cmocka_unit_test(test_split_block),
	    cmocka_unit_test(test_impossible_order),
	    cmocka_unit_test(test_window),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_bad_page_size),
	    cmocka_unit_test(test_random),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
