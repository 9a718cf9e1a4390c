/*
 * The scanners of a run, whose pageblocks are emptied from the left:
 *
 *     zone  |....|SSSS|..U.|T.T.|
 *                 ^source   ^targets
 *
 * A target is wanted: the next frame of the block that is isolated. If all of
 * that is used up, the scan goes on to the next free block, and isolates it,
 * all of it. It stops above the source's pageblock: after a first cluster the
 * kernel isolates the rest of a pageblock's sources at once (cc->rescan), so
 * that its scanner stands in the next one, which then cannot be a target.
 *
 * Sources: mm/compaction.c: isolate_freepages(), isolate_freepages_block(),
 * suitable_migration_target(), isolate_migratepages_block(), compact_zone(),
 * compaction_alloc(), release_freepages(); mm/migrate.c: unmap_and_move(). Not
 * taken over: fast_isolate_freepages(), which goes by the lists of an order
 * that is not known here. For what it finds behind the scanner, a scan that
 * found nothing begins once more at the zone's end.
 */
#include "replay/recorded_moves.h"

#include <string.h>

#include "replay/variant.h"

/* COMPACT_CLUSTER_MAX: sources that are isolated at first. */
enum { CLUSTER = 32 };

void moves_init(struct recorded_moves *moves, const struct trace *trace)
{
	*moves = (struct recorded_moves){.trace = trace};
	memory_threads_init(&moves->threads, trace);
}

void moves_fini(struct recorded_moves *moves)
{
	map_fini(&moves->compacting);
}

int moves_feed(struct recorded_moves *moves, const struct kmem_event *ev)
{
	const char *name;

	if (ev->kind >= EV_TASK_NEW && ev->kind <= EV_TASK_EXEC)
		memory_threads_event(&moves->threads, ev);
	if (ev->kind != EV_OTHER)
		return 0;
	name = names_get(&moves->trace->names, ev->name);
	if (!strcmp(name, "mm_compaction_begin"))
		return map_put(&moves->compacting, (uint32_t)ev->pid, 1);
	if (!strcmp(name, "mm_compaction_end"))
		map_remove(&moves->compacting, (uint32_t)ev->pid, NULL);
	return 0;
}

void moves_runs_init(struct move_runs *runs, struct page_alloc *pa,
		     const struct trace *trace)
{
	*runs = (struct move_runs){
	    .pa = pa,
	    .ascending = variant_of(trace->info.version_major,
				    trace->info.version_minor) >= VARIANT_6_12,
	    .over = -1};
}

/* By who freed it. */
static bool compacts(struct recorded_moves *moves, const struct kmem_event *ev)
{
	if (ev->flags & (EVF_HARDIRQ | EVF_SOFTIRQ))
		return false;
	if (map_count(&moves->compacting) &&
	    map_find(&moves->compacting, (uint32_t)ev->pid))
		return true;
	return memory_threads_get(&moves->threads, ev->pid)->kcompactd;
}

static struct move_run *run_at(struct move_runs *runs, uint64_t pfn)
{
	int zone = runs->pa ? page_zone_of(runs->pa, pfn) : -1;

	return zone >= 0 ? &runs->zones[zone] : NULL;
}

enum move_role moves_role(struct recorded_moves *moves, struct move_runs *runs,
			  const struct kmem_event *ev, bool movable)
{
	const struct move_run *run;

	if (ev->kind != EV_PAGE_FREE ||
	    ev->flags & (EVF_BACKS_SLAB | EVF_BACKS_LARGE) ||
	    (ev->object && !movable) || !compacts(moves, ev))
		return MOVE_NONE;
	run = run_at(runs, ev->addr);
	if (movable || !run || !(ev->flags & EVF_HIDDEN_OBJECT))
		return MOVE_SOURCE;
	return run->lowest && ev->addr >= run->lowest ? MOVE_RELEASE
						      : MOVE_SOURCE;
}

/* ---- Targets ---- */

static uint64_t block_size(const struct move_runs *runs)
{
	return UINT64_C(1) << page_block_order(runs->pa);
}

/* A source of that recorded pageblock; below the last one, of another run. */
static void source_seen(struct move_run *run, uint64_t block)
{
	if (block < run->source) {
		run->block = 0;
		/* Two tasks may compact: what is left may still be released. */
		run->lowest = run->left ? run->lowest : 0;
	}
	if (block != run->source) {
		run->source = block;
		run->sources = 0;
		run->met = false;
	}
	run->sources += run->sources <= CLUSTER;
}

/* suitable_migration_target(): movable, and not free as a whole. */
static bool block_suits(const struct move_runs *runs, uint64_t pfn)
{
	int type = page_block_type(runs->pa, pfn);
	uint32_t order;

	if (type != PAGE_MOVABLE && type != PAGE_CMA)
		return false;
	return page_lookup(runs->pa, pfn, NULL, &order) != PAGE_USE_FREE ||
	       order < page_block_order(runs->pa);
}

/*
 * Isolates the next free block up to end. False: there is none, or, short of
 * end, the watermark forbids it.
 */
static bool block_scan(const struct move_runs *runs, struct move_run *run,
		       uint64_t end)
{
	uint32_t order = 0;
	uint64_t head;

	while (run->pfn < end) {
		enum page_use use =
		    page_lookup(runs->pa, run->pfn, &head, &order);

		if (use == PAGE_USE_OUTSIDE)
			run->pfn = end;
		if (use == PAGE_USE_FREE && head == run->pfn)
			break;
		if (use != PAGE_USE_OUTSIDE)
			run->pfn = head + (UINT64_C(1) << order);
	}
	if (run->pfn >= end || page_isolate(runs->pa, run->pfn, &order))
		return false;
	run->isolated = run->next = run->pfn;
	run->order = (uint8_t)order;
	run->left = UINT64_C(1) << order;
	run->pfn += run->left;
	if (!run->lowest || run->block < run->lowest)
		run->lowest = run->block;
	return true;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/*
 * Isolates a block of a pageblock from low upward. False: there is none and
 * the scanner is at the end again, or it has to wait where it is.
 */
static bool scan_down(const struct move_runs *runs, struct move_run *run,
		      const struct page_zone_info *zone, uint64_t low)
{
	uint64_t size = block_size(runs), end = zone->start_pfn + zone->spanned;

	if (!run->block) {
		run->block = (end - 1) & ~(size - 1);
		run->pfn = later(run->block, zone->start_pfn);
	}
	while (run->block >= low) {
		uint64_t block_end =
		    run->block + size < end ? run->block + size : end;

		if (block_suits(runs, later(run->block, zone->start_pfn))) {
			if (block_scan(runs, run, block_end))
				return true;
			if (run->pfn < block_end)
				return false;
		}
		if (run->block < size)
			break;
		run->block -= size;
		run->pfn = later(run->block, zone->start_pfn);
	}
	run->block = 0;
	return false;
}

static bool isolate(const struct move_runs *runs, struct move_run *run,
		    uint64_t source)
{
	uint64_t size = block_size(runs);
	uint64_t low = (source & ~(size - 1)) + size;
	bool anew = run->block != 0, found;
	struct page_zone_info zone;

	if (run->met ||
	    page_zone_info(runs->pa, (uint32_t)page_zone_of(runs->pa, source),
			   &zone))
		return false;
	if (run->sources > CLUSTER)
		low += size;
	found = scan_down(runs, run, &zone, low);
	if (!found && !run->block && anew)
		found = scan_down(runs, run, &zone, low);
	run->met = !found && !run->block;
	return found;
}

static void left_next(const struct move_runs *runs, struct move_run *run,
		      uint64_t *pfn)
{
	run->left--;
	*pfn = runs->ascending ? run->next++ : run->isolated + run->left;
}

bool moves_target(struct move_runs *runs, uint64_t recorded, uint64_t pfn,
		  uint64_t *target)
{
	struct move_run *run = run_at(runs, pfn);

	if (!run)
		return false;
	if (page_zone_of(runs->pa, recorded) == page_zone_of(runs->pa, pfn))
		source_seen(run, recorded & ~(block_size(runs) - 1));
	if (!run->left && !isolate(runs, run, pfn))
		return false;
	left_next(runs, run, target);
	return true;
}

bool moves_went_above(struct move_runs *runs, uint64_t pfn)
{
	const struct move_run *run = run_at(runs, pfn);

	return run && run->lowest > pfn;
}

bool moves_left(struct move_runs *runs, uint64_t pfn, uint64_t *left)
{
	struct move_run *run = run_at(runs, pfn);

	if (!run || !run->left)
		return false;
	left_next(runs, run, left);
	return true;
}

/* ---- Releases, at recorded addresses ---- */

uint64_t moves_released(struct move_runs *runs, const struct kmem_event *ev)
{
	int zone = runs->pa ? page_zone_of(runs->pa, ev->addr) : -1;
	uint64_t exchanged = 0, left, count;

	if (zone < 0)
		return 0;
	runs->over = zone;
	runs->over_cpu = ev->cpu;
	for (uint64_t i = 0; i < UINT64_C(1) << ev->order; i++) {
		bool has = moves_left(runs, ev->addr, &left);

		if (page_take(runs->pa, ev->addr + i, 0, PAGE_MOVABLE,
			      &count) ||
		    !count)
			continue;
		exchanged += !has || !page_put(runs->pa, left, 0,
					       PAGE_TYPE_OF_BLOCK, &count);
	}
	return exchanged;
}

void moves_settle(struct move_runs *runs, const struct kmem_event *ev)
{
	struct move_run *run;
	uint64_t count;

	if (runs->over < 0 || ev->cpu != runs->over_cpu ||
	    ev->flags & (EVF_HARDIRQ | EVF_SOFTIRQ))
		return;
	run = &runs->zones[runs->over];
	runs->over = -1;
	if (run->left && !page_put(runs->pa, run->isolated, run->order,
				   PAGE_TYPE_OF_BLOCK, &count))
		run->left = 0;
}
