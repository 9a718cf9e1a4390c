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
# huge pages (dd's buffer), which must be reclaimed and compacted for; forks.
cat >/work.sh <<'END'
cd /disk || exit
for round in 1 2; do
	mkdir -p d$round
	for i in $(seq 50); do
		dd if=/dev/zero of=d$round/f$i bs=64k count=12
		: >d$round/empty$i
	done
	find /sys /disk >names$round
	sort -r names$round | tail -n 5
	dd if=/dev/zero of=/dev/null bs=64M count=1 &
	cat d*/f* | wc -c
	for i in $(seq 30); do
		(ls -l d$round | wc -l) &
	done
	wait
	dd if=/dev/zero of=/dev/null bs=80M count=1
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
