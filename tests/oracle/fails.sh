#!/bin/sh
# fails.sh ARCHIVE KMEMSCOPE: when each order fails or comes closest, against SQL
# that sums up what left and entered the free areas, and asks each page for the
# last such event before the moment.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/unpack.inc
. "$here/../cli/unpack.inc"
kmemscope=$2
unpack "$1"
partial_ok "$kmemscope" import "$capture" -o "$tmp/x.db" >/dev/null 2>&1
partial_ok "$kmemscope" fails "$tmp/x.db" --format json >"$tmp/json" 2>/dev/null

few=8 # pages by which a replay may be off (docs/fidelity.md)

# Of a boot nobody knows what was free before, and fails says so.
if [ "$(sqlite3 "$tmp/x.db" 'SELECT count(*) FROM snapshot_block
	WHERE moment = 0')" = 0 ]; then
	grep -q 'start: cold: no free blocks in before' "$tmp/json"
	exit
fi

# In the window, which ends where the free areas were read again: pages that
# left (mm_page_alloc_zone_locked) or entered (mm_page_pcpu_drain, frees too
# large for a CPU's list), and where that leaves each zone that GFP_KERNEL may
# use, above its mark: min and what it keeps for requests that may not use Normal.
cat >"$tmp/free.sql" <<'END'
CREATE TEMP TABLE zone AS SELECT row_number() OVER () AS z, start_pfn AS first,
	start_pfn + spanned AS past, min + coalesce((SELECT pages
		FROM snapshot_protection p WHERE p.moment = 0
		AND p.zone = s.zone AND zone_index = (SELECT zone
			FROM snapshot_zone WHERE moment = 0
			AND name = 'Normal')), 0) AS mark
	FROM snapshot_zone s WHERE moment = 0 AND managed AND spanned
	AND name IN ('DMA', 'DMA32', 'Normal');
CREATE TEMP TABLE machine AS SELECT (SELECT min(event) FROM marker
	WHERE text = 'before:kpageflags') AS start, coalesce((SELECT min(event)
	FROM marker WHERE text = 'after:kpageflags'), 1 << 62) AS stop,
	pageblock_order FROM snapshot WHERE moment = 0;
CREATE TEMP TABLE move AS SELECT id, ts_ns, addr AS pfn, page_order,
	iif(kind = 8, -1, 1) AS way, z FROM machine, event
	LEFT JOIN zone ON addr BETWEEN first AND past - 1
	WHERE id > start AND id < stop AND (kind IN (8, 9)
	OR kind = 6 AND page_order > 3 AND page_order <> pageblock_order);
INSERT INTO move SELECT start, (SELECT ts_ns FROM event WHERE id > start
	ORDER BY id LIMIT 1), 0, 0, 0, 0 FROM machine;
CREATE TEMP TABLE base AS SELECT 1 << page_order AS pages, z FROM snapshot_block
	LEFT JOIN zone ON pfn BETWEEN first AND past - 1 WHERE moment = 0;
-- At most three zones; those that are not there have nothing above their mark.
CREATE TEMP TABLE free AS SELECT id, ts_ns, (SELECT sum(pages) FROM base)
	+ sum(way << page_order) OVER w AS pages,
	(SELECT coalesce(sum(pages), 0) FROM base WHERE z = 1) -
	(SELECT coalesce(sum(mark), 0) FROM zone WHERE z = 1)
	+ sum((way << page_order) * (z IS 1)) OVER w AS above1,
	(SELECT coalesce(sum(pages), 0) FROM base WHERE z = 2) -
	(SELECT coalesce(sum(mark), 0) FROM zone WHERE z = 2)
	+ sum((way << page_order) * (z IS 2)) OVER w AS above2,
	(SELECT coalesce(sum(pages), 0) FROM base WHERE z = 3) -
	(SELECT coalesce(sum(mark), 0) FROM zone WHERE z = 3)
	+ sum((way << page_order) * (z IS 3)) OVER w AS above3
	FROM move WINDOW w AS (ORDER BY id);
CREATE TEMP TABLE fate AS SELECT value ->> 'order' AS n, value ->> 'fails' AS
	fails, value ->> 'moment_ns' AS ts_ns, value ->> 'serves' AS serves,
	value ->> 'free_pages' AS pages FROM json_each(
	CAST(readfile('JSON') AS TEXT), '$.orders');
END
sed -i "s|JSON|$tmp/json|" "$tmp/free.sql"

# How many requests the marks of all zones leave room for.
room='((max(above1, 0) >> n) + (max(above2, 0) >> n) + (max(above3, 0) >> n))'
# The sum must end where the kernel did.
sqlite3 -bail "$tmp/x.db" ".read $tmp/free.sql" ".output $tmp/about" \
	"SELECT (SELECT count(*) FROM zone), (SELECT pages FROM free ORDER BY
	id DESC LIMIT 1) - (SELECT sum(1 << page_order) FROM snapshot_block
	WHERE moment = 1 HAVING (SELECT stop < 1 << 62 FROM machine))" \
	".output $tmp/wrong" "
	-- The fewest pages and when first, of each order that they limit.
	CREATE TEMP TABLE least AS SELECT n, min($room) AS room, f.ts_ns
		FROM fate, free f GROUP BY n;
	SELECT 'fewest', n, serves, room, fate.ts_ns, least.ts_ns
	FROM fate JOIN least USING (n) WHERE serves = (SELECT $room FROM free
		WHERE free.ts_ns <= fate.ts_ns ORDER BY id DESC LIMIT 1)
	AND (serves > room OR serves AND least.ts_ns < fate.ts_ns)" ".output $tmp/moments" \
	"SELECT DISTINCT ts_ns FROM fate" ".output $tmp/failing" \
	"SELECT n, ts_ns FROM fate WHERE fails = 'yes'"
IFS='|' read -r zones off <"$tmp/about"
[ "$zones" -le 3 ]
echo "the sum ends ${off:-an unknown number of} pages from the kernel's"

# Which pages are in the free areas after the last event until then, or the one
# before that, as whole blocks.
cat >"$tmp/block.sql" <<'END'
CREATE TEMP TABLE last AS SELECT move.pfn + value AS pfn, max(move.id) AS id, way
	FROM move, generate_series(0, (1 << page_order) - 1), now
	WHERE move.id <= now.id AND way GROUP BY 1;
CREATE UNIQUE INDEX temp.last_index ON last (pfn);
INSERT OR IGNORE INTO last SELECT pfn + value, 0, 1 FROM snapshot_block,
	generate_series(0, (1 << page_order) - 1) WHERE moment = 0;
CREATE TEMP TABLE blocks AS SELECT n, z, count(*) AS whole FROM (SELECT n, z,
	pfn >> n AS block FROM last, fate, zone
	WHERE way = 1 AND pfn BETWEEN first AND past - 1
	AND fate.ts_ns = (SELECT at FROM now)
	GROUP BY n, z, block HAVING count(*) = 1 << n) GROUP BY n, z;
END
# Compaction takes free pages without an event: then the sum is of no use.
summed=$((${off:-0} * ${off:-0} <= few * few))
while read -r at; do
	[ $summed = 1 ] || continue
	sqlite3 -bail "$tmp/x.db" ".read $tmp/free.sql" "CREATE TEMP TABLE now
	AS SELECT max(id) AS id, $at AS at FROM move WHERE ts_ns <= $at" \
		".read $tmp/block.sql" "
	CREATE TEMP TABLE here AS SELECT fate.*, free.pages AS summed,
		(SELECT sum(min(whole, max(0, iif(z = 1, above1, iif(z = 2,
			above2, above3))) >> fate.n)) FROM blocks b
			WHERE b.n = fate.n) AS served
		FROM fate, now JOIN free USING (id) WHERE fate.ts_ns = at;
	SELECT 'serves', n, serves, served, pages, summed FROM here
	WHERE abs(serves - coalesce(served, 0)) > ($few + (1 << n) - 1) >> n
		OR abs(pages - summed) > $few" >>"$tmp/wrong"
done <"$tmp/moments"
# A failing order has a block until then and none from then on.
while IFS='|' read -r n at; do
	for before in 0 1; do
		sqlite3 -bail "$tmp/x.db" ".read $tmp/free.sql" "
		CREATE TEMP TABLE now AS SELECT max(id) AS id, $at AS at
		FROM move WHERE ts_ns <= $at - $before" ".read $tmp/block.sql" "
		SELECT 'order $n, $before before', coalesce(sum(whole), 0)
		FROM blocks WHERE n = $n
		HAVING (coalesce(sum(whole), 0) > 0) <> $before" >>"$tmp/wrong"
	done
done <"$tmp/failing"
[ ! -s "$tmp/wrong" ] || { cat "$tmp/wrong"; exit 1; }
if [ $summed = 0 ] && [ ! -s "$tmp/failing" ]; then
	echo "nothing was checked"
	exit 1
fi
