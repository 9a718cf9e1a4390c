/*
 * frag_index: how fragmented free memory is, as the kernel itself says it.
 *
 * Input are the free blocks per order of one zone, all migratetypes together:
 * a line of /proc/buddyinfo. Pages on per-CPU lists do not count.
 *
 * Glossary
 *   suitable blocks   blocks of the asked order that the free blocks of that
 *                     order and above could be cut into
 *
 * Source: mm/vmstat.c, fill_contig_page_info(), unusable_free_index(),
 * __fragmentation_index(); the same in 5.15, 6.1, 6.12 and 6.18. Integer
 * arithmetic and rounding are the kernel's.
 */
#ifndef REPLAY_FRAG_INDEX_H
#define REPLAY_FRAG_INDEX_H

#include <stdint.h>

/*
 * /sys/kernel/debug/extfrag/unusable_index, in thousandths: the share of free
 * memory that a request of that order cannot use. 0: none of it is lost,
 * 1000: all of it, or there is none. Below order_count; counts below 2^40.
 */
int frag_unusable_index(const uint64_t *free_blocks, uint32_t order_count,
			uint32_t order);

/*
 * /sys/kernel/debug/extfrag/extfrag_index, in thousandths: why a request of
 * that order would fail. -1000: it would not; towards 0: memory is short;
 * towards 1000: memory is fragmented. 0 too if nothing is free. With one or
 * two small free blocks the kernel's formula goes below 0.
 */
int frag_fragmentation_index(const uint64_t *free_blocks, uint32_t order_count,
			     uint32_t order);

#endif
