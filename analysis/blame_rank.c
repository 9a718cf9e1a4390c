/*
 * The report: one walk over the live objects, slab by slab, and one over the
 * pages of all pageblocks.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/blame_state.h"
#include "analysis/cache_text.h"
#include "core/array.h"

struct rank {
	const struct blame_sink *sink;
	struct blame_row *rows; /* holders, caches, large, old */
	size_t row_count, row_cap;
	struct map caches;   /* cache_key() -> row */
	uint32_t large, old; /* rows of what has no other name; NONE */
	/* By slab. */
	uint32_t *first; /* of its objects in slots; slab_count + 1 elements */
	uint32_t *slots;
	uint32_t *cache; /* row */
	uint32_t *sole;	 /* row of the only site with objects, or NONE */
	/* By row. */
	uint64_t *bytes; /* of the objects of a slab */
	uint64_t *seen;	 /* number + 1 of the last block it was in */
	uint32_t *touched;
};

/* What the unmovable pages of a block have in common. */
struct block_use {
	uint32_t holder, site; /* the first, or NONE */
	bool holders, sites;   /* more than one, or one that is none */
};

static void rank_fini(struct rank *rank)
{
	map_fini(&rank->caches);
	free(rank->first);
	free(rank->slots);
	free(rank->cache);
	free(rank->sole);
	free(rank->bytes);
	free(rank->seen);
	free(rank->touched);
}

static int row_add(struct rank *rank, const struct blame_row *row,
		   uint32_t *number)
{
	if (array_reserve(&rank->rows, &rank->row_cap, rank->row_count + 1,
			  sizeof(*rank->rows)))
		return ERR_NOMEM;
	*number = (uint32_t)rank->row_count;
	rank->rows[rank->row_count++] = *row;
	return 0;
}

/* ---- Caches of slabs ---- */

/* A kmalloc cache has a name where some event told it. */
static uint32_t class_name(const struct trace *trace, uint32_t bytes_each)
{
	struct cache_key key = {.kind = EV_KMALLOC, .bytes_each = bytes_each};
	char text[CACHE_TEXT_MAX];

	return names_find(&trace->names, cache_text(trace, &key, text));
}

/* Of a cache with a name, or of objects of one size that have none. */
static uint64_t cache_key(const struct blame_slab *slab)
{
	return slab->name ? (uint64_t)slab->name << 32
			  : (uint64_t)slab->event << 32 | slab->bytes_each;
}

static int cache_row(struct rank *rank, const struct blame_slab *slab,
		     uint32_t *number)
{
	uint64_t key = cache_key(slab);
	const uint64_t *known = map_find(&rank->caches, key);
	struct blame_row row = {.kind = BLAME_CACHE,
				.name = slab->name,
				.event = slab->event,
				.bytes_each = slab->bytes_each};
	int ret;

	if (known) {
		*number = (uint32_t)*known;
		return 0;
	}
	if (!row.name && row.bytes_each && row.event == EV_KMALLOC) {
		struct blame_slab named = {
		    .name = class_name(rank->sink->options.trace,
				       slab->bytes_each)};

		ret = named.name ? cache_row(rank, &named, number)
				 : row_add(rank, &row, number);
	} else {
		ret = row_add(rank, &row, number);
	}
	return ret ? ret : map_put(&rank->caches, key, *number);
}

static int caches_name(struct rank *rank)
{
	const struct blame_sink *sink = rank->sink;
	struct blame_row large = {.kind = BLAME_LARGE},
			 old = {.kind = BLAME_OLD};
	int ret = row_add(rank, &large, &rank->large);

	if (!ret)
		ret = row_add(rank, &old, &rank->old);
	for (size_t i = 0; i < sink->slab_count && !ret; i++)
		if (sink->slabs[i].used)
			ret = cache_row(rank, &sink->slabs[i], &rank->cache[i]);
	return ret;
}

/* ---- Slabs ---- */

static void objects_sort(struct rank *rank)
{
	const struct blame_sink *sink = rank->sink;

	for (size_t i = 0; i < sink->object_cap; i++)
		if (sink->objects[i].bytes)
			rank->first[sink->objects[i].slab + 1]++;
	for (size_t s = 0; s < sink->slab_count; s++)
		rank->first[s + 1] += rank->first[s];
	for (size_t i = 0; i < sink->object_cap; i++)
		if (sink->objects[i].bytes)
			rank->slots[rank->first[sink->objects[i].slab]++] =
			    (uint32_t)i;
	/* Each first has moved to the next slab's. */
	memmove(rank->first + 1, rank->first,
		sink->slab_count * sizeof(*rank->first));
	rank->first[0] = 0;
}

static void slab_share(struct rank *rank, size_t number, uint32_t holders,
		       uint64_t live)
{
	const struct blame_slab *slab = &rank->sink->slabs[number];
	uint64_t held = (uint64_t)slab->pages << rank->sink->page_shift;
	/* What else lives in a slab from before is not known. */
	uint64_t whole = slab->old && held > live ? held : live;

	for (uint32_t i = 0; i < holders; i++) {
		uint32_t h = rank->touched[i];
		struct blame_row *row = &rank->rows[h];

		row->pinned_bytes += held;
		if (holders == 1 && !slab->old)
			row->alone_bytes += held;
		else
			row->share_bytes +=
			    (uint64_t)((double)held * (double)rank->bytes[h] /
				       (double)whole);
		rank->bytes[h] = 0;
	}
	rank->sole[number] =
	    holders == 1 && !slab->old ? rank->touched[0] : BLAME_NONE;
}

static void slab_rank(struct rank *rank, size_t number)
{
	const struct blame_slab *slab = &rank->sink->slabs[number];
	struct blame_row *cache = &rank->rows[rank->cache[number]];
	uint64_t held = (uint64_t)slab->pages << rank->sink->page_shift;
	uint64_t live = 0;
	uint32_t holders = 0;

	for (uint32_t i = rank->first[number]; i < rank->first[number + 1];
	     i++) {
		const struct blame_object *object =
		    &rank->sink->objects[rank->slots[i]];

		if (!rank->bytes[object->holder])
			rank->touched[holders++] = object->holder;
		rank->bytes[object->holder] += object->bytes;
		rank->rows[object->holder].objects++;
		rank->rows[object->holder].live_bytes += object->bytes;
		live += object->bytes;
	}
	cache->slabs++;
	cache->objects += slab->objects;
	cache->live_bytes += live;
	cache->pinned_bytes += held;
	cache->alone_bytes += held;
	if (!slab->objects && !slab->old)
		cache->empty_bytes += held;
	if (slab->old)
		cache->old_bytes += held;
	slab_share(rank, number, holders, live);
}

/* ---- Pageblocks ---- */

/* Who holds a page, as a holder and as a call site; NONE: several, nobody. */
static void page_holder(const struct rank *rank, struct pageblock_page page,
			uint32_t *holder, uint32_t *site)
{
	*site = BLAME_NONE;
	if (page.class == PAGEBLOCK_UNMOVABLE) {
		*holder = page.id ? page.id - 1 : rank->large;
		return;
	}
	*holder = page.id ? rank->cache[page.id - 1] : rank->old;
	if (page.id)
		*site = rank->sole[page.id - 1];
}

static void row_page(struct rank *rank, uint32_t number, uint64_t block)
{
	struct blame_row *row = &rank->rows[number];

	row->pages++;
	if (rank->seen[number] == block + 1)
		return;
	rank->seen[number] = block + 1;
	row->blocks++;
}

static void use_add(struct rank *rank, struct block_use *use, uint64_t block,
		    struct pageblock_page page)
{
	uint32_t holder, site;

	page_holder(rank, page, &holder, &site);
	row_page(rank, holder, block);
	if (use->holder == BLAME_NONE)
		use->holder = holder;
	use->holders |= use->holder != holder;
	if (site == BLAME_NONE) {
		use->sites = true;
		return;
	}
	row_page(rank, site, block);
	if (use->site == BLAME_NONE)
		use->site = site;
	use->sites |= use->site != site;
}

static bool unmovable(enum pageblock_class class)
{
	return class == PAGEBLOCK_UNMOVABLE || class == PAGEBLOCK_SLAB ||
	       class == PAGEBLOCK_OLD_SLAB;
}

/* A block that has unmovable pages. */
static void block_rank(struct rank *rank, uint64_t block, bool unknown,
		       struct blame_blocks *blocks)
{
	const struct pageblocks *pages = &rank->sink->pages;
	struct block_use use = {.holder = BLAME_NONE, .site = BLAME_NONE};
	uint64_t first = block << pages->block_order;

	for (uint64_t i = 0; i < 1ull << pages->block_order; i++) {
		struct pageblock_page page = pageblocks_get(pages, first + i);

		if (unmovable(page.class))
			use_add(rank, &use, block, page);
	}
	blocks->pinned++;
	blocks->pinned_by_one += !use.holders && !unknown;
	if (!use.holders && unknown)
		rank->rows[use.holder].blocks_perhaps++;
	else if (!use.holders)
		rank->rows[use.holder].blocks_alone++;
	if (use.sites || use.site == BLAME_NONE)
		return;
	if (unknown)
		rank->rows[use.site].blocks_perhaps++;
	else
		rank->rows[use.site].blocks_alone++;
}

static void blocks_rank(struct rank *rank, struct blame_blocks *blocks)
{
	const struct pageblocks *pages = &rank->sink->pages;

	*blocks = (struct blame_blocks){
	    .block_bytes = 1ull
			   << (pages->block_order + rank->sink->page_shift)};
	for (uint64_t b = 0; b < pages->block_count; b++) {
		uint32_t counts[PAGEBLOCK_CLASSES];
		bool unknown;

		if (!pageblocks_exists(pages, b))
			continue;
		blocks->total++;
		pageblocks_counts(pages, b, counts);
		unknown = counts[PAGEBLOCK_OLD] > 0;
		if (counts[PAGEBLOCK_UNMOVABLE] + counts[PAGEBLOCK_SLAB] +
		    counts[PAGEBLOCK_OLD_SLAB])
			block_rank(rank, b, unknown, blocks);
		else if (unknown)
			blocks->unknown++;
		else if (counts[PAGEBLOCK_MOVABLE])
			blocks->movable++;
		else
			blocks->free++;
	}
}

/* ---- The whole ---- */

static int arrays_make(struct rank *rank)
{
	const struct blame_sink *sink = rank->sink;
	size_t slabs = sink->slab_count + 1, rows = rank->row_count + slabs + 2;

	rank->first = calloc(slabs + 1, sizeof(*rank->first));
	rank->slots = calloc(sink->object_cap + 1, sizeof(*rank->slots));
	rank->cache = calloc(slabs, sizeof(*rank->cache));
	rank->sole = calloc(slabs, sizeof(*rank->sole));
	/* No more caches than slabs. */
	rank->bytes = calloc(rows, sizeof(*rank->bytes));
	rank->seen = calloc(rows, sizeof(*rank->seen));
	rank->touched = calloc(rows, sizeof(*rank->touched));
	return rank->first && rank->slots && rank->cache && rank->sole &&
		       rank->bytes && rank->seen && rank->touched
		   ? 0
		   : ERR_NOMEM;
}

static int rank_all(struct rank *rank, struct blame_report *report)
{
	const struct blame_sink *sink = rank->sink;
	uint32_t number;
	int ret = 0;

	for (size_t i = 0; i < sink->holder_count && !ret; i++)
		ret = row_add(rank, &sink->holders[i], &number);
	if (!ret)
		ret = arrays_make(rank);
	if (!ret)
		ret = caches_name(rank);
	if (ret)
		return ret;
	objects_sort(rank);
	for (size_t i = 0; i < sink->slab_count; i++)
		if (sink->slabs[i].used && sink->slabs[i].pages)
			slab_rank(rank, i);
	blocks_rank(rank, &report->blocks);
	return 0;
}

int blame_report_make(const struct blame_sink *sink,
		      struct blame_report *report, struct err *err)
{
	struct rank rank = {.sink = sink};
	int ret;

	*report = (struct blame_report){.ts_ns = sink->ts_ns,
					.misplaced = sink->misplaced};
	ret = rank_all(&rank, report);
	report->rows = rank.rows;
	report->row_count = rank.row_count;
	rank_fini(&rank);
	return ret ? err_set(err, ret, "blame: %s", err_code_text(ret)) : 0;
}

void blame_report_fini(struct blame_report *report)
{
	free(report->rows);
	*report = (struct blame_report){0};
}
