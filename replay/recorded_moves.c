#include "replay/recorded_moves.h"

#include <string.h>

void moves_init(struct recorded_moves *moves, const struct trace *trace)
{
	*moves = (struct recorded_moves){.trace = trace};
}

void moves_fini(struct recorded_moves *moves)
{
	map_fini(&moves->compacting);
}

int moves_feed(struct recorded_moves *moves, const struct kmem_event *ev)
{
	const char *name;

	if (ev->kind != EV_OTHER)
		return 0;
	name = names_get(&moves->trace->names, ev->name);
	if (!strcmp(name, "mm_compaction_begin"))
		return map_put(&moves->compacting, (uint32_t)ev->pid, 1);
	if (!strcmp(name, "mm_compaction_end"))
		map_remove(&moves->compacting, (uint32_t)ev->pid, NULL);
	return 0;
}

bool moves_freed(const struct recorded_moves *moves,
		 const struct kmem_event *ev)
{
	const char thread[] = "kcompactd";

	if (map_count(&moves->compacting) &&
	    map_find(&moves->compacting, (uint32_t)ev->pid))
		return true;
	return !strncmp(trace_comm(moves->trace, ev->pid), thread,
			sizeof(thread) - 1);
}

/* The next free page from scan->pfn to the block's end; false: none. */
static bool block_scan(struct move_scan *scan, struct page_alloc *pa,
		       uint64_t end)
{
	uint32_t whole = page_block_order(pa), order;
	uint64_t head, taken;

	while (scan->pfn < end) {
		switch (page_lookup(pa, scan->pfn, &head, &order)) {
		case PAGE_USE_OUTSIDE:
			return false;
		case PAGE_USE_FREE:
			if (order >= whole)
				return false;
			return !page_take(pa, scan->pfn++, 0, PAGE_MOVABLE,
					  &taken);
		default:
			scan->pfn = head + (1ull << order);
		}
	}
	return false;
}

bool moves_target(struct move_scan *scan, struct page_alloc *pa, uint32_t zone,
		  uint64_t *pfn)
{
	uint64_t size = 1ull << page_block_order(pa), end;
	struct page_zone_info info;

	if (page_zone_info(pa, zone, &info) || !info.spanned)
		return false;
	end = info.start_pfn + info.spanned;
	if (!scan->pfn) {
		scan->block = (end - 1) & ~(size - 1);
		scan->pfn =
		    scan->block > info.start_pfn ? scan->block : info.start_pfn;
	}
	while (!block_scan(
	    scan, pa, scan->block + size < end ? scan->block + size : end)) {
		if (scan->block <= info.start_pfn) {
			*scan = (struct move_scan){0};
			return false;
		}
		scan->block -= size;
		scan->pfn =
		    scan->block > info.start_pfn ? scan->block : info.start_pfn;
	}
	*pfn = scan->pfn - 1;
	return true;
}
