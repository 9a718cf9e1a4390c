#!/bin/sh
# stat_hostile.sh ARCHIVE KMEMSCOPE: a symbol with control characters, quotes
# and bytes that are no UTF-8 does no harm in any format.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
kmemscope=$2
unpack "$1"
evil=$(printf 'e\033[31m,"x"<b>\377')
LC_ALL=C awk -v evil="$evil" '{ $3 = evil; print }' \
	"$capture/kernel/kallsyms" >"$tmp/kallsyms"
mv "$tmp/kallsyms" "$capture/kernel/kallsyms"

partial_ok "$kmemscope" stat --caller "$capture" >"$tmp/out"
if LC_ALL=C grep -q '[^ -~]' "$tmp/out"; then
	echo "text: a control character came through"
	exit 1
fi
grep -q 'e\\x1b\[31m' "$tmp/out" || { echo "text: no escape"; exit 1; }

partial_ok "$kmemscope" stat --caller --format csv "$capture" >"$tmp/out"
LC_ALL=C grep -q ',"e.\[31m,""x""<b>.+0x[0-9a-f]*",' "$tmp/out" || {
	echo "csv: not quoted"
	exit 1
}

partial_ok "$kmemscope" stat --caller --format json "$capture" >"$tmp/out"
got=$(sqlite3 :memory: "SELECT json_extract(CAST(readfile('$tmp/out') AS TEXT),
	'\$.caller[0].symbol')" | cut -d+ -f1)
want=$(printf 'e\033[31m,"x"<b>\\xff')
[ "$got" = "$want" ] || { echo "json: got $got"; exit 1; }
