/*
 * zone_bed: the zones of a zoneinfo beside what page_limits makes of them, and
 * the steps in which a kernel that boots sets their limits.
 */
#ifndef TESTS_REPLAY_ZONE_BED_H
#define TESTS_REPLAY_ZONE_BED_H

#include "core/snapshot.h"
#include "replay/page_limits.h"
#include "tests/replay/late_memory.h"

enum { TEXT_MAX = 1 << 16, ZONES_MAX = 32 };

/* A zoneinfo, and room for what the formulas make of it. */
struct zones {
	struct snapshot snapshot;
	struct page_zone_config made[ZONES_MAX];
	uint32_t at[ZONES_MAX]; /* made[i] is zone at[i] of the snapshot */
	uint32_t count;
	struct page_limits limits;
	uint32_t node_cpus[PAGE_NODES_MAX];
};

/* When transparent huge pages raised min_free_kbytes. */
enum thp {
	THP_OFF, /* memory is too small for them */
	THP_BOOT,
	THP_LATER,
	THP_NEVER, /* the boot parameter: min_free_kbytes is computed anew */
};

struct machine {
	const char *name;
	uint64_t page_size;
	uint32_t pageblock_order, nodes;
	enum thp thp;
	bool archive; /* NAME.tar.zst, else machines/NAME */
};

/* Numbers that were printed of zones with memory, and that come out. */
struct tally {
	uint32_t zones, numbers, equal;
};

/* The whole file, NUL-terminated; false if it cannot be read. */
bool zone_bed_text(const char *path, char text[TEXT_MAX]);

/*
 * False if there is no such file. The CPUs belong to nodes in equal shares.
 * Free with snapshot_fini().
 */
bool zones_read(struct zones *zones, const char *path,
		enum page_version version, uint64_t page_size, uint32_t nodes);

struct page_zone_config *zones_largest(struct zones *zones);

/* page_limits_set(), which must not fail. */
void zones_limits_set(struct zones *zones);

/*
 * What the kernel does, in its order; more: frames that the largest zone had
 * besides, to see whether it shows. Protection is that of boot for good up to
 * 6.12; in 6.16 and later it follows what a zone manages.
 */
void zones_boot(struct zones *zones, const struct machine *machine,
		const struct late_memory *late, int64_t more);

struct tally zones_compare(const struct zones *zones);

bool zones_equal(const struct zones *zones);

/* Fails with all that differs. */
void fail_zones(const struct zones *zones, const char *name);

#endif
