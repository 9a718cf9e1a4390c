/*
 * Links are kept by slot, apart from what a replay keeps of live objects,
 * because most call sites speak soon and have none from then on: the bits that
 * say so stay in the cache.
 */
#include "replay/silent_ends.h"

#include <assert.h>

#include "core/rare.h"

void silent_ends_init(struct silent_ends *ends, const struct memory *memory)
{
	*ends = (struct silent_ends){.memory = *memory};
}

void silent_ends_fini(struct silent_ends *ends)
{
	memory_free(&ends->memory, ends->queues);
	memory_free(&ends->memory, ends->links);
	memory_free(&ends->memory, ends->joined);
	map_fini(&ends->numbers);
	ends->queues = NULL;
	ends->links = NULL;
	ends->joined = NULL;
}

/*
 * Addresses of code have the upper bits in common. Even, so that it is never
 * the key that maps reserve.
 */
static uint64_t key_of(uint64_t call_site, uint16_t cpu)
{
	return (call_site ^ (uint64_t)cpu << 47) << 1;
}

/* Where a key is kept if its queue spoke: odd, so that 0 is no key's. */
static uint64_t *spoken_place(struct silent_ends *ends, uint64_t key)
{
	return &ends->spoken_keys[(key * 0x9E3779B97F4A7C15ull >> 32) %
				  SILENT_SPOKEN_KEYS];
}

static uint64_t spoken_key(uint64_t key)
{
	return key | 1;
}

static int queue_get(struct silent_ends *ends, uint64_t key, uint32_t *number)
{
	const uint64_t *found = map_find(&ends->numbers, key);
	struct silent_queue *grown;

	if (found) {
		*number = (uint32_t)*found;
		return 0;
	}
	grown = memory_grow(&ends->memory, ends->queues, sizeof(*grown),
			    ends->queue_count + 1, &ends->queue_cap);
	if (!grown)
		return ERR_NOMEM;
	ends->queues = grown;
	*number = (uint32_t)ends->queue_count++;
	return map_put(&ends->numbers, key, *number);
}

/* NULL if the slot's object has none, or one that spoke. */
static struct silent_queue *queue_of(const struct silent_ends *ends,
				     uint32_t slot)
{
	struct silent_queue *queue;

	if (!silent_ends_knows(ends, slot))
		return NULL;
	queue = &ends->queues[ends->links[slot].queue];
	return queue->spoken ? NULL : queue;
}

/* Room for the link and the bit of that slot. */
static int room_for(struct silent_ends *ends, uint32_t slot)
{
	struct silent_link *links =
	    memory_grow(&ends->memory, ends->links, sizeof(*links),
			(size_t)slot + 1, &ends->link_cap);
	uint64_t *joined;

	if (!links)
		return ERR_NOMEM;
	ends->links = links;
	joined = memory_grow(&ends->memory, ends->joined, sizeof(*joined),
			     (size_t)slot / 64 + 1, &ends->joined_cap);
	if (!joined)
		return ERR_NOMEM;
	ends->joined = joined;
	return 0;
}

/* The slot's object becomes the newest of the queue with that key. */
static RARE int queue_join(struct silent_ends *ends, uint64_t key,
			   uint32_t slot)
{
	struct silent_queue *queue;
	uint32_t number;
	int ret = queue_get(ends, key, &number);

	if (ret)
		return ret;
	queue = &ends->queues[number];
	if (queue->spoken) {
		*spoken_place(ends, key) = spoken_key(key);
		return 0;
	}
	ret = room_for(ends, slot);
	if (ret)
		return ret;
	ends->joined[slot / 64] |= 1ull << slot % 64;
	ends->links[slot] =
	    (struct silent_link){.queue = number, .older = queue->newest};
	if (queue->newest)
		ends->links[queue->newest - 1].newer = slot + 1;
	queue->newest = slot + 1;
	return 0;
}

int silent_ends_add(struct silent_ends *ends, uint64_t call_site, uint16_t cpu,
		    uint32_t slot)
{
	uint64_t key = key_of(call_site, cpu);

	if (silent_ends_knows(ends, slot))
		ends->joined[slot / 64] &= ~(1ull << slot % 64);
	if (*spoken_place(ends, key) == spoken_key(key))
		return 0;
	return queue_join(ends, key, slot);
}

void silent_ends_spoke(struct silent_ends *ends, uint32_t slot)
{
	struct silent_queue *queue = queue_of(ends, slot);

	if (queue)
		queue->spoken = true;
}

uint32_t silent_ends_older(const struct silent_ends *ends, uint32_t slot)
{
	return queue_of(ends, slot) ? ends->links[slot].older - 1 : SILENT_NONE;
}

void silent_ends_remove(struct silent_ends *ends, uint32_t slot)
{
	struct silent_queue *queue = queue_of(ends, slot);
	struct silent_link *link;

	if (!queue)
		return;
	link = &ends->links[slot];
	if (link->older)
		ends->links[link->older - 1].newer = link->newer;
	if (link->newer)
		ends->links[link->newer - 1].older = link->older;
	else if (queue->newest == slot + 1)
		queue->newest = link->older;
	link->older = link->newer = 0;
}
