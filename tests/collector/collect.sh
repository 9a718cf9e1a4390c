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

# run ARGUMENTS...: the script as a board would run it; its pid is noted.
run() {
	(run_here "$@")
}
run_here() {
	# shellcheck disable=SC2016 # its own pid
	exec env -i PATH="$tmp/applets" "$tmp/applets/sh" -c \
		'echo $$ >>"$1"; shift; exec "$@"' sh "$tmp/pids" \
		"$tmp/applets/sh" "$collect" "$@"
}

# check NAME: imports with nothing missing but what the script said was lost:
# on a busy box buffers can overflow.
check() {
	lost=$(sed -n 's/.* \([0-9]*\) events were lost;.*/\1/p' "$tmp/err")
	[ -n "$lost" ] || grep -q 'nothing was lost' "$tmp/err" ||
		fail "$1: not a word of loss"
	"$kmemscope" import -o "$tmp/$1.db" "$tmp/$1" 2>"$tmp/err" ||
		fail "$1: import says that something is missing"
	! grep -qE ' (unread_events|unknown_event) ' "$tmp/err" ||
		fail "$1: something is missing"
	if [ -n "$lost" ]; then
		echo "$1: $lost events were lost"
		grep -q " lost_events $lost\>" "$tmp/err" ||
			fail "$1: import does not tell $lost"
		return
	fi
	! grep -qE ' (lost_events|gap) ' "$tmp/err" ||
		fail "$1: import says that events were lost"
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

"$kmemscope" record -o "$tmp/own" -- true 2>"$tmp/err"
status=0
run -o "$tmp/files" -- sh -c 'echo out; ls -lR /usr/include >/dev/null; exit 7' \
	>"$tmp/out" 2>"$tmp/err" || status=$?
[ $status = 7 ] || fail "status $status, wanted the command's, 7"
[ "$(cat "$tmp/out")" = out ] || fail "the command's output is not there"
check files
check_sums files

# The same events, files and facts as the program's own recording.
for name in files own; do
	tr -d ' \n\t' <"$tmp/$name/capture.json" |
		grep -oE '"(events|release|machine|page_size|long_size|endian|cpus|clock)":(\[[^]]*\]|[^,]*)' \
			>"$tmp/$name.facts"
	(cd "$tmp/$name" && find . -type f | sed 's/\.zst$//' | sort) \
		>"$tmp/$name.list"
done
diff "$tmp/own.facts" "$tmp/files.facts"
diff "$tmp/own.list" "$tmp/files.list"
# Caches come and go while a kernel runs: what was there before and after must
# be there, and nothing that was there at neither time.
"$kmemscope" record -o "$tmp/later" -- true 2>"$tmp/err"
for table in slab/aliases.txt slab/parameters.txt; do
	for name in own files later; do
		sort "$tmp/$name/$table" >"$tmp/$name.table"
	done
	comm -12 "$tmp/own.table" "$tmp/later.table" >"$tmp/both"
	sort -u "$tmp/own.table" "$tmp/later.table" >"$tmp/either"
	[ -s "$tmp/both" ]
	comm -23 "$tmp/both" "$tmp/files.table" >"$tmp/err"
	comm -13 "$tmp/either" "$tmp/files.table" >>"$tmp/err"
	[ ! -s "$tmp/err" ] || fail "$table: other rows than the program's"
done

mkdir "$tmp/stream"
run -o - -b 131072 -- sh -c 'echo out; ls -l /usr/include >/dev/null' 2>"$tmp/err" |
	"$tmp/applets/tar" x -C "$tmp/stream"
check stream

# A signal ends it properly; a second recording may stand beside it.
run_here -o "$tmp/signal" 2>"$tmp/err" &
pid=$!
until [ "$(cat "$instances/kmemscope-$pid/tracing_on" 2>/dev/null)" = 1 ]; do
	kill -0 $pid 2>/dev/null || fail "it ended before it began"
	sleep 0.1
done
kill -TERM $pid
wait $pid || fail "status $? after SIGTERM"
check signal

run -o "$tmp/signal" 2>"$tmp/err" && fail "it recorded over a capture"
grep -q 'already exists' "$tmp/err"
run -o "$tmp/both" -d 1 -- true 2>"$tmp/err" && fail "-d and a command"
# Nobody reads: it ends, and cleans up.
run -o - -d 1 2>"$tmp/err" | true
while read -r pid; do
	[ ! -d "$instances/kmemscope-$pid" ] || fail "kmemscope-$pid is left"
done <"$tmp/pids"
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
