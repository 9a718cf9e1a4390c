#!/bin/sh
# Sibling folders never include each other; only cli/ joins them. Only cli/
# prints and exits. File names are unique in the tree.
set -eu
. tests/gates/files.inc
fail=0
layered='^(core|collector|parser|replay|db|plots|analysis|tests/gates)/'
for file in $(c_files | grep -E "$layered"); do
	folder=${GATE_FOLDER:-${file%%/*}}
	if grep -nE '^#include "' "$file" |
		grep -vE "\"(core|$folder)/"; then
		echo "$file: sibling include: $folder/ may include core/ only"
		fail=1
	fi
	if grep -nE '(^|[^_a-zA-Z0-9])(exit|abort|printf|puts|perror|putchar)\(' \
		"$file" || grep -nE 'std(out|err)\b' "$file"; then
		echo "$file: only cli/ prints and exits"
		fail=1
	fi
done
twice=$(c_files | sed 's,.*/,,' | sort | uniq -d)
if [ -n "$twice" ]; then
	echo "file names that are not unique: $twice"
	fail=1
fi
[ $fail = 0 ] || exit 1
echo "layers are clean"
