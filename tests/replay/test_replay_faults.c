/*
 * A replay that runs out of memory says so: the first request of memory fails,
 * then the second, and so on, in steps that grow, until the replay needs no
 * more. Nothing leaks (AddressSanitizer), nothing crashes, and the same replay
 * works afterwards. The linker puts these wrappers before realloc and calloc.
 */
#include <stdlib.h>

#include "tests/replay/replay_bed.h"

enum { EVENTS = 20000 };

static uint64_t left = UINT64_MAX; /* requests that are still served */

void *__real_realloc(void *old, size_t bytes);
void *__real_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t bytes);
void *__wrap_calloc(size_t count, size_t size);

static bool served(void)
{
	if (left == UINT64_MAX)
		return true;
	if (!left)
		return false;
	left--;
	return true;
}

void *__wrap_realloc(void *old, size_t bytes)
{
	return served() ? __real_realloc(old, bytes) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return served() ? __real_calloc(count, size) : NULL;
}

/* The first events of a capture. */
struct input {
	struct capture_bed bed;
	struct kmem_event *events;
	size_t count;
};

static void input_open(struct input *input, const char *name)
{
	struct err err = {0};
	size_t count = 1;

	input->count = 0;
	input->events =
	    malloc((EVENTS + SOURCE_BATCH) * sizeof(struct kmem_event));
	assert_non_null(input->events);
	capture_bed_open(&input->bed, test_capture(name), 0);
	while (count && input->count < EVENTS) {
		must(source_read(input->bed.source,
				 input->events + input->count, SOURCE_BATCH,
				 &count, &err),
		     &err);
		input->count += count;
	}
}

static void input_close(struct input *input)
{
	capture_bed_close(&input->bed);
	free(input->events);
}

static int play(struct input *input, const char *model, struct err *err)
{
	struct replay_config config =
	    bed_config(&input->bed.trace, model, NULL, 20);
	struct replay_result result;
	struct replay *replay = NULL;
	int ret = replay_create(&replay, &config, err);

	if (!ret)
		ret = replay_feed(replay, input->events, input->count, err);
	if (!ret)
		ret = replay_finish(replay, NULL, &result, err);
	if (!ret)
		ret = replay_check(replay, err);
	if (ret)
		expect_true(err->text[0]);
	replay_destroy(replay);
	return ret;
}

static void starve(const char *capture)
{
	static const char *const models[] = {"recorded", "slub", "slab",
					     "slob"};
	struct input input;

	input_open(&input, capture);
	for (int i = 0; i < 4; i++) {
		uint64_t failed = 0;

		for (uint64_t n = 0;; n += 1 + n / 32) {
			struct err err = {0};
			bool enough;
			int ret;

			left = n;
			ret = play(&input, models[i], &err);
			enough = left > 0;
			left = UINT64_MAX;
			if (!ret && enough)
				break;
			if (!ret)
				continue; /* served by the very last one */
			expect_true(ret == ERR_NOMEM || ret == ERR_LIMIT);
			failed++;
		}
		expect_true(failed > 10);
	}
	input_close(&input);
}

static void one_node(void **state)
{
	(void)state;
	starve("mixed-slub");
}

static void heap_of_slob(void **state)
{
	(void)state;
	starve("mixed-slob");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_node),
	    cmocka_unit_test(heap_of_slob),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
