/* Events that go into a database come out of it, member by member. */
#include <stdlib.h>
#include <string.h>

#include "tests/db/db_support.h"
#include "tests/support/test.h"

static void read_events(struct source *source, struct kmem_event *events,
			size_t cap, size_t *count)
{
	struct err err = {0};

	if (source_read(source, events, cap, count, &err))
		fail_msg("%s", err.text);
}

/* Reads the whole source and holds it against path read as a source. */
static void expect_same_source(const char *path, struct source *want_source)
{
	static struct kmem_event want[SOURCE_BATCH], got[SOURCE_BATCH];
	struct trace trace = {0};
	struct source *got_source;
	struct err err = {0};
	size_t number = 0, count, got_count = 0, got_at = 0;

	if (db_source_open(path, &trace, &got_source, &err))
		fail_msg("%s", err.text);
	/* How many come at once is not the same: take those of want one by one. */
	do {
		read_events(want_source, want, SOURCE_BATCH, &count);
		for (size_t i = 0; i < count; i++) {
			if (got_at == got_count) {
				read_events(got_source, got, SOURCE_BATCH,
					    &got_count);
				got_at = 0;
			}
			expect_true(got_at < got_count);
			expect_same_event(&got[got_at++], &want[i], ++number);
		}
	} while (count);
	expect_u64_eq(got_at, got_count);
	read_events(got_source, got, SOURCE_BATCH, &got_count);
	expect_u64_eq(got_count, 0);
	expect_true(number > 0);
	expect_true(source_position(got_source) == 1.0);
	source_close(got_source);
	trace_fini(&trace);
}

static void capture_round_trip(const char *name)
{
	struct trace trace = {0};
	struct source *source;
	struct err err = {0};
	const char *path = db_path(name);

	open_capture(name, &trace, &source);
	write_source(path, source, &trace);
	assert_int_equal(source_rewind(source, &err), 0);
	expect_same_source(path, source);
	source_close(source);
	trace_fini(&trace);
	print_message("%s: %lld details\n", name,
		      (long long)query_integer(
			  path, "SELECT count(*) FROM event_detail"));
}

static void test_captures(void **state)
{
	static const char *const names[] = {
	    "mixed-slub",	    "mixed-slab",    "mixed-slob",
	    "files-slub",	    "arm32-partial", "mixed-arm64-64k",
	    "debian61-boot-kmalloc"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		capture_round_trip(names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_captures),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
