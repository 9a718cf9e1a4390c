#!/bin/sh
# import_trace_dat.sh ARCHIVE KMEMSCOPE: the same events through a capture and
# through trace.dat of both versions, plain and compressed, give the same rows.
# Exit status 77: no trace-cmd.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/ends.inc
. "$(dirname "$0")/ends.inc"
# shellcheck source=tests/cli/same_events.inc
. "$(dirname "$0")/same_events.inc"
command -v trace-cmd >/dev/null || { echo "no trace-cmd: skipped"; exit 77; }
kmemscope=$2
unpack "$1"
status=0

# What only a capture has would change what linking knows.
rm -rf "$capture/before" "$capture/after" "$capture/slab"
sh bench/trace_dat.sh "$capture" "$tmp/t.dat"
"$kmemscope" import -o "$tmp/capture.db" "$capture" 2>"$tmp/err"

for kind in '6 none' '7 none' '7 zstd'; do
	version=${kind% *}
	packed=${kind#* }
	name="$tmp/it.$version.$packed"
	if [ "$version" = 6 ]; then
		trace-cmd convert --file-version 6 -i "$tmp/t.dat" -o "$name" \
			>/dev/null 2>&1
	else
		trace-cmd convert --file-version 7 --compression "$packed" \
			-i "$tmp/t.dat" -o "$name" >/dev/null 2>&1
	fi
	"$kmemscope" import -o "$name.db" "$name" 2>"$tmp/err" || {
		cat "$tmp/err"
		exit 1
	}
	same_events "$tmp/capture.db" "$name.db" || {
		echo "version $version, $packed: other rows than the capture"
		status=1
	}
	echo "version $version, $packed: $(wc -l <"$tmp/events.a") rows equal"
	rm -f "$name.db"
done

# A difference must be seen: one event changed.
cp "$tmp/capture.db" "$tmp/other.db"
sqlite3 "$tmp/other.db" 'UPDATE event SET addr = addr + 1 WHERE id = 5000'
if same_events "$tmp/capture.db" "$tmp/other.db" 2>/dev/null; then
	echo "a changed event was not noticed"
	status=1
fi

# Cut in the pages: told and marked. Cut in the head, or version 7 anywhere
# before its options: an error that says where.
size=$(stat -c %s "$tmp/it.6.none")
head -c $((size - 10000)) "$tmp/it.6.none" >"$tmp/cut"
ends 1 'the file ends before the pages of CPU 0 do' \
	import -f -o "$tmp/cut.db" "$tmp/cut"
head -c 3000 "$tmp/it.6.none" >"$tmp/cut"
fails 'damaged or cut short' import -f -o "$tmp/cut.db" "$tmp/cut"
head -c 3000 "$tmp/it.7.zstd" >"$tmp/cut"
fails 'damaged or cut short' import -f -o "$tmp/cut.db" "$tmp/cut"
fails 'no instance "foo"; it has the top instance' \
	import -f -o "$tmp/cut.db" --instance foo "$tmp/it.6.none"
# Nothing else has instances.
for input in "$capture" fuzz/corpus/perf_data/file fuzz/corpus/perf_data/pipe \
	fuzz/corpus/text/trace-6.1-boot; do
	fails "$input is no trace.dat, only those hold several instances" \
		import -f -o "$tmp/cut.db" --instance foo "$input"
done
fails 'is a database already' \
	import -f -o "$tmp/cut.db" --instance foo "$tmp/capture.db"
exit $status
