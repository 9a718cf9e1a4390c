#!/bin/sh
# bench_stat.sh KMEMSCOPE: "kmemscope stat" beside "perf kmem stat" and
# "trace-cmd mem" on the very same events of this kernel: recorded by perf,
# turned into a capture (perf_pages.c) and that into a trace.dat (trace-cmd).
#
# Printed is CPU time, the best of seven runs, start-up included: on a busy
# machine wall time says more about the others. perf kmem stat prints pages only
# where they were recorded with callchains, as perf kmem record --page does; the
# second half leaves pages away. Exit status 77: no perf, or no permission.
set -eu
kmemscope=$1
command -v perf >/dev/null || { echo "no perf here: skipped"; exit 77; }
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
events=/sys/kernel/tracing/events
[ -r $events/header_page ] || events=/sys/kernel/debug/tracing/events
cc -O2 -D_GNU_SOURCE -o "$tmp/perf_pages" "$(dirname "$0")/perf_pages.c"

cpu_ms() { # the least CPU time of seven runs of a command
	for _ in 1 2 3 4 5 6 7; do
		perf stat -x, -e task-clock -o "$tmp/clock" -- "$@" \
			>/dev/null 2>&1 || true
		grep -v '^#' "$tmp/clock" | grep task-clock | cut -d, -f1
	done | sort -n | head -1
}

capture() { # perf.data into a capture directory; sets count
	dir=$1.kmem
	mkdir -p "$dir/cpu" "$dir/kernel" "$dir/tracefs/events"
	for header in header_page header_event; do
		cat "$events/$header" >"$dir/tracefs/events/$header"
	done
	# trace-cmd restore wants ftrace's own events and a list of comms, too.
	for format in "$events"/kmem/*/format "$events/ftrace/print/format"; do
		event=${format#"$events"/}
		mkdir -p "$dir/tracefs/events/${event%/format}"
		cat "$format" >"$dir/tracefs/events/$event"
	done
	: >"$dir/tracefs/saved_cmdlines"
	cat /proc/kallsyms >"$dir/kernel/kallsyms"
	"$tmp/perf_pages" "$1" "$dir/cpu" >"$1.counts"
	count=$(awk '{ n += $2 } END { print n }' "$1.counts")
	awk -v release="$(uname -r)" -v machine="$(uname -m)" \
		-v page_size="$(getconf PAGE_SIZE)" '
		{ loss = loss (NR > 1 ? ", " : "") "\"" $1 "\": {\"entries\": " $2 \
			", \"overrun\": 0, \"commit_overrun\": 0, \"dropped_events\": 0}" }
		END {
			printf "{\"format\": 1, \"release\": \"%s\", ", release
			printf "\"machine\": \"%s\", \"page_size\": %d, ", machine, page_size
			printf "\"long_size\": 8, \"endian\": \"little\", "
			printf "\"cpus\": %d, \"clock\": \"mono\", ", NR
			printf "\"loss\": {%s}}\n", loss
		}' "$1.counts" >"$dir/capture.json"
}

line() { # NAME MS OURS
	awk -v name="$1" -v ms="$2" -v ours="$3" -v n="$count" 'BEGIN {
		printf "  %-28s %8.1f ms %7.0f ns/event  %5.2f\n",
			name, ms, ms * 1e6 / n, ms / ours }'
}

compare() { # TITLE FILE, then what perf is told
	title=$1 file=$2
	shift 2
	capture "$file"
	ours=$(cpu_ms "$kmemscope" stat "$file.kmem")
	echo "$title: $count events; the last column is times kmemscope's"
	line "kmemscope stat" "$ours" "$ours"
	line "perf kmem stat $*" \
		"$(cpu_ms perf kmem -i "$file" "$@" stat)" "$ours"
	command -v trace-cmd >/dev/null || return 0
	trace-cmd restore -c -t "$file.kmem/tracefs" \
		-k "$file.kmem/kernel/kallsyms" -o "$tmp/head.dat" >/dev/null 2>&1
	trace-cmd restore -o "$file.dat" -i "$tmp/head.dat" \
		"$file".kmem/cpu/*.raw >/dev/null 2>&1
	line "trace-cmd mem" "$(cpu_ms trace-cmd mem -i "$file.dat")" "$ours"
}

perf kmem --slab --page record -o "$tmp/both" -- \
	sh -c 'for i in 1 2 3; do tar c /usr/include >/dev/null; done' \
	>/dev/null 2>&1 || { echo "perf cannot record here: skipped"; exit 77; }
perf kmem --slab record -o "$tmp/slab" -- \
	sh -c 'for i in 1 2 3 4 5; do tar c /usr/include >/dev/null; done' \
	>/dev/null 2>&1
compare "slab and page events" "$tmp/both" --slab --page
compare "slab events only" "$tmp/slab" --slab
