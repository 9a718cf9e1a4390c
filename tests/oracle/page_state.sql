-- What each page of the machine is at the moment of "now" (a temporary table:
-- ts_ns, and whether objects count): its last event, or else the snapshot
-- before. For a database of kmemscope; made to check analysis/pageblocks.h by
-- another way: nothing is followed, each page asks for its own last word.
--
-- Flags: 2 failed, 2^16 duplicate, 2^18 backs a slab, 2^19 backs a large one,
-- 2^20 large kmalloc.

-- Where the snapshot was read; NULL: not until then.
CREATE TEMP TABLE machine AS SELECT
	page_size, direct_map_base AS base, slab_kind,
	(SELECT mask FROM gfp_flag WHERE name = '__GFP_MOVABLE') AS movable,
	(SELECT pageblock_order FROM snapshot WHERE moment = 0) AS block_order,
	(SELECT min(event) FROM marker, now WHERE text = 'before:kpageflags'
		AND marker.ts_ns <= now.ts_ns) AS taken
	FROM capture;

-- A line per page and event that says what it is: F free, M movable, U not, S
-- slab.
CREATE TEMP TABLE touch AS SELECT addr + value AS pfn, id AS event, addr AS head,
	CASE WHEN kind = 6 THEN 'F' WHEN flags & (1 << 18) THEN 'S'
		WHEN NOT flags & (1 << 19) AND gfp_flags & movable THEN 'M'
		ELSE 'U' END AS class
	FROM event, now, machine, generate_series(0, (1 << page_order) - 1)
	WHERE (kind = 6 OR kind = 5 AND NOT flags & (2 | (1 << 16)))
	AND event.ts_ns <= now.ts_ns;
CREATE INDEX temp.touch_index ON touch (pfn, event);

CREATE TEMP TABLE object AS SELECT id, addr, object, kind, flags, call_site,
	name, bytes_alloc, (addr - base) / page_size AS pfn
	FROM event, now, machine WHERE kind IN (1, 3)
	AND NOT flags & (2 | (1 << 16)) AND event.ts_ns <= now.ts_ns AND objects;
-- A large kmalloc says whose its pages are, and so does any object that has
-- pages of its own.
CREATE TEMP TABLE large AS SELECT id FROM object WHERE flags & (1 << 20)
	OR 1 = (SELECT flags >> 19 & 1 FROM touch JOIN event ON id = event
		WHERE touch.pfn = object.pfn AND event < object.id
		ORDER BY event DESC LIMIT 1);
INSERT INTO touch SELECT pfn + value, object.id, pfn, 'U'
	FROM object JOIN large USING (id), machine,
	generate_series(0, (1 << CAST(ceil(log2(max(1, bytes_alloc * 1.0 /
		page_size))) AS INTEGER)) - 1);
DELETE FROM object WHERE id IN (SELECT id FROM large);

-- The last word of each page. What was freed before the snapshot is free only
-- if that says so, too.
CREATE TEMP TABLE page AS SELECT pfn, max(event) AS event, head, class
	FROM touch GROUP BY pfn;
CREATE UNIQUE INDEX temp.page_index ON page (pfn);
DELETE FROM page WHERE class = 'F'
	AND event < (SELECT taken FROM machine);
INSERT OR IGNORE INTO page SELECT pfn + value, 0, pfn, 'F'
	FROM snapshot_block, machine, generate_series(0, (1 << page_order) - 1)
	WHERE moment = 0 AND taken;
INSERT OR IGNORE INTO page SELECT pfn + value, 0, pfn, 'O'
	FROM snapshot_slab, machine, generate_series(0, pages - 1)
	WHERE moment = 0 AND taken;
INSERT OR IGNORE INTO page SELECT pfn + value, 0, pfn, 'M'
	FROM snapshot_movable, machine, generate_series(0, pages - 1)
	WHERE moment = 0 AND taken;

-- Pageblocks in which a zone has pages.
CREATE TEMP TABLE block AS SELECT DISTINCT value AS block
	FROM snapshot_zone, machine, generate_series(start_pfn >> block_order,
		(start_pfn + spanned - 1) >> block_order)
	WHERE moment = 0 AND spanned;
