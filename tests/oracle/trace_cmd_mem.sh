#!/bin/sh
# trace_cmd_mem.sh ARCHIVE KMEMSCOPE: "kmemscope stat --caller" against what
# trace-cmd mem 3.1.6 printed for the same events (ARCHIVE's name with
# .trace-cmd-mem.txt, made from a trace.dat as in freed.sh).
set -eu
here=$(dirname "$0")
# shellcheck source=tests/cli/unpack.inc
. "$here/../cli/unpack.inc"
unpack "$1"
"$2" stat --self --caller --format csv "$capture" >"$tmp/caller.csv"
awk -f "$here/trace_cmd_mem.awk" \
	"$here/$(basename "$capture").trace-cmd-mem.txt" "$tmp/caller.csv"
