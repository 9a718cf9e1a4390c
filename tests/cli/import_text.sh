#!/bin/sh
# import_text.sh ARCHIVE KMEMSCOPE: the raw pages and the kernel's own text of
# one buffer give the same events, sums and call sites; then a text cut short.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$(dirname "$0")/ends.inc"
# shellcheck source=tests/cli/same_text.inc
. "$(dirname "$0")/same_text.inc"
kmemscope=$2
unpack "$1"
status=0
wrong() { echo "$*"; status=1; }

"$kmemscope" import -o "$tmp/raw.db" "$capture" 2>"$tmp/err"
"$kmemscope" import -o "$tmp/text.db" "$capture/trace.txt" 2>"$tmp/err"

text_dump "$tmp/raw.db" 500 >"$tmp/raw"
text_dump "$tmp/text.db" 0 >"$tmp/text"
cmp "$tmp/raw" "$tmp/text" || {
	diff "$tmp/raw" "$tmp/text" | head -n 20
	wrong "the text is not what the raw pages are"
}
rows=$(wc -l <"$tmp/text")
[ "$rows" -gt 190000 ] || wrong "only $rows rows were compared"
echo "$rows rows equal"

# A difference must be seen: one size changed in the text.
awk 'NR == 5000 { sub(/bytes_req=[0-9]+|ptr=./, "&1") } { print }' \
	"$capture/trace.txt" >"$tmp/other.txt"
"$kmemscope" import -o "$tmp/other.db" "$tmp/other.txt" 2>"$tmp/err"
text_dump "$tmp/other.db" 0 >"$tmp/other"
! cmp -s "$tmp/raw" "$tmp/other" || wrong "a changed line was not noticed"

# The reason and the remedy.
"$kmemscope" stat "$tmp/text.db" --format json | grep -q \
	'"link_reason":.*hashed pointers.*hash-ptr' || wrong "no reason"
sqlite3 "$tmp/text.db" 'SELECT linked FROM capture' | grep -qx 0 ||
	wrong "hashed pointers were linked"

head -n 1000 "$capture/trace.txt" >"$tmp/lines"
ends 1 '191,045 of 192,033 events' import -f -o "$tmp/cut.db" "$tmp/lines"
head -c 100000 "$capture/trace.txt" >"$tmp/bytes"
ends 1 'ends inside a line' import -f -o "$tmp/cut.db" "$tmp/bytes"
head -n 12 "$capture/trace.txt" >"$tmp/head"
fails 'without an event about memory' import -f -o "$tmp/cut.db" "$tmp/head"
printf 'no trace\n' >"$tmp/words"
fails 'trace_pipe, trace-cmd report' import -f -o "$tmp/cut.db" "$tmp/words"
exit $status
