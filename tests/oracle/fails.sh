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
# large for a CPU's list), and where that leaves the only zone that GFP_KERNEL
# may use.
cat >"$tmp/free.sql" <<'END'
CREATE TEMP TABLE zone AS SELECT start_pfn AS first, start_pfn + spanned AS past,
	min AS mark, managed FROM snapshot_zone
	WHERE moment = 0 AND managed AND name IN ('DMA', 'DMA32', 'Normal');
CREATE TEMP TABLE machine AS SELECT (SELECT min(event) FROM marker
	WHERE text = 'before:kpageflags') AS start, coalesce((SELECT min(event)
	FROM marker WHERE text = 'after:kpageflags'), 1 << 62) AS stop,
	pageblock_order FROM snapshot WHERE moment = 0;
CREATE TEMP TABLE move AS SELECT id, ts_ns, addr AS pfn, page_order,
	iif(kind = 8, -1, 1) AS way, addr BETWEEN first AND past - 1 AS low
	FROM event, zone, machine WHERE id > start AND id < stop AND (kind IN (8, 9)
	OR kind = 6 AND page_order > 3 AND page_order <> pageblock_order);
INSERT INTO move SELECT start, (SELECT ts_ns FROM event WHERE id > start
	ORDER BY id LIMIT 1), 0, 0, 0, 1 FROM machine;
CREATE TEMP TABLE free AS SELECT id, ts_ns, low,
	(SELECT sum(1 << page_order) FROM snapshot_block WHERE moment = 0)
	+ sum(way << page_order) OVER (ORDER BY id) AS pages,
	(SELECT sum(1 << page_order) FROM snapshot_block, zone
		WHERE moment = 0 AND pfn BETWEEN first AND past - 1)
	+ sum((way << page_order) * low) OVER (ORDER BY id) AS low_pages
	FROM move;
CREATE TEMP TABLE fate AS SELECT value ->> 'order' AS n, value ->> 'fails' AS
	fails, value ->> 'moment_ns' AS ts_ns, value ->> 'serves' AS serves,
	value ->> 'free_pages' AS pages FROM json_each(
	CAST(readfile('JSON') AS TEXT), '$.orders');
END
sed -i "s|JSON|$tmp/json|" "$tmp/free.sql"

# One zone, or this knows too little; and the sum must end where the kernel did.
sqlite3 -bail "$tmp/x.db" ".read $tmp/free.sql" ".output $tmp/about" \
	"SELECT (SELECT count(*) FROM zone), (SELECT pages FROM free ORDER BY
	id DESC LIMIT 1) - (SELECT sum(1 << page_order) FROM snapshot_block
	WHERE moment = 1 HAVING (SELECT stop < 1 << 62 FROM machine))" \
	".output $tmp/wrong" "
	-- The fewest pages and when first, of each order that they limit.
	SELECT 'fewest', n, fate.ts_ns, serves, f.ts_ns, low_pages, mark
	FROM fate, zone, (SELECT ts_ns, min(low_pages) AS low_pages
		FROM free) f
	WHERE serves <> (low_pages - mark) >> n AND serves = (SELECT
		(low_pages - mark) >> n FROM free WHERE free.ts_ns <= fate.ts_ns
		ORDER BY id DESC LIMIT 1);
	SELECT 'first', n, fate.ts_ns, min(f.ts_ns) FROM fate, zone, free f
	WHERE serves AND serves = (low_pages - mark) >> n
	GROUP BY n HAVING min(f.ts_ns) < fate.ts_ns" ".output $tmp/moments" \
	"SELECT DISTINCT ts_ns FROM fate" ".output $tmp/failing" \
	"SELECT n, ts_ns FROM fate WHERE fails = 'yes'"
IFS='|' read -r zones off <"$tmp/about"
[ "$zones" = 1 ]
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
CREATE TEMP TABLE blocks (n INT, whole INT);
INSERT INTO blocks SELECT n, count(*) FROM (SELECT n, pfn >> n AS block
	FROM last, fate, zone WHERE way = 1 AND pfn BETWEEN first AND past - 1
	AND fate.ts_ns = (SELECT at FROM now)
	GROUP BY n, block HAVING count(*) = 1 << n) GROUP BY n;
END
# Compaction takes free pages without an event: then the sum is of no use.
summed=$((${off:-0} * ${off:-0} <= few * few))
while read -r at; do
	[ $summed = 1 ] || continue
	sqlite3 -bail "$tmp/x.db" ".read $tmp/free.sql" "CREATE TEMP TABLE now
	AS SELECT max(id) AS id, $at AS at FROM move WHERE ts_ns <= $at" \
		".read $tmp/block.sql" "
	SELECT 'serves', fate.n, serves, whole, low_pages, fate.pages, free.pages
	FROM fate, zone, now JOIN free USING (id) LEFT JOIN blocks
		ON blocks.n = fate.n WHERE fate.ts_ns = at AND (abs(serves - min(
		coalesce(whole, 0), max(0, low_pages - mark) >> fate.n))
		> ($few + (1 << fate.n) - 1) >> fate.n
		OR abs(fate.pages - free.pages) > $few)" >>"$tmp/wrong"
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
