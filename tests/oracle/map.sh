#!/bin/sh
# map.sh ARCHIVE KMEMSCOPE: the picture of physical memory over time: every row of
# some columns of the two images, as gnuplot is handed them, against SQL that asks
# each page for its last event before that moment (page_state.sql).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/unpack.inc
. "$here/../cli/unpack.inc"
kmemscope=$2
unpack "$1"
partial_ok "$kmemscope" import "$capture" -o "$tmp/x.db" >/dev/null 2>&1

# In gnuplot's place: keeps what it would draw. Without call sites there is no
# other picture.
sqlite3 "$tmp/x.db" 'DELETE FROM site_summary'
mkdir "$tmp/bin"
printf '#!/bin/sh\ncp map?.tsv "%s"\nexit 1\n' "$tmp" >"$tmp/bin/gnuplot"
chmod +x "$tmp/bin/gnuplot"
PATH=$tmp/bin:$PATH "$kmemscope" plot "$tmp/x.db" -o "$tmp/plots" \
	>/dev/null 2>"$tmp/said" || true
# Nothing tells what any page is: no picture, and plot says so.
if [ "$(sqlite3 "$tmp/x.db" 'SELECT (SELECT count(*) FROM event WHERE kind = 5)
	+ (SELECT count(*) FROM snapshot_block WHERE moment = 0)')" = 0 ]; then
	[ ! -e "$tmp/map1.tsv" ]
	grep 'map is not drawn' "$tmp/said"
	exit
fi

# The images are 200 columns from the first event behind the snapshot to the
# last; a row is one block, of which all the samples have fewer than 512.
columns=200
# shellcheck disable=SC2046 # two words
set -- $(sqlite3 -separator ' ' "$tmp/x.db" "SELECT t, (last_ts_ns - t) /
	$columns + 1 FROM capture, (SELECT min(event.ts_ns) AS t FROM event
	WHERE id > coalesce((SELECT min(event) FROM marker
		WHERE text = 'before:kpageflags'), 0))")
start=$1 step=$2
rows=$(($(wc -l <"$tmp/map1.tsv") / columns))
echo "$rows rows from $start on, $step ns each"
[ "$rows" -gt 3 ]

for column in 0 70 199; do
	# The colours are plots/draw_map.c's: free, movable, unmovable, slab,
	# old; and free, movable, an eighth, more, old.
	sqlite3 -bail -separator ' ' "$tmp/x.db" "
	CREATE TEMP TABLE now AS SELECT $start + $column * $step AS ts_ns,
		0 AS objects" ".read $here/page_state.sql" "
	CREATE TEMP TABLE colour (n, r, g, b);
	INSERT INTO colour VALUES (0, 244, 244, 238), (1, 136, 204, 238),
		(2, 230, 159, 0), (3, 136, 34, 85), (4, 176, 176, 176);
	CREATE TEMP TABLE used AS SELECT block, f, m, u, s, size,
		size - f - m - u - s AS o FROM (SELECT block.block,
		1 << block_order AS size,
		count(pfn) FILTER (WHERE class = 'F') AS f,
		count(pfn) FILTER (WHERE class = 'M') AS m,
		count(pfn) FILTER (WHERE class = 'U') AS u,
		count(pfn) FILTER (WHERE class IN ('S', 'O')) AS s
		FROM machine, block LEFT JOIN (SELECT pfn, class,
			pfn >> block_order AS at FROM page, machine)
			ON at = block GROUP BY 1);
	CREATE TEMP TABLE share AS SELECT block, n, CASE n WHEN 0 THEN f
		WHEN 1 THEN m WHEN 2 THEN u WHEN 3 THEN s ELSE o END * 1000
		/ size AS parts, CASE WHEN u + s > size / 8 THEN 3
		WHEN u + s THEN 2 WHEN o THEN 4 WHEN m THEN 1 ELSE 0 END
		AS state FROM used, colour;
	SELECT sum(parts * r) / 1000.0, sum(parts * g) / 1000.0,
		sum(parts * b) / 1000.0,
		max(iif(n = state, r, 0)), max(iif(n = state, g, 0)),
		max(iif(n = state, b, 0))
		FROM share JOIN colour USING (n) GROUP BY block" \
		>"$tmp/want"
	paste -d ' ' "$tmp/map1.tsv" "$tmp/map2.tsv" | tr '\t' ' ' |
		sed -n "$((column * rows + 1)),$(((column + 1) * rows))p" |
		cut -d ' ' -f 3-5,8-10 >"$tmp/got"
	paste -d ' ' "$tmp/want" "$tmp/got" | awk -v rows="$rows" '{
		for (i = 1; i <= 6; i++)
			if (($i - $(i + 6)) ^ 2 > 0.0001) {
				print "block " NR ": " $0; bad = 1; next
			}
		} END { exit bad || NR != rows }' || {
		echo "column $column is not so"
		exit 1
	}
done
