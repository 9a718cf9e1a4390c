#!/bin/sh
# blame.sh ARCHIVE KMEMSCOPE: slabs that come free with each call site, against
# SQL over the events; 80 columns, a moment, what is refused.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$(dirname "$0")/ends.inc"
kmemscope=$2 command=blame
unpack "$1"

fails "or worst" --at soon "$capture"
fails "or worst" --at 1,2 "$capture"
fails "text, json and csv" --format xml "$capture"
fails "not a number of rows" -l x "$capture"
fails "give one"

partial_ok "$kmemscope" blame "$capture" >"$tmp/text"
narrow "$tmp/text"

partial_ok "$kmemscope" import "$capture" -o "$tmp/x.db" 2>/dev/null >&2
partial_ok "$kmemscope" blame "$tmp/x.db" -l 100000 --format json >"$tmp/json"
partial_ok "$kmemscope" blame "$capture" -l 100000 --format json |
	grep -v '"input"' >"$tmp/json.capture"
grep -v '"input"' "$tmp/json" | cmp - "$tmp/json.capture"

# Flags: 2 failed, 2^16 duplicate, 2^18 backs a slab, 2^20 large, 2^24 the
# block lives on.
page=$(sqlite3 "$tmp/x.db" 'SELECT page_size FROM capture')
sqlite3 "$tmp/x.db" "
CREATE TEMP TABLE freed AS SELECT DISTINCT object FROM event
	WHERE kind IN (2, 4, 6) AND object > 0 AND NOT flags & (1 << 24);
CREATE UNIQUE INDEX temp.freed_index ON freed (object);
CREATE TEMP TABLE slab AS SELECT addr AS pfn, page_order FROM event
	WHERE kind = 5 AND flags & (1 << 18)
	AND object NOT IN (SELECT object FROM freed);
CREATE INDEX temp.slab_index ON slab (pfn, page_order);
CREATE TEMP TABLE live AS SELECT coalesce(c.symbol || printf('+0x%x',
	c.\"offset\"), printf('0x%x', c.address)) AS site,
	(addr - (SELECT direct_map_base FROM capture)) / $page AS pfn,
	-- SLOB's slabs hold objects of all sizes, and each is a row
	iif(kind = 1 AND (SELECT slab_kind = 3 FROM capture), bytes_alloc, 0)
		AS size
	FROM event e JOIN call_site c ON c.id = e.call_site
	WHERE kind IN (1, 3) AND NOT flags & (2 | (1 << 16) | (1 << 20))
	AND object NOT IN (SELECT object FROM freed);
CREATE TEMP TABLE held AS SELECT DISTINCT slab.pfn, slab.page_order, live.site,
	live.size
	FROM live, (VALUES (0), (1), (2), (3)) AS o
	JOIN slab ON slab.page_order = o.column1
	AND slab.pfn = live.pfn >> o.column1 << o.column1;
SELECT site, sum($page << page_order) FROM (SELECT pfn, page_order,
	max(site) AS site FROM held GROUP BY pfn HAVING count(*) = 1)
	GROUP BY site ORDER BY site" >"$tmp/want"
sqlite3 :memory: "SELECT value ->> 'callsite', sum(value ->> 'alone_bytes')
	FROM json_each(CAST(readfile('$tmp/json') AS TEXT), '\$.slab_sites')
	GROUP BY 1 HAVING sum(value ->> 'alone_bytes') > 0 ORDER BY 1" \
	>"$tmp/got"
[ "$(wc -l <"$tmp/want")" -ge 3 ] || { echo "too few sites"; exit 1; }
cmp "$tmp/want" "$tmp/got" || { diff "$tmp/want" "$tmp/got"; exit 1; }

# At the last event it is as at the end; before the first nobody holds any.
last=$(sed -n 's/^Call sites that pin slab pages, at \([0-9.]*\).*/\1/p' \
	"$tmp/text")
rows=$(partial_ok "$kmemscope" blame "$capture" --at 0 --format csv 2>/dev/null |
	awk 'NF == 0 { exit } NR > 1' | wc -l)
[ "$rows" = 0 ] || {
	echo "somebody holds something before the first event"
	exit 1
}
partial_ok "$kmemscope" blame "$capture" --at "$last" | sed 1,2d >"$tmp/last"
sed 1,2d "$tmp/text" | cmp - "$tmp/last"
[ -n "$last" ]
partial_ok "$kmemscope" blame "$capture" --at worst >"$tmp/worst"
grep -q '^Call sites that pin slab pages, at [0-9]' "$tmp/worst"
