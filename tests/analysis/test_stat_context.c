/*
 * Who an allocation belongs to.
 */
#include "analysis/stat_context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

static struct kmem_event by_pid(int32_t pid, uint32_t flags)
{
	return (struct kmem_event){
	    .kind = EV_KMALLOC, .pid = pid, .flags = flags, .cpu = 5};
}

static struct stat_who who(struct stat_context *context, struct kmem_event ev)
{
	return stat_context_who(context, stat_context_of(context, &ev));
}

static void put_name(struct trace *trace, struct map *map, uint32_t pid,
		     const char *text)
{
	uint32_t name;

	assert_int_equal(names_intern(&trace->names, text, strlen(text), &name),
			 0);
	assert_int_equal(map_put(map, pid, name), 0);
}

static struct stat_context *open_context(enum stat_table table,
					 struct trace *trace, stat_place place,
					 void *argument)
{
	struct stat_context *context = NULL;

	assert_int_equal(
	    stat_context_open(&context, table, trace, place, argument, NULL),
	    0);
	return context;
}

static void test_tasks(void **state)
{
	struct trace trace = {0};
	struct stat_context *context;

	(void)state;
	put_name(&trace, &trace.comms, 7, "cat");
	context = open_context(STAT_TASK, &trace, NULL, NULL);
	expect_i64_eq(who(context, by_pid(7, 0)).id, 7);
	expect_str_eq(who(context, by_pid(7, 0)).text, "cat");
	expect_str_eq(who(context, by_pid(8, 0)).text, "");
	/* Number 0 is as good as any. */
	expect_i64_eq(stat_context_who(context, 0).id, 7);
	expect_true(who(context, by_pid(7, EVF_SOFTIRQ)).interrupt);
	expect_true(who(context, by_pid(8, EVF_HARDIRQ)).interrupt);
	expect_i64_eq(who(context, by_pid(8, EVF_HARDIRQ)).id, -1);
	expect_i64_eq(who(context, by_pid(0, 0)).id, 0);
	assert_int_equal(stat_context_status(context, NULL), 0);
	stat_context_close(context);
	trace_fini(&trace);
}

static void test_cpus(void **state)
{
	struct trace trace = {0};
	struct stat_context *context =
	    open_context(STAT_CPU, &trace, NULL, NULL);

	(void)state;
	expect_i64_eq(who(context, by_pid(7, EVF_SOFTIRQ)).id, 5);
	stat_context_close(context);
}

/* A task that is gone has the group of the task that made it. */
static void test_cgroups(void **state)
{
	struct kmem_event born[] = {
	    {.kind = EV_TASK_NEW, .pid = 7, .addr = 20},
	    {.kind = EV_TASK_NEW, .pid = 20, .addr = 21},
	    {.kind = EV_TASK_NEW, .pid = 7, .addr = 8},
	    {.kind = EV_TASK_NEW, .pid = 99, .addr = 22},
	};
	struct trace trace = {0};
	struct stat_context *context;

	(void)state;
	put_name(&trace, &trace.cgroups, 7, "/a");
	put_name(&trace, &trace.cgroups, 8, "/b"); /* moved since its birth */
	context = open_context(STAT_CGROUP, &trace, NULL, NULL);
	expect_str_eq(who(context, by_pid(21, 0)).text, "");
	stat_context_see(context, born, 4);
	expect_str_eq(who(context, by_pid(7, 0)).text, "/a");
	expect_str_eq(who(context, by_pid(8, 0)).text, "/b");
	expect_str_eq(who(context, by_pid(20, 0)).text, "/a");
	expect_str_eq(who(context, by_pid(21, 0)).text, "/a");
	expect_str_eq(who(context, by_pid(22, 0)).text, "");
	expect_true(who(context, by_pid(7, EVF_HARDIRQ)).interrupt);
	stat_context_close(context);
	trace_fini(&trace);
}

static void parity(void *argument, uint64_t call_site, char *text, size_t size)
{
	++*(int *)argument;
	snprintf(text, size, "%s", call_site % 2 ? "odd" : "even");
}

static void test_places(void **state)
{
	struct trace trace = {0};
	int asked = 0;
	struct stat_context *context =
	    open_context(STAT_PLACE, &trace, parity, &asked);
	struct kmem_event ev = by_pid(1, 0);

	(void)state;
	for (uint64_t i = 0; i < 10; i++) {
		ev.call_site = i % 5;
		expect_str_eq(who(context, ev).text,
			      ev.call_site % 2 ? "odd" : "even");
	}
	expect_u64_eq((uint64_t)asked, 5);
	ev.call_site = UINT64_MAX; /* what no map can hold */
	expect_str_eq(who(context, ev).text, "");
	stat_context_close(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tasks),
	    cmocka_unit_test(test_cpus),
	    cmocka_unit_test(test_cgroups),
	    cmocka_unit_test(test_places),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
