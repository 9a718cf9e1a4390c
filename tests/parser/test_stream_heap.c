#include "parser/stream_heap.h"

#include <stdlib.h>

#include "tests/support/test.h"

enum { STREAMS = 9, RECORDS = 40 };

/* Streams of nothing but times. */
struct times {
	struct cpu_stream streams[STREAMS];
	uint64_t times[STREAMS][RECORDS];
	size_t at[STREAMS];
};

static void load(struct times *times, uint32_t number)
{
	struct cpu_stream *stream = &times->streams[number];

	stream->done = times->at[number] == RECORDS;
	if (!stream->done)
		stream->record.ts_ns = times->times[number][times->at[number]];
}

/* Times that often are equal; CPUs in any order, some of two streams. */
static void make(struct times *times, unsigned int seed)
{
	srand(seed);
	for (uint32_t i = 0; i < STREAMS; i++) {
		uint64_t ts = 0;

		times->streams[i] = (struct cpu_stream){
		    .cpu = (uint32_t)rand() % (STREAMS - 1)};
		times->at[i] = 0;
		for (size_t k = 0; k < RECORDS; k++) {
			ts += (uint64_t)rand() % 3;
			times->times[i][k] = ts;
		}
		load(times, i);
	}
}

/* The one whose record comes first, found by looking at all. */
static uint32_t first_of(const struct times *times)
{
	const struct cpu_stream *streams = times->streams;
	uint32_t first = STREAMS;

	for (uint32_t i = 0; i < STREAMS; i++) {
		if (streams[i].done)
			continue;
		if (first == STREAMS ||
		    streams[i].record.ts_ns < streams[first].record.ts_ns ||
		    (streams[i].record.ts_ns == streams[first].record.ts_ns &&
		     streams[i].cpu < streams[first].cpu))
			first = i;
	}
	return first;
}

static void test_order(void **state)
{
	static struct times times;
	struct stream_heap heap;

	(void)state;
	assert_int_equal(stream_heap_init(&heap, STREAMS), 0);
	for (unsigned int seed = 1; seed <= 200; seed++) {
		struct cpu_stream *top;
		uint32_t first;

		make(&times, seed);
		stream_heap_fill(&heap, times.streams, STREAMS);
		while ((top = stream_heap_top(&heap))) {
			uint64_t until = stream_heap_until(&heap);

			expect_u64_eq(until >= top->record.ts_ns, true);
			while (!top->done && top->record.ts_ns <= until) {
				first = first_of(&times);
				expect_u64_eq((uint64_t)(top - times.streams),
					      first);
				times.at[first]++;
				load(&times, first);
			}
			stream_heap_settle(&heap);
		}
		expect_u64_eq(first_of(&times), STREAMS);
	}
	stream_heap_fini(&heap);
}

static void test_no_streams(void **state)
{
	struct cpu_stream done = {.done = true};
	struct stream_heap heap;

	(void)state;
	assert_int_equal(stream_heap_init(&heap, 2), 0);
	stream_heap_fill(&heap, NULL, 0);
	assert_null(stream_heap_top(&heap));
	stream_heap_fill(&heap, &done, 1);
	assert_null(stream_heap_top(&heap));
	done = (struct cpu_stream){.record.ts_ns = UINT64_MAX};
	stream_heap_fill(&heap, &done, 1);
	assert_ptr_equal(stream_heap_top(&heap), &done);
	expect_u64_eq(stream_heap_until(&heap), UINT64_MAX);
	stream_heap_fini(&heap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_no_streams),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
