#!/bin/sh
# freed.sh ARCHIVE KMEMSCOPE: compares "kmemscope stat" of a capture with an
# independent count, tests/oracle/freed.awk over trace-cmd report of the same
# raw pages. The direct-map base, which only says which page an address is in,
# is taken from kmemscope. Exit status 77: trace-cmd is not installed.
set -eu
here=$(dirname "$0")
# shellcheck source=tests/cli/unpack.inc
. "$here/../cli/unpack.inc"
kmemscope=$2
command -v trace-cmd >/dev/null || { echo "no trace-cmd: skipped"; exit 77; }
unpack "$1"

partial_ok "$kmemscope" stat --self --format json "$capture" >"$tmp/stat.json"
partial_ok "$kmemscope" stat --self --format csv "$capture" >"$tmp/stat.csv"
base=$(sed -n 's/.*direct-map base \(0x[0-9a-f]*\).*/\1/p' "$tmp/stat.json")
page_size=$(sed -n 's/.*"page_size":[^0-9]*\([0-9]*\).*/\1/p' "$tmp/stat.json")

trace-cmd restore -c -t "$capture/tracefs" -k "$capture/kernel/kallsyms" \
	-o "$tmp/head.dat" >/dev/null 2>&1
# restore writes this machine's page size; the pages have the recorded one.
# "\027\010\104tracing7\0", endian, long size, then the page size (32 bits).
# shellcheck disable=SC2059 # the format is made of octal escapes
printf "$(printf '\\%03o\\%03o\\%03o\\%03o' $((page_size & 255)) \
	$((page_size >> 8 & 255)) $((page_size >> 16 & 255)) \
	$((page_size >> 24 & 255)))" |
	dd of="$tmp/head.dat" bs=1 seek=14 conv=notrunc 2>/dev/null
trace-cmd restore -o "$tmp/t.dat" -i "$tmp/head.dat" "$capture"/cpu/*.raw \
	>/dev/null 2>&1
trace-cmd report -R -i "$tmp/t.dat" >"$tmp/report.txt" 2>"$tmp/report.err"
awk -v page_size="$page_size" -v base="$base" -f "$here/freed.awk" \
	"$tmp/report.txt" >"$tmp/want"
[ -s "$tmp/want" ]

awk -F'[ ,]' 'FNR == NR { want[$1] = $2; n++; next }
	$1 in want {
		seen++
		if (want[$1] != $2) {
			printf "%s: kmemscope %s, trace-cmd and awk %s\n", $1, $2, want[$1]
			bad = 1
		}
	}
	END {
		if (seen != n || !want["slab.allocs"]) {
			printf "only %d of %d numbers were compared\n", seen, n
			bad = 1
		}
		if (!bad)
			printf "%d numbers equal\n", n
		exit bad
	}' "$tmp/want" "$tmp/stat.csv"
