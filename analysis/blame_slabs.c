#include "analysis/blame_slabs.h"

#include "analysis/cache_text.h"
#include "core/array.h"

static int slab_new(struct blame_sink *sink, uint32_t *number)
{
	*number = sink->unused;
	if (*number != BLAME_NONE) {
		sink->unused = sink->slabs[*number].next;
		return 0;
	}
	if (sink->slab_count >= PAGEBLOCK_ID_MAX)
		return ERR_LIMIT;
	if (array_reserve(&sink->slabs, &sink->slab_cap, sink->slab_count + 1,
			  sizeof(*sink->slabs)))
		return ERR_NOMEM;
	*number = (uint32_t)sink->slab_count++;
	return 0;
}

int blame_slab_born(struct blame_sink *sink, const struct kmem_event *ev,
		    uint32_t *number)
{
	int ret = slab_new(sink, number);

	if (ret)
		return ret;
	sink->slabs[*number] = (struct blame_slab){
	    .name = ev->name, .pages = 1u << ev->order, .used = true};
	sink->slab_bytes += 1ull << ev->order << sink->page_shift;
	return 0;
}

void blame_slab_release(struct blame_sink *sink, uint32_t number)
{
	struct blame_slab *slab = &sink->slabs[number];

	if (!slab->used || slab->pages || slab->objects)
		return;
	*slab = (struct blame_slab){.next = sink->unused};
	sink->unused = number;
}

void blame_slab_pages_gone(struct blame_sink *sink, uint64_t pfn,
			   unsigned int order)
{
	struct pageblock_page page = pageblocks_get(&sink->pages, pfn);
	uint64_t pages = 1ull << order;
	struct blame_slab *slab;

	if ((page.class != PAGEBLOCK_SLAB &&
	     page.class != PAGEBLOCK_OLD_SLAB) ||
	    !page.id)
		return;
	slab = &sink->slabs[page.id - 1];
	if (pages > slab->pages)
		pages = slab->pages;
	slab->pages -= (uint32_t)pages;
	if (!slab->old)
		sink->slab_bytes -= (uint64_t)pages << sink->page_shift;
	blame_slab_release(sink, page.id - 1);
}

/* The order of the slabs of the cache from which the object is. */
static unsigned int slab_order(const struct blame_sink *sink,
			       const struct kmem_event *ev)
{
	const struct trace *trace = sink->options.trace;
	struct cache_key key = {
	    .name = ev->name, .kind = ev->kind, .bytes_each = ev->bytes_alloc};
	const struct snapshot_cache *cache;
	char text[CACHE_TEXT_MAX];

	cache =
	    snapshot_cache_find(&trace->before, cache_text(trace, &key, text));
	return cache && cache->order < SNAPSHOT_ORDERS_MAX ? cache->order : 0;
}

/* A slab from before: as many pages as no event tells of. */
static int old_slab(struct blame_sink *sink, const struct kmem_event *ev,
		    uint64_t pfn, uint32_t *number)
{
	unsigned int order = slab_order(sink, ev);
	uint64_t head = pfn & ~((1ull << order) - 1);
	uint32_t pages = 0;
	int ret = slab_new(sink, number);

	if (ret)
		return ret;
	for (uint64_t i = 0; i < 1ull << order && !ret; i++) {
		struct pageblock_page page =
		    pageblocks_get(&sink->pages, head + i);

		if ((page.class != PAGEBLOCK_OLD &&
		     page.class != PAGEBLOCK_OLD_SLAB) ||
		    page.id)
			continue;
		ret = pageblocks_set(
		    &sink->pages, head + i, 0,
		    (struct pageblock_page){PAGEBLOCK_OLD_SLAB, *number + 1});
		pages++;
	}
	sink->slabs[*number] =
	    (struct blame_slab){.pages = pages, .old = true, .used = true};
	return ret;
}

int blame_slab_of(struct blame_sink *sink, const struct kmem_event *ev,
		  uint64_t pfn, uint32_t *number)
{
	struct pageblock_page page = pageblocks_get(&sink->pages, pfn);
	struct blame_slab *slab;
	int ret = 0;

	*number = BLAME_NONE;
	if (page.id &&
	    (page.class == PAGEBLOCK_SLAB || page.class == PAGEBLOCK_OLD_SLAB))
		*number = page.id - 1;
	else if (page.class == PAGEBLOCK_OLD ||
		 page.class == PAGEBLOCK_OLD_SLAB)
		ret = old_slab(sink, ev, pfn, number);
	if (ret || *number == BLAME_NONE)
		return ret;
	slab = &sink->slabs[*number];
	if (!slab->name && !slab->bytes_each) {
		slab->name = ev->name;
		slab->bytes_each = ev->name ? 0 : (uint32_t)ev->bytes_alloc;
		slab->event = ev->kind;
	}
	return 0;
}
