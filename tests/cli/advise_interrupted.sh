#!/bin/sh
# advise_interrupted.sh ARCHIVE KMEMSCOPE: a signal while replays are under way
# ends the command and all its children, and nothing is printed as a result.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
kmemscope=$2
unpack "$1"

# A signal that only the parent gets, while children are at work: one of them is
# stopped, so that its parent cannot have ended before.
"$kmemscope" advise "$capture" >"$tmp/out" 2>"$tmp/err" &
pid=$!
until child=$(pgrep -n -P "$pid") && kill -STOP "$child" 2>/dev/null &&
	grep -q '^State:.T' "/proc/$child/status" 2>/dev/null; do
	kill -0 "$pid" 2>/dev/null || { echo "no child was seen"; exit 1; }
	sleep 0.05
done
pgrep -P "$pid" >"$tmp/children"
kill -INT "$pid"
got=0
wait "$pid" || got=$?
if [ "$got" != 2 ] || ! grep -q interrupted "$tmp/err" || [ -s "$tmp/out" ]
then
	echo "after a signal: status $got, $(cat "$tmp/err")"
	exit 1
fi
while read -r child; do
	if kill -0 "$child" 2>/dev/null; then
		echo "child $child outlived its parent"
		exit 1
	fi
done <"$tmp/children"
