#!/bin/sh
# user_pages_live.sh KMEMSCOPE TOUCH_PAGES: a program that writes to one page in
# each 64 KiB takes 16 times as much in pages of 64 KiB, one that writes to all
# takes the same: from this kernel's faults, against SQL and against the kernel's
# own word (/proc/PID/pagemap).
set -eu
kmemscope=$1
touch_pages=$2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
if [ "$(id -u)" != 0 ] || ! "$kmemscope" doctor >"$tmp/doctor" 2>&1; then
	echo "skipped: this kernel cannot be recorded here:"
	cat "$tmp/doctor" 2>/dev/null
	exit 77
fi
if ! grep -q 'page_fault_user *ok' "$tmp/doctor"; then
	# It must say so, and leave nothing behind.
	status=0
	"$kmemscope" record --user-faults -o "$tmp/x" -- true 2>"$tmp/err" ||
		status=$?
	[ $status = 2 ] && grep -q 'no event exceptions' "$tmp/err" &&
		[ ! -e "$tmp/x" ]
	echo "skipped: $(cat "$tmp/err")"
	exit 77
fi
cp "$touch_pages" "$tmp/dense"
cp "$touch_pages" "$tmp/sparse"
"$kmemscope" record --user-faults -o "$tmp/x" -- \
	sh -c "'$tmp/sparse' 64 64 >'$tmp/sparse.own'
		'$tmp/dense' 16 4 >'$tmp/dense.own'" 2>"$tmp/err"
if ! grep -q 'nothing was lost' "$tmp/err"; then
	echo "skipped: $(cat "$tmp/err")"
	exit 77
fi
"$kmemscope" import -o "$tmp/x.db" "$tmp/x" 2>"$tmp/err"
"$kmemscope" advise --format json "$tmp/x" >"$tmp/advise.json" 2>"$tmp/err"

# Of the memory from the exec on, which gives the task its name, the ranges in
# which a write took a page.
for name in sparse dense; do
	sqlite3 -separator ' ' "$tmp/x.db" "
WITH start AS (SELECT max(e.id) AS id, e.pid FROM event e
		JOIN name n ON n.id = e.name WHERE e.kind = 13
		AND n.text = '$name'),
own AS (SELECT e.kind, e.flags, e.addr, lead(e.kind) OVER (ORDER BY e.id)
			AS next
	FROM event e, start WHERE e.pid = start.pid AND e.id > start.id
		AND (e.kind IN (20, 21) OR (e.kind = 5 AND e.page_order = 0
			AND e.gfp_flags & 8 AND NOT e.gfp_flags & (SELECT mask
				FROM gfp_flag WHERE name = '__GFP_NORETRY')
			AND NOT e.flags & 192))),
took AS (SELECT DISTINCT addr >> 12 AS page FROM own WHERE next = 5
		AND kind IN (20, 21) AND flags & 1024)
SELECT (SELECT pid FROM start), count(*) << 12,
	count(DISTINCT page >> 2) << 14, count(DISTINCT page >> 4) << 16
FROM took" >"$tmp/$name.sql"
	read -r pid rest <"$tmp/$name.sql"
	sqlite3 -separator ' ' :memory: "SELECT value->>'pid',
		value->>'bytes_peak', value->>'bytes_16k_peak',
		value->>'bytes_64k_peak' FROM json_each(CAST(readfile(
			'$tmp/advise.json') AS TEXT), '\$.user_pages')
		WHERE value->>'pid' = $pid ORDER BY 2 DESC LIMIT 1" \
		>"$tmp/$name.advise"
	if ! cmp -s "$tmp/$name.sql" "$tmp/$name.advise"; then
		echo "$name: SQL $pid $rest, advise $(cat "$tmp/$name.advise")"
		exit 1
	fi
done
# near WANTED GOT: what the kernel fills itself, an exec's arguments, are a few.
near() { [ $(($1 - $2)) -le 8 ] && [ $(($2 - $1)) -le 8 ]; }
for name in sparse dense; do
	read -r pages of_16k of_64k <"$tmp/$name.own"
	read -r pid bytes bytes_16k bytes_64k <"$tmp/$name.advise"
	echo "$name: the kernel $pages pages, $of_16k of 16K, $of_64k of 64K;" \
		"counted $((bytes >> 12)) $((bytes_16k >> 14)) $((bytes_64k >> 16))"
	near "$pages" $((bytes >> 12)) && near "$of_16k" $((bytes_16k >> 14)) &&
		near "$of_64k" $((bytes_64k >> 16)) || exit 1
done
# The maps, and little else.
read -r pid bytes rest <"$tmp/sparse.advise"
[ $((${rest#* } * 10)) -gt $((bytes * 155)) ] || exit 1
read -r pid bytes rest <"$tmp/dense.advise"
[ $((${rest#* } * 10)) -lt $((bytes * 11)) ] || exit 1
# The bound gave way: what-ifs say what they counted.
grep -q '"user_pages_exact":.*[1-9]' "$tmp/advise.json"
