#!/bin/sh
# fails.sh ARCHIVE KMEMSCOPE: the watch of orders against the samples and counts
# of the same replay, a failure planted by a higher watermark, errors, 80 columns.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$(dirname "$0")/ends.inc"
kmemscope=$2 command=fails
unpack "$1"
"$kmemscope" import -o "$tmp/a.db" "$capture" >/dev/null 2>&1
"$kmemscope" replay --model recorded "$tmp/a.db" >/dev/null 2>&1
status=0
say() {
	echo "$*"
	status=1
}

# table NUMBER FILE: the rows of one table of an answer as CSV.
table() {
	awk -v want="$1" 'BEGIN { n = 1; head = 1 } !NF { n++; head = 1; next }
		n == want && !head { print } { head = 0 }' "$2"
}

# A capture and its database say the same.
"$kmemscope" fails --format csv "$capture" >"$tmp/a.csv" 2>/dev/null
"$kmemscope" fails --format csv "$tmp/a.db" >"$tmp/b.csv" 2>/dev/null
diff "$tmp/a.csv" "$tmp/b.csv" || say "capture and database differ"

# No sample of the replay has fewer blocks than the watch's tightest moment,
# and its fallbacks are those of the replay.
table 1 "$tmp/b.csv" >"$tmp/orders"
most=$(sqlite3 "$tmp/a.db" 'SELECT max(page_order) FROM sample_order')
[ "$(wc -l <"$tmp/orders")" = $((most + 1)) ]
sqlite3 -separator , "$tmp/a.db" "SELECT n.value, min(blocks) FROM
	generate_series(0, $most) AS n JOIN (SELECT position, o.value AS n,
	sum(free_blocks << (page_order - o.value)) AS blocks
	FROM sample_order, generate_series(0, $most) AS o
	WHERE page_order >= o.value GROUP BY position, o.value) AS b
	ON b.n = n.value GROUP BY n.value" >"$tmp/least"
[ "$(wc -l <"$tmp/least")" = $((most + 1)) ]
paste -d, "$tmp/orders" "$tmp/least" | while IFS=, read -r order _ _ _ serves \
	_ _ _ _ _ same least; do
	if [ "$order" != "$same" ] || [ "$serves" -gt "$least" ] ||
		[ $((serves * 10)) -lt $((least * 8)) ]; then
		echo "order $order: $serves in a row, a sample has $least"
	fi
done >"$tmp/out"
[ ! -s "$tmp/out" ] || say "$(cat "$tmp/out")"
fallbacks=$(awk -F, '{ sum += $10 } END { print sum }' "$tmp/orders")
[ "$fallbacks" = "$(sqlite3 "$tmp/a.db" 'SELECT fallbacks FROM run')" ] ||
	say "$fallbacks fallbacks are not those of the replay"
[ -z "$(table 4 "$tmp/b.csv")" ] || say "holders, but no order failed"

# With a watermark of all that was free at the tightest moment, less 300 pages,
# a request of 512 pages fails and one of 128 does not.
free=$(awk -F, '$1 == 0 { print $6 }' "$tmp/orders")
serves=$(awk -F, '$1 == 0 { print $5 }' "$tmp/orders")
sqlite3 "$tmp/a.db" "UPDATE snapshot_zone SET min = min + $serves - 300
	WHERE managed = (SELECT max(managed) FROM snapshot_zone)"
"$kmemscope" fails --format csv "$tmp/a.db" >"$tmp/all" 2>/dev/null
"$kmemscope" fails --format csv --order 9 "$tmp/a.db" >"$tmp/nine" 2>/dev/null
table 1 "$tmp/all" >"$tmp/orders"
[ "$(awk -F, '$1 == 9 { print $3 $5 }' "$tmp/orders")" = yes0 ] ||
	say "order 9 does not fail with $free pages free"
[ "$(awk -F, '$1 == 7 { print $3 }' "$tmp/orders")" = no ] ||
	say "order 7 fails"
table 3 "$tmp/all" | awk -F, '$2 + $3 + $4 + $5 + $6 + $7 + $8 != $9 {
	print "order " $1 ": the parts are not all of the memory"; bad = 1 }
	END { if (!NR) print "no order failed"; exit bad || !NR }' ||
	status=1
table 4 "$tmp/nine" >"$tmp/holders"
[ "$(wc -l <"$tmp/holders")" = 10 ] || say "not ten holders"
cut -d, -f3 "$tmp/holders" | sort -c -nr || say "holders are not by pages"
# What was allocated then is an event of that time.
moment=$(awk -F, '$1 == 9 { print $4 }' "$tmp/orders")
cpu=$(table 2 "$tmp/nine" | cut -d, -f4)
[ "$(sqlite3 "$tmp/a.db" "SELECT count(*) > 0 FROM event
	WHERE ts_ns = $moment AND cpu = $cpu AND kind BETWEEN 5 AND 10")" = 1 ] ||
	say "no page event on CPU $cpu at $moment"

"$kmemscope" fails "$tmp/a.db" >"$tmp/out"
[ "$(awk 'length > n { n = length } END { print n }' "$tmp/out")" -le 80 ] ||
	say "fails is wider than 80 columns"
"$kmemscope" fails --model slub --format json "$tmp/a.db" |
	grep -q '"holders"' || say "no holders of a model"

fails 'give an order' --order x "$tmp/a.db"
fails 'give an order' --order 99 "$tmp/a.db"
fails 'the largest order' --order 12 "$tmp/a.db"
fails 'one --model' --model recorded,slub "$tmp/a.db"
fails 'no model named' --model x "$tmp/a.db"
fails 'give one capture'
fails 'unknown option' --nonsense "$tmp/a.db"
sqlite3 "$tmp/a.db" 'DELETE FROM snapshot_zone; UPDATE snapshot SET parts = 0'
fails 'what memory the machine has' "$tmp/a.db"
exit $status
