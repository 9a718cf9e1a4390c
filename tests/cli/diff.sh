#!/bin/sh
# diff.sh ARCHIVE KMEMSCOPE: a recording against itself, against itself with a
# planted change, values against SQL, exit status, errors, 80 columns.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$(dirname "$0")/ends.inc"
kmemscope=$2
unpack "$1"
"$kmemscope" import -o "$tmp/a.db" "$capture" >/dev/null 2>&1
status=0

# expect STATUS ARGUMENTS...: output in out.
expect() {
	want=$1
	shift
	code=0
	"$kmemscope" diff "$@" >"$tmp/out" 2>"$tmp/err" || code=$?
	if [ $code != "$want" ]; then
		echo "diff $*: status $code, wanted $want"
		cat "$tmp/out" "$tmp/err"
		status=1
	fi
}
rows() { sed '1d; /^$/,$d' "$tmp/out"; }

# Itself, as a database and as a capture: nothing.
for pair in "a.db a.db" "a.db capture" "capture a.db"; do
	# shellcheck disable=SC2086 # two words
	set -- $pair
	one=$tmp/$1 two=$tmp/$2
	[ "$1" = capture ] && one=$capture
	[ "$2" = capture ] && two=$capture
	expect 0 --threshold 0 --format csv "$one" "$two"
	[ "$(grep -vc '_a,\|^$' "$tmp/out")" = 0 ]
done

# A call site that allocates three times as much is found, and first.
planted=$(sqlite3 "$tmp/a.db" "SELECT printf('%s+0x%x', symbol, \"offset\")
	FROM site_summary JOIN call_site ON address = site_summary.call_site
	WHERE NOT self AND allocs > 100 ORDER BY allocs LIMIT 1")
cp "$tmp/a.db" "$tmp/b.db"
sqlite3 "$tmp/b.db" "UPDATE site_summary SET allocs = allocs * 3,
	frees = frees * 3, bytes_req = bytes_req * 3,
	bytes_alloc = bytes_alloc * 3, bytes_req_freed = bytes_req_freed * 3,
	bytes_alloc_freed = bytes_alloc_freed * 3
	WHERE call_site IN (SELECT address FROM call_site
		WHERE printf('%s+0x%x', symbol, \"offset\") = '$planted')"
expect 1 --format csv "$tmp/a.db" "$tmp/b.db"
[ "$(rows | wc -l)" = 1 ]
rows | grep -q "^$planted,"
expect 1 "$tmp/a.db" "$tmp/b.db"
if [ "$(awk 'length > n { n = length } END { print n }' "$tmp/out")" -gt 80 ]
then
	echo "diff is wider than 80 columns"
	status=1
fi
expect 1 --format json "$tmp/b.db" "$tmp/a.db"
grep -q '"other_recording"' "$tmp/out"
# Its values are those of SQL.
expect 1 --format csv "$tmp/a.db" "$tmp/b.db"
rows | cut -d, -f1-3,8,9,12,13,14,15 >"$tmp/got"
sqlite3 -csv "$tmp/a.db" "ATTACH '$tmp/b.db' AS b;
	SELECT printf('%s+0x%x', symbol, \"offset\"), sum(x.bytes_alloc),
	sum(y.bytes_alloc), sum(x.allocs), sum(y.allocs),
	sum(x.bytes_alloc - x.bytes_req), sum(y.bytes_alloc - y.bytes_req),
	sum(x.bytes_alloc - x.bytes_alloc_freed),
	sum(y.bytes_alloc - y.bytes_alloc_freed)
	FROM site_summary AS x JOIN b.site_summary AS y ON x.rowid = y.rowid
		JOIN call_site ON address = x.call_site
	WHERE NOT x.self AND printf('%s+0x%x', symbol, \"offset\") = '$planted'" |
	tr -d '\r' >"$tmp/want"
diff "$tmp/got" "$tmp/want" || status=1
# A threshold above it: nothing.
expect 0 --threshold 250% "$tmp/a.db" "$tmp/b.db"

# Replays that both keep.
"$kmemscope" replay --model recorded "$tmp/a.db" >/dev/null 2>&1
cp "$tmp/a.db" "$tmp/b.db"
expect 0 "$tmp/a.db" "$tmp/b.db"
grep -q '1 replays that both keep' "$tmp/out"
sqlite3 "$tmp/b.db" 'UPDATE run SET slab_pages_end = slab_pages_end * 2'
expect 1 "$tmp/a.db" "$tmp/b.db"
grep -q 'slab_pages_end .*100.0%' "$tmp/out"

# Lost events and a partial recording are said.
sqlite3 "$tmp/b.db" "UPDATE run SET slab_pages_end = slab_pages_end / 2;
	UPDATE anomaly SET count = 77 WHERE word = 'lost_events'"
expect 0 "$tmp/a.db" "$tmp/b.db"
grep -q 'B lost 77 events' "$tmp/out"
sqlite3 "$tmp/b.db" "UPDATE capture SET partial = 1, partial_reason = 'torn'"
expect 1 "$tmp/a.db" "$tmp/b.db"
grep -q 'PARTIAL: torn' "$tmp/out"

command='diff'
fails 'give two' "$tmp/a.db"
fails 'give two'
fails 'not a percentage' --threshold -3 "$tmp/a.db" "$tmp/b.db"
fails 'not a percentage' --threshold 3x "$tmp/a.db" "$tmp/b.db"
fails 'nowhere' "$tmp/a.db" "$tmp/nowhere"
fails 'unknown option' --self "$tmp/a.db" "$tmp/a.db"
exit $status
