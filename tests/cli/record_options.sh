#!/bin/sh
# record_options.sh KMEMSCOPE: what record refuses before it touches anything.
set -eu
kmemscope=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# refuses WORDS OPTIONS...: status 2, these words, and nothing made.
refuses() {
	words=$1
	shift
	status=0
	"$kmemscope" record -o "$tmp/x" "$@" 2>"$tmp/err" || status=$?
	if [ $status != 2 ] || ! grep -q "$words" "$tmp/err" ||
		[ -e "$tmp/x" ]; then
		echo "record $*: status $status, wanted 2 and '$words':"
		cat "$tmp/err"
		exit 1
	fi
}
refuses 'only -o goes with it' --boot -d 3
refuses 'only -o goes with it' --boot -b 1024
refuses 'only -o goes with it' --boot --filter 'kmalloc:bytes_req>1'
refuses 'only -o goes with it' --boot -- true
refuses 'only -o goes with it' --boot --user-faults
refuses 'with --user-faults only' --filter 'page_fault_user:error_code==6'
refuses 'not both' -d 3 -- true
refuses 'not a number of seconds' -d 0
refuses 'not a number of KiB' -b x
refuses 'is not EVENT:EXPR' --filter kmalloc
