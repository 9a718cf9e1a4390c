#!/bin/sh
# report_options.sh ARCHIVE KMEMSCOPE: report of a capture and of a database;
# what is refused; the file is whole, private, and says what is missing.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$(dirname "$0")/ends.inc"
kmemscope=$2
unpack "$1"
mkdir "$tmp/work"
export TMPDIR="$tmp/work"
status=0
wrong() { echo "$*"; status=1; }

fails 'give one database' report
fails 'give one database' report a b
fails 'unknown option' report --nonsense x
fails 'needs a name' report -o '' x.db
fails 'use -o' report /
fails 'nowhere' report -o "$tmp/a.html" "$tmp/nowhere.db"
echo 'no database' >"$tmp/text.db"
fails 'a text without an event' report "$tmp/text.db"
printf '\001\000\002' >"$tmp/binary.db"
fails 'neither a capture' report "$tmp/binary.db"
sqlite3 "$tmp/foreign.db" 'CREATE TABLE t (a)'
fails "none of kmemscope's" report "$tmp/foreign.db"
: >"$tmp/taken.html"
fails 'taken.html already exists' report -o "$tmp/taken.html" "$capture"
fails 'dangling.html: No such file' report -o "$tmp/none/dangling.html" "$capture"

# A capture; it is partial, so status 1.
code=0
"$kmemscope" report -o "$tmp/x.html" "$capture" >"$tmp/out" 2>"$tmp/err" ||
	code=$?
[ $code = 1 ] || wrong "capture: status $code, wanted 1: $(cat "$tmp/err")"
[ ! -s "$tmp/out" ] || wrong "capture: something on stdout"
[ "$(stat -c %a "$tmp/x.html")" = 600 ] || wrong "x.html is not private"
grep -q 'PARTIAL: 454,665 of 475,153 events are missing' "$tmp/x.html" ||
	wrong "x.html does not say what is missing"
[ "$(grep -c '<figure>' "$tmp/x.html")" = 8 ] || wrong "x.html: not 8 pictures"
[ "$(tail -n 1 "$tmp/x.html")" = '</html>' ] || wrong "x.html is not whole"

# A database without a replay: what is missing is said; -f replaces.
partial_ok "$kmemscope" import -o "$tmp/y.db" "$capture" 2>/dev/null
partial_ok "$kmemscope" report "$tmp/y.db" 2>/dev/null
[ "$(grep -c '<figure>' "$tmp/y.html")" = 2 ] || wrong "y.html: not 2 pictures"
grep -q 'There is no replay in the database' "$tmp/y.html" ||
	wrong "y.html does not say that there is no replay"
fails 'y.html already exists' report "$tmp/y.db"
cp "$tmp/y.html" "$tmp/before.html"
partial_ok "$kmemscope" report -f "$tmp/y.db" 2>/dev/null
cmp "$tmp/before.html" "$tmp/y.html" || wrong "two reports of one input differ"

# Damaged: an error or a report, and nothing half-way.
size=$(stat -c %s "$tmp/y.db")
for part in 1 2 3 4 5 6 7; do
	cp "$tmp/y.db" "$tmp/damaged.db"
	yes damage | head -c 2000 | dd of="$tmp/damaged.db" conv=notrunc bs=1 \
		seek=$((size * part / 8)) 2>/dev/null
	code=0
	"$kmemscope" report -f "$tmp/damaged.db" 2>"$tmp/err" || code=$?
	[ $code -le 2 ] || wrong "damaged at $part/8: status $code"
	[ $code != 2 ] || grep -q '^kmemscope: ' "$tmp/err" ||
		wrong "damaged at $part/8: no reason"
done
head -c $((size / 2)) "$tmp/y.db" >"$tmp/short.db"
fails 'import the capture again' report "$tmp/short.db"
[ ! -e "$tmp/short.html" ] || wrong "short.html is left"
[ -z "$(ls "$tmp/work")" ] || wrong "left in TMPDIR: $(ls "$tmp/work")"
[ -z "$(find "$tmp" -name '*.partial*')" ] || wrong "a part of a file is left"
exit $status
