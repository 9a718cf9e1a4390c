#!/bin/sh
# The demo's workload: small enough for a minute on any box, mixed enough to
# show something: a compiler, a walk over many files, many small files on a
# memory file system, processes and pipes.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

for source in core/*.c; do
	cc -I. -D_GNU_SOURCE -O2 -c -o "$work/object.o" "$source"
done
tar -cf - /usr/include 2>/dev/null | gzip -1 >"$work/include.tar.gz"

shm=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
trap 'rm -rf "$work" "$shm"' EXIT
i=0
while [ $i -lt 3000 ]; do
	echo "$i" >"$shm/$i"
	i=$((i + 1))
done
find "$shm" -type f -name '*7*' -exec cat {} + | sort | uniq -c >/dev/null
rm -rf "$shm"
i=0
while [ $i -lt 200 ]; do
	(: | cat >/dev/null)
	i=$((i + 1))
done
