-- One recording as diff sums it, from its events: kind, what, allocs, bytes,
-- waste, live bytes, live objects. The recorder's own are left out. "place" (a
-- temporary table) tells whether call sites have their offsets.
--
-- Flags: 2 failed, 2^9 the recorder's, 2^16 duplicate, 2^18 and 2^19 backs,
-- 2^20 large, 2^24 the block lives on.

CREATE TEMP TABLE ended AS SELECT DISTINCT object FROM event
	WHERE kind IN (2, 4, 6) AND object > 0 AND NOT flags & (1 << 24);
CREATE UNIQUE INDEX temp.ended_index ON ended (object);
CREATE TEMP TABLE born AS SELECT e.*, object NOT IN (SELECT object FROM ended)
	AS lives, coalesce(c.symbol || iif(offsets, printf('+0x%x', c."offset"),
		''), printf('0x%x', c.address)) AS site, n.text AS cache
	FROM event e LEFT JOIN call_site c ON c.id = call_site
	LEFT JOIN name n ON n.id = e.name AND e.name > 0, place
	WHERE e.kind IN (1, 3, 5) AND NOT flags & (2 | (1 << 9) | (1 << 16));

SELECT 'callers', site, count(*), sum(bytes_alloc), sum(bytes_alloc - bytes_req),
	sum(bytes_alloc * lives), sum(lives) FROM born WHERE kind IN (1, 3)
	GROUP BY site
UNION ALL SELECT 'caches', coalesce(nullif(cache, ''),
	CASE WHEN kind = 3 THEN 'unknown cache, ' || bytes_alloc
	WHEN flags & (1 << 20) THEN 'large kmalloc ' || bytes_alloc
	WHEN slab_kind = 3 THEN 'kmalloc, ' || bytes_alloc || ' bytes'
	WHEN bytes_alloc >= 1024 AND bytes_alloc % 1024 = 0
		THEN printf('kmalloc-%dk', bytes_alloc / 1024)
	ELSE 'kmalloc-' || bytes_alloc END), count(*), sum(bytes_alloc),
	sum(bytes_alloc - bytes_req), sum(bytes_alloc * lives), sum(lives)
	FROM born, capture WHERE kind IN (1, 3) GROUP BY 2
UNION ALL SELECT 'pages', printf('order %d, %s, %s', page_order, t.name,
	CASE WHEN flags & (1 << 18) THEN 'slab' WHEN flags & (1 << 19)
		THEN 'large kmalloc' ELSE 'direct' END), count(*),
	sum(page_size << page_order), 0, sum((page_size << page_order) * lives),
	sum(lives) FROM born, capture LEFT JOIN snapshot_migratetype t
		ON t.moment = 0 AND t.migratetype = born.migratetype
	WHERE kind = 5 GROUP BY 2;
