/*
 * diff: what counts as a change, how rows are matched, and random rows against
 * a plain recount.
 */
#include "analysis/diff.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/event.h"
#include "tests/support/long_run.h"
#include "tests/support/test.h"

enum { ROWS_MAX = 64 };

struct bed {
	struct trace traces[2];
	struct site_summary sites[2][ROWS_MAX];
	size_t counts[2];
	struct diff_result result;
};

static int bed_init(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	assert_non_null(bed);
	for (int i = 0; i < 2; i++) {
		struct trace *trace = &bed->traces[i];

		trace->last_ts_ns = 2000000000;
		strcpy(trace->info.release, "6.1.0");
		assert_int_equal(
		    symbols_add(&trace->symbols, 0x1000, "one", NULL), 0);
		assert_int_equal(
		    symbols_add(&trace->symbols, 0x2000, "two", NULL), 0);
		symbols_sort(&trace->symbols);
	}
	*state = bed;
	return 0;
}

static int bed_fini(void **state)
{
	struct bed *bed = *state;

	diff_fini(&bed->result);
	trace_fini(&bed->traces[0]);
	trace_fini(&bed->traces[1]);
	free(bed);
	return 0;
}

/* A kmalloc-64 of 48 bytes each at a call site; live of them are not freed. */
static struct site_summary *add(struct bed *bed, int side, uint64_t call_site,
				uint64_t allocs, uint64_t live)
{
	struct site_summary *sum = &bed->sites[side][bed->counts[side]++];

	assert_true(bed->counts[side] <= ROWS_MAX);
	*sum = (struct site_summary){.call_site = call_site,
				     .kind = EV_KMALLOC,
				     .bytes_each = 64,
				     .allocs = allocs,
				     .frees = allocs - live,
				     .bytes_req = allocs * 48,
				     .bytes_alloc = allocs * 64,
				     .bytes_req_freed = (allocs - live) * 48,
				     .bytes_alloc_freed = (allocs - live) * 64};
	return sum;
}

static void make(struct bed *bed, double percent)
{
	struct diff_side sides[2];

	for (int i = 0; i < 2; i++)
		sides[i] = (struct diff_side){&bed->traces[i], bed->sites[i],
					      bed->counts[i]};
	diff_fini(&bed->result);
	assert_int_equal(
	    diff_make(&bed->result, &sides[0], &sides[1], percent, NULL), 0);
}

static const struct diff_row *row(const struct bed *bed, enum diff_kind kind,
				  const char *name)
{
	for (size_t i = 0; i < bed->result.row_count; i++)
		if (bed->result.rows[i].kind == kind &&
		    !strcmp(
			names_get(&bed->result.names, bed->result.rows[i].name),
			name))
			return &bed->result.rows[i];
	return NULL;
}

static uint32_t changed(const struct bed *bed, const char *caller)
{
	const struct diff_row *found = row(bed, DIFF_CALLERS, caller);

	assert_non_null(found);
	return found->changed;
}

enum {
	FLOWS = 1u << DIFF_ALLOCS | 1u << DIFF_BYTES | 1u << DIFF_WASTE,
	LIVE = 1u << DIFF_LIVE
};

static void test_equal(void **state)
{
	struct bed *bed = *state;

	for (int side = 0; side < 2; side++) {
		add(bed, side, 0x1010, 1000, 10);
		add(bed, side, 0x2020, 5, 5);
	}
	make(bed, 0);
	expect_u64_eq(bed->result.changed_count, 0);
	expect_u64_eq(bed->result.row_count, 3); /* two sites, one cache */
	expect_true(bed->result.scale == 1 && bed->result.by_offset);
}

/* 10000 + 12.3 %: beyond 10 %, not beyond 13 %. */
static void test_percent(void **state)
{
	struct bed *bed = *state;

	add(bed, 0, 0x1010, 10000, 0);
	add(bed, 1, 0x1010, 11230, 0);
	make(bed, 13);
	expect_u64_eq(changed(bed, "one+0x10"), 0);
	make(bed, 10);
	expect_u64_eq(changed(bed, "one+0x10"), FLOWS);
	expect_true(row(bed, DIFF_CALLERS, "one+0x10")->weight == 1230 * 64);
}

/* Three standard deviations of 100 and 147 draws are 47. */
static void test_deviations(void **state)
{
	struct bed *bed = *state;

	add(bed, 0, 0x1010, 100, 0);
	add(bed, 1, 0x1010, 146, 0); /* 46 against 47.05 */
	make(bed, 10);
	expect_u64_eq(changed(bed, "one+0x10"), 0);
	bed->counts[1] = 0;
	add(bed, 1, 0x1010, 148, 0); /* 48 against 47.2 */
	make(bed, 10);
	expect_true(changed(bed, "one+0x10") & 1u << DIFF_ALLOCS);
	/* New: nine are none, ten are. */
	bed->counts[0] = bed->counts[1] = 0;
	add(bed, 1, 0x1010, 9, 9);
	add(bed, 1, 0x2020, 10, 10);
	make(bed, 10);
	expect_u64_eq(changed(bed, "one+0x10"), 0);
	expect_u64_eq(changed(bed, "two+0x20"), FLOWS | LIVE);
}

/* The same work in its own time, or as much as in the other's time. */
static void test_scale(void **state)
{
	struct bed *bed = *state;

	bed->traces[1].last_ts_ns = 4000000000;
	add(bed, 0, 0x1010, 10000, 10000);
	add(bed, 1, 0x1010, 20000, 10000);
	make(bed, 10);
	expect_true(bed->result.scale == 2);
	expect_u64_eq(changed(bed, "one+0x10"), 0);
	for (int i = 0; i < 2; i++)
		strcpy(bed->traces[i].info.command, "make -j4");
	make(bed, 10);
	expect_true(bed->result.scale == 1);
	expect_u64_eq(changed(bed, "one+0x10"), FLOWS);
}

/* Another kernel: the sites of a function are one. */
static void test_releases(void **state)
{
	struct bed *bed = *state;

	strcpy(bed->traces[1].info.release, "6.12.0");
	add(bed, 0, 0x1010, 1000, 0);
	add(bed, 0, 0x1020, 2000, 0);
	add(bed, 1, 0x1044, 3000, 0);
	make(bed, 10);
	expect_true(!bed->result.by_offset);
	expect_u64_eq(changed(bed, "one"), 0);
	expect_u64_eq(row(bed, DIFF_CALLERS, "one")->a[DIFF_ALLOCS], 3000);
	strcpy(bed->traces[1].info.release, "6.1.0");
	make(bed, 10);
	expect_u64_eq(changed(bed, "one+0x44"), FLOWS);
	/* The cache of all three is the same. */
	expect_u64_eq(row(bed, DIFF_CACHES, "kmalloc-64")->changed, 0);
}

/* Pages, and what the recorder did itself. */
static void test_kinds(void **state)
{
	struct bed *bed = *state;
	struct site_summary *sum;

	add(bed, 1, 0x1010, 1000, 0)->self = true;
	sum = add(bed, 1, 0, 1000, 1000);
	sum->kind = EV_PAGE_ALLOC;
	sum->order = 3;
	sum->migratetype = 1;
	make(bed, 10);
	expect_u64_eq(bed->result.row_count, 1);
	assert_non_null(row(bed, DIFF_PAGES, "order 3, Movable, direct"));
}

/* ---- Random rows ---- */

static uint64_t next(uint64_t *seed, uint64_t limit)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (*seed >> 33) % limit;
}

static double value(const struct bed *bed, int side, uint64_t site, int measure)
{
	double sum = 0;

	for (size_t i = 0; i < bed->counts[side]; i++) {
		const struct site_summary *s = &bed->sites[side][i];
		double values[DIFF_MEASURES] = {
		    (double)s->allocs, (double)s->bytes_alloc,
		    (double)(s->bytes_alloc - s->bytes_req),
		    (double)(s->bytes_alloc - s->bytes_alloc_freed)};

		if (s->call_site == site && !s->self)
			sum += values[measure];
	}
	return sum;
}

static void recount(const struct bed *bed, uint64_t site, const char *name,
		    double percent)
{
	const struct diff_row *found = row(bed, DIFF_CALLERS, name);

	for (int m = 0; m < DIFF_MEASURES; m++) {
		double a = value(bed, 0, site, m), b = value(bed, 1, site, m);
		double live_a = value(bed, 0, site, DIFF_LIVE) / 64;
		double live_b = value(bed, 1, site, DIFF_LIVE) / 64;
		double na = m == DIFF_LIVE ? live_a : value(bed, 0, site, 0);
		double nb = m == DIFF_LIVE ? live_b : value(bed, 1, site, 0);
		double noise = 3 * sqrt((na > 0 ? a * a / na : 0) +
					(nb > 0 ? b * b / nb : 0));
		bool want =
		    fabs(a - b) > noise && fabs(a - b) > a * percent / 100;

		if (!found) {
			assert_true(a == 0 && b == 0);
			continue;
		}
		assert_true((double)found->a[m] == a);
		assert_true((double)found->b[m] == b);
		assert_int_equal((found->changed >> m) & 1, want);
	}
}

static void test_random(void **state)
{
	static const char *const names[] = {"one",     "one+0x1", "one+0x2",
					    "one+0x3", "one+0x4", "one+0x5"};
	struct bed *bed = *state;
	uint64_t seed = long_run_seed(3);

	for (int round = 0; round < 300; round++) {
		double percent = (double)next(&seed, 40);

		for (int side = 0; side < 2; side++) {
			bed->counts[side] = 0;
			for (int i = 0; i < 12; i++) {
				uint64_t allocs =
				    1 + next(&seed, 1u << next(&seed, 14));

				add(bed, side, 0x1001 + next(&seed, 5), allocs,
				    next(&seed, allocs + 1))
				    ->self = next(&seed, 10) == 0;
			}
		}
		make(bed, percent);
		for (uint64_t i = 1; i < 6; i++)
			recount(bed, 0x1000 + i, names[i], percent);
		for (size_t i = 1; i < bed->result.row_count; i++)
			assert_true(bed->result.rows[i].weight <=
				    bed->result.rows[i - 1].weight);
	}
}

static void test_tables(void **state)
{
	struct bed *bed = *state;
	struct replay_result a = {.model = "slub", .slab_pages_end = 100};
	struct replay_result b = {.model = "slub", .slab_pages_end = 115};
	struct diff_runs pair = {&a, &b};
	struct table table = {0};
	size_t count;

	add(bed, 1, 0x1010, 1000, 0);
	make(bed, 10);
	for (int kind = 0; kind < DIFF_KINDS; kind++) {
		diff_table(&bed->result, (enum diff_kind)kind, &table);
		assert_int_equal(table_status(&table, NULL), 0);
		expect_u64_eq(table.row_count, kind != DIFF_PAGES);
		table_fini(&table);
	}
	diff_runs_table(&pair, 1, 10, &table, &count);
	assert_int_equal(table_status(&table, NULL), 0);
	expect_u64_eq(count, 1);
	expect_u64_eq(table.row_count, 1);
	table_fini(&table);
	diff_runs_table(&pair, 1, 15, &table, &count);
	expect_u64_eq(count, 0);
	table_fini(&table);
}

int main(void)
{
#define bed_test(test) cmocka_unit_test_setup_teardown(test, bed_init, bed_fini)
	const struct CMUnitTest tests[] = {
	    bed_test(test_equal),      bed_test(test_percent),
	    bed_test(test_deviations), bed_test(test_scale),
	    bed_test(test_releases),   bed_test(test_kinds),
	    bed_test(test_random),     bed_test(test_tables),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
