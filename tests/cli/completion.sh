#!/bin/sh
# completion.sh KMEMSCOPE: what bash completes: every command, their options and
# values.
set -eu
if ! command -v bash >/dev/null; then
	echo "skipped: no bash"
	exit 77
fi
commands=$("$1" help | sed -n 's/^  kmemscope \([a-z]*\).*/\1/p' | sort |
	tr '\n' ' ')
if "$1" help | grep '.\{81\}'; then
	echo "help is wider than 80 columns"
	exit 1
fi
bash -s "$commands" "$1" <<'END'
source completion/kmemscope.bash
status=0
program=$2
# completes "WANTED" WORDS...: the last word is completed.
completes()
{
	local wanted=$1
	shift
	COMP_WORDS=("$program" "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_kmemscope
	if [[ ${COMPREPLY[*]} != "$wanted" ]]; then
		echo "kmemscope $*: '${COMPREPLY[*]}', wanted '$wanted'"
		status=1
	fi
}
completes "record replay report" re
completes "--caller --cache" stat --ca
completes "text json csv" stat --format ""
completes "function module file" stat --by ""
completes "trace" verify --start tr
completes "slub slab slob" waterfall --model s
completes "worst" blame --at ""
completes "-o --output" plot -
completes "stat" help st
completes "--from" run -o x --f
completes "--user-faults" record --u
completes "README.md" import README.
completes "" record -d ""
for command in $1; do
	completes "$command" "$command"
done
exit $status
END
