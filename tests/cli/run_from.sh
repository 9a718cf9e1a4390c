#!/bin/sh
# run_from.sh ARCHIVE KMEMSCOPE: run on an existing, partial capture; plot; what
# is refused before any work is done.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$(dirname "$0")/ends.inc"
kmemscope=$2
unpack "$1"
status=0
wrong() { echo "$*"; status=1; }

fails 'COMMAND' run
fails 'COMMAND' run --from "$capture" -- true
fails 'unknown option' run --nonsense
fails 'nowhere' run -o "$tmp/a" --from "$tmp/nowhere"
: >"$tmp/taken.db"
fails 'taken.db exists' run -o "$tmp/taken" --from "$capture"
mkdir "$tmp/full.plots"
fails 'full.plots exists' run -o "$tmp/full" --from "$capture"
fails 'give one database' plot
fails 'taken.db' plot "$tmp/taken.db"
[ -z "$(find "$tmp" -name '*.partial*')" ] || wrong "a part of a database left"
for name in a full; do
	[ ! -e "$tmp/$name.db" ] || wrong "$name.db is left"
done

# Partial: everything is made, the summary says so, status 1.
code=0
"$kmemscope" run -o "$tmp/x" --from "$capture" >"$tmp/out" 2>"$tmp/err" ||
	code=$?
[ $code = 1 ] || wrong "run: status $code, wanted 1: $(cat "$tmp/err")"
grep -q '^PARTIAL: 454,665 of 475,153 events are missing' "$tmp/out" ||
	wrong "the summary does not say what is missing"
[ "$(wc -l <"$tmp/out")" -le 24 ] || wrong "the summary is too long"
[ "$(wc -L <"$tmp/out")" -le 80 ] || wrong "the summary is too wide"
[ "$(find "$tmp/x.plots" -type f | wc -l)" = 18 ] || wrong "not 18 files"
for file in "$tmp"/x.plots/*.svg; do
	grep -q 'PARTIAL: 454,665 of 475,153' "$file" ||
		wrong "$file does not say what is missing"
done

# plot prints the names of what it leaves; without a replay, three pictures.
"$kmemscope" plot -o "$tmp/again" "$tmp/x.db" >"$tmp/names"
[ "$(wc -l <"$tmp/names")" = 18 ] || wrong "plot does not name 18 files"
while read -r name; do
	[ -s "$name" ] || wrong "$name is not there"
done <"$tmp/names"
partial_ok "$kmemscope" import -o "$tmp/bare.db" "$capture" 2>/dev/null
code=0
"$kmemscope" plot "$tmp/bare.db" >"$tmp/names" 2>"$tmp/err" || code=$?
[ $code = 1 ] || wrong "plot without a replay: status $code, wanted 1"
[ "$(wc -l <"$tmp/names")" = 6 ] || wrong "plot without a replay: not 6 files"
grep -q "kmemscope replay $tmp/bare.db" "$tmp/err" ||
	wrong "plot without a replay does not say what to do"
partial_ok "$kmemscope" replay "$tmp/bare.db" >/dev/null
"$kmemscope" plot "$tmp/bare.db" >"$tmp/names"
[ "$(wc -l <"$tmp/names")" = 18 ] || wrong "replay did not keep its results"
exit $status
