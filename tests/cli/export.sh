#!/bin/sh
# export.sh ARCHIVE KMEMSCOPE KSHARK_ENTRIES: trace-cmd reads what export
# --trace-dat makes of a capture as it reads what trace-cmd restore makes of it,
# and so does import; trace-cmd's own conversions of it say the same, and
# KernelShark's library, where it is installed, finds every event.
# Exit status 77: no trace-cmd.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$(dirname "$0")/ends.inc"
# shellcheck source=tests/cli/same_events.inc
. "$(dirname "$0")/same_events.inc"
command -v trace-cmd >/dev/null || { echo "no trace-cmd: skipped"; exit 77; }
kmemscope=$2 kshark_entries=$3
unpack "$1"
status=0
page_size=$(sed -n 's/.*"page_size": *\([0-9]*\).*/\1/p' \
	"$capture/capture.json")

"$kmemscope" export "$capture" --trace-dat "$tmp/out.dat" 2>"$tmp/err"
[ "$(stat -c %a "$tmp/out.dat")" = 600 ] || {
	echo "out.dat is not private"
	status=1
}
trace-cmd report "$tmp/out.dat" >"$tmp/ours" 2>"$tmp/ours.err"
if [ "$page_size" = "$(getconf PAGE_SIZE)" ]; then
	sh bench/trace_dat.sh "$capture" "$tmp/restored.dat"
	trace-cmd report "$tmp/restored.dat" >"$tmp/theirs" 2>/dev/null
	cmp "$tmp/ours" "$tmp/theirs" || status=1
	trace-cmd mem -i "$tmp/out.dat" >"$tmp/ours.mem" 2>/dev/null
	trace-cmd mem -i "$tmp/restored.dat" >"$tmp/theirs.mem" 2>/dev/null
	cmp "$tmp/ours.mem" "$tmp/theirs.mem" || status=1
	[ "$(wc -l <"$tmp/ours.mem")" -gt 10 ] || status=1
fi
for packed in none zstd; do
	trace-cmd convert --file-version 7 --compression $packed \
		-i "$tmp/out.dat" -o "$tmp/v7.dat" >/dev/null 2>&1
	for verb in report mem; do
		trace-cmd $verb -i "$tmp/out.dat" >"$tmp/v6.$verb" 2>/dev/null
		trace-cmd $verb -i "$tmp/v7.dat" >"$tmp/v7.$verb" 2>/dev/null
		cmp "$tmp/v6.$verb" "$tmp/v7.$verb" || status=1
	done
	echo "version 7, $packed: $(wc -l <"$tmp/v7.report") lines of report," \
		"$(wc -l <"$tmp/v7.mem") of mem equal"
done
# What comes back is what went out, but for what only a capture has.
rm -rf "$capture/before" "$capture/after" "$capture/slab"
partial_ok "$kmemscope" import -o "$tmp/a.db" "$capture" 2>"$tmp/err"
partial_ok "$kmemscope" import -o "$tmp/b.db" "$tmp/out.dat" 2>"$tmp/err"
same_events "$tmp/a.db" "$tmp/b.db" || status=1

lines=$(grep -c ': ' "$tmp/ours")
events=$(sqlite3 "$tmp/a.db" 'SELECT sum(count) FROM tracepoint')
echo "$lines lines in trace-cmd report, $events events in the capture"
[ "$lines" = "$events" ] || status=1
code=0
# What KernelShark's library leaks is not ours to report.
found=$(ASAN_OPTIONS=detect_leaks=0 "$kshark_entries" "$tmp/out.dat" \
	2>/dev/null) || code=$?
if [ $code = 77 ]; then
	echo 'no libkshark: KernelShark was not asked'
elif [ "$found" != "$events" ]; then
	echo "KernelShark finds $found events of $events"
	status=1
else
	echo "KernelShark finds all $events events"
fi

command='export'
fails 'already exists.* -f' "$capture" --trace-dat "$tmp/out.dat"
ends 0 'readable by you alone' -f "$capture" --trace-dat "$tmp/out.dat"
fails 'cannot make' "$capture" --trace-dat "$tmp/nowhere/out.dat"
fails 'give one capture' "$capture"
fails 'no such directory' "$tmp/nothing" --trace-dat "$tmp/new.dat"
for left in "$tmp"/*.partial-* "$tmp/new.dat"; do
	[ -e "$left" ] || continue
	echo "a failed export left $left"
	status=1
done
exit $status
