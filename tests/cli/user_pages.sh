#!/bin/sh
# user_pages.sh KMEMSCOPE: five pages that faults took, two of them in one range
# of 16 and 64 KiB, counted the same from a text and from its database.
set -eu
kmemscope=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
text=fuzz/corpus/text/page-faults-6.18

# advise INPUT: its rows of user pages and of larger pages. Status 1: the text
# is a part of a trace.
advise() {
	status=0
	"$kmemscope" advise --format json "$1" >"$tmp/json" 2>/dev/null ||
		status=$?
	[ $status = 1 ] || { echo "advise $1: status $status" >&2; exit 1; }
	sqlite3 -separator ' ' :memory: "WITH x(j) AS (SELECT CAST(readfile(
			'$tmp/json') AS TEXT))
		SELECT value->>'comm', value->>'bytes_peak',
			value->>'bytes_16k_peak', value->>'bytes_64k_peak',
			value->>'bytes_64k_end'
			FROM x, json_each(j, '\$.user_pages')
		UNION ALL SELECT value->>'what', value->>'user_pages',
			value->>'user_pages_exact',
			value->>'user_pages_bound', ''
			FROM x, json_each(j, '\$.advice')
			WHERE value->>'what' LIKE '%page_size%' ORDER BY 1"
}
cat >"$tmp/wanted" <<'END'
(all) 20480 65536 262144 262144
--set page_size=16K 11 11 0 
--set page_size=64K 59 59 0 
bash 20480 65536 262144 262144
END
"$kmemscope" import -o "$tmp/x.db" "$text" 2>/dev/null || [ $? = 1 ]
advise "$text" >"$tmp/text"
advise "$tmp/x.db" >"$tmp/db"
diff "$tmp/wanted" "$tmp/text"
diff "$tmp/wanted" "$tmp/db"
"$kmemscope" advise -l 1 "$text" >"$tmp/out" 2>/dev/null || [ $? = 1 ]
grep -q '^  note: 1 of 2 rows are shown' "$tmp/out"
tr -s '\n ' '  ' <"$tmp/out" >"$tmp/line"
grep -q 'page_size=64K, user space at the end: exactly 59 pages more for the 5 that recorded page faults took .* at most 0 more for the other 0' \
	"$tmp/line"
if grep -n '.\{81\}' "$tmp/out"; then
	echo "wider than 80 columns"
	exit 1
fi
