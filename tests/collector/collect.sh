#!/bin/sh
# collect.sh KMEMSCOPE: the shell collector on this kernel, with the applets of
# busybox and nothing else. Exit status 77: this machine cannot be recorded, or
# has no busybox.
set -eu
kmemscope=$1
here=$(cd "$(dirname "$0")" && pwd)
collect=$here/../../collector/kmemscope-collect.sh
instances=/sys/kernel/tracing/instances
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
skip() {
	echo "skipped: $*"
	exit 77
}
fail() {
	echo "$*"
	cat "$tmp/err"
	exit 1
}
"$kmemscope" doctor >"$tmp/doctor" 2>&1 ||
	skip "this kernel cannot be recorded here: $(cat "$tmp/doctor")"
busybox=$(command -v busybox) || skip "no busybox here"
mkdir "$tmp/applets"
"$busybox" --install -s "$tmp/applets"

# run ARGUMENTS...: the script as a board would run it.
run() {
	env -i PATH="$tmp/applets" "$tmp/applets/sh" "$collect" "$@"
}
run_in_background() {
	(exec env -i PATH="$tmp/applets" "$tmp/applets/sh" "$collect" "$@") &
	pid=$!
}

# check NAME: imports with nothing lost.
check() {
	grep -q 'nothing was lost' "$tmp/err" || fail "$1: events were lost"
	"$kmemscope" import -o "$tmp/$1.db" "$tmp/$1" 2>>"$tmp/err" ||
		fail "$1: import says that something is missing"
	! grep -qE ' (lost_events|gap|unread_events|unknown_event) ' \
		"$tmp/err" || fail "$1: something is missing"
	markers=$(cat "$tmp/$1"/cpu/*.raw |
		grep -aoE '(warm|before|after):(begin|end|[a-z_]+)' | wc -l)
	[ "$markers" = 36 ] || fail "$1: $markers markers of 36"
	grep -qFx "1 $(cat /proc/1/comm)" "$tmp/$1/tracefs/saved_cmdlines" ||
		fail "$1: the name of task 1 is not known"
	for node in /sys/devices/system/node/node[0-9]*; do
		[ -d "$node" ] || continue
		echo "${node##*/node} $(cat "$node/cpulist")" |
			sed 's/ $//' | grep -qxFf - "$tmp/$1/kernel/nodes" ||
			fail "$1: kernel/nodes lacks ${node##*/}"
	done
}

# check_sums NAME: counts what trace-cmd counts in the same pages.
check_sums() {
	tar --zstd -C "$tmp" -cf "$tmp/$1.tar.zst" "$1"
	status=0
	sh "$here/../oracle/freed.sh" "$tmp/$1.tar.zst" "$kmemscope" ||
		status=$?
	[ $status = 0 ] || [ $status = 77 ] || fail "$1: sums differ"
}

status=0
run -o "$tmp/files" -- sh -c 'echo out; ls -lR /usr/include >/dev/null; exit 7' \
	>"$tmp/out" 2>"$tmp/err" || status=$?
[ $status = 7 ] || fail "status $status, wanted the command's, 7"
[ "$(cat "$tmp/out")" = out ] || fail "the command's output is not there"
check files
check_sums files

# The same events, files and facts as the program's own recording.
"$kmemscope" record -o "$tmp/own" -- true 2>"$tmp/err"
for name in files own; do
	tr -d ' \n\t' <"$tmp/$name/capture.json" |
		grep -oE '"(events|release|machine|page_size|long_size|endian|cpus|clock)":(\[[^]]*\]|[^,]*)' \
			>"$tmp/$name.facts"
	(cd "$tmp/$name" && find . -type f | sed 's/\.zst$//' | sort) \
		>"$tmp/$name.list"
done
diff "$tmp/own.facts" "$tmp/files.facts"
diff "$tmp/own.list" "$tmp/files.list"
for table in slab/aliases.txt slab/parameters.txt; do
	diff "$tmp/own/$table" "$tmp/files/$table"
done

mkdir "$tmp/stream"
run -o - -b 131072 -- sh -c 'echo out; ls -l /usr/include >/dev/null' 2>"$tmp/err" |
	"$tmp/applets/tar" x -C "$tmp/stream"
check stream

# A signal ends it properly; a second recording may stand beside it.
run_in_background -o "$tmp/signal" 2>"$tmp/err"
tries=0
until [ -d "$tmp/signal.partial-$pid/before" ] || [ $tries = 50 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
sleep 1
kill -TERM $pid
wait $pid || fail "status $? after SIGTERM"
check signal

run -o "$tmp/signal" 2>"$tmp/err" && fail "it recorded over a capture"
grep -q 'already exists' "$tmp/err"
run -o "$tmp/both" -d 1 -- true 2>"$tmp/err" && fail "-d and a command"
# Nobody reads: it ends, and cleans up.
run -o - -d 1 2>"$tmp/err" | true
for left in "$instances"/kmemscope-*; do
	[ ! -d "$left" ] || fail "$left is left"
done
[ -z "$(find "$tmp" -maxdepth 1 -name '*.partial-*')" ] ||
	fail "an unfinished capture is left"
if command -v setpriv >/dev/null; then
	chmod 755 "$tmp"
	cp "$collect" "$tmp/collect.sh" # where nobody can read it
	chmod 755 "$tmp/collect.sh"
	setpriv --reuid 65534 --clear-groups sh "$tmp/collect.sh" \
		-o "$tmp/nobody" 2>"$tmp/err" && fail "it recorded without root"
	grep -q 'needs root' "$tmp/err" || fail "no word of root"
fi
