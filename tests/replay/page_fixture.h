/*
 * page_fixture: a page allocator for tests, and what they ask of it.
 */
#ifndef TESTS_REPLAY_PAGE_FIXTURE_H
#define TESTS_REPLAY_PAGE_FIXTURE_H

#include "tests/support/test.h"

#include "replay/page_alloc.h"
#include "replay/page_slow.h"

struct page_fixture {
	struct page_zone_config zones[8];
	uint16_t cpu_node[8];
	struct page_alloc_config config;
	struct page_alloc *pa;
	void *mem;
};

/*
 * Orders 0 to 10, pageblocks of 512 frames, 6.1, no CPUs, no watermarks and one
 * Normal zone of that many frames from pfn 0. Change it, then make it.
 */
void fixture_init(struct page_fixture *fix, uint64_t frames);
void fixture_make(struct page_fixture *fix);
void fixture_free(struct page_fixture *fix);

/*
 * Made and seeded: DMA, DMA32 and Normal on node 0, Normal on node 1, of 1024
 * frames each, an empty Movable; CPU 1 is of node 1.
 */
void fixture_numa(struct page_fixture *fix);

/* A policy without kswapd's turn, so that boosts stay. */
extern const struct page_slow_policy fixture_no_kswapd;

/* Frees everything, so that all frames of all zones are in the free areas. */
void fixture_seed_all(struct page_fixture *fix);

/* Fails the test with the first difference that page_alloc_check() finds. */
void fixture_check(const struct page_fixture *fix);

/* A movable, Movable-zone request of that order by CPU 0 at its node. */
struct page_request fixture_request(uint32_t order);

/* The pfn that a request gets; the test fails if there is none. */
uint64_t fixture_alloc(struct page_fixture *fix, struct page_request req);

/* The snapshot of one zone. */
struct page_zone_info fixture_zone(const struct page_fixture *fix,
				   uint32_t zone);

/* xorshift64*: the same numbers on every machine. *state must not be 0. */
uint64_t fixture_random(uint64_t *state);

#endif
