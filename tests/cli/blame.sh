#!/bin/sh
# blame.sh ARCHIVE KMEMSCOPE: a capture and its database say the same; 80
# columns, a moment, what is refused. oracle/blame.sh has the numbers.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$(dirname "$0")/ends.inc"
kmemscope=$2 command=blame
unpack "$1"

fails "or worst" --at soon "$capture"
fails "or worst" --at 1,2 "$capture"
fails "text, json and csv" --format xml "$capture"
fails "not a number of rows" -l x "$capture"
fails "give one"

partial_ok "$kmemscope" blame "$capture" >"$tmp/text"
narrow "$tmp/text"

partial_ok "$kmemscope" import "$capture" -o "$tmp/x.db" 2>/dev/null >&2
partial_ok "$kmemscope" blame "$tmp/x.db" -l 100000 --format json >"$tmp/json"
partial_ok "$kmemscope" blame "$capture" -l 100000 --format json |
	grep -v '"input"' >"$tmp/json.capture"
grep -v '"input"' "$tmp/json" | cmp - "$tmp/json.capture"

# At the last event it is as at the end; before the first nobody holds any.
last=$(sed -n 's/^Call sites that pin slab pages, at \([0-9.]*\).*/\1/p' \
	"$tmp/text")
rows=$(partial_ok "$kmemscope" blame "$capture" --at 0 --format csv 2>/dev/null |
	awk 'NF == 0 { exit } NR > 1' | wc -l)
[ "$rows" = 0 ] || {
	echo "somebody holds something before the first event"
	exit 1
}
partial_ok "$kmemscope" blame "$capture" --at "$last" | sed 1,2d >"$tmp/last"
sed 1,2d "$tmp/text" | cmp - "$tmp/last"
[ -n "$last" ]
partial_ok "$kmemscope" blame "$capture" --at worst >"$tmp/worst"
grep -q '^Call sites that pin slab pages, at [0-9]' "$tmp/worst"
