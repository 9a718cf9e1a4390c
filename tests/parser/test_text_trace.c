/*
 * Texts as a source: the excerpts in fuzz/corpus/text are of real kernels (6.1,
 * 6.12, 6.18) and tools (trace-cmd 3.1, perf 6.1).
 */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "parser/link.h"
#include "parser/text_trace.h"

enum { EVENTS_MAX = 64, EXCERPT_MAX = 16384 };

struct fixture {
	struct trace trace;
	struct source *source;
	struct err err;
	struct kmem_event events[EVENTS_MAX];
	size_t count;
	int fd;
};

static void finish(struct fixture *f)
{
	source_close(f->source);
	trace_fini(&f->trace);
	close(f->fd);
	*f = (struct fixture){0};
}

/* Opens a text of so many bytes; 0 or why not. */
static int start(struct fixture *f, const char *text, size_t len)
{
	char path[64];

	*f = (struct fixture){0};
	f->fd = memfd_create("text", MFD_CLOEXEC);
	assert_int_equal(write(f->fd, text, len), (ssize_t)len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", f->fd);
	expect_u64_eq(text_trace_is(path), len > 0);
	return text_trace_open(path, &f->trace, &f->source, &f->err);
}

/* Reads to the end, "step" events at a time. */
static void read_all(struct fixture *f, size_t step)
{
	size_t count = 1;

	for (f->count = 0; count; f->count += count) {
		assert_true(f->count + step <= EVENTS_MAX);
		assert_int_equal(source_read(f->source, &f->events[f->count],
					     step, &count, &f->err),
				 0);
	}
}

static void start_text(struct fixture *f, const char *text)
{
	assert_int_equal(start(f, text, strlen(text)), 0);
	read_all(f, 8);
}

static size_t excerpt(const char *name, char text[EXCERPT_MAX])
{
	char path[128];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "fuzz/corpus/text/%s", name);
	file = fopen(path, "r");
	assert_non_null(file);
	len = fread(text, 1, EXCERPT_MAX, file);
	fclose(file);
	assert_true(len > 0 && len < EXCERPT_MAX);
	text[len] = '\0';
	return len;
}

static const struct {
	const char *name;
	size_t events; /* lost ones too */
	bool partial, hashed;
	const char *release;
} excerpts[] = {
    {"fields", 11, true, false, ""},
    {"latency-format", 10, false, false, "6.18.44-fc-v657"},
    {"no-irq-info", 9, true, false, ""},
    {"perf-script-callchain", 3, false, false, ""},
    {"perf-script-header", 27, false, false, "6.18.44-fc-v657"},
    {"record-tgid", 14, true, false, ""},
    {"slab_debug-6.1", 2, false, false, "6.1.0-56-cloud-amd64"},
    {"slab_debug-6.12", 3, false, false, "6.12.117+deb12-cloud-amd64"},
    {"trace-5.10-boot", 29, true, false, ""},
    {"trace-6.1-boot", 28, true, true, ""},
    {"trace-6.18", 34, false, false, ""},
    {"trace-6.18-hashed", 34, true, true, ""},
    {"trace-7.3-boot", 28, true, true, ""},
    {"trace-cmd-report-6.1", 27, false, false, ""},
    {"trace_pipe-lost", 23, false, false, ""},
};

enum { EXCERPTS = sizeof(excerpts) / sizeof(*excerpts) };

/* Whole; read again; read one by one. */
static void test_excerpts(void **state)
{
	(void)state;
	for (size_t i = 0; i < EXCERPTS; i++) {
		char text[EXCERPT_MAX];
		size_t len = excerpt(excerpts[i].name, text);
		struct kmem_event first[EVENTS_MAX];
		struct fixture f;

		print_message("%s\n", excerpts[i].name);
		assert_int_equal(start(&f, text, len), 0);
		read_all(&f, 8);
		expect_u64_eq(f.count, excerpts[i].events);
		expect_u64_eq(f.trace.info.partial, excerpts[i].partial);
		expect_u64_eq(f.trace.info.pointers_hashed, excerpts[i].hashed);
		expect_str_eq(f.trace.info.release, excerpts[i].release);
		expect_u64_eq(f.trace.info.long_size, 8);
		expect_u64_eq(f.trace.anomalies.count[ANOMALY_SHORT_EVENT], 0);
		expect_u64_eq(f.trace.anomalies.count[ANOMALY_TIME_BACKWARDS],
			      0);
		memcpy(first, f.events, sizeof(first));
		assert_int_equal(source_rewind(f.source, &f.err), 0);
		read_all(&f, 1);
		expect_u64_eq(f.count, excerpts[i].events);
		assert_memory_equal(first, f.events, f.count * sizeof(*first));
		finish(&f);
	}
}

/*
 * Cut at any byte: an error that says something, or a partial import, or
 * what would be a whole text (cut behind a line, where no head counts them).
 */
static void test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < EXCERPTS; i++) {
		char text[EXCERPT_MAX];
		size_t len = excerpt(excerpts[i].name, text);
		bool counted = strstr(text, "# entries-in-buffer") != NULL;

		for (size_t cut = 1; cut < len; cut++) {
			struct fixture f;

			if (start(&f, text, cut)) {
				expect_true(f.err.code == ERR_FORMAT);
				expect_true(strlen(f.err.text) > 20);
			} else {
				read_all(&f, 8);
				expect_true(f.count <= excerpts[i].events);
				if (counted || text[cut - 1] != '\n')
					expect_true(f.trace.info.partial);
			}
			finish(&f);
		}
	}
}

#define LINE(cpu, time)                                                        \
	"            bash-7       [00" cpu "] ..... " time ": kfree: "         \
	"call_site=f+0x1/0x2 ptr=ffff88814b6fe948\n"

static void test_lost(void **state)
{
	struct fixture f;

	(void)state;
	start_text(&f, LINE("0", "1.000000") "CPU:1 [LOST 12 EVENTS]\n" LINE(
			   "0", "2.000000")
			   LINE("1", "3.000000") "CPU:0 [LOST EVENTS]\n" LINE(
			       "0", "4.000000") "CPU:1 [5 EVENTS DROPPED]\n");
	expect_u64_eq(f.count, 6);
	expect_u64_eq(f.events[2].kind, EV_LOST);
	expect_u64_eq(f.events[2].addr, 12);
	expect_u64_eq(f.events[2].cpu, 1);
	expect_u64_eq(f.events[2].ts_ns, 3000000000);
	expect_u64_eq(f.events[3].flags & EVF_LOST_BEFORE, EVF_LOST_BEFORE);
	expect_u64_eq(f.events[4].kind, EV_LOST);
	expect_u64_eq(f.events[4].addr, 0);
	expect_u64_eq(f.trace.anomalies.count[ANOMALY_LOST_EVENTS], 17);
	expect_u64_eq(f.trace.anomalies.count[ANOMALY_GAP], 3);
	expect_u64_eq(f.trace.info.cpu_count, 2);
	expect_u64_eq(f.trace.info.cpus[1].overrun, 17);
	expect_u64_eq(f.trace.info.cpus[0].decoded, 3);
	finish(&f);
	/* perf script --show-lost-events */
	start_text(&f, "            perf    7 [000]     1.000000: "
		       "PERF_RECORD_LOST lost 9\n" LINE("0", "2.000000"));
	expect_u64_eq(f.count, 2);
	expect_u64_eq(f.events[0].addr, 9);
	finish(&f);
}

/* What the head counts as written, but is not in the buffer, was lost. */
static void test_head(void **state)
{
	struct fixture f;

	(void)state;
	start_text(&f, "# entries-in-buffer/entries-written: 2/102   #P:4\n"
		       "CPU:0 [LOST 30 EVENTS]\n" LINE("0", "1.000000")
			   LINE("0", "2.000000"));
	expect_u64_eq(f.trace.anomalies.count[ANOMALY_LOST_EVENTS], 100);
	expect_u64_eq(f.trace.anomalies.count[ANOMALY_UNREAD_EVENTS], 0);
	expect_true(!f.trace.info.partial);
	expect_u64_eq(f.trace.info.cpu_count, 4);
	/* Counted again in every reading, once. */
	assert_int_equal(source_rewind(f.source, &f.err), 0);
	expect_u64_eq(f.trace.anomalies.count[ANOMALY_LOST_EVENTS], 0);
	read_all(&f, 8);
	expect_u64_eq(f.trace.anomalies.count[ANOMALY_LOST_EVENTS], 100);
	finish(&f);
}

static void test_damage(void **state)
{
	struct fixture f;

	(void)state;
	start_text(&f, LINE("0", "2.000000") "sh-7 [000] kfree: "
					     "call_site=f+0x1 ptr=1\n"
					     "words in between\n" LINE(
						 "0", "1.000000"));
	expect_u64_eq(f.count, 2);
	expect_u64_eq(f.trace.anomalies.count[ANOMALY_SHORT_EVENT], 1);
	expect_u64_eq(f.trace.anomalies.count[ANOMALY_TIME_BACKWARDS], 1);
	expect_u64_eq(f.events[1].ts_ns, 2000000000);
	expect_true(f.trace.info.partial);
	finish(&f);
	start_text(&f, LINE("0", "1.000000") "            bash-7       [9999] "
					     "..... 1.000000: kfree: "
					     "call_site=f+0x1 ptr=1\n"
					     "CPU:9999 [LOST 1 EVENTS]\n");
	expect_u64_eq(f.trace.anomalies.count[ANOMALY_BAD_VALUE], 2);
	expect_u64_eq(f.trace.info.cpu_count, 1);
	finish(&f);
}

/* Pairs are found, page frames are not, and the reason says what to do. */
static void test_hashed(void **state)
{
	static const char text[] =
	    "            bash-7       [000] ..... 1.000000: kmalloc: "
	    "call_site=f+0x1/0x2 ptr=00000000d8bac921 bytes_req=60 "
	    "bytes_alloc=64 gfp_flags=GFP_KERNEL\n"
	    "            bash-7       [000] ..... 2.000000: kfree: "
	    "call_site=g+0x1/0x2 ptr=00000000d8bac921\n"
	    "            bash-7       [000] ..... 3.000000: kfree: "
	    "call_site=g+0x1/0x2 ptr=00000000d8bac922\n"
	    "            bash-7       [000] ..... 3.000000: kfree: "
	    "call_site=g+0x1/0x2 ptr=00000000d8bac923\n";
	struct fixture f;
	struct source *raw;

	(void)state;
	assert_int_equal(start(&f, text, strlen(text)), 0);
	raw = f.source;
	f.source = NULL;
	assert_int_equal(link_open(raw, &f.trace, &f.source, &f.err), 0);
	read_all(&f, 8);
	expect_u64_eq(f.count, 4);
	expect_u64_eq(f.events[1].object, f.events[0].object);
	expect_u64_eq(f.events[1].bytes_alloc, 64);
	/* Neighbouring hashes are not one object. */
	expect_u64_eq(f.trace.anomalies.count[ANOMALY_UNKNOWN_FREE], 2);
	expect_u64_eq(f.trace.anomalies.count[ANOMALY_HIDDEN_ALLOC], 0);
	expect_true(!f.trace.info.linked);
	assert_non_null(strstr(f.trace.info.link_reason, "hashed pointers"));
	assert_non_null(strstr(f.trace.info.link_reason, "hash-ptr"));
	/* No "accounted=" */
	expect_i64_eq(f.trace.info.version_major, 5);
	finish(&f);
}

static void test_no_trace(void **state)
{
	static const char *const texts[] = {
	    "no trace\n", "# tracer: nop\n",
	    "            bash-7       [000] ..... 1.000000: sched_switch: a\n"};
	struct fixture f;

	(void)state;
	for (int i = 0; i < 3; i++) {
		expect_i64_eq(start(&f, texts[i], strlen(texts[i])),
			      ERR_FORMAT);
		assert_non_null(strstr(f.err.text, "perf script"));
		finish(&f);
	}
	expect_true(!text_trace_is("/dev/null"));
	expect_true(!text_trace_is("/proc"));
	expect_true(!text_trace_is("/proc/self/exe"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_excerpts), cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_lost),     cmocka_unit_test(test_head),
	    cmocka_unit_test(test_damage),   cmocka_unit_test(test_hashed),
	    cmocka_unit_test(test_no_trace),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
