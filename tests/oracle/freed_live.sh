#!/bin/sh
# freed_live.sh KMEMSCOPE: freed.sh on a second of this kernel. Exit status 77:
# this machine cannot be recorded.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
"$1" record -o "$tmp/live" -- find /usr/include -name '*.h' \
	>/dev/null 2>"$tmp/err" || true
[ -e "$tmp/live/capture.json" ] || {
	cat "$tmp/err"
	echo "cannot record here: skipped"
	exit 77
}
tar --zstd -C "$tmp" -cf "$tmp/live.tar.zst" live
sh "$(dirname "$0")/freed.sh" "$tmp/live.tar.zst" "$1"
