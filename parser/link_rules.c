#include "parser/link_rules.h"

#include <string.h>

/*
 * Where the direct map starts.
 *   x86-64   page_offset_base, moved by whole PUDs: arch/x86/mm/kaslr.c,
 *            kernel_randomize_memory() (5.15 to 6.12)
 *   arm64    PAGE_OFFSET - memstart_addr, the latter rounded to
 *            ARM64_MEMSTART_ALIGN: 1 GiB, with 64 KiB pages 512 MiB
 *            (arch/arm64/include/asm/kernel-pgtable.h)
 *   ppc64    PAGE_OFFSET, and an address is the frame's with it or'd in
 *            (arch/powerpc/include/asm/page.h, __va())
 *   s390x    0; from 6.10 on it may be moved by whole region-third-table entries
 *            (arch/s390/boot/startup.c, setup_kernel_memory_layout())
 *   others   at least a section of 2 MiB (arm: CONFIG_ARM_PATCH_PHYS_VIRT)
 */
static uint64_t base_align_of(const struct capture_info *info)
{
	if (!strcmp(info->machine, "x86_64"))
		return 1ull << 30;
	if (!strcmp(info->machine, "aarch64"))
		return 1ull << 29;
	if (!strncmp(info->machine, "ppc64", strlen("ppc64")))
		return 1ull << 60;
	if (!strcmp(info->machine, "s390x"))
		return 1ull << 31;
	return 1ull << 21;
}

/*
 * The least bytes_alloc of a kmalloc that no cache serves.
 *   SLUB     KMALLOC_MAX_CACHE_SIZE is two pages (include/linux/slab.h)
 *   SLAB     the same from 6.1 on; before, caches up to the largest size
 *   SLOB     the heap serves less than a page, header included; from a page
 *            up bytes_alloc is PAGE_SIZE << order (mm/slob.c,
 *            __do_kmalloc_node())
 */
static uint64_t large_from_of(const struct capture_info *info,
			      uint64_t page_size)
{
	bool before_6_1 = info->version_major < 6 ||
			  (info->version_major == 6 && info->version_minor < 1);

	if (info->slab_kind == SLAB_KIND_SLOB)
		return page_size;
	if (info->slab_kind == SLAB_KIND_SLAB && before_6_1)
		return UINT64_MAX;
	return 2 * page_size + 1;
}

/* A size that no kernel has is not believed; then there is no base either. */
static uint64_t page_size_of(const struct capture_info *info)
{
	uint32_t size = info->page_size;

	if (size < 4096 || size > 262144 || size & (size - 1))
		return 4096;
	return size;
}

void link_rules_init(struct link_rules *rules, const struct capture_info *info)
{
	uint64_t page_size = page_size_of(info);

	*rules = (struct link_rules){
	    .base_align = base_align_of(info),
	    .address_mask = info->long_size == 4 ? UINT32_MAX : UINT64_MAX,
	    .page_shift = (unsigned int)__builtin_ctzll(page_size),
	    .granule_shift = info->long_size == 4 && page_size <= 65536 ? 2 : 3,
	    .one_cache_per_slab = info->slab_kind != SLAB_KIND_SLOB,
	    .large_from = large_from_of(info, page_size),
	};
	rules->virtual_shift = rules->page_shift;
	/* Hashes are spread evenly: most stand alone in any piece. */
	if (info->pointers_hashed) {
		rules->granule_shift = 0;
		rules->virtual_shift = 9;
	}
	/*
	 * 5.15 traces kmem_cache_free() at its end, 6.0 at its start
	 * (mm/slub.c, mm/slab.c). The window is from the free to its trace
	 * event on one CPU; an interrupt there makes it longer.
	 */
	if (info->version_major > 0 && info->version_major < 6)
		rules->late_free_ns = 20000;
}
