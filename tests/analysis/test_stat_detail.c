/*
 * Details of stat: planted peaks, wastes and lifetimes; and random traces
 * against a recount that looks at every line at every event.
 */
#include "analysis/stat_detail.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/stat_key.h"
#include "analysis/stat_view.h"
#include "tests/support/test.h"

enum { PAGE = 4096, MS = 1000000 };

static struct kmem_event object(uint64_t site, uint32_t slot, uint64_t req,
				uint64_t alloc, uint64_t ts_ns)
{
	return (struct kmem_event){.kind = EV_KMALLOC,
				   .call_site = site,
				   .addr = 0xc0000000u + slot * 64u,
				   .object = slot + 1,
				   .slot = slot,
				   .bytes_req = req,
				   .bytes_alloc = alloc,
				   .node = -1,
				   .ts_ns = ts_ns};
}

static struct kmem_event end_of(struct kmem_event made, uint64_t ts_ns,
				uint16_t cpu)
{
	made.kind = made.kind == EV_PAGE_ALLOC ? EV_PAGE_FREE : EV_KFREE;
	made.alloc_ts_ns = made.ts_ns;
	made.alloc_cpu = made.cpu;
	made.cpu = cpu;
	made.ts_ns = ts_ns;
	return made;
}

static void feed(struct stat_sink *sink, struct kmem_event ev)
{
	assert_int_equal(stat_feed(sink, &ev, 1, NULL), 0);
}

static struct stat_sink *open_detail(struct stat_options options)
{
	struct stat_sink *sink = NULL;

	options.page_size = PAGE;
	options.to_ns = UINT64_MAX;
	options.detail = true;
	assert_int_equal(stat_open(&sink, &options, NULL), 0);
	return sink;
}

/* The lines of a table, with details. The caller frees them. */
static struct stat_row *lines_of(struct stat_sink *sink, enum stat_table table,
				 bool self, size_t *count)
{
	struct stat_row *rows;
	size_t site_count;
	const struct site_summary *sites = stat_sites(sink, &site_count);

	assert_int_equal(
	    stat_fold(sites, site_count, table, self, &rows, count), 0);
	stat_attach(sink, rows, *count);
	expect_true(stat_check(sink));
	return rows;
}

/*
 * Site 1 wastes 100 at 10 ms and nothing later; site 2 wastes 60 at 20 ms and
 * 160 at 30 ms. The worst moment is 30 ms, when site 1 has 50 left.
 */
static void test_worst_moment(void **state)
{
	struct stat_sink *sink =
	    open_detail((struct stat_options){.table = STAT_CALLER});
	struct kmem_event a = object(1, 0, 78, 128, 5 * MS);
	struct kmem_event b = object(1, 1, 78, 128, 10 * MS);
	struct kmem_event c = object(2, 2, 4, 64, 20 * MS);
	struct kmem_event d = object(2, 3, 28, 128, 30 * MS);
	struct stat_row *rows;
	size_t count;

	(void)state;
	feed(sink, a);
	feed(sink, b);
	feed(sink, end_of(a, 15 * MS, 0));
	feed(sink, c);
	feed(sink, d);
	feed(sink, end_of(d, 35 * MS, 0));
	feed(sink, end_of(b, 40 * MS, 0));
	rows = lines_of(sink, STAT_CALLER, false, &count);
	expect_u64_eq(count, 2);
	expect_u64_eq(rows[0].sum.live_bytes_alloc_peak, 256);
	expect_u64_eq(rows[0].detail->peak_ns, 10 * MS);
	expect_i64_eq(rows[0].detail->waste_max, 100);
	expect_u64_eq(rows[0].detail->waste_max_ns, 10 * MS);
	expect_i64_eq(rows[0].detail->waste_at_worst, 50);
	expect_i64_eq(rows[1].detail->waste_max, 160);
	expect_i64_eq(rows[1].detail->waste_at_worst, 160);
	expect_i64_eq(stat_total(sink)->waste_max, 210);
	expect_u64_eq(stat_total(sink)->waste_max_ns, 30 * MS);
	expect_i64_eq(stat_total(sink)->live_peak, 128 + 64 + 128);
	free(rows);
	stat_close(sink);
}

/* Ten objects live 1 to 10 times 400 us, one is freed without an event. */
static void test_lifetimes(void **state)
{
	struct topology nodes = {.from = TOPOLOGY_RECORDED};
	struct stat_sink *sink;
	struct kmem_event last = object(1, 10, 8, 8, 0);
	struct stat_row *rows;
	size_t count;

	(void)state;
	assert_int_equal(topology_put(&nodes, 0, 0), 0);
	assert_int_equal(topology_put(&nodes, 1, 0), 0);
	assert_int_equal(topology_put(&nodes, 2, 1), 0);
	sink = open_detail(
	    (struct stat_options){.table = STAT_CLASS, .topology = &nodes});
	for (uint32_t i = 0; i < 10; i++) {
		struct kmem_event made = object(i, i, 8, 8, 1000);

		feed(sink, made);
		/* Freed on CPU 0 to 3: 3 to another node, 2 to nobody knows. */
		feed(sink, end_of(made, 1000 + (i + 1) * 400000ull, i % 4));
	}
	feed(sink, last);
	last = end_of(last, 5 * MS, 2);
	last.flags |= EVF_SYNTHETIC;
	feed(sink, last);
	rows = lines_of(sink, STAT_CLASS, false, &count);
	expect_u64_eq(count, 1);
	expect_u64_eq(rows[0].detail->ended, 10);
	expect_u64_eq(rows[0].detail->short_lived, 2);
	expect_u64_eq(rows[0].detail->cross_node_frees, 2);
	expect_u64_eq(rows[0].sum.cross_cpu_frees, 7);
	for (unsigned int percent = 50; percent < 100; percent += 49) {
		uint64_t want = percent == 50 ? 2 * MS : 4 * MS;
		uint64_t got =
		    lifetimes_quantile(rows[0].detail->lives, percent);

		expect_true(got >= want && got <= want + want / 8);
	}
	free(rows);
	stat_close(sink);
	topology_fini(&nodes);
}

static uint32_t no_context(void *argument, const struct kmem_event *ev)
{
	(void)argument;
	(void)ev;
	return 0;
}

/* A free of an unknown object, before anything else, shares no line. */
static void test_unknown_free_first(void **state)
{
	static const enum stat_table tables[] = {STAT_CALLER, STAT_CACHE,
						 STAT_CLASS, STAT_TASK};

	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		struct stat_sink *sink = open_detail((struct stat_options){
		    .table = tables[i],
		    .context =
			stat_table_context(tables[i]) ? no_context : NULL});
		struct kmem_event unknown = {.kind = EV_KFREE, .addr = 64};
		struct stat_row *rows;
		size_t count;

		feed(sink, unknown);
		feed(sink, object(0, 0, 8, 8, 1));
		rows = lines_of(sink, tables[i], false, &count);
		expect_u64_eq(count, 1);
		expect_true(rows[0].detail != NULL);
		free(rows);
		stat_close(sink);
	}
}

/* The recorder's own objects count only with self. */
static void test_self(void **state)
{
	(void)state;
	for (int self = 0; self < 2; self++) {
		struct stat_sink *sink = open_detail(
		    (struct stat_options){.table = STAT_CALLER, .self = self});
		struct kmem_event own = object(1, 0, 20, 64, 1);
		struct stat_row *rows;
		size_t count;

		own.flags = EVF_SELF;
		feed(sink, own);
		feed(sink, object(1, 1, 30, 32, 2));
		rows = lines_of(sink, STAT_CALLER, self, &count);
		expect_u64_eq(count, 1);
		expect_i64_eq(rows[0].detail->waste_max, self ? 46 : 2);
		expect_u64_eq(rows[0].sum.live_bytes_alloc_peak,
			      self ? 96 : 32);
		expect_i64_eq(stat_total(sink)->waste_max, self ? 46 : 2);
		free(rows);
		stat_close(sink);
	}
}

enum { SLOTS = 60, LINES = 16, STEPS = 3000 };

/* What a table of a random trace should say, by its line's number. */
struct recount {
	int64_t waste[LINES], live[LINES], waste_max[LINES], live_max[LINES];
	int64_t at_worst[LINES], total, total_max;
};

static void recount_change(struct recount *all, unsigned int line, int64_t req,
			   int64_t alloc)
{
	all->waste[line] += alloc - req;
	all->live[line] += alloc;
	all->total += alloc - req;
	if (all->waste[line] > all->waste_max[line])
		all->waste_max[line] = all->waste[line];
	if (all->live[line] > all->live_max[line])
		all->live_max[line] = all->live[line];
	if (all->total > all->total_max) {
		all->total_max = all->total;
		memcpy(all->at_worst, all->waste, sizeof(all->waste));
	}
}

static uint32_t cpu_context(void *argument, const struct kmem_event *ev)
{
	(void)argument;
	return ev->cpu;
}

/* The line of an event, -1: the table has none for it. */
static int line_of(enum stat_table table, const struct kmem_event *ev)
{
	bool page = ev->kind == EV_PAGE_ALLOC;

	switch (table) {
	case STAT_CALLER:
		return page ? -1 : (int)ev->call_site;
	case STAT_CACHE:
		return page ? -1 : (int)ev->bytes_alloc / 16;
	case STAT_CLASS:
		return ev->kind == EV_KMALLOC ? (int)ev->bytes_alloc / 16 : -1;
	case STAT_ORDER:
		return page ? ev->order : -1;
	default:
		return page && ev->flags & EVF_BACKS_SLAB ? -1 : ev->cpu;
	}
}

static int line_of_row(enum stat_table table, const struct stat_row *row)
{
	switch (table) {
	case STAT_CALLER:
		return (int)row->sum.call_site;
	case STAT_CACHE:
	case STAT_CLASS:
		return (int)row->sum.bytes_each / 16;
	case STAT_ORDER:
		return row->sum.order;
	default:
		return (int)row->sum.context;
	}
}

static struct kmem_event random_event(unsigned int *seed, uint32_t slot,
				      uint64_t ts_ns)
{
	uint64_t alloc = 16 * ((uint64_t)rand_r(seed) % (LINES - 1) + 1);
	struct kmem_event ev =
	    object((uint64_t)rand_r(seed) % LINES, slot,
		   alloc - (uint64_t)rand_r(seed) % 16, alloc, ts_ns);

	ev.cpu = (uint16_t)(rand_r(seed) % 3);
	if (rand_r(seed) % 3)
		return ev;
	ev.kind = EV_PAGE_ALLOC;
	ev.call_site = ev.bytes_req = ev.bytes_alloc = 0;
	ev.order = (uint8_t)(rand_r(seed) % 4);
	ev.migratetype = 1;
	ev.gfp_flags = (uint32_t)rand_r(seed) % 4;
	ev.flags = rand_r(seed) % 2 ? EVF_BACKS_SLAB : 0;
	return ev;
}

static void compare(struct stat_sink *sink, enum stat_table table,
		    const struct recount *want)
{
	struct stat_row *rows;
	size_t count;

	rows = lines_of(sink, table, false, &count);
	expect_true(count > 2);
	for (size_t i = 0; i < count; i++) {
		int line = line_of_row(table, &rows[i]);

		expect_u64_eq(rows[i].sum.live_bytes_alloc_peak,
			      (uint64_t)want->live_max[line]);
		expect_i64_eq(rows[i].detail->waste_max, want->waste_max[line]);
		expect_i64_eq(rows[i].detail->waste_at_worst,
			      want->at_worst[line]);
		expect_u64_eq(stat_live_bytes(&rows[i]),
			      (uint64_t)want->live[line]);
	}
	expect_i64_eq(stat_total(sink)->waste_max, want->total_max);
	free(rows);
}

static void run_random(enum stat_table table, unsigned int seed)
{
	struct stat_sink *sink = open_detail((struct stat_options){
	    .table = table,
	    .context = stat_table_context(table) ? cpu_context : NULL});
	struct kmem_event live[SLOTS];
	bool used[SLOTS] = {false};
	struct recount want = {0};

	for (unsigned int i = 0; i < STEPS; i++) {
		uint32_t slot = (uint32_t)rand_r(&seed) % SLOTS;
		struct kmem_event *ev = &live[slot];
		int64_t sign = used[slot] ? -1 : 1, req, alloc;
		int line;

		if (!used[slot])
			*ev = random_event(&seed, slot, i);
		line = line_of(table, ev);
		req = (int64_t)ev->bytes_req;
		alloc = (int64_t)ev->bytes_alloc;
		if (ev->kind == EV_PAGE_ALLOC)
			req = alloc = (int64_t)PAGE << ev->order;
		if (line >= 0)
			recount_change(&want, (unsigned int)line, sign * req,
				       sign * alloc);
		feed(sink, used[slot] ? end_of(*ev, i, 0) : *ev);
		used[slot] = !used[slot];
	}
	compare(sink, table, &want);
	stat_close(sink);
}

static void test_random(void **state)
{
	static const enum stat_table tables[] = {
	    STAT_CALLER, STAT_CACHE, STAT_CLASS, STAT_ORDER, STAT_CPU};

	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (unsigned int seed = 1; seed <= 10; seed++) {
			print_message("table %zu seed %u\n", i, seed);
			run_random(tables[i], seed);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_worst_moment),
	    cmocka_unit_test(test_lifetimes),
	    cmocka_unit_test(test_unknown_free_first),
	    cmocka_unit_test(test_self),
	    cmocka_unit_test(test_random),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
