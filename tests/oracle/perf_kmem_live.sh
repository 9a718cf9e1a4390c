#!/bin/sh
# perf_kmem_live.sh KMEMSCOPE PERF_PAGES: records this kernel with perf to a file,
# and compressed; every figure of perf kmem stat of each must follow from its
# import. perf kmem cannot read what went through a pipe, perf script can: the
# sums of its text must. Then the same samples as a capture and as a trace.dat
# must give the same rows. Where a CPU stood still for so long that perf's own
# order is not that of time, its figures are not those of the events in order.
# Exit status 77: no perf or trace-cmd, or no permission to record.
set -eu
kmemscope=$1 perf_pages=$2
for program in perf trace-cmd; do
	command -v $program >/dev/null || { echo "no $program: skipped"; exit 77; }
done
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
# shellcheck source=tests/oracle/perf_kmem.inc
. "$(dirname "$0")/perf_kmem.inc"
# shellcheck source=tests/cli/same_events.inc
. "$(dirname "$0")/../cli/same_events.inc"
status=0

# Buffers so large that nothing is lost, but for the second.
record() {
	perf kmem --slab --page record -m 4096 -o "$tmp/kmem.data" -- \
		find /usr/include -name '*.h' >/dev/null 2>"$tmp/err"
}
record || {
	echo "perf kmem record does not work here: skipped"
	exit 77
}
lost() {
	perf script -D -i "$tmp/kmem.data" 2>/dev/null |
		grep -q 'PERF_RECORD_LOST'
}
in_order() { # FILE: perf shows its events in the order of time
	perf script --ns -i "$1" -G -F time 2>/dev/null | tr -d ' .:' |
		sort -c -n 2>/dev/null
}
for _ in 1 2 3; do
	! lost && in_order "$tmp/kmem.data" && break
	record
done
perf record -z -a -R -c 1 -m 2 -e 'kmem:*' -o "$tmp/packed.data" -- \
	find /usr/include -name '*.h' >/dev/null 2>"$tmp/err"
# The output of find would go into the pipe, too.
perf record -a -R -c 1 -e 'kmem:*' -o - -- sleep 0.2 2>"$tmp/err" |
	cat >"$tmp/pipe.data"

for name in kmem packed; do
	LC_ALL=C perf kmem -i "$tmp/$name.data" --slab --page --caller --alloc \
		--raw-ip stat >"$tmp/$name.txt" 2>/dev/null
	"$kmemscope" import -o "$tmp/$name.db" "$tmp/$name.data" 2>"$tmp/err" || {
		cat "$tmp/err"
		status=1
		continue
	}
	if ! in_order "$tmp/$name.data"; then
		echo "$name: NOT HELD AGAINST PERF: its events are out of order"
		continue
	fi
	perf_figures "$tmp/$name.db" "$tmp/$name.txt" || status=1
	echo "$name: $(wc -l <"$tmp/perf.lines") lines of perf kmem stat equal"
done

# What perf says that it lost, in both kinds of records.
theirs=$(perf script -D -i "$tmp/packed.data" 2>/dev/null | awk -F: '
	/PERF_RECORD_LOST:/ { lost += $NF }
	/PERF_RECORD_LOST_SAMPLES:/ { samples += $NF }
	END { print (lost > samples ? lost : samples) + 0 }')
ours=$(sqlite3 "$tmp/packed.db" \
	"SELECT count FROM anomaly WHERE word = 'lost_events'")
echo "lost: perf $theirs, kmemscope $ours"
[ "$theirs" = "$ours" ] || status=1

"$kmemscope" import -o "$tmp/pipe.db" "$tmp/pipe.data" 2>"$tmp/err" || {
	cat "$tmp/err"
	status=1
}
perf script -i "$tmp/pipe.data" -G -F comm,pid,cpu,time,event,trace \
	2>/dev/null | awk -f tests/oracle/perf_rules.awk >"$tmp/script"
: >"$tmp/nothing"
perf_figures "$tmp/pipe.db" "$tmp/nothing" >/dev/null || true
perf_sums >"$tmp/ours"
[ "$(wc -l <"$tmp/ours")" = 9 ] || status=1
diff "$tmp/script" "$tmp/ours" || status=1
echo "pipe: 9 sums of perf script equal"

# A capture made of samples cannot say where perf had lost some, and no import
# knows the time of what came too late for its queue.
late=$(sqlite3 "$tmp/kmem.db" \
	"SELECT count FROM anomaly WHERE word = 'time_backwards'")
if lost || [ "${late:-0}" != 0 ]; then
	echo "NOT HELD AGAINST A CAPTURE: the box was too busy for perf"
	exit $status
fi
sh bench/perf_capture.sh "$perf_pages" "$tmp/kmem.data" "$tmp/capture"
"$kmemscope" import -o "$tmp/capture.db" "$tmp/capture" 2>"$tmp/err"
same_events "$tmp/kmem.db" "$tmp/capture.db" || status=1
"$kmemscope" export "$tmp/capture" --trace-dat "$tmp/trace.dat" 2>"$tmp/err"
"$kmemscope" import -o "$tmp/trace.db" "$tmp/trace.dat" 2>"$tmp/err"
same_events "$tmp/kmem.db" "$tmp/trace.db" || status=1
echo "perf.data, capture and trace.dat: $(wc -l <"$tmp/events.a") rows equal"
exit $status
