#!/bin/sh
# verify.sh ARCHIVE KMEMSCOPE: what verify says of the kernel, against awk over
# the snapshot's files, and of the replay, against "replay"; 80 columns; the
# same from a capture and from its database.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$(dirname "$0")/ends.inc"
kmemscope=$2
unpack "$1"

# values FIELD: of each replay, on one line.
values() {
	sqlite3 :memory: "SELECT group_concat(value->>'$1', ' ') FROM
		json_each(CAST(readfile('$tmp/json') AS TEXT))"
}

# same WHAT GOT WANTED
same() {
	[ "$2" = "$3" ] || {
		echo "$1: '$2', wanted '$3'"
		exit 1
	}
}

"$kmemscope" verify --format json "$capture" >"$tmp/json"

# Slab pages: num_slabs * pagesperslab. SLOB's slabinfo is empty.
slab_pages() {
	awk 'NR > 2 { sum += $15 * $6 } END { print sum + 0 }' \
		"$capture/$1/slabinfo" 2>/dev/null || echo 0
}
before=$(slab_pages before)
if [ "$before" -gt 0 ]; then
	growth=$(($(slab_pages after) - before))
	same "growth of slabs" "$(values slab_pages_recorded_delta)" \
		"$growth $growth"
	# Books of what was recorded: exact cache by cache.
	exact=$(values caches_exact)
	touched=$(values caches_touched)
	same "caches" "${exact%% *}" "${touched%% *}"
	awk 'FNR < 3 { next } FNR == NR { old[$1] = $15; next }
		$15 != old[$1] { print $1, $15 - old[$1] }' \
		"$capture/before/slabinfo" "$capture/after/slabinfo" |
		sort >"$tmp/want"
	sqlite3 -separator ' ' :memory: "SELECT c.value->>'cache',
		c.value->>'slabs_recorded_delta' FROM json_each(
		CAST(readfile('$tmp/json') AS TEXT), '\$[0].caches') c
		WHERE c.value->>'slabs_recorded_delta' <> 0" |
		sort >"$tmp/got"
	cmp "$tmp/got" "$tmp/want"
fi

# Free blocks per order, and the index as mm/vmstat.c computes it.
awk 'FNR == NR { for (i = 5; i <= NF; i++) old[i - 5] += $i; next }
	{ for (i = 5; i <= NF; i++) n[i - 5] += $i; max = NF - 5 }
	END { for (i = 0; i <= max; i++) free += n[i] * 2 ^ i
		for (i = 0; i <= max; i++) {
			usable = 0
			for (j = i; j <= max; j++) usable += n[j] * 2 ^ j
			x = int((free - usable) * 1000 / free)
			printf "%d %d %d %.3f\n", i, old[i], n[i], x / 1000
		} }' "$capture/before/buddyinfo" "$capture/after/buddyinfo" \
	>"$tmp/want"
sqlite3 -separator ' ' :memory: "SELECT o.value->>'order',
	o.value->>'free_blocks_before', o.value->>'free_blocks_recorded',
	printf('%.3f', o.value->>'unusable_index_recorded') FROM json_each(
	CAST(readfile('$tmp/json') AS TEXT), '\$[0].orders') o" >"$tmp/got"
cmp "$tmp/got" "$tmp/want"

# The replay's side is what "replay" says.
"$kmemscope" replay --format json --model recorded "$capture" >"$tmp/replay"
want=$(sqlite3 :memory: "SELECT value->>'slab_pages_end' -
	(value->>'slab_pages_start') FROM json_each(CAST(readfile(
	'$tmp/replay') AS TEXT))")
got=$(values slab_pages_delta)
same "growth of the replay" "${got%% *}" "$want"

# Both inputs, 80 columns.
"$kmemscope" import "$capture" -o "$tmp/x.db" 2>/dev/null >&2
"$kmemscope" verify "$capture" >"$tmp/text"
"$kmemscope" verify "$tmp/x.db" | cmp - "$tmp/text"
narrow "$tmp/text"
