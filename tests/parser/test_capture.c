#include "parser/capture.h"

#include <stdio.h>
#include <string.h>

#include "tests/parser/made_capture.h"
#include "tests/support/test.h"

/* Every event of a source, in order; fails the test if time runs back. */
static void count_kinds(struct source *source, uint64_t kinds[EV_KIND_COUNT])
{
	struct kmem_event events[SOURCE_BATCH];
	struct err err = {0};
	uint64_t last = 0;
	size_t count;

	for (int i = 0; i < EV_KIND_COUNT; i++)
		kinds[i] = 0;
	do {
		assert_int_equal(
		    source_read(source, events, SOURCE_BATCH, &count, &err), 0);
		for (size_t i = 0; i < count; i++) {
			expect_true(events[i].ts_ns >= last);
			last = events[i].ts_ns;
			kinds[events[i].kind]++;
		}
	} while (count);
}

static void test_mixed_slub(void **state)
{
	uint64_t kinds[EV_KIND_COUNT];
	struct source *source = NULL;
	struct trace trace = {0};
	struct err err = {0};

	(void)state;
	assert_int_equal(
	    capture_open(test_capture("mixed-slub"), &trace, &source, &err), 0);
	expect_u64_eq(trace.info.slab_kind, SLAB_KIND_SLUB);
	for (int round = 0; round < 2; round++) {
		count_kinds(source, kinds);
		expect_u64_eq(kinds[EV_KMALLOC], 26541);
		expect_u64_eq(kinds[EV_CACHE_FREE], 94648);
		expect_u64_eq(kinds[EV_MARKER], 36);
		expect_u64_eq(trace.info.cpus[0].decoded, 408766);
		expect_u64_eq(trace.anomalies.count[ANOMALY_NULL_FREE], 2146);
		assert_int_equal(source_rewind(source, &err), 0);
		expect_u64_eq(trace.info.cpus[0].decoded, 0);
		expect_u64_eq(trace.anomalies.count[ANOMALY_NULL_FREE], 0);
	}
	source_close(source);
	trace_fini(&trace);
}

/* Events of the whole source, skimmed (not 0) or all of them. */
static uint64_t count_events(struct source *source, uint64_t large_from)
{
	uint64_t kinds[EV_KIND_COUNT], sum = 0;
	struct err err = {0};

	assert_int_equal(source_rewind(source, &err), 0);
	source_skim(source, SOURCE_LARGE, large_from);
	count_kinds(source, kinds);
	source_skim(source, SOURCE_ALL, 0);
	for (int i = 0; i < EV_KIND_COUNT; i++)
		sum += kinds[i];
	return sum;
}

static void test_skim(void **state)
{
	struct made_record records[6];
	struct made_capture capture;
	struct source *source = NULL;
	struct page_builder page;
	struct trace trace = {0};
	struct err err = {0};

	(void)state;
	made_capture_init(&capture, 8, false, 1);
	records[0] = made_kmalloc(&capture, 1, 2, 4096, 100, 128);
	records[1] = made_cache_free(&capture, 1, 8192, "dentry");
	records[2] = made_kmalloc(&capture, 1, 2, 16384, 9000, 12288);
	records[3] = made_kfree(&capture, 1, 16384);
	records[4] = made_kfree(&capture, 1, 4096 + 128);
	records[5] = made_kmalloc(&capture, 1, 2, 4096, 8192, 8192);
	page_builder_init(&page, 8, false, 1000);
	for (int i = 0; i < 6; i++)
		page_put_record(&page, 1, records[i].bytes, records[i].len);
	page_builder_end(&page, 0);
	made_capture_file(&capture, "cpu/0.raw", page.bytes,
			  PAGE_BUILDER_BYTES);
	assert_int_equal(capture_open(capture.dir, &trace, &source, &err), 0);
	expect_u64_eq(count_events(source, 8193), 2);
	expect_u64_eq(count_events(source, 8192), 3);
	expect_u64_eq(count_events(source, 0), 6);
	source_close(source);
	trace_fini(&trace);
	made_capture_fini(&capture);

	/* 6.1 does not name the cache of an allocation: nothing is left out. */
	source = NULL;
	trace = (struct trace){0};
	assert_int_equal(
	    capture_open(test_capture("mixed-slub"), &trace, &source, &err), 0);
	expect_u64_eq(count_events(source, 8193), count_events(source, 0));
	source_close(source);
	trace_fini(&trace);
}

/* What happened, of all events of a source: a sum over what both have. */
static uint64_t hash_what(struct source *source, enum source_detail detail)
{
	const uint32_t flags = EVF_FAILED | EVF_NO_OBJECT | EVF_NODE_VARIANT;
	struct kmem_event events[SOURCE_BATCH];
	uint64_t hash = 0;
	struct err err = {0};
	size_t count = 1;

	assert_int_equal(source_rewind(source, &err), 0);
	source_skim(source, detail, 0);
	while (count) {
		assert_int_equal(
		    source_read(source, events, SOURCE_BATCH, &count, &err), 0);
		for (size_t i = 0; i < count; i++) {
			const struct kmem_event *ev = &events[i];
			bool alloc = ev->kind == EV_KMALLOC ||
				     ev->kind == EV_CACHE_ALLOC;
			const uint64_t what[] = {
			    ev->ts_ns,
			    ev->addr,
			    ev->bytes_req,
			    ev->bytes_alloc,
			    alloc ? ev->call_site ^ ev->gfp_flags : 0,
			    ev->name,
			    ev->cpu,
			    ev->kind,
			    ev->order,
			    (uint64_t)ev->migratetype,
			    (uint64_t)ev->node,
			    ev->flags & flags};

			for (size_t k = 0; k < sizeof(what) / sizeof(*what);
			     k++)
				hash = (hash ^ what[k]) * 0x9E3779B97F4A7C15ull;
		}
	}
	return hash;
}

static void test_what_happened(void **state)
{
	static const char *const names[] = {"mixed-slub", "mixed-slob",
					    "arm32-partial"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct source *source = NULL;
		struct trace trace = {0};
		struct anomalies all;
		struct err err = {0};
		uint64_t hash;

		assert_int_equal(
		    capture_open(test_capture(names[i]), &trace, &source, &err),
		    0);
		hash = hash_what(source, SOURCE_ALL);
		all = trace.anomalies;
		expect_u64_eq(hash_what(source, SOURCE_WHAT), hash);
		assert_memory_equal(&trace.anomalies, &all, sizeof(all));
		source_close(source);
		trace_fini(&trace);
	}
}

static void test_unwanted_parts(void **state)
{
	struct trace trace = {.unwanted = TRACE_SYMBOLS | TRACE_AFTER_PAGES};
	struct source *source = NULL;
	struct err err = {0};

	(void)state;
	assert_int_equal(
	    capture_open(test_capture("mixed-slub"), &trace, &source, &err), 0);
	expect_u64_eq(trace.info.slab_kind, SLAB_KIND_SLUB);
	expect_true(trace.before.parts & SNAPSHOT_KPAGEFLAGS);
	expect_true(!(trace.after.parts & SNAPSHOT_KPAGEFLAGS));
	expect_true(trace.after.parts & SNAPSHOT_SLABINFO);
	expect_u64_eq(trace.symbols.count, 0);
	source_close(source);
	trace_fini(&trace);
	/* Only its functions tell SLOB. */
	trace = (struct trace){.unwanted = TRACE_SYMBOLS};
	assert_int_equal(
	    capture_open(test_capture("mixed-slob"), &trace, &source, &err), 0);
	expect_u64_eq(trace.info.slab_kind, SLAB_KIND_SLOB);
	source_close(source);
	trace_fini(&trace);
}

/* Which allocator each sample kernel was built with, and its gfp bits. */
static void test_facts(void **state)
{
	static const struct {
		const char *name;
		enum slab_kind kind;
		uint8_t long_size;
		uint32_t page_size;
	} known[] = {
	    {"mixed-slab", SLAB_KIND_SLAB, 8, 4096},
	    {"mixed-slob", SLAB_KIND_SLOB, 8, 4096},
	    {"files-slub", SLAB_KIND_SLUB, 8, 4096},
	    {"arm32-partial", SLAB_KIND_SLUB, 4, 4096},
	    {"mixed-arm64-64k", SLAB_KIND_SLUB, 8, 65536},
	    {"debian61-boot-kmalloc", SLAB_KIND_SLUB, 8, 4096},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		const char *dir = test_capture(known[i].name);
		struct source *source = NULL;
		struct trace trace = {0};
		struct err err = {0};

		assert_int_equal(capture_open(dir, &trace, &source, &err), 0);
		expect_u64_eq(trace.info.slab_kind, known[i].kind);
		expect_u64_eq(trace.info.long_size, known[i].long_size);
		expect_u64_eq(trace.info.page_size, known[i].page_size);
		expect_i64_eq(trace.info.version_major, 6);
		expect_u64_eq(trace.info.gfp.account, 0x400000);
		expect_str_eq(trace_comm(&trace, 1), "init");
		source_close(source);
		trace_fini(&trace);
	}
}

/* 454,665 of the events that the kernel counted were not read out. */
static void test_partial_capture(void **state)
{
	uint64_t kinds[EV_KIND_COUNT];
	struct source *source = NULL;
	struct trace trace = {0};
	struct err err = {0};

	(void)state;
	assert_int_equal(
	    capture_open(test_capture("arm32-partial"), &trace, &source, &err),
	    0);
	count_kinds(source, kinds);
	expect_u64_eq(trace.info.cpus[0].decoded, 20488);
	expect_u64_eq(trace.anomalies.count[ANOMALY_UNREAD_EVENTS], 454665);
	expect_true(trace.info.partial);
	expect_str_eq(trace.info.partial_reason,
		      "454,665 of 475,153 events are not in the pages");
	source_close(source);
	trace_fini(&trace);
}

enum { CPUS = 5, RECORDS = 50 };

/* Record i of a CPU, at a time that several CPUs share. */
static uint64_t time_of(uint32_t cpu, uint32_t i)
{
	return 1000 + i * (cpu % 3 + 1) * 10;
}

static void write_cpu(const struct made_capture *capture, uint32_t cpu)
{
	struct page_builder page;
	char name[32];

	page_builder_init(&page, 8, false, time_of(cpu, 0));
	for (uint32_t i = 0; i < RECORDS; i++) {
		struct made_record record = made_kfree(capture, 1, i + 100);
		uint64_t before = time_of(cpu, i ? i - 1 : 0);

		page_put_record(&page, (uint32_t)(time_of(cpu, i) - before),
				record.bytes, record.len);
	}
	/* CPU 3 lost 7 events before its first. */
	page_put(&page, page.data_offset + page.used, 7, 8);
	page_builder_end(&page, cpu == 3 ? 3u << 30 : 0);
	snprintf(name, sizeof(name), "cpu/%u.raw", cpu);
	made_capture_file(capture, name, page.bytes, PAGE_BUILDER_BYTES);
}

/* By time, then by CPU, whatever the size of the reader's array. */
static void test_merge(void **state)
{
	struct made_capture capture;

	(void)state;
	made_capture_init(&capture, 8, false, CPUS);
	for (uint32_t cpu = 0; cpu < CPUS; cpu++)
		write_cpu(&capture, cpu);
	for (size_t cap = 1; cap <= 8; cap++) {
		struct kmem_event events[8], last = {0};
		struct source *source = NULL;
		struct trace trace = {0};
		uint64_t seen[CPUS] = {0}, lost = 0;
		struct err err = {0};
		size_t count;

		assert_int_equal(
		    capture_open(capture.dir, &trace, &source, &err), 0);
		while (!source_read(source, events, cap, &count, &err) && count)
			for (size_t i = 0; i < count; i++) {
				const struct kmem_event *ev = &events[i];

				expect_true(ev->ts_ns > last.ts_ns ||
					    (ev->ts_ns == last.ts_ns &&
					     ev->cpu >= last.cpu));
				last = *ev;
				if (ev->kind == EV_LOST) {
					expect_u64_eq(ev->cpu, 3);
					expect_u64_eq(ev->addr, 7);
					expect_u64_eq(seen[3], 0);
					lost++;
					continue;
				}
				expect_true((ev->flags == EVF_LOST_BEFORE) ==
					    (ev->cpu == 3 && !seen[3]));
				expect_u64_eq(ev->addr, seen[ev->cpu] + 100);
				expect_u64_eq(
				    ev->ts_ns,
				    time_of(ev->cpu, (uint32_t)seen[ev->cpu]));
				seen[ev->cpu]++;
			}
		expect_u64_eq(lost, 1);
		for (uint32_t cpu = 0; cpu < CPUS; cpu++)
			expect_u64_eq(seen[cpu], RECORDS);
		expect_u64_eq(trace.anomalies.count[ANOMALY_GAP], 1);
		expect_u64_eq(trace.anomalies.count[ANOMALY_LOST_EVENTS], 7);
		source_close(source);
		trace_fini(&trace);
	}
	made_capture_fini(&capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mixed_slub),
	    cmocka_unit_test(test_skim),
	    cmocka_unit_test(test_what_happened),
	    cmocka_unit_test(test_unwanted_parts),
	    cmocka_unit_test(test_facts),
	    cmocka_unit_test(test_partial_capture),
	    cmocka_unit_test(test_merge),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
