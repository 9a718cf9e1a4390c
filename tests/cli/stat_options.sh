#!/bin/sh
# stat_options.sh ARCHIVE KMEMSCOPE: options, their errors, and 80 columns.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$(dirname "$0")/ends.inc"
kmemscope=$2 command=stat
unpack "$1"
status=0

fails 'frag, pingpong' --caller -s size "$capture"
fails 'migtype, gfp' --page -s waste "$capture"
fails 'do not go together' --caller --alloc "$capture"
fails 'do not go together' --order --page "$capture"
fails 'do not go together' --task --cpu "$capture"
fails 'do not go together' --by module --cache "$capture"
fails 'function, module and file' --by line "$capture"
fails 'goes with --by file' --caller --vmlinux /dev/null "$capture"
fails 'other than --alloc' --alloc --detail "$capture"
fails 'there are ptr' --alloc -s p99 "$capture"
fails 'not a vmlinux' --by file --vmlinux "$capture/capture.json" "$capture"
fails 'nowhere: No such file.*--vmlinux FILE' --by file \
	--vmlinux "$tmp/nowhere" "$capture"
fails 'START,STOP' --time 2,1 "$capture"
fails 'START,STOP' --time , "$capture"
fails 'START,STOP' --time 1,x "$capture"
fails 'START,STOP' --time 99999999999999999999 "$capture"
fails 'not a number' -l -3 "$capture"
fails 'text, json and csv' --format xml "$capture"
fails 'unknown option' --nonsense "$capture"
fails 'one capture directory' "$capture" "$capture"
fails 'one capture directory'
fails 'nowhere' "$tmp/nowhere"
fails 'neither a capture' /dev/null

# A partial capture: the tables, and status 1.
code=0
"$kmemscope" stat --caller -l 3 "$capture" >"$tmp/out" || code=$?
if [ $code != 1 ] || ! grep -q '^  PARTIAL: ' "$tmp/out"; then
	echo "a partial capture does not say so (status $code)"
	status=1
fi
if [ "$(sed -n '/^--/,/note: 3 of /p' "$tmp/out" | wc -l)" != 5 ]; then
	echo "-l 3 does not print three rows"
	status=1
fi
for table in --caller --cache --class --alloc --page --order '--page --alloc' \
	'--caller --detail' '--cache --detail' '--class --detail' \
	'--page --detail' '--order --detail' --task --cpu --cgroup \
	'--by function' '--by module' '--by function --detail' \
	'--page -s p99'; do
	# shellcheck disable=SC2086 # two options
	partial_ok "$kmemscope" stat $table "$capture" >"$tmp/out"
	if [ "$(awk 'length > n { n = length } END { print n }' "$tmp/out")" \
		-gt 80 ]; then
		echo "stat $table is wider than 80 columns"
		status=1
	fi
done
# By place as by call site: what was wasted, unless details are asked for.
for case in ':Alloc +Req +Waste +Hits' '--detail:Peak +MaxWaste' '-s p50:Peak'; do
	# shellcheck disable=SC2086 # none, one or two options
	partial_ok "$kmemscope" stat --by function ${case%%:*} -l 1 "$capture" \
		>"$tmp/out"
	if ! sed -n 2p "$tmp/out" | grep -qE "^Place +${case#*:} "; then
		echo "stat --by function ${case%%:*}: $(sed -n 2p "$tmp/out")"
		status=1
	fi
done
exit $status
