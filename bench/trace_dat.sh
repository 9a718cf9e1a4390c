#!/bin/sh
# trace_dat.sh CAPTURE OUT: the very same events as a trace.dat for trace-cmd.
# Only for captures with this machine's page size: restore writes that.
set -eu
capture=$1 out=$2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cp -R "$capture/tracefs" "$tmp/tracefs"
# restore wants a list of comms, if only an empty one.
[ -f "$tmp/tracefs/saved_cmdlines" ] || : >"$tmp/tracefs/saved_cmdlines"
symbols=$capture/kernel/kallsyms
[ -f "$symbols" ] || symbols=/dev/null
set --
cpu=0
while [ -f "$capture/cpu/$cpu.raw" ]; do
	set -- "$@" "$capture/cpu/$cpu.raw"
	cpu=$((cpu + 1))
done
trace-cmd restore -c -t "$tmp/tracefs" -k "$symbols" \
	-o "$tmp/head.dat" >/dev/null 2>&1
trace-cmd restore -i "$tmp/head.dat" -o "$out" "$@" >/dev/null 2>&1
