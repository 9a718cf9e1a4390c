#!/bin/sh
# replay_options.sh ARCHIVE KMEMSCOPE: options, their errors, 80 columns, JSON,
# and the same figures from a capture and from its database.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$(dirname "$0")/ends.inc"
kmemscope=$2 command=replay
unpack "$1"

fails "there are recorded, slub, slab, slob" --model slop "$capture"
fails "slub.max_order slub.min_objects" --set slub.nothing=1 "$capture"
fails "from 0 to 15" --set slub.max_order=16 "$capture"
fails "letters of FZPUO" --set slub.debug=X "$capture"
fails "record with slab_nomerge" --set slub.merge=0 "$capture"
fails "KEY=VALUE" --set slub.max_order "$capture"
fails "text or json" --format csv "$capture"
fails "give one capture"
fails "No such file" "$tmp/nothing"

"$kmemscope" import "$capture" -o "$tmp/x.db" 2>/dev/null >&2
for input in "$capture" "$tmp/x.db"; do
	"$kmemscope" replay "$input" >"$tmp/text.$(basename "$input")"
	"$kmemscope" replay "$input" --format json |
		sed '/wall_ns/d; s/,$//' >"$tmp/json.$(basename "$input")"
done
cmp "$tmp/text.$(basename "$capture")" "$tmp/text.x.db"
cmp "$tmp/json.$(basename "$capture")" "$tmp/json.x.db"
narrow "$tmp/text.x.db"
[ "$(sqlite3 "$tmp/x.db" "SELECT group_concat(model) FROM
	(SELECT model FROM run ORDER BY model)")" = recorded,slub ] || {
	echo "the database does not keep both runs"
	exit 1
}

"$kmemscope" replay "$capture" --model slub --set slub.min_partial=0 \
	--format json >"$tmp/json"
fields=$(sqlite3 :memory: "SELECT group_concat(key) FROM json_each(
	CAST(readfile('$tmp/json') AS TEXT), '\$[0]')")
[ "$fields" = "model,start,settings,events,slab_pages_start,slab_pages_end,\
slab_pages_peak,free_pages_start,free_pages_end,bytes_req_live,\
bytes_alloc_live,waste_live,bytes_alloc_mismatch,bytes_alloc_checked,\
bytes_alloc_unknown,failed,fallbacks,held_pages_start,held_pages_end,\
held_pages_peak,slab_grows,slab_shrinks,slow_allocs,slow_frees,\
order_fallbacks,pcp_refills,pcp_drains,user_pages_end,vmap_areas,vmap_areas_peak,vmap_pages,\
vmap_pages_peak,vmap_lazy_peak,vmap_purges,vmalloc_allocs,kvmalloc_fallbacks,\
vmalloc_pages,vmalloc_pages_peak,vmalloc_lazy_peak,vmalloc_purges,spread,\
wall_ns" ] || { echo "fields: $fields"; exit 1; }
