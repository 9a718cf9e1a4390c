#!/bin/sh
# stat_by_file.sh ARCHIVE KMEMSCOPE: call sites by source file, from a program
# with line numbers that stands for the vmlinux, loaded elsewhere than it was
# linked. Exit status 77: no binutils.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
kmemscope=$2
for tool in addr2line as ld; do
	command -v $tool >/dev/null || { echo "no $tool: skipped"; exit 77; }
done
unpack "$1"
text=$(sed -n 's/^\([0-9a-f]*\) . _text$/\1/p' "$capture/kernel/kallsyms")
if [ -z "$text" ]; then
	text=$(cut -d ' ' -f 1 "$capture/kernel/kallsyms" | sort | head -n 1)
	echo "$text T _text" >>"$capture/kernel/kallsyms"
fi

# Two files: one of the first 2 MiB of code, one of the rest.
cat >"$tmp/v.s" <<EOF
	.text
	.globl _start
_start:
	.file 1 "mm/one.c"
	.file 2 "fs/two.c"
	.loc 1 10
	nop
	.skip 0x1fffff
	.loc 2 20
	nop
	.skip 0x2000000
	.loc 2 21
	nop
EOF
as -o "$tmp/v.o" "$tmp/v.s"
ld -Ttext=0x40000000 -o "$tmp/vmlinux" "$tmp/v.o"

partial_ok "$kmemscope" stat --by file --vmlinux "$tmp/vmlinux" --format csv \
	"$capture" 2>/dev/null | awk -F, 'NR == 1 {
		for (i = 1; i <= NF; i++)
			at[$i] = i
		next
	} $at["place"] !~ /^"?[[(]/ {
		sub(/.*\//, "", $at["place"])
		print $at["place"], $at["hit"]
	}' |
	sort >"$tmp/got"
partial_ok "$kmemscope" import -o "$tmp/x.db" "$capture" >/dev/null 2>&1
sqlite3 -separator ' ' "$tmp/x.db" "SELECT CASE WHEN c.address - 1
	- 0x$text < 2097152 THEN 'one.c' ELSE 'two.c' END, sum(allocs)
	FROM site_summary s JOIN call_site c ON c.address = s.call_site
	WHERE s.kind IN (1, 3) AND NOT s.self AND allocs AND c.module IS NULL
	GROUP BY 1 ORDER BY 1 DESC" | sort >"$tmp/want"
[ -s "$tmp/want" ]
diff "$tmp/want" "$tmp/got"
