#!/bin/sh
# leaks_live.sh KMEMSCOPE: a process that opens pipes and keeps them, on this
# kernel, with whatever else runs: all its pipes are found, and they come first
# of what this process allocated. (What others do may be, or look, a larger leak.)
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
mkfifo wait pipe{1..1000}
echo $$ >pid
exec 3<>wait
for pipe in pipe{1..1000}; do
	exec {fd}<>"$pipe"
	read -rt 0.002 -u 3 || :
done
touch done
read -rt 600 -u 3
END
# It outlives the recording, which ends when all pipes are open.
trap 'kill "$(cat "$tmp/pid")" 2>/dev/null || :; rm -rf "$tmp"' EXIT
"$kmemscope" record -o "$tmp/leak.kmem" -- sh -c "bash '$tmp/leak' '$tmp' &
	until [ -e '$tmp/done' ]; do sleep 0.1; done" >/dev/null 2>"$tmp/err"
if ! grep -q 'nothing was lost' "$tmp/err"; then
	echo "skipped: $(cat "$tmp/err")"
	exit 77
fi
"$kmemscope" import -o "$tmp/leak.db" "$tmp/leak.kmem" 2>"$tmp/err"

# live CSV: of alloc_pipe_info, in the cache that has most.
live() {
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		!NF { exit }
		$at["callsite"] ~ /^alloc_pipe_info/ &&
			$at["live"] > most { most = $at["live"] }
		END { print most + 0 }' "$1"
}
"$kmemscope" leaks -l 100000 --format csv "$tmp/leak.db" >"$tmp/all"
pid=$(cat "$tmp/pid")
sqlite3 "$tmp/leak.db" "DELETE FROM event WHERE pid <> $pid
	AND (object IS NULL OR object NOT IN (SELECT object FROM event
		WHERE object AND pid = $pid));
	DELETE FROM event_detail WHERE event NOT IN (SELECT id FROM event)"
"$kmemscope" leaks -l 1 --format csv "$tmp/leak.db" >"$tmp/own"
echo "$(live "$tmp/all") pipes live, $(live "$tmp/own") of them the process's;" \
	"of all, first: $(sed -n '2p' "$tmp/all")"
if [ "$(live "$tmp/all")" -lt 1000 ] || [ "$(live "$tmp/own")" -lt 1000 ]; then
	echo "1000 pipes that were kept are not the likeliest leak:"
	cat "$tmp/own"
	exit 1
fi
