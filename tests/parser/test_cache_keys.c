#include "parser/cache_keys.h"

#include "tests/support/test.h"

static struct kmem_event alloc_of(uint64_t i)
{
	return (struct kmem_event){.bytes_req = i % 35,
				   .bytes_alloc = i % 5 * 8,
				   .call_site = 0xffffffff81000000ull + i / 35};
}

static void test_many_keys(void **state)
{
	enum { KEYS = 35 * 200 };
	struct cache_keys keys = {0};

	(void)state;
	for (uint32_t i = 0; i < KEYS; i++) {
		const struct kmem_event ev = alloc_of(i);

		expect_true(
		    !cache_keys_find(&keys, ev.bytes_req, ev.call_site));
		cache_keys_get(&keys, &ev)->name = i + 1;
	}
	for (uint32_t i = 0; i < KEYS; i++) {
		const struct kmem_event ev = alloc_of(i);
		const struct cache_key *key =
		    cache_keys_find(&keys, ev.bytes_req, ev.call_site);

		expect_u64_eq(key->name, i + 1);
		expect_u64_eq(cache_keys_id(&keys, key), i);
		expect_true(cache_keys_get(&keys, &ev) == key);
	}
	cache_keys_fini(&keys);
}

/* What a replay predicts has no say in which cache it is. */
static void test_bytes_alloc_is_no_part(void **state)
{
	struct kmem_event ev = alloc_of(1);
	struct cache_keys keys = {0};

	(void)state;
	cache_keys_get(&keys, &ev)->name = 7;
	ev.bytes_alloc += 64;
	assert_non_null(cache_keys_find(&keys, ev.bytes_req, ev.call_site));
	expect_u64_eq(cache_keys_find(&keys, ev.bytes_req, ev.call_site)->name,
		      7);
	ev.bytes_req++;
	expect_true(!cache_keys_find(&keys, ev.bytes_req, ev.call_site));
	cache_keys_fini(&keys);
}

static void test_settled_and_ambiguous(void **state)
{
	struct cache_key key = {0};

	(void)state;
	for (int i = 0; i < CACHE_KEY_SETTLED; i++) {
		expect_true(!cache_key_settled(&key));
		cache_key_confirm(&key, 3);
	}
	expect_true(cache_key_settled(&key));
	expect_true(!key.ambiguous);
	cache_key_confirm(&key, 4);
	expect_true(key.ambiguous);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_many_keys),
	    cmocka_unit_test(test_bytes_alloc_is_no_part),
	    cmocka_unit_test(test_settled_and_ambiguous),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
