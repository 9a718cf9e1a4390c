#!/bin/sh
# bad_input.sh ARCHIVE KMEMSCOPE: inputs that are none, outputs that cannot be
# made, words that are no command: each is told apart, with the way out.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$(dirname "$0")/ends.inc"
kmemscope=$2
unpack "$1"
: >"$tmp/empty.db"
mkdir "$tmp/folder"

fails "no command named 'statt'; there are doctor .* export" statt
fails "no command named 'x'" help x
fails "Try 'kmemscope help blame'" blame
fails 'there are --at -l --format' blame --att 3
fails '--at needs its value, SECONDS|worst' blame --at
for name in stat leaks fails replay verify blame waterfall advise import \
	report; do
	fails 'cannot open .*nothing: No such file' $name "$tmp/nothing"
	fails 'empty.db is empty' $name "$tmp/empty.db"
	fails 'has no capture.json' $name "$tmp/folder"
done
fails 'folder is a directory, plot needs a database' plot "$tmp/folder"
fails 'give one' stat ''

# Outputs: the same words for all that is written.
for words in "import -o" "report -o" "export --trace-dat"; do
	# shellcheck disable=SC2086 # a command and its option
	fails 'its folder must be there first' $words "$tmp/none/x" "$capture"
	# shellcheck disable=SC2086
	fails 'folder is a directory' $words "$tmp/folder" "$capture"
done

# What root recorded, asked for by another user.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	cp "$kmemscope" "$tmp/program"
	chmod 755 "$tmp" "$tmp/program"
	chmod 700 "$capture"
	code=0
	setpriv --reuid=65534 --clear-groups "$tmp/program" stat "$capture" \
		>"$tmp/out" 2>"$tmp/err" || code=$?
	if [ $code != 2 ] || ! grep -q 'Permission denied' "$tmp/err"; then
		echo "status $code, wanted 2: $(cat "$tmp/err")"
		exit 1
	fi
fi
