/*
 * The watch of orders inside the engine: which events may have moved pages, and
 * who holds memory when an order fails.
 */
#include "replay/replay_state.h"

#include "replay/order_watch.h"
#include "replay/page_holders.h"

struct order_books {
	struct order_watch watch;
	struct page_holders holders;
	uint64_t last_change; /* models: sum of what counts changes */
};

static uint64_t cache_pages(const struct replay *replay,
			    const struct cache_entry *entry)
{
	struct slab_counts counts;

	if (!replay->slab)
		return entry->pages;
	replay->slab->ops->counts(replay->slab, entry->model, &counts);
	return counts.pages;
}

static void hold_all(const struct replay *replay, struct order_space *space)
{
	const struct page_holders *holders = &replay->orders->holders;
	uint32_t movable = replay->trace->info.gfp.movable;

	for (size_t i = 0; i < replay->caches.count; i++) {
		const struct cache_entry *entry = &replay->caches.entries[i];
		struct order_holder holder = {.slab = true,
					      .name = entry->name,
					      .pages =
						  cache_pages(replay, entry)};

		order_space_hold(space, &holder);
	}
	for (uint32_t i = 0; i < holders->count; i++) {
		const struct page_holder *from = &holders->list[i];
		struct order_holder holder = {.name = from->comm,
					      .gfp_flags = from->gfp_flags,
					      .pages = from->pages};

		if (from->gfp_flags & movable)
			space->movable += from->pages;
		else
			space->unmovable += from->pages;
		order_space_hold(space, &holder);
	}
}

static void space_fill(void *context, struct order_space *space)
{
	const struct replay *replay = context;
	const struct page_alloc *pa = page_machine_alloc(replay->machine);
	struct page_counts counts = {0};
	struct page_zone_info zone;
	uint64_t known;

	if (replay->recorded)
		page_books_counts(&replay->books, &counts);
	else
		replay->pages->ops->counts(replay->pages, &counts);
	for (uint32_t i = 0; i < page_zone_count(pa); i++)
		if (!page_zone_info(pa, i, &zone))
			space->managed += zone.managed;
	space->free = counts.free_pages;
	space->pcp = counts.pcp_pages;
	space->slab = replay_slab_pages(replay);
	space->large = replay->large_pages;
	if (replay->slab)
		space->large += replay->slab->block_pages;
	hold_all(replay, space);
	known = space->free + space->pcp + space->slab + space->large +
		space->movable + space->unmovable;
	space->before = known < space->managed ? space->managed - known : 0;
}

int replay_orders_make(struct replay *replay)
{
	if (!replay->config.watch_orders || !replay->machine)
		return 0;
	replay->orders =
	    memory_new(&replay->memory, 1, sizeof(*replay->orders));
	if (!replay->orders)
		return ERR_NOMEM;
	page_holders_init(&replay->orders->holders, &replay->memory);
	order_watch_init(&replay->orders->watch,
			 page_machine_alloc(replay->machine), space_fill,
			 replay);
	return 0;
}

void replay_orders_free(struct replay *replay)
{
	if (!replay->orders)
		return;
	page_holders_fini(&replay->orders->holders);
	memory_free(&replay->memory, replay->orders);
}

/* A model's allocator may have worked at any event; its counters tell. */
static bool memory_changed(struct replay *replay, const struct kmem_event *ev)
{
	const struct page_counters *counters;
	uint64_t sum;

	if (replay->recorded)
		return ev->kind >= EV_PAGE_ALLOC && ev->kind <= EV_EXTFRAG;
	counters = page_alloc_counters(page_machine_alloc(replay->machine));
	sum = counters->allocs + counters->frees + counters->splits +
	      counters->merges + counters->refilled + counters->drained +
	      counters->compact_moved + counters->reclaimed;
	if (sum == replay->orders->last_change)
		return false;
	replay->orders->last_change = sum;
	return true;
}

int replay_orders_event(struct replay *replay, const struct kmem_event *ev)
{
	const uint64_t *comm = NULL;
	int ret;

	if (ev->kind == EV_PAGE_ALLOC)
		comm = map_find(&replay->trace->comms, (uint32_t)ev->pid);
	ret = page_holders_event(&replay->orders->holders, ev,
				 comm ? (uint32_t)*comm : 0);
	if (!ret)
		order_watch_event(&replay->orders->watch, ev,
				  memory_changed(replay, ev));
	return ret;
}

const struct replay_orders *replay_orders(const struct replay *replay)
{
	return replay->orders ? &replay->orders->watch.result : NULL;
}
