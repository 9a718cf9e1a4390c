#!/bin/sh
# advise.sh ARCHIVE KMEMSCOPE [ROWS]: each row is what replay says of the same
# arguments (or so many of them, from the best to the worst); options and their
# errors, 80 columns, the same from a database.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$(dirname "$0")/ends.inc"
kmemscope=$2 command=advise
unpack "$1"

fails "unknown option" --sett x "$capture"
fails "not a number of rows" -l x "$capture"
fails "text, json and csv" --format xml "$capture"
fails "give one" "$capture" "$capture"
fails "No such file" "$tmp/nothing"

# query FILE SQL: over the JSON of FILE, as table x(j).
query() {
	sqlite3 -separator ' ' :memory: "WITH x(j) AS (SELECT CAST(
		readfile('$1') AS TEXT)) $2"
}

partial_ok "$kmemscope" advise "$capture" --format json >"$tmp/advice"
query "$tmp/advice" "SELECT value->>'saved_peak_pages',
	value->>'saved_end_pages', value->>'slab_grows', value->>'what'
	FROM x, json_each(j, '\$.advice')" >"$tmp/rows"
[ "$(wc -l <"$tmp/rows")" -ge 5 ] || { echo "too few rows"; exit 1; }
base=$(query "$tmp/advice" "SELECT j->>'\$.baseline[0].held_peak_pages',
	j->>'\$.baseline[0].held_end_pages', j->>'\$.baseline[0].slab_grows'
	FROM x")
model=$(query "$tmp/advice" "SELECT j->>'\$.baseline[0].model' FROM x")
awk -v most="${3:-1000}" '{ row[NR] = $0 } END {
	for (i = 0; i < most && i < NR; i++)
		print row[NR <= most ? i + 1 : 1 + int(i * (NR - 1) / (most - 1))]
}' "$tmp/rows" >"$tmp/some"
while read -r peak end grows what; do
	case $what in
	--model*) ;;
	*) what="--model $model $what" ;;
	esac
	# shellcheck disable=SC2086
	partial_ok "$kmemscope" replay "$capture" $what --format json >"$tmp/run"
	got=$(query "$tmp/run" "SELECT j->>'\$[0].held_pages_peak',
		j->>'\$[0].held_pages_end', j->>'\$[0].slab_grows' FROM x")
	# shellcheck disable=SC2086
	set -- $base $got
	if [ "$peak $end $grows" != "$(($1 - $4)) $(($2 - $5)) $(($6 - $3))" ]
	then
		echo "$what: advise $peak $end $grows, replay $got, base $base"
		exit 1
	fi
done <"$tmp/some"

# From a database, and in text: the same figures, cut to two rows.
partial_ok "$kmemscope" import "$capture" -o "$tmp/x.db" 2>/dev/null >&2
partial_ok "$kmemscope" advise -l 2 "$tmp/x.db" >"$tmp/text"
narrow "$tmp/text"
[ "$(grep -c '^ *[0-9][0-9]* --' "$tmp/text")" = 2 ] || {
	echo "-l 2: $(cat "$tmp/text")"
	exit 1
}
want=$(head -n 2 "$tmp/rows" | cut -d ' ' -f 1,2)
got=$(awk '$1 ~ /^[0-9]+$/ && $2 ~ /^--/ {
	gsub(",", "")
	for (i = 3; i < NF && $i !~ /^-?[0-9]+$/; i++)
		;
	print $i, $(i + 1)
}' "$tmp/text")
[ "$want" = "$got" ] || { echo "text: $got; json: $want"; exit 1; }
