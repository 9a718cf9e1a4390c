#!/bin/sh
# blame.sh ARCHIVE KMEMSCOPE: every row of blame's four tables, and the sums of
# pageblocks, at the end and half way, against SQL that asks each page and each
# object for its last event (page_state.sql, blocks.sql).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/unpack.inc
. "$here/../cli/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$here/../cli/ends.inc"
kmemscope=$2
unpack "$1"
partial_ok "$kmemscope" import "$capture" -o "$tmp/x.db" >/dev/null 2>&1

# Without page events nothing can be said, and blame says so.
if [ "$(sqlite3 "$tmp/x.db" 'SELECT linked FROM capture')" = 0 ]; then
	fails "who holds which page is not known.*record mm_page_alloc" \
		blame "$tmp/x.db"
	exit 0
fi

# rows TABLE COLUMNS: of the tool's answer, to $tmp/TABLE.got.
rows() {
	sqlite3 -csv :memory: "SELECT $2 FROM (SELECT value AS r FROM
		json_each(CAST(readfile('$tmp/json') AS TEXT), '\$.$1'))" |
		LC_ALL=C sort >"$tmp/$1.got"
}

# same NANOSECONDS ARGUMENTS...: what happened until then.
same() {
	moment=$1
	shift
	partial_ok "$kmemscope" blame "$tmp/x.db" "$@" -l 100000 --format json \
		>"$tmp/json" 2>/dev/null
	rows slab_sites "r ->> 'callsite', r ->> 'cache', r ->> 'objects',
		r ->> 'live_bytes', r ->> 'pinned_bytes', r ->> 'alone_bytes',
		r ->> 'share_bytes'"
	rows slab_caches "r ->> 'cache', r ->> 'slabs', r ->> 'objects',
		r ->> 'live_bytes', r ->> 'pinned_bytes', r ->> 'old_bytes',
		r ->> 'empty_bytes'"
	# The last word of a request of pages are its flags.
	counts="r ->> 'pages', r ->> 'blocks', r ->> 'blocks_alone',
		r ->> 'blocks_perhaps', r ->> 'free_bytes'"
	holder="r ->> 'holder'"
	rows block_holders "r ->> 'kind', iif(r ->> 'kind' = 'pages', rtrim(rtrim(
		$holder, replace($holder, ' ', ''))), $holder), $counts"
	rows block_sites "r ->> 'callsite', r ->> 'cache', $counts"
	grep -o 'of [0-9]* pageblocks of .* unknown kind' "$tmp/json" |
		tr -cs 0-9 ' ' | awk '{ print $1 "," $3 "," $4 "," $5 "," $6 \
			"," $7 }' >"$tmp/block_sum.got"

	sqlite3 -bail -csv "$tmp/x.db" "CREATE TEMP TABLE now AS
		SELECT $moment AS ts_ns, 1 AS objects" \
		".read $here/page_state.sql" ".read $here/blocks.sql" \
		".once $tmp/slab_sites.sql" "SELECT * FROM slab_site" \
		".once $tmp/slab_caches.sql" "SELECT * FROM slab_sum" \
		".once $tmp/block_holders.sql" "SELECT b.*,
		b.alone * page_size << block_order FROM block_holder b, machine" \
		".once $tmp/block_sites.sql" "SELECT b.*,
		b.alone * page_size << block_order FROM block_site b, machine" \
		".once $tmp/block_sum.sql" "SELECT * FROM block_sum"
	for table in slab_sites slab_caches block_holders block_sites \
		block_sum; do
		LC_ALL=C sort "$tmp/$table.sql" >"$tmp/$table.want"
		diff "$tmp/$table.want" "$tmp/$table.got" || {
			echo "$table at $moment is not so"
			exit 1
		}
	done
	for table in slab_sites slab_caches block_holders block_sum; do
		[ -s "$tmp/$table.got" ] || {
			echo "no $table at $moment"
			exit 1
		}
	done
}

same $((1 << 62))
half=$(sqlite3 "$tmp/x.db" 'SELECT avg(ts_ns) / 1000 FROM event WHERE kind = 5')
half=${half%.*}
same "$((half * 1000 + 999))" \
	--at "$((half / 1000000)).$(printf %06d $((half % 1000000)))"
