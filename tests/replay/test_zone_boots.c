/*
 * The limits of 6.18 against boots of it (tests/data/newer-boots): machines of
 * other sizes and nodes, and each with other settings of sysctl.
 */
#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "tests/replay/zone_bed.h"

enum { PAGE_SIZE = 4096, PAGEBLOCK_ORDER = 9 };

static const struct machine boots[] = {
    {"618-1c-128m", PAGE_SIZE, PAGEBLOCK_ORDER, 1, THP_OFF, true},
    {"618-2c-1g", PAGE_SIZE, PAGEBLOCK_ORDER, 1, THP_BOOT, true},
    {"618-2c-2n-512m-nomerge", PAGE_SIZE, PAGEBLOCK_ORDER, 2, THP_OFF, true},
    {"618-4c-2n-2g", PAGE_SIZE, PAGEBLOCK_ORDER, 2, THP_BOOT, true},
    {"618-8c-4n-4g", PAGE_SIZE, PAGEBLOCK_ORDER, 4, THP_BOOT, true},
    {"618-4c-8g", PAGE_SIZE, PAGEBLOCK_ORDER, 1, THP_BOOT, true},
    {"618-2c-2n-2g-movable", PAGE_SIZE, PAGEBLOCK_ORDER, 2, THP_BOOT, true},
    {"618-orders", PAGE_SIZE, PAGEBLOCK_ORDER, 1, THP_BOOT, true},
};

/* What was written into /proc/sys/vm, one after another; the file is named so.
 */
static const struct setting {
	const char *file;
	uint32_t min_free_kbytes, scale_factor, high_fraction;
	bool ratios;
} settings[] = {
    {"min_free_kbytes=1234", 1234, 10, 0, false},
    {"min_free_kbytes=8192", 8192, 10, 0, false},
    {"min_free_kbytes=9999", 9999, 10, 0, false},
    {"watermark_scale_factor=150", 9999, 150, 0, false},
    {"watermark_scale_factor=10", 9999, 10, 0, false},
    {"percpu_pagelist_high_fraction=8", 9999, 10, 8, false},
    {"percpu_pagelist_high_fraction=100", 9999, 10, 100, false},
    {"percpu_pagelist_high_fraction=0", 9999, 10, 0, false},
    {"lowmem_reserve_ratio=100,50,7,3,1", 9999, 10, 0, true},
};

static void add(struct tally *sum, const struct tally *tally)
{
	sum->zones += tally->zones;
	sum->numbers += tally->numbers;
	sum->equal += tally->equal;
}

static struct tally boot_check(const struct machine *boot, const char *dir)
{
	struct late_memory late;
	struct zones zones;
	struct tally tally;
	const char *wrong;
	char path[512];

	snprintf(path, sizeof(path), "%s/after/zoneinfo", dir);
	expect_true(zones_read(&zones, path, PAGE_VERSION_6_18, PAGE_SIZE,
			       boot->nodes));
	wrong = late_memory_read(dir, PAGE_SIZE,
				 zones.snapshot.zones[0].start_pfn, &late);
	if (wrong)
		fail_msg("%s: %s", boot->name, wrong);
	zones_boot(&zones, boot, &late, 0);
	tally = zones_compare(&zones);
	if (tally.equal != tally.numbers)
		fail_zones(&zones, path);
	snapshot_fini(&zones.snapshot);
	return tally;
}

/* Nothing comes late any more. */
static struct tally setting_check(const struct machine *boot, const char *dir,
				  const struct setting *setting)
{
	static const uint32_t ratios[PAGE_ZONE_KINDS] = {100, 50, 7, 3, 1};
	struct zones zones;
	struct tally tally;
	char path[512];

	snprintf(path, sizeof(path), "%s/sysctl/%s", dir, setting->file);
	expect_true(zones_read(&zones, path, PAGE_VERSION_6_18, PAGE_SIZE,
			       boot->nodes));
	zones.limits.min_free_kbytes = setting->min_free_kbytes;
	zones.limits.watermark_scale_factor = setting->scale_factor;
	zones.limits.high_fraction = setting->high_fraction;
	if (setting->ratios)
		memcpy(zones.limits.reserve_ratio, ratios, sizeof(ratios));
	zones_limits_set(&zones);
	tally = zones_compare(&zones);
	if (tally.equal != tally.numbers)
		fail_zones(&zones, path);
	snapshot_fini(&zones.snapshot);
	return tally;
}

static void test_boots(void **state)
{
	const char *root = test_capture("newer-boots");
	struct tally at_boot = {0}, set = {0};

	(void)state;
	assert_non_null(root);
	for (size_t i = 0; i < sizeof(boots) / sizeof(*boots); i++) {
		struct tally tally;
		char dir[256];

		snprintf(dir, sizeof(dir), "%s/%s", root, boots[i].name);
		tally = boot_check(&boots[i], dir);
		add(&at_boot, &tally);
		for (size_t k = 0; k < sizeof(settings) / sizeof(*settings);
		     k++) {
			tally = setting_check(&boots[i], dir, &settings[k]);
			add(&set, &tally);
		}
	}
	print_message("6.18: %u numbers of %u zones of %zu boots, and %u after "
		      "other settings, all equal to the formulas\n",
		      at_boot.numbers, at_boot.zones,
		      sizeof(boots) / sizeof(*boots), set.numbers);
	expect_true(at_boot.zones >= 2 * sizeof(boots) / sizeof(*boots));
	expect_true(set.numbers > 4 * at_boot.numbers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_boots),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
