#!/bin/sh
# leaks.sh ARCHIVE KMEMSCOPE: leaks against SQL over the database's events, the
# same from a capture and its database, options and their errors, 80 columns.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$(dirname "$0")/ends.inc"
kmemscope=$2 command=leaks
unpack "$1"
partial_ok "$kmemscope" import -o "$tmp/x.db" "$capture" >/dev/null 2>&1
status=0

# Both inputs say the same, with and without a window.
middle=$(sqlite3 "$tmp/x.db" 'SELECT printf("%d.%09d,%d.%09d",
	a / 1000000000, a % 1000000000, b / 1000000000, b % 1000000000)
	FROM (SELECT min(ts_ns) * 3 / 4 + max(ts_ns) / 4 AS a,
		min(ts_ns) / 4 + max(ts_ns) * 3 / 4 AS b FROM event)')
for window in "" "--time $middle"; do
	# shellcheck disable=SC2086 # an option and its value
	for input in "$capture" "$tmp/x.db"; do
		partial_ok "$kmemscope" leaks $window --format json "$input" \
			2>/dev/null | grep -v '"input":'
	done >"$tmp/both"
	lines=$(($(wc -l <"$tmp/both") / 2))
	head -n $lines "$tmp/both" >"$tmp/a"
	tail -n $lines "$tmp/both" | diff "$tmp/a" - || {
		echo "leaks $window: capture and database differ"
		status=1
	}
	grep -q '"callsite"' "$tmp/a"
done

# Every group that is listed, as SQL finds it from the events.
partial_ok "$kmemscope" leaks -l 100000 --format csv "$tmp/x.db" 2>/dev/null |
	sed '1d; /^$/,$d' >"$tmp/leaks.csv"
[ "$(wc -l <"$tmp/leaks.csv")" -ge 10 ]
sqlite3 "$tmp/x.db" >"$tmp/sql.txt" <<END
CREATE TEMP TABLE found (rank INT, callsite TEXT, cache TEXT, old_bytes INT,
	old INT, bytes_per_s INT, age_median_ns INT, confidence REAL, allocs INT,
	frees INT, live INT, live_bytes INT, age_oldest_ns INT,
	lifetime_p99_ns INT, monotone REAL, score REAL);
.mode csv
.import $tmp/leaks.csv found
CREATE TEMP TABLE gone AS SELECT object, max(ts_ns) AS ts_ns FROM event
	WHERE kind IN (2, 4, 6) AND object AND NOT flags & 4
		AND NOT flags & (1 << 24) GROUP BY object;
CREATE UNIQUE INDEX temp.gone_object ON gone (object);
CREATE TEMP TABLE made AS SELECT
	CASE WHEN symbol IS NULL THEN printf('0x%x', address)
		ELSE symbol || printf('+0x%x', "offset") END AS callsite,
	-- static functions may share a name
	address,
	ifnull(event.name, 0) AS name, flags & (1 << 20) AS large, bytes_alloc,
	event.ts_ns AS ts_ns, gone.ts_ns - event.ts_ns AS life
	FROM event LEFT JOIN gone USING (object)
		LEFT JOIN call_site ON call_site.id = event.call_site
	WHERE kind IN (1, 3) AND event.object AND NOT flags & (2 | 512 | 65536);
CREATE TEMP TABLE expected AS SELECT callsite, name, large,
	count(*) AS allocs, count(life) AS frees,
	sum(life IS NULL) AS live,
	sum(CASE WHEN life IS NULL THEN bytes_alloc ELSE 0 END) AS live_bytes,
	(SELECT max(ts_ns) FROM event)
		- min(CASE WHEN life IS NULL THEN ts_ns END) AS oldest
	FROM made GROUP BY address, name, large;
CREATE INDEX temp.expected_site ON expected (callsite);
CREATE INDEX temp.found_site ON found (callsite);
.mode list
SELECT 'differs: ' || callsite FROM found WHERE NOT EXISTS (
	SELECT 1 FROM expected WHERE expected.callsite = found.callsite
	AND expected.allocs = found.allocs AND expected.frees = found.frees
	AND expected.live = found.live
	AND expected.live_bytes = found.live_bytes
	AND expected.oldest = found.age_oldest_ns);
-- A group where nothing was freed is all old: none of those may lack.
SELECT 'lacks: ' || callsite FROM expected WHERE frees = 0 AND NOT EXISTS (
	SELECT 1 FROM found WHERE expected.callsite = found.callsite
	AND expected.live_bytes = found.old_bytes);
-- The typical lifetime: nearest rank, and at most an eighth above it.
CREATE TEMP TABLE lives AS SELECT callsite, name, large, life,
	row_number() OVER (PARTITION BY address, name, large ORDER BY life)
		AS place,
	count(*) OVER (PARTITION BY address, name, large) AS of
	FROM made WHERE life IS NOT NULL;
CREATE INDEX temp.lives_place ON lives (callsite, place);
SELECT 'typical lifetime: ' || callsite FROM found
	WHERE frees > 0 AND NOT EXISTS (SELECT 1 FROM lives
	WHERE lives.callsite = found.callsite AND of = found.frees
	AND place = (of * 99 + 99) / 100
	AND found.lifetime_p99_ns BETWEEN life AND life + life / 8 + 1);
END
if [ -s "$tmp/sql.txt" ]; then
	echo "SQL does not agree:"
	head -20 "$tmp/sql.txt"
	status=1
fi

fails 'not a number' -l x "$capture"
fails 'START,STOP' --time 2,1 "$capture"
fails 'text, json and csv' --format xml "$capture"
fails 'unknown option' --caller "$capture"
fails 'give one capture'
fails 'nowhere' "$tmp/nowhere"

partial_ok "$kmemscope" leaks -l 3 "$capture" >"$tmp/out"
if [ "$(awk 'length > n { n = length } END { print n }' "$tmp/out")" -gt 80 ]
then
	echo "leaks is wider than 80 columns"
	status=1
fi
# The recorder's own are left out, and shown with --self.
self() {
	partial_ok "$kmemscope" leaks -l 100000 --format csv "$@" "$tmp/x.db" \
		2>/dev/null | wc -l
}
[ "$(self)" -le "$(self --self)" ]
exit $status
