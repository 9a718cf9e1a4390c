#!/bin/sh
# kmemscope-collect.sh: records this kernel's allocations where nothing but a
# shell can be put, into a capture directory that kmemscope reads elsewhere.
#
#   kmemscope-collect.sh [-o DIR] [-d SECONDS] [-b KiB] [-- COMMAND ...]
#   kmemscope-collect.sh -o - ... | tar x -C DIR     (nothing is written here)
#
# It needs root, tracefs and the applets awk, cat, date, dd, grep, head, id, ls,
# mkdir, mv, rm, rmdir, sed, sleep, tr, uname and wc of busybox. docs/collect.md
# walks through it; docs/capture-format.md describes what it writes.
#
# How it reads: per_cpu/cpuN/trace_pipe_raw blocks while it is empty, and
# whoever is killed between reading and writing a page loses it. So nothing
# waits in it: the statistics tell how many events are there, hence how many
# pages at the least, and dd reads just as many.
set -u
export LC_ALL=C
umask 077

tool='kmemscope-collect.sh 0.1.0'
# As collector/recorded_events.c has them.
required='kmem/kmalloc kmem/kfree kmem/kmem_cache_alloc kmem/kmem_cache_free
kmem/mm_page_alloc kmem/mm_page_free'
wanted='kmem/kmalloc kmem/kmalloc_node kmem/kfree kmem/kmem_cache_alloc
kmem/kmem_cache_alloc_node kmem/kmem_cache_free kmem/mm_page_alloc
kmem/mm_page_free kmem/mm_page_alloc_zone_locked kmem/mm_page_pcpu_drain
kmem/mm_page_alloc_extfrag kmem/mm_setup_per_zone_wmarks
vmalloc/alloc_vmap_area vmalloc/purge_vmap_area_lazy
vmalloc/free_vmap_area_noflush vmscan/mm_vmscan_direct_reclaim_begin
vmscan/mm_vmscan_direct_reclaim_end vmscan/mm_vmscan_kswapd_wake
vmscan/mm_vmscan_kswapd_sleep vmscan/mm_vmscan_wakeup_kswapd
compaction/mm_compaction_begin compaction/mm_compaction_end oom/mark_victim
task/task_newtask task/task_rename sched/sched_process_exec'
snapshot_files='slabinfo vmstat buddyinfo pagetypeinfo zoneinfo kpageflags
meminfo unusable_index extfrag_index slab.tsv'
slab_dir=/sys/kernel/slab
nodes_dir=/sys/devices/system/node
counts='slabs objects total_objects objects_partial partial cpu_slabs
slabs_cpu_partial'
parameters='order object_size slab_size objs_per_slab cpu_partial min_partial
align hwcache_align reclaim_account destroy_by_rcu cache_dma usersize
sanity_checks red_zone poison store_user sheaf_capacity ctor'
# No event is smaller: 4 bytes of header, 8 common ones, 4 of its own.
least_event=16

out=kmemscope.kmem
seconds=0
kib=0
status=0
partial=
instance=
child=
stop=
unread=
nl='
'

say() { printf 'kmemscope-collect.sh: %s\n' "$*" >&2; }
die() {
	say "$*"
	exit 2
}

# ---- cleaning up ------------------------------------------------------------

# shellcheck disable=SC2317 # by trap
clean_up() {
	trap '' HUP INT TERM PIPE
	[ -z "$child" ] || kill "$child" 2>/dev/null
	if [ -n "$instance" ]; then
		echo 0 >"$instance/tracing_on"
		tries=0
		until rmdir "$instance" 2>/dev/null || [ "$tries" = 5 ]; do
			tries=$((tries + 1))
			sleep 1
		done
		[ ! -d "$instance" ] ||
			say "$instance cannot be removed: close what reads" \
				"it, then rmdir it"
	fi
	[ -z "$partial" ] || rm -rf "$partial"
}

# The first signal ends the recording, another one gives it up.
# shellcheck disable=SC2317 # by trap
on_signal() {
	[ -z "$stop" ] || exit 2
	stop=1
}

# ---- what is written: files in a directory, or members of a tar -------------

# tar_head NAME SIZE: the header of a ustar member. Its checksum is the sum of
# its bytes, the checksum's own place counted as eight blanks.
tar_head() {
	size=$(printf '%011o' "$2")
	id=0000000
	fields=0000600${id}${id}$size${mtime}0ustar00
	sum=$(awk -v text="$1$fields" 'BEGIN {
		for (i = 32; i < 127; i++)
			code[sprintf("%c", i)] = i
		sum = 8 * 32
		for (i = 1; i <= length(text); i++)
			sum += code[substr(text, i, 1)]
		printf "%06o", sum
	}')
	{
		printf '%s' "$1"
		head -c $((100 - ${#1})) /dev/zero
		printf '0000600\000%s\000%s\000%s\000%s\000%s\000 0' \
			"$id" "$id" "$size" "$mtime" "$sum"
		head -c 100 /dev/zero
		printf 'ustar\00000'
		head -c 247 /dev/zero
	} >&4
}

tar_pad() {
	[ $(($1 % 512)) = 0 ] || head -c $((512 - $1 % 512)) /dev/zero >&4
}

write_failed() { die "$1 cannot be written: no space left, or nobody reads"; }

# put_text NAME TEXT: a file of these characters.
put_text() {
	if [ "$out" != - ]; then
		printf '%s\n' "$2" >"$partial/$1" || write_failed "$1"
		return
	fi
	tar_head "$1" $((${#2} + 1))
	printf '%s\n' "$2" >&4 || write_failed "$1"
	tar_pad $((${#2} + 1))
}

# put_file NAME PATH: a copy. A tar tells the size first, so what grows in
# between is cut and what shrinks is filled with zeros.
put_file() {
	if [ "$out" != - ]; then
		cat "$2" >"$partial/$1" || write_failed "$1"
		return
	fi
	size_bytes=$(wc -c <"$2")
	tar_head "$1" "$size_bytes"
	cat "$2" /dev/zero 2>/dev/null | head -c "$size_bytes" >&4 ||
		write_failed "$1"
	tar_pad "$size_bytes"
}

note_unread() { # NAME WHY
	unread="$unread${unread:+,}$nl  \"$1\": \"$2\""
}

why_unread() {
	if [ -e "$1" ]; then
		echo "$1: cannot be read"
	else
		echo "$1: no such file"
	fi
}

put_if_there() { # NAME PATH
	if [ -r "$2" ]; then
		put_file "$1" "$2"
	else
		note_unread "$1" "$(why_unread "$2")"
	fi
}

# ---- the ring buffer --------------------------------------------------------

# cpu_stats CPU: sets st_* from the kernel's numbers.
cpu_stats() {
	st_entries=0 st_overrun=0 st_commit=0 st_dropped=0 st_read=0 st_now=0
	while IFS=: read -r key value; do
		value=${value# }
		case $key in
		entries) st_entries=$value ;;
		overrun) st_overrun=$value ;;
		'commit overrun') st_commit=$value ;;
		'dropped events') st_dropped=$value ;;
		'read events') st_read=$value ;;
		'now ts') st_now=${value# } ;;
		esac
	done <"$instance/per_cpu/cpu$1/stats"
}

# "   12.345678" seconds of the trace's clock as nanoseconds.
now_ns() {
	cpu_stats 0
	value=${st_now##* }
	value=${value%%.*}${value##*.}000
	while [ "${value#0}" != "$value" ]; do value=${value#0}; done
	echo "${value:-0}"
}

# read_pages CPU COUNT, to standard output. They must be there.
read_pages() {
	dd if="$instance/per_cpu/cpu$1/trace_pipe_raw" bs="$ring_page" \
		count="$2" 2>/dev/null
}

# drain CPU: appends every page there is; tracing is off.
drain() {
	while cpu_stats "$1" && [ "$st_entries" != 0 ]; do
		n=$((st_entries / most_events))
		[ "$n" -gt 0 ] || n=1
		read_pages "$1" "$n" >>"$partial/cpu/$1.raw" ||
			write_failed "cpu/$1.raw"
	done
}

# What the ring held, as one member: its size is that of the whole buffer, the
# rest of it pages of zeros, which hold no event.
stream_pages() { # CPU
	pages=$((kib * 1024 / ring_data + 3))
	tar_head "cpu/$1.raw" $((pages * ring_page))
	while cpu_stats "$1" && [ "$st_entries" != 0 ]; do
		n=$((st_entries / most_events))
		[ "$n" -gt 0 ] || n=1
		pages=$((pages - n))
		[ "$pages" -ge 0 ] || die "CPU $1: more pages than a buffer has"
		read_pages "$1" "$n" >&4 || write_failed "cpu/$1.raw"
	done
	dd if=/dev/zero bs="$ring_page" count="$pages" 2>/dev/null >&4 ||
		write_failed "cpu/$1.raw"
	tar_pad $((pages * ring_page))
}

# One round over the CPUs while tracing is on: full pages only. busy is set if
# a CPU had so much that the next round should not wait.
poll_cpus() {
	busy=
	for dir in "$instance"/per_cpu/cpu*; do
		cpu=${dir##*/cpu}
		cpu_stats "$cpu"
		n=$((st_entries / most_events))
		[ "$n" -ge 16 ] || continue
		read_pages "$cpu" "$n" >>"$partial/cpu/$cpu.raw" ||
			write_failed "cpu/$cpu.raw"
		[ $((n * ring_page / 128)) -lt "$kib" ] || busy=1
	done
}

# Until there is room. A stream keeps all in the ring buffer until the end.
empty_buffers() {
	[ "$out" != - ] || return 0
	poll_cpus
	while [ -n "$busy" ]; do poll_cpus; done
}

# ---- snapshots --------------------------------------------------------------

mark() { echo "$1" >"$instance/trace_marker"; }

# slab_table SEPARATOR COLUMNS: a table of the caches whose names are on
# standard input. A cache that vanishes has no row.
slab_table() {
	awk -v sep="$1" -v columns="$2" -v dir="$slab_dir" '
	{ name[NR] = $0 }
	END {
		row = "name"
		count = split(columns, all, " ")
		for (i = 1; i <= count; i++) {
			file = dir "/" name[1] "/" all[i]
			if ((getline cell < file) >= 0) {
				have[++n] = all[i]
				row = row sep all[i]
			}
			close(file)
		}
		if (n)
			print row
		for (r = 1; r <= NR && n; r++) {
			row = name[r]
			gone = 0
			for (i = 1; i <= n; i++) {
				file = dir "/" name[r] "/" have[i]
				cell = ""
				if ((getline cell < file) < 0)
					gone = 1
				close(file)
				row = row sep cell
			}
			if (!gone)
				print row
		}
	}' 2>/dev/null
}

real_caches() {
	for path in "$slab_dir"/*; do
		[ -L "$path" ] || [ ! -d "$path" ] || echo "${path##*/}"
	done
}

path_of() {
	case $1 in
	unusable_index | extfrag_index) echo "/sys/kernel/debug/extfrag/$1" ;;
	slab.tsv) echo "$slab_dir" ;;
	*) echo "/proc/$1" ;;
	esac
}

# snapshot PREFIX: a marker just before each file. Texts are kept in memory
# until :end; kpageflags goes where it belongs at once. "warm" keeps nothing.
snapshot() {
	read -r _ </proc/sys/vm/stat_refresh || :
	caches=$(real_caches)
	mark "$1:begin"
	for file in $snapshot_files; do
		path=$(path_of "$file")
		text=
		empty_buffers
		mark "$1:$file"
		case $1:$file in
		warm:kpageflags) [ ! -r "$path" ] || cat "$path" >/dev/null ;;
		*:kpageflags) put_if_there "$1/$file" "$path" ;;
		*:slab.tsv)
			[ -z "$caches" ] || text=$(echo "$caches" |
				slab_table "	" "$counts")
			;;
		*) text=$(cat "$path" 2>/dev/null) ;;
		esac
		case $file in
		slab.tsv) text_slab_tsv=$text ;;
		*) eval "text_$file=\$text" ;;
		esac
	done
	mark "$1:end"
	[ "$1" = warm ] || put_snapshot "$1"
}

put_snapshot() {
	for file in $snapshot_files; do
		[ "$file" != kpageflags ] || continue
		case $file in
		slab.tsv) text=$text_slab_tsv ;;
		*) eval "text=\$text_$file" ;;
		esac
		if [ -n "$text" ]; then
			put_text "$1/$file" "$text"
		else
			note_unread "$1/$file" \
				"$(why_unread "$(path_of "$file")")"
		fi
	done
}

# ---- facts about the kernel -------------------------------------------------

put_formats() {
	for file in events/header_page events/header_event \
		events/ftrace/print/format trace_clock; do
		path=$instance/$file
		# Before 6.8 only the top has the two headers.
		[ -r "$path" ] || path=$tracefs/$file
		put_text "tracefs/$file" "$(cat "$path")"
	done
	for event in $events; do
		put_text "tracefs/events/$event/format" \
			"$(cat "$instance/events/$event/format")"
	done
}

# "NODE CPUS" of each node; a node of memory alone has none.
live_nodes() {
	for path in "$nodes_dir"/node[0-9]*; do
		line="${path##*/node} $(cat "$path/cpulist")"
		echo "${line% }"
	done
}

# "TID PATH" of each task: the group of its memory controller, else that of the
# one hierarchy.
live_cgroups() {
	grep -Hs '' /proc/[0-9]*/task/[0-9]*/cgroup | awk -F: '{
		split($1, part, "/")
		memory = "," $3 "," ~ /,memory,/
		path = $0
		sub(/^[^:]*:[^:]*:[^:]*:/, "", path)
		if (memory || ($3 == "" && !(part[5] in group)))
			group[part[5]] = path
	}
	END { for (task in group) print task, group[task] }'
}

# "TID COMM" of each task; a line feed in a name makes a line that is dropped.
live_comms() {
	grep -Hs '' /proc/[0-9]*/task/[0-9]*/comm | awk '{
		split($0, part, "/")
		name = $0
		sub(/^[^:]*:/, "", name)
		if (name != "" && !(part[5] in names))
			names[part[5]] = name
	}
	END { for (task in names) print task, names[task] }'
}

put_kernel() {
	put_text kernel/uname "$(uname -a)"
	put_if_there kernel/cmdline /proc/cmdline
	config=/boot/config-$(uname -r)
	if [ -r /proc/config.gz ] || [ ! -r "$config" ]; then
		put_if_there kernel/config.gz /proc/config.gz
	else
		put_file kernel/config "$config"
	fi
	put_if_there kernel/kallsyms /proc/kallsyms
	grep -qv '^0* ' /proc/kallsyms 2>/dev/null ||
		note_unread kernel/kallsyms "no addresses in it: sysctl kernel.kptr_restrict=1 or 0 shows them"
	put_if_there kernel/modules /proc/modules
	[ ! -d "$nodes_dir" ] || put_text kernel/nodes "$(live_nodes)"
	cgroups=$(live_cgroups)
	[ -z "$cgroups" ] || put_text kernel/cgroups "$cgroups"
	if [ ! -d "$slab_dir" ]; then
		note_unread slab "$slab_dir: no such directory"
		return
	fi
	put_text slab/parameters.txt "$(for path in "$slab_dir"/[!:]*; do
		echo "${path##*/}"
	done | slab_table ' ' "$parameters")"
	# shellcheck disable=SC2012 # a find of busybox may lack -printf
	aliases=$(ls -l "$slab_dir" |
		sed -n 's/.* \([^ ]*\) -> \(.*\/\)*\([^/]*\)$/\1 \3/p')
	[ -z "$aliases" ] || put_text slab/aliases.txt "$aliases"
}

quote_json() { printf '%s' "$1" | tr -d '\000-\037' | sed 's/[\\"]/\\&/g'; }

command_line() {
	line=
	for word; do
		case $word in
		'' | *[!A-Za-z0-9_@%+=:,./-]*)
			word="'$(printf '%s' "$word" | sed "s/'/'\\\\''/g")'"
			;;
		esac
		line="$line${line:+ }$word"
	done
	quote_json "$line"
}

# The same memory in KiB and in pages, a moment apart. (Not MemFree: a machine
# whose host takes free pages back may count them in one place only.)
page_size() {
	awk '$1 == "AnonPages:" { kib = $2 }
		$1 == "nr_anon_pages" { pages = $2 }
		END {
			size = 4
			while (pages && size * 1.5 * pages < kib)
				size *= 2
			print size * 1024
		}' /proc/meminfo /proc/vmstat
}

# The sixth byte of every ELF file.
endian() {
	case $(dd if=/proc/self/exe bs=1 skip=5 count=1 2>/dev/null) in
	"$(printf '\002')") echo big ;;
	*) echo little ;;
	esac
}

put_json() {
	list=
	for event in $events; do list="$list${list:+, }\"$event\""; done
	if [ -n "$command" ]; then
		command=" \"command\": \"$command\",$nl \"command_status\": $status,$nl"
	fi
	put_text capture.json "{
 \"format\": 1,
 \"tool\": \"$tool\",
 \"release\": \"$(uname -r)\",
 \"machine\": \"$(uname -m)\",
 \"page_size\": $page_size,
 \"long_size\": $long_size,
 \"endian\": \"$(endian)\",
 \"cpus\": $cpus,
 \"clock\": \"mono\",
 \"loss\": {$loss$nl },
 \"markers\": true,
 \"start\": \"$start\",
 \"stop\": \"$stopped\",
 \"start_ns\": $start_ns,
 \"stop_ns\": $stop_ns,
 \"buffer_kib\": $kib,
 \"events\": [$list],
 \"filtered\": false,
$command \"self_pids\": [$$],
 \"unread\": {$unread$nl }
}"
}

# ---- the recording ----------------------------------------------------------

usage() {
	die "[-o DIR | -o -] [-d SECONDS] [-b KiB] [-- COMMAND ...]"
}

find_tracefs() {
	[ "$(id -u)" = 0 ] || die "recording needs root: run it with sudo or su"
	if [ -d /sys/kernel/tracing ] && [ ! -e /sys/kernel/tracing/events ]; then
		mount -t tracefs nodev /sys/kernel/tracing 2>/dev/null
	fi
	for tracefs in /sys/kernel/tracing /sys/kernel/debug/tracing; do
		[ ! -d "$tracefs/events" ] || break
	done
	[ -d "$tracefs/events" ] ||
		die "no tracefs here: mount -t tracefs nodev" \
			"/sys/kernel/tracing; a container needs it from its" \
			"host, a kernel needs CONFIG_EVENT_TRACING"
	for event in $required; do
		[ -d "$tracefs/events/$event" ] ||
			die "this kernel has no event $event: kmem" \
				"tracepoints are needed (CONFIG_EVENT_TRACING)"
	done
}

set_control() { # FILE VALUE
	{ echo "$2" >"$instance/$1"; } 2>/dev/null ||
		die "$instance/$1: cannot write '$2'"
}

default_kib() {
	awk '$1 == "MemTotal:" { kib = $2 }
		/^cpu[0-9]/ { cpus++ }
		END {
			kib = int(kib / 32 / cpus)
			print (kib < 2048 ? 2048 : kib > 65536 ? 65536 : kib)
		}' /proc/meminfo /proc/stat
}

make_instance() {
	[ "$kib" != 0 ] || kib=$(default_kib)
	mkdir "$tracefs/instances/kmemscope-$$" 2>/dev/null ||
		die "cannot make the tracing instance kmemscope-$$ in" \
			"$tracefs/instances"
	instance=$tracefs/instances/kmemscope-$$
	set_control tracing_on 0
	set_control trace_clock mono
	set_control options/overwrite 1
	set_control options/markers 1
	set_control buffer_size_kb "$kib"
	events=
	for event in $wanted; do
		[ -d "$instance/events/$event" ] || continue
		set_control "events/$event/enable" 1
		events="$events $event"
	done
}

# What header_page says: field: local_t commit; offset:8; size:8; …
page_layout() {
	header=$instance/events/header_page
	[ -r "$header" ] || header=$tracefs/events/header_page
	long_size=$(sed -n 's/.* commit;.*size:\([0-9]*\);.*/\1/p' "$header")
	ring_data=$(sed -n 's/.* data;.*size:\([0-9]*\);.*/\1/p' "$header")
	offset=$(sed -n 's/.* data;.*offset:\([0-9]*\);.*/\1/p' "$header")
	page_size=$(page_size)
	case :$long_size:$ring_data:$offset: in
	*::*) die "$header: not as expected" ;;
	esac
	ring_page=$((offset + ring_data))
	most_events=$((ring_data / least_event))
}

make_folders() {
	[ "$out" != - ] || return 0
	partial=$out.partial-$$
	mkdir "$partial" || die "$partial cannot be made"
	mkdir "$partial/cpu" "$partial/kernel" "$partial/slab" \
		"$partial/before" "$partial/after"
	for event in ftrace/print $events; do
		mkdir -p "$partial/tracefs/events/$event"
	done
}

wait_for_end() {
	read -r up _ </proc/uptime
	deadline=$((${up%%.*} + seconds))
	while [ -z "$stop" ]; do
		if [ -n "$child" ] && ! kill -0 "$child" 2>/dev/null; then
			break
		fi
		read -r up _ </proc/uptime
		[ "$seconds" = 0 ] || [ "${up%%.*}" -lt "$deadline" ] || break
		empty_buffers
		sleep "$pause"
	done
}

end_command() {
	[ -n "$child" ] || return 0
	kill "$child" 2>/dev/null
	wait "$child"
	status=$?
	child=
}

collect_cpus() {
	loss=
	cpus=0
	lost=0
	total=0
	for dir in "$instance"/per_cpu/cpu*; do
		cpu=${dir##*/cpu}
		cpu_stats "$cpu"
		gone=$((st_overrun + st_commit + st_dropped))
		[ $((st_entries + st_read + gone)) != 0 ] || continue
		if [ "$out" = - ]; then
			stream_pages "$cpu"
		else
			drain "$cpu"
		fi
		cpu_stats "$cpu"
		put_text "cpu/$cpu.stats" "$(cat "$dir/stats")"
		found=$((st_entries + st_read))
		total=$((total + found))
		lost=$((lost + gone))
		[ "$cpu" -lt "$cpus" ] || cpus=$((cpu + 1))
		loss="$loss${loss:+,}$nl  \"$cpu\": {\"entries\": $found, \"overrun\": $st_overrun, \"commit_overrun\": $st_commit, \"dropped_events\": $st_dropped}"
	done
	[ "$cpus" != 0 ] || die "not one event was recorded"
}

while getopts o:d:b: option; do
	case $option in
	o) out=$OPTARG ;;
	d) seconds=$OPTARG ;;
	b) kib=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
case $seconds$kib in *[!0-9]*) usage ;; esac
[ "$seconds" = 0 ] || [ $# = 0 ] ||
	die "give -d SECONDS or a COMMAND, not both: the recording ends with it"
command=$(command_line "$@")
case $out in
*?/) out=${out%/} ;;
esac
case $out in
-)
	[ ! -t 1 ] || die "-o - writes a tar: pipe it into 'tar x -C DIR'"
	# The command's output must not fall into the tar.
	exec 4>&1 1>&2
	mtime=$(printf '%011o' "$(date +%s)")
	;;
*) [ ! -e "$out" ] || die "$out: already exists: choose another with -o" ;;
esac
exec 3<&0

trap clean_up EXIT
trap on_signal HUP INT TERM
trap 'exit 2' PIPE
find_tracefs
make_instance
page_layout
make_folders
pause=0.2
sleep "$pause" 2>/dev/null || pause=1

put_text tracefs/saved_cmdlines "$(live_comms)"
set_control tracing_on 1
start=$(date -u +%Y-%m-%dT%H:%M:%SZ)
start_ns=$(now_ns)
snapshot warm
snapshot before
if [ $# != 0 ] && [ -z "$stop" ]; then
	"$@" <&3 3<&- 4>&- &
	child=$!
elif [ "$seconds" = 0 ] && [ -t 2 ]; then
	say "recording; Ctrl-C ends it"
fi
wait_for_end
end_command
snapshot after
stop_ns=$(now_ns)
set_control tracing_on 0
stopped=$(date -u +%Y-%m-%dT%H:%M:%SZ)
collect_cpus
put_formats
put_kernel
put_json
if [ "$out" = - ]; then
	head -c 1024 /dev/zero >&4
else
	mv "$partial" "$out" || die "$partial: cannot be renamed"
	partial=
fi
say "$out: $total events, buffer $kib KiB per CPU"
if [ "$lost" = 0 ]; then
	say "nothing was lost"
else
	say "$lost events were lost; record again with a larger buffer:" \
		"-b $((kib * 4))"
fi
exit "$status"
