#include "replay/page_pcp_start.h"

/* What is still to be put on one CPU's list of one zone. */
struct pcp_fill {
	const struct page_pcp_start *start;
	const struct snapshot_zone *zone;
	uint32_t cpu;
	uint32_t left; /* pages */
	uint64_t revealed;
};

static bool reveal_fits(const struct pcp_fill *fill,
			const struct reveal_listed *reveal, bool drained)
{
	return reveal->drained == drained && reveal->cpu == fill->cpu &&
	       reveal->pfn >= fill->zone->start_pfn &&
	       reveal->pfn - fill->zone->start_pfn < fill->zone->spanned &&
	       1u << reveal->order <= fill->left;
}

static int reveal_put(struct pcp_fill *fill, const struct reveal_listed *reveal)
{
	int type =
	    reveal->migratetype >= 0 && reveal->migratetype < PAGE_PCPTYPES
		? reveal->migratetype
		: PAGE_TYPE_OF_BLOCK;
	int ret;

	if (!page_claims_take(fill->start->claims, reveal->pfn, reveal->order))
		return 0;
	ret = page_alloc_seed_pcp(fill->start->pa, reveal->pfn, reveal->order,
				  type, fill->cpu);
	if (ret)
		return ret == ERR_USAGE ? 0 : ret;
	fill->left -= 1u << reveal->order;
	fill->revealed += 1u << reveal->order;
	return 0;
}

/*
 * Start pages from one end of the zone stand for those not revealed; *tried:
 * how many were looked at.
 */
static int unknown_put(struct pcp_fill *fill, uint32_t count, uint64_t *tried)
{
	bool from_end = !fill->start->rules.pcp_from_start;

	while (count && *tried < fill->zone->spanned) {
		uint64_t pfn =
		    fill->zone->start_pfn +
		    (from_end ? fill->zone->spanned - 1 - *tried : *tried);
		int ret;

		++*tried;
		if (!page_claims_take_listed(fill->start->claims, pfn))
			continue;
		ret = page_alloc_seed_pcp(fill->start->pa, pfn, 0,
					  PAGE_TYPE_OF_BLOCK, fill->cpu);
		if (ret)
			return ret;
		fill->left--;
		count--;
	}
	return 0;
}

/*
 * A list from its head: what was allocated first, in that order, what no event
 * told of, and last what was drained, since drains begin at the tail.
 */
static int pcp_fill(struct pcp_fill *fill, uint64_t *tried)
{
	uint32_t drained = 0;
	int ret = 0;

	for (size_t i = 0; i < fill->start->reveal_count && !ret; i++)
		if (reveal_fits(fill, &fill->start->reveals[i], false))
			ret = reveal_put(fill, &fill->start->reveals[i]);
	for (size_t i = 0; i < fill->start->reveal_count; i++)
		if (reveal_fits(fill, &fill->start->reveals[i], true) &&
		    drained < fill->left)
			drained += 1u << fill->start->reveals[i].order;
	if (!ret && drained < fill->left)
		ret = unknown_put(fill, fill->left - drained, tried);
	for (size_t i = fill->start->reveal_count; i-- > 0 && !ret;)
		if (reveal_fits(fill, &fill->start->reveals[i], true))
			ret = reveal_put(fill, &fill->start->reveals[i]);
	return ret ? ret : unknown_put(fill, fill->left, tried);
}

int page_pcp_start_fill(const struct page_pcp_start *start, uint64_t *revealed)
{
	const struct snapshot *snapshot = start->snapshot;
	int ret = 0;

	*revealed = 0;
	for (uint32_t i = 0; i < snapshot->zone_count && !ret; i++) {
		const struct snapshot_zone *zone = &snapshot->zones[i];
		uint64_t tried = 0;

		for (uint32_t c = 0; c < zone->pcp_count && !ret; c++) {
			struct pcp_fill fill = {.start = start,
						.zone = zone,
						.cpu = zone->pcps[c].cpu,
						.left = zone->pcps[c].count};

			if (fill.cpu < start->cpus && zone->managed)
				ret = pcp_fill(&fill, &tried);
			*revealed += fill.revealed;
		}
	}
	return ret;
}
