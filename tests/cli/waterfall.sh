#!/bin/sh
# waterfall.sh ARCHIVE KMEMSCOPE: the steps add up, to the pages that a replay
# holds; three formats; 80 columns; what is refused; what a database keeps.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$(dirname "$0")/ends.inc"
kmemscope=$2 command=waterfall
unpack "$1"

fails "names slub twice" --model slub,slub "$capture"
fails "there are recorded, slub, slab, slob" --model slop "$capture"
fails "text, json and csv" --format xml "$capture"
fails "unknown option --spread" --spread "$capture"
fails "give one capture"

"$kmemscope" waterfall "$capture" >"$tmp/text"
narrow "$tmp/text"
# Steps keep their whole names, also where bytes have ten digits.
if [ "$(grep -c '^old objects, requested not known ' "$tmp/text")" != 2 ] ||
	[ "$(grep -c '^rounding of these to pages ' "$tmp/text")" != 4 ]; then
	echo "a step's name is cut"
	exit 1
fi

# adds_up FILE COLUMNS: two tables, whose sums are those of the rows above.
adds_up() {
	awk -F, -v columns="$2" '
	/^step,/ { tables++; split("", sum); next }
	NF == 0 { next }
	{ for (i = 3; i <= NF; i++) {
		if ($1 == "slabs" || $1 == "held") {
			if ($i != sum[i] + 0 || $i + 0 <= 0) {
				print "not the sum: " $0; exit 1
			}
			checked++
		} else sum[i] += $i
	} }
	END { if (tables != 2 || checked != 4 * columns) {
		print tables " tables, " checked " sums"; exit 1
	} }' "$1"
}
"$kmemscope" waterfall "$capture" --format csv 2>"$tmp/err" |
	sed 's/"[^"]*"/text/' >"$tmp/csv"
adds_up "$tmp/csv" 4
# A wrong number must be found.
sed 's/^free_slots,\(.*\),/free_slots,\1,1/' "$tmp/csv" >"$tmp/wrong"
if adds_up "$tmp/wrong" 4 >/dev/null; then
	echo "a wrong step was not found"
	exit 1
fi
grep -q '^kmemscope: recorded at [0-9.]*, start warm$' "$tmp/err"

# The database keeps the same steps, and the pages of the replay.
"$kmemscope" import "$capture" -o "$tmp/x.db" 2>/dev/null >&2
"$kmemscope" replay "$tmp/x.db" >/dev/null
"$kmemscope" waterfall "$tmp/x.db" --model recorded,slub --format json \
	>"$tmp/json"
page=$(sqlite3 "$tmp/x.db" 'SELECT page_size FROM capture')
differ=$(sqlite3 "$tmp/x.db" "
WITH shown(step, recorded, slub) AS (
	SELECT value ->> 'step', value ->> 'recorded', value ->> 'slub'
	FROM json_each(CAST(readfile('$tmp/json') AS TEXT), '\$.end')),
kept AS (SELECT r.model, w.*, r.slab_pages_end FROM run r
	JOIN waterfall w ON w.run = r.id WHERE w.moment = 1)
SELECT model FROM kept WHERE slab_pages <> slab_pages_end
	OR requested + rounding + padding + old_objects + free_slots
		+ slab_tail + unknown <> $page * slab_pages
	OR free_slots <> (SELECT CASE model WHEN 'slub' THEN slub
		ELSE recorded END FROM shown WHERE step = 'free_slots')
	OR $page * (slab_pages + large_pages + area_pages + pcp_pages) <>
		(SELECT CASE model WHEN 'slub' THEN slub
		ELSE recorded END FROM shown WHERE step = 'held')
UNION ALL SELECT 'missing' WHERE (SELECT count(*) FROM kept) <> 2
	OR (SELECT count(*) FROM shown) <> 14")
if [ -n "$differ" ]; then
	echo "shown and kept differ: $differ"
	exit 1
fi
