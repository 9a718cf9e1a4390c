#!/bin/sh
# fails_unknown.sh ARCHIVE KMEMSCOPE: of a trace without page events fails says
# that it cannot know, but a failure that is certain all the same.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$(dirname "$0")/ends.inc"
kmemscope=$2
unpack "$1"
"$kmemscope" import -o "$tmp/x.db" "$capture" 2>/dev/null
status=0
for input in "$capture" "$tmp/x.db"; do
	"$kmemscope" fails "$input" >"$tmp/out" 2>/dev/null
	narrow "$tmp/out"
	if ! grep -q 'the trace has no page events' "$tmp/out" ||
		! grep -q '^Who held the memory: not known' "$tmp/out" ||
		[ "$(grep -c '^ *[0-9]* *[0-9,]* -  ' "$tmp/out")" != 11 ]; then
		echo "$input: it says what it cannot know:"
		cat "$tmp/out"
		status=1
	fi
done
# Less than the watermark was free from the start, whatever else was taken.
sqlite3 "$tmp/x.db" 'UPDATE snapshot_zone SET min = managed + 1'
"$kmemscope" fails --format csv "$tmp/x.db" 2>/dev/null |
	awk -F, 'NR == 1 { next } !NF { exit } $3 == "at start" { n++ }
		END { exit n != 11 }' || {
	echo "a failure that is certain is not told"
	status=1
}
exit $status
