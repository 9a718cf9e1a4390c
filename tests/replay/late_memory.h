/*
 * late_memory: the frames that a recorded kernel gave to its page allocator
 * only after it had set the marks of its zones: parts of its image, and the
 * initrd. Nothing here knows the marks.
 *
 * They are told by what is still reserved (KPF_RESERVED) around them, and on
 * x86 by the symbols that bound them, which must agree. Sources, all of
 * 6.1: init_per_zone_wmark_min() is a postcore_initcall, hugepage_init() a
 * subsys_initcall; the initrd is unpacked from a rootfs_initcall on
 * (init/initramfs.c), free_initmem() and mark_rodata_ro() are called after all
 * initcalls (kernel_init()). What each gives back:
 *   x86    arch/x86/mm/init.c, mem_encrypt_amd.c, init_64.c:
 *          __init_begin to __init_end, the unused part of .bss..decrypted, and
 *          the gaps behind text and read-only data; the initrd, which qemu
 *          (hw/i386/x86.c) puts right below the last reserved run of the first 4
 *          GiB
 *   arm64  the init section, and whole frames of the initrd, which qemu
 *   arm    (hw/arm/boot.c) puts 128 MiB above the start of memory
 */
#ifndef TESTS_REPLAY_LATE_MEMORY_H
#define TESTS_REPLAY_LATE_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

enum { LATE_MEMORY_RANGES = 5 };

struct frame_range {
	uint64_t first, end; /* end is not in it */
};

struct late_memory {
	struct frame_range ranges[LATE_MEMORY_RANGES]; /* the initrd is last */
	uint32_t count;
};

/*
 * Of the machine in directory dir: late.txt, or else kernel/uname,
 * kernel/kallsyms, and reserved.txt or (before|after)/kpageflags. ram_first is memory's first
 * frame. NULL, or why it cannot be told.
 */
const char *late_memory_read(const char *dir, uint64_t page_size,
			     uint64_t ram_first, struct late_memory *late);

#endif
