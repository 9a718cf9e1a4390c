/*
 * What SLUB does where memory is short, with objects of other CPUs and nodes,
 * and with slabs that got empty: each rule of the kernel by itself.
 */
#include "replay/slub.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

enum { REQUESTS = 64, OBJECTS = 400 };

/* A page model that gives what it is told to and writes down what is asked. */
struct spy {
	struct page_model model;
	struct page_request requests[REQUESTS];
	uint32_t count, freed;
	unsigned int freed_order;
	unsigned int most_order; /* larger blocks are not to be had */
	bool only_reclaim;	 /* gives nothing to who may not reclaim */
	bool no_node_0;		 /* which has no pages left */
	uint64_t next_pfn;
};

static int spy_alloc(struct page_model *model,
		     const struct page_request *request, uint64_t *pfn)
{
	struct spy *spy = (struct spy *)model;

	expect_true(spy->count < REQUESTS);
	spy->requests[spy->count++] = *request;
	if (request->order > spy->most_order ||
	    (spy->only_reclaim && request->flags & PAGE_REQ_NONBLOCK))
		return ERR_NOMEM;
	if (spy->no_node_0 && !request->node &&
	    request->flags & PAGE_REQ_THISNODE)
		return ERR_NOMEM;
	/* Node 1 has the frames from a million on. */
	*pfn = spy->next_pfn + (request->node == 1 ? 1000000u : 0);
	spy->next_pfn += 64;
	return 0;
}

static bool spy_free(struct page_model *model, uint64_t pfn, unsigned int order,
		     unsigned int cpu)
{
	struct spy *spy = (struct spy *)model;

	(void)pfn;
	(void)cpu;
	spy->freed++;
	spy->freed_order = order;
	return true;
}

static unsigned int spy_node(const struct page_model *model, uint64_t pfn)
{
	(void)model;
	return pfn >= 1000000u;
}

static const struct page_model_ops spy_ops = {
    .name = "spy", .alloc = spy_alloc, .free = spy_free, .node = spy_node};

/* Node 2 has none. */
static const uint16_t cpu_nodes[] = {0, 0, 1};

struct bed {
	struct spy spy;
	struct slab_model *slub;
	uint32_t cache, flags;
	uint64_t handles[OBJECTS];
	uint32_t count;
};

static void bed_make_variant(struct bed *bed, enum kernel_variant variant,
			     uint32_t size, uint32_t cpu_partial,
			     uint32_t min_partial)
{
	struct slub_config config = {
	    .env = slub_env_default(variant, 4096, 3),
	    .nodes = 3,
	    .cpu_node = cpu_nodes,
	    .pages = &bed->spy.model,
	    .memory = memory_libc(),
	    .cpu_partial = cpu_partial,
	    .min_partial = min_partial,
	    .debug = SLUB_UNSET,
	};
	struct slab_cache_spec spec = {.slab_size = size};
	struct err err = {0};

	memset(bed, 0, sizeof(*bed));
	bed->spy.model.ops = &spy_ops;
	bed->spy.most_order = 10;
	assert_int_equal(slub_create(&bed->slub, &config, &err), 0);
	assert_int_equal(
	    bed->slub->ops->cache_add(bed->slub, &spec, &bed->cache), 0);
}

static void bed_make(struct bed *bed, uint32_t size, uint32_t cpu_partial,
		     uint32_t min_partial)
{
	bed_make_variant(bed, VARIANT_6_1, size, cpu_partial, min_partial);
}

static int take(struct bed *bed, uint16_t cpu, int16_t node)
{
	struct slab_request request = {.cache = bed->cache,
				       .bytes_req = 1,
				       .flags = bed->flags,
				       .cpu = cpu,
				       .node = node};
	int ret = bed->slub->ops->alloc(bed->slub, &request,
					&bed->handles[bed->count]);

	bed->count += !ret;
	return ret;
}

static void give(struct bed *bed, uint32_t i, unsigned int cpu)
{
	bed->slub->ops->free(bed->slub, bed->cache, bed->handles[i], cpu);
}

static void bed_end(struct bed *bed)
{
	struct err err = {0};

	if (bed->slub->ops->check(bed->slub, &err))
		fail_msg("slub: %s", err.text);
	slab_model_destroy(bed->slub);
}

static uint64_t slabs(const struct bed *bed)
{
	struct slab_counts counts;

	bed->slub->ops->counts(bed->slub, bed->cache, &counts);
	return counts.slabs;
}

/*
 * allocate_slab(): the order it likes is asked for without reclaim and without
 * the reserves; only the least order gets all that the caller allows.
 */
static void test_order_fallback(void **state)
{
	struct bed bed;
	const struct slub_params *p;
	struct slab_counts counts;

	(void)state;
	bed_make(&bed, 2048, SLUB_UNSET, SLUB_UNSET);
	p = slub_cache_params(bed.slub, bed.cache);
	expect_true(p->order > p->order_min);
	bed.spy.only_reclaim = true;
	bed.flags = PAGE_REQ_HIGH | PAGE_REQ_NOFAIL;
	assert_int_equal(take(&bed, 0, -1), 0);
	expect_u64_eq(bed.spy.count, 2);
	expect_u64_eq(bed.spy.requests[0].order, p->order);
	expect_u64_eq(bed.spy.requests[0].flags,
		      PAGE_REQ_HIGH | PAGE_REQ_NONBLOCK | PAGE_REQ_NOKSWAPD |
			  PAGE_REQ_NOMEMALLOC | PAGE_REQ_NORETRY);
	expect_u64_eq(bed.spy.requests[1].order, p->order_min);
	expect_u64_eq(bed.spy.requests[1].flags,
		      PAGE_REQ_HIGH | PAGE_REQ_NOFAIL);
	expect_u64_eq(slub_stats(bed.slub)->order_fallback, 1);
	bed.slub->ops->counts(bed.slub, bed.cache, &counts);
	expect_u64_eq(counts.objects_total, 2); /* in one page, not 8 or 16 */
	expect_u64_eq(counts.pages, 1);
	bed_end(&bed);
}

/*
 * Who may not wait keeps its rights, kswapd too; where the least order is the
 * one it likes, the first try may reclaim, but not for long.
 */
static void test_first_try(void **state)
{
	struct bed bed;
	const struct slub_params *p;

	(void)state;
	bed_make(&bed, 2048, SLUB_UNSET, SLUB_UNSET);
	bed.flags = PAGE_REQ_NONBLOCK | PAGE_REQ_HIGH;
	assert_int_equal(take(&bed, 0, -1), 0);
	expect_u64_eq(bed.spy.requests[0].flags,
		      PAGE_REQ_NONBLOCK | PAGE_REQ_HIGH | PAGE_REQ_NORETRY);
	bed_end(&bed);
	bed_make(&bed, 64, SLUB_UNSET, SLUB_UNSET);
	p = slub_cache_params(bed.slub, bed.cache);
	expect_u64_eq(p->order, p->order_min);
	bed.flags = PAGE_REQ_NOFAIL;
	assert_int_equal(take(&bed, 0, -1), 0);
	expect_u64_eq(bed.spy.count, 1);
	expect_u64_eq(bed.spy.requests[0].flags, PAGE_REQ_NORETRY);
	bed_end(&bed);
}

/*
 * try_thisnode: GFP_NOWAIT | __GFP_THISNODE first, whatever the caller has; it
 * may wake kswapd. Then the caller's own flags.
 */
static void test_near_flags(void **state)
{
	struct bed bed;

	(void)state;
	bed_make_variant(&bed, VARIANT_6_12, 64, 0, 0);
	bed.spy.no_node_0 = true;
	bed.flags = PAGE_REQ_HIGH;
	assert_int_equal(take(&bed, 0, 0), 0);
	expect_u64_eq(bed.spy.count, 3);
	expect_u64_eq(bed.spy.requests[0].flags,
		      PAGE_REQ_NONBLOCK | PAGE_REQ_THISNODE | PAGE_REQ_NORETRY);
	expect_u64_eq(bed.spy.requests[1].flags,
		      PAGE_REQ_NONBLOCK | PAGE_REQ_THISNODE);
	expect_u64_eq(bed.spy.requests[2].flags,
		      PAGE_REQ_HIGH | PAGE_REQ_NORETRY);
	bed_end(&bed);
}

/* Slabs of both orders side by side; each goes with the order it came with. */
static void test_mixed_orders(void **state)
{
	struct bed bed;
	struct slab_counts counts;
	uint32_t objs;

	(void)state;
	bed_make(&bed, 2048, 0, 0);
	objs = slub_cache_params(bed.slub, bed.cache)->objs_per_slab;
	bed.spy.most_order = 0;
	for (int i = 0; i < 4; i++)
		assert_int_equal(take(&bed, 0, -1), 0);
	bed.spy.most_order = 10;
	for (uint32_t i = 0; i < objs; i++)
		assert_int_equal(take(&bed, 0, -1), 0);
	bed.slub->ops->counts(bed.slub, bed.cache, &counts);
	expect_u64_eq(counts.slabs, 3);
	expect_u64_eq(counts.objects_total, 4 + objs);
	expect_u64_eq(slub_stats(bed.slub)->order_fallback, 2);
	give(&bed, 0, 0);
	give(&bed, 1, 0);
	/* The next slab to get a free object moves it to the node: away. */
	give(&bed, 2, 0);
	expect_u64_eq(bed.spy.freed, 1);
	expect_u64_eq(bed.spy.freed_order, 0);
	bed_end(&bed);
}

/* Neither order: a failure, and nothing is left behind. */
static void test_no_memory(void **state)
{
	struct bed bed;

	(void)state;
	bed_make(&bed, 2048, SLUB_UNSET, SLUB_UNSET);
	bed.spy.only_reclaim = true;
	bed.flags = PAGE_REQ_NONBLOCK;
	assert_int_equal(take(&bed, 0, -1), ERR_NOMEM);
	expect_u64_eq(bed.spy.count, 2);
	expect_u64_eq(slub_stats(bed.slub)->order_fallback, 0);
	expect_u64_eq(slabs(&bed), 0);
	bed.flags = 0;
	assert_int_equal(take(&bed, 0, -1), 0);
	bed_end(&bed);
}

/*
 * A full slab of one CPU that another frees into goes to the list of the one
 * that frees (put_cpu_partial()), which allocates from it next.
 */
static void test_remote_free(void **state)
{
	struct bed bed;
	uint32_t objs;

	(void)state;
	bed_make(&bed, 512, SLUB_UNSET, SLUB_UNSET);
	objs = slub_cache_params(bed.slub, bed.cache)->objs_per_slab;
	while (bed.count < objs + 1) /* CPU 0 has gone on to another slab */
		assert_int_equal(take(&bed, 0, -1), 0);
	give(&bed, 0, 1);
	expect_u64_eq(slub_stats(bed.slub)->free_fastpath, 0);
	assert_int_equal(take(&bed, 1, -1), 0);
	expect_u64_eq(bed.handles[objs + 1], bed.handles[0]);
	expect_u64_eq(slub_stats(bed.slub)->cpu_partial_alloc, 1);
	expect_u64_eq(slabs(&bed), slub_stats(bed.slub)->alloc_slab);
	bed_end(&bed);
}

/* What is freed into the slab a CPU has is taken when its own list is empty. */
static void test_free_into_cpu_slab(void **state)
{
	struct bed bed;
	uint32_t objs;

	(void)state;
	bed_make(&bed, 512, SLUB_UNSET, SLUB_UNSET);
	objs = slub_cache_params(bed.slub, bed.cache)->objs_per_slab;
	while (bed.count < objs)
		assert_int_equal(take(&bed, 0, -1), 0);
	give(&bed, 0, 1); /* CPU 0 has it, so it goes to the slab's own list */
	assert_int_equal(take(&bed, 0, -1), 0);
	expect_u64_eq(bed.handles[bed.count - 1], bed.handles[0]);
	expect_u64_eq(slub_stats(bed.slub)->alloc_refill, 1);
	expect_u64_eq(slabs(&bed), 1);
	bed_end(&bed);
}

/*
 * An empty slab on a CPU's list stays until the list is drained; on a node's it
 * goes at once if there are min_partial others, else it stays.
 */
static void test_discard(void **state)
{
	enum { MIN_PARTIAL = 2 };
	struct bed bed;
	uint32_t objs;

	(void)state;
	/* cpu_partial 1: one slab on the CPU's list, the next one drains it. */
	bed_make(&bed, 512, 1, MIN_PARTIAL);
	objs = slub_cache_params(bed.slub, bed.cache)->objs_per_slab;
	expect_u64_eq(slub_cache_params(bed.slub, bed.cache)->cpu_partial_slabs,
		      1);
	while (bed.count < 6 * objs)
		assert_int_equal(take(&bed, 0, -1), 0);
	for (uint32_t i = 0; i < objs; i++)
		give(&bed, i, 1);
	expect_u64_eq(bed.spy.freed, 0); /* empty, on CPU 1's list */
	give(&bed, objs, 1);		 /* drained: kept, as the node has 0 */
	expect_u64_eq(slub_stats(bed.slub)->cpu_partial_drain, 1);
	expect_u64_eq(bed.spy.freed, 0);
	give(&bed, 2 * objs, 1); /* the node has 2 now: the empty and this */
	give(&bed, 3 * objs, 1);
	expect_u64_eq(bed.spy.freed, 0);
	for (uint32_t i = 1; i < objs; i++)
		give(&bed, objs + i, 1); /* the last one empties it */
	expect_u64_eq(bed.spy.freed, 1);
	for (uint32_t i = 1; i < objs; i++)
		give(&bed, 3 * objs + i, 1);
	expect_u64_eq(bed.spy.freed, 1); /* empty, but on CPU 1's list */
	give(&bed, 4 * objs, 1);	 /* drained: the node has enough */
	expect_u64_eq(bed.spy.freed, 2);
	bed_end(&bed);
}

/* A slab goes back to its own node's list, whoever frees into it. */
static void test_nodes(void **state)
{
	struct bed bed;
	uint32_t objs, taken;

	(void)state;
	bed_make(&bed, 512, 0, SLUB_UNSET);
	objs = slub_cache_params(bed.slub, bed.cache)->objs_per_slab;
	while (bed.count < 3 * objs)
		assert_int_equal(take(&bed, 2, 1), 0);
	expect_i64_eq(bed.spy.requests[0].node, 1);
	give(&bed, 0, 0);
	give(&bed, objs, 0); /* drains the first to node 1 */
	taken = bed.count;
	/* CPU 0 wants its own node and takes its own partial slab no more. */
	assert_int_equal(take(&bed, 0, 0), 0);
	expect_i64_eq(bed.spy.requests[bed.spy.count - 1].node, 0);
	expect_true(bed.handles[taken] != bed.handles[0] &&
		    bed.handles[taken] != bed.handles[objs]);
	/* CPU 2 gets one of those that CPU 0 freed into. */
	assert_int_equal(take(&bed, 2, 1), 0);
	expect_true(bed.handles[taken + 1] == bed.handles[0] ||
		    bed.handles[taken + 1] == bed.handles[objs]);
	expect_true(slub_stats(bed.slub)->alloc_from_partial > 0);
	bed_end(&bed);
}

/*
 * deactivate_slab(): a CPU slab given up for another node's goes to the head of
 * its node's list, or to the tail if others freed into it meanwhile.
 */
static void test_drop_to_head_or_tail(void **state)
{
	(void)state;
	for (int remote = 0; remote < 2; remote++) {
		struct slab_start start = {.inuse = 3,
					   .place = SLAB_NODE_PARTIAL,
					   .pfn = SLAB_PFN_UNKNOWN};
		struct bed bed;
		uint64_t partial;

		bed_make(&bed, 512, 0, SLUB_UNSET);
		assert_int_equal(take(&bed, 0, -1), 0);
		assert_int_equal(take(&bed, 0, -1), 0);
		start.cache = bed.cache;
		assert_int_equal(
		    bed.slub->ops->start(bed.slub, &start, &partial), 0);
		if (remote)
			give(&bed, 0, 1);
		assert_int_equal(take(&bed, 0, 1), 0);
		expect_u64_eq(slub_stats(bed.slub)->node_mismatch, 1);
		/* CPU 1 of the same node takes the head. */
		assert_int_equal(take(&bed, 1, -1), 0);
		expect_u64_eq(bed.handles[3],
			      remote ? partial : bed.handles[1]);
		bed_end(&bed);
	}
}

/*
 * get_any_partial(): with remote_node_defrag_ratio 1000 another node is asked
 * unless get_cycles() % 1024 is above 1000: 23 of 1024 times it is not, and the
 * slab is a new one.
 */
static void test_defrag_ratio(void **state)
{
	enum { SLABS = 8192, ASKED = 3000 };
	struct slab_start start = {.inuse = 7,
				   .place = SLAB_NODE_PARTIAL,
				   .pfn = SLAB_PFN_UNKNOWN,
				   .node = 1};
	const struct slub_stats *stats;
	struct slab_request request = {.node = -1};
	struct bed bed;
	uint64_t handle;

	(void)state;
	bed_make(&bed, 512, 0, 0);
	start.cache = request.cache = bed.cache;
	stats = slub_stats(bed.slub);
	for (int i = 0; i < SLABS; i++)
		assert_int_equal(
		    bed.slub->ops->start(bed.slub, &start, &handle), 0);
	while (stats->alloc_from_partial + stats->alloc_slab < ASKED) {
		bed.spy.count = 0;
		assert_int_equal(
		    bed.slub->ops->alloc(bed.slub, &request, &handle), 0);
	}
	/* 67 are expected, with a standard deviation of 8. */
	expect_true(stats->alloc_slab > 67 - 5 * 8);
	expect_true(stats->alloc_slab < 67 + 5 * 8);
	bed_end(&bed);
}

/*
 * Node 1 has more partial slabs than it keeps, node 0 none, and CPU 0 asks for
 * node 0: it gets new pages of it. Only from 6.12 on, where there are none and
 * the request does not insist, a slab of node 1.
 */
static void another_nodes_slabs(void **state)
{
	(void)state;
	for (int i = 0; i < (VARIANT_6_18 + 1) * 4; i++) {
		enum kernel_variant variant = (enum kernel_variant)(i / 4);
		bool insists = i & 1, empty = i & 2;
		bool foreign = variant >= VARIANT_6_12 && empty && !insists;
		uint64_t before;
		uint32_t objs;
		struct bed bed;

		bed_make_variant(&bed, variant, 512, 0, 1);
		objs = slub_cache_params(bed.slub, bed.cache)->objs_per_slab;
		while (bed.count < 6 * objs)
			assert_int_equal(take(&bed, 2, 1), 0);
		for (uint32_t slab = 0; slab < 5; slab++)
			give(&bed, slab * objs, 2);
		bed.spy.no_node_0 = empty;
		bed.flags = insists ? PAGE_REQ_THISNODE : 0;
		before = slub_stats(bed.slub)->alloc_from_partial;
		expect_i64_eq(take(&bed, 0, 0),
			      empty && insists ? ERR_NOMEM : 0);
		expect_u64_eq(slub_stats(bed.slub)->alloc_from_partial - before,
			      foreign);
		bed_end(&bed);
	}
}

/* A slab of the start, with so many of its objects in use. */
static uint64_t start_slab(struct bed *bed, enum slab_place place,
			   uint16_t node, uint32_t inuse)
{
	struct slab_start start = {.cache = bed->cache,
				   .inuse = inuse,
				   .place = place,
				   .pfn = SLAB_PFN_UNKNOWN,
				   .node = node};
	uint64_t handle;

	assert_int_equal(bed->slub->ops->start(bed->slub, &start, &handle), 0);
	return handle;
}

/*
 * get_partial_node() without a CPU partial list: 6.1 takes a second slab along
 * (0 > 0 / 2 comes after it is counted), 6.12 stops at the first.
 */
static void test_no_cpu_partial(void **state)
{
	static const uint64_t along[] = {0, 1, 0, 0};

	(void)state;
	for (int v = VARIANT_5_15; v <= VARIANT_6_18; v++) {
		struct bed bed;

		bed_make_variant(&bed, (enum kernel_variant)v, 512, 0, 10);
		for (int i = 0; i < 4; i++)
			start_slab(&bed, SLAB_NODE_PARTIAL, 0, 7);
		assert_int_equal(take(&bed, 0, -1), 0);
		expect_u64_eq(slub_stats(bed.slub)->alloc_from_partial, 1);
		expect_u64_eq(slub_stats(bed.slub)->cpu_partial_node, along[v]);
		bed_end(&bed);
	}
}

/* Of other nodes the nearest by number is asked first. */
static void test_nearest_node(void **state)
{
	struct bed bed;
	uint64_t near;

	(void)state;
	bed_make(&bed, 512, 0, 0);
	start_slab(&bed, SLAB_NODE_PARTIAL, 2, 7);
	near = start_slab(&bed, SLAB_NODE_PARTIAL, 1, 7);
	assert_int_equal(take(&bed, 0, -1), 0);
	expect_u64_eq(bed.handles[0], near);
	bed_end(&bed);
}

/* A CPU slab given up without an object goes where the node has enough. */
static void test_drop_empty(void **state)
{
	(void)state;
	for (uint32_t min_partial = 0; min_partial < 2; min_partial++) {
		struct bed bed;

		bed_make(&bed, 512, 0, min_partial);
		assert_int_equal(take(&bed, 0, -1), 0);
		give(&bed, 0, 0);
		assert_int_equal(take(&bed, 0, 1), 0);
		expect_u64_eq(bed.spy.freed, min_partial ? 0 : 1);
		bed_end(&bed);
	}
}

/* Partial slabs of the start keep their order; none drains another. */
static void test_start_lists(void **state)
{
	struct bed bed;
	uint64_t first;

	(void)state;
	bed_make(&bed, 512, 1, 10);
	first = start_slab(&bed, SLAB_NODE_PARTIAL, 0, 7);
	start_slab(&bed, SLAB_NODE_PARTIAL, 0, 7);
	assert_int_equal(take(&bed, 0, -1), 0);
	expect_u64_eq(bed.handles[0], first);
	for (int i = 0; i < 5; i++)
		start_slab(&bed, SLAB_CPU_PARTIAL, 0, 7);
	expect_u64_eq(slub_stats(bed.slub)->cpu_partial_drain, 0);
	bed_end(&bed);
}

/* A slab that turns out to lie on another node joins that node's list. */
static void test_place(void **state)
{
	struct bed bed;
	uint64_t moved;

	(void)state;
	bed_make(&bed, 512, 0, 10);
	moved = start_slab(&bed, SLAB_NODE_PARTIAL, 0, 7);
	bed.slub->ops->place(bed.slub, moved, 1000064);
	assert_int_equal(take(&bed, 2, 1), 0);
	expect_u64_eq(bed.handles[0], moved);
	expect_u64_eq(bed.spy.count, 0);
	bed_end(&bed);
}

/* A node that the machine does not have is no wish; it is not looked up. */
static void test_unknown_node(void **state)
{
	struct bed bed;

	(void)state;
	bed_make(&bed, 512, 0, 10);
	assert_int_equal(take(&bed, 0, 30000), 0);
	expect_i64_eq(bed.spy.requests[0].node, PAGE_NODE_LOCAL);
	bed_end(&bed);
}

/* s->allocflags: what a cache is says what its pages are. */
static void test_cache_pages(void **state)
{
	static const struct slab_cache_spec specs[] = {
	    {.slab_size = 64},
	    {.slab_size = 64, .reclaimable = true},
	    {.slab_size = 64, .dma = true},
	};

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		struct bed bed;

		bed_make(&bed, 512, 0, 0);
		assert_int_equal(
		    bed.slub->ops->cache_add(bed.slub, &specs[i], &bed.cache),
		    0);
		assert_int_equal(take(&bed, 0, -1), 0);
		expect_u64_eq(bed.spy.requests[0].migratetype,
			      i == 1 ? PAGE_RECLAIMABLE : PAGE_UNMOVABLE);
		expect_u64_eq(bed.spy.requests[0].zone,
			      i == 2 ? PAGE_ZONE_DMA : PAGE_ZONE_NORMAL);
		bed_end(&bed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_order_fallback),
	    cmocka_unit_test(test_first_try),
	    cmocka_unit_test(test_near_flags),
	    cmocka_unit_test(test_mixed_orders),
	    cmocka_unit_test(test_no_memory),
	    cmocka_unit_test(test_remote_free),
	    cmocka_unit_test(test_free_into_cpu_slab),
	    cmocka_unit_test(test_discard),
	    cmocka_unit_test(test_nodes),
	    cmocka_unit_test(another_nodes_slabs),
	    cmocka_unit_test(test_drop_to_head_or_tail),
	    cmocka_unit_test(test_defrag_ratio),
	    cmocka_unit_test(test_no_cpu_partial),
	    cmocka_unit_test(test_nearest_node),
	    cmocka_unit_test(test_drop_empty),
	    cmocka_unit_test(test_start_lists),
	    cmocka_unit_test(test_place),
	    cmocka_unit_test(test_unknown_node),
	    cmocka_unit_test(test_cache_pages),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
