#!/bin/sh
# boot.sh KMEMSCOPE KERNEL OUT CPUS NODES EVENTS BUFFER: boots a kernel under
# qemu's software emulation with the program and the shell collector in its
# initramfs, and unpacks into OUT what they recorded (tests/vm/guest.sh).
#
# KMEMSCOPE may be any program of the guest's processor: the shared libraries it
# needs go into the initramfs with it, because Debian has no static libcjson.
set -eu
kmemscope=$1 kernel=$2 out=$3 cpus=$4 nodes=$5 events=$6 buffer=$7
here=$(cd "$(dirname "$0")" && pwd)
seconds=840 # ends before ctest's limit, which would not show the console
memory=768

rm -rf "$out"
mkdir -p "$out/root/bin" "$out/root/dev" "$out/root/proc" "$out/root/sys"
root=$out/root
cp "$(command -v busybox)" "$root/bin/busybox"
for applet in $(busybox --list | grep -vx busybox); do
	ln -sf busybox "$root/bin/$applet"
done
cp "$kmemscope" "$root/bin/kmemscope"
cp "$here/../../collector/kmemscope-collect.sh" "$root/bin/"
ldd "$kmemscope" | grep -o '/[^ ]*' | while read -r library; do
	mkdir -p "$root${library%/*}"
	cp -L "$library" "$root$library"
done
cp "$here/guest.sh" "$root/init"
chmod 755 "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet -R 0:0) | gzip -1 \
	>"$out/initramfs.gz"
rm -rf "$root"

set -- -smp "$cpus" -m "$memory"
if [ "$nodes" = 2 ]; then
	half=$((memory / 2))
	set -- "$@" -object "memory-backend-ram,id=m0,size=${half}M" \
		-object "memory-backend-ram,id=m1,size=${half}M"
	if [ "$cpus" = 1 ]; then
		set -- "$@" -numa node,memdev=m0,cpus=0 -numa node,memdev=m1
	else
		set -- "$@" -numa "node,memdev=m0,cpus=0-$((cpus / 2 - 1))" \
			-numa "node,memdev=m1,cpus=$((cpus / 2))-$((cpus - 1))"
	fi
fi
timeout "$seconds" qemu-system-x86_64 -accel tcg -nodefaults -no-reboot \
	-display none "$@" -kernel "$kernel" -initrd "$out/initramfs.gz" \
	-serial "file:$out/console" -serial "file:$out/tar.gz" \
	-append "console=ttyS0 quiet panic=-1 trace_event=$events trace_buf_size=$buffer trace_clock=mono" \
	</dev/null >"$out/qemu" 2>&1 || {
	echo "qemu: status $?, within $seconds s:"
	tail -n 20 "$out/qemu" "$out/console"
	exit 1
}
tar -xzf "$out/tar.gz" -C "$out" || {
	echo "the guest sent no whole tar:"
	tail -n 20 "$out/console"
	exit 1
}
rm "$out/tar.gz" "$out/initramfs.gz"
