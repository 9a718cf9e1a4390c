#!/bin/sh
# run.sh [CAPTURE]: ./dev bench. The speed and memory of each stage beside other
# programs on the same events, as a table; docs/bench.md says how to read it.
#
# A target that is missed is printed as such and does not change the exit
# status: on a shared machine it may be the others' doing.
set -eu
build=build
kmemscope=$build/kmemscope
models='recorded slub slab slob'
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

value() { # FILE NAME
	awk -v name="$2" '$1 == name { print $2 }' "$1"
}

heading() { # TEXT
	printf '\n%s\n  %-26s %8s %8s %7s %6s %9s\n' "$1" \
		stage "CPU ms" "wall ms" M/s ratio wanted
}

# row NAME EVENTS CPU WALL [RATIO] [WANTED VALUE]: M/s is by CPU time, or with
# RATES=wall by wall time. VALUE is what must be at least WANTED.
row() {
	awk -v name="$1" -v events="$2" -v cpu="$3" -v wall="$4" \
		-v ratio="${5:-}" -v wanted="${6:-}" -v value="${7:-}" \
		-v unit="${8:-}" -v rates="${RATES:-cpu}" 'BEGIN {
		rate = events / (rates == "wall" ? wall : cpu) / 1e6
		if (value == "rate")
			value = rate
		else if (value == "ratio")
			value = ratio
		line = sprintf("  %-26s %8.1f %8.1f %7.2f %6s", name,
			cpu * 1e3, wall * 1e3, rate,
			ratio == "" ? "" : sprintf("%.2f", ratio))
		if (wanted != "")
			line = line sprintf(" %9s  %s", ">= " wanted unit,
				value >= wanted ? "met" : "MISSED")
		sub(/ +$/, "", line)
		print line
	}'
}

divide() { awk -v a="$1" -v b="$2" 'BEGIN { print a / b }'; }

number() { # CAPTURE NAME: a number of capture.json
	sed -n "s/.*\"$2\":[[:space:]]*\([0-9]*\).*/\1/p" "$1/capture.json" |
		head -n 1
}

# ---- stages -----------------------------------------------------------------

# Of $tmp/decode.
measure_decode() {
	row "open (once)" 0 "$(value "$tmp/decode" open_cpu)" \
		"$(value "$tmp/decode" open_wall)" | sed 's/ *0\.00$//'
	row decode "$events" "$(value "$tmp/decode" decode_cpu)" \
		"$(value "$tmp/decode" decode_wall)" "" 8 rate " M/s"
}

measure_replay() { # CAPTURE
	"$build/bench/bench_replay" "$1" none 1 5 >"$tmp/replay"
	row "open, decode, link" "$(value "$tmp/replay" events)" \
		"$(value "$tmp/replay" replay_cpu)" \
		"$(value "$tmp/replay" replay_wall)"
	for model in $models; do
		"$build/bench/bench_replay" "$1" "$model" 1 5 >"$tmp/replay"
		[ "$model" != slub ] || cp "$tmp/replay" "$tmp/slub"
		row "  the same and $model" "$(value "$tmp/replay" events)" \
			"$(value "$tmp/replay" replay_cpu)" \
			"$(value "$tmp/replay" replay_wall)" "" 5 rate " M/s"
	done
	for model in slub slab; do
		measure_command 1 "$kmemscope" replay --model $model "$1"
		row "kmemscope replay, $model" \
			"$(value "$tmp/replay" events)" "$cpu" "$wall" "" 5 \
			rate " M/s"
	done
}

# Of $tmp/decode and $tmp/slub: what an event costs beyond opening the capture
# and reading it once.
measure_event() {
	cat "$tmp/decode" "$tmp/slub" | awk '
	{ of[$1] = $2 }
	END {
		ns = (of["replay_cpu"] - of["open_cpu"] - of["decode_cpu"]) \
			/ of["events"] * 1e9
		printf "  %-44s %7.0f ns  <= 100 ns  %s\n",
			"linking, its own reading included, and slub", ns,
			ns <= 100 ? "met" : "MISSED"
	}'
}

# measure_command STATUS COMMAND...: sets cpu and wall; false if it exits with
# more than STATUS.
measure_command() {
	most=$1
	shift
	"$build/bench/bench_command" 5 "$@" >"$tmp/command" 2>/dev/null ||
		return 1
	[ "$(value "$tmp/command" status)" -le "$most" ] || return 1
	cpu=$(value "$tmp/command" command_cpu)
	wall=$(value "$tmp/command" command_wall)
}

row_ours() { # NAME INPUT EVENTS: sets ours
	# 1: the recording is not whole.
	if ! measure_command 1 "$kmemscope" stat "$2"; then
		echo "kmemscope stat $2 fails" >&2
		exit 2
	fi
	ours=$cpu
	row "$1" "$3" "$cpu" "$wall"
}

measure_ours() { # CAPTURE EVENTS: sets ours
	row_ours "kmemscope stat" "$1" "$2"
}

# A program beside ours, by CPU time; one that cannot read the events is named.
measure_other() { # NAME EVENTS WANTED COMMAND...
	name=$1 n=$2 wanted=$3
	shift 3
	if measure_command 0 "$@"; then
		row "$name" "$n" "$cpu" "$wall" "$(divide "$cpu" "$ours")" \
			"$wanted" ratio
	else
		echo "$name: cannot read these events"
	fi
}

# Reading a file of another tool, before linking.
measure_file() { # NAME FILE
	"$build/bench/bench_decode" "$2" 5 >"$tmp/file"
	row "$1" "$(value "$tmp/file" events)" \
		"$(value "$tmp/file" decode_cpu)" \
		"$(value "$tmp/file" decode_wall)" "" 5 rate " M/s"
}

# The same events as lines of text, which trace-cmd report prints of a file: we
# answer of them in less time than that took.
measure_text() { # FILE EVENTS
	trace-cmd report -i "$1" >"$tmp/text" 2>/dev/null
	"$build/bench/bench_decode" "$tmp/text" 5 >"$tmp/file"
	row "read its text (lines)" "$(value "$tmp/file" events)" \
		"$(value "$tmp/file" decode_cpu)" \
		"$(value "$tmp/file" decode_wall)" "" 1 rate " M/s"
	row_ours "kmemscope stat of its text" "$tmp/text" "$2"
	measure_other "  trace-cmd report" "$2" 1 trace-cmd report -i "$1"
	rm -f "$tmp/text"
}

# The very file that trace-cmd reads, by both.
measure_trace_dat() { # FILE EVENTS
	measure_file "read trace.dat" "$1"
	measure_text "$1" "$2"
	if trace-cmd convert --file-version 7 --compression zstd -i "$1" \
		-o "$tmp/packed.dat" >/dev/null 2>&1; then
		measure_file "read trace.dat, zstd" "$tmp/packed.dat"
		row_ours "kmemscope stat, zstd" "$tmp/packed.dat" "$2"
		measure_other "  trace-cmd mem, zstd" "$2" 1 \
			trace-cmd mem -i "$tmp/packed.dat"
		rm -f "$tmp/packed.dat"
	fi
	row_ours "kmemscope stat trace.dat" "$1" "$2"
	measure_other "  trace-cmd mem" "$2" 1 trace-cmd mem -i "$1"
}

measure_trace_cmd() { # CAPTURE EVENTS
	if ! command -v trace-cmd >/dev/null; then
		echo "  trace-cmd mem: not installed"
	elif [ "$(number "$1" page_size)" != "$(getconf PAGE_SIZE)" ]; then
		echo "  trace-cmd mem: another page size than this machine's"
	elif ! sh bench/trace_dat.sh "$1" "$tmp/trace.dat"; then
		echo "  trace-cmd mem: cannot restore this capture"
	else
		measure_trace_dat "$tmp/trace.dat" "$2"
	fi
	rm -f "$tmp/trace.dat"
}

measure_import() { # CAPTURE
	rounds=3
	[ "$events" -lt 1000000 ] || rounds=2
	TMPDIR=$tmp "$build/bench/bench_import" "$1" 1 $rounds >"$tmp/import"
	rows=$(value "$tmp/import" rows)
	ours=$(value "$tmp/import" import_wall)
	bare=$(value "$tmp/import" bare_wall)
	RATES=wall
	row "import (M/s by wall)" "$rows" "$(value "$tmp/import" import_cpu)" \
		"$ours" "$(divide "$bare" "$ours")" 0.85 ratio
	row "  bare SQLite loop" "$rows" "$(value "$tmp/import" bare_cpu)" \
		"$bare"
	RATES=cpu
}

measure_memory() { # CAPTURE
	printf '\n%s\n  %-24s %10s %9s %11s %14s\n' \
		"Memory of replay with live objects, not with events" \
		"model, capture played" events "peak MiB" "live peak" "MiB ratio"
	for model in $models; do
		for times in 1 8; do
			"$build/bench/bench_replay" "$1" "$model" $times 1 |
				sed "s/^/$model $times /"
		done
	done | awk '
	{ of[$1, $2, $3] = $4; if (!($1 in seen)) { seen[$1]; order[++n] = $1 } }
	function line(model, times) {
		printf "  %-24s %10d %9.1f %11d", model " " times " x",
			of[model, times, "events"],
			of[model, times, "peak_rss"] / 1024,
			of[model, times, "live_peak"]
	}
	END {
		for (i = 1; i <= n; i++) {
			line(order[i], 1)
			print ""
			line(order[i], 8)
			ratio = of[order[i], 8, "peak_rss"] / of[order[i], 1, "peak_rss"]
			live = of[order[i], 8, "live_peak"] / of[order[i], 1, "live_peak"]
			if (live < 1)
				live = 1
			printf " %6.2f <= %.2f %s\n", ratio, 1.1 * live,
				ratio <= 1.1 * live ? "met" : "MISSED"
		}
	}'
}

# A line of three values of FILE, each divided by DIVISOR.
allocator_row() { # TITLE FILE PREFIX DIVISOR
	awk -v title="$1" -v prefix="$3" -v by="$4" '
	{ of[$1] = $2 / by }
	END { printf "  %-32s %9.1f %9.1f %9.1f\n", title, of[prefix "10"],
		of[prefix "50"], of[prefix "90"] }' "$2"
}

# SLOB searches in line, as the kernel's does, so its machine is small.
measure_allocators() {
	printf '\n%s\n  %-32s %9s %9s %9s\n' \
		"Allocators by themselves: ns per operation, memory so full" \
		"random frees and allocations" "10 %" "50 %" "90 %"
	"$build/bench/bench_page_alloc" 4 >"$tmp/pages"
	allocator_row "page, 4 GiB, per-CPU lists" "$tmp/pages" lists_ 2
	allocator_row "page, 4 GiB, free areas" "$tmp/pages" areas_ 2
	for machine in "slub 1024 1000000" "slab 1024 1000000" "slob 64 40000"
	do
		# shellcheck disable=SC2086 # three arguments
		"$build/bench/bench_slabs" $machine >"$tmp/slabs"
		rest=${machine#* }
		allocator_row "${machine%% *}, ${rest% *} MiB" "$tmp/slabs" \
			full_ 1
	done
	awk '
	function line(title, value, wanted, unit) {
		printf "  %-32s %9.1f <= %g %s %s\n", title, value, wanted,
			unit, value <= wanted ? "met" : "MISSED"
	}
	{ of[$1] = $2 }
	END {
		line("page, free + alloc, 50 %, lists", of["lists_50"], 100, "ns")
		line("page, free + alloc, 50 %, areas", of["areas_50"], 100, "ns")
		line("page, metadata of a frame", of["metadata"], 12, "bytes")
		printf "  %-32s %9.1f ns\n", "one read of other memory", of["read"]
	}' "$tmp/pages"
}

measure_capture() { # CAPTURE TITLE
	"$build/bench/bench_decode" "$1" 7 >"$tmp/decode"
	events=$(value "$tmp/decode" events)
	heading "$2: $events events"
	measure_decode
	measure_replay "$1"
	measure_event
	measure_ours "$1" "$events"
	measure_trace_cmd "$1" "$events"
	measure_import "$1"
}

# ---- this kernel ------------------------------------------------------------

why_not_live() {
	if [ "$(id -u)" != 0 ]; then
		echo "not root"
	elif ! "$kmemscope" doctor >"$tmp/doctor" 2>&1; then
		grep -m 1 -w missing "$tmp/doctor" |
			sed 's/ \{1,\}missing */: /' | grep . ||
			echo "see build/kmemscope doctor"
	fi
}

measure_live() {
	if ! "$kmemscope" record -o "$tmp/live.kmem" -- sh bench/workload.sh \
		>"$tmp/record" 2>&1; then
		cat "$tmp/record" >&2
		exit 1
	fi
	measure_capture "$tmp/live.kmem" \
		"this kernel, recorded now under bench/workload.sh"
	awk -F '[:,]' '
	/"entries"/ { kept += $2 }
	/"overrun"|"commit_overrun"|"dropped_events"/ { lost += $2 }
	END {
		printf "  record: %d events, %d lost; none may be: %s\n",
			kept, lost, lost ? "MISSED" : "met"
	}' "$tmp/live.kmem/capture.json"
	rm -rf "$tmp/live.kmem"
}

measure_perf() { # TITLE, then what perf kmem is told
	title=$1
	shift
	if ! perf kmem "$@" record -o "$tmp/perf.data" -- sh -c \
		'for i in 1 2 3 4; do tar -cf - /usr/include | cat; done' \
		>/dev/null 2>&1; then
		echo "perf kmem $* record fails here: left out"
		return 0
	fi
	sh bench/perf_capture.sh "$build/bench/perf_pages" "$tmp/perf.data" \
		"$tmp/perf.kmem"
	"$build/bench/bench_decode" "$tmp/perf.kmem" 1 >"$tmp/decode"
	events=$(value "$tmp/decode" events)
	heading "$title, by perf kmem $* record: $events events"
	measure_file "read perf.data" "$tmp/perf.data"
	row_ours "kmemscope stat perf.data" "$tmp/perf.data" "$events"
	measure_other "  perf kmem stat" "$events" 1 \
		perf kmem -i "$tmp/perf.data" "$@" stat
	measure_ours "$tmp/perf.kmem" "$events"
	measure_other "  perf kmem stat" "$events" 3 \
		perf kmem -i "$tmp/perf.data" "$@" stat
	measure_trace_cmd "$tmp/perf.kmem" "$events"
	rm -rf "$tmp/perf.data" "$tmp/perf.data.old" "$tmp/perf.kmem"
}

# ---- the run ----------------------------------------------------------------

printf 'kmemscope bench, Linux %s %s, %d CPUs\n' "$(uname -r)" "$(uname -m)" \
	"$(nproc)"
echo "The best of several rounds. M/s: million events a second of CPU time."
if [ $# -gt 0 ]; then
	capture=$1
else
	tar --zstd -xf tests/data/mixed-slub.tar.zst -C "$tmp"
	capture=$tmp/mixed-slub
fi
measure_allocators
measure_capture "$capture" "capture $(basename "$capture")"
measure_memory "$capture"
reason=$(why_not_live)
if [ -n "$reason" ]; then
	printf '\nThis kernel was not recorded: %s.\n' "$reason"
	exit 0
fi
measure_live
if ! command -v perf >/dev/null; then
	printf '\nperf is not installed: no comparison with perf kmem stat.\n'
	exit 0
fi
measure_perf "slab and page events" --slab --page
measure_perf "slab events only" --slab
