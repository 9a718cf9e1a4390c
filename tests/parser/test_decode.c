#include "parser/decode.h"

#include <stdio.h>
#include <string.h>

#include "parser/capture.h"
#include "tests/parser/made_capture.h"
#include "tests/support/test.h"

enum { EVENTS_MAX = 64 };

/* What a capture of one page with these records reads as. */
struct result {
	struct trace trace;
	struct kmem_event events[EVENTS_MAX];
	size_t count;
};

static void put_all(struct page_builder *page,
		    const struct made_record *records, size_t count)
{
	for (size_t i = 0; i < count; i++)
		page_put_record(page, 10, records[i].bytes, records[i].len);
	page_builder_end(page, 0);
}

static void decode(const struct made_capture *capture,
		   const struct made_record *records, size_t count,
		   struct result *result)
{
	struct source *source = NULL;
	struct page_builder page;
	struct err err = {0};
	size_t more;

	*result = (struct result){.count = 0};
	page_builder_init(&page, capture->long_size, capture->big_endian, 1000);
	put_all(&page, records, count);
	made_capture_file(capture, "cpu/0.raw", page.bytes, PAGE_BUILDER_BYTES);
	expect_i64_eq(capture_open(capture->dir, &result->trace, &source, &err),
		      0);
	expect_i64_eq(source_read(source, result->events, EVENTS_MAX,
				  &result->count, &err),
		      0);
	expect_i64_eq(
	    source_read(source, result->events + result->count, 1, &more, &err),
	    0);
	expect_u64_eq(more, 0);
	expect_u64_eq(result->trace.info.cpus[0].decoded, count);
	source_close(source);
}

/*
 * linuxrc-1 [000] 0.310577: kmalloc: call_site=c00a1198 ptr=...
 * bytes_req=29 bytes_alloc=64, on a 32-bit kernel whose least class is 64.
 */
static void test_classic_example(void **state)
{
	struct made_record records[1];
	struct made_capture capture;
	const struct kmem_event *ev;
	struct result result;

	(void)state;
	made_capture_init(&capture, 4, false, 1);
	records[0] = made_kmalloc(&capture, 1, 0xc00a1198, 0xde239600, 29, 64);
	decode(&capture, records, 1, &result);
	expect_u64_eq(result.count, 1);
	ev = &result.events[0];
	expect_u64_eq(ev->kind, EV_KMALLOC);
	expect_u64_eq(ev->call_site, 0xc00a1198);
	expect_u64_eq(ev->addr, 0xde239600);
	expect_i64_eq(ev->pid, 1);
	expect_i64_eq(ev->node, -1);
	expect_u64_eq(ev->ts_ns, 1010);
	expect_u64_eq(ev->bytes_alloc - ev->bytes_req, 35);
	trace_fini(&result.trace);
	made_capture_fini(&capture);
}

/* Every rule of one event, on each kind of machine. */
static void check_rules(uint32_t long_size, bool big_endian)
{
	uint64_t minus_one = long_size == 8 ? UINT64_MAX : UINT32_MAX;
	struct made_record records[12];
	struct made_capture capture;
	const struct kmem_event *ev;
	struct result result;

	made_capture_init(&capture, long_size, big_endian, 1);
	records[0] = made_kmalloc(&capture, 5, 1, 0, 100, 128);
	records[1] = made_kfree(&capture, 5, 0);
	records[2] = made_kfree(&capture, 5, 16);
	records[3] = made_page_alloc(&capture, minus_one, 4);
	records[4] = made_page_alloc(&capture, 4096, 32);
	records[5] = made_page_alloc(&capture, 4096, 2);
	records[6] = made_cache_free(&capture, 5, 0xc0001000, "dentry");
	records[7] = made_print(&capture, "before:begin\n");
	records[8] = made_rename(&capture, 5, "worker");
	records[9] = made_kfree(&capture, 77, 0xc0002000);
	records[10] = made_kfree(&capture, 77, 0xc0002000);
	made_record_flags(&records[10], 0x10);
	records[11] = made_kfree(&capture, 5, 0xc0003000);
	decode(&capture, records, 12, &result);
	expect_u64_eq(result.count, 11); /* the order of 32 is dropped */
	ev = result.events;
	expect_u64_eq(ev[0].flags, EVF_FAILED);
	expect_u64_eq(ev[1].flags, EVF_NO_OBJECT);
	expect_u64_eq(ev[2].flags, EVF_NO_OBJECT);
	expect_u64_eq(ev[3].flags, EVF_FAILED);
	expect_u64_eq(ev[3].addr, 0);
	expect_u64_eq(ev[4].addr, 4096);
	expect_u64_eq(ev[4].order, 2);
	expect_i64_eq(ev[4].migratetype, 1);
	expect_u64_eq(ev[4].gfp_flags, 0xcc0);
	expect_str_eq(names_get(&result.trace.names, ev[5].name), "dentry");
	expect_u64_eq(ev[6].kind, EV_MARKER);
	expect_str_eq(names_get(&result.trace.names, ev[6].name),
		      "before:begin");
	expect_u64_eq(ev[7].kind, EV_TASK_RENAME);
	expect_str_eq(trace_comm(&result.trace, 5), "worker");
	expect_u64_eq(ev[8].flags, EVF_SELF);
	expect_u64_eq(ev[9].flags, EVF_SOFTIRQ); /* not the recorder's own */
	expect_u64_eq(ev[10].flags, 0);
	expect_u64_eq(result.trace.anomalies.count[ANOMALY_FAILED_ALLOC], 2);
	expect_u64_eq(result.trace.anomalies.count[ANOMALY_NULL_FREE], 2);
	expect_u64_eq(result.trace.anomalies.count[ANOMALY_BAD_VALUE], 1);
	trace_fini(&result.trace);
	made_capture_fini(&capture);
}

static void test_rules(void **state)
{
	(void)state;
	check_rules(8, false);
	check_rules(4, false);
	check_rules(8, true);
	check_rules(4, true);
}

/* Areas of address space: bytes where the kernel has bytes or pages. */
static void check_vmap(uint32_t long_size, bool big_endian)
{
	struct made_record records[6];
	struct made_capture capture;
	const struct kmem_event *ev;
	struct result result;

	made_capture_init(&capture, long_size, big_endian, 1);
	records[0] = made_vmap_alloc(&capture, 0xc8001000, 20480, 0);
	records[1] = made_vmap_alloc(&capture, 0xfffffff0, 20480, 1);
	records[2] = made_vmap_free(&capture, 0xc8001000, 5, 8192);
	records[3] = made_vmap_purge(&capture, 0xc8001000, 0xc8006000);
	/* There was nothing to purge. */
	records[4] = made_vmap_purge(&capture, 0xffffffff, 0);
	records[5] = made_vmap_free(&capture, 1, UINT64_MAX, 1);
	decode(&capture, records, 6, &result);
	expect_u64_eq(result.count, long_size == 8 ? 5 : 6);
	ev = result.events;
	expect_u64_eq(ev[0].kind, EV_VMAP_ALLOC);
	expect_u64_eq(ev[0].addr, 0xc8001000);
	expect_u64_eq(ev[0].bytes_req, 20480);
	expect_u64_eq(ev[0].flags, 0);
	expect_u64_eq(ev[1].flags, EVF_FAILED);
	expect_u64_eq(ev[1].addr, 0);
	expect_u64_eq(ev[2].kind, EV_VMAP_FREE);
	expect_u64_eq(ev[2].addr, 0xc8001000);
	expect_u64_eq(ev[2].bytes_req, 5 * 4096);
	expect_u64_eq(ev[2].bytes_alloc, 8192 * 4096);
	expect_u64_eq(ev[3].kind, EV_VMAP_PURGE);
	expect_u64_eq(ev[3].bytes_req, 0x5000);
	expect_u64_eq(ev[4].bytes_req, 0);
	expect_u64_eq(result.trace.anomalies.count[ANOMALY_FAILED_ALLOC], 1);
	expect_u64_eq(result.trace.anomalies.count[ANOMALY_BAD_VALUE],
		      long_size == 8);
	trace_fini(&result.trace);
	made_capture_fini(&capture);
}

static void test_vmap(void **state)
{
	(void)state;
	check_vmap(8, false);
	check_vmap(4, false);
	check_vmap(8, true);
	check_vmap(4, true);
}

/* What was touched and how; which task shares whose memory. */
static void check_faults(uint32_t long_size, bool big_endian)
{
	uint64_t high = long_size == 8 ? 0x7f9210510068 : 0xbf510068;
	struct made_record records[6];
	struct made_capture capture;
	const struct kmem_event *ev;
	struct result result;

	made_capture_init(&capture, long_size, big_endian, 1);
	records[0] = made_fault(&capture, MADE_FAULT_USER, high, 6);
	records[1] = made_fault(&capture, MADE_FAULT_USER, 0x8048000, 0x14);
	records[2] = made_fault(&capture, MADE_FAULT_KERNEL, high, 3);
	records[3] = made_task_new(&capture, 5, "thread", 0x3d0f00);
	records[4] = made_task_new(&capture, 6, "child", 0x1200000);
	records[5] = made_fault(&capture, MADE_FAULT_USER, 1, 6);
	records[5].len -= 4;
	decode(&capture, records, 6, &result);
	expect_u64_eq(result.count, 5);
	ev = result.events;
	expect_u64_eq(ev[0].kind, EV_FAULT_USER);
	expect_u64_eq(ev[0].addr, high);
	expect_u64_eq(ev[0].flags, EVF_WRITE_FAULT);
	expect_u64_eq(ev[1].addr, 0x8048000);
	expect_u64_eq(ev[1].flags, 0);
	expect_u64_eq(ev[2].kind, EV_FAULT_KERNEL);
	expect_u64_eq(ev[2].flags, EVF_WRITE_FAULT);
	expect_u64_eq(ev[3].kind, EV_TASK_NEW);
	expect_u64_eq(ev[3].addr, 5);
	expect_u64_eq(ev[3].flags, EVF_SHARES_MEMORY);
	expect_u64_eq(ev[4].flags, 0);
	expect_u64_eq(result.trace.anomalies.count[ANOMALY_SHORT_EVENT], 1);
	trace_fini(&result.trace);
	made_capture_fini(&capture);
}

static void test_faults(void **state)
{
	(void)state;
	check_faults(8, false);
	check_faults(4, false);
	check_faults(8, true);
	check_faults(4, true);
}

/* Names that point out of the record, ids without a format, cut records. */
static void test_damaged_records(void **state)
{
	struct made_record records[4];
	struct made_capture capture;
	struct result result;

	(void)state;
	made_capture_init(&capture, 8, false, 1);
	records[0] = made_cache_free(&capture, 5, 0xc0001000, "dentry");
	records[0].bytes[26] = 200; /* the name's length */
	records[1] = made_kfree(&capture, 5, 1);
	records[1].bytes[0] = MADE_UNKNOWN;
	records[2] = made_kmalloc(&capture, 5, 1, 2, 3, 4);
	records[2].len = 44;
	records[3] = made_kfree(&capture, 5, 0xc0001000);
	decode(&capture, records, 4, &result);
	expect_u64_eq(result.count, 1);
	expect_u64_eq(result.trace.anomalies.count[ANOMALY_BAD_VALUE], 1);
	expect_u64_eq(result.trace.anomalies.count[ANOMALY_UNKNOWN_EVENT], 1);
	expect_u64_eq(result.trace.anomalies.count[ANOMALY_SHORT_EVENT], 1);
	expect_true(result.trace.info.partial);
	trace_fini(&result.trace);
	made_capture_fini(&capture);
}

/* Equal texts of any length get the same id, different ones never. */
static void test_names(void **state)
{
	struct made_record records[40];
	struct made_capture capture;
	struct result result;
	char name[80] = "";

	(void)state;
	made_capture_init(&capture, 8, false, 1);
	for (uint32_t i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "%.*s", (int)(i / 2 * 4 + 1),
			 "abcdefghabcdefghabcdefghabcdefghabcdefghabcdefgh"
			 "abcdefghabcdefghabcdefghabcdefgh");
		records[i] = made_cache_free(&capture, 5, 0xc0001000, name);
	}
	decode(&capture, records, 40, &result);
	expect_u64_eq(result.count, 40);
	for (uint32_t i = 0; i < 40; i += 2) {
		expect_u64_eq(result.events[i].name, result.events[i + 1].name);
		expect_true(i == 0 ||
			    result.events[i].name != result.events[i - 1].name);
		expect_u64_eq(strlen(names_get(&result.trace.names,
					       result.events[i].name)),
			      i / 2 * 4 + 1);
	}
	trace_fini(&result.trace);
	made_capture_fini(&capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_classic_example),
	    cmocka_unit_test(test_rules),
	    cmocka_unit_test(test_vmap),
	    cmocka_unit_test(test_faults),
	    cmocka_unit_test(test_damaged_records),
	    cmocka_unit_test(test_names),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
