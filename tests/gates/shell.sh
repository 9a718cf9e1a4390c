#!/bin/sh
# Our scripts are clean for shellcheck.
set -eu
mkdir -p build
if [ -n "${GATE_FILES:-}" ]; then
	echo "$GATE_FILES"
else
	find dev .ci/run tests bench collector -name canaries -prune -o \
		-name '*.sh' -print -o -path dev -print -o -path .ci/run -print
fi >build/shell.files
xargs shellcheck -s sh -x <build/shell.files
echo "$(wc -l <build/shell.files) scripts checked"
