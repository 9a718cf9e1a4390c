/* The import as a whole: counts, interruption, failure half-way. */
#include <string.h>

#include "cli/import.h"
#include "tests/db/db_support.h"
#include "tests/support/test.h"

struct stop {
	uint64_t after; /* events */
	uint64_t seen;
	double done;
};

static bool go_on(void *context, double done, uint64_t events)
{
	struct stop *stop = context;

	/* Progress goes forward, from 0 to 1. */
	expect_true(done >= stop->done && done <= 1);
	stop->done = done;
	stop->seen = events;
	return events < stop->after;
}

static int import(const char *path, struct stop *stop,
		  struct import_counts *counts, struct err *err)
{
	struct import_options options = {.go_on = go_on, .context = stop};
	struct trace trace = {0};
	struct source *source;
	int ret;

	open_capture("files-slub", &trace, &source);
	ret = import_source(source, &trace, path, &options, counts, err);
	source_close(source);
	trace_fini(&trace);
	return ret;
}

static void test_whole(void **state)
{
	const char *path = db_path("whole.db");
	struct stop stop = {.after = UINT64_MAX};
	struct import_counts counts;
	struct err err = {0};

	(void)state;
	assert_int_equal(import(path, &stop, &counts, &err), 0);
	expect_u64_eq(stop.seen, counts.events);
	expect_true(stop.done == 1.0);
	expect_i64_eq((int64_t)(counts.events + counts.synthetic),
		      query_integer(path, "SELECT count(*) FROM event"));
	/* Not failed, not traced twice, not the backing of other objects. */
	expect_i64_eq((int64_t)counts.objects,
		      query_integer(path, "SELECT count(*) FROM event "
					  "WHERE kind IN (1, 3, 5) AND "
					  "flags & 0xd0002 = 0"));
	expect_true(counts.objects > 100000);
	/* A second one does not replace it. */
	stop.done = 0;
	assert_int_equal(import(path, &stop, &counts, &err), ERR_EXISTS);
	expect_u64_eq(db_files("whole.db"), 1);
}

static void test_interrupted(void **state)
{
	static const uint64_t stops[] = {1, 20000, 200000};

	(void)state;
	for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++) {
		struct stop stop = {.after = stops[i]};
		struct import_counts counts;
		struct err err = {0};

		assert_int_equal(
		    import(db_path("stopped.db"), &stop, &counts, &err),
		    ERR_INTERRUPTED);
		expect_true(strstr(err.text, "interrupted") != NULL);
		expect_u64_eq(db_files("stopped.db"), 0);
	}
}

/* Fails after some events, as a source on a bad disk would. */
struct failing {
	struct source source;
	uint64_t left;
};

static int failing_read(struct source *src, struct kmem_event *events,
			size_t cap, size_t *count, struct err *err)
{
	struct failing *failing = (struct failing *)src;

	if (!failing->left)
		return err_set(err, ERR_IO, "cpu/0.raw: cannot read");
	*count = cap < failing->left ? cap : failing->left;
	failing->left -= *count;
	memset(events, 0, *count * sizeof(*events));
	return 0;
}

static double failing_position(const struct source *src)
{
	(void)src;
	return 0;
}

static void test_source_fails(void **state)
{
	static const struct source_ops ops = {.read = failing_read,
					      .position = failing_position};
	struct failing failing = {{&ops}, 10000};
	struct import_options options = {0};
	struct import_counts counts;
	struct trace trace = {.info.page_size = 4096};
	struct err err = {0};

	(void)state;
	assert_int_equal(import_source(&failing.source, &trace,
				       db_path("bad.db"), &options, &counts,
				       &err),
			 ERR_IO);
	expect_str_eq(err.text, "cpu/0.raw: cannot read");
	expect_u64_eq(db_files("bad.db"), 0);
	trace_fini(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_interrupted),
	    cmocka_unit_test(test_source_fails),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
