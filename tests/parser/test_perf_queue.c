#include "parser/perf_queue.h"

#include <stdlib.h>

#include "tests/support/test.h"

enum { CPUS = 3, GIVEN_MAX = 20000 };

static struct kmem_event given[GIVEN_MAX];
static size_t given_count;

/* Everything that may go, in odd portions. */
static void take_all(struct perf_queue *queue)
{
	size_t count;

	do {
		assert_true(given_count + 7 <= GIVEN_MAX);
		expect_i64_eq(perf_queue_take(queue, given + given_count, 7,
					      &count, NULL),
			      0);
		given_count += count;
	} while (count);
}

static void add(struct perf_queue *queue, uint64_t ts_ns, uint16_t cpu,
		uint64_t addr)
{
	struct kmem_event ev = {.ts_ns = ts_ns, .cpu = cpu, .addr = addr};

	expect_i64_eq(perf_queue_add(queue, &ev, NULL), 0);
}

static void start(struct perf_queue *queue)
{
	given_count = 0;
	expect_i64_eq(perf_queue_init(queue, CPUS, NULL), 0);
}

static void end_round(struct perf_queue *queue)
{
	perf_queue_round(queue);
	take_all(queue);
}

/* However much time has passed, two rounds are kept. */
static void test_two_rounds_wait(void **state)
{
	const uint64_t second = 1000000000;
	struct perf_queue queue;

	(void)state;
	start(&queue);
	add(&queue, 3 * second, 0, 1);
	add(&queue, 2 * second, 1, 2);
	add(&queue, 3 * second, 1, 3);
	end_round(&queue);
	assert_int_equal(given_count, 0);
	add(&queue, 1 * second, 2, 4);
	add(&queue, 9 * second, 2, 5);
	end_round(&queue);
	assert_int_equal(given_count, 4);
	perf_queue_end(&queue);
	take_all(&queue);
	assert_int_equal(given_count, 5);
	for (size_t i = 0; i < 5; i++) {
		static const uint64_t order[] = {4, 2, 1, 3, 5};

		expect_u64_eq(given[i].addr, order[i]);
	}
	expect_u64_eq(queue.late, 0);
	perf_queue_fini(&queue);
}

/*
 * CPU 0 stood still for ns while many short rounds went by: how many events
 * came too late.
 */
static uint64_t stopped_cpu(uint64_t ns)
{
	const uint64_t stop_ns = 5000000000;
	struct perf_queue queue;
	uint64_t late;

	start(&queue);
	add(&queue, stop_ns - 1, 0, 1);
	for (uint64_t i = 1; i <= 100; i++) {
		add(&queue, stop_ns + ns * i / 100, 1, i);
		end_round(&queue);
	}
	add(&queue, stop_ns, 0, 2);
	perf_queue_end(&queue);
	take_all(&queue);
	late = queue.late;
	perf_queue_fini(&queue);
	assert_int_equal(given_count, 102);
	return late;
}

static void test_stopped_cpu(void **state)
{
	(void)state;
	expect_u64_eq(stopped_cpu(PERF_QUEUE_HELD_NS), 0);
	expect_u64_eq(given[1].addr, 2);
}

/* What comes too late is told and moved to the time of the last that went. */
static void test_too_late(void **state)
{
	size_t at = 0;

	(void)state;
	expect_u64_eq(stopped_cpu(4 * (uint64_t)PERF_QUEUE_HELD_NS), 1);
	for (size_t i = 1; i < given_count; i++) {
		assert_true(given[i - 1].ts_ns <= given[i].ts_ns);
		if (!given[i].cpu)
			at = i;
	}
	assert_true(at > 1);
	expect_u64_eq(given[at].ts_ns, given[at - 1].ts_ns);
}

static int by_time_and_cpu(const void *a, const void *b)
{
	const struct kmem_event *x = a, *y = b;

	if (x->ts_ns != y->ts_ns)
		return x->ts_ns < y->ts_ns ? -1 : 1;
	if (x->cpu != y->cpu)
		return x->cpu < y->cpu ? -1 : 1;
	return x->addr < y->addr ? -1 : 1; /* as they came */
}

/* Times that go back by less than is held give one order: that of a sort. */
static void test_any_rounds(void **state)
{
	static struct kmem_event sorted[GIVEN_MAX];
	struct perf_queue queue;
	uint64_t now_ns = 7;

	(void)state;
	srand(20261123);
	for (int turn = 0; turn < 20; turn++) {
		const size_t count = 10000;

		start(&queue);
		for (size_t i = 0; i < count; i++) {
			uint64_t back = (uint64_t)rand() % PERF_QUEUE_HELD_NS;

			now_ns += (uint64_t)rand() % (1u << turn);
			sorted[i].ts_ns = rand() % 8 || now_ns < back
					      ? now_ns
					      : now_ns - back;
			sorted[i].cpu = (uint16_t)(rand() % CPUS);
			sorted[i].addr = i;
			add(&queue, sorted[i].ts_ns, sorted[i].cpu, i);
			if (rand() % 50 == 0)
				end_round(&queue);
		}
		perf_queue_end(&queue);
		take_all(&queue);
		assert_int_equal(given_count, count);
		qsort(sorted, count, sizeof(*sorted), by_time_and_cpu);
		for (size_t i = 0; i < count; i++)
			expect_u64_eq(given[i].addr, sorted[i].addr);
		expect_u64_eq(queue.late, 0);
		perf_queue_fini(&queue);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_two_rounds_wait),
	    cmocka_unit_test(test_stopped_cpu),
	    cmocka_unit_test(test_too_late),
	    cmocka_unit_test(test_any_rounds),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
