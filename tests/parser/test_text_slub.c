/*
 * Console logs of slab_debug=T; fuzz/corpus/text/slab_debug-* are of real
 * boots (qemu), whole call traces of them.
 */
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "parser/text_slub.h"

struct fixture {
	struct trace trace;
	struct text_events events;
	struct text_slub slub;
	struct kmem_event ev;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

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

/* Looks at a line; true if an event is complete. */
static bool see(struct fixture *f, const char *text)
{
	size_t len = strlen(text);
	char *line = malloc(len + 1);
	bool given;

	memcpy(line, text, len);
	line[len] = '\n';
	assert_int_equal(text_slub_line(&f->slub, &f->events, line, line + len,
					&f->ev, &given),
			 0);
	free(line);
	return given;
}

static const char *site_of(const struct fixture *f)
{
	static char text[SYMBOL_TEXT_MAX];

	return symbols_format(&f->trace.symbols, f->ev.call_site, text);
}

static void test_whole(void **state)
{
	struct fixture *f = *state;

	expect_true(!see(f, "[    2.101495][    T1] TRACE kmalloc-rnd-07-1k "
			    "alloc 0xffff8a2c01237800 inuse=4 fp=0x0"));
	expect_true(!see(f, "[    2.1] CPU: 3 UID: 0 PID: 17 Comm: a b Not "
			    "tainted 6.12.117+deb12 #1"));
	expect_true(!see(f, "[    2.1] Call Trace:"));
	expect_true(!see(f, "[    2.1]  dump_stack_lvl+0x64/0x80"));
	expect_true(!see(f, "[    2.1]  get_partial_node.part.0+0x1/0x2"));
	expect_true(!see(f, "[    2.1]  ? guess+0x477/0xbd0"));
	expect_true(!see(f, "[    2.1]  __kmalloc_node_noprof+0x1/0x2"));
	expect_true(see(f, "[    2.1]  caller+0x20/0x50 [some_module]"));
	expect_u64_eq(f->ev.kind, EV_KMALLOC);
	expect_u64_eq(f->ev.ts_ns, 2101495000);
	expect_u64_eq(f->ev.addr, 0xffff8a2c01237800);
	expect_u64_eq(f->ev.bytes_alloc, 1024);
	expect_u64_eq(f->ev.cpu, 3);
	expect_i64_eq(f->ev.pid, 17);
	expect_str_eq(trace_comm(&f->trace, 17), "a b");
	expect_str_eq(site_of(f), "caller+0x20");
	expect_u64_eq(f->events.anomalies.count[ANOMALY_UNKNOWN_SIZE], 1);
	/* The rest of the call trace is nobody's. */
	expect_true(!see(f, "[    2.1]  bpf_prog_create+0x74/0xb0"));
	expect_true(!text_slub_end(&f->slub, &f->ev));
}

/* kmemdup() allocates for its caller. */
static void test_track_caller(void **state)
{
	struct fixture *f = *state;

	see(f, "TRACE kmalloc-96 alloc 0xffff8a2c01237800 inuse=4 fp=0x0");
	see(f, " __kmalloc_node_track_caller_noprof+0x1/0x2");
	expect_true(!see(f, " kmemdup_noprof+0x20/0x50"));
	expect_true(see(f, " bpf_prepare_filter+0x35c/0x510"));
	expect_str_eq(site_of(f), "bpf_prepare_filter+0x35c");
	expect_u64_eq(f->ev.bytes_alloc, 96);
}

/* No time, no call trace: each line is an event all the same. */
static void test_bare(void **state)
{
	struct fixture *f = *state;

	expect_true(!see(f, "Nov 22 12:00:01 box kernel: TRACE my cache "
			    "alloc 0x00000000d8bac921 inuse=1 fp=0x0"));
	expect_true(see(f, "TRACE my cache free 0x00000000d8bac921 inuse=1 "
			   "fp=0x0"));
	expect_u64_eq(f->ev.kind, EV_CACHE_ALLOC);
	expect_str_eq(names_get(&f->trace.names, f->ev.name), "my cache");
	expect_u64_eq(f->ev.call_site, 0);
	expect_u64_eq(f->ev.ts_ns, 1);
	expect_true(f->events.pointers_hashed);
	expect_true(!see(f, "Object 00000000d8bac921: 6b 6b 6b 6b  kkkk"));
	expect_true(text_slub_end(&f->slub, &f->ev));
	expect_u64_eq(f->ev.kind, EV_CACHE_FREE);
	expect_u64_eq(f->ev.ts_ns, 2);
}

static void test_odd(void **state)
{
	static const char *const lines[] = {
	    "TRACE ",
	    "TRACE kmalloc-96 alloc 0x",
	    "TRACE kmalloc-96 alloc 0x12",
	    "TRACE kmalloc-96 leak 0x12 inuse=1",
	    "TRACE  alloc 0x12 inuse=1",
	    "TRACE x alloc 0x11112222333344445 inuse=1",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		expect_true(!see(f, lines[i]));
	expect_true(!text_slub_end(&f->slub, &f->ev));
	/* A size that is none: a cache of that name. */
	see(f, "TRACE kmalloc-x alloc 0x12 inuse=1 fp=0x0");
	expect_true(text_slub_end(&f->slub, &f->ev));
	expect_u64_eq(f->ev.kind, EV_CACHE_ALLOC);
	see(f, "TRACE kmalloc-8 alloc 0x12 inuse=1 fp=0x0");
	see(f, "CPU: 99999 PID: 1 Comm: x Not tainted");
	expect_true(text_slub_end(&f->slub, &f->ev));
	expect_u64_eq(f->ev.cpu, 0);
}

int main(void)
{
#define WITH_FIXTURE(test)                                                     \
	cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
	    WITH_FIXTURE(test_whole),
	    WITH_FIXTURE(test_track_caller),
	    WITH_FIXTURE(test_bare),
	    WITH_FIXTURE(test_odd),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
