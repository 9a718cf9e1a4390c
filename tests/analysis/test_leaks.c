/*
 * leaks: random traces against a plain recount, a planted leak in noise, and
 * each factor of the confidence on its own.
 */
#include "analysis/leaks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/long_run.h"
#include "tests/support/test.h"

enum { OBJECTS = 4000, SITES = 8, PAGE = 4096, MS = 1000000 };

/* An object of a made trace; end_ns 0: never freed. */
struct object {
	uint64_t site, bytes, start_ns, end_ns;
	bool implicit;
};

struct bed {
	struct trace trace;
	struct leaks_options options;
	struct object objects[OBJECTS];
	size_t object_count;
	uint64_t seed;
	struct leak_row *rows;
	size_t row_count;
};

static int bed_init(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	assert_non_null(bed);
	bed->trace.info.page_size = PAGE;
	bed->trace.info.linked = true;
	bed->trace.info.gfp.reclaimable = 0x10;
	bed->trace.info.gfp.movable = 0x08;
	bed->options =
	    (struct leaks_options){.trace = &bed->trace, .to_ns = UINT64_MAX};
	bed->seed = long_run_seed(2);
	*state = bed;
	return 0;
}

static int bed_fini(void **state)
{
	struct bed *bed = *state;

	free(bed->rows);
	trace_fini(&bed->trace);
	free(bed);
	return 0;
}

static uint64_t random_below(struct bed *bed, uint64_t limit)
{
	bed->seed = bed->seed * 6364136223846793005u + 1442695040888963407u;
	return (bed->seed >> 33) % limit;
}

static struct object *add(struct bed *bed, uint64_t site, uint64_t bytes,
			  uint64_t start_ns, uint64_t end_ns)
{
	struct object *object = &bed->objects[bed->object_count++];

	assert_true(bed->object_count <= OBJECTS);
	*object = (struct object){site, bytes, start_ns, end_ns, false};
	return object;
}

static int by_time(const void *a, const void *b)
{
	const struct kmem_event *x = a, *y = b;

	return x->ts_ns < y->ts_ns ? -1 : x->ts_ns > y->ts_ns;
}

/* Feeds all objects as events in the order of time, in uneven batches. */
static void play(struct bed *bed)
{
	struct kmem_event *events = calloc(2 * OBJECTS, sizeof(*events));
	struct leaks_sink *sink = NULL;
	size_t count = 0, at = 0;

	assert_non_null(events);
	for (size_t i = 0; i < bed->object_count; i++) {
		const struct object *object = &bed->objects[i];
		struct kmem_event ev = {.kind = EV_KMALLOC,
					.ts_ns = object->start_ns,
					.call_site = object->site,
					.bytes_req = object->bytes,
					.bytes_alloc = object->bytes,
					.object = i + 1,
					.slot = (uint32_t)i};

		events[count++] = ev;
		ev.kind = EV_KFREE;
		ev.ts_ns = object->end_ns;
		ev.flags = object->implicit ? EVF_SYNTHETIC : 0;
		if (object->end_ns)
			events[count++] = ev;
	}
	qsort(events, count, sizeof(*events), by_time);
	assert_int_equal(leaks_open(&sink, &bed->options, NULL), 0);
	while (at < count) {
		size_t batch = 1 + (size_t)random_below(bed, 300);

		batch = batch < count - at ? batch : count - at;
		assert_int_equal(leaks_feed(sink, events + at, batch, NULL), 0);
		at += batch;
	}
	free(bed->rows);
	assert_int_equal(leaks_rows(sink, &bed->rows, &bed->row_count, NULL),
			 0);
	leaks_close(sink);
	free(events);
}

static const struct leak_row *row_of(const struct bed *bed, uint64_t site)
{
	for (size_t i = 0; i < bed->row_count; i++)
		if (bed->rows[i].call_site == site)
			return &bed->rows[i];
	return NULL;
}

/* ---- A plain recount ---- */

static bool in_window(const struct bed *bed, const struct object *object)
{
	return object->start_ns >= bed->options.from_ns &&
	       object->start_ns <= bed->options.to_ns;
}

/* First and last moment: of the events in the window, and of all. */
static void moments(const struct bed *bed, uint64_t *first, uint64_t *last,
		    uint64_t *end)
{
	*first = UINT64_MAX;
	*last = *end = 0;
	for (size_t i = 0; i < 2 * bed->object_count; i++) {
		const struct object *object = &bed->objects[i / 2];
		uint64_t ts = i % 2 ? object->end_ns : object->start_ns;

		if (!ts)
			continue;
		*end = ts > *end ? ts : *end;
		if (ts < bed->options.from_ns || ts > bed->options.to_ns)
			continue;
		*first = ts < *first ? ts : *first;
		*last = ts > *last ? ts : *last;
	}
}

/* Bytes of the site that live after that moment. */
static double live_at(const struct bed *bed, uint64_t site, uint64_t ts_ns)
{
	double bytes = 0;

	for (size_t i = 0; i < bed->object_count; i++) {
		const struct object *object = &bed->objects[i];

		if (object->site == site && in_window(bed, object) &&
		    object->start_ns <= ts_ns &&
		    (!object->end_ns || object->end_ns > ts_ns))
			bytes += (double)object->bytes;
	}
	return bytes;
}

/* Two passes: means first, then the sums of squares around them. */
static void recount_line(const struct bed *bed, const struct leak_row *row)
{
	uint64_t first, last, end, step = MS;
	double t[LEAK_STEPS + 1] = {0}, y[LEAK_STEPS + 1] = {0};
	double mt = 0, my = 0, tt = 0, yy = 0, ty = 0, ups = 0;
	size_t n;

	moments(bed, &first, &last, &end);
	while ((last - first) / step >= LEAK_STEPS)
		step *= 2;
	n = (size_t)((last - first) / step) + 2;
	for (size_t i = 1; i < n; i++) {
		uint64_t stop = first + i * step;

		t[i] = (double)((stop < last ? stop : last) - first) / 1e9;
		stop = stop - 1 < last ? stop - 1 : last;
		y[i] = live_at(bed, row->call_site, stop);
		ups += fabs(y[i] - y[i - 1]);
	}
	for (size_t i = 0; i < n; i++) {
		mt += t[i] / (double)n;
		my += y[i] / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		tt += (t[i] - mt) * (t[i] - mt);
		yy += (y[i] - my) * (y[i] - my);
		ty += (t[i] - mt) * (y[i] - my);
	}
	if (tt > 0 && yy > 0) {
		assert_true(fabs(row->bytes_per_s - ty / tt) <=
			    1e-6 * fabs(ty / tt) + 1e-6);
		assert_true(fabs(row->factors.steady -
				 (ty > 0 ? ty * ty / tt / yy : 0)) < 1e-6);
	}
	assert_true(fabs(row->monotone - (ups > 0 ? y[n - 1] / ups : 0)) <
		    1e-9);
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void recount_ages(const struct bed *bed, const struct leak_row *row,
			 uint64_t end, uint64_t first)
{
	uint64_t ages[OBJECTS], old = 0, old_bytes = 0, edge_bytes = 0;
	size_t count = 0;

	for (size_t i = 0; i < bed->object_count; i++) {
		const struct object *object = &bed->objects[i];
		uint64_t age = end - object->start_ns;

		if (object->site != row->call_site || object->end_ns ||
		    !in_window(bed, object))
			continue;
		ages[count++] = age;
		edge_bytes += age < (end - first) / 20 ? object->bytes : 0;
		if (row->frees && age <= row->lifetime_p99_ns)
			continue;
		old++;
		old_bytes += object->bytes;
	}
	qsort(ages, count, sizeof(*ages), by_value);
	expect_u64_eq(row->live, count);
	expect_u64_eq(row->old, old);
	expect_u64_eq(row->old_bytes, old_bytes);
	expect_u64_eq(row->edge_bytes, edge_bytes);
	expect_u64_eq(row->age_oldest_ns, count ? ages[count - 1] : 0);
	expect_u64_eq(row->age_median_ns, count ? ages[count / 2] : 0);
}

static void recount(const struct bed *bed)
{
	uint64_t first, last, end;

	moments(bed, &first, &last, &end);
	for (size_t r = 0; r < bed->row_count; r++) {
		const struct leak_row *row = &bed->rows[r];
		uint64_t allocs = 0, frees = 0, implicit = 0, live_bytes = 0;

		for (size_t i = 0; i < bed->object_count; i++) {
			const struct object *object = &bed->objects[i];

			if (object->site != row->call_site ||
			    !in_window(bed, object))
				continue;
			allocs++;
			frees += object->end_ns != 0;
			implicit += object->end_ns && object->implicit;
			live_bytes += object->end_ns ? 0 : object->bytes;
		}
		expect_u64_eq(row->allocs, allocs);
		expect_u64_eq(row->frees, frees);
		expect_u64_eq(row->implicit_frees, implicit);
		expect_u64_eq(row->live_bytes, live_bytes);
		recount_ages(bed, row, end, first);
		recount_line(bed, row);
		assert_true(r == 0 || row->score <= bed->rows[r - 1].score);
	}
}

static void random_objects(struct bed *bed, uint64_t span_ns)
{
	bed->object_count = 0;
	for (int i = 0; i < OBJECTS / 4; i++) {
		uint64_t start = 1000 + random_below(bed, span_ns);
		uint64_t life = 1 + random_below(bed, span_ns / 3);
		uint64_t site = 0xff00 + random_below(bed, SITES);
		struct object *object =
		    add(bed, site, 8ull << random_below(bed, 8), start,
			start + life);

		object->implicit = random_below(bed, 9) == 0;
		if (random_below(bed, 4) == 0)
			object->end_ns = 0;
	}
}

static void test_random(void **state)
{
	static const uint64_t spans[] = {40 * (uint64_t)MS, 70 * (uint64_t)MS,
					 3000 * (uint64_t)MS,
					 90000 * (uint64_t)MS};
	struct bed *bed = *state;

	for (int i = 0; i < 4; i++) {
		random_objects(bed, spans[i]);
		bed->options.from_ns = 0;
		bed->options.to_ns = UINT64_MAX;
		play(bed);
		expect_u64_eq(bed->row_count, SITES);
		recount(bed);
		bed->options.from_ns = spans[i] / 5;
		bed->options.to_ns = spans[i] / 2;
		play(bed);
		recount(bed);
	}
}

/*
 * One in fifty of a busy call site's objects is lost. Beside it: a table filled
 * at the start, a cache filled in the last twentieth, a queue that rises and
 * falls, and a working set that turns over; each holds more bytes at the end.
 */
static void test_planted(void **state)
{
	enum { STEPS = 500 };
	const uint64_t step = 10 * (uint64_t)MS;
	struct bed *bed = *state;

	for (uint64_t i = 0; i < STEPS; i++) {
		uint64_t now = 1000 + i * step;

		for (uint64_t k = 0; k < 5; k++)
			add(bed, 0x1eac, 256, now + k,
			    (i * 5 + k) % 50 ? now + MS : 0);
		if (i < 20)
			add(bed, 0x57a7, 512, now, 0);
		if (i >= STEPS - STEPS / 20)
			add(bed, 0xed9e, 512, now, 0);
		add(bed, 0x9e9e, 1024, now,
		    i % 100 < 90 ? (i / 100 * 100 + 90) * step : 0);
	}
	/* The queue's last fall is yet to come: half of it lives. */
	for (uint64_t i = 0; i < 40; i++)
		add(bed, 0x3e70, 512, 1000 + i * 12 * step,
		    i < 30 ? 1000 + (i + 10) * 12 * step : 0);
	play(bed);
	recount(bed);
	expect_u64_eq(bed->rows[0].call_site, 0x1eac);
	expect_u64_eq(bed->rows[0].old, STEPS * 5 / 50);
	assert_true(bed->rows[0].factors.steady > 0.9);
	assert_true(bed->rows[0].confidence > 0.7);
}

/* A leak of 40 objects in as many steps; what the factors make of it. */
static const struct leak_row *steady_leak(struct bed *bed)
{
	bed->object_count = 0;
	for (uint64_t i = 0; i < 40; i++)
		add(bed, 7, 64, 1000 + i * MS, 0);
	add(bed, 8, 64, 1000, 1000 + 40 * (uint64_t)MS);
	play(bed);
	assert_non_null(row_of(bed, 7));
	return row_of(bed, 7);
}

static void test_factors(void **state)
{
	struct bed *bed = *state;
	const struct leak_row *row = steady_leak(bed);

	assert_true(row->factors.steady > 0.99);
	assert_true(row->factors.edge == 1 && row->factors.loss == 1);
	assert_true(row->factors.linked == 1 && row->factors.traced == 1);
	assert_true(fabs(row->factors.samples - 0.8) < 1e-9);
	assert_true(row->factors.kept == 1);
	assert_true(fabs(row->confidence - 0.8 * row->factors.steady) < 1e-9);
	expect_u64_eq(row->lifetime_p99_ns, 0);

	/* 42 events and 14 lost ones: a quarter of the frees would be too. */
	bed->trace.anomalies.count[ANOMALY_LOST_EVENTS] = 14;
	row = steady_leak(bed);
	assert_true(fabs(row->factors.loss - 0.75) < 1e-9);
	bed->trace.anomalies.count[ANOMALY_LOST_EVENTS] = 0;
	bed->trace.anomalies.count[ANOMALY_GAP] = 14;
	assert_true(fabs(steady_leak(bed)->factors.loss - 0.75) < 1e-9);
	bed->trace.anomalies.count[ANOMALY_GAP] = 0;

	bed->trace.info.linked = false;
	assert_true(steady_leak(bed)->factors.linked == 0.5);
	bed->trace.info.linked = true;
}

static void test_traced(void **state)
{
	struct bed *bed = *state;

	for (uint64_t i = 0; i < 40; i++)
		add(bed, 7, 64, 1000 + i * MS, i % 2 ? 2000 + i * MS : 0)
		    ->implicit = i % 8 == 1;
	play(bed);
	expect_u64_eq(bed->rows[0].implicit_frees, 5);
	assert_true(fabs(bed->rows[0].factors.traced - 0.75) < 1e-9);
}

/* All within the last 20th of the trace: no confidence at all. */
static void test_edge(void **state)
{
	struct bed *bed = *state;

	add(bed, 8, 64, 1000, 1000 + 99 * (uint64_t)MS);
	for (uint64_t i = 0; i < 40; i++)
		add(bed, 7, 64, 96 * (uint64_t)MS + i * MS / 20, 0);
	play(bed);
	expect_u64_eq(bed->rows[0].call_site, 7);
	assert_true(bed->rows[0].factors.edge == 0);
	assert_true(bed->rows[0].confidence == 0);
}

/* ---- Pages, pieces, duplicates, the recorder ---- */

static void feed(struct leaks_sink *sink, struct kmem_event ev)
{
	assert_int_equal(leaks_feed(sink, &ev, 1, NULL), 0);
}

static void test_pages(void **state)
{
	struct bed *bed = *state;
	struct leaks_sink *sink = NULL;
	struct kmem_event ev = {.kind = EV_PAGE_ALLOC,
				.ts_ns = 10,
				.order = 2,
				.pid = 42,
				.gfp_flags = 0x08,
				.object = 1};
	uint32_t comm = 0;

	assert_int_equal(names_intern(&bed->trace.names, "dd", 2, &comm), 0);
	assert_int_equal(map_put(&bed->trace.comms, 42, comm), 0);
	assert_int_equal(leaks_open(&sink, &bed->options, NULL), 0);
	feed(sink, ev);
	/* The same task's next, which backs a slab, is no object of its own. */
	ev.object = 2;
	ev.slot = 1;
	ev.flags = EVF_BACKS_SLAB;
	feed(sink, ev);
	ev = (struct kmem_event){.kind = EV_PAGE_FREE,
				 .ts_ns = 20,
				 .object = 1,
				 .flags = EVF_SPLIT | EVF_BLOCK_LIVES};
	feed(sink, ev);
	assert_int_equal(leaks_rows(sink, &bed->rows, &bed->row_count, NULL),
			 0);
	leaks_close(sink);
	expect_u64_eq(bed->row_count, 1);
	expect_true(bed->rows[0].pages);
	expect_u64_eq(bed->rows[0].comm, comm);
	expect_u64_eq(bed->rows[0].live_bytes, 3 * PAGE);
	expect_u64_eq(bed->rows[0].allocs, 1);
	expect_true(bed->rows[0].factors.kept == 0.1);
}

static void test_moves(void **state)
{
	struct bed *bed = *state;
	struct leaks_sink *sink = NULL;
	struct kmem_event ev = {.kind = EV_KMALLOC,
				.ts_ns = 10,
				.call_site = 1,
				.bytes_alloc = 8192,
				.flags = EVF_LARGE,
				.object = 1};

	assert_int_equal(leaks_open(&sink, &bed->options, NULL), 0);
	feed(sink, ev);
	ev.call_site = 2;
	ev.flags |= EVF_DUPLICATE;
	feed(sink, ev);
	/* The recorder's own is left out. */
	ev = (struct kmem_event){.kind = EV_KMALLOC,
				 .ts_ns = 11,
				 .call_site = 3,
				 .bytes_alloc = 64,
				 .flags = EVF_SELF,
				 .object = 2,
				 .slot = 1};
	feed(sink, ev);
	assert_int_equal(leaks_rows(sink, &bed->rows, &bed->row_count, NULL),
			 0);
	leaks_close(sink);
	expect_u64_eq(bed->row_count, 1);
	expect_u64_eq(bed->rows[0].call_site, 2);
	expect_u64_eq(bed->rows[0].live_bytes, 8192);
}

/* Tables: both kinds, numbered on, with as many factors. */
static void test_tables(void **state)
{
	struct bed *bed = *state;
	struct leak_row rows[3] = {{.call_site = 1, .kind = EV_KMALLOC},
				   {.pages = true, .gfp_flags = 0x08},
				   {.call_site = 2, .kind = EV_CACHE_ALLOC}};
	struct table tables[LEAKS_TABLES] = {0};

	leaks_tables(rows, 3, &bed->trace, 1, tables);
	for (int i = 0; i < LEAKS_TABLES; i++)
		assert_int_equal(table_status(&tables[i], NULL), 0);
	expect_u64_eq(tables[0].row_count, 1);
	expect_u64_eq(tables[0].note_count, 1);
	expect_u64_eq(tables[1].row_count, 1);
	expect_u64_eq(tables[1].note_count, 0);
	expect_u64_eq(tables[2].row_count, 2);
	expect_i64_eq(table_cell(&tables[1], 0, 0)->as.number, 2);
	expect_true(table_cell(&tables[1], 0, 1)->kind == CELL_NONE);
	for (int i = 0; i < LEAKS_TABLES; i++)
		table_fini(&tables[i]);
}

int main(void)
{
#define bed_test(test) cmocka_unit_test_setup_teardown(test, bed_init, bed_fini)
	const struct CMUnitTest tests[] = {
	    bed_test(test_random),  bed_test(test_planted),
	    bed_test(test_factors), bed_test(test_traced),
	    bed_test(test_edge),    bed_test(test_pages),
	    bed_test(test_moves),   bed_test(test_tables),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
