/*
 * advice: what there is to try on a machine, and the order of what came of it.
 */
#include <string.h>

#include "analysis/advice.h"
#include "tests/support/test.h"

static struct snapshot_cache caches[1] = {{.name = "dentry"}};
static const uint32_t classes[] = {8, 64, 128};
static struct live_sizes sizes;
static struct symbols symbols;

static void plan(struct advice *advice, enum slab_kind kind, bool merged)
{
	static struct snapshot snapshot = {.caches = caches, .cache_count = 1};
	struct capture_info info = {.page_size = 4096, .slab_kind = kind};
	struct advice_facts facts = {.info = &info,
				     .snapshot = &snapshot,
				     .merged = merged,
				     .sizes = &sizes,
				     .symbols = &symbols,
				     .classes = classes,
				     .class_count = 3,
				     .class_align = 8};

	assert_int_equal(advice_plan(advice, &facts, NULL), 0);
}

static const struct advice_row *find(const struct advice *advice,
				     const char *model, const char *setting)
{
	for (size_t i = 0; i < advice->count; i++)
		if (!strcmp(advice->rows[i].what.model, model) &&
		    !strcmp(advice->rows[i].what.setting, setting))
			return &advice->rows[i];
	return NULL;
}

static void test_plan(void **state)
{
	struct advice advice;

	(void)state;
	plan(&advice, SLAB_KIND_SLUB, true);
	expect_str_eq(advice.baseline.what.model, "slub");
	expect_true(find(&advice, "slub", "slub.max_order=0") != NULL);
	expect_true(find(&advice, "slab", "") != NULL);
	expect_true(find(&advice, "slob", "") != NULL);
	expect_true(find(&advice, "slub", "") == NULL);
	expect_true(find(&advice, "slub", "slub.merge=1") == NULL);
	advice_fini(&advice);
	plan(&advice, SLAB_KIND_SLUB, false);
	expect_true(find(&advice, "slub", "slub.merge=1") != NULL);
	advice_fini(&advice);
	/* SLUB's settings say nothing about another allocator. */
	plan(&advice, SLAB_KIND_SLAB, false);
	expect_str_eq(advice.baseline.what.model, "slab");
	expect_true(find(&advice, "slub", "") != NULL);
	for (size_t i = 0; i < advice.count; i++)
		expect_true(strncmp(advice.rows[i].what.setting, "slub.", 5) !=
			    0);
	advice_fini(&advice);
}

static void size_add(uint64_t site, uint32_t bytes, uint64_t objects)
{
	static struct live_size rows[8];

	sizes.rows = rows;
	rows[sizes.count++] =
	    (struct live_size){.call_site = site,
			       .bytes_req = bytes,
			       .bytes_alloc = bytes <= 8    ? 8
					      : bytes <= 64 ? 64
							    : 128,
			       .objects = objects};
}

/* Sites by waste, of one size only, in words that lead back to them. */
static void test_plan_sizes(void **state)
{
	struct advice advice;
	size_t sites = 0;

	(void)state;
	size_add(0x1010, 72, 10);
	size_add(0x2010, 40, 3); /* the second function of that name */
	size_add(0x3010, 16, 5); /* a name for no shell */
	size_add(0x1020, 9, 100);
	size_add(0x1020, 10, 100); /* two sizes */
	size_add(0x1030, 64, 100); /* no waste */
	size_add(0x1040, 9, 0);	   /* nothing live at the peak */
	for (uint64_t i = 1; i <= 2; i++)
		assert_int_equal(symbols_add(&symbols, i << 12, "twice", NULL),
				 0);
	assert_int_equal(symbols_add(&symbols, 0x3000, "$(reboot)\";", NULL),
			 0);
	symbols_sort(&symbols);
	plan(&advice, SLAB_KIND_SLUB, true);
	for (size_t i = 0; i < advice.count; i++)
		sites += advice.rows[i].what.kind == ADVICE_CACHE;
	expect_u64_eq(sites, 3);
	expect_true(find(&advice, "slub", "cache.at=twice+0x10:72") != NULL);
	expect_true(find(&advice, "slub", "cache.at=0x2010:40") != NULL);
	expect_true(find(&advice, "slub", "cache.at=0x3010:16") != NULL);
	/* Of 10900 + 240 + 72 + 560 bytes wasted the best take most away. */
	expect_true(find(&advice, "slub", "kmalloc.classes=16") != NULL);
	expect_true(find(&advice, "slub", "kmalloc.classes=16,72") != NULL);
	expect_true(find(&advice, "slub", "kmalloc.classes=16,40,72") != NULL);
	advice_fini(&advice);
	symbols_fini(&symbols);
	sizes = (struct live_sizes){0};
}

static struct advice_row made(const char *setting, uint64_t peak, uint64_t end,
			      uint64_t free_end)
{
	struct advice_row row = {.what = {.kind = ADVICE_SLUB},
				 .outcome = {.held_peak = peak,
					     .held_end = end,
					     .free_end = free_end,
					     .has_free = true}};

	strcpy(row.what.model, "slub");
	strcpy(row.what.setting, setting);
	return row;
}

static void test_rank(void **state)
{
	static const char *const want[] = {"peak", "end",   "free",	 "a",
					   "b",	   "worse", "impossible"};
	struct advice_row rows[] = {
	    made("worse", 1010, 900, 0), made("b", 1000, 900, 50),
	    made("impossible", 0, 0, 0), made("free", 1000, 900, 60),
	    made("end", 1000, 890, 0),	 made("a", 1000, 900, 50),
	    made("peak", 980, 950, 0),
	};
	struct advice advice = {.rows = rows,
				.count = 7,
				.baseline = made("", 1000, 900, 50),
				.error = -10,
				.has_error = true,
				.page_size = 4096};
	struct table tables[2];

	(void)state;
	strcpy(rows[2].outcome.why_not, "<b>no</b>");
	advice_rank(&advice);
	for (int i = 0; i < 7; i++)
		expect_str_eq(advice.rows[i].what.setting, want[i]);
	expect_i64_eq(advice.rows[0].saved_peak, 20);
	expect_i64_eq(advice.rows[0].saved_end, -50);
	expect_i64_eq(advice.rows[5].saved_peak, -10);
	/* Ten pages are the error, on either side. */
	expect_true(!advice_within_error(&advice, &advice.rows[0]));
	expect_true(advice_within_error(&advice, &advice.rows[1]));
	expect_true(advice_within_error(&advice, &advice.rows[2]));
	advice_tables(&advice, tables);
	for (int i = 0; i < 2; i++)
		assert_int_equal(table_status(&tables[i], NULL), 0);
	assert_int_equal((int)tables[0].row_count, 1);
	assert_int_equal((int)tables[1].row_count, 7);
	expect_i64_eq(table_cell(&tables[1], 0, 4)->as.number, -50 * 4096);
	expect_str_eq(table_text_at(&tables[1], table_cell(&tables[1], 1, 5)),
		      "no");
	assert_int_equal(table_cell(&tables[1], 6, 2)->kind, CELL_NONE);
	expect_str_eq(table_note_at(&tables[1], 0),
		      "--set impossible was not replayed: <b>no</b>");
	table_fini(&tables[0]);
	table_fini(&tables[1]);
}

static struct advice_row resized(const char *setting, uint32_t page_size,
				 uint64_t user_pages)
{
	struct advice_row row = made(setting, 0, 0, 0);

	row.what.kind = ADVICE_PAGE_SIZE;
	row.what.page_size = page_size;
	row.outcome.user_pages = user_pages;
	return row;
}

/* Of a row: -1 where it is not known. */
static int64_t users(const struct advice *advice, size_t row, const char *name)
{
	struct table tables[2];
	const struct table_cell *cell;
	unsigned int column = 0;
	int64_t number;

	advice_tables(advice, tables);
	while (strcmp(tables[1].columns[column].name, name) != 0)
		column++;
	cell = table_cell(&tables[1], row, column);
	number = cell->kind == CELL_NONE ? -1 : cell->as.number;
	table_fini(&tables[0]);
	table_fini(&tables[1]);
	return number;
}

/* Of 100 pages 30 were counted: they take 9 of 16 KiB, 4 of 64 KiB. */
static void test_count_users(void **state)
{
	struct advice_row rows[] = {
	    resized("page_size=16K", 16384, 400),
	    resized("page_size=64K", 65536, 1600),
	    made("slub.max_order=0", 0, 0, 0),
	};
	struct advice advice = {.rows = rows, .count = 3, .page_size = 4096};
	struct user_pages pages = {.sizes = {16384, 65536}};

	(void)state;
	advice.baseline.outcome.user_pages = 100;
	rows[2].outcome.user_pages = 100;
	advice_count_users(&advice, &pages);
	expect_u64_eq(rows[1].outcome.user_pages, 1600);
	expect_i64_eq(users(&advice, 1, "user_pages_exact"), -1);
	expect_i64_eq(users(&advice, 1, "user_pages_bound"), 1500);
	expect_i64_eq(users(&advice, 2, "user_pages_bound"), -1);
	pages.small.end = 30;
	pages.large[0].end = 9;
	pages.large[1].end = 4;
	advice_count_users(&advice, &pages);
	expect_u64_eq(rows[0].outcome.user_pages, 70 * 4 + 9 * 4);
	expect_u64_eq(rows[1].outcome.user_pages, 70 * 16 + 4 * 16);
	expect_u64_eq(rows[2].outcome.user_pages, 100);
	expect_i64_eq(users(&advice, 1, "user_pages_exact"), 4 * 16 - 30);
	expect_i64_eq(users(&advice, 1, "user_pages_bound"), 70 * 15);
	/* All of them; and more than the replay knows of. */
	for (uint64_t more = 100; more < 200; more += 50) {
		rows[1].outcome.user_pages = 1600;
		pages.small.end = more;
		advice_count_users(&advice, &pages);
		expect_u64_eq(rows[1].outcome.user_pages, 4 * 16);
		expect_i64_eq(users(&advice, 1, "user_pages_exact"),
			      4 * 16 - 100);
		expect_i64_eq(users(&advice, 1, "user_pages_bound"), 0);
	}
}

static void test_command(void **state)
{
	struct advice advice = {0};
	struct advice_row row = made("slub.max_order=1", 0, 0, 0);
	char text[ADVICE_COMMAND_MAX];

	(void)state;
	strcpy(advice.baseline.what.model, "slub");
	expect_str_eq(advice_command(&advice, &row, text),
		      "--set slub.max_order=1");
	strcpy(advice.baseline.what.model, "slab");
	strcpy(row.what.model, "slab");
	strcpy(row.what.setting, "kmalloc.classes=320");
	expect_str_eq(advice_command(&advice, &row, text),
		      "--model slab --set kmalloc.classes=320");
	row.what.kind = ADVICE_ALLOCATOR;
	row.what.setting[0] = 0;
	expect_str_eq(advice_command(&advice, &row, text), "--model slab");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plan),    cmocka_unit_test(test_plan_sizes),
	    cmocka_unit_test(test_rank),    cmocka_unit_test(test_count_users),
	    cmocka_unit_test(test_command),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
