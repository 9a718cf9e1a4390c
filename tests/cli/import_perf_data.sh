#!/bin/sh
# import_perf_data.sh ARCHIVE KMEMSCOPE: a perf.data of perf kmem record, and what
# perf kmem 6.1 printed of it: every figure must follow from the database, and
# kmemscope stat's own must be perf's where their rules are the same.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/oracle/perf_kmem.inc
. "$(dirname "$0")/../oracle/perf_kmem.inc"
kmemscope=$2
unpack "$1"
status=0
data=$capture/perf.data
text=$capture/perf-kmem-stat.txt

"$kmemscope" import -o "$tmp/it.db" "$data" 2>"$tmp/err" || {
	cat "$tmp/err"
	exit 1
}
perf_figures "$tmp/it.db" "$text" || status=1
echo "$(wc -l <"$tmp/perf.lines") lines of perf kmem stat equal"
sqlite3 "$tmp/it.db" 'UPDATE event SET bytes_alloc = bytes_alloc + 1
	WHERE id = (SELECT id FROM event WHERE bytes_alloc > 0 LIMIT 1)'
if perf_figures "$tmp/it.db" "$text" >"$tmp/diff"; then
	echo "a changed event was not noticed"
	status=1
fi

# figure PERF_LABEL OUR_NAME: a sum as perf prints it and as stat does.
"$kmemscope" stat --format csv "$data" >"$tmp/sums"
figure() {
	theirs=$(sed -n "s/^$1 *: *\([0-9.]*\).*/\1/p" "$text")
	ours=$(sed -n "s/^$2,//p" "$tmp/sums")
	if [ -z "$theirs" ] || [ "$theirs" != "$ours" ]; then
		echo "$1: perf '$theirs', kmemscope '$ours'"
		status=1
	fi
}
figure 'Total bytes requested' slab.bytes_req
figure 'Total bytes allocated' slab.bytes_alloc
figure 'Total bytes freed' slab.bytes_freed
figure 'Total allocation requests' page.allocs
figure 'Total free requests' page.free_events
figure 'Total allocation failures' page.failed
figure 'Total alloc+freed requests' page.frees
figure 'Total free-only requests' page.unknown_frees

# By call site: bytes given, bytes asked for, hits.
"$kmemscope" stat --caller --format csv "$data" | awk -F, 'NR == 1 {
	for (i = 1; i <= NF; i++) at[$i] = i
	next
}
{ print $at["call_site"], $at["bytes_alloc"], $at["bytes_req"], $at["hit"] }' |
	sort >"$tmp/ours"
awk '$1 == "caller" {
	gsub(/[|\/]/, " ")
	print $2, $3, $5, $7
}' "$tmp/perf.lines" | sort >"$tmp/theirs"
[ -s "$tmp/theirs" ] && diff "$tmp/theirs" "$tmp/ours" || status=1

# A file that is cut has lost its formats: an error, and nothing is left.
size=$(stat -c %s "$data")
for len in 0 7 50 103 $((size / 3)) $((size - 1)); do
	head -c "$len" "$data" >"$tmp/cut"
	code=0
	"$kmemscope" import -f -o "$tmp/cut.db" "$tmp/cut" 2>"$tmp/err" ||
		code=$?
	if [ "$code" != 2 ] || [ -e "$tmp/cut.db" ]; then
		echo "$len bytes: status $code"
		cat "$tmp/err"
		status=1
	fi
done
exit $status
