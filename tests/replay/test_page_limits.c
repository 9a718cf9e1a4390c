/*
 * The limits that kernels compute, held against what real kernels printed:
 * every zoneinfo of tests/data, and that of the running kernel.
 *
 * A zoneinfo shows what a zone manages now; its marks are from when they were
 * set. Where memory came later (the kernel's init section, the initrd), the
 * table below says how much, and that one number must make all of min, low,
 * high, protection, batch and high of every zone come out.
 */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "parser/zones_read.h"
#include "replay/page_limits.h"

/* LATER_MAX: the init section and an initrd of 256 MiB, in frames. */
enum { TEXT_MAX = 1 << 16, ZONES_MAX = 32, LATER_MAX = 1 << 16 };

/* What this kind of kernel does with transparent huge pages. */
enum thp { THP_OFF, THP_ON };

struct machine {
	const char *name, *cause; /* NULL: no memory came after the marks */
	uint64_t page_size;
	uint64_t later[2]; /* frames of it in each node's largest zone */
	uint32_t pageblock_order, nodes;
	enum thp thp; /* enabled when min_free_kbytes was last set */
	bool archive; /* NAME.tar.zst, else machines/NAME */
};

static const struct machine machines[] = {
    {"mixed-slub", NULL, 4096, {0}, 10, 1, THP_ON, true},
    {"mixed-slab", NULL, 4096, {0}, 10, 1, THP_ON, true},
    {"mixed-slob", NULL, 4096, {0}, 10, 1, THP_ON, true},
    {"files-slub", NULL, 4096, {0}, 10, 1, THP_ON, true},
    {"mixed-slub-maxorder0", NULL, 4096, {0}, 10, 1, THP_ON, false},
    {"mixed-slub-nomerge", NULL, 4096, {0}, 10, 1, THP_ON, false},
    {"pressure-slub", NULL, 4096, {0}, 10, 1, THP_ON, false},
    {"mixed-arm64-64k", NULL, 65536, {0}, 10, 1, THP_OFF, true},
    {"mixed-arm64-4k", "init, initrd", 4096, {696}, 10, 1, THP_OFF, false},
    {"arm32-partial", "init, initrd", 4096, {689}, 10, 1, THP_OFF, true},
    /* Below 512 MiB the kernel leaves huge pages off. */
    {"debian61-boot", "init, initrd", 4096, {2495}, 9, 1, THP_OFF, false},
    {"debian61-boot-kmalloc",
     "init, initrd",
     4096,
     {2495},
     9,
     1,
     THP_OFF,
     true},
    {"debian61-boot-full", "init, initrd", 4096, {2566}, 9, 1, THP_ON, false},
    {"mixed-numa4",
     "init on node 0, initrd on node 1",
     4096,
     {1228, 408},
     10,
     2,
     THP_ON,
     false},
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

static bool kind_of(const char *name, enum page_zone_kind *kind)
{
	static const char *const names[PAGE_ZONE_KINDS] = {
	    "DMA", "DMA32", "Normal", "HighMem", "Movable"};

	for (int i = 0; i < PAGE_ZONE_KINDS; i++) {
		if (!strcmp(name, names[i])) {
			*kind = (enum page_zone_kind)i;
			return true;
		}
	}
	return false;
}

/* The zones as configurations, by kind; zone i is at[i] of the snapshot. */
static uint32_t zones_of(const struct snapshot *snapshot,
			 struct page_zone_config *zones, uint32_t *at)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < snapshot->zone_count; i++) {
		const struct snapshot_zone *zone = &snapshot->zones[i];
		enum page_zone_kind kind;

		expect_true(count < ZONES_MAX);
		if (!kind_of(zone->name, &kind))
			continue;
		at[count] = i;
		zones[count++] =
		    (struct page_zone_config){.node = (uint32_t)zone->node,
					      .kind = kind,
					      .managed = zone->managed};
	}
	return count;
}

/* ---- Comparing ---- */

static uint32_t cpus_of(const struct snapshot *snapshot)
{
	uint32_t cpus = 1;

	for (uint32_t i = 0; i < snapshot->zone_count; i++) {
		if (snapshot->zones[i].pcp_count > cpus)
			cpus = snapshot->zones[i].pcp_count;
	}
	return cpus;
}

/* True if all that zoneinfo prints of the zone is what the formulas say. */
static bool zone_equal(const struct snapshot *snapshot,
		       const struct snapshot_zone *zone,
		       const struct page_zone_config *made)
{
	uint32_t at = 0;
	bool equal = zone->min == made->wmark_min + zone->boost &&
		     zone->low == made->wmark_low + zone->boost &&
		     zone->high == made->wmark_high + zone->boost;

	for (uint32_t i = 0; i < snapshot->zone_count; i++) {
		const struct snapshot_zone *other = &snapshot->zones[i];
		enum page_zone_kind kind;

		if (other->node != zone->node)
			continue;
		if (at < zone->protection_count && kind_of(other->name, &kind))
			equal &=
			    zone->protection[at] == made->lowmem_reserve[kind];
		at++;
	}
	for (uint32_t i = 0; i < zone->pcp_count; i++) {
		const struct snapshot_pcp *pcp = &zone->pcps[i];
		bool ranges = pcp->high_max;

		equal &= pcp->batch == made->pcp_batch;
		if (ranges)
			equal &= pcp->high_min == made->pcp_high_min &&
				 pcp->high_max == made->pcp_high_max;
		else
			equal &= pcp->high == made->pcp_high_min;
	}
	return equal;
}

static bool zones_equal(const struct snapshot *snapshot,
			const struct page_zone_config *made, const uint32_t *at,
			uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (!zone_equal(snapshot, &snapshot->zones[at[i]], &made[i]))
			return false;
	}
	return true;
}

/* Fails with all that differs. */
static void fail_zones(const struct snapshot *snapshot,
		       const struct page_zone_config *made, const uint32_t *at,
		       uint32_t count, const char *name)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct snapshot_zone *zone = &snapshot->zones[at[i]];

		if (zone_equal(snapshot, zone, &made[i]))
			continue;
		print_message("node %d, %s: min %llu low %llu high %llu, "
			      "computed %llu %llu %llu, batch %u, high %u\n",
			      zone->node, zone->name,
			      (unsigned long long)zone->min,
			      (unsigned long long)zone->low,
			      (unsigned long long)zone->high,
			      (unsigned long long)made[i].wmark_min,
			      (unsigned long long)made[i].wmark_low,
			      (unsigned long long)made[i].wmark_high,
			      made[i].pcp_batch, made[i].pcp_high_min);
	}
	fail_msg("%s is not what the formulas say", name);
}

static void limits_set(const struct page_limits *limits,
		       struct page_zone_config *zones, uint32_t count)
{
	struct err err = {0};

	if (page_limits_set(limits, zones, count, &err))
		fail_msg("%s", err.text);
}

/* What the kernel does at boot, in its order. */
static void limits_boot(struct page_limits *limits,
			struct page_zone_config *zones, uint32_t count,
			const struct machine *machine)
{
	limits->min_free_kbytes = page_limits_min_free(limits, zones, count);
	limits_set(limits, zones, count);
	if (machine->thp == THP_OFF)
		return;
	limits->min_free_kbytes = page_limits_min_free_thp(
	    limits, zones, count, machine->pageblock_order);
	limits_set(limits, zones, count);
}

/* Takes what came later off each node's largest zone. */
static void zones_shrink(struct page_zone_config *zones, uint32_t count,
			 const struct machine *machine)
{
	for (uint32_t node = 0; node < machine->nodes; node++) {
		struct page_zone_config *largest = NULL;

		for (uint32_t i = 0; i < count; i++) {
			if (zones[i].node == node &&
			    (!largest || zones[i].managed > largest->managed))
				largest = &zones[i];
		}
		if (!largest)
			fail_msg("%s: node %u has no zone", machine->name,
				 node);
		else
			largest->managed -= machine->later[node];
	}
}

/* One file; the number of its zones, 0 if it does not exist. */
static uint32_t file_compare(const struct machine *machine, const char *path)
{
	static char text[TEXT_MAX];
	struct page_zone_config zones[ZONES_MAX] = {0};
	uint32_t node_cpus[PAGE_NODES_MAX] = {0}, at[ZONES_MAX], count;
	struct snapshot snapshot = {0};
	struct page_limits limits;
	struct err err = {0};

	if (!file_text(path, text))
		return 0;
	expect_i64_eq(zones_read_zoneinfo(text, &snapshot, &err), 0);
	count = zones_of(&snapshot, zones, at);
	limits = page_limits_default(PAGE_VERSION_6_1, machine->page_size,
				     cpus_of(&snapshot));
	for (uint32_t node = 0; node < machine->nodes; node++)
		node_cpus[node] = limits.cpus / machine->nodes;
	limits.node_cpus = node_cpus;
	zones_shrink(zones, count, machine);
	limits_boot(&limits, zones, count, machine);
	if (!zones_equal(&snapshot, zones, at, count))
		fail_zones(&snapshot, zones, at, count, path);
	snapshot_fini(&snapshot);
	return count;
}

static void recorded_machines(void **state)
{
	static const char *const whens[] = {"before", "after"};
	uint32_t files = 0, zones = 0, later = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		const struct machine *machine = &machines[i];
		const char *dir =
		    machine->archive ? test_capture(machine->name) : NULL;
		uint32_t before = zones;
		char path[512];

		for (int when = 0; when < 2; when++) {
			uint32_t found;

			if (machine->archive)
				snprintf(path, sizeof(path), "%s/%s/zoneinfo",
					 dir ? dir : "", whens[when]);
			else
				snprintf(path, sizeof(path),
					 "tests/data/machines/%s/%s/zoneinfo",
					 machine->name, whens[when]);
			found = file_compare(machine, path);
			files += found > 0;
			zones += found;
		}
		expect_true(zones > before);
		if (!machine->cause)
			continue;
		later += zones - before;
		print_message("%s: %u + %u frames came after the marks: %s\n",
			      machine->name, (unsigned int)machine->later[0],
			      (unsigned int)machine->later[1], machine->cause);
	}
	print_message("zoneinfo: %u zones of %u files equal the formulas, %u "
		      "of them with memory that came later\n",
		      zones, files, later);
	expect_true(files >= 25);
}

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

static uint32_t nodes_of(const struct page_zone_config *zones, uint32_t count)
{
	uint32_t nodes = 1;

	for (uint32_t i = 0; i < count; i++) {
		if (zones[i].node >= nodes)
			nodes = zones[i].node + 1;
	}
	return nodes;
}

/*
 * Frames that came into the largest zone after the marks were set, so that all
 * is equal; LATER_MAX if there is no such number.
 */
static uint64_t later_frames(const struct snapshot *snapshot,
			     const struct page_limits *limits,
			     struct page_zone_config *zones, const uint32_t *at,
			     uint32_t count)
{
	uint32_t largest = 0;
	uint64_t later = 0;

	for (uint32_t i = 0; i < count; i++) {
		if (zones[i].managed > zones[largest].managed)
			largest = i;
	}
	for (; later < LATER_MAX && zones[largest].managed; later++) {
		limits_set(limits, zones, count);
		if (zones_equal(snapshot, zones, at, count))
			return later;
		zones[largest].managed--;
	}
	return LATER_MAX;
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
	static char text[TEXT_MAX];
	struct page_zone_config zones[ZONES_MAX] = {0};
	struct snapshot snapshot = {0};
	struct page_limits limits;
	struct utsname host;
	struct err err = {0};
	uint32_t at[ZONES_MAX], count;
	uint64_t later;
	int major = 0, minor = 0;

	(void)state;
	if (!file_text("/proc/zoneinfo", text) || uname(&host) ||
	    sscanf(host.release, "%d.%d", &major, &minor) != 2 || major < 5) {
		print_message("SKIP: no zoneinfo, or an old kernel\n");
		return;
	}
	expect_i64_eq(zones_read_zoneinfo(text, &snapshot, &err), 0);
	count = zones_of(&snapshot, zones, at);
	if (nodes_of(zones, count) > 1) {
		print_message("SKIP: whose CPUs are whose is not read here\n");
		snapshot_fini(&snapshot);
		return;
	}
	limits = page_limits_default(page_version_of(major, minor),
				     (uint64_t)sysconf(_SC_PAGESIZE),
				     cpus_of(&snapshot));
	limits.min_free_kbytes = sysctl("min_free_kbytes", 0);
	limits.watermark_scale_factor =
	    (uint32_t)sysctl("watermark_scale_factor", 10);
	limits.high_fraction =
	    (uint32_t)sysctl("percpu_pagelist_high_fraction", 0);
	later = later_frames(&snapshot, &limits, zones, at, count);
	if (later < LATER_MAX)
		print_message("/proc/zoneinfo of %s: all %u zones equal, %u "
			      "frames came later\n",
			      host.release, count, (unsigned int)later);
	else if (moving_memory())
		print_message("EXCEPTION: /proc/zoneinfo differs, this box "
			      "has %s\n",
			      moving_memory());
	else
		fail_zones(&snapshot, zones, at, count, "/proc/zoneinfo");
	snapshot_fini(&snapshot);
}

/* ---- The formulas, by hand ---- */

static void min_free(void **state)
{
	struct page_zone_config zones[2] = {
	    {.kind = PAGE_ZONE_DMA32, .managed = 262144},
	    {.kind = PAGE_ZONE_HIGHMEM, .managed = 1000000}};
	struct page_limits limits =
	    page_limits_default(PAGE_VERSION_6_1, 4096, 1);

	(void)state;
	/* sqrt(1 GiB in KiB * 16) = 4096; HighMem does not count. */
	expect_u64_eq(page_limits_min_free(&limits, zones, 2), 4096);
	zones[0].managed = 200;
	expect_u64_eq(page_limits_min_free(&limits, zones, 2), 128);
	zones[0].managed = UINT64_C(1) << 40;
	expect_u64_eq(page_limits_min_free(&limits, zones, 2), 262144);
	/* 512 * 2 + 512 * 9 frames for the one zone; or a twentieth. */
	zones[0].managed = 262144;
	limits.min_free_kbytes = 4096;
	expect_u64_eq(page_limits_min_free_thp(&limits, zones, 2, 9),
		      512 * 11 * 4);
	zones[0].managed = 20000;
	expect_u64_eq(page_limits_min_free_thp(&limits, zones, 2, 9), 4096);
	limits.min_free_kbytes = 100;
	expect_u64_eq(page_limits_min_free_thp(&limits, zones, 2, 9), 4000);
}

static void settings(void **state)
{
	struct page_zone_config zones[2] = {
	    {.kind = PAGE_ZONE_NORMAL, .managed = 1000000},
	    {.kind = PAGE_ZONE_MOVABLE, .managed = 500000}};
	struct page_limits limits =
	    page_limits_default(PAGE_VERSION_6_1, 4096, 4);

	(void)state;
	limits.min_free_kbytes = 60000;
	limits_set(&limits, zones, 2);
	/* 15000 frames over both; until 6.12 Movable has its full share. */
	expect_u64_eq(zones[0].wmark_min, 10000);
	expect_u64_eq(zones[0].wmark_high, 15000);
	expect_u64_eq(zones[1].wmark_min, 5000);
	expect_u64_eq(zones[0].lowmem_reserve[PAGE_ZONE_MOVABLE], 15625);
	expect_u64_eq(zones[0].pcp_batch, 63);
	expect_u64_eq(zones[0].pcp_high_min, 3125);
	expect_u64_eq(zones[0].pcp_high_max, 3125);
	limits.version = PAGE_VERSION_6_12;
	limits_set(&limits, zones, 2);
	expect_u64_eq(zones[0].wmark_min, 15000);
	expect_u64_eq(zones[1].wmark_min, 128);
	/* Its distances are not small. */
	expect_u64_eq(zones[1].wmark_low, 128 + 1875);
	expect_u64_eq(zones[0].pcp_high_min, 18750 / 4);
	expect_u64_eq(zones[0].pcp_high_max, 31250);
	limits.watermark_scale_factor = 1000;
	limits.high_fraction = 10;
	limits.reserve_ratio[PAGE_ZONE_NORMAL] = 0;
	limits_set(&limits, zones, 2);
	expect_u64_eq(zones[0].wmark_low, 15000 + 100000);
	expect_u64_eq(zones[0].pcp_high_min, 25000);
	expect_u64_eq(zones[0].pcp_high_max, 25000);
	expect_u64_eq(zones[0].lowmem_reserve[PAGE_ZONE_MOVABLE], 0);
}

/* What it makes is a configuration that the allocator takes. */
static void small_and_large_machines(void **state)
{
	static const uint64_t page_sizes[] = {4096, 16384, 65536};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (uint64_t managed = 1; managed < UINT64_C(1) << 32;
		     managed *= 3) {
			struct page_zone_config zone = {.kind =
							    PAGE_ZONE_NORMAL,
							.spanned = managed,
							.managed = managed};
			struct page_limits limits = page_limits_default(
			    PAGE_VERSION_6_18, page_sizes[i], 0);
			struct page_alloc_config config = {
			    .version = PAGE_VERSION_6_18,
			    .max_order = 10,
			    .pageblock_order = 9,
			    .cpu_count = 1,
			    .zones = &zone,
			    .zone_count = 1};

			limits.min_free_kbytes =
			    page_limits_min_free(&limits, &zone, 1);
			limits_set(&limits, &zone, 1);
			expect_true(zone.pcp_batch > 0);
			expect_true(zone.wmark_min <= zone.wmark_low);
			expect_true(page_alloc_meta_size(&config) > 0);
		}
	}
}

static void bad_input(void **state)
{
	static const uint64_t sizes[] = {0, 512, 5000, UINT64_C(1) << 21,
					 UINT64_MAX};
	struct page_zone_config zone = {.kind = PAGE_ZONE_NORMAL,
					.managed = 1000};
	struct page_limits limits;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		limits = page_limits_default(PAGE_VERSION_6_1, sizes[i], 1);
		expect_i64_eq(page_limits_set(&limits, &zone, 1, &err),
			      ERR_USAGE);
		expect_true(strstr(err.text, "page size"));
	}
	limits = page_limits_default(PAGE_VERSIONS, 4096, 1);
	expect_i64_eq(page_limits_set(&limits, &zone, 1, &err), ERR_USAGE);
	limits = page_limits_default(PAGE_VERSION_6_1, 4096, 1);
	zone.node = PAGE_NODES_MAX;
	expect_i64_eq(page_limits_set(&limits, &zone, 1, &err), ERR_USAGE);
	zone.node = 0;
	zone.kind = PAGE_ZONE_KINDS;
	expect_i64_eq(page_limits_set(&limits, &zone, 1, &err), ERR_USAGE);
	expect_u64_eq(zone.wmark_low, 0);
	/* No zones at all, and none with memory. */
	expect_i64_eq(page_limits_set(&limits, NULL, 0, &err), 0);
	zone.kind = PAGE_ZONE_NORMAL;
	zone.managed = 0;
	expect_i64_eq(page_limits_set(&limits, &zone, 1, &err), 0);
	expect_u64_eq(zone.wmark_high, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(min_free),
	    cmocka_unit_test(settings),
	    cmocka_unit_test(small_and_large_machines),
	    cmocka_unit_test(bad_input),
	    cmocka_unit_test(recorded_machines),
	    cmocka_unit_test(running_kernel),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
