/* How pages that a trace tells of become slabs of the start. */
#include "replay/start_reveals.h"

#include <string.h>

#include "core/event.h"
#include "tests/support/test.h"

enum { PAGES_MAX = 8 };

struct bed {
	struct trace trace;
	struct snapshot_cache caches[3];
	struct reveal_page pages[PAGES_MAX];
	struct kmalloc_rules rules;
	struct start_reveals reveals;
};

static void add_cache(struct bed *bed, const char *name, uint32_t slab_size,
		      uint32_t order)
{
	struct snapshot_cache *cache =
	    &bed->caches[bed->trace.before.cache_count++];

	*cache = (struct snapshot_cache){.object_size = slab_size,
					 .slab_size = slab_size,
					 .order = order,
					 .objs_per_slab =
					     (4096u << order) / slab_size};
	memcpy(cache->name, name, strlen(name) + 1);
}

static void bed_make(struct bed *bed)
{
	*bed = (struct bed){.trace.info = {.page_size = 4096,
					   .long_size = 8,
					   .version_major = 6,
					   .version_minor = 12,
					   .slab_kind = SLAB_KIND_SLUB,
					   .machine = "x86_64"}};
	bed->trace.before.caches = bed->caches;
	bed->trace.reveals.pages = bed->pages;
	add_cache(bed, "dentry", 256, 0);
	add_cache(bed, "inode", 1024, 2);
	add_cache(bed, "kmalloc-512", 512, 1);
	assert_int_equal(
	    kmalloc_rules_init(&bed->rules, &bed->trace.info, NULL), 0);
}

static void bed_end(struct bed *bed)
{
	start_reveals_fini(&bed->reveals);
	names_fini(&bed->trace.names);
}

static struct reveal_page *add_page(struct bed *bed, uint64_t pfn,
				    const char *cache, uint32_t was_free,
				    uint32_t used)
{
	struct reveal_page *page = &bed->pages[bed->trace.reveals.page_count++];

	*page =
	    (struct reveal_page){.pfn = pfn, .free = was_free, .used = used};
	if (cache)
		assert_int_equal(names_intern(&bed->trace.names, cache,
					      strlen(cache), &page->name),
				 0);
	return page;
}

static void make(struct bed *bed)
{
	struct memory memory = memory_libc();

	assert_int_equal(start_reveals_make(&bed->reveals, &bed->trace,
					    &bed->rules, &memory),
			 0);
}

/* The slabs of a cache; there must be so many. */
static const struct start_reveal *of(const struct bed *bed, int cache,
				     size_t count)
{
	const struct start_reveal *found;
	size_t got;

	found = start_reveals_of(&bed->reveals, &bed->caches[cache], &got);
	expect_u64_eq(got, count);
	return found;
}

/* Pages of a slab are one slab, whichever of them tells the cache. */
static void test_pages_join(void **state)
{
	const struct start_reveal *slab;
	struct reveal_page *page;
	struct bed bed;

	(void)state;
	bed_make(&bed);
	add_page(&bed, 39, NULL, 1, 1); /* of no known slab */
	add_page(&bed, 40, NULL, 2, 1);
	page = add_page(&bed, 41, "inode", 1, 0);
	page->turn = 9;
	page->cpu = 3;
	page = add_page(&bed, 43, NULL, 0, 2);
	page->turn = 4;
	page->cpu = 1;
	add_page(&bed, 44, NULL, 1, 0); /* of the next slab, if of any */
	make(&bed);
	slab = of(&bed, 1, 1);
	expect_u64_eq(slab->pfn, 40);
	expect_u64_eq(slab->order, 2);
	expect_u64_eq(slab->free, 3);
	expect_u64_eq(slab->turn, 4);
	expect_u64_eq(slab->cpu, 1);
	of(&bed, 0, 0);
	bed_end(&bed);
}

/* A slab that was freed whole had free slots where no event was. */
static void test_gone(void **state)
{
	struct bed bed;

	(void)state;
	bed_make(&bed);
	add_page(&bed, 40, "inode", 1, 3);
	add_page(&bed, 42, NULL, 0, 2)->gone = true;
	add_page(&bed, 50, "dentry", 1, 17)->gone = true; /* nonsense */
	make(&bed);
	expect_u64_eq(of(&bed, 1, 1)->free, 16 - 5);
	expect_u64_eq(of(&bed, 0, 1)->free, 0);
	bed_end(&bed);
}

/* Not if its CPU went on to another slab: then it had left none free. */
static void test_used_up(void **state)
{
	const struct start_reveal *slabs;
	struct reveal_page *page;
	struct bed bed;

	(void)state;
	bed_make(&bed);
	for (uint32_t i = 0; i < 4; i++) {
		page = add_page(&bed, 10 + i, "dentry", 3, 0);
		page->turn = 1 + i;
		page->cpu = i == 1 ? 1 : 0;
		page->gone = true;
	}
	/* On none of the CPUs' ways, and of another cache. */
	add_page(&bed, 20, "dentry", 3, 1)->gone = true;
	page = add_page(&bed, 24, "inode", 1, 0);
	page->turn = 9;
	page->cpu = 1;
	make(&bed);
	slabs = of(&bed, 0, 5);
	expect_u64_eq(slabs[0].free, 3);
	expect_u64_eq(slabs[1].free, 16); /* CPU 1's last */
	expect_u64_eq(slabs[2].free, 3);
	expect_u64_eq(slabs[3].free, 16); /* CPU 0's last */
	expect_u64_eq(slabs[4].free, 15);
	bed_end(&bed);
}

/* Where no name tells the cache, the allocation that was seen does. */
static void test_cache_of(void **state)
{
	struct reveal_page *page;
	struct bed bed;

	(void)state;
	bed_make(&bed);
	page = add_page(&bed, 10, NULL, 1, 0);
	page->kind = EV_KMALLOC;
	page->bytes_req = 300;
	page->bytes_alloc = 512;
	page = add_page(&bed, 20, NULL, 1, 0);
	page->kind = EV_CACHE_ALLOC;
	page->bytes_req = page->bytes_alloc = 256;
	page = add_page(&bed, 30, NULL, 1, 0); /* a large one */
	page->kind = EV_KMALLOC;
	page->bytes_req = page->bytes_alloc = 65536;
	add_page(&bed, 31, "not in the snapshot", 1, 0);
	add_page(&bed, 32, NULL, 0, 1);
	make(&bed);
	expect_u64_eq(bed.reveals.count, 2);
	expect_u64_eq(of(&bed, 2, 1)->pfn, 10);
	expect_u64_eq(of(&bed, 0, 1)->pfn, 20);
	bed_end(&bed);
}

/* By cache; what gave objects first, then the rest by place. */
static void test_order(void **state)
{
	static const uint64_t wanted[] = {16, 11, 10, 17};
	const struct start_reveal *slabs;
	struct bed bed;

	(void)state;
	bed_make(&bed);
	add_page(&bed, 10, "dentry", 0, 1);
	add_page(&bed, 11, "dentry", 1, 0)->turn = 7;
	add_page(&bed, 12, "inode", 1, 0)->turn = 1;
	add_page(&bed, 16, "dentry", 1, 0)->turn = 2;
	add_page(&bed, 17, "dentry", 0, 1);
	make(&bed);
	slabs = of(&bed, 0, 4);
	for (int i = 0; i < 4; i++)
		expect_u64_eq(slabs[i].pfn, wanted[i]);
	of(&bed, 1, 1);
	bed_end(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pages_join), cmocka_unit_test(test_gone),
	    cmocka_unit_test(test_used_up),    cmocka_unit_test(test_cache_of),
	    cmocka_unit_test(test_order),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
