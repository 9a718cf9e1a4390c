#include "replay/start_reveals.h"

#include <assert.h>
#include <stdlib.h>

enum slot_state { SLOT_UNKNOWN, SLOT_FREE, SLOT_USED };

void start_reveals_init(struct start_reveals *reveals,
			const struct memory *memory)
{
	*reveals = (struct start_reveals){.memory = *memory};
}

void start_reveals_fini(struct start_reveals *reveals)
{
	memory_free(&reveals->memory, reveals->slabs);
	memory_free(&reveals->memory, reveals->states);
	*reveals = (struct start_reveals){.memory = reveals->memory};
}

int start_reveals_add(struct start_reveals *reveals, uint64_t pfn,
		      unsigned int order, uint32_t cache, uint32_t slots,
		      uint32_t *slab)
{
	struct start_reveal *slabs =
	    memory_grow(&reveals->memory, reveals->slabs, sizeof(*slabs),
			reveals->count + 1, &reveals->cap);
	uint8_t *states;

	if (!slabs)
		return ERR_NOMEM;
	reveals->slabs = slabs;
	states = memory_grow(&reveals->memory, reveals->states, 1,
			     reveals->state_count + slots, &reveals->state_cap);
	if (!states)
		return ERR_NOMEM;
	reveals->states = states;
	slabs[reveals->count] = (struct start_reveal){
	    .pfn = pfn,
	    .cache = cache,
	    .slots = slots,
	    .order = (uint8_t)order,
	    .first_slot = reveals->state_count,
	};
	reveals->state_count += slots;
	*slab = (uint32_t)reveals->count++;
	return 0;
}

static void count_state(struct start_reveal *slab, uint8_t state, uint32_t by)
{
	if (state == SLOT_FREE)
		slab->free += by;
	else if (state == SLOT_USED)
		slab->used += by;
}

void start_reveals_event(struct start_reveals *reveals, uint32_t number,
			 uint32_t slot, bool alloc, bool started, uint16_t cpu)
{
	struct start_reveal *slab = &reveals->slabs[number];
	uint8_t *state, now;

	assert(number < reveals->count);
	if (slot >= slab->slots)
		return;
	state = &reveals->states[slab->first_slot + slot];
	/* Before the start an allocation leaves the slot in use. */
	now = alloc == started ? SLOT_FREE : SLOT_USED;
	if (started && alloc && *state != SLOT_USED && !slab->turn) {
		slab->turn = ++reveals->turns;
		slab->cpu = cpu;
	}
	if (started && *state != SLOT_UNKNOWN)
		return;
	count_state(slab, *state, UINT32_MAX);
	count_state(slab, now, 1);
	*state = now;
}

void start_reveals_gone(struct start_reveals *reveals, uint32_t number,
			bool started)
{
	struct start_reveal *slab = &reveals->slabs[number];

	assert(number < reveals->count);
	if (!started) {
		slab->dead = true;
		return;
	}
	slab->gone = true;
	slab->free = slab->slots - slab->used;
}

/* The dead last, then by cache; those that gave no object after the others. */
static int by_cache(const void *left, const void *right)
{
	const struct start_reveal *a = left, *b = right;

	if (a->dead != b->dead)
		return a->dead ? 1 : -1;
	if (a->cache != b->cache)
		return a->cache < b->cache ? -1 : 1;
	if (a->turn != b->turn)
		return a->turn - 1 < b->turn - 1 ? -1 : 1;
	return a->pfn < b->pfn ? -1 : a->pfn > b->pfn;
}

void start_reveals_done(struct start_reveals *reveals)
{
	if (reveals->count)
		qsort(reveals->slabs, reveals->count, sizeof(*reveals->slabs),
		      by_cache);
	while (reveals->count && reveals->slabs[reveals->count - 1].dead)
		reveals->count--;
}

const struct start_reveal *start_reveals_of(const struct start_reveals *reveals,
					    uint32_t cache, size_t *count)
{
	size_t low = 0, high = reveals->count, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (reveals->slabs[middle].cache < cache)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < reveals->count; end++)
		if (reveals->slabs[end].cache != cache)
			break;
	*count = end - low;
	return *count ? &reveals->slabs[low] : NULL;
}
