#!/bin/sh
# leaks_live.sh KMEMSCOPE: a process that opens pipes and keeps them is found
# first, on this kernel, with whatever else runs.
set -eu
kmemscope=$1
# shellcheck source=tests/cli/live.inc
. "$(dirname "$0")/live.inc"
# shellcheck disable=SC3045 # where the shell has no ulimit -n, it is skipped
if ! command -v bash >/dev/null || ! ulimit -n 2048 2>/dev/null; then
	echo "skipped: needs bash, and to open 2048 files"
	exit 77
fi
cat >"$tmp/leak" <<'END'
cd "$1"
pipes=$(seq -f pipe%g 1000)
mkfifo wait $pipes
exec 3<>wait
for pipe in $pipes; do
	exec {fd}<>"$pipe"
	read -rt 0.002 -u 3 || :
done
touch done
read -rt 60 -u 3
END
bash "$tmp/leak" "$tmp" &
leak=$!
"$kmemscope" record -o "$tmp/leak.kmem" -- sh -c "n=0
	while [ ! -e '$tmp/done' ] && [ \$n -lt 300 ]; do
		sleep 0.1; n=\$((n + 1))
	done" >/dev/null 2>&1
kill $leak
wait $leak 2>/dev/null || :
# Status 1: events were lost.
"$kmemscope" leaks -l 3 "$tmp/leak.kmem" >"$tmp/out" || [ $? = 1 ]
if ! grep -q '^1 alloc_pipe_info' "$tmp/out"; then
	echo "1000 pipes that were kept are not the likeliest leak:"
	cat "$tmp/out"
	exit 1
fi
