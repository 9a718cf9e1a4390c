#!/bin/sh
# coverage.sh BUILD_DIR [FLOOR]: which lines of replay/ its own tests run, file
# by file, and each line that none of them ran. Fails below FLOOR percent (95).
set -eu
build=$1
floor=${2:-95}
find "$build" -name '*.gcda' -delete
ctest --test-dir "$build/tests/replay" --output-on-failure --no-tests=error \
	--timeout 240 --parallel "$(nproc)" >"$build/coverage.log" || {
	cat "$build/coverage.log"
	exit 1
}
status=0
gcovr -r . --object-directory "$build" --filter 'replay/' \
	--fail-under-line "$floor" --json "$build/coverage.json" \
	--txt "$build/coverage.txt" 2>"$build/coverage.log" || status=$?
[ -s "$build/coverage.txt" ] || {
	cat "$build/coverage.log"
	exit 1
}
echo "Lines of replay/ that no test of tests/replay/ ran:"
awk '/^replay\// && $4 != "100%" { print $1, $NF }' "$build/coverage.txt" |
	while read -r file lines; do
		echo "$lines" | tr ',' '\n' | while IFS=- read -r first last; do
			sed -n "$first,${last:-$first}p" "$file" |
				awk -v at="$first" -v file="$file" '{
					sub(/^[\t ]+/, "")
					print "  " file ":" at + NR - 1 ": " $0
				}'
		done
	done
awk '/^replay\// || /^TOTAL/ { printf "%-28s %5d lines %5s run\n", $1, $2, $4 }
' "$build/coverage.txt"
[ "$status" = 0 ] || echo "below $floor %"
exit "$status"
