/*
 * slow_bed: a small machine whose pages have an owner, who keeps a map of what
 * lies where and is told what the slow path does to it.
 */
#ifndef TESTS_REPLAY_SLOW_BED_H
#define TESTS_REPLAY_SLOW_BED_H

#include "tests/replay/page_fixture.h"

enum { FRAMES = 1024 };

/* An owner of single pages: which id lies at which frame. */
struct owner {
	struct page_owner calls;
	uint32_t id[FRAMES]; /* 0: not the owner's */
	uint64_t moved, reclaimed, last_reclaimed;
	struct page_fixture *fix;
	uint64_t victim; /* pfn that oom() gives up; FRAMES: none */
	uint64_t oom_called;
};

/*
 * 1024 frames, pageblocks of 64, no marks, that owner; change it, then make it:
 * all is free then.
 */
void slow_init(struct page_fixture *fix, struct owner *owner,
	       const struct page_slow_policy *policy);
void slow_make(struct page_fixture *fix);

/* Made, with min 40, low 60, high 80. */
void slow_ready(struct page_fixture *fix, struct owner *owner,
		const struct page_slow_policy *policy);

/* Takes single pages until so many are free, and marks them. */
void slow_fill(struct page_fixture *fix, struct owner *owner, uint64_t leave,
	       uint32_t marks);

/*
 * Made without marks, filled with single pages that are marked, but for every
 * eighth frame: nothing of order 1 is free.
 */
void slow_holes(struct page_fixture *fix, struct owner *owner,
		const struct page_slow_policy *policy, uint32_t marks,
		enum page_version version);

#endif
