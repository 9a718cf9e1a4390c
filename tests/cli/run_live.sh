#!/bin/sh
# run_live.sh KMEMSCOPE: records this kernel, where it may be recorded.
set -eu
kmemscope=$1
# shellcheck source=tests/cli/live.inc
. "$(dirname "$0")/live.inc"
code=0
"$kmemscope" run -o "$tmp/x" -- sh -c 'ls -lR /usr/include >/dev/null; exit 7' \
	>"$tmp/out" 2>"$tmp/err" || code=$?
if [ $code != 7 ]; then
	echo "status $code, wanted the command's, 7:"
	cat "$tmp/err"
	exit 1
fi
[ -f "$tmp/x.kmem/capture.json" ]
[ "$(find "$tmp/x.plots" -type f | wc -l)" = 18 ]
grep -q '^Linux ' "$tmp/out"
[ "$(wc -l <"$tmp/out")" -le 24 ]
# What is there is not recorded over.
code=0
"$kmemscope" run -o "$tmp/x" -- touch "$tmp/started" 2>"$tmp/err" || code=$?
[ $code = 2 ] && grep -q 'x.kmem exists' "$tmp/err" && [ ! -e "$tmp/started" ]
# A command that cannot be run leaves nothing.
code=0
"$kmemscope" run -o "$tmp/y" -- "$tmp/no-such" 2>"$tmp/err" || code=$?
[ $code = 2 ] && grep -q 'no-such' "$tmp/err" && [ ! -e "$tmp/y.kmem" ]
