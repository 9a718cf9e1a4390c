#!/bin/sh
# check.sh "MESSAGE" COMMAND...: runs a gate that must fail and must say MESSAGE.
message=$1
shift
output=$("$@" 2>&1)
status=$?
printf '%s\n' "$output"
if [ $status = 0 ]; then
	echo "CANARY NOT CAUGHT: the gate passed"
elif ! printf '%s\n' "$output" | grep -q -e "$message"; then
	echo "CANARY NOT CAUGHT: it failed, but for another reason"
else
	echo "canary caught"
fi
