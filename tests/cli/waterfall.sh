#!/bin/sh
# waterfall.sh ARCHIVE KMEMSCOPE: the steps add up, to the pages that a replay
# holds; what was requested against SQL over the events; three formats; 80
# columns; what is refused; what a database keeps.
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

# Without page events nobody knows the kernel's own; models can be asked.
partial_ok "$kmemscope" import "$capture" -o "$tmp/x.db" 2>/dev/null >&2
if [ "$(sqlite3 "$tmp/x.db" 'SELECT linked FROM capture')" = 0 ]; then
	fails "models can be asked: --model slub" "$capture"
	"$kmemscope" waterfall "$capture" --model slub,slab >"$tmp/text"
	narrow "$tmp/text"
	exit
fi
partial_ok "$kmemscope" waterfall "$capture" >"$tmp/text"
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
partial_ok "$kmemscope" waterfall "$capture" --format csv 2>"$tmp/err" |
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
partial_ok "$kmemscope" replay "$tmp/x.db" >/dev/null
partial_ok "$kmemscope" waterfall "$tmp/x.db" --model recorded,slub \
	--format json >"$tmp/json"
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

# What live objects asked for, and what was added: those whose call site frees
# without events (flag 2^17) count at most, because a replay ends them with
# others of their call site; without such, to the byte.
wrong=$(sqlite3 "$tmp/x.db" "
CREATE TEMP TABLE born AS SELECT object, ts_ns, call_site, bytes_req, bytes_alloc
	FROM event WHERE kind IN (1, 3) AND NOT flags & (2 | (1 << 16))
	AND id > (SELECT event FROM marker WHERE text = 'before:kpageflags');
CREATE TEMP TABLE ended AS SELECT object, ts_ns, flags >> 17 & 1 AS untold
	FROM event WHERE kind IN (2, 4) AND object > 0;
CREATE INDEX temp.ended_index ON ended (object);
CREATE TEMP TABLE silent AS SELECT DISTINCT call_site FROM born
	JOIN ended USING (object) WHERE untold;
CREATE TEMP TABLE life AS SELECT born.*, ended.ts_ns AS until,
	s.call_site IS NULL AS sure FROM born LEFT JOIN ended USING (object)
	LEFT JOIN silent s USING (call_site);
SELECT model, moment, requested, large_requested, rounding,
	sum(bytes_req * sure), sum(bytes_req),
	sum((bytes_alloc - bytes_req) * sure), sum(bytes_alloc - bytes_req)
	FROM waterfall w JOIN run r ON r.id = w.run JOIN life
	ON life.ts_ns <= w.ts_ns AND (until IS NULL OR until > w.ts_ns)
	GROUP BY model, moment HAVING requested + large_requested
	NOT BETWEEN sum(bytes_req * sure) AND sum(bytes_req)
	-- Of a model, and of SLOB, sizes are not as recorded.
	OR model = 'recorded' AND (SELECT slab_kind <> 3 FROM capture) AND
	rounding + padding NOT BETWEEN sum((bytes_alloc - bytes_req) * sure)
	AND sum(bytes_alloc - bytes_req)")
if [ -n "$wrong" ]; then
	echo "not what SQL finds: $wrong"
	exit 1
fi
