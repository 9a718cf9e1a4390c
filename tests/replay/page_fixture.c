#include "tests/replay/page_fixture.h"

#include <stdlib.h>
#include <string.h>

const struct page_slow_policy fixture_no_kswapd = {
    .name = "no kswapd",
    .below_min = true,
};

void fixture_init(struct page_fixture *fix, uint64_t frames)
{
	memset(fix, 0, sizeof(*fix));
	fix->zones[0].kind = PAGE_ZONE_NORMAL;
	fix->zones[0].spanned = frames;
	fix->zones[0].managed = frames;
	fix->config.version = PAGE_VERSION_6_1;
	fix->config.max_order = 10;
	fix->config.pageblock_order = 9;
	fix->config.group_by_mobility = true;
	fix->config.zones = fix->zones;
	fix->config.zone_count = 1;
	fix->config.cpu_node = fix->cpu_node;
}

void fixture_make(struct page_fixture *fix)
{
	size_t size = page_alloc_meta_size(&fix->config);
	struct err err = {0};

	expect_true(size > 0);
	fix->mem = malloc(size ? size : 1);
	expect_true(fix->mem);
	/* What the allocator does not write, it must not read. */
	memset(fix->mem, 0xa5, size);
	if (page_alloc_init(&fix->pa, &fix->config, fix->mem, size, &err))
		fail_msg("%s", err.text);
}

void fixture_free(struct page_fixture *fix)
{
	free(fix->mem);
	memset(fix, 0, sizeof(*fix));
}

void fixture_seed_all(struct page_fixture *fix)
{
	for (uint32_t i = 0; i < fix->config.zone_count; i++) {
		uint64_t pfn = fix->zones[i].start_pfn;
		uint64_t end = pfn + fix->zones[i].spanned;

		while (pfn < end) {
			uint32_t order = fix->config.max_order;

			while (pfn & ((1ull << order) - 1) ||
			       end - pfn < 1ull << order)
				order--;
			expect_i64_eq(page_alloc_seed_free(fix->pa, pfn, order,
							   PAGE_TYPE_OF_BLOCK),
				      0);
			pfn += 1ull << order;
		}
	}
}

void fixture_check(const struct page_fixture *fix)
{
	struct err err = {0};

	if (page_alloc_check(fix->pa, &err))
		fail_msg("%s", err.text);
}

void fixture_numa(struct page_fixture *fix)
{
	static const enum page_zone_kind kinds[] = {
	    PAGE_ZONE_DMA, PAGE_ZONE_DMA32, PAGE_ZONE_NORMAL, PAGE_ZONE_NORMAL,
	    PAGE_ZONE_MOVABLE};

	fixture_init(fix, 1024);
	for (uint32_t i = 0; i < 5; i++) {
		fix->zones[i].kind = kinds[i];
		fix->zones[i].node = i == 3;
		fix->zones[i].start_pfn = i * 1024u;
		fix->zones[i].spanned = i < 4 ? 1024 : 0;
	}
	fix->config.zone_count = 5;
	fix->config.cpu_count = 2;
	fix->cpu_node[1] = 1;
	fixture_make(fix);
	fixture_seed_all(fix);
}

struct page_request fixture_request(uint32_t order)
{
	struct page_request req = {.order = order,
				   .migratetype = PAGE_MOVABLE,
				   .zone = PAGE_ZONE_MOVABLE,
				   .node = PAGE_NODE_LOCAL};

	return req;
}

uint64_t fixture_alloc(struct page_fixture *fix, struct page_request req)
{
	uint64_t pfn = 0;

	expect_i64_eq(page_alloc_pages(fix->pa, &req, &pfn), 0);
	return pfn;
}

struct page_zone_info fixture_zone(const struct page_fixture *fix,
				   uint32_t zone)
{
	struct page_zone_info info;

	memset(&info, 0, sizeof(info));
	expect_i64_eq(page_zone_info(fix->pa, zone, &info), 0);
	return info;
}

uint64_t fixture_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull >> 16;
}
