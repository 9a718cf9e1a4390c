#!/bin/sh
# perf_capture.sh PERF_PAGES PERF.DATA DIR: what perf recorded on this machine
# as a capture directory, so that perf and kmemscope count the same events.
# PERF_PAGES is the program made of bench/perf_pages.c.
set -eu
perf_pages=$1 data=$2 dir=$3
events=/sys/kernel/tracing/events
[ -r $events/header_page ] || events=/sys/kernel/debug/tracing/events
mkdir -p "$dir/cpu" "$dir/kernel" "$dir/tracefs/events"
for header in header_page header_event; do
	cat "$events/$header" >"$dir/tracefs/events/$header"
done
# trace-cmd restore wants ftrace's own events, too.
for format in "$events"/kmem/*/format "$events/ftrace/print/format"; do
	event=${format#"$events"/}
	mkdir -p "$dir/tracefs/events/${event%/format}"
	cat "$format" >"$dir/tracefs/events/$event"
done
cat /proc/kallsyms >"$dir/kernel/kallsyms"
"$perf_pages" "$data" "$dir/cpu" |
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
	}' >"$dir/capture.json"
