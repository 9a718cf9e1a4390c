#!/bin/sh
# diff.sh KMEMSCOPE: every row of every table of diff, on pairs of the sample
# captures, against SQL over the events of both.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
kmemscope=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
for name in mixed-slub mixed-slab mixed-slob files-slub arm32-partial \
	mixed-arm64-64k debian61-boot-kmalloc groups; do
	tar --zstd -xf "$here/../data/$name.tar.zst" -C "$tmp"
	"$kmemscope" import "$tmp/$name" -o "$tmp/$name.db" >/dev/null 2>&1 ||
		[ $? = 1 ]
	rm -r "${tmp:?}/$name"
	for offsets in 0 1; do
		sqlite3 -bail -csv "$tmp/$name.db" "CREATE TEMP TABLE place AS
			SELECT $offsets AS offsets" ".output $tmp/$name.$offsets" \
			".read $here/diff_side.sql"
	done
done

# about NAME: release, machine, command and length (ns) of a recording.
about() {
	sqlite3 -separator '|' "$tmp/$1.db" "SELECT release || ' ' || machine,
		command, last_ts_ns - first_ts_ns FROM capture"
}

# pair A B STATUS
pair() {
	code=0
	"$kmemscope" diff "$tmp/$1.db" "$tmp/$2.db" --format json \
		>"$tmp/json" 2>/dev/null || code=$?
	[ "$code" = "$3" ] || { echo "$1 $2: status $code"; exit 1; }
	a=$(about "$1") b=$(about "$2")
	offsets=0
	[ "${a%%|*}" != "${b%%|*}" ] || offsets=1
	work_a=${a#*|} work_b=${b#*|}
	scale="(${work_b##*|} / 1e9 / (${work_a##*|} / 1e9))"
	if [ -n "${work_a%|*}" ] && [ "${work_a%|*}" = "${work_b%|*}" ]; then
		scale=1
	fi
	sqlite3 -bail :memory: \
		"CREATE TABLE a (kind, what, n INT, b INT, w INT, l INT, o INT)" \
		"CREATE TABLE b (kind, what, n INT, b INT, w INT, l INT, o INT)" \
		".import --csv $tmp/$1.$offsets a" \
		".import --csv $tmp/$2.$offsets b" "
	-- A measure: what there was, and of how many allocations.
	CREATE TABLE both AS SELECT kind, what, a.n AS an, a.b AS ab, a.w AS aw,
		a.l AS al, a.o AS ao, b.n AS bn, b.b AS bb, b.w AS bw,
		b.l AS bl, b.o AS bo FROM a FULL JOIN b USING (kind, what);
	CREATE TABLE measure AS
		SELECT kind, what, m, coalesce(x, 0) AS x, coalesce(y, 0) AS y,
		coalesce(nx, 0) AS nx, coalesce(ny, 0) AS ny FROM (
		SELECT kind, what, 1 AS m, an * $scale AS x, bn AS y, an AS nx,
			bn AS ny FROM both UNION ALL
		SELECT kind, what, 2, ab * $scale, bb, an, bn FROM both UNION ALL
		SELECT kind, what, 3, aw * $scale, bw, an, bn FROM both UNION ALL
		SELECT kind, what, 4, al, bl, ao, bo FROM both);
	CREATE TABLE changed AS SELECT kind, what,
		max(iif(m > 1, abs(y - x), 0)) AS weight,
		max(iif(m = 1, 'n', '')) || max(iif(m = 2, 'b', '')) ||
		max(iif(m = 3, 'w', '')) || max(iif(m = 4, 'l', '')) AS word
		FROM measure WHERE abs(y - x) * 100 > 10 * x
		AND (y - x) * (y - x) > 9 * (iif(nx, x * 1.0 * x / nx, 0)
			+ iif(ny, y * 1.0 * y / ny, 0)) GROUP BY kind, what;
	CREATE TABLE got AS SELECT json.key AS kind, row.key AS place,
		coalesce(value ->> 'callsite', value ->> 'cache',
			value ->> 'pages') AS what, value AS r
		FROM (SELECT key, value AS list FROM json_each(CAST(readfile(
		'$tmp/json') AS TEXT)) WHERE key IN ('callers', 'caches',
		'pages')) AS json, json_each(list) AS row;" \
		".once $tmp/want" "
	SELECT kind, what, word, coalesce(an, 0), coalesce(bn, 0),
		coalesce(ab, 0), coalesce(bb, 0), coalesce(aw, 0),
		coalesce(bw, 0), coalesce(al, 0), coalesce(bl, 0),
		iif(ab, printf('%.6f', 100.0 * (coalesce(bb, 0) / (ab * $scale)
			- 1)), '')
		FROM changed JOIN both USING (kind, what) ORDER BY kind, what;" \
		".once $tmp/got" "
	SELECT kind, what, r ->> 'changed', r ->> 'allocs_a', r ->> 'allocs_b',
		r ->> 'bytes_a', r ->> 'bytes_b', r ->> 'waste_a',
		r ->> 'waste_b', r ->> 'live_a', r ->> 'live_b', iif(r ->>
		'change' IS NULL, '', printf('%.6f', r ->> 'change'))
		FROM got ORDER BY kind, what;" ".once $tmp/order" "
	-- The heaviest first.
	SELECT x.kind, x.what, y.what FROM got x JOIN got y ON y.kind = x.kind
		AND y.place = x.place + 1
		JOIN changed cx ON cx.kind = x.kind AND cx.what = x.what
		JOIN changed cy ON cy.kind = y.kind AND cy.what = y.what
		WHERE cx.weight < cy.weight - 0.001"
	diff "$tmp/want" "$tmp/got" >"$tmp/differ" || {
		echo "$1 $2:"
		head -n 20 "$tmp/differ"
		exit 1
	}
	[ ! -s "$tmp/order" ] || {
		echo "$1 $2: $(cat "$tmp/order")"
		exit 1
	}
	echo "$1 $2: $(wc -l <"$tmp/got") rows"
}

pair mixed-slub mixed-slub 0
pair mixed-slub mixed-slab 1
pair mixed-slob mixed-slub 1
pair files-slub mixed-slub 1
pair mixed-slub mixed-arm64-64k 1
pair arm32-partial files-slub 1
pair debian61-boot-kmalloc mixed-slab 1
pair groups arm32-partial 1
