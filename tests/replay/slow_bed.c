#include "tests/replay/slow_bed.h"

static void owner_moved(void *context, uint64_t from, uint64_t to,
			uint32_t order)
{
	struct owner *owner = context;

	for (uint64_t i = 0; i < 1ull << order; i++) {
		expect_true(owner->id[from + i] && !owner->id[to + i]);
		owner->id[to + i] = owner->id[from + i];
		owner->id[from + i] = 0;
	}
	owner->moved += 1ull << order;
}

static void owner_reclaimed(void *context, uint64_t pfn, uint32_t order)
{
	struct owner *owner = context;

	for (uint64_t i = 0; i < 1ull << order; i++) {
		expect_true(owner->id[pfn + i]);
		owner->id[pfn + i] = 0;
	}
	owner->reclaimed += 1ull << order;
	owner->last_reclaimed = pfn;
}

static bool owner_oom(void *context, const struct page_request *req)
{
	struct owner *owner = context;

	(void)req;
	owner->oom_called++;
	if (owner->victim >= FRAMES)
		return false;
	expect_i64_eq(page_free(owner->fix->pa, owner->victim, 0, 0), 0);
	owner->id[owner->victim] = 0;
	owner->victim = FRAMES;
	return true;
}

void slow_init(struct page_fixture *fix, struct owner *owner,
	       const struct page_slow_policy *policy)
{
	fixture_init(fix, FRAMES);
	fix->config.max_order = 8;
	fix->config.pageblock_order = 6;
	fix->config.slow = policy;
	*owner = (struct owner){
	    .calls = {owner, owner_moved, owner_reclaimed, owner_oom},
	    .fix = fix,
	    .victim = FRAMES};
	fix->config.owner = &owner->calls;
}

void slow_make(struct page_fixture *fix)
{
	fixture_make(fix);
	fixture_seed_all(fix);
}

void slow_ready(struct page_fixture *fix, struct owner *owner,
		const struct page_slow_policy *policy)
{
	slow_init(fix, owner, policy);
	fix->zones[0].wmark_min = 40;
	fix->zones[0].wmark_low = 60;
	fix->zones[0].wmark_high = 80;
	slow_make(fix);
}

void slow_fill(struct page_fixture *fix, struct owner *owner, uint64_t leave,
	       uint32_t marks)
{
	while (page_free_total(fix->pa) > leave) {
		uint64_t pfn = fixture_alloc(fix, fixture_request(0));

		owner->id[pfn] = (uint32_t)pfn + 1;
		expect_i64_eq(page_mark(fix->pa, pfn, 0, marks), 0);
	}
}

void slow_holes(struct page_fixture *fix, struct owner *owner,
		const struct page_slow_policy *policy, uint32_t marks,
		enum page_version version)
{
	slow_init(fix, owner, policy);
	fix->config.version = version;
	slow_make(fix);
	slow_fill(fix, owner, 0, marks);
	for (uint64_t pfn = 0; pfn < FRAMES; pfn += 8) {
		owner->id[pfn] = 0;
		expect_i64_eq(page_free(fix->pa, pfn, 0, 0), 0);
	}
	expect_u64_eq(page_free_total(fix->pa), FRAMES / 8);
}
