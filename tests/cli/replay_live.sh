#!/bin/sh
# replay_live.sh KMEMSCOPE: this kernel's sizes predicted, and its own count of
# lazily freed address space against the areas of the trace.
set -eu
kmemscope=$1
# shellcheck source=tests/cli/live.inc
. "$(dirname "$0")/live.inc"
# Threads have stacks in areas; pipes and compression have buffers.
"$kmemscope" record -o "$tmp/x" -- sh -c 'for i in 1 2 3 4 5 6 7 8 9; do
	ls -lR /usr/include | gzip >/dev/null & done; wait' 2>"$tmp/err"
"$kmemscope" replay "$tmp/x" --model recorded --format json >"$tmp/json" \
	2>>"$tmp/err"
checked=$(sed -n 's/.*"bytes_alloc_checked": \([0-9]*\).*/\1/p' "$tmp/json")
if ! grep -q '"bytes_alloc_mismatch": 0,' "$tmp/json" ||
	[ "$checked" -lt 1000 ]; then
	echo "sizes that were not predicted:"
	cat "$tmp/json"
	exit 1
fi
echo "$checked sizes as predicted"

"$kmemscope" import "$tmp/x" -o "$tmp/x.db" 2>>"$tmp/err"
if ! command -v sqlite3 >/dev/null; then
	echo "areas not checked: no sqlite3"
	exit 0
fi
if ! grep -q 'nothing was lost' "$tmp/err"; then
	echo "areas not checked: a free that was lost raised the count, too"
	exit 0
fi
# A free raises the count by its area. Two CPUs may write their events in the
# other order, so between two purges the counts are taken by size. A purge
# lowers the count once per node of areas before its event: as often, one free
# may stand on the wrong side of it. The limit is fls(CPUs) * 32 MiB.
sqlite3 "$tmp/x.db" >"$tmp/areas" <<'SQL'
WITH counted AS (
	SELECT id, kind, addr, bytes_req, total(kind = 19) OVER (ORDER BY id)
		AS purges FROM event WHERE kind IN (18, 19)),
freed AS (
	SELECT id, addr, bytes_req - lag(bytes_req) OVER
		(PARTITION BY purges ORDER BY bytes_req) AS more
	FROM counted WHERE kind = 18),
known AS (
	SELECT more, (SELECT bytes_req FROM event a
		WHERE a.kind = 17 AND a.addr = f.addr AND a.id < f.id
		ORDER BY a.id DESC LIMIT 1) AS area
	FROM freed f WHERE more IS NOT NULL)
SELECT count(*), count(*) FILTER (WHERE more = area),
	(SELECT count(*) FROM event WHERE kind = 19),
	(SELECT max(bytes_alloc) >> 25 FROM event WHERE kind = 18)
FROM known WHERE area IS NOT NULL;
SQL
IFS='|' read -r count same purges digits <"$tmp/areas"
if [ "$count" = 0 ]; then
	echo "areas not checked: none was freed"
	exit 0
fi
cpus=$(nproc) fls=0
while [ "$cpus" -gt 0 ]; do
	cpus=$((cpus / 2)) fls=$((fls + 1))
done
echo "$same of $count areas as the kernel counts them, limit $digits * 32 MiB"
[ $((count - same)) -le $((purges * $(nproc))) ] && [ "$digits" = "$fls" ]
