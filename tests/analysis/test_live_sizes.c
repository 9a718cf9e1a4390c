/*
 * live_sizes: the objects at the peak, against a recount of every moment.
 */
#include <stdlib.h>

#include "analysis/live_sizes.h"
#include "tests/support/test.h"

enum { EVENTS = 3000, SITES = 7, SIZES = 5, OBJECTS = 200 };

struct object {
	uint64_t site;
	uint32_t bytes;
	bool live;
};

static struct kmem_event event_of(const struct object *object, bool ends)
{
	return (struct kmem_event){
	    .kind = ends ? EV_KFREE : EV_KMALLOC,
	    .object = 1,
	    .call_site = ends ? 0 : object->site,
	    .alloc_site = ends ? object->site : 0,
	    .bytes_req = object->bytes,
	    .bytes_alloc = (object->bytes + 63) / 64 * 64,
	};
}

static void test_peak(void **state)
{
	struct live_sizes sizes = {0};
	struct object objects[OBJECTS] = {{0}};
	uint64_t live[SITES][SIZES] = {{0}}, peak[SITES][SIZES] = {{0}};
	uint64_t bytes = 0, bytes_peak = 0, sum = 0;

	(void)state;
	srand(1);
	for (int i = 0; i < EVENTS; i++) {
		struct object *object = &objects[rand() % OBJECTS];
		struct kmem_event ev;

		if (!object->live) {
			object->site = 1000 + (uint64_t)(rand() % SITES);
			object->bytes = 8 + 40 * (uint32_t)(rand() % SIZES);
		}
		ev = event_of(object, object->live);
		object->live = !object->live;
		live[object->site - 1000][(object->bytes - 8) / 40] +=
		    object->live ? 1 : (uint64_t)-1;
		bytes += object->live ? ev.bytes_alloc : -ev.bytes_alloc;
		if (bytes > bytes_peak) {
			bytes_peak = bytes;
			for (int s = 0; s < SITES; s++)
				for (int n = 0; n < SIZES; n++)
					peak[s][n] = live[s][n];
		}
		assert_int_equal(live_sizes_feed(&sizes, &ev, 1, NULL), 0);
	}
	expect_u64_eq(sizes.bytes_peak, bytes_peak);
	for (size_t i = 0; i < sizes.count; i++) {
		const struct live_size *row = &sizes.rows[i];

		expect_u64_eq(
		    row->objects,
		    peak[row->call_site - 1000][(row->bytes_req - 8) / 40]);
		sum += row->objects * row->bytes_alloc;
	}
	expect_u64_eq(sum, bytes_peak);
	live_sizes_fini(&sizes);
}

/* What is no small kmalloc, or no object, does not count. */
static void test_left_out(void **state)
{
	struct object object = {.site = UINT64_MAX, .bytes = 100};
	struct live_sizes sizes = {0};
	struct kmem_event events[6];

	(void)state;
	for (int i = 0; i < 6; i++)
		events[i] = event_of(&object, false);
	events[0].flags = EVF_FAILED;
	events[1].flags = EVF_LARGE;
	events[2].kind = EV_CACHE_ALLOC;
	events[3].object = 0;
	events[4].bytes_req = UINT64_MAX;
	assert_int_equal(live_sizes_feed(&sizes, events, 5, NULL), 0);
	expect_u64_eq(sizes.count, 0);
	assert_int_equal(live_sizes_feed(&sizes, events, 6, NULL), 0);
	expect_u64_eq(sizes.count, 1);
	expect_u64_eq(sizes.rows[0].objects, 1);
	/* A free of what was never counted. */
	events[0] = event_of(&object, true);
	events[0].bytes_req = 7;
	assert_int_equal(live_sizes_feed(&sizes, events, 1, NULL), 0);
	expect_u64_eq(sizes.bytes_peak, 128);
	live_sizes_fini(&sizes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_peak),
	    cmocka_unit_test(test_left_out),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
