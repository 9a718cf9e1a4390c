#!/bin/sh
# import.sh ARCHIVE KMEMSCOPE: import's names, words and exit status, with a
# partial capture.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$(dirname "$0")/ends.inc"
kmemscope=$2 command=import
unpack "$1"
status=0

# The default name: NAME.kmem gives NAME.db, beside it, slash or not.
mv "$capture" "$tmp/it.kmem"
ends 1 'the recording is partial: .* not in the pages' "$tmp/it.kmem/"
[ -s "$tmp/it.db" ] || {
	echo "no it.db"
	status=1
}
[ "$(stat -c %a "$tmp/it.db")" = 600 ] || {
	echo "it.db is not private"
	status=1
}
fails 'already exists.* -f' "$tmp/it.kmem"
ends 1 '20488 events' -f "$tmp/it.kmem"
ends 1 'unread_events 454665' -o "$tmp/other.db" "$tmp/it.kmem"
sed -n '/^  anomalies:/,$p' "$tmp/err" >"$tmp/anomalies"
narrow "$tmp/anomalies"
[ "$(tr ',' '\n' <"$tmp/anomalies" | grep -c '[a-z] [0-9]*$')" = \
	"$(sqlite3 "$tmp/other.db" 'SELECT total(count > 0) FROM anomaly' |
		cut -d. -f1)" ] || {
	echo "not all anomalies are told:"
	cat "$tmp/anomalies"
	status=1
}
cmp "$tmp/it.db" "$tmp/other.db" || {
	echo "the same capture gives two different databases"
	status=1
}
fails 'is a database already' -o "$tmp/third.db" "$tmp/it.db"
fails 'neither a capture' -o "$tmp/third.db" /dev/null
fails 'No such file' -o "$tmp/third.db" "$tmp/nowhere"
fails 'cannot make' -o "$tmp/nowhere/third.db" "$tmp/it.kmem"
fails 'give one capture' -o "$tmp/third.db"
fails 'unknown option' --nonsense "$tmp/it.kmem"
fails 'use -o' "$tmp/it.kmem/.."
for left in "$tmp"/third*; do
	[ -e "$left" ] || continue
	echo "a failed import left $left"
	status=1
done

# SIGINT at some moment: status 2 and a word, or done; nothing in between.
for delay in 0.02 0.05 0.08; do
	code=0
	timeout -s INT "$delay" "$kmemscope" import -o "$tmp/stopped.db" \
		"$tmp/it.kmem" >"$tmp/out" 2>"$tmp/err" || code=$?
	for left in "$tmp"/stopped.db.partial-*; do
		[ -e "$left" ] || continue
		echo "an interrupted import left $left"
		status=1
	done
	rm -f "$tmp/stopped.db"
done
exit $status
