#!/bin/sh
# verify_options.sh ARCHIVE KMEMSCOPE: options and errors, fields of the JSON,
# and snapshots that are missing, contradict each other or are of another
# machine.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$(dirname "$0")/ends.inc"
kmemscope=$2 command=verify
unpack "$1"

fails "there are recorded, slub, slab, slob" --model slop "$capture"
fails "KEY=VALUE" --set slub.max_order "$capture"
fails "text or json" --format csv "$capture"
fails "--start is trace or snapshot" --start cold "$capture"
fails "give one capture"
fails "No such file" "$tmp/nothing"

"$kmemscope" verify --model slub,slab --format json "$capture" >"$tmp/json"
fields=$(sqlite3 :memory: "SELECT group_concat(key) FROM json_each(
	CAST(readfile('$tmp/json') AS TEXT), '\$[0]')")
for field in model slab_pages_start slab_pages_end slab_pages_peak \
	free_pages_start free_pages_end bytes_req_live bytes_alloc_live \
	waste_live bytes_alloc_mismatch bytes_alloc_checked failed \
	slab_pages_recorded_delta slab_pages_delta caches_touched \
	caches_exact unusable_index_max_error free_pages_error coverage; do
	case ,$fields, in
	*,$field,*) ;;
	*) echo "no field $field in $fields"; exit 1 ;;
	esac
done
# What only the recorded allocator's own model can be asked.
nulls=$(sqlite3 :memory: "SELECT value->>'model',
	value->>'bytes_alloc_mismatch' IS NULL,
	value->>'caches_touched' IS NULL FROM json_each(
	CAST(readfile('$tmp/json') AS TEXT))" | tr '\n' ' ')
[ "$nulls" = "slub|0|0 slab|1|1 " ] || { echo "null: $nulls"; exit 1; }

# The trace reveals slots; the snapshot alone does not, and is worse here.
for start in trace snapshot; do
	"$kmemscope" verify --model slub --start $start --format json \
		"$capture" >"$tmp/json"
	sqlite3 :memory: "SELECT value->>'start_slots_revealed' > 0,
		value->>'caches_pages_error' FROM json_each(CAST(readfile(
		'$tmp/json') AS TEXT))" >"$tmp/$start"
done
trace=$(cat "$tmp/trace")
snapshot=$(cat "$tmp/snapshot")
if [ "${trace%|*}|${snapshot%|*}" != "1|0" ] ||
	[ "${trace#*|}" -ge "${snapshot#*|}" ]; then
	echo "starts: trace $trace, snapshot $snapshot"
	exit 1
fi

# The error bar: of models, from the rules of the start, the usual one among them.
"$kmemscope" verify --model recorded,slub,slob --start snapshot \
	--format json "$capture" >"$tmp/json"
bars=$(sqlite3 :memory: "SELECT value->>'model',
	value->>'$.spread.rules[0].rule',
	value->>'$.spread.slab_pages_delta[0]' <= value->>'slab_pages_delta',
	value->>'$.spread.slab_pages_delta[1]' >= value->>'slab_pages_delta',
	value->>'$.spread.slab_pages_delta[0]' <
	value->>'$.spread.slab_pages_delta[1]',
	json_array_length(value->'spread', '$.rules') FROM json_each(
	CAST(readfile('$tmp/json') AS TEXT))" | tr '\n' ' ')
[ "$bars" = "recorded||||| slub|usual|1|1|1|9 slob|usual|1|1|1|9 " ] || {
	echo "error bars: $bars"
	exit 1
}

# edit FILE EXPRESSION: the capture with one file changed, or without it.
edit() {
	rm -rf "$tmp/edited"
	cp -r "$capture" "$tmp/edited"
	if [ "$2" = gone ]; then
		rm -r "$tmp/edited/${1:?}"
	else
		sed "$2" "$capture/$1" >"$tmp/edited/$1"
		if cmp -s "$tmp/edited/$1" "$capture/$1"; then
			echo "nothing edited in $1"
			exit 1
		fi
	fi
}

edit before gone
fails "no snapshot before it" "$tmp/edited"
edit after gone
fails "no snapshot after it" "$tmp/edited"
edit after/zoneinfo 's/\( spanned *\)\([0-9]\)/\19\2/'
fails "another machine" "$tmp/edited"
edit before/buddyinfo 's/\([0-9][0-9]*\) *$/9\1/'
fails "before/: buddyinfo has" "$tmp/edited"
edit after/slabinfo 's/^\(dentry .*: slabdata *[0-9]* *\)/\199/'
fails "after/: slabinfo has" "$tmp/edited"

# What is missing on one side only is named; the rest is still compared.
edit after/buddyinfo gone
"$kmemscope" verify --format json "$tmp/edited" >"$tmp/json"
got=$(sqlite3 :memory: "SELECT value->>'free_pages_error' IS NULL,
	value->>'caches_exact' = value->>'caches_touched', value->>'missing'
	FROM json_each(CAST(readfile('$tmp/json') AS TEXT)) LIMIT 1")
[ "$got" = "1|1|free blocks: no buddyinfo in both snapshots; \
after/buddyinfo: not in the capture" ] || {
	echo "without buddyinfo: $got"
	exit 1
}
