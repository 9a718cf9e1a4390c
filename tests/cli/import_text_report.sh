#!/bin/sh
# import_text_report.sh ARCHIVE KMEMSCOPE: the text of trace-cmd report gives
# the rows that the capture gives: addresses, linking, names and pages too.
# Exit status 77: no trace-cmd.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
command -v trace-cmd >/dev/null || { echo "no trace-cmd: skipped"; exit 77; }
kmemscope=$2
unpack "$1"

# What only a capture has would change what linking knows.
rm -rf "$capture/before" "$capture/after" "$capture/slab"
sh bench/trace_dat.sh "$capture" "$tmp/t.dat"
trace-cmd report -t -i "$tmp/t.dat" >"$tmp/report" 2>/dev/null
rm "$tmp/t.dat"
for input in "$capture" "$tmp/report"; do
	"$kmemscope" import -o "$input.db" "$input" 2>"$tmp/err"
done

# All but what trace-cmd report leaves out: whether an interrupt was served
# (flags 64, 128) and who wrote a marker (kind 11).
dump() { # DATABASE
	sqlite3 "$1" "
	SELECT e.id, e.ts_ns, e.cpu, e.pid, e.kind, e.flags & ~192, e.addr,
	       e.bytes_req, e.bytes_alloc, e.gfp_flags, e.page_order,
	       e.migratetype, e.node, e.object, n.text,
	       iif(e.kind = 11, NULL, c.symbol || c.\"offset\"), c.module,
	       d.fallback_order, d.fallback_migratetype, d.alloc_ts_ns
	FROM event e LEFT JOIN call_site c ON c.id = e.call_site
	LEFT JOIN name n ON n.id = e.name
	LEFT JOIN event_detail d ON d.event = e.id ORDER BY e.id;
	SELECT linked, direct_map_base FROM capture;
	SELECT word, count FROM anomaly WHERE word <> 'assumed_page_size'
	ORDER BY word;"
}
dump "$capture.db" >"$tmp/a"
dump "$tmp/report.db" >"$tmp/b"
if ! cmp "$tmp/a" "$tmp/b"; then
	diff "$tmp/a" "$tmp/b" | head -n 20
	exit 1
fi
grep -qE '^1\|-?[0-9]+$' "$tmp/b" || { echo "not linked"; exit 1; }
echo "$(wc -l <"$tmp/b") rows equal"
sed -i '5000s/|4096|/|4097|/; 5001s/|[0-9]/|1/' "$tmp/b"
! cmp -s "$tmp/a" "$tmp/b" || { echo "a difference was not seen"; exit 1; }
