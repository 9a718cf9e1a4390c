#!/bin/sh
# perf_rules.sh: records a second of this kernel with perf and checks that
# perf_rules.awk, on which docs/stat.md rests, prints what perf kmem stat does.
# Exit status 77: no perf, or no permission to record.
set -eu
here=$(dirname "$0")
command -v perf >/dev/null || { echo "no perf: skipped"; exit 77; }
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT

perf kmem --slab --page record -o "$tmp/perf.data" -- \
	find /usr/include -name '*.h' >/dev/null 2>"$tmp/record.err" || {
	echo "perf kmem record does not work here: skipped"
	exit 77
}
perf kmem -i "$tmp/perf.data" --slab --page stat 2>/dev/null | tr -d ,\' |
	awk '/bytes requested/ { print "requested", $NF }
		/^Total bytes allocated/ { print "allocated", $NF }
		/bytes freed/ { print "freed", $NF }
		/Cross CPU/ { sub(".*/", ""); print "allocs", $0 }
		/allocation requests/ { print "page_allocs", $5 }
		/Total free requests/ { print "page_frees", $5 }
		/alloc.freed requests/ { print "page_alloc_freed", $5 }
		/alloc-only requests/ { print "page_alloc_only", $5 }
		/free-only requests/ { print "page_free_only", $5 }' |
	sort >"$tmp/perf"
perf script -i "$tmp/perf.data" -G -F comm,pid,cpu,time,event,trace \
	2>/dev/null | awk -f "$here/perf_rules.awk" | sort >"$tmp/rules"
[ "$(wc -l <"$tmp/perf")" = 9 ]
diff "$tmp/perf" "$tmp/rules"
echo "9 numbers equal"
