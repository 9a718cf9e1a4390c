/*
 * Read in mm/page_alloc.c of 5.15.100, Debian's 6.1.192 and 6.12.117, 6.18.15.
 *
 * 6.12.117 carries the fallback of 6.15 (__rmqueue_claim, __rmqueue_steal), so
 * it is a rule of PAGE_VERSION_6_12 here.
 */
#include "replay/page_rules.h"
#include "replay/page_state.h"

enum page_version page_version_of(int major, int minor)
{
	if (major < 5 || (major == 5 && minor < 18))
		return PAGE_VERSION_5_15;
	if (major == 5 || (major == 6 && minor < 7))
		return PAGE_VERSION_6_1;
	if (major == 6 && minor < 18)
		return PAGE_VERSION_6_12;
	return PAGE_VERSION_6_18;
}

bool page_rules_pcp_singles(int major, int minor)
{
	return (major > 0 && major < 5) || (major == 5 && minor < 14);
}

static const struct page_rules rules[PAGE_VERSIONS] = {
    [PAGE_VERSION_5_15] =
	{
	    .pcp_thp_by_type = true,
	    .pcp_drain_growing = true,
	    .pcp_thp_pageblock = true,
	    .free_high = FREE_HIGH_NEVER,
	    .type_kept_on_pcp = true,
	    .merge_any_type = true,
	    .harder_alone = true,
	    .nofail_is_urgent = true,
	    .highatomic_urgent_only = true,
	    .highatomic_by_order = true,
	},
    [PAGE_VERSION_6_1] =
	{
	    .pcp_drain_limited = true,
	    .pcp_thp_pageblock = true,
	    .free_high = FREE_HIGH_FACTOR,
	    .type_kept_on_pcp = true,
	},
    [PAGE_VERSION_6_12] =
	{
	    .pcp_auto_high = true,
	    .free_high = FREE_HIGH_BATCH,
	    .merge_retypes = true,
	    .claim_or_steal = true,
	    .highatomic_hundredth = true,
	    .highatomic_free_only = true,
	    .compacts_blocks = true,
	    .compact_spares_wanted = true,
	    .movable_min_capped = true,
	    .high_ignores_boost = true,
	},
    [PAGE_VERSION_6_18] =
	{
	    .pcp_auto_high = true,
	    .free_high = FREE_HIGH_HALF_HIGH,
	    .merge_retypes = true,
	    .claim_or_steal = true,
	    .highatomic_hundredth = true,
	    .highatomic_free_only = true,
	    .compacts_blocks = true,
	    .compact_spares_wanted = true,
	    .movable_min_capped = true,
	    .high_ignores_boost = true,
	},
};

const struct page_rules *page_rules_of(enum page_version version)
{
	return &rules[version];
}

uint32_t page_rules_thp_order(const struct page_alloc_config *config,
			      uint32_t page_size)
{
	uint32_t order = config->pageblock_order;

	/* A table is a page of 8-byte entries, each of a page. */
	if (!rules[config->version].pcp_thp_pageblock)
		order = (uint32_t)__builtin_ctz(page_size) - 3;
	return order > PCP_COSTLY_ORDER && order <= config->max_order ? order
								      : 0;
}
