/*
 * A block's pages are one word as long as they are all alike, else an array:
 *
 *   word = class << 28 | id
 *
 * Blocks are an array by number that grows with the highest page seen.
 */
#include "analysis/pageblocks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	ID_BITS = 28,
	BLOCK_ORDER_DEFAULT = 9,
	BLOCK_ORDER_MAX = 16,
	PFN_BITS = 30, /* 4 TiB of 4 KiB pages */
};

struct pageblock {
	uint32_t *words; /* NULL: all pages are "all" */
	uint32_t all;
	bool exists; /* in a zone of the machine, or an event told of it */
	uint32_t counts[PAGEBLOCK_CLASSES];
};

static uint32_t word_of(struct pageblock_page page)
{
	return (uint32_t)page.class << ID_BITS | page.id;
}

static enum pageblock_class class_of(uint32_t word)
{
	return (enum pageblock_class)(word >> ID_BITS);
}

/* In use, as an event of the trace told. */
static bool known(uint32_t word)
{
	if (class_of(word) == PAGEBLOCK_OLD_SLAB)
		return word & PAGEBLOCK_ID_MAX;
	return class_of(word) == PAGEBLOCK_MOVABLE ||
	       class_of(word) == PAGEBLOCK_UNMOVABLE ||
	       class_of(word) == PAGEBLOCK_SLAB;
}

static uint32_t block_pages(const struct pageblocks *pages)
{
	return 1u << pages->block_order;
}

/* ---- Blocks ---- */

static int blocks_reach(struct pageblocks *pages, uint64_t block)
{
	uint64_t wanted = pages->block_count ? pages->block_count : 64;
	struct pageblock *grown;

	if (block < pages->block_count)
		return 0;
	while (wanted <= block)
		wanted *= 2;
	grown = realloc(pages->blocks, wanted * sizeof(*grown));
	if (!grown)
		return ERR_NOMEM;
	pages->blocks = grown;
	for (uint64_t i = pages->block_count; i < wanted; i++)
		grown[i] = (struct pageblock){
		    .counts = {[PAGEBLOCK_OLD] = block_pages(pages)}};
	pages->block_count = wanted;
	return 0;
}

static int block_split(const struct pageblocks *pages, struct pageblock *block)
{
	uint32_t count = block_pages(pages);

	if (block->words)
		return 0;
	block->words = malloc(count * sizeof(*block->words));
	if (!block->words)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < count; i++)
		block->words[i] = block->all;
	return 0;
}

static void block_fill(const struct pageblocks *pages, struct pageblock *block,
		       uint32_t word)
{
	free(block->words);
	block->words = NULL;
	block->all = word;
	memset(block->counts, 0, sizeof(block->counts));
	block->counts[class_of(word)] = block_pages(pages);
}

/* Sets pages [first, first + count) of a block. */
static int block_set(const struct pageblocks *pages, struct pageblock *block,
		     uint32_t first, uint32_t count, uint32_t word)
{
	int ret;

	block->exists = true;
	if (count == block_pages(pages)) {
		block_fill(pages, block, word);
		return 0;
	}
	ret = block_split(pages, block);
	for (uint32_t i = first; i < first + count && !ret; i++) {
		block->counts[class_of(block->words[i])]--;
		block->words[i] = word;
	}
	if (!ret)
		block->counts[class_of(word)] += count;
	return ret;
}

int pageblocks_set(struct pageblocks *pages, uint64_t pfn, unsigned int order,
		   struct pageblock_page page)
{
	uint64_t count, left;
	int ret;

	assert(page.id <= PAGEBLOCK_ID_MAX && page.class < PAGEBLOCK_CLASSES);
	if (order >= SNAPSHOT_ORDERS_MAX || pfn >= pages->limit) {
		pages->outside++;
		return 0;
	}
	left = 1ull << order;
	ret = blocks_reach(pages, (pfn + left - 1) >> pages->block_order);
	while (left && !ret) {
		uint32_t first = (uint32_t)pfn & (block_pages(pages) - 1);

		count = block_pages(pages) - first;
		if (count > left)
			count = left;
		ret =
		    block_set(pages, &pages->blocks[pfn >> pages->block_order],
			      first, (uint32_t)count, word_of(page));
		pfn += count;
		left -= count;
	}
	return ret;
}

struct pageblock_page pageblocks_get(const struct pageblocks *pages,
				     uint64_t pfn)
{
	const struct pageblock *block;
	uint32_t word;

	if (pfn >> pages->block_order >= pages->block_count)
		return (struct pageblock_page){PAGEBLOCK_OLD, 0};
	block = &pages->blocks[pfn >> pages->block_order];
	word = block->words ? block->words[pfn & (block_pages(pages) - 1)]
			    : block->all;
	return (struct pageblock_page){class_of(word), word & PAGEBLOCK_ID_MAX};
}

void pageblocks_counts(const struct pageblocks *pages, uint64_t block,
		       uint32_t counts[PAGEBLOCK_CLASSES])
{
	assert(block < pages->block_count);
	memcpy(counts, pages->blocks[block].counts,
	       sizeof(pages->blocks[block].counts));
}

bool pageblocks_exists(const struct pageblocks *pages, uint64_t block)
{
	assert(block < pages->block_count);
	return pages->blocks[block].exists;
}

/* ---- The snapshot ---- */

/* Blocks of the machine's zones exist, whatever happens in them. */
static int zones_enter(struct pageblocks *pages)
{
	const struct snapshot *snapshot = pages->trace->before.zone_count
					      ? &pages->trace->before
					      : &pages->trace->after;
	int ret = 0;

	for (uint32_t i = 0; i < snapshot->zone_count && !ret; i++) {
		const struct snapshot_zone *zone = &snapshot->zones[i];
		uint64_t end = zone->start_pfn + zone->spanned;

		if (!zone->spanned || end < zone->start_pfn || end >> PFN_BITS)
			continue;
		if (end > pages->limit)
			pages->limit = end;
		ret = blocks_reach(pages, (end - 1) >> pages->block_order);
		for (uint64_t b = zone->start_pfn >> pages->block_order;
		     b <= (end - 1) >> pages->block_order && !ret; b++)
			pages->blocks[b].exists = true;
	}
	return ret;
}

/* Sets what no event of the trace tells. */
static int unknown_set(struct pageblocks *pages, uint64_t pfn,
		       unsigned int order, enum pageblock_class class)
{
	struct pageblock_page page = {class, 0};
	bool all = true;
	int ret = 0;

	if (order >= SNAPSHOT_ORDERS_MAX || pfn >= pages->limit)
		return 0;
	for (uint64_t i = 0; i < 1ull << order && all; i++)
		all = !known(word_of(pageblocks_get(pages, pfn + i)));
	if (all)
		return pageblocks_set(pages, pfn, order, page);
	for (uint64_t i = 0; i < 1ull << order && !ret; i++)
		if (!known(word_of(pageblocks_get(pages, pfn + i))))
			ret = pageblocks_set(pages, pfn + i, 0, page);
	return ret;
}

/* What was thought free before the snapshot is free only if it says so. */
static int free_forget(struct pageblocks *pages)
{
	int ret = 0;

	for (uint64_t b = 0; b < pages->block_count && !ret; b++) {
		struct pageblock *block = &pages->blocks[b];
		uint64_t first = b << pages->block_order;

		if (!block->counts[PAGEBLOCK_FREE])
			continue;
		for (uint32_t i = 0; i < block_pages(pages) && !ret; i++)
			if (pageblocks_get(pages, first + i).class ==
			    PAGEBLOCK_FREE)
				ret = pageblocks_set(
				    pages, first + i, 0,
				    (struct pageblock_page){PAGEBLOCK_OLD, 0});
	}
	return ret;
}

static int snapshot_enter(struct pageblocks *pages)
{
	const struct snapshot *before = &pages->trace->before;
	int ret = 0;

	pages->started = true;
	if (!(before->parts & SNAPSHOT_KPAGEFLAGS))
		return 0;
	ret = free_forget(pages);
	for (size_t i = 0; i < before->block_count && !ret; i++)
		ret = unknown_set(pages, before->blocks[i].pfn,
				  before->blocks[i].order, PAGEBLOCK_FREE);
	for (uint64_t pfn = 0; pfn < before->slab_map_pages && !ret; pfn++)
		if (snapshot_is_slab(before, pfn))
			ret = unknown_set(pages, pfn, 0, PAGEBLOCK_OLD_SLAB);
	for (uint64_t pfn = 0; pfn < before->movable_map_pages && !ret; pfn++)
		if (snapshot_is_movable(before, pfn))
			ret = unknown_set(pages, pfn, 0, PAGEBLOCK_MOVABLE);
	return ret;
}

/* ---- Events ---- */

static int page_alloc(struct pageblocks *pages, const struct kmem_event *ev,
		      uint32_t id)
{
	struct pageblock_page page = {PAGEBLOCK_UNMOVABLE, id};
	const struct gfp_bits *gfp = &pages->trace->info.gfp;

	if (ev->flags & EVF_BACKS_SLAB)
		page.class = PAGEBLOCK_SLAB;
	else if (!(ev->flags & EVF_BACKS_LARGE) && ev->gfp_flags & gfp->movable)
		page.class = PAGEBLOCK_MOVABLE;
	return pageblocks_set(pages, ev->addr, ev->order, page);
}

int pageblocks_feed(struct pageblocks *pages, const struct kmem_event *ev,
		    uint32_t id)
{
	if (ev->kind == EV_MARKER && ev->name && ev->name == pages->marker &&
	    !pages->started)
		return snapshot_enter(pages);
	if (ev->kind == EV_PAGE_ALLOC && !(ev->flags & EVF_FAILED))
		return page_alloc(pages, ev, id);
	if (ev->kind == EV_PAGE_FREE)
		return pageblocks_set(
		    pages, ev->addr, ev->order,
		    (struct pageblock_page){PAGEBLOCK_FREE, 0});
	return 0;
}

int pageblocks_init(struct pageblocks *pages, const struct trace *trace)
{
	unsigned int order = trace->before.pageblock_order
				 ? trace->before.pageblock_order
				 : trace->after.pageblock_order;
	int ret;

	*pages = (struct pageblocks){
	    .trace = trace,
	    .block_order =
		order && order <= BLOCK_ORDER_MAX ? order : BLOCK_ORDER_DEFAULT,
	    .marker = names_find(&trace->names, "before:kpageflags"),
	};
	ret = zones_enter(pages);
	if (!pages->limit)
		pages->limit = 1ull << PFN_BITS;
	if (!ret && !pages->marker)
		ret = snapshot_enter(pages);
	return ret;
}

void pageblocks_fini(struct pageblocks *pages)
{
	for (uint64_t i = 0; i < pages->block_count; i++)
		free(pages->blocks[i].words);
	free(pages->blocks);
	*pages = (struct pageblocks){0};
}
