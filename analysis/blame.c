/*
 * The sink: slabs and objects by number and slot, pages in the pages. An event
 * costs constant time. A slab from before is entered with the first object that
 * is seen in it.
 */
#include "analysis/blame.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/blame_state.h"
#include "analysis/cache_text.h"

/* Room for count elements; NULL without memory. New ones are zero. */
static void *grow(void *array, size_t size, size_t count, size_t *cap)
{
	size_t wanted = *cap ? *cap : 256;
	char *grown;

	if (count <= *cap)
		return array;
	while (wanted < count)
		wanted *= 2;
	grown = realloc(array, wanted * size);
	if (!grown)
		return NULL;
	memset(grown + *cap * size, 0, (wanted - *cap) * size);
	*cap = wanted;
	return grown;
}

/* ---- Holders ---- */

static bool same_holder(const struct blame_row *a, const struct blame_row *b)
{
	return a->kind == b->kind && a->call_site == b->call_site &&
	       a->name == b->name && a->event == b->event &&
	       a->bytes_each == b->bytes_each && a->comm == b->comm &&
	       a->gfp_flags == b->gfp_flags && a->order == b->order &&
	       a->migratetype == b->migratetype;
}

static int holder_find(struct blame_sink *sink, const struct blame_row *key,
		       uint32_t *number)
{
	uint64_t hash = number_hash(
	    number_hash(key->call_site, (uint64_t)key->name << 32 | key->comm),
	    number_hash(key->bytes_each, (uint64_t)key->gfp_flags << 24 |
					     (uint64_t)key->kind << 16 |
					     (uint64_t)key->order << 8 |
					     (uint8_t)key->migratetype));
	struct blame_row *grown;
	size_t at = SIZE_MAX;

	while ((*number = number_index_next(&sink->index, hash, &at)) !=
	       NUMBER_NONE)
		if (same_holder(&sink->holders[*number], key))
			return 0;
	if (sink->holder_count >= PAGEBLOCK_ID_MAX)
		return ERR_LIMIT;
	grown = grow(sink->holders, sizeof(*grown), sink->holder_count + 1,
		     &sink->holder_cap);
	if (!grown)
		return ERR_NOMEM;
	sink->holders = grown;
	if (number_index_reserve(&sink->index))
		return ERR_NOMEM;
	*number = (uint32_t)sink->holder_count++;
	sink->holders[*number] = *key;
	number_index_add(&sink->index, hash, *number);
	return 0;
}

static int site_holder(struct blame_sink *sink, const struct kmem_event *ev,
		       bool large, uint32_t *number)
{
	struct blame_row key = {.kind = large ? BLAME_LARGE : BLAME_SITE,
				.call_site = ev->call_site};

	if (!large) {
		key.name = ev->name;
		key.event = ev->kind;
		/* The size is the cache's name, where it has no other. */
		key.bytes_each = ev->name ? 0 : ev->bytes_alloc;
	}
	return holder_find(sink, &key, number);
}

static int pages_holder(struct blame_sink *sink, const struct kmem_event *ev,
			uint32_t *number)
{
	const uint64_t *comm =
	    map_find(&sink->options.trace->comms, (uint32_t)ev->pid);
	struct blame_row key = {.kind = BLAME_PAGES,
				.order = ev->order,
				.migratetype = ev->migratetype,
				.gfp_flags = ev->gfp_flags,
				.pid = ev->pid,
				.comm = comm ? (uint32_t)*comm : 0};

	return holder_find(sink, &key, number);
}

/* ---- Slabs ---- */

static int slab_new(struct blame_sink *sink, uint32_t *number)
{
	struct blame_slab *grown;

	*number = sink->unused;
	if (*number != BLAME_NONE) {
		sink->unused = sink->slabs[*number].next;
		return 0;
	}
	if (sink->slab_count >= PAGEBLOCK_ID_MAX)
		return ERR_LIMIT;
	grown = grow(sink->slabs, sizeof(*grown), sink->slab_count + 1,
		     &sink->slab_cap);
	if (!grown)
		return ERR_NOMEM;
	sink->slabs = grown;
	*number = (uint32_t)sink->slab_count++;
	return 0;
}

/* Its number is used again once nothing refers to it. */
static void slab_release(struct blame_sink *sink, uint32_t number)
{
	struct blame_slab *slab = &sink->slabs[number];

	if (!slab->used || slab->pages || slab->objects)
		return;
	*slab = (struct blame_slab){.next = sink->unused};
	sink->unused = number;
}

static uint64_t pages_bytes(const struct blame_sink *sink, uint64_t pages)
{
	return pages << sink->page_shift;
}

/* Takes pages from the slab that has them, if one has. */
static void slab_pages_gone(struct blame_sink *sink, uint64_t pfn,
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
		sink->slab_bytes -= pages_bytes(sink, pages);
	slab_release(sink, page.id - 1);
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

/* ---- Objects ---- */

static uint64_t object_pfn(const struct blame_sink *sink,
			   const struct kmem_event *ev)
{
	return ((ev->addr - sink->options.trace->info.direct_map_base) &
		sink->address_mask) >>
	       sink->page_shift;
}

static struct blame_object *object_at(struct blame_sink *sink, uint32_t slot)
{
	struct blame_object *grown = grow(sink->objects, sizeof(*grown),
					  (size_t)slot + 1, &sink->object_cap);

	if (!grown)
		return NULL;
	sink->objects = grown;
	return &grown[slot];
}

static void object_end(struct blame_sink *sink, struct blame_object *object)
{
	if (!object->bytes)
		return;
	if (object->slab != BLAME_NONE) {
		sink->slabs[object->slab].objects--;
		if (!sink->slabs[object->slab].old)
			sink->live_bytes -= object->bytes;
		slab_release(sink, object->slab);
	}
	object->bytes = 0;
}

/* Pages that a large kmalloc took: now it is known who asked. */
static int large_object(struct blame_sink *sink, const struct kmem_event *ev,
			uint64_t pfn)
{
	struct pageblock_page page = {.class = PAGEBLOCK_UNMOVABLE};
	unsigned int order = 0;
	uint32_t holder;
	int ret = site_holder(sink, ev, true, &holder);

	while (pages_bytes(sink, 1ull << order) < ev->bytes_alloc &&
	       order + 1 < SNAPSHOT_ORDERS_MAX)
		order++;
	page.id = holder + 1;
	return ret ? ret : pageblocks_set(&sink->pages, pfn, order, page);
}

static int slab_of(struct blame_sink *sink, const struct kmem_event *ev,
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
	}
	return 0;
}

static int object_alloc(struct blame_sink *sink, const struct kmem_event *ev)
{
	struct blame_object *object = object_at(sink, ev->slot);
	uint64_t pfn = object_pfn(sink, ev);
	struct pageblock_page page = pageblocks_get(&sink->pages, pfn);
	uint32_t holder, number;
	int ret;

	if (!object)
		return ERR_NOMEM;
	object_end(sink, object);
	if (ev->flags & EVF_LARGE ||
	    (page.class == PAGEBLOCK_UNMOVABLE && !page.id))
		return large_object(sink, ev, pfn);
	ret = site_holder(sink, ev, false, &holder);
	if (!ret)
		ret = slab_of(sink, ev, pfn, &number);
	if (ret)
		return ret;
	if (number == BLAME_NONE) {
		sink->misplaced++;
		return 0;
	}
	*object = (struct blame_object){
	    .slab = number,
	    .holder = holder,
	    .bytes = ev->bytes_alloc && ev->bytes_alloc < UINT32_MAX
			 ? (uint32_t)ev->bytes_alloc
			 : 1};
	sink->slabs[number].objects++;
	if (!sink->slabs[number].old)
		sink->live_bytes += object->bytes;
	return 0;
}

/* ---- Pages ---- */

static int page_alloc(struct blame_sink *sink, const struct kmem_event *ev)
{
	uint32_t number;
	int ret;

	if (ev->order >= SNAPSHOT_ORDERS_MAX)
		return 0;
	/* What had these pages lost them without an event. */
	slab_pages_gone(sink, ev->addr, ev->order);
	if (ev->flags & EVF_BACKS_LARGE)
		return pageblocks_feed(&sink->pages, ev, 0);
	if (!(ev->flags & EVF_BACKS_SLAB)) {
		ret = pages_holder(sink, ev, &number);
		return ret ? ret
			   : pageblocks_feed(&sink->pages, ev, number + 1);
	}
	ret = slab_new(sink, &number);
	if (ret)
		return ret;
	sink->slabs[number] = (struct blame_slab){
	    .name = ev->name, .pages = 1u << ev->order, .used = true};
	sink->slab_bytes += pages_bytes(sink, 1ull << ev->order);
	return pageblocks_feed(&sink->pages, ev, number + 1);
}

static int event_take(struct blame_sink *sink, const struct kmem_event *ev)
{
	struct blame_object *object;

	if (ev->kind == EV_PAGE_ALLOC)
		return event_creates(ev) ? page_alloc(sink, ev) : 0;
	if (ev->kind == EV_PAGE_FREE && ev->order < SNAPSHOT_ORDERS_MAX)
		slab_pages_gone(sink, ev->addr, ev->order);
	if (!event_is_object(ev))
		return pageblocks_feed(&sink->pages, ev, 0);
	if (event_creates(ev))
		return object_alloc(sink, ev);
	if (!event_ends(ev) || !ev->object)
		return 0;
	object = object_at(sink, ev->slot);
	if (!object)
		return ERR_NOMEM;
	object_end(sink, object);
	return 0;
}

/* Slots are as dense as live objects; more than events there cannot be. */
static int event_check(struct blame_sink *sink, const struct kmem_event *ev,
		       struct err *err)
{
	if (ev->object && ev->slot > sink->events)
		return err_set(err, ERR_FORMAT,
			       "an event names object slot %u, more than "
			       "there can be",
			       ev->slot);
	sink->events++;
	return 0;
}

int blame_feed(struct blame_sink *sink, const struct kmem_event *events,
	       size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		int64_t beyond;
		int ret = event_check(sink, &events[i], err);

		if (ret)
			return ret;
		if (events[i].ts_ns > sink->options.until_ns)
			continue;
		ret = event_take(sink, &events[i]);
		if (ret)
			return err_set(err, ret, "blame: %s",
				       err_code_text(ret));
		sink->ts_ns = events[i].ts_ns;
		beyond = (int64_t)(sink->slab_bytes - sink->live_bytes);
		if (beyond > sink->worst || !sink->worst_ns) {
			sink->worst = beyond;
			sink->worst_ns = events[i].ts_ns;
		}
	}
	return 0;
}

uint64_t blame_worst_ns(const struct blame_sink *sink)
{
	return sink->worst_ns;
}

int blame_open(struct blame_sink **out, const struct blame_options *options,
	       struct err *err)
{
	const struct capture_info *info = &options->trace->info;
	struct blame_sink *sink;

	if (!info->linked)
		return err_set(err, ERR_UNSUPPORTED,
			       "who holds which page is not known, because "
			       "the trace is not linked: %s",
			       info->link_reason);
	if (!info->page_size || info->page_size & (info->page_size - 1))
		return err_set(err, ERR_FORMAT,
			       "the recording has no valid page size");
	sink = calloc(1, sizeof(*sink));
	if (!sink)
		return err_set(err, ERR_NOMEM, "blame: out of memory");
	sink->options = *options;
	sink->page_shift = (unsigned int)__builtin_ctz(info->page_size);
	sink->address_mask = info->long_size == 4 ? UINT32_MAX : UINT64_MAX;
	sink->unused = BLAME_NONE;
	if (pageblocks_init(&sink->pages, options->trace)) {
		blame_close(sink);
		return err_set(err, ERR_NOMEM, "blame: out of memory");
	}
	*out = sink;
	return 0;
}

void blame_close(struct blame_sink *sink)
{
	if (!sink)
		return;
	pageblocks_fini(&sink->pages);
	number_index_fini(&sink->index);
	free(sink->holders);
	free(sink->slabs);
	free(sink->objects);
	free(sink);
}
