/* Threads are told by their names, and asked anew when these change. */
#include "replay/memory_threads.h"

#include <string.h>

#include "tests/support/test.h"

static void name_is(struct trace *trace, uint32_t pid, const char *comm)
{
	uint32_t name;

	assert_int_equal(names_intern(&trace->names, comm, strlen(comm), &name),
			 0);
	assert_int_equal(map_put(&trace->comms, pid, name), 0);
}

static void test_names(void **state)
{
	/* The last two share a place. */
	static const struct {
		int32_t pid;
		const char *comm;
		int32_t kswapd;
		bool kcompactd;
	} tasks[] = {
	    {80, "kswapd0", 0, false},	  {81, "kswapd12", 12, false},
	    {82, "kcompactd3", -1, true}, {83, "bash", -1, false},
	    {84, "kswap", -1, false},	  {80 + 256, "kcompactd0", -1, true},
	};
	static struct memory_threads threads;
	struct trace trace = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(tasks) / sizeof(*tasks); i++)
		name_is(&trace, (uint32_t)tasks[i].pid, tasks[i].comm);
	memory_threads_init(&threads, &trace);
	for (size_t i = 0; i < 4 * sizeof(tasks) / sizeof(*tasks); i++) {
		size_t at = i % (sizeof(tasks) / sizeof(*tasks));
		const struct memory_thread *thread =
		    memory_threads_get(&threads, tasks[at].pid);

		expect_i64_eq(thread->kswapd, tasks[at].kswapd);
		expect_true(thread->kcompactd == tasks[at].kcompactd);
	}
	/* Nobody's, and 0, which no place may take for its own. */
	expect_i64_eq(memory_threads_get(&threads, 7)->kswapd, -1);
	expect_i64_eq(memory_threads_get(&threads, 0)->kswapd, -1);
	expect_i64_eq(memory_threads_get(&threads, -1)->kswapd, -1);
	trace_fini(&trace);
}

static void test_rename(void **state)
{
	static struct memory_threads threads;
	const struct kmem_event rename = {.kind = EV_TASK_RENAME, .pid = 9},
				fork = {
				    .kind = EV_TASK_NEW, .pid = 9, .addr = 10};
	struct trace trace = {0};

	(void)state;
	name_is(&trace, 9, "kthreadd");
	memory_threads_init(&threads, &trace);
	expect_i64_eq(memory_threads_get(&threads, 9)->kswapd, -1);
	expect_i64_eq(memory_threads_get(&threads, 10)->kswapd, -1);
	name_is(&trace, 9, "kswapd1");
	memory_threads_event(&threads, &rename);
	expect_i64_eq(memory_threads_get(&threads, 9)->kswapd, 1);
	name_is(&trace, 10, "kswapd2");
	memory_threads_event(&threads, &fork);
	expect_i64_eq(memory_threads_get(&threads, 10)->kswapd, 2);
	trace_fini(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_rename),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
