/*
 * machine_bed: a small machine with a snapshot, for tests of what lies on it.
 */
#ifndef TESTS_REPLAY_MACHINE_BED_H
#define TESTS_REPLAY_MACHINE_BED_H

#include "replay/page_machine.h"
#include "tests/support/test.h"

enum { ZONE_START = 1024, ZONE_PAGES = 4096 };

struct machine_bed {
	struct trace trace;
	struct snapshot_zone zones[2];
	struct snapshot_pcp pcps[2];
	struct snapshot_block blocks[3];
	struct page_machine *machine;
	struct page_model *model;
};

/*
 * Two CPUs, and one zone of 16 MiB, of which a block of order 10 at 2048, one of
 * 3 and one of 0 are free, each of another type; 7 pages are on CPU lists.
 */
void machine_bed_make(struct machine_bed *bed, enum page_start start);
/*
 * The same under another kernel than 6.1; high_max: what zoneinfo says of the
 * lists' most, 0 if it does not.
 */
void machine_bed_make_of(struct machine_bed *bed, enum page_start start,
			 int major, int minor, uint32_t high_max);
void machine_bed_end(struct machine_bed *bed);

/* The allocator's books agree with its frames. */
void machine_bed_check(const struct machine_bed *bed);

#endif
