/*
 * The sink: slabs and objects by number and slot, pages in the pages. An event
 * costs constant time.
 */
#include "analysis/blame.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/blame_holders.h"
#include "analysis/blame_slabs.h"
#include "core/array.h"

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
	if (array_reserve(&sink->objects, &sink->object_cap, (size_t)slot + 1,
			  sizeof(*sink->objects)))
		return NULL;
	return &sink->objects[slot];
}

static void object_end(struct blame_sink *sink, struct blame_object *object)
{
	if (!object->bytes)
		return;
	if (object->slab != BLAME_NONE) {
		sink->slabs[object->slab].objects--;
		if (!sink->slabs[object->slab].old)
			sink->live_bytes -= object->bytes;
		blame_slab_release(sink, object->slab);
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
	int ret = blame_holder_site(sink, ev, true, &holder);

	while (1ull << order << sink->page_shift < ev->bytes_alloc &&
	       order + 1 < SNAPSHOT_ORDERS_MAX)
		order++;
	page.id = holder + 1;
	return ret ? ret : pageblocks_set(&sink->pages, pfn, order, page);
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
	ret = blame_holder_site(sink, ev, false, &holder);
	if (!ret)
		ret = blame_slab_of(sink, ev, pfn, &number);
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
	blame_slab_pages_gone(sink, ev->addr, ev->order);
	if (ev->flags & EVF_BACKS_LARGE)
		return pageblocks_feed(&sink->pages, ev, 0);
	if (!(ev->flags & EVF_BACKS_SLAB)) {
		ret = blame_holder_pages(sink, ev, &number);
		return ret ? ret
			   : pageblocks_feed(&sink->pages, ev, number + 1);
	}
	ret = blame_slab_born(sink, ev, &number);
	return ret ? ret : pageblocks_feed(&sink->pages, ev, number + 1);
}

static int event_take(struct blame_sink *sink, const struct kmem_event *ev)
{
	struct blame_object *object;

	if (ev->kind == EV_PAGE_ALLOC)
		return event_creates(ev) ? page_alloc(sink, ev) : 0;
	if (ev->kind == EV_PAGE_FREE && ev->order < SNAPSHOT_ORDERS_MAX)
		blame_slab_pages_gone(sink, ev->addr, ev->order);
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
