-- Who keeps which pageblock from being free: the rows of blame's tables
-- block_holders and block_sites, after page_state.sql, with objects.

-- The text of a cache as kmemscope shows it.
CREATE TEMP TABLE cached AS SELECT o.id, pfn, bytes_alloc,
	coalesce(n.text, CASE WHEN kind = 3 THEN 'unknown cache, ' || bytes_alloc
	WHEN slab_kind = 3 THEN 'kmalloc, ' || bytes_alloc || ' bytes'
	WHEN bytes_alloc >= 1024 AND bytes_alloc % 1024 = 0
		THEN printf('kmalloc-%dk', bytes_alloc / 1024)
	ELSE 'kmalloc-' || bytes_alloc END) AS cache,
	coalesce(c.symbol || printf('+0x%x', c."offset"),
		printf('0x%x', c.address)) AS site, o.object
	FROM object o LEFT JOIN name n ON n.id = o.name AND n.text > ''
		LEFT JOIN call_site c ON c.id = call_site, machine;
CREATE INDEX temp.cached_index ON cached (pfn, id);

-- Slabs: of the trace, whose number is that of their page event; and from
-- before, known by the first object in them.
CREATE TEMP TABLE slab_page AS SELECT pfn, event AS slab FROM page
	WHERE class = 'S';
CREATE TEMP TABLE first_object AS SELECT slab, min(id) AS id
	FROM slab_page JOIN cached USING (pfn) WHERE id > slab GROUP BY slab;
CREATE TEMP TABLE slab_cache AS SELECT event.id AS slab,
	coalesce(nullif(text, ''), cache, '(not known)') AS cache
	FROM (SELECT DISTINCT slab FROM slab_page) JOIN event ON event.id = slab
	LEFT JOIN name ON name.id = event.name
	LEFT JOIN first_object f USING (slab) LEFT JOIN cached ON cached.id = f.id;

-- An object in a page that was in use before and of which no page event tells
-- since makes it, and the others of its slab, a slab of its cache.
CREATE TEMP TABLE old AS SELECT id, pfn, cache FROM cached WHERE id > coalesce(
	(SELECT max(max(event), coalesce(taken, 0)) FROM touch, machine
	WHERE touch.pfn = cached.pfn AND class = 'F'), 0)
	AND NOT EXISTS (SELECT 1 FROM page WHERE page.pfn = cached.pfn
		AND class IN ('F', 'M', 'U', 'S'));
CREATE TEMP TABLE cache_order AS SELECT name AS cache, page_order
	FROM snapshot_cache WHERE moment = 0
	UNION SELECT a.name, page_order FROM snapshot_alias a
	JOIN snapshot_cache c USING (moment, cache) WHERE moment = 0;
CREATE TEMP TABLE old_page AS SELECT (pfn >> o << o) + value AS pfn,
	min(id) AS id, -1 - (pfn >> o << o) AS slab
	FROM (SELECT id, pfn, coalesce(page_order, 0) AS o
		FROM old LEFT JOIN cache_order USING (cache)),
	generate_series(0, (1 << o) - 1) GROUP BY 1;
CREATE UNIQUE INDEX temp.old_page_index ON old_page (pfn);
INSERT OR IGNORE INTO page SELECT pfn, 0, pfn, 'O' FROM old_page;

-- Live objects, in which slab, and how much of it each call site has.
CREATE TEMP TABLE ended AS SELECT DISTINCT object FROM event, now
	WHERE kind IN (2, 4) AND object > 0 AND event.ts_ns <= now.ts_ns;
CREATE UNIQUE INDEX temp.ended_index ON ended (object);
CREATE TEMP TABLE live AS SELECT slab, site, cache, bytes_alloc AS bytes
	FROM slab_page JOIN cached USING (pfn)
	WHERE id > slab AND object NOT IN (SELECT object FROM ended)
	UNION ALL SELECT slab, site, cached.cache, bytes_alloc
	FROM old JOIN cached USING (id, pfn) JOIN old_page USING (pfn)
	WHERE object NOT IN (SELECT object FROM ended);
CREATE TEMP TABLE slab AS SELECT slab, cache, sum(size) AS size, slab < 0 AS old
	FROM (SELECT slab, s.cache, page_size AS size
		FROM slab_page JOIN slab_cache s USING (slab), machine
		UNION ALL SELECT slab, first_value(cached.cache)
			OVER (PARTITION BY slab ORDER BY o.id), page_size
		FROM old_page o JOIN cached USING (id)
		JOIN page ON page.pfn = o.pfn AND class = 'O', machine)
	GROUP BY slab;
CREATE UNIQUE INDEX temp.slab_index ON slab (slab);
CREATE TEMP TABLE held AS SELECT slab, site, live.cache, count(*) AS objects,
	sum(bytes) AS bytes, sum(count(*)) OVER s AS all_objects,
	sum(sum(bytes)) OVER s AS all_bytes,
	-- What else lives in a slab from before is not known.
	count(*) OVER s = 1 AND NOT old AS alone, old, size
	FROM live JOIN slab USING (slab) GROUP BY slab, site, live.cache
	WINDOW s AS (PARTITION BY slab);

-- callsite, cache, objects, live, pinned, alone, share
CREATE TEMP TABLE slab_site AS SELECT site, cache, sum(objects), sum(bytes),
	sum(size), sum(iif(alone, size, 0)),
	sum(iif(alone, 0, CAST(1.0 * size * bytes / iif(old,
		max(size, all_bytes), all_bytes) AS INTEGER)))
	FROM held GROUP BY site, cache;
-- cache, slabs, objects, live, held, from before, empty
CREATE TEMP TABLE slab_sum AS SELECT cache, count(*), sum(objects), sum(bytes),
	sum(size), sum(iif(old, size, 0)),
	sum(iif(old OR objects, 0, size))
	FROM (SELECT slab.*, coalesce(sum(h.objects), 0) AS objects,
		coalesce(sum(bytes), 0) AS bytes
		FROM slab LEFT JOIN held h USING (slab) GROUP BY slab.slab)
	GROUP BY cache;
CREATE TEMP TABLE sole AS SELECT slab, site, cache FROM held WHERE alone;
CREATE UNIQUE INDEX temp.sole_index ON sole (slab);

-- Every page that cannot be moved, and who holds it.
CREATE TEMP TABLE pinned AS SELECT page.pfn, page.pfn >> block_order AS block,
	CASE WHEN class = 'S' THEN 'cache'
	WHEN class = 'O' THEN iif(old_page.id, 'cache', 'old slabs')
	WHEN e.kind = 5 AND NOT e.flags & (1 << 19) THEN 'pages'
	ELSE 'large' END AS kind,
	CASE WHEN class = 'S' THEN slab_cache.cache
	WHEN class = 'O' THEN coalesce(cached.cache,
		'(slabs from before, cache not known)')
	WHEN e.kind = 5 AND e.flags & (1 << 19) THEN '(call site not known)'
	WHEN e.kind = 5 THEN coalesce(comm, 'pid ' || e.pid) || ' order '
		|| e.page_order || ' ' || t.name
	ELSE coalesce(c.symbol || printf('+0x%x', c."offset"),
		printf('0x%x', c.address)) END AS holder,
	iif(class = 'U' AND e.kind = 5, e.gfp_flags, 0) AS gfp,
	sole.site, sole.cache
	FROM page JOIN machine LEFT JOIN event e ON e.id = page.event
	LEFT JOIN slab_cache ON slab_cache.slab = page.event AND class = 'S'
	LEFT JOIN sole ON sole.slab = page.event AND class = 'S'
	LEFT JOIN old_page ON old_page.pfn = page.pfn AND class = 'O'
	LEFT JOIN cached ON cached.id = old_page.id
	LEFT JOIN task USING (pid) LEFT JOIN call_site c ON c.id = e.call_site
	LEFT JOIN snapshot_migratetype t ON t.moment = 0
		AND t.migratetype = e.migratetype
	WHERE class IN ('U', 'S', 'O');

-- Blocks: which pages nothing tells of, and how many hold the others.
CREATE TEMP TABLE kept AS SELECT block, count(*) AS pages,
	(SELECT count(*) FROM page WHERE pfn >> block_order = block)
		< (1 << block_order) AS unknown,
	count(DISTINCT kind || holder || gfp) AS holders,
	count(DISTINCT site || ' ' || cache) AS sites, count(site) AS site_pages
	FROM pinned, machine GROUP BY block;

-- kind, holder, pages, blocks, blocks_alone, blocks_perhaps. The flags of page
-- requests are in no text here, but keep their rows apart.
CREATE TEMP TABLE block_holder AS SELECT kind, holder, count(*) AS pages,
	count(DISTINCT block) AS blocks,
	count(DISTINCT iif(holders = 1 AND NOT unknown, block, NULL)) AS alone,
	count(DISTINCT iif(holders = 1 AND unknown, block, NULL)) AS perhaps
	FROM pinned JOIN kept USING (block) GROUP BY kind, holder, gfp;
-- callsite, cache, and the same.
CREATE TEMP TABLE block_site AS SELECT site, cache, count(*) AS pages,
	count(DISTINCT block) AS blocks,
	count(DISTINCT iif(sites = 1 AND site_pages = kept.pages
		AND NOT unknown, block, NULL)) AS alone,
	count(DISTINCT iif(sites = 1 AND site_pages = kept.pages
		AND unknown, block, NULL)) AS perhaps
	FROM pinned JOIN kept USING (block) WHERE site IS NOT NULL
	GROUP BY site, cache;
-- total, free, movable, pinned, by one holder, unknown
CREATE TEMP TABLE block_sum AS SELECT count(*) AS total, sum(free) AS free,
	sum(NOT free AND NOT pinned AND NOT unknown) AS movable,
	sum(pinned) AS pinned, sum(alone) AS alone,
	sum(NOT pinned AND unknown) AS unknown
	FROM (SELECT block, coalesce(f.pages, 0) = (1 << block_order) AS free,
		kept.block IS NOT NULL AS pinned,
		coalesce(holders = 1 AND NOT kept.unknown, 0) AS alone,
		coalesce(a.pages, 0) < (1 << block_order) AS unknown
		FROM block JOIN machine LEFT JOIN kept USING (block)
		LEFT JOIN (SELECT pfn >> block_order AS block, count(*) AS pages
			FROM page, machine WHERE class = 'F' GROUP BY 1) f
			USING (block)
		LEFT JOIN (SELECT pfn >> block_order AS block, count(*) AS pages
			FROM page, machine GROUP BY 1) a USING (block));
