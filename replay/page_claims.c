#include "replay/page_claims.h"

#include "core/bits.h"

/* Those of the pages that are of a zone. */
static void bits_set(const struct page_claims *claims, uint64_t *bits,
		     uint64_t pfn, uint64_t count)
{
	uint64_t end = pfn + count;

	if (pfn < claims->base_pfn)
		pfn = claims->base_pfn;
	if (end > claims->end_pfn)
		end = claims->end_pfn;
	if (pfn < end)
		bits_add(bits, pfn - claims->base_pfn, end - pfn);
}

static bool bit_get(const struct page_claims *claims, const uint64_t *bits,
		    uint64_t pfn)
{
	uint64_t bit = pfn - claims->base_pfn;

	return bits[bit / 64] >> bit % 64 & 1;
}

static bool inside(const struct page_claims *claims, uint64_t pfn,
		   uint64_t count)
{
	return pfn >= claims->base_pfn && pfn < claims->end_pfn &&
	       count <= claims->end_pfn - pfn;
}

int page_claims_init(struct page_claims *claims,
		     const struct snapshot *snapshot,
		     const struct memory *memory)
{
	size_t words;

	*claims =
	    (struct page_claims){.memory = *memory, .base_pfn = UINT64_MAX};
	for (uint32_t i = 0; i < snapshot->zone_count; i++) {
		const struct snapshot_zone *zone = &snapshot->zones[i];

		if (!zone->managed)
			continue;
		if (zone->start_pfn < claims->base_pfn)
			claims->base_pfn = zone->start_pfn;
		if (zone->start_pfn + zone->spanned > claims->end_pfn)
			claims->end_pfn = zone->start_pfn + zone->spanned;
	}
	words = (claims->end_pfn - claims->base_pfn) / 64 + 1;
	claims->gone = memory_new(memory, words, sizeof(uint64_t));
	claims->listed = memory_new(memory, words, sizeof(uint64_t));
	for (int order = 0; order < PAGE_ORDERS; order++)
		claims->other_end[order] = claims->end_pfn;
	if (!claims->gone || !claims->listed)
		return ERR_NOMEM;
	return 0;
}

void page_claims_fini(struct page_claims *claims)
{
	memory_free(&claims->memory, claims->gone);
	memory_free(&claims->memory, claims->listed);
	claims->gone = claims->listed = NULL;
}

void page_claims_free(struct page_claims *claims, uint64_t pfn, uint64_t count)
{
	bits_set(claims, claims->gone, pfn, count);
}

bool page_claims_take(struct page_claims *claims, uint64_t pfn,
		      unsigned int order)
{
	if (!inside(claims, pfn, 1ull << order))
		return false;
	for (uint64_t i = 0; i < 1ull << order; i++)
		if (bit_get(claims, claims->gone, pfn + i))
			return false;
	bits_set(claims, claims->gone, pfn, 1ull << order);
	return true;
}

bool page_claims_take_listed(struct page_claims *claims, uint64_t pfn)
{
	if (!page_claims_take(claims, pfn, 0))
		return false;
	bits_set(claims, claims->listed, pfn, 1);
	return true;
}

bool page_claims_take_other(struct page_claims *claims, uint64_t pfn,
			    unsigned int order, uint64_t *other)
{
	uint64_t *end = &claims->other_end[order];
	uint64_t pages = 1ull << order;
	bool listed = false;

	if (!inside(claims, pfn, pages))
		return false;
	for (uint64_t i = 0; i < pages; i++) {
		bool on_list = bit_get(claims, claims->listed, pfn + i);

		listed |= on_list;
		if (!on_list && bit_get(claims, claims->gone, pfn + i))
			return false;
	}
	*end &= ~(pages - 1);
	while (listed && *end >= claims->base_pfn + pages) {
		*end -= pages;
		if (page_claims_take(claims, *end, order)) {
			*other = *end;
			return true;
		}
	}
	return false;
}
