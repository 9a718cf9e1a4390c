/*
 * The watch of orders inside the engine: which events may have moved pages, and
 * who holds memory when an order fails.
 */
#include "replay/replay_orders.h"

#include "replay/order_watch.h"
#include "replay/page_holders.h"
#include "replay/replay_state.h"

struct order_books {
	struct order_watch watch;
	struct page_holders holders;
	struct block_pins pins;
	bool has_pins;
	uint64_t room_step_ns, room_next_ns;
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
	if (replay->orders->has_pins)
		block_pins_room(&replay->orders->pins, &space->blocks);
	known = space->free + space->pcp + space->slab + space->large +
		space->movable + space->unmovable;
	space->before = known < space->managed ? space->managed - known : 0;
}

/*
 * The order of a huge page: what a table of 8-byte entries, itself a page, maps.
 * Of a kernel without them, or with larger ones than it has blocks: a pageblock.
 */
static uint32_t room_order(const struct replay *replay)
{
	uint32_t max = replay->orders->watch.result.order_count - 1;

	if (replay->trace->before.has_thp && replay->page_shift - 3 <= max)
		return replay->page_shift - 3;
	return page_block_order(page_machine_alloc(replay->machine));
}

/* Only recorded addresses tell where a page lies. */
static int pins_make(struct replay *replay)
{
	const struct trace *trace = replay->trace;
	struct order_books *orders = replay->orders;
	const uint32_t wanted = SNAPSHOT_ZONEINFO | SNAPSHOT_KPAGEFLAGS;
	int ret;

	if (!replay->recorded || (replay->before_parts & wanted) != wanted)
		return 0;
	ret =
	    block_pins_init(&orders->pins, page_machine_alloc(replay->machine),
			    orders->watch.result.block_order, &trace->before,
			    trace->info.gfp.movable, &replay->memory);
	orders->has_pins = !ret;
	orders->room_step_ns =
	    (trace->last_ts_ns - trace->first_ts_ns) / ORDER_ROOMS + 1;
	return ret;
}

/*
 * A row at the first event of each step. Where the trace turns out to be longer
 * than it said, every second row goes and the step doubles.
 */
static void room_take(struct order_books *orders, uint64_t ts_ns)
{
	struct replay_orders *result = &orders->watch.result;

	if (result->room_count == ORDER_ROOMS) {
		for (size_t i = 0; i < ORDER_ROOMS / 2; i++)
			result->rooms[i] = result->rooms[2 * i];
		result->room_count = ORDER_ROOMS / 2;
		orders->room_step_ns *= 2;
	}
	result->rooms[result->room_count].ts_ns = ts_ns;
	block_pins_room(&orders->pins,
			&result->rooms[result->room_count++].blocks);
	orders->room_next_ns = ts_ns + orders->room_step_ns;
}

int replay_orders_make(struct replay *replay)
{
	const struct page_alloc *pa;

	if (!replay->config.watch_orders || !replay->machine)
		return 0;
	pa = page_machine_alloc(replay->machine);
	replay->orders =
	    memory_new(&replay->memory, 1, sizeof(*replay->orders));
	if (!replay->orders)
		return ERR_NOMEM;
	page_holders_init(&replay->orders->holders, &replay->memory);
	order_watch_init(&replay->orders->watch, pa, space_fill, replay);
	replay->orders->watch.result.block_order = room_order(replay);
	return pins_make(replay);
}

void replay_orders_free(struct replay *replay)
{
	if (!replay->orders)
		return;
	page_holders_fini(&replay->orders->holders);
	if (replay->orders->has_pins)
		block_pins_fini(&replay->orders->pins);
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
	struct order_books *orders = replay->orders;
	const uint64_t *comm = NULL;
	int ret;

	if (ev->kind == EV_PAGE_ALLOC)
		comm = map_find(&replay->trace->comms, (uint32_t)ev->pid);
	ret = page_holders_event(&orders->holders, ev,
				 comm ? (uint32_t)*comm : 0);
	if (!ret && orders->has_pins)
		ret = block_pins_event(&orders->pins, ev);
	if (ret)
		return ret;
	order_watch_event(&orders->watch, ev, memory_changed(replay, ev));
	if (orders->has_pins && ev->ts_ns >= orders->room_next_ns)
		room_take(orders, ev->ts_ns);
	return 0;
}

void replay_orders_end(struct replay *replay)
{
	if (replay->orders && replay->orders->has_pins)
		room_take(replay->orders, replay->last_ts_ns);
}

const struct replay_orders *replay_orders(const struct replay *replay)
{
	return replay->orders ? &replay->orders->watch.result : NULL;
}
