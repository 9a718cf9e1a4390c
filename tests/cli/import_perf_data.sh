#!/bin/sh
# import_perf_data.sh ARCHIVE KMEMSCOPE: a perf.data of perf kmem record, and what
# perf kmem 6.1 printed of it: every figure must follow from the database, and
# kmemscope stat's own must be perf's where their rules are the same.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/oracle/perf_kmem.inc
. "$(dirname "$0")/../oracle/perf_kmem.inc"
kmemscope=$2
unpack "$1"
status=0
data=$capture/perf.data
text=$capture/perf-kmem-stat.txt

"$kmemscope" import -o "$tmp/it.db" "$data" 2>"$tmp/err" || {
	cat "$tmp/err"
	exit 1
}
perf_figures "$tmp/it.db" "$text" || status=1
echo "$(wc -l <"$tmp/perf.lines") lines of perf kmem stat equal"
cp "$tmp/it.db" "$tmp/whole.db"
sqlite3 "$tmp/it.db" 'UPDATE event SET bytes_alloc = bytes_alloc + 1
	WHERE id = (SELECT id FROM event WHERE bytes_alloc > 0 LIMIT 1)'
if perf_figures "$tmp/it.db" "$text" >"$tmp/diff"; then
	echo "a changed event was not noticed"
	status=1
fi

# Every line of perf's two summaries stands in stat's, digit for digit.
"$kmemscope" stat "$data" 2>/dev/null | tr -d , | tr -s ' ' >"$tmp/ours"
sed -n 's/^\(slab\|page\) \(.*:.*\)/\2/p' "$tmp/perf.lines" | tr -s ' ' \
	>"$tmp/theirs"
if [ "$(wc -l <"$tmp/theirs")" != 13 ] ||
	grep -vxFf "$tmp/ours" "$tmp/theirs"; then
	echo 'these lines of perf kmem stat are other ones in kmemscope stat'
	status=1
fi

# columns NAME...: these of a table as csv, on standard input.
columns() {
	awk -F, -v names="$*" 'NR == 1 {
		for (i = 1; i <= NF; i++) at[$i] = i
		count = split(names, name, " ")
		next
	}
	{
		line = $at[name[1]]
		for (i = 2; i <= count; i++) line = line " " $at[name[i]]
		print line
	}' | LC_ALL=C sort
}

# same_rows WHAT: so many rows of perf's table are stat's, cell by cell.
same_rows() {
	LC_ALL=C sort -o "$tmp/theirs" "$tmp/theirs"
	if [ ! -s "$tmp/theirs" ] || ! diff "$tmp/theirs" "$tmp/ours"; then
		echo "$1: other rows than perf's"
		status=1
	fi
	echo "$1: $(wc -l <"$tmp/theirs") rows equal"
}
for table in caller alloc; do
	key=call_site word=caller
	[ $table = caller ] || key=ptr word=ptr
	"$kmemscope" stat --$table --format csv "$data" |
		columns $key bytes_alloc bytes_req hit pingpong >"$tmp/ours"
	awk -v word=$word '$1 == word {
		gsub(/[|\/]/, " ")
		print $2, $3, $5, $7, $8
	}' "$tmp/perf.lines" >"$tmp/theirs"
	same_rows --$table
done
# Migratetypes by their numbers, because perf has names of before Linux 4.4;
# gfp flags in the kernel's words, which stand beside perf's short ones.
for table in --page '--page --alloc'; do
	pfn='' word=type
	[ "$table" = --page ] || pfn=pfn word=pfn
	# shellcheck disable=SC2086
	"$kmemscope" stat $table --format csv "$data" |
		columns $pfn bytes_alloc hit order migratetype gfp_name >"$tmp/ours"
	awk -v word=$word '
	/^# [0-9a-f]+: +[^ ]+: / { full[$3] = $4 }
	FNR == NR { next }
	$1 == word {
		type["UNMOVABL"] = 0; type["RECLAIM"] = 1; type["MOVABLE"] = 2
		kib = NF - 4
		line = word == "pfn" ? $2 " " : ""
		print line $kib * 1024, $(kib + 1), $(kib + 2),
			type[$(kib + 3)], full[$(kib + 4) ":"]
	}' "$text" "$tmp/perf.lines" >"$tmp/theirs"
	same_rows "$table"
done
"$kmemscope" stat --order --format csv "$data" |
	columns order migratetype hit >"$tmp/ours"
awk '$1 == "page" && $2 ~ /^[0-9]+$/ && NF == 7 {
	for (m = 0; m < 5; m++)
		if ($(m + 3) != ".") print $2, m, $(m + 3)
}' "$tmp/perf.lines" >"$tmp/theirs"
same_rows --order

# What perf prints here and now, of the same file: the golden text, and the
# sums of perf script's text.
if command -v perf >/dev/null; then
	LC_ALL=C perf kmem -f -i "$data" --slab --page --caller --alloc \
		--raw-ip stat >"$tmp/now.txt" 2>/dev/null || status=1
	perf_figures "$tmp/whole.db" "$tmp/now.txt" || status=1
	perf script -f -i "$data" -G -F comm,pid,cpu,time,event,trace \
		2>/dev/null | awk -f tests/oracle/perf_rules.awk >"$tmp/script"
	perf_sums | diff "$tmp/script" - || status=1
	echo "perf on this machine: $(wc -l <"$tmp/perf.lines") lines," \
		"$(wc -l <"$tmp/script") sums of perf script equal"
fi

# A file that is cut has lost its formats: an error, and nothing is left.
size=$(stat -c %s "$data")
for len in 0 7 50 103 $((size / 3)) $((size - 1)); do
	head -c "$len" "$data" >"$tmp/cut"
	code=0
	"$kmemscope" import -f -o "$tmp/cut.db" "$tmp/cut" 2>"$tmp/err" ||
		code=$?
	if [ "$code" != 2 ] || [ -e "$tmp/cut.db" ]; then
		echo "$len bytes: status $code"
		cat "$tmp/err"
		status=1
	fi
done
exit $status
