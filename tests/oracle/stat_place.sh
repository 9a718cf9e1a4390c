#!/bin/sh
# stat_place.sh ARCHIVE KMEMSCOPE: stat by function and by module, with peaks,
# against SQL over the events.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/unpack.inc
. "$here/../cli/unpack.inc"
kmemscope=$2
unpack "$1"
partial_ok "$kmemscope" import "$capture" -o "$tmp/x.db" >/dev/null 2>&1

# Flags: 2 failed, 2^9 the recorder's, 2^16 duplicate, 2^17 not traced.
for by in function module; do
	place="coalesce(c.symbol, '')"
	[ $by = function ] || place="'[' || coalesce(c.module, 'kernel') || ']'"
	partial_ok "$kmemscope" stat --by $by --detail --format csv \
		"$tmp/x.db" 2>/dev/null >"$tmp/csv"
	sqlite3 -bail "$tmp/x.db" "
	CREATE TEMP TABLE step AS SELECT e.id, $place AS place, 1 AS way,
		e.bytes_alloc AS given, e.bytes_req AS asked, 0 AS untold
	FROM event e LEFT JOIN call_site c ON c.id = call_site
	WHERE kind IN (1, 3) AND NOT flags & (2 | (1 << 9) | (1 << 16));
	CREATE TEMP TABLE born AS SELECT event.object, step.* FROM step
		JOIN event USING (id);
	CREATE UNIQUE INDEX temp.born_index ON born (object);
	INSERT INTO step SELECT f.id, place, -1, given, asked,
		flags >> 17 & 1 FROM event f JOIN born USING (object)
	WHERE f.kind IN (2, 4);
	CREATE TEMP TABLE want AS SELECT place, sum(way > 0) AS hit,
		sum(iif(way > 0, given, 0)) AS given,
		sum(iif(way > 0, asked, 0)) AS asked, sum(way < 0) AS freed,
		sum(untold) AS untold, sum(way * given) AS live,
		max(iif(way > 0, asked, 0)) AS largest, max(held) AS peak,
		max(lost) AS lost
	FROM (SELECT *, sum(way * given) OVER w AS held,
		sum(way * (given - asked)) OVER w AS lost FROM step
		WINDOW w AS (PARTITION BY place ORDER BY id)) GROUP BY place;" \
		".import --csv --schema temp $tmp/csv got" "
	SELECT * FROM want LEFT JOIN temp.got AS got USING (place)
	WHERE got.hit IS NOT want.hit || '' OR bytes_alloc IS NOT given || ''
		OR bytes_req IS NOT asked || '' OR got.freed IS NOT
		want.freed || '' OR implicit_frees IS NOT untold || '' OR
		live_bytes_alloc IS NOT live || '' OR bytes_req_max IS NOT
		largest || '' OR peak_bytes_alloc IS NOT peak || '' OR
		waste_max IS NOT lost || '';
	SELECT 'rows', count(*), (SELECT count(*) FROM want) FROM temp.got
		HAVING count(*) <> (SELECT count(*) FROM want)" >"$tmp/wrong"
	[ ! -s "$tmp/wrong" ] || { head "$tmp/wrong"; exit 1; }
	[ "$(wc -l <"$tmp/csv")" -ge 2 ]
done
