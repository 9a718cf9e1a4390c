/*
 * pcp_bed: a zone of 4096 frames whose per-CPU lists have batch 4 and high 16:
 * small enough to follow the kernel's arithmetic by hand, which the tests'
 * comments do.
 */
#ifndef TESTS_REPLAY_PCP_BED_H
#define TESTS_REPLAY_PCP_BED_H

#include "tests/replay/page_fixture.h"

/* Two CPUs, all free. */
void pcp_ready(struct page_fixture *fix, enum page_version version,
	       uint32_t high_max);

/* Frames on CPU 0's lists. */
uint32_t pcp_held(const struct page_fixture *fix);

/* Freed as CPU 0. */
void pcp_free_one(struct page_fixture *fix, uint64_t pfn, uint32_t order);

/* Allocates single pages 0, 1, 2, ... */
void pcp_take_pages(struct page_fixture *fix, uint32_t count);

#endif
