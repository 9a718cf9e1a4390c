#!/bin/sh
# sums.sh CAPTURE: counts and sums of a capture directory by trace-cmd and awk.
#
# trace-cmd restore makes a trace.dat of the raw pages and formats; its head
# holds this machine's page size, so the capture's is put in its place. Makes
# tests/data/golden/NAME.sums.txt, which stand in where trace-cmd is missing.
set -eu

capture=$1
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

number() {
	sed -n "s/.*\"$1\":[[:space:]]*\([0-9]*\).*/\1/p" "$capture/capture.json"
}

page_size=$(number page_size)
cpus=$(number cpus)
symbols=$capture/kernel/kallsyms
[ -f "$symbols" ] || symbols=/dev/null
trace-cmd restore -c -t "$capture/tracefs" -k "$symbols" \
	-o "$work/head.dat" >/dev/null 2>&1
# "\x17\x08\x44tracing", version and NUL, endian, long size, then page size.
# shellcheck disable=SC2059
printf "\\$(printf %o $((page_size & 255)))\\$(printf %o \
	$((page_size >> 8 & 255)))\\$(printf %o $((page_size >> 16 & 255)))\\0" |
	dd of="$work/head.dat" bs=1 seek=14 conv=notrunc 2>/dev/null
set --
cpu=0
while [ "$cpu" -lt "$cpus" ]; do
	set -- "$@" "$capture/cpu/$cpu.raw"
	cpu=$((cpu + 1))
done
trace-cmd restore -o "$work/trace.dat" -i "$work/head.dat" "$@" >/dev/null 2>&1
trace-cmd report -R -i "$work/trace.dat" 2>/dev/null >"$work/report.txt"
{
	awk -f "$here/sums.awk" "$work/report.txt"
	# The kernel hides pointers in text, so only the sizes can be compared.
	if [ -f "$capture/trace.txt" ]; then
		awk -f "$here/sums.awk" "$capture/trace.txt" |
			sed -n '/\.events\|\.pids\|\.bytes_/s/^/text./p'
	fi
} | LC_ALL=C sort
