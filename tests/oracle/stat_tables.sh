#!/bin/sh
# stat_tables.sh ARCHIVE KMEMSCOPE: every table of "kmemscope stat --detail"
# against stat_tables.awk, a count of its own over the events of the database.
set -eu
here=$(dirname "$0")
# shellcheck source=tests/cli/unpack.inc
. "$here/../cli/unpack.inc"
kmemscope=$2
unpack "$1"
partial_ok "$kmemscope" import -o "$tmp/x.db" "$capture" >/dev/null 2>&1

sqlite3 -separator '	' "$tmp/x.db" "SELECT e.id, ts_ns, cpu, pid, kind, flags,
	printf('0x%x', c.address), bytes_req, bytes_alloc,
	printf('0x%x', gfp_flags), page_order, migratetype, n.text, object
	FROM event e LEFT JOIN call_site c ON c.id = e.call_site
	LEFT JOIN name n ON n.id = e.name WHERE kind BETWEEN 1 AND 6
	ORDER BY e.id" >"$tmp/events"
page_size=$(sqlite3 "$tmp/x.db" 'SELECT page_size FROM capture')
slob=$(sqlite3 "$tmp/x.db" "SELECT slab_kind = 3 FROM capture")
awk -F'\t' -v OFS='\t' -v page_size="$page_size" -v slob="$slob" \
	-v lives="$tmp/lives" -v CONVFMT=%.17g -v OFMT=%.17g \
	-f "$here/stat_tables.awk" "$tmp/events" "$tmp/events" >"$tmp/want"

# ours TABLE KEY: the rows of that table, its key made of columns of the csv.
ours() {
	rm -f "$tmp/t.db"
	partial_ok "$kmemscope" stat "--$1" --detail --format csv "$capture" \
		>"$tmp/$1.csv" 2>/dev/null
	pages=0
	[ "$1" != task ] && [ "$1" != cpu ] || pages=page_bytes
	waste='waste_max, waste_at_worst' req=bytes_req
	[ "$1" != page ] && [ "$1" != order ] || waste=0,0 req=bytes_alloc
	sqlite3 -separator '	' "$tmp/t.db" '.mode csv' ".import $tmp/$1.csv t" \
		'.mode tabs' "SELECT '$1', $2, hit, bytes_alloc, $req,
		live_bytes_alloc, peak_bytes_alloc, $waste, ended,
		CAST(round(ended * nullif(short_percent, '') / 100) AS INTEGER),
		pingpong, $pages FROM t" | awk -F'\t' -v OFS='\t' \
		'{ $11 += 0; print }'
}
for table in 'caller call_site' 'cache cache' 'class cache' 'task pid' \
	'cpu cpu' "order order||'|'||migratetype" \
	"page order||'|'||migratetype||'|'||gfp||'|'||used_for"; do
	ours "${table%% *}" "$(echo "${table#* }" |
		sed 's/\border\b/"order"/g')"
done >"$tmp/got"
sort "$tmp/want" >"$tmp/want.sorted"
sort "$tmp/got" >"$tmp/got.sorted"
diff "$tmp/want.sorted" "$tmp/got.sorted" >"$tmp/diff" || {
	echo "< counted again, > stat: table, key, hit, bytes_alloc, bytes_req,"
	echo "live, peak, waste_max, at_worst, ended, short, pingpong, pages"
	head -20 "$tmp/diff"
	exit 1
}

# Lifetimes: never too small, and at most an eighth too large.
rm -f "$tmp/t.db"
sqlite3 "$tmp/t.db" '.mode csv' ".import $tmp/caller.csv t" \
	'CREATE TABLE life (site TEXT, span INTEGER)' '.mode tabs' \
	".import $tmp/lives life"
checked=$(sqlite3 "$tmp/t.db" "WITH ranked AS (SELECT site, span,
	row_number() OVER (PARTITION BY site ORDER BY span) AS rank,
	count(*) OVER (PARTITION BY site) AS n FROM life),
wanted AS (SELECT site, max(span) FILTER (WHERE rank = (n * 50 + 99) / 100) AS p50,
	max(span) FILTER (WHERE rank = (n * 99 + 99) / 100) AS p99
	FROM ranked GROUP BY site)
SELECT count(*), sum(life_p50_ns + 0 NOT BETWEEN p50 AND p50 * 9 / 8 + 1
	OR life_p99_ns + 0 NOT BETWEEN p99 AND p99 * 9 / 8 + 1)
FROM wanted JOIN t ON call_site = site")
case $checked in
0\|*) echo "no lifetime was compared" && exit 1 ;;
*\|0) ;;
*) echo "lifetimes differ: sites|wrong $checked" && exit 1 ;;
esac
echo "$(wc -l <"$tmp/got") rows equal, lifetimes of ${checked%|*} call sites"
