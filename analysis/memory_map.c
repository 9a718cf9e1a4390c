#include "analysis/memory_map.h"

#include <stdlib.h>

#include "analysis/pageblocks.h"

enum { FEW = 8, THOUSAND = 1000 };

struct memory_map_sink {
	struct pageblocks pages;
	struct memory_map map;
	uint64_t *blocks; /* numbers of those that exist */
	uint32_t done;	  /* columns */
	uint64_t last_ts_ns;
	bool started;
	bool told; /* the snapshot or an event said what some page is */
};

static enum map_state state_of(const struct pageblocks *pages,
			       const uint32_t counts[PAGEBLOCK_CLASSES])
{
	uint32_t fixed = counts[PAGEBLOCK_UNMOVABLE] + counts[PAGEBLOCK_SLAB] +
			 counts[PAGEBLOCK_OLD_SLAB];

	if (fixed)
		return fixed <= (1u << pages->block_order) / FEW
			   ? MAP_BLOCK_FEW
			   : MAP_BLOCK_MANY;
	if (counts[PAGEBLOCK_OLD])
		return MAP_BLOCK_OLD;
	return counts[PAGEBLOCK_MOVABLE] ? MAP_BLOCK_MOVABLE : MAP_BLOCK_FREE;
}

static void cell_fill(const struct memory_map_sink *sink, uint32_t row,
		      struct memory_cell *cell)
{
	static const enum map_use uses[PAGEBLOCK_CLASSES] = {
	    [PAGEBLOCK_OLD] = MAP_OLD,
	    [PAGEBLOCK_FREE] = MAP_FREE,
	    [PAGEBLOCK_MOVABLE] = MAP_MOVABLE,
	    [PAGEBLOCK_UNMOVABLE] = MAP_UNMOVABLE,
	    [PAGEBLOCK_SLAB] = MAP_SLAB,
	    [PAGEBLOCK_OLD_SLAB] = MAP_SLAB,
	};
	const struct memory_map *map = &sink->map;
	uint64_t first = (uint64_t)row * map->blocks_per_row, count;
	uint64_t pages[MAP_USES] = {0}, blocks[MAP_STATES] = {0};

	count = map->blocks - first < map->blocks_per_row ? map->blocks - first
							  : map->blocks_per_row;
	if (!count)
		return;
	for (uint64_t i = first; i < first + count; i++) {
		uint32_t counts[PAGEBLOCK_CLASSES];

		pageblocks_counts(&sink->pages, sink->blocks[i], counts);
		for (int c = 0; c < PAGEBLOCK_CLASSES; c++)
			pages[uses[c]] += counts[c];
		blocks[state_of(&sink->pages, counts)]++;
	}
	for (int u = 0; u < MAP_USES; u++)
		cell->uses[u] = (uint16_t)(pages[u] * THOUSAND /
					   (count << sink->pages.block_order));
	for (int s = 0; s < MAP_STATES; s++)
		cell->states[s] = (uint16_t)(blocks[s] * THOUSAND / count);
}

static void column_take(struct memory_map_sink *sink)
{
	struct memory_map *map = &sink->map;
	struct memory_cell *column =
	    &map->cells[(size_t)sink->done++ * map->rows];

	for (uint32_t row = 0; row < map->rows; row++)
		cell_fill(sink, row, &column[row]);
}

/* Nothing is known before the snapshot. */
static void map_start(struct memory_map_sink *sink, uint64_t ts_ns)
{
	struct memory_map *map = &sink->map;

	sink->started = true;
	map->start_ns = ts_ns;
	map->step_ns = (sink->last_ts_ns - ts_ns) / MEMORY_MAP_COLUMNS + 1;
}

int memory_map_feed(struct memory_map_sink *sink,
		    const struct kmem_event *events, size_t count,
		    struct err *err)
{
	struct memory_map *map = &sink->map;

	for (size_t i = 0; i < count; i++) {
		const struct kmem_event *ev = &events[i];

		if (!sink->started && sink->pages.started)
			map_start(sink, ev->ts_ns);
		while (sink->started && sink->done < map->columns &&
		       ev->ts_ns > map->start_ns + sink->done * map->step_ns)
			column_take(sink);
		sink->told |= event_is_page(ev);
		if (pageblocks_feed(&sink->pages, ev, 0))
			return err_set(err, ERR_NOMEM, "map: out of memory");
	}
	return 0;
}

void memory_map_take(struct memory_map_sink *sink, struct memory_map *map)
{
	while (sink->done < sink->map.columns)
		column_take(sink);
	if (!sink->told)
		sink->map.rows = 0;
	*map = sink->map;
	sink->map.cells = NULL;
}

static int blocks_find(struct memory_map_sink *sink)
{
	struct memory_map *map = &sink->map;

	sink->blocks = calloc(sink->pages.block_count + 1, sizeof(uint64_t));
	if (!sink->blocks)
		return ERR_NOMEM;
	for (uint64_t b = 0; b < sink->pages.block_count; b++)
		if (pageblocks_exists(&sink->pages, b))
			sink->blocks[map->blocks++] = b;
	return 0;
}

int memory_map_open(struct memory_map_sink **out, const struct trace *trace,
		    struct err *err)
{
	struct memory_map_sink *sink = calloc(1, sizeof(*sink));
	struct memory_map *map = sink ? &sink->map : NULL;

	if (!sink || pageblocks_init(&sink->pages, trace) ||
	    blocks_find(sink)) {
		memory_map_close(sink);
		return err_set(err, ERR_NOMEM, "map: out of memory");
	}
	sink->last_ts_ns = trace->last_ts_ns;
	sink->told = trace->before.parts & SNAPSHOT_KPAGEFLAGS;
	map->step_ns = 1;
	map->block_bytes = (uint64_t)trace->info.page_size
			   << sink->pages.block_order;
	map->blocks_per_row =
	    (uint32_t)((map->blocks + MEMORY_MAP_ROWS - 1) / MEMORY_MAP_ROWS);
	if (map->blocks)
		map->rows = (uint32_t)((map->blocks + map->blocks_per_row - 1) /
				       map->blocks_per_row);
	map->columns = map->rows ? MEMORY_MAP_COLUMNS : 0;
	map->cells =
	    calloc((size_t)map->rows * map->columns + 1, sizeof(*map->cells));
	if (!map->cells) {
		memory_map_close(sink);
		return err_set(err, ERR_NOMEM, "map: out of memory");
	}
	*out = sink;
	return 0;
}

void memory_map_close(struct memory_map_sink *sink)
{
	if (!sink)
		return;
	pageblocks_fini(&sink->pages);
	free(sink->blocks);
	free(sink->map.cells);
	free(sink);
}
