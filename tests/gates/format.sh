#!/bin/sh
# Every C file is as clang-format 14 writes it.
set -eu
. tests/gates/files.inc
format=$(command -v clang-format-14 || command -v clang-format)
case $("$format" --version) in
*"version 14."*) ;;
*)
	echo "skipped: clang-format 14 decides, this is $("$format" --version)"
	exit 0
	;;
esac
# shellcheck disable=SC2046 # file names of ours have no blanks
"$format" --dry-run -Werror $(c_files)
echo "$(c_files | wc -l) files formatted"
