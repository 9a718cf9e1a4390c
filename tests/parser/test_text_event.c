/*
 * The fields of each tracepoint, as kernels and tools print them.
 */
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "parser/gfp_parse.h"
#include "parser/text_event.h"

struct fixture {
	struct trace trace;
	struct text_events events;
	struct kmem_event ev;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	gfp_of_version(6, 1, &f->trace.info.gfp);
	text_events_init(&f->events, &f->trace);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	text_events_fini(&f->events);
	trace_fini(&f->trace);
	free(f);
	return 0;
}

/* Takes "kmalloc: fields" apart into f->ev; true if it gives an event. */
static bool parsed(struct fixture *f, const char *text)
{
	struct text_line line = {.comm = "bash", .comm_len = 4, .pid = 7};
	size_t len = strlen(text), name = strcspn(text, ":");
	char *copy = malloc(len + 1);
	bool given;

	strcpy(copy, text);
	copy[len] = '\n';
	line.event = copy;
	line.event_len = (uint32_t)name;
	line.body = copy + name + 2;
	line.end = copy + len;
	assert_int_equal(text_events_parse(&f->events, &line, &f->ev, &given),
			 0);
	free(copy);
	return given;
}

static uint64_t anomalies(const struct fixture *f, enum anomaly id)
{
	return f->events.anomalies.count[id];
}

static const char *name_of(const struct fixture *f)
{
	return names_get(&f->trace.names, f->ev.name);
}

static const char *site_of(const struct fixture *f)
{
	static char text[SYMBOL_TEXT_MAX];

	return symbols_format(&f->trace.symbols, f->ev.call_site, text);
}

static void test_object(void **state)
{
	struct fixture *f = *state;

	expect_true(parsed(
	    f, "kmalloc: call_site=load_elf_phdrs+0x4a/0x3b0 [elf mod] "
	       "ptr=ffff88814b6fe948 bytes_req=560 bytes_alloc=1024 "
	       "gfp_flags=GFP_KERNEL|__GFP_ZERO node=-1 accounted=true"));
	expect_u64_eq(f->ev.kind, EV_KMALLOC);
	expect_str_eq(site_of(f), "load_elf_phdrs+0x4a");
	expect_u64_eq(f->ev.addr, 0xffff88814b6fe948);
	expect_u64_eq(f->ev.bytes_req, 560);
	expect_u64_eq(f->ev.bytes_alloc, 1024);
	expect_u64_eq(f->ev.gfp_flags, 0xdc0);
	expect_i64_eq(f->ev.node, -1);
	expect_u64_eq(f->ev.flags, EVF_ACCOUNTED);
	expect_str_eq(trace_comm(&f->trace, 7), "bash");
	/* 6.18 names the cache, and names may hold anything. */
	expect_true(parsed(f, "kmem_cache_alloc: call_site=f+0x1/0x2 "
			      "ptr=ffff88814b6fe948 name=a b ptr=1 "
			      "bytes_req=24 bytes_alloc=24 "
			      "gfp_flags=GFP_NOWAIT node=1 accounted=false"));
	expect_str_eq(name_of(f), "a b ptr=1");
	expect_u64_eq(f->ev.addr, 0xffff88814b6fe948);
	expect_i64_eq(f->ev.node, 1);
	expect_true(parsed(f, "kmem_cache_free: call_site=f+0x1/0x2 "
			      "ptr=ffff88814b6fe948 name=filp "));
	expect_str_eq(name_of(f), "filp");
	/* The option "fields" */
	expect_true(parsed(f, "kmalloc: call_site=f+0x1/0x2 (-2125899980) "
			      "ptr=0xffff888150078710 (-1313) "
			      "bytes_req=0x10 (16) bytes_alloc=0x20 (32) "
			      "gfp_flags=0xcc0 (3264) node=0xffffffff (-1)"));
	expect_u64_eq(f->ev.bytes_alloc, 32);
	expect_i64_eq(f->ev.node, -1);
	expect_u64_eq(f->ev.gfp_flags, 0xcc0);
}

/* 4.19 to 5.15: bare addresses, no "accounted", kmalloc_node. */
static void test_old(void **state)
{
	struct fixture *f = *state;

	expect_true(parsed(f, "kmalloc_node: call_site=ffffffff8a1b2c3d "
			      "ptr=000000001e0c810d bytes_req=64 "
			      "bytes_alloc=64 gfp_flags=GFP_KERNEL_ACCOUNT "
			      "node=0"));
	expect_u64_eq(f->ev.call_site, 0xffffffff8a1b2c3d);
	expect_u64_eq(f->ev.flags, EVF_NODE_VARIANT | EVF_ACCOUNTED);
	expect_true(f->events.lacks_accounted && !f->events.has_accounted);
	expect_true(f->events.pointers_hashed && f->events.pointers_wide);
	expect_str_eq(names_get(&f->trace.names, f->trace.tracepoints[0].name),
		      "kmalloc_node");
	expect_u64_eq(f->trace.tracepoints[0].count, 1);
	expect_true(parsed(f, "kfree: call_site=ffffffff8a1b2c3d "
			      "ptr=          (null)"));
	expect_u64_eq(f->ev.flags, EVF_NO_OBJECT);
	expect_true(parsed(f, "mm_page_alloc: page=00000000d8bac921 pfn=51230 "
			      "order=1 migratetype=2 gfp_flags=GFP_NOFS"));
	expect_u64_eq(f->ev.addr, 51230);
	expect_true(parsed(f, "mm_page_free_batched: page=00000000d8bac921 "
			      "pfn=51230 order=0 cold=1"));
	expect_u64_eq(f->ev.kind, EV_PAGE_FREE_BATCHED);
}

static void test_page(void **state)
{
	struct fixture *f = *state;

	expect_true(parsed(f, "mm_page_alloc: page=0xffffea0004bf3e00 "
			      "pfn=0x12fcf8 order=3 migratetype=1 "
			      "gfp_flags=GFP_HIGHUSER_MOVABLE"));
	expect_u64_eq(f->ev.addr, 0x12fcf8);
	expect_u64_eq(f->ev.order, 3);
	expect_i64_eq(f->ev.migratetype, 1);
	expect_u64_eq(f->ev.gfp_flags, 0x100cca);
	expect_true(parsed(f, "mm_page_alloc_zone_locked: page=0x1f pfn=0x1f "
			      "order=0 migratetype=-1 percpu_refill=1"));
	expect_u64_eq(f->ev.flags, EVF_PERCPU_REFILL);
	expect_i64_eq(f->ev.migratetype, -1);
	expect_true(parsed(f, "mm_page_alloc_extfrag: page=ffffea0004bf3e00 "
			      "pfn=0x5800 alloc_order=1 fallback_order=10 "
			      "pageblock_order=9 alloc_migratetype=0 "
			      "fallback_migratetype=1 fragmenting=0 "
			      "change_ownership=1"));
	expect_u64_eq(f->ev.addr, 0x5800);
	expect_u64_eq(f->ev.order, 1);
	expect_u64_eq(f->ev.fallback_order, 10);
	expect_i64_eq(f->ev.fallback_migratetype, 1);
	expect_u64_eq(f->ev.flags, EVF_CHANGE_OWNERSHIP);
	/* Failed: the kernel prints 0 for NULL and for -1. */
	expect_true(parsed(f, "mm_page_alloc: page=0000000000000000 pfn=0x0 "
			      "order=9 migratetype=1 gfp_flags=GFP_TRANSHUGE"));
	expect_u64_eq(f->ev.flags, EVF_FAILED);
	expect_u64_eq(anomalies(f, ANOMALY_FAILED_ALLOC), 1);
	/* Page 0 itself. */
	expect_true(parsed(f, "mm_page_alloc: page=ffffea0000000000 pfn=0x0 "
			      "order=0 migratetype=1 gfp_flags=GFP_KERNEL"));
	expect_u64_eq(f->ev.flags, 0);
}

static void test_nothing(void **state)
{
	struct fixture *f = *state;

	expect_true(parsed(f, "kmalloc: call_site=f+0x1/0x2 ptr=(nil) "
			      "bytes_req=9 bytes_alloc=0 gfp_flags=0"));
	expect_u64_eq(f->ev.flags, EVF_FAILED);
	expect_true(parsed(f, "kfree: call_site=f+0x1/0x2 "
			      "ptr=0000000000000010"));
	expect_u64_eq(f->ev.flags, EVF_NO_OBJECT);
	expect_u64_eq(anomalies(f, ANOMALY_NULL_FREE), 1);
	expect_true(!f->events.pointers_hashed);
	/* Before there is a key for hashes: never the same object twice. */
	for (uint64_t i = 0; i < 2; i++) {
		expect_true(parsed(f, "kmalloc: call_site=f+0x1/0x2 "
				      "ptr=(____ptrval____) bytes_req=9 "
				      "bytes_alloc=16 gfp_flags=0"));
		expect_u64_eq(f->ev.addr, TEXT_NO_ADDRESS + i);
	}
	expect_true(f->events.pointers_hashed);
}

static void test_tasks(void **state)
{
	struct fixture *f = *state;

	expect_true(parsed(f, "task_newtask: pid=12 comm=a b clone_flags=1200 "
			      "oom_score_adj=0"));
	expect_u64_eq(f->ev.addr, 12);
	expect_str_eq(trace_comm(&f->trace, 12), "a b");
	expect_u64_eq(f->ev.flags, 0);
	expect_true(parsed(f, "task_newtask: pid=13 comm=x clone_flags=3d0f00 "
			      "oom_score_adj=0"));
	expect_u64_eq(f->ev.flags, EVF_SHARES_MEMORY);
	expect_true(parsed(f, "task_rename: pid=7 oldcomm=x newcomm=y "
			      "oom_score_adj=0"));
	expect_str_eq(trace_comm(&f->trace, 7), "y");
	expect_true(parsed(f, "sched_process_exec: filename=/usr/bin/ls "
			      "pid=7 old_pid=7"));
	expect_str_eq(trace_comm(&f->trace, 7), "ls");
	expect_true(parsed(f, "tracing_mark_write: before:slabinfo "));
	expect_str_eq(name_of(f), "before:slabinfo");
	expect_u64_eq(f->ev.kind, EV_MARKER);
	expect_true(parsed(f, "print: tracing_mark_write: x"));
	expect_str_eq(name_of(f), "x");
	expect_true(parsed(f, "rss_stat: mm_id=1 curr=0"));
	expect_u64_eq(f->ev.kind, EV_OTHER);
	expect_str_eq(name_of(f), "rss_stat");
	expect_true(!f->events.memory_seen);
}

static void test_faults(void **state)
{
	struct fixture *f = *state;

	expect_true(parsed(f, "page_fault_user: address=0x7ff9b0136a88 "
			      "ip=0x7ff9b0030ed6 error_code=0x7"));
	expect_u64_eq(f->ev.kind, EV_FAULT_USER);
	expect_u64_eq(f->ev.addr, 0x7ff9b0136a88);
	expect_u64_eq(f->ev.flags, EVF_WRITE_FAULT);
	expect_true(parsed(f, "page_fault_kernel: address=0x7ff9aff5aa10 "
			      "ip=__put_user_4 error_code=0x1"));
	expect_u64_eq(f->ev.kind, EV_FAULT_KERNEL);
	expect_u64_eq(f->ev.addr, 0x7ff9aff5aa10);
	expect_u64_eq(f->ev.flags, 0);
	expect_true(!f->events.pointers_seen && !f->events.memory_seen);
}

/* A line that lacks a field, or has an impossible one, is counted. */
static void test_damaged(void **state)
{
	static const char *const bad[] = {
	    "mm_page_free: page=0x1 pfn=0x1 order=99",
	    "mm_page_free: page=0x1 pfn=0xffffffffffffffff order=0",
	    "kmalloc: call_site=f+0x1 ptr=1 bytes_req=99999999999999 "
	    "bytes_alloc=1 gfp_flags=0",
	    "kmalloc: call_site=f+0x1 ptr=1 bytes_req=1 bytes_alloc=1 "
	    "gfp_flags=0 node=-2",
	};
	static const char *const cut[] = {
	    "kmalloc: call_site=f+0x1 ptr=1 bytes_req=1 bytes_all",
	    "kmalloc: call_site=f+0x1 ptr=1 bytes_req= bytes_alloc=1",
	    "kmalloc: ptr=1 bytes_req=1 bytes_alloc=1",
	    "kfree: call_site= ptr=",
	    "mm_page_free: page=0x1 pfn=99999999999999999999 order=0",
	    "mm_page_alloc: page=0x1 pfn=0x1 order=0",
	    "task_newtask: pid=12",
	    "page_fault_user: address=0x7f ip=0x1",
	    "page_fault_user: address= ip=0x1 error_code=0x7",
	    "kmem_cache_free: ",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		expect_true(!parsed(f, bad[i]));
		expect_u64_eq(anomalies(f, ANOMALY_BAD_VALUE), i + 1);
	}
	for (size_t i = 0; i < sizeof(cut) / sizeof(*cut); i++) {
		expect_true(!parsed(f, cut[i]));
		expect_u64_eq(anomalies(f, ANOMALY_SHORT_EVENT), i + 1);
	}
}

/* Raw pointers of every width are none that were hashed. */
static void test_pointers(void **state)
{
	struct fixture *f = *state;

	text_events_pointer(&f->events, 0xffff88814b6fe948, 16);
	text_events_pointer(&f->events, 0x8a3f2000, 16); /* s390x */
	text_events_pointer(&f->events, 0xc1234560, 8);
	text_events_pointer(&f->events, 0x1e0c810d, 0); /* a tool's 0x */
	expect_true(!f->events.pointers_hashed);
	text_events_pointer(&f->events, 0x1e0c810d, 8);
	expect_true(f->events.pointers_hashed);
}

int main(void)
{
#define WITH_FIXTURE(test)                                                     \
	cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
	    WITH_FIXTURE(test_object),	 WITH_FIXTURE(test_old),
	    WITH_FIXTURE(test_page),	 WITH_FIXTURE(test_nothing),
	    WITH_FIXTURE(test_tasks),	 WITH_FIXTURE(test_damaged),
	    WITH_FIXTURE(test_pointers), WITH_FIXTURE(test_faults),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
