#!/bin/sh
# clang-tidy (.clang-tidy) finds nothing; functions have at most 70 lines.
set -eu
. tests/gates/files.inc
c_files | grep '\.c$' | if [ -n "${GATE_FILES:-}" ]; then
	cat
else
	# Only what is compiled: a file without a compile command is guessed at.
	while read -r file; do
		grep -q "/$file\"" build/compile_commands.json && echo "$file"
	done
fi >build/tidy.files
xargs -P "$(nproc)" -n 4 clang-tidy -p build --quiet <build/tidy.files 2>&1 |
	grep -v ' warnings generated' >build/tidy.log || true
if grep -E '(warning|error):' build/tidy.log >/dev/null; then
	cat build/tidy.log
	exit 1
fi
echo "$(wc -l <build/tidy.files) files tidy"
