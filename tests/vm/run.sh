#!/bin/sh
# run.sh KMEMSCOPE DIR one|all: boots Debian's kernels under qemu and checks
# what was recorded there: the boot's trace, a recording by the program, one by
# the shell collector and its tar. Each imports with nothing missing, and counts
# what trace-cmd counts in the same pages. Kernels are kept in DIR/kernels.
# Exit status 77: it cannot be done here, and why.
set -eu
kmemscope=$1 dir=$2 which=$3
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/same_text.inc
. "$here/../cli/same_text.inc"
allocations=kmem:kmalloc,kmem:kmalloc_node,kmem:kfree

skip() {
	echo "NO KERNEL WAS BOOTED: $*"
	exit 77
}
for program in qemu-system-x86_64 busybox cpio apt-get dpkg-deb trace-cmd \
	sqlite3; do
	command -v "$program" >/dev/null || skip "$program is not installed"
done
[ "$(uname -m)" = x86_64 ] || skip "the guest is x86_64, this is not"
if ldd "$(command -v busybox)" >/dev/null 2>&1; then
	skip "busybox is not a static program (Debian: busybox-static)"
fi

# take PACKAGE APT-OPTIONS...: its kernel into kernels/new/vmlinuz. From 7.0 on the
# kernel itself is in a package of its own, linux-binary-RELEASE.
take() {
	package=$1
	shift
	rm -rf "$dir/kernels/new"
	mkdir -p "$dir/kernels/new"
	for name in "$package" "linux-binary-${package#linux-image-}"; do
		(cd "$dir/kernels/new" && apt-get "$@" download -qq "$name" \
			>>../log 2>&1) || return 1
		dpkg-deb --fsys-tarfile "$dir"/kernels/new/"$name"_*.deb |
			tar -x -C "$dir/kernels/new" --wildcards \
				'*/vmlinuz*' 2>>"$dir/kernels/log" || :
		found=$(find "$dir/kernels/new" -name 'vmlinuz*' | head -n 1)
		[ -z "$found" ] || break
	done
	[ -n "$found" ] && mv "$found" "$kernel" && rm -rf "$dir/kernels/new"
}

# fetch META: the newest kernel of a meta package, as kernels/META. META/SUITE
# is that of another suite of Debian (there META may be a kernel's own package),
# whose lists are kept beside: false if that cannot be reached.
fetch() {
	kernel=$dir/kernels/$(echo "$1" | tr / -)
	[ ! -s "$kernel" ] || return 0
	case $1 in
	*/*)
		fetch_suite "${1%%/*}" "${1#*/}"
		return
		;;
	esac
	package=$(apt-cache depends "$1" 2>/dev/null |
		sed -n 's/.*Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n 1)
	[ -n "$package" ] || skip "apt knows no package $1"
	take "$package" || skip "apt-get cannot download $package"
}

fetch_suite() { # META SUITE
	apt=$(cd "$dir" && pwd)/apt-$2
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
	keys=/usr/share/keyrings/debian-archive-keyring.gpg
	echo "deb [signed-by=$keys] http://deb.debian.org/debian $2 main" \
		>"$apt/sources.list"
	set -- "$1" "$2" -o "Dir::Etc::sourcelist=$apt/sources.list" \
		-o Dir::Etc::sourceparts=/nonexistent \
		-o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt/cache" \
		-o Acquire::Languages=none
	meta=$1 suite=$2
	shift 2
	apt-get "$@" update >"$dir/kernels/log" 2>&1 || :
	case $meta in
	linux-image-[0-9]*) package=$meta ;;
	*)
		package=$(apt-cache "$@" depends "$meta" 2>/dev/null |
			sed -n 's/.*Depends: \(linux-image-[^ ]*\)$/\1/p' |
			head -n 1)
		;;
	esac
	if [ -z "$package" ] || ! take "$package" "$@"; then
		echo "LEFT OUT: $meta of $suite cannot be fetched"
		return 1
	fi
	rm -rf "$apt"
}

fail() {
	echo "FAILED: $*"
	failed=1
}

said() { # NAME WANTED_STATUS
	[ "$(cat "$out/$1.status")" = "$2" ] || {
		fail "$name: $1: status $(cat "$out/$1.status"), wanted $2"
		cat "$out/$1.out"
	}
}

check_capture() { # NAME
	grep -q 'nothing was lost' "$out/$1.out" ||
		fail "$name: $1: $(cat "$out/$1.out")"
	"$kmemscope" import -o "$out/$1.db" "$out/$1.kmem" 2>"$out/import" ||
		fail "$name: import of $1: $(cat "$out/import")"
	! grep -qE ' (lost_events|gap|unread_events|unknown_event) ' \
		"$out/import" || fail "$name: $1: $(cat "$out/import")"
	tar --zstd -C "$out" -cf "$out/$1.kmem.tar.zst" "$1.kmem"
	sums=$(sh "$here/../oracle/freed.sh" "$out/$1.kmem.tar.zst" \
		"$kmemscope" 2>&1) || fail "$name: sums of $1: $sums"
	echo "    $1: $(head -n 1 "$out/import" | sed 's/^[^:]*: //'), $sums"
	rm "$out/$1.kmem.tar.zst" "$out/$1.db"
}

# The boot's trace as the kernel printed it says what its raw pages say.
check_text() {
	"$kmemscope" import -o "$out/raw.db" "$out/boot.kmem" 2>"$out/import"
	"$kmemscope" import -o "$out/text.db" "$out/boot.txt" 2>"$out/import" ||
		fail "$name: import of its text: $(cat "$out/import")"
	text_dump_lines "$out/raw.db" 500 >"$out/raw.rows"
	text_dump_lines "$out/text.db" 0 >"$out/text.rows"
	cmp -s "$out/raw.rows" "$out/text.rows" ||
		fail "$name: its text: $(diff "$out/raw.rows" \
			"$out/text.rows" | head -n 10)"
	echo "    text: $(wc -l <"$out/text.rows") rows equal"
	rm -f "$out"/raw.* "$out"/text.*
}

# check META CPUS NODES: boots and checks.
check() {
	name="$1, $2 CPU, $3 node"
	out=$dir/$(echo "$1" | tr / -)-$2-$3
	fetch "$1" || return 0
	sh "$here/boot.sh" "$kmemscope" "$kernel" "$out" "$2" "$3" \
		"$allocations" 32M || {
		fail "$name: no boot"
		return 0
	}
	echo "$(sed 's/^[^ ]* [^ ]* //; s/ .*//' "$out/boot.kmem/kernel/uname"), $2 CPU, $3 node, $(sed -n 's/^guest: done at \([0-9]*\).*/\1/p' "$out/console") s:"
	said boot 0
	said again 2
	said record 7
	said collect 7
	said stream 0
	[ ! -s "$out/instances" ] ||
		fail "$name: left instances: $(cat "$out/instances")"
	# A buffer that was emptied on the way has some thousands.
	events=$(sed -n 's/.*boot.kmem: \([0-9]*\) events.*/\1/p' "$out/boot.out")
	[ "${events:-0}" -gt 15000 ] || fail "$name: $events events of a boot"
	[ -s "$out/boot.kmem/tracefs/saved_cmdlines" ] ||
		fail "$name: no saved_cmdlines"
	for file in boot record collect stream; do check_capture "$file"; done
	check_text
	nodes=$(sed -n 's/^Node \([0-9]*\), zone .*/\1/p' \
		"$out/record.kmem/before/zoneinfo" | sort -u | wc -l)
	[ "$nodes" = "$3" ] || fail "$name: $nodes nodes"
	case "$2 $3" in
	'1 1') nodes='0 0;' ;;
	'4 1') nodes='0 0-3;' ;;
	'1 2') nodes='0 0;1;' ;;
	'4 2') nodes='0 0-1;1 2-3;' ;;
	esac
	for file in boot record collect stream; do
		[ "$(tr '\n' ';' <"$out/$file.kmem/kernel/nodes")" = "$nodes" ] ||
			fail "$name: $file: kernel/nodes is not $nodes"
	done
	cpus=$(sed -n 's/.*"cpus":[^0-9]*\([0-9]*\).*/\1/p' \
		"$out/record.kmem/capture.json")
	[ "$cpus" = "$2" ] || fail "$name: $cpus CPUs"
	[ -n "$failed" ] || rm -rf "$out"
}

# A buffer that is too small must show, everywhere.
check_loss() {
	name="$1, small buffer"
	out=$dir/$1-loss
	fetch "$1"
	sh "$here/boot.sh" "$kmemscope" "$kernel" "$out" 1 1 "$allocations" \
		1M || {
		fail "$name: no boot"
		return 0
	}
	lost=$(sed -n 's/.*CPU 0 lost \([0-9]*\) events.*/\1/p' "$out/boot.out")
	[ -n "$lost" ] || fail "$name: nothing is said to be lost"
	"$kmemscope" import -o "$out/boot.db" "$out/boot.kmem" \
		2>"$out/import" || fail "$name: import: $(cat "$out/import")"
	grep -q "lost_events $lost," "$out/import" ||
		fail "$name: import does not tell $lost: $(cat "$out/import")"
	echo "$name: $lost events lost, as said"
	[ -n "$failed" ] || rm -rf "$out"
}

failed=
mkdir -p "$dir/kernels"
case $which in
one) check linux-image-cloud-amd64 4 2 ;;
all)
	for meta in linux-image-cloud-amd64 linux-image-6.12-cloud-amd64; do
		for machine in '1 1' '4 1' '1 2' '4 2'; do
			# shellcheck disable=SC2086
			check "$meta" $machine
		done
		check_loss "$meta"
	done
	# 5.10, 6.18 as long as Debian keeps it, and the newest that it has.
	for meta in linux-image-cloud-amd64/bullseye \
		linux-image-6.18.15+deb13-cloud-amd64/trixie-backports \
		linux-image-cloud-amd64/trixie-backports \
		linux-image-cloud-amd64/sid; do
		check "$meta" 4 2
	done
	;;
esac
[ -z "$failed" ] || exit 1
