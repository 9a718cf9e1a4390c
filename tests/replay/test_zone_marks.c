/*
 * The limits that kernels compute, held against what real kernels printed:
 * every zoneinfo of tests/data, and that of the running kernel.
 *
 * A zoneinfo shows what a zone manages now; its marks are from when they were
 * set, before the kernel gave back its init section and the initrd. How much
 * that was, late_memory says, which knows no marks: so nothing is searched, and
 * of each machine it is said how far another number would be noticed.
 */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "parser/zones_read.h"
#include "replay/page_limits.h"
#include "replay/page_zoneinfo.h"
#include "tests/replay/late_memory.h"

/* LATE_MAX: the init section and an initrd of 256 MiB, in frames. */
enum {
	TEXT_MAX = 1 << 16,
	ZONES_MAX = 32,
	SLACK_MAX = 1 << 14,
	LATE_MAX = 1 << 16
};

/* When transparent huge pages raised min_free_kbytes. */
enum thp { THP_OFF, THP_BOOT, THP_LATER };

struct machine {
	const char *name;
	uint64_t page_size;
	uint32_t pageblock_order, nodes;
	enum thp thp;
	bool archive; /* NAME.tar.zst, else machines/NAME */
};

/* Below 512 MiB kernels leave huge pages off until they are told otherwise. */
static const struct machine machines[] = {
    {"mixed-slub", 4096, 10, 1, THP_BOOT, true},
    {"mixed-slab", 4096, 10, 1, THP_BOOT, true},
    {"mixed-slob", 4096, 10, 1, THP_BOOT, true},
    {"files-slub", 4096, 10, 1, THP_BOOT, true},
    {"mixed-slub-maxorder0", 4096, 10, 1, THP_BOOT, false},
    {"mixed-slub-nomerge", 4096, 10, 1, THP_BOOT, false},
    {"pressure-slub", 4096, 10, 1, THP_LATER, false},
    {"mixed-arm64-64k", 65536, 10, 1, THP_OFF, true},
    {"mixed-arm64-4k", 4096, 10, 1, THP_OFF, false},
    {"arm32-partial", 4096, 10, 1, THP_OFF, true},
    {"debian61-boot", 4096, 9, 1, THP_OFF, false},
    {"debian61-boot-kmalloc", 4096, 9, 1, THP_OFF, true},
    {"debian61-boot-full", 4096, 9, 1, THP_BOOT, false},
    {"mixed-numa4", 4096, 10, 2, THP_BOOT, false},
    {"debian61-i386", 4096, 9, 1, THP_BOOT, false},
    {"debian61-s390x", 4096, 8, 1, THP_OFF, false},
    {"debian61-ppc64el", 65536, 5, 1, THP_BOOT, false},
    {"debian61-armhf", 4096, 9, 1, THP_BOOT, false},
    {"debian612-arm64-numa2", 4096, 9, 2, THP_BOOT, false},
    {"debian612-riscv64", 4096, 9, 1, THP_BOOT, false},
};

/* A zoneinfo, and room for what the formulas make of it. */
struct zones {
	struct snapshot snapshot;
	struct page_zone_config made[ZONES_MAX];
	uint32_t at[ZONES_MAX]; /* made[i] is zone at[i] of the snapshot */
	uint32_t count;
	struct page_limits limits;
	uint32_t node_cpus[PAGE_NODES_MAX];
};

/* Numbers that were printed of zones with memory, and that come out. */
struct tally {
	uint32_t zones, numbers, equal;
};

/* ---- Reading ---- */

/* The whole file, NUL-terminated, in text; false if it cannot be read. */
static bool file_text(const char *path, char *text)
{
	FILE *file = fopen(path, "r");
	size_t size;

	if (!file)
		return false;
	size = fread(text, 1, TEXT_MAX - 1, file);
	text[size] = '\0';
	fclose(file);
	return size > 0;
}

static uint32_t cpus_of(const struct snapshot *snapshot)
{
	uint32_t cpus = 1;

	for (uint32_t i = 0; i < snapshot->zone_count; i++) {
		if (snapshot->zones[i].pcp_count > cpus)
			cpus = snapshot->zones[i].pcp_count;
	}
	return cpus;
}

/* False if there is no such file. The CPUs belong to nodes in equal shares. */
static bool zones_read(struct zones *zones, const char *path,
		       enum page_version version, uint64_t page_size,
		       uint32_t nodes)
{
	static char text[TEXT_MAX];
	struct err err = {0};

	*zones = (struct zones){.count = 0};
	if (!file_text(path, text))
		return false;
	expect_i64_eq(zones_read_zoneinfo(text, &zones->snapshot, &err), 0);
	for (uint32_t i = 0; i < zones->snapshot.zone_count; i++) {
		const struct snapshot_zone *zone = &zones->snapshot.zones[i];
		enum page_zone_kind kind;

		expect_true(zones->count < ZONES_MAX);
		if (!page_zone_kind_of(zone->name, &kind))
			continue;
		zones->at[zones->count] = i;
		zones->made[zones->count++] =
		    (struct page_zone_config){.node = (uint32_t)zone->node,
					      .kind = kind,
					      .managed = zone->managed};
	}
	zones->limits =
	    page_limits_default(version, page_size, cpus_of(&zones->snapshot));
	for (uint32_t node = 0; node < nodes; node++)
		zones->node_cpus[node] = zones->limits.cpus / nodes;
	zones->limits.node_cpus = zones->node_cpus;
	return true;
}

/* ---- Comparing ---- */

static void number(struct tally *tally, uint64_t printed, uint64_t made)
{
	tally->numbers++;
	tally->equal += printed == made;
}

/*
 * Each CPU prints the same batch and high: two numbers of a zone. Where high
 * moves and its limits are not printed (6.7 to 6.12), it lies between them.
 */
static void pcps_compare(const struct snapshot_zone *zone,
			 const struct page_zone_config *made,
			 struct tally *tally)
{
	struct tally all = {0};

	for (uint32_t i = 0; i < zone->pcp_count; i++) {
		const struct snapshot_pcp *pcp = &zone->pcps[i];

		number(&all, pcp->batch, made->pcp_batch);
		if (!pcp->high_max && made->pcp_high_min < made->pcp_high_max)
			number(&all, true,
			       pcp->high >= made->pcp_high_min &&
				   pcp->high <= made->pcp_high_max);
		else
			number(&all, pcp->high_max ? pcp->high_min : pcp->high,
			       made->pcp_high_min);
		if (pcp->high_max)
			number(&all, pcp->high_max, made->pcp_high_max);
	}
	if (!zone->pcp_count)
		return;
	tally->numbers += all.numbers / zone->pcp_count;
	if (all.equal == all.numbers)
		tally->equal += all.numbers / zone->pcp_count;
}

static void zone_compare(const struct zones *zones, uint32_t i,
			 struct tally *tally)
{
	const struct snapshot *snapshot = &zones->snapshot;
	const struct snapshot_zone *zone = &snapshot->zones[zones->at[i]];
	const struct page_zone_config *made = &zones->made[i];
	uint32_t at = 0;

	tally->zones++;
	number(tally, zone->min, made->wmark_min + zone->boost);
	number(tally, zone->low, made->wmark_low + zone->boost);
	number(tally, zone->high, made->wmark_high + zone->boost);
	for (uint32_t k = 0; k < snapshot->zone_count; k++) {
		const struct snapshot_zone *other = &snapshot->zones[k];
		enum page_zone_kind kind;

		if (other->node != zone->node)
			continue;
		if (at < zone->protection_count &&
		    page_zone_kind_of(other->name, &kind) && kind > made->kind)
			number(tally, zone->protection[at],
			       made->lowmem_reserve[kind]);
		at++;
	}
	pcps_compare(zone, made, tally);
}

static struct tally zones_compare(const struct zones *zones)
{
	struct tally tally = {0};

	for (uint32_t i = 0; i < zones->count; i++) {
		/* A zone without memory prints zeros. */
		if (zones->snapshot.zones[zones->at[i]].managed)
			zone_compare(zones, i, &tally);
	}
	return tally;
}

static bool zones_equal(const struct zones *zones)
{
	struct tally tally = zones_compare(zones);

	return tally.equal == tally.numbers;
}

/* Fails with all that differs. */
static void fail_zones(const struct zones *zones, const char *name)
{
	for (uint32_t i = 0; i < zones->count; i++) {
		const struct snapshot_zone *zone =
		    &zones->snapshot.zones[zones->at[i]];
		const struct page_zone_config *made = &zones->made[i];
		struct tally tally = {0};

		zone_compare(zones, i, &tally);
		if (!zone->managed || tally.equal == tally.numbers)
			continue;
		print_message("node %d, %s: min %llu low %llu high %llu, "
			      "computed %llu %llu %llu, batch %u, high %u\n",
			      zone->node, zone->name,
			      (unsigned long long)zone->min,
			      (unsigned long long)zone->low,
			      (unsigned long long)zone->high,
			      (unsigned long long)made->wmark_min,
			      (unsigned long long)made->wmark_low,
			      (unsigned long long)made->wmark_high,
			      made->pcp_batch, made->pcp_high_min);
	}
	fail_msg("%s is not what the formulas say", name);
}

/* ---- Recorded machines ---- */

static void limits_set(struct zones *zones)
{
	struct err err = {0};

	if (page_limits_set(&zones->limits, zones->made, zones->count, &err))
		fail_msg("%s", err.text);
}

static void zones_raise_thp(struct zones *zones, uint32_t pageblock_order)
{
	zones->limits.min_free_kbytes = page_limits_min_free_thp(
	    &zones->limits, zones->made, zones->count, pageblock_order);
	limits_set(zones);
}

static struct page_zone_config *largest_of(struct zones *zones)
{
	struct page_zone_config *largest = &zones->made[0];

	for (uint32_t i = 0; i < zones->count; i++) {
		if (zones->made[i].managed > largest->managed)
			largest = &zones->made[i];
	}
	return largest;
}

/* What the zones managed before that memory came. */
static void zones_shrink(struct zones *zones, const struct late_memory *late)
{
	for (uint32_t i = 0; i < zones->count; i++) {
		const struct snapshot_zone *zone =
		    &zones->snapshot.zones[zones->at[i]];

		zones->made[i].managed = zone->managed;
		for (uint32_t k = 0; k < late->count; k++) {
			const struct frame_range *range = &late->ranges[k];

			if (range->first >= zone->start_pfn &&
			    range->end <= zone->start_pfn + zone->spanned)
				zones->made[i].managed -=
				    range->end - range->first;
		}
	}
}

/*
 * What the kernel does, in its order; more: frames that the largest zone had
 * besides, to see whether it shows. Protection is that of boot for good.
 */
static void zones_boot(struct zones *zones, const struct machine *machine,
		       const struct late_memory *late, int64_t more)
{
	struct page_zone_config *made = zones->made;

	for (uint32_t i = 0; i < zones->count; i++)
		made[i].wmark_high = 0;
	zones_shrink(zones, late);
	largest_of(zones)->managed += (uint64_t)more;
	zones->limits.min_free_kbytes =
	    page_limits_min_free(&zones->limits, made, zones->count);
	limits_set(zones);
	if (machine->thp == THP_OFF)
		return;
	if (machine->thp == THP_LATER) {
		const struct late_memory none = {.count = 0};

		expect_u64_eq(zones->count, 3); /* no zone below another */
		zones_shrink(zones, &none);
	}
	zones_raise_thp(zones, machine->pageblock_order);
}

/* How many frames more (or, sign -1, fewer) change nothing; SLACK_MAX: any. */
static uint32_t slack_of(struct zones *zones, const struct machine *machine,
			 const struct late_memory *late, int sign)
{
	uint32_t slack = 0;

	while (slack < SLACK_MAX) {
		zones_boot(zones, machine, late,
			   (int64_t)sign * ((int64_t)slack + 1));
		if (!zones_equal(zones))
			break;
		slack++;
	}
	return slack;
}

static uint64_t frames_in(const struct late_memory *late)
{
	uint64_t frames = 0;

	for (uint32_t i = 0; i < late->count; i++)
		frames += late->ranges[i].end - late->ranges[i].first;
	return frames;
}

static void machine_print(struct zones *zones, const struct machine *machine,
			  const struct late_memory *late)
{
	uint64_t frames = frames_in(late);
	/* What the zone did not have came late. */
	uint32_t fewer = slack_of(zones, machine, late, 1),
		 more = slack_of(zones, machine, late, -1);

	print_message("%s: %u frames came after the marks; ", machine->name,
		      (unsigned int)frames);
	if (more == SLACK_MAX)
		print_message("any number gives the same\n");
	else
		print_message("%u to %u give the same numbers\n",
			      fewer < frames ? (unsigned int)frames - fewer : 0,
			      (unsigned int)frames + more);
}

/* "Linux HOST 6.1.0-50-arm64 ..." */
static enum page_version version_of(const char *dir)
{
	static char text[TEXT_MAX];
	int major = 0, minor = 0;
	char path[512];

	snprintf(path, sizeof(path), "%s/kernel/uname", dir);
	expect_true(file_text(path, text));
	expect_i64_eq(sscanf(text, "%*s %*s %d.%d", &major, &minor), 2);
	return page_version_of(major, minor);
}

/* One file; what was compared, no zones if there is no such file. */
static struct tally file_compare(const struct machine *machine, const char *dir,
				 const char *when, bool print)
{
	struct late_memory late;
	struct tally tally = {0};
	struct zones zones;
	const char *wrong;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s/zoneinfo", dir, when);
	if (!zones_read(&zones, path, version_of(dir), machine->page_size,
			machine->nodes))
		return tally;
	wrong = late_memory_read(dir, machine->page_size,
				 zones.snapshot.zones[0].start_pfn, &late);
	if (wrong)
		fail_msg("%s: %s", machine->name, wrong);
	zones_boot(&zones, machine, &late, 0);
	tally = zones_compare(&zones);
	if (tally.equal != tally.numbers)
		fail_zones(&zones, path);
	if (print)
		machine_print(&zones, machine, &late);
	snapshot_fini(&zones.snapshot);
	return tally;
}

static void recorded_machines(void **state)
{
	uint32_t files = 0, zones = 0, numbers = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		const struct machine *machine = &machines[i];
		const char *archive =
		    machine->archive ? test_capture(machine->name) : NULL;
		struct tally before, after;
		char dir[256];

		if (archive)
			snprintf(dir, sizeof(dir), "%s", archive);
		else
			snprintf(dir, sizeof(dir), "tests/data/machines/%s",
				 machine->name);
		before = file_compare(machine, dir, "before", false);
		after = file_compare(machine, dir, "after", true);
		expect_true(after.zones > 0);
		files += before.zones ? 2 : 1;
		zones += before.zones + after.zones;
		numbers += before.numbers + after.numbers;
	}
	print_message("zoneinfo: %u numbers of %u zones with memory in %u "
		      "files, all equal to the formulas\n",
		      numbers, zones, files);
	expect_u64_eq(files, 31);
}

/*
 * The trace of one boot has the frees themselves: frames that no event had
 * allocated, after the initcalls began.
 */
static void late_as_recorded(void **state)
{
	const char *dir = "tests/data/machines/debian61-boot-full";
	struct late_memory late;
	unsigned long long first, end;
	uint64_t frames = 0;
	char path[256];
	FILE *file;

	(void)state;
	expect_true(!late_memory_read(dir, 4096, 1, &late));
	snprintf(path, sizeof(path), "%s/freed.txt", dir);
	file = fopen(path, "r");
	expect_true(file != NULL);
	while (fscanf(file, "%llx %llx", &first, &end) == 2) {
		uint32_t i = 0;

		while (i < late.count && (late.ranges[i].first != first ||
					  late.ranges[i].end != end))
			i++;
		if (i == late.count)
			fail_msg("frames from %llx to %llx were freed", first,
				 end);
		frames += end - first;
	}
	fclose(file);
	expect_u64_eq(frames, frames_in(&late));
}

/* The test can fail: without what came late some numbers differ. */
static void needs_late_memory(void **state)
{
	const struct late_memory none = {.count = 0};
	uint32_t differ = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		const struct machine *machine = &machines[i];
		struct zones zones;
		char dir[256], path[512];

		snprintf(dir, sizeof(dir), "tests/data/machines/%s",
			 machine->name);
		snprintf(path, sizeof(path), "%s/after/zoneinfo", dir);
		if (machine->archive ||
		    !zones_read(&zones, path, version_of(dir),
				machine->page_size, machine->nodes))
			continue;
		zones_boot(&zones, machine, &none, 0);
		if (!zones_equal(&zones))
			differ++;
		snapshot_fini(&zones.snapshot);
	}
	/* mixed-arm64-4k, debian61-boot, -full, mixed-numa4, and of the others
	 * with late.txt all but debian61-ppc64el and debian612-riscv64 */
	expect_u64_eq(differ, 8);
}

/* ---- The running kernel ---- */

/* A number from a file of /proc/sys/vm, or the default. */
static uint64_t sysctl(const char *name, uint64_t otherwise)
{
	char path[128], text[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
	file = fopen(path, "r");
	if (!file)
		return otherwise;
	if (fgets(text, sizeof(text), file))
		otherwise = strtoull(text, NULL, 10);
	fclose(file);
	return otherwise;
}

static uint32_t nodes_of(const struct zones *zones)
{
	uint32_t nodes = 1;

	for (uint32_t i = 0; i < zones->count; i++) {
		if (zones->made[i].node >= nodes)
			nodes = zones->made[i].node + 1;
	}
	return nodes;
}

/*
 * Nobody says what came late here: the least number of frames, taken off the
 * largest zone, with which all is equal, and the most; false if there is none.
 */
static bool late_frames(struct zones *zones, uint32_t *least, uint32_t *most)
{
	struct page_zone_config *largest = largest_of(zones);
	bool found = false;

	for (uint32_t late = 0; late < LATE_MAX && largest->managed; late++) {
		limits_set(zones);
		if (zones_equal(zones)) {
			*least = found ? *least : late;
			*most = late;
			found = true;
		} else if (found) {
			break;
		}
		largest->managed--;
	}
	return found;
}

/* Boxes whose zones grow and shrink while they run, marks or not. */
static const char *moving_memory(void)
{
	static char text[TEXT_MAX];

	if (!access("/sys/bus/virtio/drivers/virtio_balloon", F_OK))
		return "a memory balloon";
	if (file_text("/proc/cmdline", text) && strstr(text, "deferred_init"))
		return "memory that is set up late";
	return NULL;
}

/* The running kernel says its min_free_kbytes, and may have been told it. */
static void running_kernel(void **state)
{
	struct zones zones;
	struct utsname host;
	struct tally tally;
	uint32_t least = 0, most = 0;
	int major = 0, minor = 0;

	(void)state;
	if (uname(&host) ||
	    sscanf(host.release, "%d.%d", &major, &minor) != 2 || major < 5 ||
	    !zones_read(&zones, "/proc/zoneinfo", page_version_of(major, minor),
			(uint64_t)sysconf(_SC_PAGESIZE), 1)) {
		print_message("SKIP: no zoneinfo, or an old kernel\n");
		return;
	}
	if (nodes_of(&zones) > 1) {
		print_message("SKIP: whose CPUs are whose is not read here\n");
		snapshot_fini(&zones.snapshot);
		return;
	}
	zones.limits.min_free_kbytes = sysctl("min_free_kbytes", 0);
	zones.limits.watermark_scale_factor =
	    (uint32_t)sysctl("watermark_scale_factor", 10);
	zones.limits.high_fraction =
	    (uint32_t)sysctl("percpu_pagelist_high_fraction", 0);
	if (late_frames(&zones, &least, &most)) {
		tally = zones_compare(&zones);
		print_message("/proc/zoneinfo of %s: all %u numbers of %u "
			      "zones equal, if %u to %u frames came late\n",
			      host.release, tally.numbers, tally.zones, least,
			      most);
	} else if (moving_memory()) {
		print_message("EXCEPTION: /proc/zoneinfo differs, this box "
			      "has %s\n",
			      moving_memory());
	} else {
		fail_zones(&zones, "/proc/zoneinfo");
	}
	snapshot_fini(&zones.snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(recorded_machines),
	    cmocka_unit_test(late_as_recorded),
	    cmocka_unit_test(needs_late_memory),
	    cmocka_unit_test(running_kernel),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
