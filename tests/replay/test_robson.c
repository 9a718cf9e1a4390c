/*
 * Robson's adversary: the workload that makes any allocator that never moves
 * anything need at least
 *
 *     N = M (1 + log2(n) / 2) - n + 1
 *
 * words for M words in use at once, in blocks of 1, 2, 4, ... n words. A naive
 * allocator that takes the lowest aligned place never needs more than N.
 *
 * J. M. Robson, An estimate of the store size necessary for dynamic storage
 * allocation, JACM 18 (1971); Bounds for some functions concerning dynamic
 * storage allocation, JACM 21 (1974).
 */
#include <stdlib.h>
#include <string.h>

#include "replay/page_endless.h"
#include "replay/slob.h"
#include "tests/replay/page_fixture.h"

/* An allocator under attack; addresses and sizes are in words. */
struct target {
	bool (*alloc)(struct target *target, unsigned int order,
		      uint64_t *address);
	void (*free)(struct target *target, unsigned int order,
		     uint64_t address);
};

struct object {
	uint64_t address;
	unsigned int order;
};

static uint64_t bound(uint64_t words, unsigned int order)
{
	return words + words * order / 2 - (1ull << order) + 1;
}

/* True if one of its words is offset modulo 2^order. */
static bool occupies(const struct object *object, uint64_t offset,
		     unsigned int order)
{
	uint64_t mask = (1ull << order) - 1;

	return ((offset - object->address) & mask) < 1ull << object->order;
}

/* What the objects at that offset keep from blocks of 2^order. */
static uint64_t harm(const struct object *objects, size_t count,
		     uint64_t offset, unsigned int order)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		if (occupies(&objects[i], offset, order))
			sum += (1ull << order) - (1ull << objects[i].order);
	return sum;
}

/* Frees what is not at the offset; returns how many words stay in use. */
static uint64_t thin_out(struct target *target, struct object *objects,
			 size_t *count, uint64_t offset, unsigned int order)
{
	uint64_t words = 0;
	size_t kept = 0;

	for (size_t i = 0; i < *count; i++) {
		if (!occupies(&objects[i], offset, order)) {
			target->free(target, objects[i].order,
				     objects[i].address);
			continue;
		}
		words += 1ull << objects[i].order;
		objects[kept++] = objects[i];
	}
	*count = kept;
	return words;
}

/*
 * The attack with at most words in use and blocks up to 2^order; false as soon
 * as a request is refused. Frees everything in the end.
 */
static bool attack(struct target *target, uint64_t words, unsigned int order)
{
	struct object *objects = calloc(words, sizeof(*objects));
	uint64_t offset = 0, in_use = 0;
	bool served = true;
	size_t count = 0;

	expect_true(objects);
	for (unsigned int o = 0; o <= order && served; o++) {
		uint64_t other = offset + (1ull << o) / 2;

		if (harm(objects, count, other, o) >
		    harm(objects, count, offset, o))
			offset = other;
		in_use = thin_out(target, objects, &count, offset, o);
		while (served && words - in_use >= 1ull << o) {
			objects[count].order = o;
			served =
			    target->alloc(target, o, &objects[count].address);
			count += served;
			in_use += 1ull << o;
		}
	}
	while (count--)
		target->free(target, objects[count].order,
			     objects[count].address);
	free(objects);
	return served;
}

/* ---- The lowest aligned place ---- */

struct lowest {
	struct target target;
	bool *used;
	uint64_t words, highest;
};

static bool lowest_alloc(struct target *target, unsigned int order,
			 uint64_t *address)
{
	struct lowest *lowest = (struct lowest *)target;
	uint64_t size = 1ull << order, at = 0;

	for (; at + size <= lowest->words; at += size)
		if (!memchr(lowest->used + at, true, size))
			break;
	if (at + size > lowest->words)
		return false;
	memset(lowest->used + at, true, size);
	if (at + size > lowest->highest)
		lowest->highest = at + size;
	*address = at;
	return true;
}

static void lowest_free(struct target *target, unsigned int order,
			uint64_t address)
{
	memset(((struct lowest *)target)->used + address, false, 1ull << order);
}

/* The adversary is worth its name: it needs the bound and no more. */
static void lowest_place_needs_the_bound(void **state)
{
	(void)state;
	for (unsigned int order = 0; order <= 7; order++) {
		struct lowest lowest = {
		    .target = {lowest_alloc, lowest_free},
		    .words = 1 << 14,
		};
		uint64_t words = 4ull << order;
		uint64_t up = (bound(words, order) + (1ull << order) - 1) >>
			      order << order;

		lowest.used = calloc(lowest.words, 1);
		expect_true(lowest.used);
		expect_true(attack(&lowest.target, words, order));
		expect_u64_eq(lowest.highest, up);
		free(lowest.used);
	}
}

/* ---- The page allocator: blocks of pages ---- */

struct buddy {
	struct target target;
	struct page_fixture fix;
};

static bool buddy_alloc(struct target *target, unsigned int order,
			uint64_t *address)
{
	struct page_request request = fixture_request(order);
	int ret = page_alloc_pages(((struct buddy *)target)->fix.pa, &request,
				   address);

	expect_true(!ret || ret == ERR_NOMEM);
	return !ret;
}

static void buddy_free(struct target *target, unsigned int order,
		       uint64_t address)
{
	expect_i64_eq(
	    page_free(((struct buddy *)target)->fix.pa, address, order, 0), 0);
}

/* Blocks of the largest order that were free at first are free at last. */
static bool buddy_attack(uint64_t frames, uint64_t words, unsigned int order,
			 enum page_version version)
{
	static struct buddy buddy;
	struct page_zone_info info;
	bool served;

	buddy.target = (struct target){buddy_alloc, buddy_free};
	fixture_init(&buddy.fix, frames);
	buddy.fix.config.version = version;
	fixture_make(&buddy.fix);
	fixture_seed_all(&buddy.fix);
	served = attack(&buddy.target, words, order);
	fixture_check(&buddy.fix);
	info = fixture_zone(&buddy.fix, 0);
	expect_u64_eq(info.free_pages, frames);
	expect_u64_eq(info.free_blocks_any[order], frames >> order);
	fixture_free(&buddy.fix);
	return served;
}

/* Linux's lists are not by address, but this attack it meets as if they were. */
static void buddy_needs_the_bound(void **state)
{
	enum { ORDER = 10 };
	uint64_t words = 4 << ORDER;
	uint64_t blocks = (bound(words, ORDER) + (1 << ORDER) - 1) >> ORDER;

	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		expect_true(!buddy_attack((blocks - 1) << ORDER, words, ORDER,
					  (enum page_version)version));
		expect_true(buddy_attack(blocks << ORDER, words, ORDER,
					 (enum page_version)version));
	}
}

/* ---- SLOB: caches of 16 to 2048 bytes ---- */

enum { WORD = 16, SLOB_ORDER = 7, SLOB_PAGE = 4096, SLOB_UNIT = 2 };

struct slob_target {
	struct target target;
	struct page_model *pages;
	struct slab_model *slob;
	uint32_t caches[SLOB_ORDER + 1];
	uint64_t *handles; /* by address */
	uint64_t peak;	   /* pages */
};

static bool slob_target_alloc(struct target *target, unsigned int order,
			      uint64_t *address)
{
	struct slob_target *t = (struct slob_target *)target;
	struct slab_request request = {.cache = t->caches[order], .node = -1};
	uint64_t handle, byte;

	if (t->slob->ops->alloc(t->slob, &request, &handle))
		return false;
	byte = (handle >> 32) * SLOB_PAGE + (handle >> 16 & 0xffff) * SLOB_UNIT;
	expect_u64_eq(byte % WORD, 0);
	*address = byte / WORD;
	t->handles[*address] = handle;
	if (t->slob->pages > t->peak)
		t->peak = t->slob->pages;
	return true;
}

static void slob_target_free(struct target *target, unsigned int order,
			     uint64_t address)
{
	struct slob_target *t = (struct slob_target *)target;

	t->slob->ops->free(t->slob, t->caches[order], t->handles[address], 0);
}

/* Three lists cost it nothing here: no page has room for a larger size. */
static void slob_needs_the_bound(void **state)
{
	enum { PAGES = 64, MOST = 64 * PAGES };
	struct slob_target t = {
	    .target = {slob_target_alloc, slob_target_free}};
	struct page_endless_config endless = {.memory = memory_libc(),
					      .cpus = 1};
	struct slob_config config = {.env = {VARIANT_6_1, SLOB_PAGE, 8, 8},
				     .nodes = 1,
				     .memory = memory_libc()};
	uint64_t words = PAGES * SLOB_PAGE / WORD;
	uint64_t least = bound(words, SLOB_ORDER) * WORD;
	struct err err = {0};

	(void)state;
	expect_i64_eq(page_endless_create(&t.pages, &endless), 0);
	config.pages = t.pages;
	expect_i64_eq(slob_create(&t.slob, &config, &err), 0);
	for (unsigned int o = 0; o <= SLOB_ORDER; o++) {
		struct slab_cache_spec spec = {.object_size = (uint32_t)WORD
							      << o};

		expect_i64_eq(
		    t.slob->ops->cache_add(t.slob, &spec, &t.caches[o]), 0);
	}
	t.handles = calloc(MOST * SLOB_PAGE / WORD, sizeof(*t.handles));
	expect_true(t.handles);
	expect_true(attack(&t.target, words, SLOB_ORDER));
	expect_i64_eq(t.slob->ops->check(t.slob, &err), 0);
	expect_u64_eq(t.peak, (least + SLOB_PAGE - 1) / SLOB_PAGE);
	expect_u64_eq(t.slob->pages, 0);
	free(t.handles);
	slab_model_destroy(t.slob);
	page_model_destroy(t.pages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lowest_place_needs_the_bound),
	    cmocka_unit_test(buddy_needs_the_bound),
	    cmocka_unit_test(slob_needs_the_bound),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
