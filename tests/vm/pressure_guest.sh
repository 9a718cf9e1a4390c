#!/bin/sh
# /init of a guest of tests/vm/pressure.sh: records work that needs more memory
# than there is, and leaves the recording, as one tar, on the second disk.
export PATH=/bin:/sbin HOME=/root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev 2>/dev/null
mount -t debugfs debugfs /sys/kernel/debug
# Each round loads those whose symbols the round before brought.
for _ in 1 2 3 4; do
	for module in /modules/*.ko; do insmod "$module" 2>/dev/null; done
done
[ -b /dev/vdc ] || {
	echo "guest: no disks" >/dev/console
	poweroff -f
}
mke2fs /dev/vda >/dev/null
mkdir -p /disk /tmp
mount -t ext2 /dev/vda /disk
mkswap /dev/vdc >/dev/null
swapon /dev/vdc
echo always >/sys/kernel/mm/transparent_hugepage/enabled
echo always >/sys/kernel/mm/transparent_hugepage/defrag
cd /disk || exit

# Files that fill the page cache, their names the slabs; anonymous memory in
# huge pages (dd's buffer), which must be reclaimed and compacted for. Full pipes
# that nobody reads, with their two processes each, hold pages that cannot move:
# with no memory left they must be taken from blocks of other types, and as they
# end, one after another, files and anonymous memory take these back. A module
# that is loaded makes the kernel give back address space (vm_unmap_aliases()),
# whose frees name the cache of its descriptors.
cat >/work.sh <<'END'
cd /disk || exit
pipes() {
	for i in $(seq 70); do
		dd if=/dev/zero bs=64k count=2 | sleep $((i % 6 + 1)) &
	done
}
for round in 1 2 3; do
	mkdir -p d$round
	pipes
	for i in $(seq 40); do
		dd if=/dev/zero of=d$round/f$i bs=64k count=16
	done
	for i in $(seq 1200); do : >d$round/empty$i; done
	find /sys /disk >names$round
	dd if=/dev/zero of=/dev/null bs=40M count=1
	cat d*/f* | wc -c
	pipes
	sort -r names$round | tail -n 5
	for i in $(seq 20); do
		(ls -l d$round | wc -l) &
	done
	rm d$round/empty*[02468]
	cat d*/f* | wc -c
	wait
	dd if=/dev/zero of=/dev/null bs=80M count=1
	rmmod virtio_input
	insmod /modules/virtio_input.ko
	rm d$round/f*[02468]
done
END
kmemscope record -o press.kmem -b 16384 -- sh -c 'sh /work.sh >/dev/null 2>&1' \
	>record.out 2>&1
echo $? >record.status
dmesg >kernel.log
echo "guest: recorded at $(cut -d" " -f1 /proc/uptime) s" >/dev/console
tar c press.kmem record.out record.status kernel.log | cat >/dev/vdb
sync
echo "guest: done at $(cut -d" " -f1 /proc/uptime) s" >/dev/console
poweroff -f
