#!/bin/sh
# /init of a guest that tests/vm/boot.sh starts: harvests the boot's trace,
# records with the program and with the shell collector, and sends what came of
# it through the second serial port as one compressed tar.
export PATH=/bin:/sbin HOME=/root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev 2>/dev/null
mount -t debugfs debugfs /sys/kernel/debug
mkdir -p /out
cd /out || exit

# The same short work for both recorders: files, processes and a pipe.
cat >/work.sh <<'END'
for i in 1 2 3; do
	mkdir -p /tmp/w/$i
	ls -lR /sys/class /bin >/tmp/w/$i/list
	cat /tmp/w/$i/list | wc -l >/dev/null
done
rm -rf /tmp/w
exit 7
END
mkdir -p /tmp

# note NAME COMMAND...: its exit status and what it said.
note() {
	name=$1
	shift
	"$@" >"$name.out" 2>&1
	echo $? >"$name.status"
	echo "guest: $name: $(cat "$name.status") at $(cut -d" " -f1 /proc/uptime)" >/dev/console
}
# The boot's trace as the kernel prints it, too. The program mounts tracefs for
# itself.
mkdir -p /tracefs
mount -t tracefs tracefs /tracefs
echo 0 >/tracefs/tracing_on
cat /tracefs/trace >boot.txt
umount /tracefs
note boot kmemscope record --boot -o boot.kmem
note again kmemscope record --boot -o again.kmem
note record kmemscope record -o record.kmem -b 8192 -- sh /work.sh
note collect sh /bin/kmemscope-collect.sh -o collect.kmem -b 8192 -- sh /work.sh
# stdin of the tar is a file: one boot shows the stream, too.
note stream sh -c 'mkdir -m 700 stream.kmem &&
	sh /bin/kmemscope-collect.sh -o - -b 8192 -d 1 | tar x -C stream.kmem'
ls /sys/kernel/tracing/instances >instances
dmesg >kernel.log

# Kernel symbols are the same in all: links in the tar.
for dir in record collect stream; do
	cmp -s boot.kmem/kernel/kallsyms $dir.kmem/kernel/kallsyms &&
		ln -f boot.kmem/kernel/kallsyms $dir.kmem/kernel/kallsyms
done
stty -F /dev/ttyS1 raw -echo
tar c . | gzip -1 >/dev/ttyS1
sync
echo "guest: done at $(cut -d" " -f1 /proc/uptime) s" >/dev/console
poweroff -f
