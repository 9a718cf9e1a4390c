#!/bin/sh
# stat_same.sh ARCHIVE KMEMSCOPE: every table in every format says the same from
# a capture and from the database made of it.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
kmemscope=$2
unpack "$1"
partial_ok "$kmemscope" import -o "$tmp/x.db" "$capture" >/dev/null 2>&1

# A moment in the middle of the trace.
middle=$(sqlite3 "$tmp/x.db" 'SELECT printf("%d.%09d", ts_ns / 1000000000,
	ts_ns % 1000000000) FROM event
	WHERE id = (SELECT max(id) / 2 FROM event)')
same() {
	partial_ok "$kmemscope" stat "$@" "$capture" >"$tmp/a"
	partial_ok "$kmemscope" stat "$@" "$tmp/x.db" >"$tmp/b"
	[ -s "$tmp/a" ]
	sed -i '/"input":/d' "$tmp/a" "$tmp/b"
	diff "$tmp/a" "$tmp/b" >"$tmp/diff" || {
		echo "stat $*: capture and database differ"
		head -20 "$tmp/diff"
		exit 1
	}
}
for table in --self --caller --cache --page --order; do
	same --format json $table
done
for format in text csv; do
	same --format $format
	same --format $format --caller
	same --format $format --page
done
for table in --caller --cache --class --page --order; do
	same --format csv --detail $table
done
for table in --task --cpu --cgroup '--by function' '--by module'; do
	# shellcheck disable=SC2086 # an option and its value
	same --format csv $table
done
same --alloc --format csv
same --page --alloc -l 50
same --format json --caller --time "$middle,"
same --caller --time ",$middle" -s hit,bytes
# Both halves of the trace hold something.
for window in "$middle," ",$middle"; do
	partial_ok "$kmemscope" stat --time "$window" --format csv "$capture" |
		grep -q '^slab.allocs,[1-9]'
done
