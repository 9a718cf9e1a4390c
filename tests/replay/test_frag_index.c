#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/frag_index.h"

enum { ORDERS_MAX = 16, ZONES_MAX = 16 };

/* One line of buddyinfo, unusable_index or extfrag_index. */
struct line {
	char zone[64]; /* "Node 0, zone DMA32" */
	char words[ORDERS_MAX][24];
	uint32_t count;
};

static uint32_t read_lines(const char *dir, const char *file,
			   struct line lines[ZONES_MAX])
{
	char path[512], text[1024];
	uint32_t count = 0;
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	in = fopen(path, "r");
	if (!in)
		return 0;
	while (count < ZONES_MAX && fgets(text, sizeof(text), in)) {
		struct line *line = &lines[count++];
		char *save, *word;
		int at = 0;

		memset(line, 0, sizeof(*line));
		for (word = strtok_r(text, " \n", &save); word;
		     word = strtok_r(NULL, " \n", &save)) {
			/* Node, number, zone and name are four words. */
			if (at++ < 4) {
				strcat(line->zone, word);
				strcat(line->zone, " ");
			} else if (line->count < ORDERS_MAX) {
				snprintf(line->words[line->count++],
					 sizeof(line->words[0]), "%s", word);
			}
		}
	}
	fclose(in);
	return count;
}

/* As mm/vmstat.c prints it, with its odd form of values from -999 to -1. */
static void expect_index(int index, const char *printed)
{
	char text[32];

	snprintf(text, sizeof(text), "%d.%03d", index / 1000, index % 1000);
	expect_str_eq(text, printed);
}

/* Compares all zones of one snapshot; returns how many values there were. */
static int compare_snapshot(const char *dir)
{
	static struct line buddy[ZONES_MAX], unusable[ZONES_MAX],
	    extfrag[ZONES_MAX];
	uint32_t zones = read_lines(dir, "buddyinfo", buddy);
	int values = 0;

	expect_u64_eq(read_lines(dir, "unusable_index", unusable), zones);
	expect_u64_eq(read_lines(dir, "extfrag_index", extfrag), zones);
	for (uint32_t i = 0; i < zones; i++) {
		uint64_t blocks[ORDERS_MAX];
		uint32_t count = buddy[i].count;

		expect_str_eq(unusable[i].zone, buddy[i].zone);
		expect_str_eq(extfrag[i].zone, buddy[i].zone);
		expect_u64_eq(unusable[i].count, count);
		expect_u64_eq(extfrag[i].count, count);
		for (uint32_t order = 0; order < count; order++)
			blocks[order] =
			    strtoull(buddy[i].words[order], NULL, 10);
		for (uint32_t order = 0; order < count; order++) {
			expect_index(frag_unusable_index(blocks, count, order),
				     unusable[i].words[order]);
			expect_index(
			    frag_fragmentation_index(blocks, count, order),
			    extfrag[i].words[order]);
			values += 2;
		}
	}
	return values;
}

static void equals_the_kernels_own(void **state)
{
	/* Name, and zones in before/ and after/ together times orders times 2
	 */
	static const struct {
		const char *name;
		int values;
	} captures[] = {
	    {"mixed-slub", 44},
	    {"mixed-slab", 44},
	    {"mixed-slob", 44},
	    {"files-slub", 44},
	    {"arm32-partial", 88},
	    {"mixed-arm64-64k", 56},
	    {"debian61-boot-kmalloc", 44},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(captures) / sizeof(captures[0]); i++) {
		const char *dir = test_capture(captures[i].name);
		char path[512];
		int values = 0;

		expect_true(dir);
		snprintf(path, sizeof(path), "%s/before", dir);
		values += compare_snapshot(path);
		snprintf(path, sizeof(path), "%s/after", dir);
		values += compare_snapshot(path);
		expect_i64_eq(values, captures[i].values);
	}
}

/* Lines of pressure-slub/after, where high orders really would fail. */
static void under_pressure(void **state)
{
	const uint64_t blocks[] = {83, 44, 26, 43, 55, 21, 9, 0, 1, 0, 0};

	(void)state;
	expect_i64_eq(frag_fragmentation_index(blocks, 11, 8), -1000);
	expect_i64_eq(frag_fragmentation_index(blocks, 11, 9), 976);
	expect_i64_eq(frag_fragmentation_index(blocks, 11, 10), 987);
	expect_i64_eq(frag_unusable_index(blocks, 11, 9), 1000);
}

static void edges(void **state)
{
	const uint64_t none[11] = {0}, single[11] = {1};
	const uint64_t pair[11] = {[9] = 2}, whole[11] = {[10] = 5};

	(void)state;
	expect_i64_eq(frag_unusable_index(none, 11, 3), 1000);
	expect_i64_eq(frag_fragmentation_index(none, 11, 3), 0);
	expect_i64_eq(frag_unusable_index(single, 11, 0), 0);
	expect_i64_eq(frag_unusable_index(single, 11, 1), 1000);
	/* 1 - (1 + 1/2) / 1 */
	expect_i64_eq(frag_fragmentation_index(single, 11, 1), -500);
	/* 1 - (1 + 1) / 2: as many pages as asked for, in two pieces. */
	expect_i64_eq(frag_fragmentation_index(pair, 11, 10), 0);
	expect_i64_eq(frag_unusable_index(whole, 11, 10), 0);
	expect_i64_eq(frag_fragmentation_index(whole, 11, 10), -1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(equals_the_kernels_own),
	    cmocka_unit_test(under_pressure),
	    cmocka_unit_test(edges),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
