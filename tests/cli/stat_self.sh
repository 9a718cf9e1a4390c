#!/bin/sh
# stat_self.sh ARCHIVE KMEMSCOPE: what the recorder allocated is left out and
# said, or counted with --self.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
kmemscope=$2
unpack "$1"
value() { sed -n "s/^$1,//p" "$2"; }

partial_ok "$kmemscope" stat --format csv "$capture" >"$tmp/all"
# Make the most frequent task of the trace its recorder.
partial_ok "$kmemscope" import -o "$tmp/x.db" "$capture" >/dev/null 2>&1
pid=$(sqlite3 "$tmp/x.db" 'SELECT pid FROM event WHERE kind = 1
	GROUP BY pid ORDER BY count(*) DESC LIMIT 1')
sed -i "s/^{/{\"self_pids\": [$pid], /" "$capture/capture.json"

partial_ok "$kmemscope" stat --format csv "$capture" >"$tmp/without"
partial_ok "$kmemscope" stat --format csv --self "$capture" >"$tmp/with"
for name in slab.allocs slab.bytes_alloc page.bytes_alloc slab.frees; do
	if [ "$(value $name "$tmp/with")" != "$(value $name "$tmp/all")" ]; then
		echo "$name: --self does not show all"
		exit 1
	fi
done
[ "$(value slab.allocs "$tmp/without")" -lt "$(value slab.allocs "$tmp/with")" ]
partial_ok "$kmemscope" stat "$capture" | grep -q '^Left out: '
partial_ok "$kmemscope" stat --self "$capture" >"$tmp/out"
if grep -q '^Left out: ' "$tmp/out"; then
	echo "--self says that something is left out"
	exit 1
fi
