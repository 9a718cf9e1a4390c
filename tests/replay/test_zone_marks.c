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

#include "replay/page_limits.h"
#include "tests/replay/late_memory.h"
#include "tests/replay/zone_bed.h"

/* LATE_MAX: the init section and an initrd of 256 MiB, in frames. */
enum { SLACK_MAX = 1 << 14, LATE_MAX = 1 << 16 };

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

/* ---- Recorded machines ---- */

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
	int major = 0, minor = 0;
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/kernel/uname", dir);
	file = fopen(path, "r");
	expect_true(file != NULL);
	expect_i64_eq(fscanf(file, "%*s %*s %d.%d", &major, &minor), 2);
	fclose(file);
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
	/* mixed-arm64-4k, debian61-boot, -full, mixed-numa4; of those with
	 * late.txt all but debian61-ppc64el and debian612-riscv64 */
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
	struct page_zone_config *largest = zones_largest(zones);
	bool found = false;

	for (uint32_t late = 0; late < LATE_MAX && largest->managed; late++) {
		zones_limits_set(zones);
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
	if (zone_bed_text("/proc/cmdline", text) &&
	    strstr(text, "deferred_init"))
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
